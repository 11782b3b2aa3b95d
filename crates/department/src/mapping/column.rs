//! What a mapping says about one column.

use std::collections::BTreeMap;

use policy::{Identifier, Name};
use serde::Deserialize;

/// The role of a column. A column without one is refused.
#[derive(Deserialize)]
#[serde(tag = "role", rename_all = "lowercase", deny_unknown_fields)]
pub enum Column {
    /// Enters the encoding and never travels.
    Identifier {
        /// Which one.
        identifier: Identifier,
        /// Whether it may differ between rows of the same person; by default the address may.
        #[serde(default)]
        changes: Option<bool>,
        /// Whether a row without it goes to quarantine; by default the surname.
        #[serde(default)]
        required: Option<bool>,
        /// What becomes of a row whose date of birth no calendar has.
        #[serde(default)]
        unreadable: Unreadable,
        /// Other spellings of coded values, such as `1 = "m"`.
        #[serde(default)]
        codes: BTreeMap<String, String>,
    },
    /// A coded fact.
    Dimension {
        /// The dimension of the catalogue.
        dimension: Name,
        /// Value in the file → key of the catalogue.
        #[serde(default)]
        codes: BTreeMap<String, String>,
        /// Key for every other value; without it other values go to quarantine.
        #[serde(default)]
        otherwise: Option<String>,
    },
    /// When the fact holds.
    Time {
        /// Which end of the period.
        part: TimePart,
        /// How it is written.
        format: TimeFormat,
    },
    /// An amount.
    Measure {
        /// The measure of the dataset.
        measure: Name,
        /// The decimal sign; a comma where missing.
        #[serde(default)]
        decimal: Decimal,
        /// Whether each row of a household repeats the household's amount; it then stands on one.
        #[serde(default)]
        per_unit: bool,
        /// Least plausible value in the file; rows below go to quarantine.
        #[serde(default)]
        least: Option<i64>,
        /// Greatest plausible value in the file; rows above go to quarantine.
        #[serde(default)]
        most: Option<i64>,
    },
    /// The household or Bedarfsgemeinschaft.
    Unit {},
    /// The person's own case number.
    Person {},
    /// An information block or objection.
    Exclude {
        /// Values that drop the person.
        drop: Vec<String>,
        /// Values that do not; any other goes to quarantine.
        keep: Vec<String>,
    },
    /// Known, and read at most to find a case in the register.
    Secret {},
    /// Known and not read.
    Ignore {},
}

/// What becomes of a row whose date of birth cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unreadable {
    /// It goes to quarantine, for the department to correct.
    #[default]
    Quarantine,
    /// It is encoded with what is readable; for files that nobody can correct any more.
    Keep,
}

/// Which end of a fact's period a column tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimePart {
    /// The one month of the fact.
    At,
    /// Its first month.
    From,
    /// Its last month; an empty cell means that it goes on.
    To,
    /// A date that only a duration is counted from.
    Since,
}

/// How a month or date is written.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum TimeFormat {
    /// `2024-03`
    #[serde(rename = "yyyy-mm")]
    YearMonth,
    /// `03.2024`
    #[serde(rename = "mm.yyyy")]
    MonthYear,
    /// `31.03.2024`
    #[serde(rename = "dd.mm.yyyy")]
    German,
    /// `2024-03-31`
    #[serde(rename = "yyyy-mm-dd")]
    Iso,
}

/// The decimal sign of a column; the other sign separates thousands.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Decimal {
    /// `1.234,50`
    #[default]
    #[serde(rename = ",")]
    Comma,
    /// `1,234.50`
    #[serde(rename = ".")]
    Point,
}

/// A dimension that is computed from other columns, in the department only.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Derived {
    /// Age class at 31 December of the event year.
    Age {
        /// Column of the date of birth.
        date: String,
    },
    /// Municipality key from postcode and town, where no column gives it.
    Place {
        /// Column of the postcode.
        postcode: String,
        /// Column of the town.
        town: String,
        /// Alias table `town;postcode;ags`, beside the mapping.
        towns: String,
    },
    /// Class of months between two dates.
    Duration {
        /// Column with the role `time` where counting begins.
        since: String,
        /// Column with the role `time` where it ends; where missing or empty, the fact's last
        /// month in the year.
        #[serde(default)]
        until: Option<String>,
    },
    /// A second use of a column that has another role, such as sex.
    Codes {
        /// The column.
        column: String,
        /// Value in the file → key of the catalogue.
        codes: BTreeMap<String, String>,
        /// Key for every other value; without it other values go to quarantine.
        #[serde(default)]
        otherwise: Option<String>,
    },
}

impl Derived {
    /// Whether it is computed from this column, among others.
    pub(crate) fn reads(&self, name: &str) -> bool {
        match self {
            Self::Age { date: column } | Self::Codes { column, .. } => column == name,
            Self::Place { postcode, town, .. } => postcode == name || town == name,
            Self::Duration { since, until } => {
                since == name || until.as_ref().is_some_and(|until| until == name)
            }
        }
    }
}
