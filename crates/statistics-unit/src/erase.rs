//! What no longer counts, and what is past its retention, is taken out: after each delivery and
//! each link map, at each start and now and then for the sake of dates.
//!
//! A replaced delivery stays until the newest snapshot of its epoch has one that came later: until
//! then a snapshot on its way may name it. Facts go row by row, at the end of the retention that
//! the catalogue sets for their dataset, counted from the end of their event year.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use policy::Name;
use store::batches::{self, BatchKey, Completed};
use store::erasure::{self, Expired, KeptFacts, Tombstone};
use store::snapshots;
use submission::{Measures, MeasuresChunk, Period, SnapshotStatement, SubmissionError};

use crate::UnitError;
use crate::unit::StatisticsUnit;

/// What a look erased.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// Deliveries that later ones had replaced.
    pub replaced: usize,
    /// Withdrawn subjects.
    pub withdrawn: usize,
    /// Deliveries some of whose rows were past their retention.
    pub expired: usize,
}

impl StatisticsUnit {
    /// Takes out what is marked or past its retention; waits for facts that are being read.
    ///
    /// # Errors
    /// [`UnitError::Store`]; what is left is taken out the next time.
    pub async fn erase(&self) -> Result<Erased, UnitError> {
        let marked = erasure::tombstones(self.db()).await?;
        let replaced = self.replaced().await?;
        let expired = self.past_retention().await?;
        let erased = Erased {
            replaced: replaced.len(),
            withdrawn: marked.iter().map(|own| own.subjects.len()).sum(),
            expired: expired.len(),
        };
        if erased == Erased::default() {
            return Ok(erased);
        }
        let _alone = self.readers().write().await;
        for key in &replaced {
            erasure::erase_batch(self.db(), key, self.now()).await?;
        }
        for tombstone in &marked {
            self.erase_subjects(tombstone).await?;
        }
        for (kept, from) in &expired {
            // A replaced one may be gone by now.
            if !replaced.contains(&kept.key) {
                self.expire(kept, *from).await?;
            }
        }
        self.forget_tables().await;
        Ok(erased)
    }

    /// The replaced deliveries that no snapshot can need any more.
    async fn replaced(&self) -> Result<Vec<BatchKey>, UnitError> {
        let all = erasure::superseded(self.db()).await?;
        let mut newest: BTreeMap<&str, Vec<SnapshotStatement>> = BTreeMap::new();
        let mut done = Vec::new();
        for key in &all {
            let project = key.project.as_str();
            if !newest.contains_key(project) {
                newest.insert(project, self.newest_statements(project).await?);
            }
            let statements = newest.get(project).map(Vec::as_slice).unwrap_or_default();
            for statement in statements {
                let epoch = statement.epoch.as_str();
                let history = batches::completed(self.db(), project, epoch).await?;
                if moved_past(&history, &key.batch, statement) {
                    done.push(key.clone());
                }
            }
        }
        Ok(done)
    }

    /// What the newest snapshot of each epoch was made of.
    async fn newest_statements(&self, project: &str) -> Result<Vec<SnapshotStatement>, UnitError> {
        let mut newest = BTreeMap::new();
        for text in snapshots::statements_of(self.db(), project).await? {
            let damaged = |_| UnitError::Store(store::Error::Damaged("snapshot.statement"));
            let statement: SnapshotStatement = serde_json::from_str(&text).map_err(damaged)?;
            newest.insert(statement.epoch.clone(), statement);
        }
        Ok(newest.into_values().collect())
    }

    /// Deliveries with rows of event years that are not kept any more, and the first that is.
    async fn past_retention(&self) -> Result<Vec<(KeptFacts, u16)>, UnitError> {
        let mut found = Vec::new();
        for kept in erasure::kept_facts(self.db()).await? {
            let Ok(dataset) = Name::new(kept.dataset.clone()) else { continue };
            // Without the dataset nothing says how long its facts are kept, nor how they read.
            let Ok(dataset) = self.policies_ref().catalogue.dataset(&dataset) else { continue };
            let from = kept_from(self.today(), dataset.retention_months);
            let first = period(&kept.period)?.from.year;
            let until = kept.kept_from.map_or(i64::from(first), |own| own.max(i64::from(first)));
            if until < i64::from(from) {
                found.push((kept, from));
            }
        }
        Ok(found)
    }

    /// Seals every chunk that names one of them anew without their rows. Repeated after a crash, it
    /// finds only what is left.
    async fn erase_subjects(&self, tombstone: &Tombstone) -> Result<(), UnitError> {
        let Tombstone { project, epoch, department, subjects } = tombstone;
        let mut chunks = 0;
        for place in erasure::chunks_of(self.db(), project, epoch, department).await? {
            let dataset = Name::new(place.dataset)?;
            let months = period(&place.period)?;
            let keep = |row: &Measures<'_>| !subjects.contains(row.subject.as_bytes());
            let gone = self.filter(&place.key, place.index, (&dataset, &months), keep).await?;
            chunks += u64::from(gone.is_some());
        }
        Ok(erasure::tombstoned(self.db(), tombstone, chunks, self.now()).await?)
    }

    async fn expire(&self, kept: &KeptFacts, from: u16) -> Result<(), UnitError> {
        let (dataset, months) = (Name::new(kept.dataset.clone())?, period(&kept.period)?);
        let (mut before, mut left) = (BTreeSet::new(), BTreeSet::new());
        let mut chunks = 0;
        for index in 0..kept.chunk_count {
            let keep = |row: &Measures<'_>| row.year >= from;
            let about = (&dataset, &months);
            if let Some(rest) = self.filter(&kept.key, index, about, keep).await? {
                before.extend(rest.before);
                left.extend(rest.left);
                chunks += 1;
            } else {
                left.extend(self.subjects(&kept.key, index, about).await?);
            }
        }
        let vanished = before.difference(&left).copied().collect();
        let done = Expired { batch: kept, kept_from: from, vanished, chunks };
        Ok(erasure::expire(self.db(), &done, self.now()).await?)
    }

    /// Seals a chunk anew without the rows that `keep` does not keep; `None` where it keeps all.
    async fn filter(
        &self,
        key: &BatchKey,
        index: u64,
        about: (&Name, &Period),
        keep: impl Fn(&Measures<'_>) -> bool,
    ) -> Result<Option<Rest>, UnitError> {
        let Some(chunk) = self.chunk(key, index, about).await? else { return Ok(None) };
        let mut rest = MeasuresChunk::new(self.policies_ref().catalogue.dataset(about.0)?);
        for row in chunk.iter().filter(|row| keep(row)) {
            rest.push(&row)?;
        }
        if rest.len() == chunk.len() {
            return Ok(None);
        }
        let bytes = |chunk: &MeasuresChunk| {
            chunk.subjects().iter().map(|own| *own.as_bytes()).collect::<BTreeSet<_>>()
        };
        let (before, left) = (bytes(&chunk), bytes(&rest));
        let body = if rest.is_empty() { Vec::new() } else { rest.encode()? };
        erasure::replace_chunk(self.db(), key, index, body).await?;
        Ok(Some(Rest { before, left }))
    }

    async fn subjects(
        &self,
        key: &BatchKey,
        index: u64,
        about: (&Name, &Period),
    ) -> Result<BTreeSet<[u8; 16]>, UnitError> {
        let chunk = self.chunk(key, index, about).await?;
        let subjects = chunk.iter().flat_map(MeasuresChunk::subjects);
        Ok(subjects.map(|own| *own.as_bytes()).collect())
    }

    async fn chunk(
        &self,
        key: &BatchKey,
        index: u64,
        (dataset, months): (&Name, &Period),
    ) -> Result<Option<MeasuresChunk>, UnitError> {
        let bytes = match batches::read_chunk(self.db(), key, index).await {
            Ok(bytes) if bytes.is_empty() => return Ok(None),
            Ok(bytes) => bytes,
            Err(store::Error::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let catalogue = &self.policies_ref().catalogue;
        Ok(Some(MeasuresChunk::decode(&bytes, catalogue, dataset, months)?))
    }
}

/// Whether a snapshot has a delivery of the same dataset that was completed after `batch`.
fn moved_past(history: &[Completed], batch: &str, statement: &SnapshotStatement) -> bool {
    let mut later = history.iter().skip_while(|own| own.batch != batch);
    let Some(own) = later.next() else { return false };
    let named = |other: &Completed| {
        statement.batches.iter().any(|named| named.batch.to_string() == other.batch)
    };
    later.any(|other| {
        own.department == other.department && own.dataset == other.dataset && named(other)
    })
}

struct Rest {
    before: BTreeSet<[u8; 16]>,
    left: BTreeSet<[u8; 16]>,
}

/// First event year that is kept on that day, where facts are kept so many months after the end of
/// theirs.
fn kept_from(today: Date, retention_months: u16) -> u16 {
    let month = i32::from(today.year()) * 12 + i32::from(today.month()) - 1;
    let year = (month - i32::from(retention_months)).div_euclid(12);
    u16::try_from(year).unwrap_or(0)
}

/// The months of a delivery, as the store keeps them.
fn period(text: &str) -> Result<Period, UnitError> {
    let read = |text: &str| -> Result<Period, SubmissionError> {
        let (from, to) = text.split_once('/').unwrap_or_default();
        Ok(Period { from: from.parse()?, to: to.parse()? })
    };
    read(text).map_err(|_| UnitError::Store(store::Error::Damaged("batch.period")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_year_is_kept_until_its_retention_ends_and_not_a_day_longer() {
        for (today, months, first) in [
            (date(2025, 12, 31), 36, 2022),
            (date(2026, 1, 1), 36, 2023),
            (date(2026, 12, 31), 36, 2023),
            (date(2026, 1, 31), 1, 2025),
            (date(2026, 2, 1), 1, 2026),
            (date(2026, 6, 30), 18, 2024),
            (date(2026, 7, 1), 18, 2025),
            (date(2026, 1, 1), 0, 2026),
        ] {
            assert_eq!(kept_from(today, months), first, "{today}, {months} months");
        }
    }
}
