//! What linkage did on synthetic counties, where the truth is known: `milchglas/calibration/1`.

mod check;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Counts of linkage on synthetic counties, under one linkage schema.
///
/// Only made-up people stand behind it, so anybody may hold it. It says nothing about a real
/// county but how linkage did where persons, departments and errors were invented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "check::Unchecked")]
pub struct Calibration {
    /// `milchglas/calibration/1`.
    format: String,
    /// The linkage schema's name.
    schema: String,
    /// Its digest: 64 lower-case hexadecimal digits.
    linkage_schema: String,
    /// The program that made the counties, with its version.
    generator: String,
    /// The datasets, ascending; pairs of them are numbered in this order.
    datasets: Vec<String>,
    /// One per synthetic county.
    runs: Vec<Run>,
}

/// One synthetic county, linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Which county was imitated, such as `06432`.
    pub county: String,
    /// Residents of all counties that were generated together.
    pub residents: u32,
    /// The generator's seed.
    pub seed: u64,
    /// Share of records with an error that was asked for, per mille.
    pub dirty_per_mille: u16,
    /// Records that were linked.
    pub records: u64,
    /// Persons as linked, by class: those of one record, then bands 0 to 7.
    pub classes: Vec<ClassCount>,
    /// Persons by pair of datasets: first with second, first with third, …, second with third, …
    pub pairs: Vec<PairCount>,
    /// Persons and records by dataset.
    pub repeated: Vec<RecordCount>,
}

/// Persons as linked, of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "[u64; 4]", into = "[u64; 4]")]
pub struct ClassCount {
    /// All of them.
    pub persons: u64,
    /// Those all of whose records are one human being's.
    pub right: u64,
    /// Pairs of records within them.
    pub links: u64,
    /// Those pairs that are one human being's.
    pub right_links: u64,
}

/// Human beings in two datasets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "[u64; 2]", into = "[u64; 2]")]
pub struct PairCount {
    /// All of them.
    pub real: u64,
    /// Those found to be one person with a record of each.
    pub found: u64,
}

/// Human beings in one dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "[u64; 2]", into = "[u64; 2]")]
pub struct RecordCount {
    /// All of them.
    pub persons: u64,
    /// Their records.
    pub records: u64,
}

impl Calibration {
    /// Name and version of the format.
    pub const FORMAT: &'static str = "milchglas/calibration/1";
    /// Most bytes of a file.
    pub const MAX_BYTES: usize = 1 << 20;
    /// Classes of persons: one record only, and the eight bands.
    pub const CLASSES: usize = 9;

    /// Takes counts as they were measured.
    ///
    /// # Errors
    /// [`Error::Calibration`] where they contradict each other or a limit.
    pub fn new(
        (schema, linkage_schema): (String, String),
        generator: String,
        datasets: Vec<String>,
        runs: Vec<Run>,
    ) -> Result<Self, Error> {
        let format = Self::FORMAT.to_owned();
        let calibration = Self { format, schema, linkage_schema, generator, datasets, runs };
        check::check(&calibration)?;
        Ok(calibration)
    }

    /// Reads a calibration.
    ///
    /// # Errors
    /// [`Error::Calibration`] that says what is wrong.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(Error::Calibration("it has more than 1 MiB; use fewer runs".into()));
        }
        serde_json::from_slice(bytes).map_err(|error| Error::Calibration(error.to_string()))
    }

    /// The digest of the linkage schema that it is about.
    #[must_use]
    pub fn linkage_schema(&self) -> &str {
        &self.linkage_schema
    }

    /// The name of that schema.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// The program that made the counties.
    #[must_use]
    pub fn generator(&self) -> &str {
        &self.generator
    }

    /// The synthetic counties.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The datasets, ascending.
    #[must_use]
    pub fn datasets(&self) -> &[String] {
        &self.datasets
    }

    /// Position of a pair of datasets among [`Run::pairs`].
    #[must_use]
    pub fn pair(&self, one: &str, other: &str) -> Option<usize> {
        let place = |name: &str| self.datasets.iter().position(|own| own == name);
        let (a, b) = (place(one)?, place(other)?);
        let (first, second) = (a.min(b), a.max(b));
        let number = pairs_before(self.datasets.len(), first) + second.checked_sub(first + 1)?;
        Some(number)
    }

    /// Human beings in two datasets, all counties together, and those found.
    #[must_use]
    pub fn pair_total(&self, pair: usize) -> PairCount {
        let counts = self.runs.iter().filter_map(|run| run.pairs.get(pair));
        counts.fold(PairCount::default(), |sum, own| PairCount {
            real: sum.real + own.real,
            found: sum.found + own.found,
        })
    }
}

/// Pairs whose first member stands before `place`, of `size` members.
fn pairs_before(size: usize, place: usize) -> usize {
    (0..place).map(|own| size - own - 1).sum()
}

impl From<[u64; 4]> for ClassCount {
    fn from([persons, right, links, right_links]: [u64; 4]) -> Self {
        Self { persons, right, links, right_links }
    }
}

impl From<ClassCount> for [u64; 4] {
    fn from(own: ClassCount) -> Self {
        [own.persons, own.right, own.links, own.right_links]
    }
}

impl From<[u64; 2]> for PairCount {
    fn from([real, found]: [u64; 2]) -> Self {
        Self { real, found }
    }
}

impl From<PairCount> for [u64; 2] {
    fn from(own: PairCount) -> Self {
        [own.real, own.found]
    }
}

impl From<[u64; 2]> for RecordCount {
    fn from([persons, records]: [u64; 2]) -> Self {
        Self { persons, records }
    }
}

impl From<RecordCount> for [u64; 2] {
    fn from(own: RecordCount) -> Self {
        [own.persons, own.records]
    }
}
