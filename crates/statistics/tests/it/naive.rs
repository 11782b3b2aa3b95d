//! A county of invented rows, and answers to queries computed person by person and row by row.
//!
//! It shares nothing with the crate but the catalogue and the order of decisions that
//! `docs/formats/release.md` and the catalogue promise.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use policy::{
    Catalogue, CountedUnit, Digest, Name, Purpose, Query, QueryKind, Scale, SubjectPart,
    UNKNOWN_CODE,
};
use statistics::{DatasetFacts, Fact, Links, PersonTable, RankKey};

use crate::county::name;

pub(crate) const YEAR: u16 = 2025;
const FIRST_YEAR: u16 = 2022;
const PERSONS: u32 = 6_000;

struct Row {
    dataset: Name,
    rank: u64,
    year: u16,
    first: u8,
    last: u8,
    unit: Option<u32>,
    codes: Vec<u16>,
    amounts: Vec<Option<i64>>,
}

/// Rows per person.
pub(crate) struct County<'a> {
    catalogue: &'a Catalogue,
    persons: Vec<Vec<Row>>,
}

/// What persons or households contribute to each cell, under its keys and datasets.
pub(crate) type Contributions = BTreeMap<Vec<String>, Vec<f64>>;

/// Marsaglia's xorshift64: the same county every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % below
    }

    fn code(&mut self, usual: u64, keys: usize) -> u16 {
        let code = match self.roll(100) {
            0..2 => return UNKNOWN_CODE,
            2..8 => self.roll(keys as u64),
            _ => usual % keys as u64,
        };
        u16::try_from(code).unwrap()
    }
}

impl<'a> County<'a> {
    pub(crate) fn new(catalogue: &'a Catalogue) -> Self {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let key = RankKey::take(&mut [9; 32]);
        let mut persons = Vec::new();
        for person in 0..PERSONS {
            let mut rows = Vec::new();
            for (place, dataset) in (0_u8..).zip(catalogue.datasets.keys()) {
                let spells = [0, 0, 0, 1, 1, 2][dice.roll(6) as usize];
                for _ in 0..spells {
                    spell(&mut rows, &mut dice, catalogue, (person, dataset));
                }
                let mut subject = [place; 16];
                subject[..4].copy_from_slice(&person.to_be_bytes());
                for (number, row) in (0..).zip(rows.iter_mut().filter(|r| r.dataset == *dataset)) {
                    row.rank = key.rank(&subject, number);
                }
            }
            persons.push(rows);
        }
        Self { catalogue, persons }
    }

    pub(crate) fn table(&self) -> PersonTable {
        let mut datasets = Vec::new();
        for (dataset, declared) in &self.catalogue.datasets {
            let mut builder = DatasetFacts::builder(dataset.clone(), declared);
            for (person, rows) in (0..).zip(&self.persons) {
                for row in rows.iter().filter(|row| row.dataset == *dataset) {
                    let fact = Fact {
                        person,
                        subject: person,
                        rank: row.rank,
                        year: row.year,
                        first_month: row.first,
                        last_month: row.last,
                        unit: row.unit,
                        codes: &row.codes,
                        measures: &row.amounts,
                    };
                    builder.push(&fact).unwrap();
                }
            }
            builder.delivered(((FIRST_YEAR, 1), (YEAR, 12)));
            datasets.push(builder.finish());
        }
        let lines =
            (0..PERSONS).flat_map(|own| std::iter::repeat_n((own, band(own)), records(own)));
        let links = Links::of_lines(Digest::of(b"schema"), PERSONS, lines).unwrap();
        let table =
            PersonTable::new(name("snapshot-1"), PERSONS, FIRST_YEAR..=YEAR, datasets).unwrap();
        table.with_links(links).unwrap()
    }

    /// What stands in each cell of a query about [`YEAR`].
    pub(crate) fn answer(&self, query: &Query, purpose: &Purpose) -> Contributions {
        let mut cells = Contributions::new();
        if query.unit == CountedUnit::Household {
            for (reference, amount) in self.households(query) {
                if let Some(group) = self.group(reference, query, purpose, &[YEAR]) {
                    let value = match &query.compute {
                        QueryKind::Mean { .. } => amount,
                        _ => self.person(reference, query).into_iter().next().map(|own| own.1),
                    };
                    cells.entry(group).or_default().extend(value);
                }
            }
            return cells;
        }
        if let QueryKind::SubjectSum { parts } = &query.compute {
            return self.subject_sum(query, purpose, parts);
        }
        for (person, rows) in (0..).zip(&self.persons) {
            if let QueryKind::LinkQuality { datasets } = &query.compute {
                let present = self.is_member(rows, datasets, &BTreeMap::new(), YEAR);
                if let Some(group) = self.group(rows, query, purpose, &[YEAR]).filter(|_| present) {
                    let class = if records(person) == 1 {
                        "single".into()
                    } else {
                        band(person).to_string()
                    };
                    let key = group.into_iter().chain([class]).collect();
                    cells.entry(key).or_default().push(1.0);
                }
                continue;
            }
            let years = match query.compute {
                QueryKind::Transition { years, .. } => vec![YEAR, YEAR - u16::from(years)],
                _ => vec![YEAR],
            };
            let Some(group) = self.group(rows, query, purpose, &years) else { continue };
            for (inner, value) in self.person(rows, query) {
                let key = group.iter().cloned().chain(inner).collect();
                cells.entry(key).or_default().push(value);
            }
        }
        cells
    }

    fn value(&self, rows: &[Row], dimension: &Name, years: &[u16]) -> Option<String> {
        let declared = self.catalogue.dimension(dimension).unwrap();
        for year in years {
            for source in &declared.attribute_from {
                let place = self.catalogue.dataset(source).unwrap().dimension_position(dimension);
                let place = place.unwrap();
                let known = rows.iter().filter(|row| {
                    row.dataset == *source && row.year == *year && row.codes[place] != UNKNOWN_CODE
                });
                if let Some(row) = known.min_by_key(|row| (Reverse(row.last), row.rank)) {
                    return Some(declared.keys[usize::from(row.codes[place])].key.clone());
                }
            }
        }
        None
    }

    fn fits(&self, rows: &[Row], filter: &BTreeMap<Name, Vec<String>>, years: &[u16]) -> bool {
        filter.iter().all(|(dimension, keys)| {
            self.value(rows, dimension, years).is_some_and(|own| keys.contains(&own))
        })
    }

    fn group(
        &self,
        rows: &[Row],
        query: &Query,
        purpose: &Purpose,
        years: &[u16],
    ) -> Option<Vec<String>> {
        let territory = &purpose.territory;
        let inside = |dimension: &Name, key: &str| {
            *dimension != territory.dimension || key.starts_with(&territory.prefix)
        };
        let own_key = |dimension: &Name| {
            self.value(rows, dimension, years).filter(|own| inside(dimension, own))
        };
        let key = |dimension: &Name| {
            let Some(pooling) = purpose.poolings.get(dimension) else { return own_key(dimension) };
            let own = own_key(&pooling.of)?;
            let group = pooling.groups.iter().find(|group| group.keys.contains(&own))?;
            Some(group.key.clone())
        };
        if !self.fits(rows, &query.filter, years) {
            return None;
        }
        query.group_by.iter().map(key).collect()
    }

    fn is_member(
        &self,
        rows: &[Row],
        datasets: &[Name],
        filter: &BTreeMap<Name, Vec<String>>,
        year: u16,
    ) -> bool {
        let present = rows.iter().any(|row| row.year == year && datasets.contains(&row.dataset));
        present && self.fits(rows, filter, &[year])
    }

    /// Keys within the group and what the person contributes there.
    fn person(&self, rows: &[Row], query: &Query) -> Vec<(Vec<String>, f64)> {
        let months = query.months.map_or((1, 12), |own| (own.from, own.to));
        let present = |datasets: &[Name]| {
            rows.iter().any(|row| {
                let within = row.first <= months.1 && row.last >= months.0;
                row.year == YEAR && within && datasets.contains(&row.dataset)
            })
        };
        let one = |value: f64| vec![(Vec::new(), value)];
        match &query.compute {
            QueryKind::Persons { datasets } if present(datasets) => one(1.0),
            QueryKind::Overlap { datasets } => {
                let own: Vec<String> = datasets
                    .iter()
                    .filter(|dataset| present(std::slice::from_ref(dataset)))
                    .map(Name::to_string)
                    .collect();
                if own.is_empty() { vec![] } else { vec![(own, 1.0)] }
            }
            QueryKind::Cases { dataset, dimension, keys, most } => {
                self.cases(rows, dataset, dimension, keys, *most)
            }
            QueryKind::Mean { dataset, measure, .. } => {
                let value = self.amount(rows, dataset, measure);
                value.map_or(vec![], |value| one(value as f64))
            }
            QueryKind::Sum { dataset, measure, per_month, cap } => {
                let place = self.catalogue.dataset(dataset).unwrap().measure(measure).unwrap().0;
                let own = rows.iter().filter(|row| row.dataset == *dataset && row.year == YEAR);
                let parts = own.filter_map(|row| {
                    let months = if *per_month { i64::from(row.last - row.first) + 1 } else { 1 };
                    Some(row.amounts[place]? * months)
                });
                one(parts.sum::<i64>().min(*cap) as f64)
            }
            QueryKind::Quantiles { dataset, of: Scale::Classes { dimension, .. }, .. } => {
                let class = self.value(rows, dimension, &[YEAR]);
                let class = class.filter(|_| present(std::slice::from_ref(dataset)));
                let keys = &self.catalogue.dimension(dimension).unwrap().keys;
                let place = class.and_then(|own| keys.iter().position(|key| key.key == own));
                place.map_or(vec![], |place| one(place as f64))
            }
            QueryKind::Transition { states, years } => {
                let state = |year| {
                    let fits =
                        |s: &&policy::State| self.is_member(rows, &s.datasets, &s.filter, year);
                    states.iter().find(fits).map_or("none".to_owned(), |own| own.id.to_string())
                };
                let pair = vec![state(YEAR - u16::from(*years)), state(YEAR)];
                if pair == ["none", "none"] { vec![] } else { vec![(pair, 1.0)] }
            }
            QueryKind::Share { of, with, .. } => {
                let with = self.is_member(rows, &with.datasets, &with.filter, YEAR);
                let of = self.is_member(rows, &of.datasets, &of.filter, YEAR);
                if of { one(if with { 1.0 } else { 0.0 }) } else { vec![] }
            }
            QueryKind::Entries { datasets, gap_months, most } => {
                entries(rows, datasets, *gap_months, *most)
            }
            QueryKind::Series { datasets, most } => series(rows, datasets, *most),
            QueryKind::Sparse { datasets, dimension, .. } if present(datasets) => {
                let key = self.value(rows, dimension, &[YEAR]);
                key.map_or(vec![], |key| vec![(vec![key], 1.0)])
            }
            QueryKind::PriorContact { dataset, gap_months, before, months, .. } => {
                let Some(entry) = entry(rows, dataset, *gap_months) else { return vec![] };
                let contacts: BTreeSet<u32> =
                    before.iter().flat_map(|own| months_of(rows, own)).collect();
                let had = contacts.range(entry - u32::from(*months)..entry).next().is_some();
                one(if had { 1.0 } else { 0.0 })
            }
            _ => vec![],
        }
    }

    /// Row by row; here a person has one subject per dataset.
    fn subject_sum(
        &self,
        query: &Query,
        purpose: &Purpose,
        parts: &[SubjectPart],
    ) -> Contributions {
        let mut cells = Contributions::new();
        for (rows, part) in self.persons.iter().flat_map(|own| parts.iter().map(move |p| (own, p)))
        {
            let dataset = self.catalogue.dataset(&part.dataset).unwrap();
            let key = |row: &Row, dimension: &Name| {
                let code = row.codes[dataset.dimension_position(dimension).unwrap()];
                let keys = &self.catalogue.dimension(dimension).unwrap().keys;
                keys.get(usize::from(code)).map(|own| own.key.clone())
            };
            let group = |row: &Row| -> Option<Vec<String>> {
                let fits = query.filter.iter().all(|(dimension, keys)| {
                    key(row, dimension).is_some_and(|own| keys.contains(&own))
                });
                let own = query.group_by.iter().map(|dimension| {
                    key(row, dimension).filter(|own| {
                        *dimension != purpose.territory.dimension
                            || own.starts_with(&purpose.territory.prefix)
                    })
                });
                own.collect::<Option<Vec<String>>>().filter(|_| fits)
            };
            let amount = |row: &Row| {
                let Some(name) = &part.measure else { return Some(1) };
                let months = if part.per_month { i64::from(row.last - row.first) + 1 } else { 1 };
                row.amounts[dataset.measure(name).unwrap().0].map(|own| own * months)
            };
            let own = rows.iter().filter(|row| row.dataset == part.dataset && row.year == YEAR);
            let mut found: Vec<(u64, Vec<String>, i64)> = own
                .filter_map(|row| Some((row.rank, group(row)?, amount(row)?.min(part.cap))))
                .collect();
            found.sort();
            for (_, group, amount) in found.into_iter().take(usize::from(part.rows)) {
                cells.entry(group).or_default().push(amount as f64);
            }
        }
        cells
    }

    fn amount(&self, rows: &[Row], dataset: &Name, measure: &Name) -> Option<i64> {
        let (place, bounds) = self.catalogue.dataset(dataset).unwrap().measure(measure).unwrap();
        let known = rows.iter().filter(|row| {
            row.dataset == *dataset && row.year == YEAR && row.amounts[place].is_some()
        });
        let decides = known.min_by_key(|row| (Reverse(row.last), row.rank))?;
        Some(decides.amounts[place]?.clamp(bounds.lower, bounds.upper))
    }

    fn cases(
        &self,
        rows: &[Row],
        dataset: &Name,
        dimension: &Name,
        wanted: &[String],
        most: u8,
    ) -> Vec<(Vec<String>, f64)> {
        let place = self.catalogue.dataset(dataset).unwrap().dimension_position(dimension).unwrap();
        let keys = &self.catalogue.dimension(dimension).unwrap().keys;
        let mut least: BTreeMap<String, u64> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.dataset == *dataset && row.year == YEAR) {
            let Some(key) = keys.get(usize::from(row.codes[place])) else { continue };
            if wanted.is_empty() || wanted.contains(&key.key) {
                let rank = least.entry(key.key.clone()).or_insert(row.rank);
                *rank = row.rank.min(*rank);
            }
        }
        let mut own: Vec<(u64, String)> =
            least.into_iter().map(|(key, rank)| (rank, key)).collect();
        own.sort();
        own.into_iter().take(usize::from(most)).map(|(_, key)| (vec![key], 1.0)).collect()
    }

    /// Rows of the reference person of each household, and the household's amount.
    fn households(&self, query: &Query) -> Vec<(&[Row], Option<f64>)> {
        let (dataset, measure) = match &query.compute {
            QueryKind::Mean { dataset, measure, .. } => (dataset, Some(measure)),
            QueryKind::Share { of, .. } => (&of.datasets[0], None),
            QueryKind::Persons { datasets } => (&datasets[0], None),
            _ => return vec![],
        };
        let latest = |rows: &'_ [Row]| {
            let own = rows
                .iter()
                .filter(|row| row.dataset == *dataset && row.year == YEAR && row.unit.is_some());
            own.map(|row| (Reverse(row.last), row.rank, row.unit)).min()
        };
        let mut homes: BTreeMap<u32, Vec<(Reverse<u8>, u64, usize)>> = BTreeMap::new();
        for (place, rows) in self.persons.iter().enumerate() {
            if let Some((month, rank, Some(unit))) = latest(rows) {
                homes.entry(unit).or_default().push((month, rank, place));
            }
        }
        let mut found = Vec::new();
        for (unit, members) in homes {
            let (month, _, reference) = *members.iter().min().unwrap();
            let amount = measure.and_then(|measure| {
                let declared = self.catalogue.dataset(dataset).unwrap();
                let (place, bounds) = declared.measure(measure).unwrap();
                let own = |rows: &[Row]| {
                    let known = rows.iter().filter(|row| {
                        let here = row.dataset == *dataset && row.year == YEAR;
                        here && row.unit == Some(unit) && row.amounts[place].is_some()
                    });
                    let decides = known.min_by_key(|row| (Reverse(row.last), row.rank))?;
                    decides.amounts[place].filter(|_| Reverse(decides.last) == month)
                };
                let amounts = members.iter().filter_map(|own_| own(&self.persons[own_.2]));
                let sum = amounts.reduce(|a, b| a + b)?;
                Some(sum.clamp(bounds.lower, bounds.upper) as f64)
            });
            found.push((self.persons[reference].as_slice(), amount));
        }
        found
    }
}

/// How many records were linked to a person, and the band of the weakest link.
fn records(person: u32) -> usize {
    [1, 2, 2, 3][person as usize % 4]
}

fn band(person: u32) -> u8 {
    (person / 4 % 8) as u8
}

/// A spell of 1 to 30 months of a dataset, as one row per year.
fn spell(rows: &mut Vec<Row>, dice: &mut Dice, catalogue: &Catalogue, of: (u32, &Name)) {
    let (person, dataset) = of;
    let declared = &catalogue.datasets[dataset];
    let months = u64::from(YEAR - FIRST_YEAR + 1) * 12;
    let start = dice.roll(months);
    let end = (start + dice.roll(30)).min(months - 1);
    let unit = u32::from(dataset.as_str() == "sgb2") * 1_000_000 + person / 3 + dice.roll(2) as u32;
    for year in FIRST_YEAR..=YEAR {
        let january = u64::from(year - FIRST_YEAR) * 12;
        let (first, last) = (start.max(january), end.min(january + 11));
        if first > last {
            continue;
        }
        let code = |dimension: &Name, dice: &mut Dice| {
            let keys = catalogue.dimensions[dimension].keys.len();
            let usual = match dimension.as_str() {
                "municipality" => u64::from(person / 3) * 7,
                "age_group" => u64::from(person) * 5 / 3,
                "sex" => u64::from(person % 2),
                _ => dice.roll(keys as u64),
            };
            dice.code(usual, keys)
        };
        let amount = |measure: &policy::Measure, dice: &mut Dice| {
            let range = u64::try_from(measure.upper - measure.lower).unwrap();
            let value = measure.lower + i64::try_from(dice.roll(range + 1)).unwrap();
            (dice.roll(10) > 0).then_some(value)
        };
        rows.push(Row {
            dataset: dataset.clone(),
            rank: 0,
            year,
            first: u8::try_from(first - january + 1).unwrap(),
            last: u8::try_from(last - january + 1).unwrap(),
            unit: declared.unit.then_some(unit),
            codes: declared.dimensions.iter().map(|own| code(own, dice)).collect(),
            amounts: declared.measures.iter().map(|own| amount(own, dice)).collect(),
        });
    }
}

fn month(year: u16, month: u8) -> u32 {
    u32::from(year) * 12 + u32::from(month)
}

fn months_of(rows: &[Row], dataset: &Name) -> BTreeSet<u32> {
    let own = rows.iter().filter(|row| row.dataset == *dataset);
    own.flat_map(|row| month(row.year, row.first)..=month(row.year, row.last)).collect()
}

fn series(rows: &[Row], datasets: &[Name], most: u8) -> Vec<(Vec<String>, f64)> {
    let mut found = Vec::new();
    for dataset in datasets {
        let own = rows.iter().filter(|row| row.dataset == *dataset && row.year == YEAR);
        let Some(rank) = own.map(|row| row.rank).min() else { continue };
        let months = months_of(rows, dataset);
        let there = (0..4).filter(|quarter| {
            months
                .range(month(YEAR, 3 * quarter + 1)..=month(YEAR, 3 * quarter + 3))
                .next()
                .is_some()
        });
        let mut periods: Vec<String> = there.map(|own| format!("q{}", own + 1)).collect();
        periods.push("year".to_owned());
        found.push((rank, dataset.to_string(), periods));
    }
    found.sort();
    let chosen = found.into_iter().take(usize::from(most));
    let cells = chosen.flat_map(|(_, dataset, periods)| {
        periods.into_iter().map(move |period| vec![dataset.clone(), period])
    });
    cells.map(|keys| (keys, 1.0)).collect()
}

/// The month of the first entry of the year.
fn entry(rows: &[Row], dataset: &Name, gap: u8) -> Option<u32> {
    let months = months_of(rows, dataset);
    let quiet = |at: &u32| months.range(at - u32::from(gap)..*at).next().is_none();
    (month(YEAR, 1)..=month(YEAR, 12)).filter(|at| months.contains(at)).find(quiet)
}

fn entries(rows: &[Row], datasets: &[Name], gap: u8, most: u8) -> Vec<(Vec<String>, f64)> {
    let mut found = Vec::new();
    for dataset in datasets {
        let Some(at) = entry(rows, dataset, gap) else { continue };
        let own = rows.iter().filter(|row| row.dataset == *dataset && row.year == YEAR);
        let rank = own.map(|row| row.rank).min().unwrap();
        found.push((rank, dataset.to_string(), (at - month(YEAR, 1)) / 3 + 1));
    }
    found.sort();
    let chosen = found.into_iter().take(usize::from(most));
    let cells = chosen.flat_map(|(_, dataset, quarter)| {
        let quarter = format!("q{quarter}");
        [vec![dataset.clone(), quarter], vec![dataset, "year".to_owned()]]
    });
    cells.map(|keys| (keys, 1.0)).collect()
}
