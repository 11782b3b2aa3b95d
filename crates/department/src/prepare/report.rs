//! What the department keeps about a batch beside it; holds no value of a record.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use policy::{Digest, Name};
use serde::{Deserialize, Serialize};
use submission::{BatchId, Mode, Period};

use crate::error::{Error, shown};
use crate::subjects::Counts;

/// `report.json` of a batch folder.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// `milchglas/report/1`.
    pub format: String,
    /// The project.
    pub project: Name,
    /// The epoch.
    pub epoch: Name,
    /// The sender.
    pub department: Name,
    /// The dataset.
    pub dataset: Name,
    /// The batch.
    pub batch: BatchId,
    /// What it does to earlier ones.
    pub mode: Mode,
    /// Months it covers.
    pub period: Period,
    /// Unix seconds of encoding.
    pub created_at: i64,
    /// Digest of the mapping file.
    pub mapping: Digest,
    /// Digest of the alias table, where one was used.
    pub towns: Option<Digest>,
    /// Digest of the linkage schema.
    pub schema: Digest,
    /// Digest of the catalogue.
    pub catalogue: Digest,
    /// What was read and what travels.
    pub counts: Counts,
    /// Records in quarantine by reason.
    pub quarantine: BTreeMap<String, u64>,
    /// Subjects of earlier batches that this one withdraws.
    pub withdrawn: u64,
}

impl Report {
    /// The format's name.
    pub const FORMAT: &str = "milchglas/report/1";

    /// Reads the report of a batch folder.
    ///
    /// # Errors
    /// [`Error::Batch`] where it is missing or has another form.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("report.json");
        let fail = |reason: String| Error::Batch { path: shown(folder), reason };
        let bytes = fs::read(&path).map_err(|e| fail(format!("report.json: {}", e.kind())))?;
        let report: Self = serde_json::from_slice(&bytes)
            .map_err(|e| fail(format!("report.json, line {}", e.line())))?;
        if report.format == Self::FORMAT {
            Ok(report)
        } else {
            Err(fail("report.json is of another version".into()))
        }
    }
}
