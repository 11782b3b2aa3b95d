//! Made-up facts at the size of a big city: every person in every service in every month.

use crate::generator::nth;
use std::time::{Duration, Instant};

use policy::{Catalogue, Dataset, Name, UNKNOWN_CODE};
use statistics::{DatasetFacts, Error, Fact, PersonTable};

/// First event year.
pub const FIRST_YEAR: u16 = 2024;
/// Last event year.
pub const LAST_YEAR: u16 = 2025;
/// Rows per person and service, one per month.
pub const MONTHS: u32 = 24;

/// A table with what it took.
pub struct Built {
    /// The table.
    pub table: PersonTable,
    /// Its rows.
    pub rows: u64,
    /// Making rows up and handing them over, on one core.
    pub taking: Duration,
    /// Bringing them into their order, on all cores of the pool.
    pub sorting: Duration,
}

/// The facts of `persons` persons in every dataset of a catalogue.
///
/// Rows arrive in the worst order: month by month, persons scattered, so that no two rows of a
/// person are near each other. Ranks are mixed numbers; what keyed ones cost is measured apart.
///
/// # Errors
/// As [`PersonTable::new`].
pub fn table(catalogue: &Catalogue, snapshot: Name, persons: u32) -> Result<Built, Error> {
    let (mut taking, mut sorting, mut rows) = (Duration::ZERO, Duration::ZERO, 0);
    let mut datasets = Vec::new();
    for (name, dataset) in &catalogue.datasets {
        let began = Instant::now();
        let mut builder = DatasetFacts::builder(name.clone(), dataset);
        let mut row = Row::new(catalogue, dataset);
        for month in 0..MONTHS {
            for turn in 0..persons {
                builder.push(&row.of(scattered(turn, persons), month))?;
            }
        }
        rows += u64::from(MONTHS) * u64::from(persons);
        builder.delivered(((FIRST_YEAR, 1), (LAST_YEAR, 12)));
        taking += began.elapsed();
        let began = Instant::now();
        datasets.push(builder.finish());
        sorting += began.elapsed();
    }
    let table = PersonTable::new(snapshot, persons, FIRST_YEAR..=LAST_YEAR, datasets)?;
    Ok(Built { table, rows, taking, sorting })
}

/// One row at a time of a dataset.
struct Row<'a> {
    dataset: &'a Dataset,
    /// Number of keys of each dimension, and whether a person keeps its value.
    keys: Vec<(u64, bool)>,
    codes: Vec<u16>,
    amounts: Vec<Option<i64>>,
}

impl<'a> Row<'a> {
    fn new(catalogue: &'a Catalogue, dataset: &'a Dataset) -> Self {
        let keys = |dimension| {
            let declared = catalogue.dimensions.get(dimension);
            declared.map_or((0, false), |own| (own.keys.len() as u64, own.attribute_from.len() > 1))
        };
        Self {
            dataset,
            keys: dataset.dimensions.iter().map(keys).collect(),
            codes: vec![UNKNOWN_CODE; dataset.dimensions.len()],
            amounts: vec![None; dataset.measures.len()],
        }
    }

    fn of(&mut self, person: u32, month: u32) -> Fact<'_> {
        let random = nth(u64::from(person) << 32 | u64::from(month));
        for (place, ((keys, kept), code)) in (0..).zip(self.keys.iter().zip(&mut self.codes)) {
            let own = if *kept { nth(u64::from(person)) } else { random };
            // One row in fifty does not know, one in fifty knows otherwise than the others.
            *code = match (random >> (place * 4)) % 50 {
                0 => UNKNOWN_CODE,
                1 => (random % keys) as u16,
                _ => ((own >> (place * 8)) % keys) as u16,
            };
        }
        for (measure, amount) in self.dataset.measures.iter().zip(&mut self.amounts) {
            let range = measure.lower.abs_diff(measure.upper) + 1;
            *amount = Some(measure.lower + (random % range) as i64);
        }
        let first = (month % 12) as u8 + 1;
        Fact {
            person,
            subject: person,
            rank: random,
            year: FIRST_YEAR + (month / 12) as u16,
            first_month: first,
            last_month: first,
            unit: self.dataset.unit.then_some(person / 2),
            codes: &self.codes,
            measures: &self.amounts,
        }
    }
}

/// Where a stride that shares no factor with most numbers leads; every person once where it shares
/// none with their number either.
fn scattered(turn: u32, persons: u32) -> u32 {
    const STRIDE: u64 = 2_147_483_647;
    (u64::from(turn) * STRIDE % u64::from(persons)) as u32
}
