//! Early warning: what changed between periods, and what only seems to.

use askama::Template;

use crate::pages::staff::Frame;

/// All changes of a project, the strongest first.
#[derive(Template)]
#[template(path = "staff/analysis/warning.html")]
pub(crate) struct WarningPage {
    pub(crate) frame: Frame,
    /// How many are clear, and how many were compared, in all.
    pub(crate) clear: usize,
    pub(crate) compared: usize,
    /// Clear ones first, the strongest first; not all of the unclear.
    pub(crate) lines: Vec<ChangeLine>,
    /// Unclear ones that are not shown.
    pub(crate) hidden: usize,
    /// What was compared, and what was found in each.
    pub(crate) tables: Vec<ComparedTable>,
    /// Questions of which only one year was released.
    pub(crate) single: usize,
}

/// One change.
pub(crate) struct ChangeLine {
    pub(crate) label: String,
    pub(crate) row: String,
    /// `301 (2024)` and `341 (2025)`.
    pub(crate) before: String,
    pub(crate) after: String,
    /// With its sign.
    pub(crate) difference: String,
    pub(crate) interval: String,
    pub(crate) is_clear: bool,
    /// `deutlich gestiegen` or `unklar`.
    pub(crate) verdict: String,
    /// The later table.
    pub(crate) address: String,
}

/// One question whose periods were compared.
pub(crate) struct ComparedTable {
    pub(crate) label: String,
    /// What the numbers are.
    pub(crate) quantity: String,
    /// What was found and left out, in German sentences.
    pub(crate) notes: Vec<String>,
    /// Each period's table: label and address.
    pub(crate) tables: Vec<(String, String)>,
}
