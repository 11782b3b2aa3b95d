//! The facts of one dataset and event year, person by person.

use std::ops::Range;

use super::{Column, MISSING, MONTH_BITS, NO_UNIT};

/// All rows of one dataset and event year, laid out so that a question reads forwards.
///
/// Rows stand by person, within a person in *deciding order*: the later last month, then the
/// smaller keyed rank. So the first row that knows a value decides, and a rank is kept only where
/// it is compared beyond one person or month. Rows of one rank, of which there is one in 2^64,
/// stand by their content.
pub(crate) struct YearFacts {
    /// Where the rows of each person begin, up to the last person with a row, and where all end.
    pub(super) starts: Vec<u32>,
    /// First month above, last month below [`MONTH_BITS`].
    pub(super) months: Vec<u8>,
    /// The place of each row among its person's rows by keyed rank alone.
    pub(super) by_rank: Column,
    /// The number of each row's subject among its person's subjects of the year.
    pub(super) subjects: Column,
    pub(super) codes: Vec<Column>,
    pub(super) measures: Vec<Vec<i32>>,
    /// The least rank of each person's rows.
    pub(super) least_ranks: Vec<u64>,
    /// Where the dataset names households.
    pub(super) homes: Option<Homes>,
}

/// The households of the rows.
pub(super) struct Homes {
    pub(super) units: Vec<u32>,
    /// The rank of each person's first row with a household.
    pub(super) ranks: Vec<u64>,
}

/// A row of a person.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) first_month: u8,
    pub(crate) last_month: u8,
    /// Where it stands in the columns of its year.
    pub(crate) place: usize,
}

/// The household that a person stands for, from its first row with one.
#[derive(Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) last_month: u8,
    pub(crate) rank: u64,
    pub(crate) unit: u32,
}

impl YearFacts {
    /// A year without rows.
    pub(super) fn empty(dimensions: usize, measures: usize) -> Self {
        Self {
            starts: Vec::new(),
            months: Vec::new(),
            by_rank: Column::new(),
            subjects: Column::new(),
            codes: (0..dimensions).map(|_| Column::new()).collect(),
            measures: vec![Vec::new(); measures],
            least_ranks: Vec::new(),
            homes: None,
        }
    }

    /// Where a person's rows stand, first the one that decides.
    pub(crate) fn places(&self, person: usize) -> Range<usize> {
        let ends = self.starts.get(person..).and_then(|starts| starts.first_chunk());
        let [from, to] = ends.copied().unwrap_or([0, 0]);
        widen(from)..widen(to)
    }

    /// The index behind the last person with a row.
    pub(super) fn persons(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether a person has a row.
    pub(crate) fn holds(&self, person: usize) -> bool {
        !self.places(person).is_empty()
    }

    /// A person's rows, first the one that decides.
    pub(crate) fn rows(&self, person: usize) -> impl Iterator<Item = Row> {
        let places = self.places(person);
        let months = self.months.get(places.clone()).unwrap_or_default();
        places.zip(months).map(|(place, months)| Row {
            first_month: months >> MONTH_BITS,
            last_month: months & ((1 << MONTH_BITS) - 1),
            place,
        })
    }

    /// The codes of the dimension at `position`.
    pub(crate) fn codes(&self, position: usize) -> Option<&Column> {
        self.codes.get(position)
    }

    /// A person's rows that have an amount of the measure at `position`.
    pub(crate) fn amounts(
        &self,
        person: usize,
        position: usize,
    ) -> impl Iterator<Item = (Row, i64)> {
        let column = self.measures.get(position).map_or(&[][..], Vec::as_slice);
        let own = column.get(self.places(person)).unwrap_or_default();
        let known = self.rows(person).zip(own).filter(|(_, amount)| **amount != MISSING);
        known.map(|(row, amount)| (row, i64::from(*amount)))
    }

    /// The place of a row among its person's rows by keyed rank alone.
    pub(crate) fn by_rank(&self, row: Row) -> u16 {
        self.by_rank.get(row.place)
    }

    /// The number of a row's subject among its person's subjects of the year, from 0.
    pub(crate) fn subject(&self, row: Row) -> u16 {
        self.subjects.get(row.place)
    }

    /// The least rank of a person's rows; of no meaning where it has none.
    pub(crate) fn least_rank(&self, person: usize) -> u64 {
        self.least_ranks.get(person).copied().unwrap_or(u64::MAX)
    }

    /// The household of a row.
    pub(crate) fn unit(&self, row: Row) -> Option<u32> {
        let units = &self.homes.as_ref()?.units;
        units.get(row.place).copied().filter(|unit| *unit != NO_UNIT)
    }

    /// The household that a person stands for.
    pub(crate) fn standing(&self, person: usize) -> Option<Standing> {
        let homes = self.homes.as_ref()?;
        let (row, unit) = self.rows(person).find_map(|row| Some((row, self.unit(row)?)))?;
        let rank = homes.ranks.get(person).copied()?;
        Some(Standing { last_month: row.last_month, rank, unit })
    }
}

/// A place of a row; there are at most 2^31.
pub(super) fn widen(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}
