//! What was asked and released, newest first, with what it cost.

use askama::Template;

use crate::pages::staff::Frame;

/// The history of a project, as one reader may see it.
#[derive(Template)]
#[template(path = "staff/analysis/history.html")]
pub(crate) struct HistoryPage {
    pub(crate) frame: Frame,
    pub(crate) lines: Vec<HistoryLine>,
    /// Number of this page of the history, from 1 on, and of the last.
    pub(crate) page: usize,
    pub(crate) pages: usize,
}

/// One charge.
pub(crate) struct HistoryLine {
    /// Number of its log entry.
    pub(crate) sequence: u64,
    /// Day, or only the month of what somebody else asked.
    pub(crate) when: String,
    /// Who asked, in words.
    pub(crate) who: String,
    pub(crate) outcome: Outcome,
    /// Of the cap of a year.
    pub(crate) share: String,
    pub(crate) rho: String,
    /// The years that paid.
    pub(crate) years: String,
}

/// What became of it.
pub(crate) enum Outcome {
    /// Label and address of each table.
    Tables(Vec<(String, String)>),
    /// What was asked, and why there is no table.
    None(String, String),
}
