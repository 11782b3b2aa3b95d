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
mod burn;
mod calibration;
mod certainty;
mod change;
mod chart;
mod correction;
mod csv;
mod demand;
mod document;
mod error;
mod flat;
mod geography;
mod grid;
mod map;
mod names;
mod picture;
mod population;
mod quality;
mod rate;
mod rollup;
mod trend;
mod workbook;

pub use amount::Amount;
pub use burn::{BurnDown, Charge, Left, MAX_CHARGES};
pub use calibration::{Calibration, ClassCount, PairCount, RecordCount, Run};
pub use certainty::{Shown, Tolerance};
pub use change::{
    Change, ChangeRule, Changes, FALSE_DISCOVERIES_PERCENT, MAX_MOMENTS, MEANING, Moment, Step,
    Verdict, changes,
};
pub use chart::{ChartStyle, MAX_ROWS, chart};
pub use correction::{Corrected, Correction, MODEL, NoCorrection, correct};
pub use csv::csv;
pub use demand::{
    Demand, DemandGap, DemandRow, DemandRule, DemandYear, MODEL_MARK, Outlook, demand,
};
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
pub use grid::{
    Grid, GridRow, GridStyle, MAX_GRID_CELLS, MAX_GRID_COLUMNS, heat_map, transition_matrix,
};
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
pub use trend::{MAX_LINES, Trend, TrendLine, trend};
pub use workbook::{MAX_TABLES, WorkbookStyle, workbook};
