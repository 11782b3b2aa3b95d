//! Generated papers, and the program's own audits of encodings and noise.

use askama::Template;

use crate::pages::staff::Frame;
use crate::papers::{Block, Paper};

/// Which papers there are.
#[derive(Template)]
#[template(path = "staff/oversight/papers.html")]
pub(crate) struct PapersPage {
    pub(crate) frame: Frame,
    /// Name in the address, and title.
    pub(crate) papers: Vec<(&'static str, String)>,
}

/// One paper.
#[derive(Template)]
#[template(path = "staff/oversight/paper.html")]
pub(crate) struct PaperPage {
    pub(crate) frame: Frame,
    pub(crate) name: &'static str,
    pub(crate) paper: Paper,
}

/// Which audits there are.
#[derive(Template)]
#[template(path = "staff/oversight/reports.html")]
pub(crate) struct ReportsPage {
    pub(crate) frame: Frame,
    pub(crate) reports: Vec<ReportLine>,
}

/// An audit in the list.
pub(crate) struct ReportLine {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) made_on: String,
    pub(crate) measured: &'static str,
}

/// One audit.
#[derive(Template)]
#[template(path = "staff/oversight/report.html")]
pub(crate) struct ReportPage {
    pub(crate) frame: Frame,
    pub(crate) line: ReportLine,
    /// The language that it is written in.
    pub(crate) code: &'static str,
    /// Rendered from the program's own file.
    pub(crate) html: String,
}
