//! What encodings give away, measured by attacking them; not shipped.
//!
//! Parties. The *attacker* is whoever holds encodings without the key: the linkage unit, or a
//! thief of its database. They know the public parameters, may have a register of the people, and
//! in the worst case pairs of a clear text and its encoding. They encode their own register under
//! a key of their own. The *judge* who knows the truth is not here: attacks return guesses, and
//! whoever called counts the right ones with [`rate`].
//!
//! Every attack sees all views jointly and each record's source; salted views have a model for
//! each salt class, because tokens of different classes are different tokens here.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "statistics over at most some ten thousand records"
)]

mod dense;
mod error;
mod frequency;
mod graph;
mod guess;
mod pairs;
mod parity;
mod person;
mod profile;
mod rate;
mod tokens;
mod view;

pub use error::AttackError;
pub use frequency::{Frequency, frequency};
pub use graph::graph;
pub use guess::{Guesses, Known, Target};
pub use pairs::{PairModel, known_pairs};
pub use parity::parity;
pub use person::Person;
pub use rate::Rate;
pub use view::{Parameters, fold};
