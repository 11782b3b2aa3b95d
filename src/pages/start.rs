//! The page of a county: what was released, how sure it is, and what it cost.

use askama::Template;

use super::rates::RowRate;
use super::{Budget, ExhibitSection, Table};

/// The page of one county of a statistics unit.
#[derive(Template)]
#[template(path = "start.html")]
pub(crate) struct StartPage {
    /// How the two units are separated, in a German sentence.
    pub(crate) separation: String,
    /// Whether every person behind it is made up; the page says so in a banner.
    pub(crate) synthetic: bool,
    /// The day on which it is made, such as `22. November 2026`.
    pub(crate) made: String,
    /// All counties of this unit.
    pub(crate) counties: Vec<CountyLink>,
    /// The county that is shown; `None` where the unit serves none.
    pub(crate) county: Option<CountySection>,
}

/// A way to the page of a county.
pub(crate) struct CountyLink {
    /// What a reader sees, such as `Landkreis Darmstadt-Dieburg`.
    pub(crate) label: String,
    /// Address of its page.
    pub(crate) address: String,
    /// Whether it is this page.
    pub(crate) current: bool,
}

/// What the page shows of a county.
pub(crate) struct CountySection {
    /// What a reader sees.
    pub(crate) label: String,
    /// Its project, as it stands in addresses.
    pub(crate) project: String,
    /// Its released tables.
    pub(crate) tables: Vec<Table>,
    /// What it spent and may spend.
    pub(crate) budget: Budget,
    /// A made-up person, in a demonstration.
    pub(crate) exhibit: Option<ExhibitSection>,
}

impl StartPage {
    /// The page as HTML.
    ///
    /// # Errors
    /// [`askama::Error`] where the template fails.
    pub(crate) fn render(&self) -> Result<String, askama::Error> {
        Template::render(self)
    }

    fn title(&self) -> String {
        match &self.county {
            Some(county) => format!("Sozialmonitoring {}", county.label),
            None => "Sozialmonitoring".to_owned(),
        }
    }
}

impl CountySection {
    /// Confidence of the intervals in percent; `None` as long as nothing was released.
    fn percent(&self) -> Option<&str> {
        self.tables.first().map(|table| table.percent.as_str())
    }

    /// Whether any table has rates.
    fn has_rates(&self) -> bool {
        self.tables.iter().any(|table| table.rate_head().is_some())
    }
}

#[cfg(test)]
mod tests;
