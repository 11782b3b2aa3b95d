//! Released cells as tables and pictures.
//!
//! Parties and what each must not learn from this crate:
//!
//! - the **analyst** and the **citizen** read what it makes: numbers that were noised and released,
//!   each beside its interval, and nothing else, because nothing else comes in;
//! - the **statistics unit** hands over a released document as bytes. There is no way in for a
//!   store, a person table or an exact value, and no dependency that could bring one.
//!
//! [`Document::read`] is the only entrance. It refuses what it does not know, so that everything
//! behind it ([`csv`](csv()), [`workbook`](workbook()), [`chart`](chart()), [`map`](map()),
//! [`rollup`](rollup())) works on checked values. [`LongTable`] is every released cell as one row, for
//! BI tools, in one form for all formats.
//! Rates divide released counts by public numbers of residents ([`Population`]), which bring their
//! source and licence with them. What is computed here is post-processing and costs no budget.
//! Withheld cells stay withheld, and negative estimates stay negative: cut at zero they would be
//! biased.

mod amount;
mod calibration;
mod certainty;
mod chart;
mod correction;
mod csv;
mod document;
mod error;
mod flat;
mod geography;
mod map;
mod names;
mod picture;
mod population;
mod quality;
mod rate;
mod rollup;
mod workbook;

pub use amount::Amount;
pub use calibration::{Calibration, ClassCount, PairCount, RecordCount, Run};
pub use certainty::Tolerance;
pub use chart::{ChartStyle, MAX_ROWS, chart};
pub use correction::{Corrected, Correction, MODEL, NoCorrection, correct};
pub use csv::csv;
pub use document::{
    AtLeast, Cell, Counted, Document, Effect, Guarantee, HalfWidth, Kind, LogPosition, Losing,
    Loss, MarginTable, Margins, Noise, Numbers, Pooled, Withholding,
};
pub use error::Error;
pub use flat::{
    About, BookStyle, Column, ColumnKind, Dated, Language, LongTable, Value, json_stat,
    json_stat_collection,
};
pub use geography::Boundaries;
pub use map::{Map, MapStyle, map};
pub use names::{Names, Unit};
pub use population::{
    Ages, Asked, Gap, Hints, Imported, Population, PopulationFormat, Row, Sex, Sexes, Source,
};
pub use quality::{
    Estimate, LinkQuality, NoEstimate, QualityWords, Recall, link_quality, quality_picture,
};
pub use rate::{CellRate, Meaning, Rate, RateRule};
pub use rollup::{Over, RolledCell, RolledDocument, Rollup, RollupRequest, RollupText, rollup};
pub use workbook::{MAX_TABLES, WorkbookStyle, workbook};
