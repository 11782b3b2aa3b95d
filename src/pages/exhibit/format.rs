//! The file `milchglas/exhibit/v1` that a demonstration writes.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One made-up person as every party sees them.
///
/// Serialise it with [`Exhibit::to_json`] and move the file into place in one step: the page reads
/// it anew at each request.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exhibit {
    format: String,
    synthetic: bool,
    /// The project on whose page it stands.
    pub project: String,
    /// Who it is, such as `Mia Beispiel, 7 Jahre`.
    pub title: String,
    /// The departments that know the person.
    pub offices: Vec<Office>,
    /// What the linkage unit holds.
    pub linkage: Linkage,
    /// What the statistics unit holds.
    pub statistics: Statistics,
    /// The released cells in which the person counts; the page looks up their numbers.
    pub released: Vec<Cell>,
}

/// A department and what stands in its extract.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// What a reader sees, such as `Jobcenter`.
    pub name: String,
    /// The extract's columns.
    pub columns: Vec<String>,
    /// The person's rows, as many values as columns.
    pub rows: Vec<Vec<String>>,
}

/// What the linkage unit holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linkage {
    /// The id under which it takes the deliveries for one person.
    pub person: String,
    /// One per department.
    pub deliveries: Vec<Delivery>,
    /// How similar deliveries were found; may be empty.
    #[serde(default)]
    pub similarities: Vec<Similarity>,
}

/// One subject of one batch.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The department, as among the offices.
    pub office: String,
    /// The random subject id.
    pub subject: String,
    /// Its encodings.
    pub views: Vec<View>,
}

/// One encoding.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Name of the view.
    pub name: String,
    /// The bits, hexadecimal; whole bytes, 64 to 4096 bits.
    pub bits: String,
}

/// How similar two deliveries are.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Similarity {
    /// Position among the deliveries, from 0.
    pub first: usize,
    /// Position among the deliveries, from 0.
    pub second: usize,
    /// The view that was compared.
    pub view: String,
    /// 1000 for equal encodings.
    pub per_mille: u16,
}

/// What the statistics unit holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statistics {
    /// The person id of the link map.
    pub person: String,
    /// Coded facts per dataset.
    pub facts: Vec<Facts>,
}

/// The person's rows of one dataset.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Label of the dataset.
    pub dataset: String,
    /// Labels of dimensions and measures.
    pub columns: Vec<String>,
    /// As many facts as columns.
    pub rows: Vec<Vec<Fact>>,
}

/// One coded fact.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// As it travels: the position of a key, or an amount.
    pub code: String,
    /// What it means, such as `Babenhausen` or `620 €`.
    pub label: String,
}

/// A cell of a released table.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The indicator.
    pub indicator: String,
    /// The event year.
    pub year: u16,
    /// A key per dimension.
    #[serde(default)]
    pub keys: Vec<String>,
    /// The combination of an overlap.
    #[serde(default)]
    pub datasets: Vec<String>,
}

/// An exhibit that cannot be shown. Messages name the rule, never what stood there.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ExhibitError {
    /// Too many bytes.
    #[error("an exhibit has at most 256 KiB; show fewer rows")]
    TooLarge,
    /// Not this format.
    #[error("line {line}, column {column}: not what milchglas/exhibit/v1 holds there")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Another format, or a person who is not made up.
    #[error("an exhibit is of format milchglas/exhibit/v1 and says \"synthetic\": true")]
    NotSynthetic,
    /// A rule is broken.
    #[error("the exhibit breaks its format: {0}")]
    Broken(&'static str),
}

impl Exhibit {
    /// Name and version of the format.
    pub const FORMAT: &'static str = "milchglas/exhibit/v1";
    /// Most bytes of a file.
    pub const MAX_BYTES: usize = 256 << 10;
    const MAX_TEXT: usize = 200;
    const MAX_PARTS: usize = 12;
    const MAX_COLUMNS: usize = 60;
    const MAX_ROWS: usize = 240;

    /// Takes a made-up person; there is no other kind.
    ///
    /// # Errors
    /// [`ExhibitError::Broken`].
    pub fn new(
        project: String,
        title: String,
        offices: Vec<Office>,
        linkage: Linkage,
        statistics: Statistics,
        released: Vec<Cell>,
    ) -> Result<Self, ExhibitError> {
        let format = Self::FORMAT.to_owned();
        let exhibit = Self {
            format,
            synthetic: true,
            project,
            title,
            offices,
            linkage,
            statistics,
            released,
        };
        exhibit.check()?;
        Ok(exhibit)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ExhibitError`].
    pub fn read(bytes: &[u8]) -> Result<Self, ExhibitError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(ExhibitError::TooLarge);
        }
        let exhibit: Self = serde_json::from_slice(bytes)?;
        exhibit.check()?;
        Ok(exhibit)
    }

    /// The file's content.
    ///
    /// # Errors
    /// [`ExhibitError::TooLarge`] where [`Exhibit::read`] would refuse it.
    pub fn to_json(&self) -> Result<Vec<u8>, ExhibitError> {
        let bytes = serde_json::to_vec(self)?;
        if bytes.len() > Self::MAX_BYTES { Err(ExhibitError::TooLarge) } else { Ok(bytes) }
    }

    fn check(&self) -> Result<(), ExhibitError> {
        if self.format != Self::FORMAT || !self.synthetic {
            return Err(ExhibitError::NotSynthetic);
        }
        let deliveries = &self.linkage.deliveries;
        let parts = [self.offices.len(), deliveries.len(), self.statistics.facts.len()];
        if parts.iter().any(|parts| *parts == 0 || *parts > Self::MAX_PARTS) {
            return Err(ExhibitError::Broken("offices, deliveries and facts are 1 to 12 each"));
        }
        if self.released.len() > Self::MAX_PARTS {
            return Err(ExhibitError::Broken("name at most 12 released cells"));
        }
        for text in [&self.project, &self.title, &self.linkage.person, &self.statistics.person] {
            check_text(text)?;
        }
        for office in &self.offices {
            check_text(&office.name)?;
            check_table(&office.columns, &office.rows)?;
        }
        for facts in &self.statistics.facts {
            check_text(&facts.dataset)?;
            check_table(&facts.columns, &facts.rows)?;
        }
        deliveries.iter().try_for_each(Delivery::check)?;
        let known = |at: usize| at < deliveries.len();
        if !self.linkage.similarities.iter().all(|own| {
            known(own.first) && known(own.second) && own.per_mille <= 1_000 && is_short(&own.view)
        }) {
            return Err(ExhibitError::Broken("a similarity is of two deliveries, at most 1000"));
        }
        Ok(())
    }
}

impl Delivery {
    fn check(&self) -> Result<(), ExhibitError> {
        check_text(&self.office)?;
        check_text(&self.subject)?;
        if !(1..=4).contains(&self.views.len()) {
            return Err(ExhibitError::Broken("a delivery has 1 to 4 views"));
        }
        for view in &self.views {
            check_text(&view.name)?;
            let hexadecimal = view.bits.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !(16..=1_024).contains(&view.bits.len()) || view.bits.len() % 2 == 1 || !hexadecimal
            {
                return Err(ExhibitError::Broken("bits are 8 to 512 bytes, hexadecimal"));
            }
        }
        Ok(())
    }
}

fn check_table<T>(columns: &[String], rows: &[Vec<T>]) -> Result<(), ExhibitError> {
    if columns.is_empty() || columns.len() > Exhibit::MAX_COLUMNS || rows.len() > Exhibit::MAX_ROWS
    {
        return Err(ExhibitError::Broken("a table has 1 to 60 columns and at most 240 rows"));
    }
    if rows.iter().any(|row| row.len() != columns.len()) {
        return Err(ExhibitError::Broken("a row has one value per column"));
    }
    columns.iter().try_for_each(|text| check_text(text))
}

fn check_text(text: &str) -> Result<(), ExhibitError> {
    if is_short(text) && !text.is_empty() {
        return Ok(());
    }
    Err(ExhibitError::Broken("names and ids are 1 to 200 characters"))
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= Exhibit::MAX_TEXT
}

impl From<serde_json::Error> for ExhibitError {
    fn from(error: serde_json::Error) -> Self {
        // Its text may hold a value, its place does not.
        Self::Json { line: error.line(), column: error.column() }
    }
}

/// Shows no person, not even a made-up one: logs look the same everywhere.
impl fmt::Debug for Exhibit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exhibit({} offices)", self.offices.len())
    }
}
