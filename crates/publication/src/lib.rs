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
//! behind it ([`csv`](csv()), [`chart`](chart()), later further formats) works on checked values.
//! What is computed here is post-processing and costs no budget. Withheld cells stay withheld, and
//! negative estimates stay negative: cut at zero they would be biased.

mod amount;
mod chart;
mod csv;
mod document;
mod error;
mod names;

pub use amount::Amount;
pub use chart::{ChartStyle, MAX_ROWS, chart};
pub use csv::csv;
pub use document::{Cell, Document, Guarantee, HalfWidth, Kind, LogPosition, Numbers};
pub use error::Error;
pub use names::Names;
