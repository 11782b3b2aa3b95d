use std::ops::Range;

use super::{Comparison, Harvest, Scope, record, sorted::Sorted, tile::Packed};
use crate::{
    Kernel, Pair, Similarity, filters,
    kernel::{LANES, Scale, Stage},
    measure::Bar,
};

/// Bytes of right filters that a thread keeps near while left ones pass by: half of
/// a usual second-level cache.
const RIGHT_BYTES: usize = 512 * 1_024;
/// Bytes of left filters in a tile.
const LEFT_BYTES: usize = 256 * 1_024;
/// Left blocks and right blocks that the choice of stages is tried on.
const SAMPLE: (usize, usize) = (4, 16);

/// A tile: some left blocks against some right blocks of one view. Left and right are
/// parts of sources.
pub(super) struct Task {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) view: usize,
    pub(super) left_blocks: Range<usize>,
    pub(super) right_blocks: Range<usize>,
}

/// A comparison cut into tiles, in the order in which their pairs go to the sink.
pub(super) struct Plan<'a> {
    /// By part, then by view.
    views: Vec<Vec<Sorted<'a>>>,
    /// By part: its source.
    sources: Vec<usize>,
    /// By view.
    pub(super) bars: Vec<Bar>,
    /// By view: the ways to look for blocks that can be given up.
    schedules: Vec<Vec<Vec<Stage>>>,
    pub(super) kernel: Kernel,
    pub(super) tasks: Vec<Task>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(comparison: &Comparison<'a>, scope: &Scope) -> Self {
        let bars = bars(comparison);
        let schedules = bars.iter().map(|bar| schedules(bar.words())).collect();
        let (views, sources, tasks) = (Vec::new(), Vec::new(), Vec::new());
        let kernel = comparison.kernel;
        let mut plan = Self { views, sources, bars, schedules, kernel, tasks };
        let parts = plan.add_parts(comparison, scope);
        for &(left, right) in comparison.rule.pairs() {
            for &(left, right) in &part_pairs(&parts, left as usize, right as usize) {
                for view in 0..plan.bars.len() {
                    plan.add_tasks(left, right, view);
                }
            }
        }
        plan
    }

    /// Lays out every source in its parts; which are which, by source.
    fn add_parts(&mut self, comparison: &Comparison<'a>, scope: &Scope) -> Vec<Parts> {
        let mut parts = Vec::new();
        for (number, source) in comparison.sources.iter().enumerate() {
            let mut add = |rows: Range<usize>| {
                let sorted = source.views().iter().map(|view| Sorted::new(view, rows.clone()));
                self.views.push(sorted.collect());
                self.sources.push(number);
                self.sources.len() - 1
            };
            let first_new = scope.first_new(number);
            let old = (first_new > 0).then(|| add(0..first_new));
            parts.push(Parts { old, new: add(first_new..source.rows()) });
        }
        parts
    }

    /// Tiles of one view of two parts, those with the same right side in a row so
    /// that a thread lays it out once.
    fn add_tasks(&mut self, left: usize, right: usize, view: usize) {
        let bytes = self.view(right, view).filters.words_per_row() * 8 * LANES;
        let (right_step, left_step) = (RIGHT_BYTES / bytes, LEFT_BYTES / bytes);
        for right_blocks in steps(self.view(right, view).blocks(), right_step) {
            for left_blocks in steps(self.view(left, view).blocks(), left_step) {
                let below = left == right && left_blocks.start >= right_blocks.end;
                if !below {
                    let right_blocks = right_blocks.clone();
                    self.tasks.push(Task { left, right, view, left_blocks, right_blocks });
                }
            }
        }
    }

    pub(super) fn view(&self, part: usize, view: usize) -> &Sorted<'a> {
        &self.views[part][view]
    }

    /// Filter pairs that a tile decides.
    pub(super) fn pairs_in(&self, task: &Task) -> u64 {
        let rows = |part, blocks: &Range<usize>| {
            let rows = self.view(part, task.view).len();
            (blocks.start * LANES).min(rows)..(blocks.end * LANES).min(rows)
        };
        let left = rows(task.left, &task.left_blocks);
        let right = rows(task.right, &task.right_blocks);
        if task.left == task.right {
            left.map(|row| right.end.saturating_sub((row + 1).max(right.start)) as u64).sum()
        } else {
            left.len() as u64 * right.len() as u64
        }
    }

    /// The stages with the least expected work, tried on a few blocks spread over the
    /// tile. Any choice gives the same pairs.
    pub(super) fn scale(&self, view: usize, left: &Packed, right: &Packed) -> Scale<'_> {
        let spread = |len: usize, sample: usize| (0..len).step_by((len / sample).max(1));
        let bar = self.bars[view].least();
        let cost = |stages: &&Vec<Stage>| {
            let (mut cost, mut hits) = (0, Vec::new());
            for group in spread(left.len(), SAMPLE.0).map(|block| left.as_group(block)) {
                for block in spread(right.len(), SAMPLE.1) {
                    let (range, scale) = (block..block + 1, Scale { bar, stages });
                    cost += self.kernel.scan(&group, &right.as_blocks(), range, scale, &mut hits);
                    hits.clear();
                }
            }
            cost
        };
        let stages = self.schedules[view].iter().min_by_key(cost);
        Scale { bar, stages: stages.map_or(&[], Vec::as_slice) }
    }

    /// Decides the lanes of a hit exactly. A pair that several views bring forward is
    /// kept by the first of them.
    pub(super) fn judge(
        &self,
        task: &Task,
        (left_block, left_lane): (usize, u8),
        (right_block, right_lanes): (usize, u8),
        harvest: &mut Harvest<'_>,
    ) {
        let left_position = left_block * LANES + usize::from(left_lane);
        let Some(left_row) = self.view(task.left, task.view).row(left_position) else { return };
        for lane in (0..LANES).filter(|lane| right_lanes >> lane & 1 == 1) {
            let right_position = right_block * LANES + lane;
            let twice = task.left == task.right && right_position <= left_position;
            let row = self.view(task.right, task.view).row(right_position);
            let Some(right_row) = row.filter(|_| !twice) else { continue };
            if let Some(similarity) = self.best(task, left_row as usize, right_row as usize) {
                let a = record(self.sources[task.left], left_row);
                let b = record(self.sources[task.right], right_row);
                harvest.push(Pair { left: a.min(b), right: a.max(b), similarity });
            }
        }
    }

    /// Similarity of the best view, if the task's view is the first that reaches it.
    fn best(&self, task: &Task, left: usize, right: usize) -> Option<Similarity> {
        let mut best = None;
        for (view, bar) in self.bars.iter().enumerate() {
            let a = self.view(task.left, view).filters;
            let b = self.view(task.right, view).filters;
            let shared = self.kernel.shared(a.row(left), b.row(right));
            let similarity = bar.judge(shared, a.weight(left) + b.weight(right));
            if similarity.is_some() != (view == task.view) && view <= task.view {
                return None;
            }
            best = best.max(similarity);
        }
        best
    }
}

/// The parts of a source: rows that were compared before, and the others.
struct Parts {
    old: Option<usize>,
    new: usize,
}

/// The parts of two sources to be compared: all but old with old.
fn part_pairs(parts: &[Parts], left: usize, right: usize) -> Vec<(usize, usize)> {
    let (a, b) = (&parts[left], &parts[right]);
    let mut pairs = vec![(a.new, b.new)];
    pairs.extend(b.old.map(|old| (a.new, old)));
    // Within a source, new with old is the same as old with new.
    pairs.extend(a.old.filter(|_| left != right).map(|old| (old, b.new)));
    pairs
}

fn bars(comparison: &Comparison<'_>) -> Vec<Bar> {
    let bar = |bits| Bar::new(comparison.measure, comparison.threshold, bits);
    let views = comparison.sources.first().map(|source| source.views()).unwrap_or_default();
    views.iter().map(|view| bar(view.bits())).collect()
}

fn steps(blocks: usize, step: usize) -> impl Iterator<Item = Range<usize>> {
    (0..blocks).step_by(step).map(move |start| start..(start + step).min(blocks))
}

/// Every way to look once or twice on the way, and not to look before the end.
fn schedules(words: usize) -> Vec<Vec<Stage>> {
    let cuts = filters::cuts(words);
    let end = cuts.len() - 1;
    let schedule = |looks: [usize; 3]| {
        let mut from = 0;
        let stages = looks.into_iter().map(|cut| {
            let words = from..cuts[cut];
            from = cuts[cut];
            Stage { words, cut }
        });
        stages.filter(|stage| !stage.words.is_empty()).collect()
    };
    (0..=end)
        .flat_map(|first| (first..=end).map(move |second| [first, second, end]))
        .map(schedule)
        .collect()
}
