//! An answer on its way, or what became of it where there is no table.

use askama::Template;

use crate::pages::staff::Frame;

/// The page of one question until there is a table.
#[derive(Template)]
#[template(path = "staff/analysis/progress.html")]
pub(crate) struct ProgressPage {
    pub(crate) frame: Frame,
    /// Address of this page.
    pub(crate) address: String,
    pub(crate) state: ProgressState,
}

/// Where the question stands.
pub(crate) enum ProgressState {
    /// Tenths of a second waited and to wait; 0 where that is not known.
    Running { waited: u64, whole: u64 },
    /// Paid and without an answer: log entry and price, where they are known.
    Failed { entry: Option<(u64, String)> },
    /// Nothing was charged: what the unit says in the reader's language and in its own words.
    Refused { meaning: String, advice: String, detail: String },
}

impl ProgressPage {
    /// Tenths of a second waited and to wait.
    fn waiting(&self) -> (u64, u64) {
        match self.state {
            ProgressState::Running { waited, whole } => (waited.min(whole), whole),
            ProgressState::Failed { .. } | ProgressState::Refused { .. } => (0, 0),
        }
    }

    fn seconds_left(&self) -> u64 {
        let (waited, whole) = self.waiting();
        whole.saturating_sub(waited).div_ceil(10).max(1)
    }
}
