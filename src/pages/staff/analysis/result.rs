//! An answer: picture, table, files to take away, and how to cite it.

use askama::Template;

use super::{Choice, Citation};
use crate::pages::Table;
use crate::pages::rates::RowRate;
use crate::pages::staff::Frame;

/// One released table.
#[derive(Template)]
#[template(path = "staff/analysis/result.html")]
pub(crate) struct ResultPage {
    pub(crate) frame: Frame,
    /// Address of this page.
    pub(crate) address: String,
    pub(crate) table: Table,
    /// What the question counts, in a sentence.
    pub(crate) counts: Option<String>,
    /// When it was charged, and who asked, as far as the reader may know.
    pub(crate) asked: String,
    /// The rows that may be cited.
    pub(crate) rows: Vec<Choice>,
    pub(crate) citation: Citation,
    /// Other tables of the same indicator: label and address.
    pub(crate) others: Vec<(String, String)>,
    /// The query builder, filled in with this question.
    pub(crate) again: Option<String>,
}
