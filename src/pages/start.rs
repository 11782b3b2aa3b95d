//! The start page: what was released, how sure it is, and what it cost.

use askama::Template;

use super::figures;
use super::table::Table;

/// The start page of a statistics unit.
#[derive(Template)]
#[template(path = "start.html")]
pub(crate) struct StartPage {
    /// Its heading.
    pub(crate) title: String,
    /// How the two units are separated, in a German sentence.
    pub(crate) separation: String,
    /// Whether every person behind it is made up; the page says so in a banner.
    pub(crate) synthetic: bool,
    /// One section per project.
    pub(crate) projects: Vec<ProjectSection>,
}

/// What the page shows of one project.
pub(crate) struct ProjectSection {
    /// What a reader sees, such as `Landkreis Darmstadt-Dieburg`.
    pub(crate) label: String,
    /// Its released tables.
    pub(crate) tables: Vec<Table>,
    /// Its lineages.
    pub(crate) lineages: Vec<Lineage>,
}

/// What one event year has spent of its cap.
pub(crate) struct Lineage {
    /// The event year.
    pub(crate) year: u16,
    /// Spent for ever, in nano-rho.
    pub(crate) spent: u64,
    /// The cap, in nano-rho.
    pub(crate) cap: u64,
}

impl StartPage {
    /// The page as HTML.
    ///
    /// # Errors
    /// [`askama::Error`] where the template fails.
    pub(crate) fn render(&self) -> Result<String, askama::Error> {
        Template::render(self)
    }

    /// Confidence of the intervals in percent; `None` as long as nothing was released.
    fn percent(&self) -> Option<&str> {
        let mut tables = self.projects.iter().flat_map(|project| &project.tables);
        tables.next().map(|table| table.percent.as_str())
    }
}

impl Lineage {
    fn per_mille(&self) -> u64 {
        figures::per_mille(self.spent, self.cap)
    }

    fn share(&self) -> String {
        figures::percent(self.per_mille())
    }

    fn spent_text(&self) -> String {
        figures::rho_rounded(self.spent)
    }

    fn cap_text(&self) -> String {
        figures::rho_rounded(self.cap)
    }
}

#[cfg(test)]
mod tests;
