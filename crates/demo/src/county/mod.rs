//! Two synthetic counties, 06432 and 06440: residents, four years of their lives, what they
//! receive, and the extracts that eight departments would make of it, with the usual dirt.
//!
//! Parties: none. Everything here is invented, so everything may be known, and the truth behind
//! the extracts is kept to measure what the real parties, who never see it, make of them. No
//! module of this tree reads a key, an encoding or a file; only
//! [`County::write_extracts`](County::write_extracts) writes some.
//!
//! A family is the unit of simulation: nothing connects two families, each has its own streams of
//! chance, and the result does not depend on the number of threads. `README.md` beside this file
//! lists what each extract looks like and which codes it holds.

mod asylum;
mod calendar;
mod care;
mod case_cells;
mod cells;
mod conventions;
mod dataset;
mod draw;
mod dwelling;
mod encoding;
mod errors;
mod extract;
mod founding;
mod income;
mod kin;
mod life;
mod line;
mod naming;
mod people;
mod record;
mod residents;
mod rows;
mod school;
mod services;
mod settings;
mod spelling;
mod tables;
#[cfg(test)]
mod tests;
mod towns;
pub mod truth;
mod world;
mod youth;

pub use calendar::{Day, Month, Months};
pub use conventions::{
    CONVENTIONS, Convention, Encoding, SexCode, StreetStyle, TownStyle, convention,
};
pub use dataset::Dataset;
pub use errors::{ErrorKind, SHARES, Share};
pub use extract::{Dirt, Extract, PersonNumber};
pub use people::Sex;
pub use residents::OPEN_AGE;
pub use settings::{CountyError, Settings};
pub use tables::{Municipality, Tables};
pub use towns::alias_table;
pub use truth::TruePerson;
pub use world::{County, World};
