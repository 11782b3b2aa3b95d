//! All released cells of a unit, kept until something is released.

use std::sync::Arc;

use policy::Name;
use publication::{Dated, Document, LongTable, Names};
use statistics_unit::StatisticsUnit;
use tokio::sync::Mutex;

use super::shelf::{names, projects_of};

/// What was released, read and laid into a table.
pub(crate) struct Released {
    documents: Vec<(Document, i64)>,
    /// The cells of all projects.
    pub(crate) table: LongTable,
    /// What readers see for short names.
    pub(crate) names: Names,
}

impl Released {
    async fn of(unit: &StatisticsUnit) -> anyhow::Result<Self> {
        let policies = unit.policies();
        let mut documents = Vec::new();
        for project in projects_of(&policies).keys() {
            for own in unit.dated_releases(project).await? {
                documents.push((Document::read(&own.document)?, own.at));
            }
        }
        let names = names(&policies);
        let read = tokio::task::spawn_blocking(move || {
            let dated: Vec<Dated<'_>> = documents.iter().map(dated).collect();
            LongTable::of(&dated, &names).map(|table| Self { documents, table, names })
        });
        Ok(read.await??)
    }

    /// The documents of a project, oldest first.
    pub(super) fn documents(&self, project: &Name) -> Vec<Dated<'_>> {
        let own = self.documents.iter().map(dated);
        own.filter(|own| own.document.project == project.as_str()).collect()
    }

    /// The document at an address.
    pub(super) fn find(&self, sequence: u64, stem: &str) -> Option<Dated<'_>> {
        self.documents.iter().map(dated).find(|own| {
            own.document.ledger.sequence == sequence && own.document.file_stem() == stem
        })
    }
}

fn dated((document, at): &(Document, i64)) -> Dated<'_> {
    Dated { document, at: *at }
}

/// The table of a unit, made anew only after a release: a feed is read in many pages.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Option<(u64, Arc<Released>)>>);

impl Kept {
    /// What was released up to now.
    ///
    /// # Errors
    /// What of store or documents cannot be read.
    pub(crate) async fn of(&self, unit: &StatisticsUnit) -> anyhow::Result<Arc<Released>> {
        let mut kept = self.0.lock().await;
        // Before it is read: what is released meanwhile makes it old again.
        let version = *unit.released().borrow();
        if let Some((own, released)) = kept.as_ref()
            && *own == version
        {
            return Ok(Arc::clone(released));
        }
        let released = Arc::new(Released::of(unit).await?);
        *kept = Some((version, Arc::clone(&released)));
        Ok(released)
    }
}
