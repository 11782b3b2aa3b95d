//! Rows of one dataset and event year as they arrive, and how they come to their order.

use rayon::prelude::*;

use super::column::ordered;
use super::year::{Homes, YearFacts, widen};
use super::{Column, Fact, MISSING, MONTH_BITS, NO_UNIT};

/// The columns of one year in the order of arrival.
pub(super) struct Arrival {
    persons: Vec<u32>,
    subjects: Vec<u32>,
    ranks: Vec<u64>,
    months: Vec<u8>,
    units: Option<Vec<u32>>,
    codes: Vec<Column>,
    measures: Vec<Vec<i32>>,
    /// Rows of each person, up to the last one with a row.
    rows_of: Vec<u16>,
}

/// What decides where a row stands: person, months until December, rank and the place of its
/// arrival, from the highest bits to the lowest.
type Key = u128;

/// A person's index takes the 28 bits above: it is below 10^8.
const PERSON_SHIFT: u32 = 100;
const MONTH_SHIFT: u32 = 96;
const RANK_SHIFT: u32 = u32::BITS;
const DECEMBER: u8 = 12;

impl Arrival {
    pub(super) fn new(dimensions: usize, measures: usize, units: bool) -> Self {
        Self {
            persons: Vec::new(),
            subjects: Vec::new(),
            ranks: Vec::new(),
            months: Vec::new(),
            units: units.then(Vec::new),
            codes: (0..dimensions).map(|_| Column::new()).collect(),
            measures: vec![Vec::new(); measures],
            rows_of: Vec::new(),
        }
    }

    /// Takes a row of the right shape; `None` where the person has too many.
    pub(super) fn push(&mut self, fact: &Fact<'_>) -> Option<()> {
        let person = widen(fact.person);
        if self.rows_of.len() <= person {
            self.rows_of.resize(person.checked_add(1)?, 0);
        }
        let rows = self.rows_of.get_mut(person)?;
        *rows = rows.checked_add(1)?;
        self.persons.push(fact.person);
        self.subjects.push(fact.subject);
        self.ranks.push(fact.rank);
        self.months.push(fact.first_month << MONTH_BITS | fact.last_month);
        if let Some(units) = &mut self.units {
            units.push(fact.unit.unwrap_or(NO_UNIT));
        }
        for (column, code) in self.codes.iter_mut().zip(fact.codes) {
            column.push(*code);
        }
        for (column, amount) in self.measures.iter_mut().zip(fact.measures) {
            column.push(amount.map_or(MISSING, narrow));
        }
        Some(())
    }

    /// Sorts the rows by person and within a person in deciding order.
    pub(super) fn sorted(mut self) -> YearFacts {
        let starts = starts(&self.rows_of);
        let keys = self.keys();
        let by_rank = Column::of(numbered(&starts, &keys, |key| rank(*key)));
        let subject = |key: &Key| self.subjects.get(row(*key)).copied();
        let subjects = Column::of(grouped(&starts, &keys, subject));
        let least_ranks = per_person(&starts, &keys, |own| own.iter().map(|key| rank(*key)).min());
        let housed = |units: &[u32], key: &Key| units.get(row(*key)).is_some_and(|u| *u != NO_UNIT);
        let home_ranks = self.units.as_ref().map(|units| {
            let first =
                |own: &[Key]| own.iter().find(|key| housed(units, key)).map(|key| rank(*key));
            per_person(&starts, &keys, first)
        });
        let order: Vec<u32> = keys.into_par_iter().map(arrived).collect();
        let homes = self.units.take().zip(home_ranks);
        YearFacts {
            starts,
            months: ordered(&self.months, &order),
            by_rank,
            subjects,
            codes: self.codes.into_iter().map(|codes| codes.ordered(&order)).collect(),
            measures: self.measures.into_iter().map(|own| ordered(&own, &order)).collect(),
            least_ranks,
            homes: homes.map(|(units, ranks)| Homes { units: ordered(&units, &order), ranks }),
        }
    }

    /// The sorted keys; takes away what they hold.
    fn keys(&mut self) -> Vec<Key> {
        let (persons, ranks) = (std::mem::take(&mut self.persons), std::mem::take(&mut self.ranks));
        let rows = persons.into_par_iter().zip(ranks).zip(&self.months).enumerate();
        let key = |(row, ((person, rank), months)): (usize, ((u32, u64), &u8))| {
            let last = months & ((1 << MONTH_BITS) - 1);
            Key::from(person) << PERSON_SHIFT
                | Key::from(DECEMBER.saturating_sub(last)) << MONTH_SHIFT
                | Key::from(rank) << RANK_SHIFT
                | Key::from(u32::try_from(row).unwrap_or(u32::MAX))
        };
        let mut keys: Vec<Key> = rows.map(key).collect();
        keys.par_sort_unstable();
        // Arrival must decide nothing, not even between rows of one rank.
        keys.par_chunk_by_mut(|a, b| a >> RANK_SHIFT == b >> RANK_SHIFT)
            .filter(|same| same.len() > 1)
            .for_each(|same| same.sort_by_cached_key(|key| self.content(row(*key))));
        keys
    }

    /// All of a row that its key does not say.
    fn content(&self, row: usize) -> (Vec<u16>, Vec<Option<i32>>, [Option<u32>; 3]) {
        let amounts = self.measures.iter().map(|own| own.get(row).copied()).collect();
        let month = self.months.get(row).copied().map(u32::from);
        let unit = self.units.as_ref().and_then(|units| units.get(row).copied());
        let rest = [month, unit, self.subjects.get(row).copied()];
        (self.codes.iter().map(|codes| codes.get(row)).collect(), amounts, rest)
    }
}

/// Where the rows of each person begin, and where all end. There are at most 2^31.
fn starts(rows_of: &[u16]) -> Vec<u32> {
    let mut end = 0_u32;
    let ends = rows_of.iter().map(|rows| {
        end = end.saturating_add(u32::from(*rows));
        end
    });
    std::iter::once(0).chain(ends).collect()
}

/// The keys of each person's rows.
fn persons<'a>(
    starts: &'a [u32],
    keys: &'a [Key],
) -> impl IndexedParallelIterator<Item = &'a [Key]> {
    starts.par_windows(2).map(move |ends| {
        let ends = ends.first().zip(ends.last());
        ends.and_then(|(from, to)| keys.get(widen(*from)..widen(*to))).unwrap_or_default()
    })
}

fn per_person(
    starts: &[u32],
    keys: &[Key],
    of: impl Fn(&[Key]) -> Option<u64> + Sync + Send,
) -> Vec<u64> {
    persons(starts, keys).map(|own| of(own).unwrap_or(u64::MAX)).collect()
}

/// The place of each row among its person's rows by `value`, then by their order.
fn numbered<T: Ord>(
    starts: &[u32],
    keys: &[Key],
    value: impl Fn(&Key) -> T + Sync + Send,
) -> Vec<u16> {
    let places = |own: &[Key]| {
        let mut sorted: Vec<_> = own.iter().map(&value).zip(0..=u16::MAX).collect();
        sorted.sort_unstable();
        let mut places = vec![0; own.len()];
        for ((_, place), number) in sorted.into_iter().zip(0..=u16::MAX) {
            if let Some(own) = places.get_mut(usize::from(place)) {
                *own = number;
            }
        }
        places
    };
    persons(starts, keys).flat_map_iter(places).collect()
}

/// The number of each row's `value` among the different ones of its person, from the least.
fn grouped<T: Ord>(
    starts: &[u32],
    keys: &[Key],
    value: impl Fn(&Key) -> T + Sync + Send,
) -> Vec<u16> {
    let numbers = |own: &[Key]| {
        let values: Vec<T> = own.iter().map(&value).collect();
        let mut different: Vec<&T> = values.iter().collect();
        different.sort_unstable();
        different.dedup();
        let number = |value| different.binary_search(&value).unwrap_or(0);
        let numbers: Vec<u16> =
            values.iter().map(|own| u16::try_from(number(own)).unwrap_or(u16::MAX)).collect();
        numbers
    };
    persons(starts, keys).flat_map_iter(numbers).collect()
}

fn rank(key: Key) -> u64 {
    u64::try_from(key >> RANK_SHIFT & Key::from(u64::MAX)).unwrap_or(u64::MAX)
}

/// The place of arrival.
fn arrived(key: Key) -> u32 {
    u32::try_from(key & Key::from(u32::MAX)).unwrap_or(u32::MAX)
}

fn row(key: Key) -> usize {
    widen(arrived(key))
}

/// The amount within the range of a column. Every public bound lies inside that range, so the
/// clamping at aggregation gives the same value as it would for the amount itself.
fn narrow(amount: i64) -> i32 {
    let within = amount.clamp(i64::from(-i32::MAX), i64::from(i32::MAX));
    i32::try_from(within).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_amount_is_taken_for_a_gap() {
        for amount in [i64::MIN, -1_000_000_001, 0, 1_000_000_000, i64::MAX] {
            assert_ne!(narrow(amount), MISSING);
        }
        assert_eq!(narrow(999_999_999), 999_999_999);
    }

    #[test]
    fn a_key_holds_the_greatest_parts() {
        let person = crate::PersonTable::MAX_PERSONS - 1;
        let mut arrival = Arrival::new(0, 0, false);
        (arrival.persons, arrival.ranks, arrival.months) =
            (vec![person], vec![u64::MAX], vec![0x11]);
        let [key] = arrival.keys()[..] else { panic!("one row") };
        assert_eq!(key >> PERSON_SHIFT, Key::from(person));
        assert_eq!((rank(key), arrived(key)), (u64::MAX, 0));
        assert_eq!(key >> MONTH_SHIFT & 0xf, 11);
    }
}
