//! The journal as a table, for the operator.

use serde::Serialize;

use super::folders::Place;
use super::journal::{Job, Journal, Outcome, Step};
use crate::error::Error;
use crate::settings::Settings;

/// One job. Holds the file's name: for the operator's screen, not for a log.
#[derive(Serialize)]
pub struct JobStatus {
    /// Its number.
    pub number: u64,
    /// The file's name.
    pub name: String,
    /// `inbox`, `amendments`, `withdrawals` or `database`.
    pub place: &'static str,
    /// Unix seconds at which it was taken.
    pub taken_at: i64,
    /// The dataset, once it is recognised.
    pub dataset: Option<String>,
    /// `taken`, `prepared`, `decided` or `filed`.
    pub step: &'static str,
    /// `delivered`, `duplicate` or `rejected`.
    pub outcome: Option<&'static str>,
    /// Why it was rejected or waits, a stable word.
    pub code: Option<String>,
    /// Why it waits.
    pub reason: Option<String>,
    /// Unix seconds of the next try.
    pub next_try: Option<i64>,
    /// Unix seconds at which it was filed.
    pub filed_at: Option<i64>,
}

/// Reads the journal of the station of these settings, running or not; newest job first.
///
/// # Errors
/// [`Error::Settings`] without a table `[station]`, [`Error::Journal`] for a damaged journal.
pub fn status(settings: &Settings) -> Result<Vec<JobStatus>, Error> {
    let journal = Journal::open(&settings.station()?.work.join("jobs"))?;
    Ok(journal.jobs().rev().map(JobStatus::of).collect())
}

impl JobStatus {
    pub(super) fn of(job: &Job) -> Self {
        let rejected = match job.outcome() {
            Some(Outcome::Rejected { rejection }) => Some(rejection.code.clone()),
            _ => None,
        };
        let waiting = job.waiting.as_ref();
        Self {
            number: job.number,
            name: job.name.clone(),
            place: match job.place {
                Place::Inbox => "inbox",
                Place::Amendments => "amendments",
                Place::Withdrawals => "withdrawals",
                Place::Database => "database",
            },
            taken_at: job.taken_at,
            dataset: job.plan.as_ref().map(|plan| plan.dataset.to_string()),
            step: match job.step {
                Step::Taken => "taken",
                Step::Prepared { .. } => "prepared",
                Step::Decided { .. } => "decided",
                Step::Filed { .. } => "filed",
            },
            outcome: job.outcome().map(|outcome| match outcome {
                Outcome::Delivered { .. } => "delivered",
                Outcome::Duplicate { .. } => "duplicate",
                Outcome::Rejected { .. } => "rejected",
            }),
            code: waiting.map(|waiting| waiting.code.clone()).or(rejected),
            reason: waiting.map(|waiting| waiting.reason.clone()),
            next_try: waiting.map(|waiting| waiting.next),
            filed_at: match job.step {
                Step::Filed { at_time, .. } => Some(at_time),
                _ => None,
            },
        }
    }
}
