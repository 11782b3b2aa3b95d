//! The page of one released table, with its history.

use askama::Template;

use super::Table;
use super::rates::RowRate;

/// One table by itself, at an address that stays.
#[derive(Template)]
#[template(path = "release.html")]
pub(crate) struct ReleasePage {
    /// How the two units are separated, in a German sentence.
    pub(crate) separation: String,
    /// Whether every person behind it is made up; the page says so in a banner.
    pub(crate) synthetic: bool,
    /// The day on which it is made, such as `22. November 2026`.
    pub(crate) made: String,
    /// What a reader sees for the county.
    pub(crate) county: String,
    /// Its project, as it stands in addresses.
    pub(crate) project: String,
    /// Address of the newest release of the same question and year, where this is another one.
    pub(crate) newer: Option<String>,
    /// The table.
    pub(crate) table: Table,
}
