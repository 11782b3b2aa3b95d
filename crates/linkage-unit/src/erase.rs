//! What no longer counts is taken out: rows of withdrawn subjects, and deliveries that later ones
//! replaced. Done after each delivery and at each start, while no run reads.

use access::Identity;
use policy::Name;
use serde::{Deserialize, Serialize};
use store::batches;
use store::erasure::{self, Closed, Tombstone};
use submission::{LinkableChunk, ProblemCode};

use crate::bound::closing_bound;
use crate::{LinkageUnit, UnitError};

/// What closing an epoch destroyed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClosedEpoch {
    /// Deliveries.
    pub batches: u64,
    /// Their chunks of encodings.
    pub chunks: u64,
    /// Chunks of candidate pairs.
    pub pair_chunks: u64,
    /// Keys; without them no copy of the database opens any more.
    pub keys: u64,
}

impl LinkageUnit {
    /// Takes out what is marked, or leaves it for later while a run goes on: what ends a run looks
    /// again.
    pub(crate) async fn erase(&self) -> Result<(), UnitError> {
        let marked = erasure::tombstones(self.db()).await?;
        let replaced = erasure::superseded(self.db()).await?;
        if marked.is_empty() && replaced.is_empty() {
            return Ok(());
        }
        let Ok(_alone) = self.readers().try_write() else { return Ok(()) };
        for key in &replaced {
            erasure::erase_batch(self.db(), key, self.now()).await?;
        }
        for tombstone in &marked {
            self.erase_subjects(tombstone).await?;
        }
        tracing::info!(
            deliveries = replaced.len(),
            departments = marked.len(),
            "erased what was replaced or withdrawn"
        );
        Ok(())
    }

    /// Seals every chunk that names one of them anew without those rows. Repeated after a crash,
    /// it finds only what is left.
    async fn erase_subjects(&self, tombstone: &Tombstone) -> Result<(), UnitError> {
        let Tombstone { project, epoch, department, subjects } = tombstone;
        let schema = self.expected().schema(&Name::new(project.clone())?)?;
        let mut chunks = 0;
        for place in erasure::chunks_of(self.db(), project, epoch, department).await? {
            let bytes = batches::read_chunk(self.db(), &place.key, place.index).await?;
            if bytes.is_empty() {
                continue;
            }
            let chunk = LinkableChunk::decode(&bytes, schema)?;
            if !chunk.subjects().iter().any(|own| subjects.contains(own.as_bytes())) {
                continue;
            }
            let mut rest = LinkableChunk::new(schema);
            for row in chunk.iter().filter(|row| !subjects.contains(row.subject.as_bytes())) {
                rest.push_bytes(row.subject, &row.views.concat())?;
            }
            let body = if rest.is_empty() { Vec::new() } else { rest.encode()? };
            erasure::replace_chunk(self.db(), &place.key, place.index, body).await?;
            chunks += 1;
        }
        // A scored pair names rows, and tells of the withdrawn as much as of the others.
        store::pairs::drop_kept(self.db(), project, epoch).await?;
        Ok(erasure::tombstoned(self.db(), tombstone, chunks, self.now()).await?)
    }

    /// Closes an epoch for ever: destroys its keys, encodings, scored pairs and key-check value.
    /// Snapshots and their link maps stay.
    ///
    /// Takes effect at once and cannot be undone, so somebody proposed it and somebody else approved.
    ///
    /// # Errors
    /// [`ProblemCode::EpochUnknown`], [`ProblemCode::ApprovalNeeded`] unless it is closed already, or [`ProblemCode::Busy`] while a run goes on.
    pub async fn close_epoch(
        &self,
        custodian: &Identity,
        epoch: &Name,
    ) -> Result<ClosedEpoch, UnitError> {
        let Ok(_alone) = self.readers().try_write() else {
            let detail = "a linkage run reads encodings; wait for it and close the epoch then";
            return Err(UnitError::refuse(ProblemCode::Busy, detail));
        };
        let (project, now) = (custodian.project.as_str(), self.now());
        let known = store::epochs::get(self.db(), project, epoch.as_str()).await?;
        let approved = match known {
            Some(own) if own.state == store::epochs::State::Open => {
                Some(self.desk().require(&closing_bound(&custodian.project, epoch)).await?)
            }
            _ => None,
        };
        let Closed { batches, chunks, pair_chunks, keys } =
            erasure::close_epoch(self.db(), (project, epoch.as_str()), approved, now).await?;
        tracing::info!(%project, %epoch, keys, "closed an epoch");
        Ok(ClosedEpoch { batches, chunks, pair_chunks, keys })
    }
}

#[cfg(test)]
mod tests;
