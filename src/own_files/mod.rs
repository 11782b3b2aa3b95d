//! Linking encodings that somebody already has, from files to files: no unit, no database, no
//! network. Whoever runs it holds the encodings of all sources and is their linkage unit.

mod blocking;
mod candidates;
mod clks;
mod known;
mod link;
mod odd;
mod output;
mod read;
mod report;
mod spill;

pub(crate) use blocking::{Block, BlockName};
pub(crate) use known::known_links;
pub(crate) use link::{Settings, Solver, link};
pub(crate) use odd::OddLimits;
pub(crate) use output::{NewFile, write_groups, write_pairs};
pub(crate) use read::{EncodedSource, Kind, check_together, read};
pub(crate) use report::{LinkFilesReport, Stage, found_odd, warnings};
