//! Limits against poisoned deliveries: what must not decide about others' links.
//!
//! A department, or somebody in its name, may deliver encodings that belong to nobody:
//! all bits set, one filter a thousand times, copies of what others delivered. Three
//! things show that: encodings that repeat, records that match too many, a source of
//! which too much or too little is linked. Each is a count with a limit, and the limits
//! are the caller's. What repeats or matches too much can be [set aside](SetAside)
//! before links are made, so that it takes nobody's place.

mod crowded;
mod hits;
mod repeats;
mod set_aside;

pub use crowded::crowded;
pub use hits::Hits;
pub use repeats::{Repeats, repeated};
pub use set_aside::{SetAside, Without};

use std::fmt;

/// What a limit was exceeded by. Exact counts, for the linkage operator only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Alarm {
    /// Too many records of a source have an encoding that others of it have too.
    Repeats {
        /// Index of the source.
        source: u32,
        /// How many records.
        repeats: Repeats,
    },
    /// Records with more partners in one source than one person can have.
    Crowded {
        /// Index of the source.
        source: u32,
        /// How many records.
        crowded: u64,
        /// Partners that are allowed.
        most: u32,
    },
    /// A share of linked records that was not expected.
    Hits {
        /// Index of the source.
        source: u32,
        /// How many are linked.
        hits: Hits,
        /// Least and greatest share expected, in millionths.
        expected: (u32, u32),
    },
}

impl fmt::Display for Alarm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |millionths: u32| f64::from(millionths) / 10_000.0;
        match self {
            Self::Repeats { source, repeats } => write!(
                out,
                "source {source}: {} of {} records have an encoding that another one has too, one \
                 encoding {} times: empty or default records, or made up?",
                repeats.repeated, repeats.records, repeats.largest
            ),
            Self::Crowded { source, crowded, most } => write!(
                out,
                "source {source}: {crowded} records have more than {most} candidate partners in \
                 one source: empty or default records, or made up?"
            ),
            Self::Hits { source, hits, expected: (least, greatest) } => write!(
                out,
                "source {source}: {} of {} records are linked ({:.1} %), where {:.1} to {:.1} % \
                 were expected: another population, or made up?",
                hits.linked,
                hits.records,
                percent(hits.per_million()),
                percent(*least),
                percent(*greatest)
            ),
        }
    }
}
