//! Linking encodings that somebody already has, from files to files: no unit, no database, no
//! network. Whoever runs it holds the encodings of all sources and is their linkage unit.

mod clks;
mod known;
mod link;
mod output;
mod read;
mod report;

pub(crate) use known::known_links;
pub(crate) use link::{Settings, Solver, link};
pub(crate) use output::{NewFile, write_groups, write_pairs};
pub(crate) use read::{EncodedSource, Kind, check_together, read};
pub(crate) use report::{LinkFilesReport, Stage, warnings};
