//! Whose numbers they are. Stays with them wherever they are shown.

use jiff::civil::Date;

use super::fault;
use crate::Error;

/// Origin, licence and dates of public numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// What was taken, such as a table's title.
    pub title: String,
    /// Who published it.
    pub publisher: String,
    /// Its licence, such as `dl-de/by-2-0`.
    pub licence: String,
    /// The words by which the licence wants the publisher named.
    pub attribution: String,
    /// Number of the table at the publisher; empty where it has none.
    pub table: String,
    /// The day on which it was fetched.
    pub retrieved: Date,
    /// The day whose knowledge it has, or whose boundaries, as the publisher says it.
    pub status: Option<Date>,
}

/// Longest text of a source, in characters.
const MOST: usize = 300;

impl Source {
    /// A source with all that a licence asks for.
    ///
    /// # Errors
    /// [`Error::Population`] naming what is empty, overlong or not printable.
    pub fn new(
        [title, publisher, licence, attribution]: [&str; 4],
        table: &str,
        retrieved: Date,
        status: Option<Date>,
    ) -> Result<Self, Error> {
        let told = [
            ("source", title),
            ("publisher", publisher),
            ("licence", licence),
            ("attribution", attribution),
        ];
        for (name, text) in told {
            if text.trim().is_empty() {
                return Err(fault(
                    0,
                    format!("`{name}` is empty; without it the numbers must not be shown"),
                ));
            }
        }
        for (name, text) in told.into_iter().chain([("table", table)]) {
            if text.chars().count() > MOST || text.contains(char::is_control) {
                return Err(fault(
                    0,
                    format!("`{name}` is one printable line of at most {MOST} characters"),
                ));
            }
        }
        let own = |text: &str| text.trim().to_owned();
        Ok(Self {
            title: own(title),
            publisher: own(publisher),
            licence: own(licence),
            attribution: own(attribution),
            table: own(table),
            retrieved,
            status,
        })
    }

    /// Whom to name for what: attribution, title and table.
    #[must_use]
    pub fn named(&self) -> String {
        let mut text = format!("{}: {}", self.attribution, self.title);
        if !self.table.is_empty() {
            text.push_str(&format!(" (Tabelle {})", self.table));
        }
        text
    }

    /// The day of the download, as German readers write it.
    #[must_use]
    pub fn retrieved_words(&self) -> String {
        day(self.retrieved)
    }

    /// Everything in a line for readers, without a full stop at its end.
    #[must_use]
    pub fn german(&self) -> String {
        let mut text = self.named();
        if !self.attribution.contains(&self.publisher) {
            text.push_str(&format!("; herausgegeben von {}", self.publisher));
        }
        text.push_str(&format!("; Lizenz {}", self.licence));
        if let Some(status) = self.status {
            text.push_str(&format!("; Stand {}", day(status)));
        }
        text.push_str(&format!("; abgerufen am {}", day(self.retrieved)));
        text
    }
}

/// A day as German readers write it.
fn day(date: Date) -> String {
    format!("{:02}.{:02}.{}", date.day(), date.month(), date.year())
}
