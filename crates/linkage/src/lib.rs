//! Which encodings describe the same person: compare, then cluster.
//!
//! Parties. The *linkage unit* runs this crate on the encodings that departments
//! sent it. It holds no key and no identifier, so a filter is all that is seen
//! here, and a record is a row number. What the unit learns all the same (which
//! rows belong together, how similar families are, exact counts) must not leave
//! it: [`Similarity`], [`Pair`] and [`Clusters`] have no wire format and no
//! `Debug`, on purpose. A department must not learn whether its records matched,
//! so nothing here answers to one.
//!
//! The way through: [`Filters`] → [`Source`] → [`compare()`] → a [`PairSink`], and
//! later a [`PairSource`] → [`greedy`] (or [`groups`], [`mutual_best`], [`optimal()`],
//! [`one_to_many`]) → [`Clusters`].
//!
//! Later, with more records or fewer: [`Succession`] says where the earlier ones stand
//! now, [`Scope::only_new`] compares what was not compared before, [`Carried`] puts both
//! together, and [`inherit()`] lets persons keep their number.
//!
//! * Every decision is made on integers; see [`Threshold`].
//! * The same input gives the same output in the same order, whatever the number
//!   of threads and whichever instructions the processor has.
//! * No I/O, no clock, no randomness: files and sealing belong to the unit, behind
//!   [`PairSink`] and [`PairSource`].

mod assess;
mod compare;
mod error;
mod filters;
mod kernel;
mod measure;
mod pair;
mod similarity;
mod solve;
mod succession;
mod threshold;

pub use assess::{Assessment, Between, Figure, Level, Sample, Warning, assess, assess_sources};
pub use compare::{Comparison, Limits, Progress, Rule, Scope, Summary, compare, compare_scope};
pub use error::{BoxedError, Error};
pub use filters::{Filters, Source};
pub use kernel::{Kernel, register_limit};
pub use measure::Measure;
pub use pair::{Pair, PairList, PairReader, PairSink, PairSource, RecordRef};
pub use similarity::{Band, Similarity};
pub use solve::{Cluster, Clusters, Options, greedy, groups, mutual_best, one_to_many, optimal};
pub use succession::{Carried, Succession, inherit};
pub use threshold::Threshold;
