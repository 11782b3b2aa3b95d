//! What was released, and may be read for nothing as often as one likes.

use std::collections::BTreeMap;

use policy::{Digest, Name};
use serde::{Deserialize, Serialize};
use store::{ledger, snapshots};
use submission::{SnapshotId, SnapshotStatement};

use crate::UnitError;
use crate::unit::StatisticsUnit;

/// Which releases somebody wants to read; all where nothing is named.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseFilter {
    /// Of this indicator.
    pub indicator: Option<Name>,
    /// About this event year.
    pub year: Option<u16>,
    /// On a snapshot of this period of the schedule.
    pub period: Option<Name>,
}

/// A stored release and when it was charged.
pub struct DatedRelease {
    /// The document, as it was released.
    pub document: Vec<u8>,
    /// Unix seconds at which its charge was committed.
    pub at: i64,
}

/// A table that answers a question already.
#[derive(Debug, Serialize)]
pub struct ReleasedTable {
    /// What it cost when it was released, in nano-rho.
    pub rho_nano: u64,
    /// Half the width of its intervals, as in the document.
    pub half_width: serde_json::Value,
    /// Number of the log entry of its charge.
    pub sequence: u64,
    /// The table itself, as it was released.
    #[serde(skip)]
    pub document: Vec<u8>,
}

/// The members of a document by which it is found.
#[derive(Deserialize)]
struct Head {
    indicator: Name,
    year: u16,
    snapshot: Name,
    rho_nano: u64,
    half_width: serde_json::Value,
    ledger: Entry,
}

#[derive(Deserialize)]
struct Entry {
    sequence: u64,
}

/// A single question, as it is looked up among the released tables.
pub(crate) struct Sought<'a> {
    pub(crate) snapshot: SnapshotId,
    pub(crate) purpose: &'a Name,
    pub(crate) query: Digest,
    pub(crate) question: Digest,
    /// What another table must have cost; `None` where only the very same question counts.
    pub(crate) least_rho: Option<u64>,
}

impl StatisticsUnit {
    /// The stored releases of a project, oldest first, each document as the bytes that were
    /// released. The tables of a plan's run stand one after the other, in the order of the plan.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn releases(&self, project: &Name) -> Result<Vec<Vec<u8>>, UnitError> {
        let dated = self.dated_releases(project).await?;
        Ok(dated.into_iter().map(|own| own.document).collect())
    }

    /// As [`StatisticsUnit::releases`], each with the time of its charge.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn dated_releases(&self, project: &Name) -> Result<Vec<DatedRelease>, UnitError> {
        let mut found = Vec::new();
        let mut after = 0;
        loop {
            let page = ledger::charges(self.db(), project.as_str(), after, 1000).await?;
            let Some(last) = page.last() else { return Ok(found) };
            after = last.head.sequence;
            for charge in page.iter().filter(|charge| charge.state == ledger::State::Released) {
                let dated =
                    |own: &[u8]| DatedRelease { document: own.to_vec(), at: charge.created_at };
                found.extend(charge.documents().map(dated));
            }
        }
    }

    /// The stored releases of a project that a filter names, as [`StatisticsUnit::releases`].
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn releases_of(
        &self,
        project: &Name,
        filter: &ReleaseFilter,
    ) -> Result<Vec<Vec<u8>>, UnitError> {
        let all = self.releases(project).await?;
        let periods = match filter.period {
            Some(_) => self.periods(project).await?,
            None => BTreeMap::new(),
        };
        let mut found = Vec::new();
        for document in all {
            let head = head(&document)?;
            let wanted = filter.indicator.as_ref().is_none_or(|own| *own == head.indicator)
                && filter.year.is_none_or(|own| own == head.year)
                && filter
                    .period
                    .as_ref()
                    .is_none_or(|own| periods.get(head.snapshot.as_str()) == Some(own));
            if wanted {
                found.push(document);
            }
        }
        Ok(found)
    }

    /// Snapshot → the period by whose rule it was made.
    async fn periods(&self, project: &Name) -> Result<BTreeMap<String, Name>, UnitError> {
        let statements = self.statements(project).await?.into_iter();
        Ok(statements.filter_map(|own| Some((own.snapshot.to_string(), own.period?))).collect())
    }

    /// What the accepted snapshots of a project were made of, oldest first.
    pub(crate) async fn statements(
        &self,
        project: &Name,
    ) -> Result<Vec<SnapshotStatement>, UnitError> {
        let stored = snapshots::statements_of(self.db(), project.as_str()).await?;
        let damaged = |_| UnitError::Store(store::Error::Damaged("snapshot.statement"));
        stored.iter().map(|text| serde_json::from_str(text).map_err(damaged)).collect()
    }

    /// The released document that answers a question for nothing: the very same question's, else
    /// the most exact one of the same purpose that cost as much at least.
    pub(crate) async fn released_before(
        &self,
        sought: &Sought<'_>,
    ) -> Result<Option<Vec<u8>>, UnitError> {
        let found = ledger::best_part(
            self.db(),
            &ledger::Wanted {
                snapshot: &sought.snapshot.to_string(),
                purpose: sought.purpose.as_str(),
                query_digest: sought.query.as_bytes(),
                question: sought.question.as_bytes(),
                least_rho: sought.least_rho,
            },
        )
        .await?;
        Ok(found.and_then(|(charge, place)| charge.documents().nth(place).map(<[u8]>::to_vec)))
    }
}

impl ReleasedTable {
    pub(crate) fn of(document: &[u8]) -> Result<Self, UnitError> {
        let Head { rho_nano, half_width, ledger, .. } = head(document)?;
        let document = document.to_vec();
        Ok(Self { rho_nano, half_width, sequence: ledger.sequence, document })
    }
}

fn head(document: &[u8]) -> Result<Head, UnitError> {
    let damaged = |_| UnitError::Store(store::Error::Damaged("charge.answer"));
    serde_json::from_slice(document).map_err(damaged)
}
