//! A typed question; there is no free query language over raw data.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Femto, Name};

/// A question about the persons of one event year in one frozen snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// What is computed.
    pub compute: QueryKind,
    /// What is counted: persons, or the households that a dataset names.
    #[serde(default, skip_serializing_if = "CountedUnit::is_person")]
    pub unit: CountedUnit,
    /// From which distribution the noise comes.
    #[serde(default, skip_serializing_if = "Mechanism::is_gaussian")]
    pub mechanism: Mechanism,
    /// Months of the event year in which a row counts as presence, for `persons` and `overlap`; the
    /// whole year where none are named. A person's values stay those of the event year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<MonthSpan>,
    /// Keys to which a person's value must belong, per dimension.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filter: BTreeMap<Name, Vec<String>>,
    /// Dimensions whose public keys form the cells; empty for one cell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<Name>,
    /// Which of them have a total too, such as the county above its municipalities. Detail and
    /// totals are measured together and made to add up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub margins: Vec<Name>,
}

/// What a question counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountedUnit {
    /// Persons, as linked.
    #[default]
    Person,
    /// Households or Bedarfsgemeinschaften, as the one dataset asked about names them. A household
    /// has the values of its reference person: the member whose row is the latest of the year.
    Household,
}

/// From which distribution the noise of an answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mechanism {
    /// The discrete Gaussian, calibrated by the L2 sensitivity.
    #[default]
    Gaussian,
    /// The discrete Laplace, calibrated by the L1 sensitivity; for plain counts and sums only.
    Laplace,
}

/// Months of a year, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MonthSpan {
    /// First month, 1 to 12.
    pub from: u8,
    /// Last month, `from` to 12.
    pub to: u8,
}

/// What a query computes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum QueryKind {
    /// Number of persons with at least one row in any of the datasets; or of households in one.
    Persons {
        /// Datasets of which one suffices.
        datasets: Vec<Name>,
    },
    /// Number of persons per combination of datasets: 2^k − 1 disjoint cells.
    Overlap {
        /// Two to eight datasets.
        datasets: Vec<Name>,
    },
    /// Number of persons per key of a dimension of the rows: a person counts once for each key that
    /// any of its rows of the year has, for `most` of them at most.
    Cases {
        /// The dataset.
        dataset: Name,
        /// A dimension that it delivers, such as the form of an assistance.
        dimension: Name,
        /// The keys that count; all public ones where none is named.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        keys: Vec<String>,
        /// Most keys for which one person counts, chosen by keyed hash.
        most: u8,
    },
    /// Mean of a person's value of one measure, over the persons who have one.
    ///
    /// A person's value is the one of the latest month of the year, ties by keyed hash. A
    /// household's is the sum of its members' in its latest month.
    Mean {
        /// The dataset.
        dataset: Name,
        /// The measure within it.
        measure: Name,
        /// Public guess of the number of persons per cell, used only to tell the width beforehand.
        assumed_count: u64,
    },
    /// Sum over persons of what all rows of the year amount to.
    Sum {
        /// The dataset.
        dataset: Name,
        /// The measure within it.
        measure: Name,
        /// Whether a row's amount is one of each of its months, rather than of the row.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        per_month: bool,
        /// Most that one person adds, in units of the measure.
        cap: i64,
    },
    /// Number of persons per class of one measure; a person's value is that of a mean.
    Histogram {
        /// The dataset.
        dataset: Name,
        /// The measure within it.
        measure: Name,
        /// Public ends of the classes, ascending, from the measure's lower to its upper bound. A
        /// class includes its lower end, the last one its upper end too.
        edges: Vec<i64>,
    },
    /// Quantiles of a person's value, read off a noised histogram on a public grid.
    Quantiles {
        /// The dataset.
        dataset: Name,
        /// What is measured, on which grid.
        of: Scale,
        /// Which quantiles, in thousandths, ascending: 500 is the median.
        per_mille: Vec<u16>,
    },
    /// Number of persons per state some years before and state in the event year; both years are
    /// read and charged.
    ///
    /// A person is in the first state listed that it fits, else in none of them.
    Transition {
        /// One to eight states.
        states: Vec<State>,
        /// Years between the two.
        years: u8,
    },
    /// Share of those who are also `with` among those who are `of`.
    Share {
        /// Who is looked at.
        of: Members,
        /// Who of them counts.
        with: Members,
        /// Public guess of the number of persons per cell, used only to tell the width beforehand.
        assumed_count: u64,
    },
    /// Number of persons per dataset and quarter of their first new entry of the year: the first
    /// month with a row after at least `gap_months` without one. Also the year's total.
    Entries {
        /// One to eight datasets.
        datasets: Vec<Name>,
        /// Months without a row before an entry; also those of earlier years are read and charged.
        gap_months: u8,
        /// Most datasets for which one person counts, chosen by keyed hash.
        most: u8,
    },
    /// Number of persons with a row of the year in any of the datasets, by the band of the weakest
    /// link that was accepted to make the person; those known by one record only are a class of
    /// their own. Links are taken as given, so that the event year alone is read and charged.
    LinkQuality {
        /// Datasets of which one suffices.
        datasets: Vec<Name>,
    },
    /// Share of those who had a row in any of `before` among the persons new in `dataset`.
    PriorContact {
        /// The dataset that they entered in the event year.
        dataset: Name,
        /// Months without a row in it before an entry.
        gap_months: u8,
        /// The datasets of an earlier contact.
        before: Vec<Name>,
        /// Months before the month of entry in which a contact counts; read and charged too.
        months: u8,
        /// Public guess of the number of entries per cell, used only to tell the width beforehand.
        assumed_count: u64,
    },
    /// Number of persons per dataset and quarter in which they had a row, and per dataset in the
    /// year. A person counts in every quarter that it was there, and once in the year.
    Series {
        /// One to eight datasets.
        datasets: Vec<Name>,
        /// Most datasets for which one person counts, chosen by keyed hash.
        most: u8,
    },
    /// Number of persons per key of a private dimension; only keys whose noised number passes a
    /// threshold are shown, so that which keys occur stays private.
    Sparse {
        /// Datasets of which one suffices.
        datasets: Vec<Name>,
        /// The private dimension.
        dimension: Name,
        /// Greatest chance, in 1e-15, that a key of a single person is shown; charged beside rho.
        threshold_delta_femto: Femto,
    },
    /// Sum over rows, or their number, without any bound across datasets: at most so many rows of
    /// each subject, each clamped, before linkage. It protects whatever linkage did.
    SubjectSum {
        /// One to eight datasets with their bounds.
        parts: Vec<SubjectPart>,
    },
}

/// What one dataset adds to a sum over subjects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectPart {
    /// The dataset.
    pub dataset: Name,
    /// The measure within it; rows are counted where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Name>,
    /// Whether a row's amount is one of each of its months, rather than of the row.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub per_month: bool,
    /// Most rows of a subject that count, chosen by keyed rank.
    pub rows: u16,
    /// Most that one row adds, in units of the measure; 1 where rows are counted.
    #[serde(default = "one_unit", skip_serializing_if = "is_one")]
    pub cap: i64,
    /// Most subjects that one person has in the dataset and year: one per delivery that covers it.
    #[serde(default = "one_subject", skip_serializing_if = "is_one")]
    pub subjects: u8,
}

fn one_unit() -> i64 {
    1
}

fn one_subject() -> u8 {
    1
}

fn is_one<N: From<u8> + PartialEq>(number: &N) -> bool {
    *number == N::from(1)
}

/// Persons with a row of the year in any of the datasets and with values among the keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Members {
    /// Datasets of which one suffices.
    pub datasets: Vec<Name>,
    /// Keys to which a person's value must belong, per dimension.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filter: BTreeMap<Name, Vec<String>>,
}

/// A state in which a person can be in a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Its key in the release; `none` is taken.
    pub id: Name,
    /// What a reader sees.
    pub label: String,
    /// Datasets of which one suffices.
    pub datasets: Vec<Name>,
    /// Keys to which a person's value of that year must belong, per dimension.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filter: BTreeMap<Name, Vec<String>>,
}

/// What quantiles are taken of, on which public grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Scale {
    /// A measure, in classes between ascending ends from its lower to its upper bound.
    Measure {
        /// The measure within the dataset.
        name: Name,
        /// The ends of the classes.
        edges: Vec<i64>,
    },
    /// A dimension whose keys are classes of whole numbers, such as `06-11` and `36+`.
    Classes {
        /// The dimension.
        dimension: Name,
        /// Where the open last class ends; nobody's value is greater.
        end: i64,
    },
}

impl QueryKind {
    /// Dataset and measure in whose unit the numbers of an answer stand; none for counts and shares.
    #[must_use]
    pub fn measure(&self) -> Option<(&Name, &Name)> {
        match self {
            Self::Mean { dataset, measure, .. } | Self::Sum { dataset, measure, .. } => {
                Some((dataset, measure))
            }
            Self::Quantiles { dataset, of: Scale::Measure { name, .. }, .. } => {
                Some((dataset, name))
            }
            Self::SubjectSum { parts } => {
                parts.iter().find_map(|part| Some((&part.dataset, part.measure.as_ref()?)))
            }
            _ => None,
        }
    }
}

impl CountedUnit {
    /// Whether persons are counted.
    #[must_use]
    pub fn is_person(&self) -> bool {
        *self == Self::Person
    }
}

impl Mechanism {
    /// Whether it is the usual one.
    #[must_use]
    pub fn is_gaussian(&self) -> bool {
        *self == Self::Gaussian
    }
}
