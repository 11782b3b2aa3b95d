use super::Alarm;
use crate::{Filters, Source};

/// How often encodings repeat within one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repeats {
    /// Records in all.
    pub records: u64,
    /// Records that have a filter, in some view, which another record has in that view.
    pub repeated: u64,
    /// Records of the most frequent filter.
    pub largest: u64,
}

impl Repeats {
    /// Counts them.
    pub fn of(source: &Source) -> Self {
        let mut largest = 0;
        let repeated = rows(source, |group| {
            largest = largest.max(group as u64);
            group > 1
        });
        let repeated = repeated.iter().filter(|own| **own).count() as u64;
        Self { records: source.rows() as u64, repeated, largest }
    }

    /// The share of repeated records in millionths, rounded up.
    pub fn per_million(&self) -> u32 {
        (self.repeated * 1_000_000).div_ceil(self.records.max(1)) as u32
    }

    /// An alarm when more than `per_million` of the records repeat, or one filter more
    /// than `most_equal` times.
    pub fn check(&self, source: u32, per_million: u32, most_equal: u32) -> Option<Alarm> {
        let over = self.per_million() > per_million || self.largest > u64::from(most_equal);
        over.then_some(Alarm::Repeats { source, repeats: *self })
    }
}

/// Rows that have, in some view, a filter which more than `most_equal` rows have.
pub fn repeated(source: &Source, most_equal: u32) -> Vec<u32> {
    let marked = rows(source, |group| group > most_equal as usize);
    (0..).zip(marked).filter(|(_, own)| *own).map(|(row, _)| row).collect()
}

/// Which rows are, in some view, in a group of equal filters that `wants` marks.
fn rows(source: &Source, mut wants: impl FnMut(usize) -> bool) -> Vec<bool> {
    let mut marked = vec![false; source.rows()];
    for view in source.views() {
        for group in in_order(view).chunk_by(|a, b| view.row(*a) == view.row(*b)) {
            if wants(group.len()) {
                group.iter().for_each(|row| marked[*row] = true);
            }
        }
    }
    marked
}

/// Rows with equal filters in a row.
fn in_order(view: &Filters) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..view.rows()).collect();
    rows.sort_unstable_by(|a, b| view.row(*a).cmp(view.row(*b)));
    rows
}
