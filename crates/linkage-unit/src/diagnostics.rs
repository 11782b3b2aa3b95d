//! Exact figures of the newest run, for whom the data protection officer lists; they never enter a
//! release and no answer to anybody else.

use access::Identity;
use linkage::Threshold;
use policy::{Name, SimilarityThreshold};
use store::pairs::{self, Kept};
use store::snapshots;
use submission::SnapshotId;

use crate::job::LinkReport;
use crate::kept::pairs_of;
use crate::{LinkageUnit, UnitError, state};

/// Exact figures of a run.
pub struct Diagnostics {
    /// The snapshot that it froze.
    pub snapshot: SnapshotId,
    /// The epoch whose batches went in.
    pub epoch: Name,
    /// When it was frozen, in Unix seconds.
    pub frozen_at: i64,
    /// What it counted; none where an earlier version froze it.
    pub report: Option<LinkReport>,
    /// The similarities of its kept pairs; none where those were replaced or destroyed since.
    pub similarities: Option<Similarities>,
}

/// Pairs by similarity, from the least that is kept.
pub struct Similarities {
    /// Pairs below are not kept.
    pub floor: SimilarityThreshold,
    /// Classes of one hundredth, ascending, those without a pair included.
    pub classes: Vec<SimilarityClass>,
}

/// The pairs of one hundredth.
pub struct SimilarityClass {
    /// Its lower end in hundredths; the last class ends at 100 and includes it.
    pub from_percent: u32,
    /// How many pairs.
    pub pairs: u64,
}

impl LinkageUnit {
    /// Figures of the newest snapshot of the operator's project, its histogram counted anew from
    /// the pairs that are kept sealed; `None` before the first one.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn diagnostics(&self, operator: &Identity) -> Result<Option<Diagnostics>, UnitError> {
        let project = &operator.project;
        let lines = snapshots::lines(self.db(), project.as_str()).await?;
        let Some(line) = lines.last() else { return Ok(None) };
        let report = state::report(line)?;
        let epoch = Name::new(line.epoch.clone())?;
        let similarities = match &report {
            Some(report) => self.similarities(project, &epoch, report).await?,
            None => None,
        };
        let (snapshot, frozen_at) = (line.snapshot.parse()?, line.created_at);
        Ok(Some(Diagnostics { snapshot, epoch, frozen_at, report, similarities }))
    }

    /// Kept pairs are those of the newest comparison, which need not be the one that the snapshot
    /// was made of: they are, where as many reach its threshold as it counted.
    async fn similarities(
        &self,
        project: &Name,
        epoch: &Name,
        report: &LinkReport,
    ) -> Result<Option<Similarities>, UnitError> {
        let Some(made) = &report.pairs else { return Ok(None) };
        // What is erased is erased alone.
        let _reading = self.readers().read().await;
        let kept = pairs::kept(self.db(), project.as_str(), epoch.as_str()).await?;
        let Some(kept) = kept.into_iter().rev().find(|own| own.complete) else { return Ok(None) };
        let threshold = Threshold::from_per_million(made.threshold.millionths())?;
        let (counted, reached) = self.count(&kept, threshold).await?;
        let floor = SimilarityThreshold::from_millionths(kept.floor)?;
        let first = kept.floor / CLASS;
        let classes = (first..).zip(counted.into_iter().skip(usize_of(first)));
        let classes =
            classes.map(|(from_percent, pairs)| SimilarityClass { from_percent, pairs }).collect();
        Ok((reached == report.candidate_pairs).then_some(Similarities { floor, classes }))
    }

    async fn count(
        &self,
        kept: &Kept,
        threshold: Threshold,
    ) -> Result<([u64; CLASSES], u64), UnitError> {
        let (mut counted, mut reached) = ([0_u64; CLASSES], 0_u64);
        for index in 0..kept.chunks {
            let bytes = pairs::read_chunk(self.db(), &kept.comparison, index).await?;
            for pair in pairs_of(&bytes)? {
                let class = usize_of(pair.similarity.per_million() / CLASS).min(CLASSES - 1);
                if let Some(own) = counted.get_mut(class) {
                    *own = own.saturating_add(1);
                }
                reached += u64::from(threshold.accepts(pair.similarity));
            }
            // Many chunks are much to decrypt: others get their turn.
            tokio::task::yield_now().await;
        }
        Ok((counted, reached))
    }
}

/// Millionths of a class.
const CLASS: u32 = 10_000;
/// Classes from 0 to 1.
const CLASSES: usize = 100;

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
