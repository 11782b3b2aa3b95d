//! A released document as a reader sees it: `milchglas/release/v1`.

mod margins;
mod raw;

use std::collections::BTreeMap;

use crate::rate::{CellRate, Rate};
use crate::{Amount, Error};
pub use margins::{Effect, MarginTable, Margins, Noise, Withholding};
pub(crate) use raw::Form;
use raw::{Head, Raw};

/// A released document, checked.
///
/// It has no public constructor and no `Serialize`: what was released is the stored bytes, and
/// nothing here writes a document that looks like one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Document {
    /// What a reader sees, such as `Kinder mit Leistungen je Gemeinde`.
    pub label: String,
    /// The indicator's name.
    pub indicator: String,
    /// The purpose that allowed it.
    pub purpose: String,
    /// The project.
    pub project: String,
    /// The snapshot it was computed on.
    pub snapshot: String,
    /// Digest of the linkage schema by which the snapshot's records were compared; `None` where the
    /// statistics unit was not told.
    pub linkage_schema: Option<String>,
    /// The event year that was read and charged.
    pub year: u16,
    /// What the numbers are.
    pub kind: Kind,
    /// The kind as the document names it, finer than [`Kind`].
    pub(crate) form: Form,
    /// Whether persons or households stand behind them.
    pub counted: Counted,
    /// Per dimension the keys to which persons had to belong; `None` where the release is too old to
    /// say it.
    pub filter: Option<BTreeMap<String, Vec<String>>>,
    /// Names of what the keys of a cell are: grouping dimensions, and what divides a group.
    pub dimensions: Vec<String>,
    /// What the groups of a pooled dimension stand for, by its name.
    pub pooled: BTreeMap<String, Pooled>,
    /// The cells, in the order of the document.
    pub cells: Vec<Cell>,
    /// Probability with which an interval holds the value before the noise, such as 0.95.
    pub confidence: f64,
    /// What was told about the intervals before the charge.
    pub half_width: HalfWidth,
    /// The tables behind a document that holds totals too.
    pub margins: Option<Margins>,
    /// The noise of each vector that was drawn; empty in documents that do not say it.
    pub noise: Vec<Noise>,
    /// By which rule cells are withheld, where the purpose has one.
    pub withholding: Option<Withholding>,
    /// How the noise was drawn, such as `discrete_gaussian`.
    pub mechanism: String,
    /// What was charged, in nano-rho.
    pub rho_nano: u64,
    /// The charge as epsilon at `delta_conv_femto`.
    pub eps: f64,
    /// The public delta of that conversion, in 1e-15.
    pub delta_conv_femto: u64,
    /// What was charged beside it for keys above a threshold, in 1e-15.
    pub delta_femto: u64,
    /// Against what the noise protects.
    pub guarantee: Guarantee,
    /// SHA-256 of all policies in force, 64 hexadecimal digits.
    pub policy_digest: String,
    /// Where the charge stands in the log.
    pub ledger: LogPosition,
    /// How the two units were separated when it was made.
    pub separation: String,
    /// By what its counts were divided after the release, see [`Document::with_rates`].
    pub rate: Option<Rate>,
}

/// What the numbers of a document are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Persons or households per cell, however the cells divide them.
    Persons,
    /// Persons per combination of services, disjoint.
    Overlap,
    /// Persons by the weakest of their links, disjoint.
    LinkQuality,
    /// A mean per person or household and cell.
    Mean,
    /// A sum per cell, in whole units of a measure.
    Sum,
    /// A share per cell, in per cent; the document has parts of 1.
    Share,
    /// A quantile per cell.
    Quantiles,
}

impl Kind {
    /// Whether the numbers are whole.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.is_count() || self == Self::Sum
    }

    /// Whether persons or households are counted.
    #[must_use]
    pub fn is_count(self) -> bool {
        matches!(self, Self::Persons | Self::Overlap | Self::LinkQuality)
    }

    /// Whether the numbers are levels, which may stand on any stretch of an axis, rather than
    /// amounts from zero on.
    #[must_use]
    pub fn is_level(self) -> bool {
        matches!(self, Self::Mean | Self::Quantiles)
    }
}

/// What stands behind the numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counted {
    /// Persons.
    Persons,
    /// Households or Bedarfsgemeinschaften.
    Households,
    /// Rows that departments delivered, whoever they are about.
    Rows,
}

impl Counted {
    /// Several of them.
    #[must_use]
    pub fn german(self) -> &'static str {
        match self {
            Self::Persons => "Personen",
            Self::Households => "Haushalte",
            Self::Rows => "Einträge",
        }
    }

    /// One of them.
    #[must_use]
    pub fn one(self) -> &'static str {
        match self {
            Self::Persons => "Person",
            Self::Households => "Haushalt",
            Self::Rows => "Eintrag",
        }
    }
}

/// A dimension whose keys are groups of another one's.
#[derive(Debug)]
pub struct Pooled {
    /// The dimension whose keys are grouped.
    pub of: String,
    /// By key of a group the keys that it stands for.
    pub groups: BTreeMap<String, Vec<String>>,
}

/// One cell.
#[derive(Debug)]
#[non_exhaustive]
pub struct Cell {
    /// Key per dimension.
    pub keys: Vec<String>,
    /// Label per dimension.
    pub labels: Vec<String>,
    /// The combination of datasets of an overlap cell; else empty.
    pub datasets: Vec<String>,
    /// The numbers; `None` where they are withheld, or where there is [`Cell::at_least`] instead.
    pub numbers: Option<Numbers>,
    /// What stands at a key that passed a threshold; only documents with
    /// [`HalfWidth::Threshold`] have it, and no numbers.
    pub at_least: Option<AtLeast>,
    /// The count divided by residents; `None` where the document has no rates or the count is
    /// withheld.
    pub rate: Option<CellRate>,
    /// The whole number of 0 and more beside the unbiased one, where the document has such a table.
    pub non_negative: Option<i64>,
    /// Whether it is a total over some dimension, as are all cells with the key [`Document::TOTAL`].
    pub is_total: bool,
}

/// A value that passed a threshold. Noise may have lifted it over, so there is no interval around it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct AtLeast {
    /// The noised value.
    pub value: Amount,
    /// Lower end.
    pub low: Amount,
}

/// A value and its interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Numbers {
    /// The noised value.
    pub value: Amount,
    /// Lower end of the interval.
    pub low: Amount,
    /// Upper end of the interval.
    pub high: Amount,
}

impl Numbers {
    /// Standard deviation of the noise behind the value, of which an interval is 3.92 wide. Of the
    /// discrete Gaussian it is slightly too great, never too small.
    pub(crate) fn error(self) -> f64 {
        (self.high.position() - self.low.position()) / (2.0 * crate::quality::Z)
    }
}

/// What heads a column of the non-negative table: its numbers are biased, and it says so.
pub(crate) const NON_NEGATIVE: &str = "nicht negativ, ganzzahlig; verzerrt";

/// Half the width of the intervals, as told before the charge.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum HalfWidth {
    /// Of every cell that is no total, in persons, households or units of a measure.
    Exact(u64),
    /// Of a quantile: by how many persons the number below it may be off.
    Ranks(u64),
    /// Of a cell of a mean or share.
    Assumed {
        /// In units of the measure or in per cent; `None` where such a cell would be withheld.
        half_width: Option<f64>,
        /// Persons per cell that were assumed.
        assumed_count: u64,
        /// Noised count below which a cell is withheld.
        least_count: u64,
    },
    /// Of a key that passed a threshold; keys below are not there, and nobody learns whether they
    /// occur.
    Threshold {
        /// By how much a value may be too high, in persons.
        lower_width: u64,
        /// The noised number that a key must exceed.
        threshold: u64,
    },
}

/// Against what the noise protects.
#[derive(Debug)]
#[non_exhaustive]
pub struct Guarantee {
    /// Its kind, such as `cluster`.
    pub kind: String,
    /// The words of the statistics unit.
    pub text: String,
    /// What others than a single person lose, mildest first; empty where the document does not say
    /// it.
    pub losses: Vec<Loss>,
}

/// What somebody may lose by a release.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct Loss {
    /// Who.
    pub of: Losing,
    /// In nano-rho.
    pub rho_nano: u64,
    /// As epsilon at the public delta; `None` where the document does not say it.
    pub eps: Option<f64>,
}

impl Losing {
    /// Who that is, under a kind of guarantee.
    #[must_use]
    pub fn german(self, guarantee: &str) -> String {
        let linked = guarantee != "subject";
        match self {
            Self::Person if linked => "eine Person, wie die Verknüpfung sie sieht".to_owned(),
            Self::Person => "eine Person mit allen ihren Fällen".to_owned(),
            Self::Record => "ein geänderter Datensatz einer Person".to_owned(),
            Self::Group(size) if linked => format!(
                "eine Person, die irrtümlich als {size} Personen geführt wird, oder ein Haushalt \
                 aus {size} Personen"
            ),
            Self::Group(size) => format!(
                "eine Person mit {size}-mal so vielen Fällen, oder ein Haushalt aus {size} Personen"
            ),
        }
    }
}

/// Whose loss it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Losing {
    /// One person of the snapshot, added or removed.
    Person,
    /// One record of a person, changed.
    Record,
    /// A person whose records were linked as so many, or a household of so many.
    Group(u64),
}

/// A place in the statistics unit's log.
#[derive(Debug)]
#[non_exhaustive]
pub struct LogPosition {
    /// Number of the entry.
    pub sequence: u64,
    /// SHA-256 up to and with the entry, 64 hexadecimal digits.
    pub head: String,
}

impl Document {
    /// Name and version of the format that is read.
    pub const FORMAT: &'static str = "milchglas/release/v1";
    /// Most bytes of a document.
    pub const MAX_BYTES: usize = 64 << 20;
    /// Most cells of a document.
    pub const MAX_CELLS: usize = 100_000;
    /// The key of a total over a dimension.
    pub const TOTAL: &'static str = "*";
    /// The dimension whose keys are places: the eight digits of a municipality.
    pub const PLACE: &'static str = "municipality";

    /// Reads a released document.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::Format`] for another format or version, [`Error::Failure`] for
    /// the stored answer of a failed charge, [`Error::Json`] and [`Error::Broken`] for what the
    /// format does not allow.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(Error::TooLarge { most: Self::MAX_BYTES });
        }
        let head: Head = serde_json::from_slice(bytes)?;
        match head.format.as_str() {
            Self::FORMAT => serde_json::from_slice::<Raw>(bytes)?.check(),
            "milchglas/failure/v1" => Err(Error::Failure),
            _ => Err(Error::Format),
        }
    }
}

impl Document {
    /// The confidence of its intervals as German readers write it, without the sign: `95`.
    #[must_use]
    pub fn percent(&self) -> String {
        let percent = format!("{:.1}", self.confidence * 100.0);
        percent.strip_suffix(".0").unwrap_or(&percent).replace('.', ",")
    }

    /// The document's name among those of one charge, for addresses and files: indicator, year and
    /// grouping dimensions, parted by points, such as `children-in-benefits.2025.municipality`.
    ///
    /// No part holds a point, so two documents of a charge share it only where they answer the same
    /// question.
    #[must_use]
    pub fn file_stem(&self) -> String {
        let mut stem = format!("{}.{}", self.indicator, self.year);
        for dimension in &self.dimensions {
            stem.push('.');
            stem.push_str(dimension);
        }
        stem
    }

    /// The cells as readers compare them, with the number that a cell has in map, bars and table.
    ///
    /// Places and combinations of services: greatest value first (of the rate, where there is one),
    /// equal values in the order of the document, cells without a value last. Other groupings have an
    /// order of their own (age, duration) and keep it. Totals are not among them: a county is no place
    /// beside its municipalities.
    #[must_use]
    pub fn ranked(&self) -> Vec<(usize, &Cell)> {
        let mut cells: Vec<&Cell> = self.cells.iter().filter(|cell| !cell.is_total).collect();
        if self.is_ranked() {
            cells.sort_by(|a, b| {
                let value = |cell: &Cell| self.lead(cell).map(|numbers| numbers.value.position());
                match (value(a), value(b)) {
                    (Some(a), Some(b)) => b.total_cmp(&a),
                    (a, b) => b.is_some().cmp(&a.is_some()),
                }
            });
        }
        (1..).zip(cells).collect()
    }

    /// The cells as rows of a table, totals included: those of [`Document::ranked`] with their
    /// numbers, then the totals, where it orders by value; else all in the order of the document, in
    /// which a total follows its parts. A total has no number.
    #[must_use]
    pub fn rows(&self) -> Vec<(Option<usize>, &Cell)> {
        let ranked = || self.ranked().into_iter().map(|(number, cell)| (Some(number), cell));
        if self.is_ranked() {
            let totals = self.cells.iter().filter(|cell| cell.is_total);
            return ranked().chain(totals.map(|cell| (None, cell))).collect();
        }
        let mut number = 0;
        let row = |cell: &'_ Cell| {
            if cell.is_total {
                return None;
            }
            number += 1;
            Some(number)
        };
        let numbers: Vec<Option<usize>> = self.cells.iter().map(row).collect();
        numbers.into_iter().zip(&self.cells).collect()
    }

    /// Whether [`Document::ranked`] orders by value.
    #[must_use]
    pub fn is_ranked(&self) -> bool {
        self.kind == Kind::Overlap || self.is_of_places()
    }

    /// Whether the only dimension is the place, or one whose groups consist of places.
    #[must_use]
    pub fn is_of_places(&self) -> bool {
        let [only] = self.dimensions.as_slice() else { return false };
        only == Self::PLACE || self.pooled.get(only).is_some_and(|own| own.of == Self::PLACE)
    }

    /// The places that a cell stands for: its own, or those of its group; none where the document
    /// is not [of places](Self::is_of_places).
    #[must_use]
    pub fn places<'a>(&'a self, cell: &'a Cell) -> &'a [String] {
        let (true, [dimension], [key]) =
            (self.is_of_places(), self.dimensions.as_slice(), cell.keys.as_slice())
        else {
            return &[];
        };
        match self.pooled.get(dimension) {
            Some(pooled) => pooled.groups.get(key).map_or(&[], Vec::as_slice),
            None => cell.keys.as_slice(),
        }
    }

    /// Whether its cells have a number in a non-negative table.
    #[must_use]
    pub fn has_non_negative(&self) -> bool {
        self.cells.iter().any(|cell| cell.non_negative.is_some())
    }

    /// How many cells are withheld.
    #[must_use]
    pub fn withheld(&self) -> usize {
        let withheld = |cell: &&Cell| cell.numbers.is_none() && cell.at_least.is_none();
        self.cells.iter().filter(withheld).count()
    }

    /// Whether only keys above a threshold are shown.
    #[must_use]
    pub fn is_thresholded(&self) -> bool {
        matches!(self.half_width, HalfWidth::Threshold { .. })
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Json { line: error.line(), column: error.column() }
    }
}
