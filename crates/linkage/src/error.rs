use thiserror::Error as ThisError;

use crate::Threshold;

/// What a [`PairSink`](crate::PairSink) or [`PairSource`](crate::PairSource) failed with.
pub type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// Why a comparison or a solver refused or stopped. Holds counts and row numbers,
/// never a filter.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A filter length that is zero, above 8,192 or no multiple of 64.
    #[error("a filter of {0} bits: use a multiple of 64 from 64 to 8192")]
    FilterBits(u32),
    /// A filter that is shorter or longer than its view says.
    #[error("filter {row} has {found} bytes where its view says {expected}: check the schema")]
    FilterLength {
        /// Row the filter would have had.
        row: usize,
        /// Bytes the view's filters have.
        expected: usize,
        /// Bytes that came.
        found: usize,
    },
    /// More rows than a row number can name.
    #[error("a source holds at most 4294967295 records: split it")]
    TooManyRows,
    /// A source without a view or with more than eight.
    #[error("a source of {0} views: a schema declares one to eight")]
    Views(usize),
    /// Views of one source that disagree on the number of records.
    #[error("view {view} has {found} records where the first has {expected}: encode every view")]
    ViewRows {
        /// Index of the view that differs.
        view: usize,
        /// Records of the first view.
        expected: usize,
        /// Records of this one.
        found: usize,
    },
    /// Two sources that were not encoded by one schema.
    #[error("source {0} has other views or filter lengths than the first: one schema for all")]
    SourceShape(usize),
    /// A text that is not a threshold.
    #[error("not a threshold: write a number above 0, at most 1, with at most 6 decimals")]
    Threshold,
    /// A threshold with more digits than filters of this length can tell apart.
    #[error("threshold {threshold} is finer than filters of {bits} bits: use fewer decimals")]
    ThresholdTooFine {
        /// The threshold asked for.
        threshold: Threshold,
        /// Bits of the longest view.
        bits: u32,
    },
    /// A rule that names a source which is not there.
    #[error("source {0} is named but was not given: the first source is number 0")]
    UnknownSource(u32),
    /// First new rows that do not fit the sources.
    #[error("give one first new row per source, at most its number of records")]
    FirstNew,
    /// A succession that names a record which is not there, or one of them twice.
    #[error("an earlier record goes on as record {row} of source {source_index}, which {}",
        if *.twice { "is another one's already" } else { "does not exist" })]
    Succession {
        /// Source of the record that is named.
        source_index: u32,
        /// Its row.
        row: u32,
        /// Whether it exists and was named before.
        twice: bool,
    },
    /// A source in which earlier records stand behind new ones.
    #[error("source {0} has an earlier record behind a new one: put the earlier ones first")]
    NewBeforeOld(u32),
    /// A comparison with a cap per record that should go on from a tile.
    #[error("a comparison with a cap per record starts at tile 0: its pairs come at the end")]
    CapContinued,
    /// More candidate pairs than the limit; the sink holds only some of them.
    #[error(
        "{}{found} candidate pairs, the limit is {limit}: {}",
        if *.complete { "" } else { "more than " },
        match .fits {
            Some(threshold) => format!("they would fit from threshold {threshold} on"),
            None if !*.complete => {
                "they were not counted to the end; raise the threshold, or look for repeated \
                 encodings".to_owned()
            }
            None => "no threshold makes them fit; look for repeated encodings".to_owned(),
        }
    )]
    TooManyPairs {
        /// Pairs counted.
        found: u64,
        /// Whether every pair was counted; if not, counting itself was given up.
        complete: bool,
        /// Pairs that may be kept.
        limit: u64,
        /// Least threshold, in steps of .001, at which the pairs fit.
        fits: Option<Threshold>,
    },
    /// A pair or known link that names a record which no source has.
    #[error("a pair names record {row} of source {source_index}, which does not exist")]
    UnknownRecord {
        /// Source of the record.
        source_index: u32,
        /// Row of the record.
        row: u32,
    },
    /// More records in all than the solver can number.
    #[error("the sources hold more than 4294967294 records in all: link fewer at once")]
    TooManyRecords,
    /// Two known links, or a known link and a limit, that contradict each other.
    #[error("known link {0} would join two records of one source or exceed the cluster cap")]
    KnownLink(usize),
    /// The sink could not take the pairs.
    #[error("the pairs could not be written: {0}")]
    Sink(#[source] BoxedError),
    /// The source of pairs could not be read.
    #[error("the pairs could not be read: {0}")]
    Read(#[source] BoxedError),
    /// [`Progress::cancel`](crate::Progress::cancel) was called.
    #[error("the comparison was cancelled")]
    Cancelled,
}
