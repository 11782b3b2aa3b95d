//! Every record of one source against every record of another, exactly.

mod best;
mod outlet;
mod plan;
mod progress;
mod route;
mod rule;
mod scope;
mod sorted;
mod tile;

pub use progress::Progress;
pub use rule::Rule;
pub use scope::Scope;

use self::{
    plan::{Plan, Task},
    route::{Harvest, Outcome, Route},
    tile::Packed,
};
use crate::{Error, Kernel, Measure, PairSink, Source, Threshold, pair::RecordRef};

/// How much a comparison may keep; [`Scope::per_record`] is the cap for each record.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Most candidate pairs in all.
    pub pairs: u64,
}

/// What to compare, and what counts as a candidate pair.
pub struct Comparison<'a> {
    /// The sources, all encoded by one schema. A [`RecordRef`] counts them from 0.
    pub sources: &'a [Source],
    /// Which of them are compared with which.
    pub rule: &'a Rule,
    /// How similarity is measured, the same in every view.
    pub measure: Measure,
    /// Least similarity of a candidate pair.
    pub threshold: Threshold,
    /// How much may be kept.
    pub limits: Limits,
    /// First tile to compare: 0, or the one after the last that a sink made durable
    /// in an earlier comparison of the same sources by the same rule.
    pub first_tile: u64,
    /// The instructions to use; [`Kernel::detect`] finds the fastest.
    pub kernel: Kernel,
}

/// What a comparison did. Exact counts, so for the linkage operator only.
pub struct Summary {
    /// Filter pairs decided, a pair of records once per view.
    pub compared: u64,
    /// Pairs that reached the threshold.
    pub candidates: u64,
    /// Candidate pairs handed to the sink: all of them, unless a record has a cap.
    pub pairs: u64,
    /// Tiles in all.
    pub tiles: u64,
}

/// Finds every pair of records whose similarity reaches the threshold.
///
/// The pairs reach the sink tile by tile in a fixed order; each pair once, with the
/// similarity of its best view, its lesser record first. Work is shared by the
/// threads of the current rayon pool.
///
/// # Errors
/// [`Error::UnknownSource`] and [`Error::SourceShape`] for what does not fit together,
/// [`Error::ThresholdTooFine`], [`Error::TooManyPairs`] (counted to the end where that
/// is affordable, so that it can say which threshold fits), [`Error::Sink`] and
/// [`Error::Cancelled`].
pub fn compare<S: PairSink + Send>(
    comparison: &Comparison<'_>,
    sink: &mut S,
    progress: &Progress,
) -> Result<Summary, Error> {
    compare_scope(comparison, &Scope::all(), sink, progress)
}

/// As [`compare`], but only the pairs that `scope` asks for.
///
/// With [`Scope::per_record`] the pairs come at the end, by left and then by right
/// record, in tiles of their own numbering, and [`Limits::pairs`] is how many may be kept.
///
/// # Errors
/// As [`compare`], and [`Error::FirstNew`] and [`Error::CapContinued`] for a scope that
/// does not fit the comparison.
pub fn compare_scope<S: PairSink + Send>(
    comparison: &Comparison<'_>,
    scope: &Scope,
    sink: &mut S,
    progress: &Progress,
) -> Result<Summary, Error> {
    check(comparison)?;
    scope.check(comparison.sources, comparison.first_tile)?;
    let plan = Plan::new(comparison, scope);
    let first = usize::try_from(comparison.first_tile).unwrap_or(usize::MAX);
    let tasks = plan.tasks.get(first..).unwrap_or_default();
    let compared = tasks.iter().map(|task| plan.pairs_in(task)).sum();
    progress.begin(compared);
    let route = Route::new(comparison, scope, sink);
    let work = |bench: &mut Bench, index: usize, harvest: &mut Harvest<'_>| {
        bench.scan(&plan, &tasks[index], harvest);
        plan.pairs_in(&tasks[index])
    };
    let Outcome { candidates, pairs } =
        route.run(tasks.len(), comparison.limits.pairs, progress, work)?;
    Ok(Summary { compared, candidates, pairs, tiles: plan.tasks.len() as u64 })
}

fn check(comparison: &Comparison<'_>) -> Result<(), Error> {
    let sources = comparison.sources;
    comparison.rule.check(sources.len())?;
    let Some(first) = sources.first() else { return Ok(()) };
    if let Some(index) = sources.iter().position(|source| !source.comparable(first)) {
        return Err(Error::SourceShape(index));
    }
    let bits = first.views().iter().map(|view| view.bits()).max().unwrap_or_default();
    let threshold = comparison.threshold;
    if !threshold.tells_apart(comparison.measure.greatest_denominator(bits)) {
        return Err(Error::ThresholdTooFine { threshold, bits });
    }
    Ok(())
}

/// What a thread keeps from one tile to the next.
#[derive(Default)]
struct Bench {
    left: Packed,
    right: Packed,
    /// Which part of which view `right` holds.
    holds: Option<(usize, usize, usize)>,
    hits: Vec<crate::kernel::Hit>,
}

impl Bench {
    fn scan(&mut self, plan: &Plan<'_>, task: &Task, harvest: &mut Harvest<'_>) {
        let (left, right) = (plan.view(task.left, task.view), plan.view(task.right, task.view));
        let holds = (task.right, task.view, task.right_blocks.start);
        if self.holds != Some(holds) {
            self.right.fill(right, task.right_blocks.clone());
            self.holds = Some(holds);
        }
        self.left.fill(left, task.left_blocks.clone());
        let bar = &plan.bars[task.view];
        let scale = plan.scale(task.view, &self.left, &self.right);
        let blocks = self.right.as_blocks();
        for block in 0..self.left.len() {
            let (lightest, heaviest) = self.left.weights(block);
            let (least, most) = bar.window(lightest, heaviest);
            let mut range = self.right.within(least, most);
            let position = task.left_blocks.start + block;
            if task.left == task.right {
                let from = position.saturating_sub(task.right_blocks.start);
                range.start = range.start.max(from).min(range.end);
            }
            self.hits.clear();
            let group = self.left.as_group(block);
            plan.kernel.scan(&group, &blocks, range, scale, &mut self.hits);
            for hit in &self.hits {
                let right_block = task.right_blocks.start + hit.block as usize;
                plan.judge(task, (position, hit.left), (right_block, hit.lanes), harvest);
            }
        }
    }
}

fn record(source: usize, row: u32) -> RecordRef {
    RecordRef { source: source as u32, row }
}
