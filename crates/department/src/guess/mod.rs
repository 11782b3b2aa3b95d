//! A first mapping for an extract that nobody has described yet.
//!
//! Header words, the form of values and the catalogue give a role to what can be told; what
//! cannot stands as `"?"`, and a mapping with such a line is refused until somebody has decided.
//! No value of an identifying column is shown; of a column with few values, those are listed that
//! occur more than once, because a code list cannot be written without them.

mod assign;
mod dataset;
mod facts;
mod line;
mod look;
mod words;
mod write;

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use policy::{Catalogue, Identifier, Name};
use ring::rand::SecureRandom;

use crate::error::{Error, shown};
use crate::mapping::{self, Decimal, TimeFormat, TimePart};
use crate::source::{Source, SourceSettings};

/// Rows that are looked at.
const ROWS: u64 = 10_000;

/// What to look at, and against what.
pub struct GuessSettings<'a> {
    /// The extract.
    pub extract: &'a Path,
    /// The sheet, where it is a workbook with several.
    pub sheet: Option<&'a str>,
    /// What may travel.
    pub catalogue: &'a Catalogue,
    /// The dataset, where it is known.
    pub dataset: Option<&'a Name>,
    /// For fingerprints that mean nothing outside this run.
    pub random: &'a dyn SecureRandom,
}

/// A mapping to correct.
pub struct Guess {
    /// The mapping as TOML, with comments in German.
    pub toml: String,
    /// The dataset, where one could be told.
    pub dataset: Option<Name>,
    /// Per column of the file, in its order.
    pub columns: Vec<GuessedColumn>,
    /// Dimensions and measures of the dataset that no column has.
    pub absent: Vec<Name>,
}

impl Guess {
    /// What a person has to decide, as the refusal of the unfinished mapping names it.
    #[must_use]
    pub fn undecided(&self) -> Vec<String> {
        mapping::undecided(&self.toml)
    }

    /// Writes the mapping to a new file.
    ///
    /// # Errors
    /// [`Error::Exists`], or [`Error::Write`].
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        let mut file = file.map_err(|e| Error::write(path, &e))?;
        file.write_all(self.toml.as_bytes()).map_err(|e| Error::write(path, &e))
    }
}

/// A column with the role it probably has.
pub struct GuessedColumn {
    /// Its name.
    pub name: String,
    /// What it probably is.
    pub role: Role,
    /// Why, in German.
    pub reason: String,
}

/// The role of a column, as far as it can be told.
#[derive(Clone, PartialEq, Eq)]
pub enum Role {
    /// Enters the encoding.
    Identifier(Identifier),
    /// A coded fact, with values as they stand in the file and the keys they probably mean.
    Dimension(Name, Vec<(String, Option<String>)>),
    /// When the fact holds.
    Time(TimePart, TimeFormat),
    /// An amount, and whether each member of a household repeats it.
    Measure(Name, Decimal, bool),
    /// The household.
    Unit,
    /// The person's case number.
    Person,
    /// A case number that is neither.
    Secret,
    /// An information block, with the values that drop and those that keep.
    Exclude(Vec<String>, Vec<String>),
    /// Nothing of the dataset needs it.
    Ignore,
    /// To be decided by a person.
    Undecided,
}

impl Role {
    /// The role as a mapping writes it; `?` where it is undecided.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Identifier(_) => "identifier",
            Self::Dimension(..) => "dimension",
            Self::Time(..) => "time",
            Self::Measure(..) => "measure",
            Self::Unit => "unit",
            Self::Person => "person",
            Self::Secret => "secret",
            Self::Exclude(..) => "exclude",
            Self::Ignore => "ignore",
            Self::Undecided => "?",
        }
    }
}

/// Reads the header and up to 10,000 rows of an extract and writes a mapping to correct.
///
/// # Errors
/// As [`Source::open`]; [`Error::NoNames`] where the first line seems to be a record: its cells
/// would become part of the mapping.
pub fn guess(settings: &GuessSettings<'_>) -> Result<Guess, Error> {
    let mut options = SourceSettings::detect();
    options.sheet = settings.sheet.map(str::to_owned);
    let mut source = Source::open(settings.extract, &options)?;
    let header = source.header().to_vec();
    if header.iter().any(|name| look::is_value(name))
        || !header.iter().any(|name| words::identifier(name).is_some())
    {
        return Err(Error::NoNames { path: shown(settings.extract) });
    }
    let mut looks = look::Looks::new(&header, settings.random)?;
    while let Some(record) = source.next_record()? {
        if record.number >= ROWS {
            break;
        }
        if !record.totals {
            looks.take(&record);
        }
    }
    if looks.rows == 0 {
        return Err(Error::HeaderOnly { path: shown(settings.extract) });
    }
    let file = settings.extract.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let ranked = dataset::rank(file, &header, &looks, settings.catalogue);
    let named = match settings.dataset {
        Some(name) => Some(settings.catalogue.dataset(name).map(|_| name.clone())?),
        None => dataset::clear(&ranked),
    };
    let assigned = assign::assign(&looks, settings.catalogue, named.as_ref())?;
    let toml = write::write(&write::Draft {
        file,
        source: &source,
        looks: &looks,
        ranked: &ranked,
        dataset: named.as_ref(),
        given: settings.dataset.is_some(),
        assigned: &assigned,
        catalogue: settings.catalogue,
        sheet: settings.sheet,
    })?;
    let columns = looks
        .columns
        .iter()
        .zip(assigned.columns)
        .map(|(look, (role, reason))| GuessedColumn { name: look.name.clone(), role, reason });
    Ok(Guess { toml, dataset: named, columns: columns.collect(), absent: assigned.absent })
}
