//! What needs the officer now.

use askama::Template;

use crate::pages::staff::Frame;

/// The page.
#[derive(Template)]
#[template(path = "staff/oversight/overview.html")]
pub(crate) struct OverviewPage {
    pub(crate) frame: Frame,
    pub(crate) tasks: Vec<Task>,
    /// Where the log stands: number and sixteen letters.
    pub(crate) head: String,
}

/// Something that is in order, or is not.
pub(crate) struct Task {
    pub(crate) title: &'static str,
    /// Whether somebody has to do something.
    pub(crate) open: bool,
    pub(crate) says: String,
    /// Where it is done: address and words.
    pub(crate) link: Option<(String, &'static str)>,
}

impl OverviewPage {
    fn open(&self) -> usize {
        self.tasks.iter().filter(|own| own.open).count()
    }
}
