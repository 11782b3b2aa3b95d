use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::Blocks;
use crate::{RecordRef, scramble::scramble};

/// Pairs of records that a sample compares exactly.
const PAIRS: u64 = 20_000_000;

/// How many pairs blocking finds, by a sample of records compared with everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Completeness {
    /// Records that were compared with all.
    pub records: u64,
    /// Pairs of theirs that reach the threshold.
    pub pairs: u64,
    /// Those of them that share a block.
    pub found: u64,
}

impl Completeness {
    /// The share that was found; none where the sample has no pair.
    pub fn share(&self) -> Option<f64> {
        (self.pairs > 0).then(|| self.found as f64 / self.pairs as f64)
    }
}

impl Completeness {
    fn and(self, other: Self) -> Self {
        Self {
            records: self.records + other.records,
            pairs: self.pairs + other.pairs,
            found: self.found + other.found,
        }
    }
}

impl Blocks<'_> {
    /// Compares some records, chosen by row number alone, with every record they are to be
    /// compared with, and counts which of their pairs share a block. About twenty million
    /// pairs of records are decided, whatever the sources' size.
    pub fn completeness(&self) -> Completeness {
        let sources = self.comparison.sources;
        let rules = self.comparison.rule.pairs();
        let each = PAIRS / (rules.len() as u64).max(1);
        let mut all = Completeness::default();
        for &(left, right) in rules {
            let (rows, others) =
                (sources[left as usize].rows(), sources[right as usize].rows() as u32);
            let wanted = (each / u64::from(others).max(1)).clamp(1, rows.max(1) as u64) as usize;
            let mut picks: Vec<u32> = if wanted >= rows {
                (0..rows as u32).collect()
            } else {
                (0..wanted as u64).map(|pick| (scramble(pick) % rows as u64) as u32).collect()
            };
            picks.sort_unstable();
            picks.dedup();
            let counts = picks.into_par_iter().map(|row| self.of_one(left, row, (right, others)));
            all = all.and(counts.reduce(Completeness::default, Completeness::and));
        }
        all
    }

    fn of_one(&self, source: u32, row: u32, (right, others): (u32, u32)) -> Completeness {
        let a = RecordRef { source, row };
        let mut own = Completeness { records: 1, ..Completeness::default() };
        let partners = (0..others).map(|row| RecordRef { source: right, row });
        for b in partners.filter(|b| *b != a) {
            if self.similarity(a, b).is_some() {
                own.pairs += 1;
                own.found += u64::from(self.meet(a, b));
            }
        }
        own
    }
}
