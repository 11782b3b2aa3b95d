//! What the columns of an extract mean: one TOML file per extract, shared by all counties.

mod column;
mod layout;
mod towns;
mod undecided;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use policy::{Digest, Name, PolicySet};
use serde::Deserialize;

use crate::error::{Error, shown};
use crate::source::{CellForm, SourceSettings, TextEncoding};

pub use column::{Column, Decimal, Derived, TimeFormat, TimePart, Unreadable};
pub(crate) use layout::{
    DimensionRule, DurationRule, ExcludeRule, Layout, MeasureRule, PlaceRule, TimeRule,
};
pub use towns::Towns;

/// A checked mapping. It holds no value of any record.
pub struct Mapping {
    /// Where it was read, for messages.
    pub path: String,
    /// The dataset of the catalogue.
    pub dataset: Name,
    /// Column whose values name a case in the register and the objection list.
    pub case: Option<String>,
    /// Whether a row without a time column stands for the whole period of the delivery.
    pub whole_period: bool,
    /// Dimensions and measures of the dataset that this extract does not have.
    pub absent: Vec<Name>,
    /// Every column of the file by name.
    pub columns: BTreeMap<String, Column>,
    /// Computed dimensions.
    pub derive: BTreeMap<Name, Derived>,
    /// The alias table, where a place is derived.
    pub towns: Option<Towns>,
    /// SHA-256 of the file, for the report.
    pub digest: Digest,
    source: SourceOptions,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMapping {
    version: u16,
    dataset: Name,
    #[serde(default)]
    case: Option<String>,
    #[serde(default)]
    whole_period: bool,
    #[serde(default)]
    absent: Vec<Name>,
    #[serde(default)]
    source: SourceOptions,
    columns: BTreeMap<String, Column>,
    #[serde(default)]
    derive: BTreeMap<Name, Derived>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct SourceOptions {
    delimiter: Option<char>,
    encoding: Option<TextEncoding>,
    totals: Option<Vec<String>>,
    sheet: Option<String>,
    file_limit: Option<u64>,
}

/// What stands undecided in a guessed mapping.
pub(crate) fn undecided(text: &str) -> Vec<String> {
    undecided::find(text).unwrap_or_default()
}

impl Mapping {
    /// Reads a mapping and the alias table it names.
    ///
    /// # Errors
    /// [`Error::Read`], or [`Error::Mapping`] naming place and cause.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let size = fs::metadata(path).map_err(|e| Error::read(path, &e))?.len();
        if size > PolicySet::MAX_FILE {
            let reason = format!("larger than {} bytes", PolicySet::MAX_FILE);
            return Err(Error::Mapping { path: shown(path), reason });
        }
        let text = fs::read_to_string(path).map_err(|e| Error::read(path, &e))?;
        let mut mapping = Self::from_toml(&text, &shown(path))?;
        let towns = mapping.derive.values().find_map(|derived| match derived {
            Derived::Place { towns, .. } => Some(towns.clone()),
            _ => None,
        });
        if let Some(towns) = towns {
            let folder = path.parent().unwrap_or(Path::new(""));
            mapping.towns = Some(Towns::load(&folder.join(towns))?);
        }
        Ok(mapping)
    }

    /// Reads a mapping from TOML text; `path` is only shown.
    ///
    /// # Errors
    /// [`Error::Mapping`] naming place and cause.
    pub fn from_toml(text: &str, path: &str) -> Result<Self, Error> {
        let fail = |reason: String| Error::Mapping { path: path.to_owned(), reason };
        let undecided = undecided::find(text).map_err(|e| fail(e.to_string()))?;
        if !undecided.is_empty() {
            return Err(Error::Undecided { path: path.to_owned(), places: undecided.join("; ") });
        }
        let raw: RawMapping = toml::from_str(text).map_err(|e| fail(e.to_string()))?;
        let mapping = Self {
            path: path.to_owned(),
            dataset: raw.dataset,
            case: raw.case,
            whole_period: raw.whole_period,
            absent: raw.absent,
            columns: raw.columns,
            derive: raw.derive,
            towns: None,
            digest: Digest::of(text.as_bytes()),
            source: raw.source,
        };
        match raw.version {
            1 => mapping.check().map_err(fail)?,
            other => return Err(fail(format!("version {other} is not known; use version = 1"))),
        }
        Ok(mapping)
    }

    /// How the file is to be read.
    #[must_use]
    pub fn source_settings(&self) -> SourceSettings {
        let mut settings = SourceSettings::detect();
        settings.delimiter = self.source.delimiter.and_then(|c| u8::try_from(c).ok());
        settings.encoding = self.source.encoding;
        settings.sheet.clone_from(&self.source.sheet);
        settings.columns = self.columns.keys().cloned().collect();
        settings.forms = self
            .columns
            .iter()
            .filter_map(|(name, column)| {
                let form = match column {
                    Column::Measure { decimal, .. } => CellForm::Number(*decimal),
                    Column::Time { format, .. } => CellForm::Time(*format),
                    _ => return None,
                };
                Some((name.clone(), form))
            })
            .collect();
        if let Some(totals) = &self.source.totals {
            settings.totals = totals.iter().map(|word| word.to_lowercase()).collect();
        }
        if let Some(limit) = self.source.file_limit {
            settings.limits.file = limit;
        }
        settings
    }

    /// Whether anything of a column is read.
    pub(crate) fn reads(&self, name: &str) -> bool {
        let ignored = matches!(self.columns.get(name), Some(Column::Ignore {}) | None);
        !ignored || self.derive.values().any(|derived| derived.reads(name))
    }

    fn check(&self) -> Result<(), String> {
        if self.source.delimiter.is_some_and(|c| !c.is_ascii() || matches!(c, '"' | '\n' | '\r')) {
            return Err("source.delimiter must be one ASCII character".into());
        }
        for role in ["unit", "person"] {
            if self.columns.values().filter(|column| role_name(column) == role).count() > 1 {
                return Err(format!("only one column can have the role {role}"));
            }
        }
        self.check_time()?;
        self.check_case()?;
        if !self.columns.values().any(|column| matches!(column, Column::Identifier { .. })) {
            return Err("no column has the role identifier: nothing can be linked".into());
        }
        for (name, column) in &self.columns {
            if let Column::Exclude { drop, keep } = column
                && (drop.is_empty() || drop.iter().any(|value| keep.contains(value)))
            {
                return Err(format!("column {name}: drop must name values, keep other ones"));
            }
        }
        for (name, derived) in &self.derive {
            self.check_derived(name, derived)?;
        }
        Ok(())
    }

    fn check_time(&self) -> Result<(), String> {
        let count = |wanted: TimePart| {
            let part =
                |column: &&Column| matches!(column, Column::Time { part, .. } if *part == wanted);
            self.columns.values().filter(part).count()
        };
        let (at, from, to) = (count(TimePart::At), count(TimePart::From), count(TimePart::To));
        match (at, from, to, self.whole_period) {
            (1, 0, 0, false) | (0, 1, 0 | 1, false) | (0, 0, 0, true) => Ok(()),
            (0, 0, 0, false) => {
                Err("no column has the role time: name one, or set whole_period = \
                 true if each row stands for the whole period"
                    .into())
            }
            (_, _, _, true) => Err("whole_period = true excludes time columns".into()),
            _ => Err("time is either one column `at`, or `from` with at most one `to`".into()),
        }
    }

    fn check_case(&self) -> Result<(), String> {
        let Some(case) = &self.case else { return Ok(()) };
        match self.columns.get(case) {
            Some(Column::Person {} | Column::Unit {} | Column::Secret {}) => Ok(()),
            Some(_) => Err(format!("case = {case}: its role must be person, unit or secret")),
            None => Err(format!("case = {case}: there is no such column")),
        }
    }

    fn check_derived(&self, name: &Name, derived: &Derived) -> Result<(), String> {
        let named = |column: &String| {
            let known = self.columns.get(column);
            known.ok_or_else(|| format!("derive.{name}: there is no column {column}"))
        };
        let time = |column: &String| match named(column)? {
            Column::Time { .. } => Ok(()),
            _ => Err(format!("derive.{name}: {column} must have the role time")),
        };
        match derived {
            Derived::Age { date } => named(date).map(drop),
            Derived::Place { postcode, town, towns } => {
                if Path::new(towns).components().count() != 1 {
                    return Err(format!("derive.{name}: towns must be a file beside the mapping"));
                }
                named(postcode).and(named(town)).map(drop)
            }
            Derived::Duration { since, until } => {
                time(since).and_then(|()| until.as_ref().map_or(Ok(()), time))
            }
            Derived::Codes { column, .. } => named(column).map(drop),
        }
    }
}

fn role_name(column: &Column) -> &'static str {
    match column {
        Column::Identifier { .. } => "identifier",
        Column::Dimension { .. } => "dimension",
        Column::Time { .. } => "time",
        Column::Measure { .. } => "measure",
        Column::Unit {} => "unit",
        Column::Person {} => "person",
        Column::Exclude { .. } => "exclude",
        Column::Secret {} => "secret",
        Column::Ignore {} => "ignore",
    }
}

impl Column {
    /// The role as the mapping writes it.
    #[must_use]
    pub fn role(&self) -> &'static str {
        role_name(self)
    }
}
