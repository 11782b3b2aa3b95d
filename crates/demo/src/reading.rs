//! The noiseless answer to a plan, computed a second time and differently.
//!
//! No product can do this: the demo alone holds what every party sent and both units' keys. It
//! goes from person to person and row to row where `statistics` goes through columns, so that an
//! agreement of the two says something. Who is one person is told from outside: over the links as
//! they were found it is what a release would say without noise, over the generator's persons what
//! it would say with perfect links.

mod answer;
mod households;
mod unique;
mod window;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Context;
use department::Batch;
use policy::{Catalogue, Name, Plan, PlanFilter, PlanMembers, UNKNOWN_CODE};
use ring::hmac;
use statistics::RankKey;
use submission::{Half, LinkMap, MeasuresChunk, SnapshotId, SubjectId, UnitId};

pub(crate) use answer::Exact;
pub(crate) use unique::Alone;

/// One delivered fact.
struct Row {
    /// Place of its dataset among those of the catalogue.
    dataset: u8,
    year: u16,
    first: u8,
    last: u8,
    rank: u64,
    unit: Option<u32>,
    codes: Box<[u16]>,
    amounts: Box<[Option<i64>]>,
}

impl Row {
    /// Latest month first, then least rank: the first row decides.
    fn order(&self) -> (Reverse<u8>, u64) {
        (Reverse(self.last), self.rank)
    }

    fn months(&self) -> std::ops::RangeInclusive<u32> {
        window::month(self.year, self.first)..=window::month(self.year, self.last)
    }
}

/// The facts of every person.
pub(crate) struct Reading<'a> {
    catalogue: &'a Catalogue,
    datasets: Vec<&'a Name>,
    people: Vec<Vec<Row>>,
    /// Per person the class of its links; empty where nobody linked them.
    classes: Vec<usize>,
}

/// The key by which the statistics unit ranks the rows of a snapshot.
pub(crate) fn rank_key(secret: &[u8; 32], snapshot: SnapshotId) -> RankKey {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), snapshot.as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    RankKey::take(&mut bytes)
}

impl<'a> Reading<'a> {
    /// Reads the live batches of a project; `person` tells who a subject is.
    pub(crate) fn of(
        catalogue: &'a Catalogue,
        batches: &[Batch],
        person: &HashMap<SubjectId, usize>,
        rank: &RankKey,
    ) -> anyhow::Result<Self> {
        let datasets: Vec<&Name> = catalogue.datasets.keys().collect();
        let persons = person.values().max().map_or(0, |last| last + 1);
        let mut people: Vec<Vec<Row>> = Vec::new();
        people.resize_with(persons, Vec::new);
        let mut units: BTreeMap<UnitId, u32> = BTreeMap::new();
        for batch in batches {
            let manifest = &batch.signed(Half::Measures).manifest;
            let (dataset, period) = (&manifest.dataset, &manifest.period);
            let place = datasets.iter().position(|own| *own == dataset);
            let place = u8::try_from(place.context("a batch of an unknown dataset")?)?;
            for index in 0..manifest.chunks.len() as u64 {
                let bytes = batch.chunk(Half::Measures, index)?;
                let chunk = MeasuresChunk::decode(&bytes, catalogue, dataset, period)?;
                for row in chunk.iter() {
                    let Some(person) = person.get(&row.subject) else { continue };
                    let next = units.len() as u32;
                    people[*person].push(Row {
                        dataset: place,
                        year: row.year,
                        first: row.first_month,
                        last: row.last_month,
                        rank: rank.rank(row.subject.as_bytes(), row.row),
                        unit: row.unit.map(|unit| *units.entry(unit).or_insert(next)),
                        codes: row.codes.into(),
                        amounts: row.amounts.into(),
                    });
                }
            }
        }
        for rows in &mut people {
            rows.sort_by_key(Row::order);
        }
        Ok(Self { catalogue, datasets, people, classes: Vec::new() })
    }

    /// Also tells how surely each person was linked: the class of a table of link quality.
    pub(crate) fn with_classes(
        mut self,
        map: &LinkMap,
        person: &HashMap<SubjectId, usize>,
    ) -> Self {
        let mut links = vec![(0_usize, 0_u8); self.people.len()];
        for link in map.links() {
            if let Some(own) = person.get(&link.subject).and_then(|own| links.get_mut(*own)) {
                *own = (own.0 + 1, link.band);
            }
        }
        let class =
            |(records, band): (usize, u8)| if records > 1 { usize::from(band) + 1 } else { 0 };
        self.classes = links.into_iter().map(class).collect();
        self
    }

    /// Number of rows of everybody.
    pub(crate) fn rows(&self) -> usize {
        self.people.iter().map(Vec::len).sum()
    }

    /// In how many datasets a person has a fact of a year.
    pub(crate) fn known_in(&self, person: usize, year: u16) -> usize {
        let rows = self.people.get(person).map_or(&[][..], Vec::as_slice);
        let own = rows.iter().filter(|row| row.year == year);
        own.map(|row| row.dataset).collect::<BTreeSet<_>>().len()
    }

    fn place(&self, dataset: &Name) -> anyhow::Result<u8> {
        let place = self.datasets.iter().position(|own| *own == dataset);
        Ok(u8::try_from(place.with_context(|| format!("no dataset {dataset}"))?)?)
    }

    fn of_dataset<'r>(
        &self,
        rows: &'r [Row],
        dataset: &Name,
    ) -> anyhow::Result<impl Iterator<Item = &'r Row> + use<'r>> {
        let place = self.place(dataset)?;
        Ok(rows.iter().filter(move |row| row.dataset == place))
    }

    fn present(&self, rows: &[Row], dataset: &Name, year: u16) -> anyhow::Result<bool> {
        Ok(self.of_dataset(rows, dataset)?.any(|row| row.year == year))
    }

    /// The one value of a person in a dimension: in the first year that knows one, that of the most
    /// trusted source.
    fn value(&self, rows: &[Row], dimension: &Name, years: &[u16]) -> anyhow::Result<Option<u16>> {
        for year in years {
            for source in &self.catalogue.dimension(dimension)?.attribute_from {
                let place = self.catalogue.dataset(source)?.dimension_position(dimension);
                let place = place.context("attribute_from names a dataset without it")?;
                let own = self.of_dataset(rows, source)?.filter(|row| row.year == *year);
                let mut known = own.map(|row| row.codes[place]);
                if let Some(code) = known.find(|code| *code != UNKNOWN_CODE) {
                    return Ok(Some(code));
                }
            }
        }
        Ok(None)
    }

    fn fits(&self, rows: &[Row], filter: &[PlanFilter], years: &[u16]) -> anyhow::Result<bool> {
        for own in filter {
            let value = self.value(rows, &own.dimension, years)?;
            if !value.is_some_and(|code| own.codes.contains(&code)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_member(&self, rows: &[Row], members: &PlanMembers, year: u16) -> anyhow::Result<bool> {
        let mut present = false;
        for dataset in &members.datasets {
            present |= self.present(rows, dataset, year)?;
        }
        Ok(present && self.fits(rows, &members.filter, &[year])?)
    }

    /// The position of a person's group, if all filters and groups know the person.
    fn group(&self, rows: &[Row], plan: &Plan, years: &[u16]) -> anyhow::Result<Option<usize>> {
        if !self.fits(rows, &plan.filter, years)? {
            return Ok(None);
        }
        let mut group = 0;
        for keys in &plan.group_by {
            let value = self.value(rows, keys.source(), years)?;
            let place = keys.places().into_iter().find(|(code, _)| value == Some(*code));
            let Some((_, place)) = place else { return Ok(None) };
            group = group * keys.codes.len() + place;
        }
        Ok(Some(group))
    }
}
