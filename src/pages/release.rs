//! The page of one released table, with its history.

use askama::Template;
use publication::{Amount, Demand, DemandRow};

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
    /// What its rates would mean for coming years.
    pub(crate) demand: Option<DemandSection>,
}

/// Coming years, one column each.
pub(crate) struct DemandSection {
    title: String,
    years: Vec<u16>,
    lines: Vec<DemandLine>,
    assumptions: Vec<String>,
}

struct DemandLine {
    row: String,
    known: bool,
    released: String,
    /// Value and ends per year, or why there is none.
    coming: Result<Vec<[String; 3]>, String>,
}

impl DemandSection {
    /// Prepares a projection for the page.
    pub(crate) fn of(demand: &Demand) -> Self {
        let numbers =
            |own: publication::Numbers| [own.value, own.low, own.high].map(Amount::german);
        let line = |own: &DemandRow| DemandLine {
            row: own.row.clone(),
            known: own.known,
            released: own.released.map_or_else(|| "–".to_owned(), |own| own.value.german()),
            coming: match &own.coming {
                Ok(years) => Ok(years.iter().map(|year| numbers(year.numbers)).collect()),
                Err(gap) => Err(gap.german()),
            },
        };
        Self {
            title: demand.title(),
            years: demand.years.clone(),
            lines: demand.rows.iter().map(line).collect(),
            assumptions: demand.assumptions.clone(),
        }
    }
}
