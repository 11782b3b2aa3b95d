//! What the station tells its operator: numbers and words, no file name and no content.

use std::fmt;

use policy::Name;
use serde::Serialize;

/// One line of the log. A file's name may hold a person's: a job's number stands for it.
#[derive(Serialize)]
pub struct Event {
    /// Unix seconds.
    pub at: i64,
    /// The job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<u64>,
    /// Its dataset, once it is recognised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<Name>,
    /// What happened, a stable word.
    pub event: &'static str,
    /// More about it; may hold paths of this host.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = jiff::Timestamp::from_second(self.at).unwrap_or_default();
        write!(f, "time={time} event={}", self.event)?;
        if let Some(job) = self.job {
            write!(f, " job={job}")?;
        }
        if let Some(dataset) = &self.dataset {
            write!(f, " dataset={dataset}")?;
        }
        if !self.detail.is_empty() {
            // Quoted, so that no line break of an error begins a line of its own.
            write!(f, " detail={:?}", self.detail)?;
        }
        Ok(())
    }
}
