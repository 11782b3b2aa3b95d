//! The catalogue: what may be asked, what is known already, what a fresh answer costs.

use askama::Template;

use super::Purse;
use crate::pages::staff::Frame;

/// The catalogue of a project, with its budget at the top.
#[derive(Template)]
#[template(path = "staff/analysis/catalogue.html")]
pub(crate) struct CataloguePage {
    pub(crate) frame: Frame,
    /// The county.
    pub(crate) county: String,
    /// What is left, years first.
    pub(crate) purses: Vec<Purse>,
    /// Chapters with their indicators.
    pub(crate) chapters: Vec<Chapter>,
    /// Whether somebody may ask questions of their own, and under which address.
    pub(crate) own_question: Option<String>,
}

/// A chapter of the catalogue.
pub(crate) struct Chapter {
    /// Part of an address.
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) entries: Vec<Entry>,
}

/// One indicator.
pub(crate) struct Entry {
    /// What a reader sees; German.
    pub(crate) label: String,
    /// What it counts, in a sentence.
    pub(crate) counts: String,
    /// The usual grouping, and how many others there are.
    pub(crate) grouping: String,
    pub(crate) others: usize,
    /// What was released, newest year first, coarse groupings first.
    pub(crate) released: Vec<Released>,
    /// What a usual fresh answer costs at most, of one year's cap.
    pub(crate) share: String,
    /// How many years pay.
    pub(crate) years: usize,
    /// The query builder, filled in.
    pub(crate) address: String,
}

/// A released table.
pub(crate) struct Released {
    pub(crate) address: String,
    pub(crate) year: u16,
    /// By what it is grouped.
    pub(crate) grouping: String,
}
