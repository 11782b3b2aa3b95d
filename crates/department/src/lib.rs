//! What a department runs: from its own extract to two signed halves, and no further.
//!
//! Parties. The *department* holds plain records, the epoch's linkage key and its signing key;
//! this crate is the only one that sees them together. The *linkage unit* gets one encoding per
//! subject and must not learn an attribute; the *statistics unit* gets coded facts and must not
//! learn an encoding. Neither learns a name, a date of birth, an address, a case number, or who
//! was left out and why. The two halves share a random subject id that is new in every batch; the
//! register that leads back from it to a case stays here, sealed.
//!
//! The way of an extract: [`Source`] reads it in bounded memory, a [`Mapping`] says what each
//! column means (an unnamed column is refused), facts are coarsened as the catalogue asks, rows
//! are grouped into subjects, [`prepare`] encodes and writes a batch folder, [`submit`] sends it.
//! [`profile`] looks at an extract without a key and without sending anything. No message and no
//! report holds a value from a record; time and randomness are parameters.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod batch;
mod clks;
mod derive;
mod encoded;
mod error;
mod explain;
mod guess;
pub mod keys;
mod language;
mod mapping;
mod messages;
mod new_file;
mod prepare;
mod profile;
mod register;
mod rows;
mod settings;
mod show;
mod source;
mod spelling;
pub mod station;
mod subjects;
mod submit;

pub use batch::Batch;
pub use clks::{
    ClkFile, ClkFormat, ClkReport, ClkWarning, EncodeTable, RowFault, UnfitCell, convert,
    encode_table,
};
pub use error::{Error, ExitCode, ListFault};
pub use explain::{Explanation, FieldExplanation, explain, read_schema};
pub use guess::{Guess, GuessSettings, GuessedColumn, Role, guess};
pub use language::Language;
pub use mapping::{Column, Decimal, Derived, Mapping, TimeFormat, TimePart, Towns, Unreadable};
pub use prepare::{
    Change, Keys, PrepareSettings, PreparedBatch, Progress, Report, Sender, ViewFill, prepare,
};
pub use profile::{BirthProfile, ColumnProfile, Profile, ProfileSettings, profile};
pub use register::Register;
pub use rows::{RowCounts, RowSettings, encode_rows};
pub use settings::Settings;
pub use show::show;
pub use source::{
    CellForm, Limits, Record, Source, SourceSettings, SqlFault, SqlSource, TextEncoding, TooMuch,
    WorkbookFault, export,
};
pub use subjects::{Counts, Objections, Reason, Rejected};
pub use submit::{Patience, Submitted, Unit, Units, is_submitted, submit};
