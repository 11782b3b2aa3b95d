//! The noiseless value over the actual links, computed a second time and differently.
//!
//! No product can do this: the demo alone holds what every party sent and both units' keys. It
//! goes through rows one by one where `statistics` goes through columns, so that an agreement of
//! the two says something.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use department::Batch;
use policy::{Catalogue, Name, Plan, PlanKind, UNKNOWN_CODE};
use ring::hmac;
use statistics::RankKey;
use submission::{Half, LinkMap, MeasuresChunk, PersonId, SnapshotId, SubjectId};

/// One delivered fact of a linked person.
struct Fact {
    /// Latest month first, then least rank: the first row decides.
    order: (std::cmp::Reverse<u8>, u64),
    codes: Vec<u16>,
    amounts: Vec<Option<i64>>,
}

/// All facts of a year, per person and dataset.
pub(crate) struct Oracle<'a> {
    catalogue: &'a Catalogue,
    facts: BTreeMap<PersonId, BTreeMap<Name, Vec<Fact>>>,
    /// Records and weakest band of each person.
    links: BTreeMap<PersonId, (usize, u8)>,
}

/// The exact value of a cell.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Exact {
    /// Persons.
    Count(u64),
    /// Mean over persons; none without persons.
    Mean(Option<f64>),
    /// Something that only a linkage unit has, so that there is no truth beside it.
    Unknown,
}

/// The key by which the statistics unit ranks the rows of a snapshot.
pub(crate) fn rank_key(secret: &[u8; 32], snapshot: SnapshotId) -> RankKey {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), snapshot.as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    RankKey::take(&mut bytes)
}

impl<'a> Oracle<'a> {
    /// Reads the live batches of a project.
    pub(crate) fn read(
        catalogue: &'a Catalogue,
        batches: &[Batch],
        map: &LinkMap,
        rank: &RankKey,
        year: u16,
    ) -> anyhow::Result<Self> {
        let person: HashMap<SubjectId, PersonId> =
            map.links().iter().map(|link| (link.subject, link.person)).collect();
        let mut facts: BTreeMap<PersonId, BTreeMap<Name, Vec<Fact>>> = BTreeMap::new();
        for batch in batches {
            let manifest = &batch.signed(Half::Measures).manifest;
            let (dataset, period) = (&manifest.dataset, &manifest.period);
            for index in 0..manifest.chunks.len() as u64 {
                let bytes = batch.chunk(Half::Measures, index)?;
                let chunk = MeasuresChunk::decode(&bytes, catalogue, dataset, period)?;
                for row in chunk.iter().filter(|row| row.year == year) {
                    let Some(person) = person.get(&row.subject) else { continue };
                    let rank = rank.rank(row.subject.as_bytes(), row.row);
                    let own = facts.entry(*person).or_default().entry(dataset.clone());
                    own.or_default().push(Fact {
                        order: (std::cmp::Reverse(row.last_month), rank),
                        codes: row.codes.to_vec(),
                        amounts: row.amounts.to_vec(),
                    });
                }
            }
        }
        let mut links: BTreeMap<PersonId, (usize, u8)> = BTreeMap::new();
        for link in map.links() {
            links.entry(link.person).or_insert((0, link.band)).0 += 1;
        }
        for own in facts.values_mut().flat_map(BTreeMap::values_mut) {
            own.sort_by_key(|fact| fact.order);
        }
        Ok(Self { catalogue, facts, links })
    }

    /// The exact cells of a plan, in its order.
    pub(crate) fn answer(&self, plan: &Plan) -> anyhow::Result<Vec<Exact>> {
        let mut counts = vec![0_u64; plan.cells.len()];
        let mut sums = vec![0_i64; plan.cells.len()];
        for (person, own) in &self.facts {
            if let Some((cell, amount)) = self.place(plan, *person, own)? {
                counts[cell] += 1;
                sums[cell] += amount;
            }
        }
        let mean = matches!(plan.kind, PlanKind::Mean { .. });
        let exact = counts.iter().zip(&sums).map(|(count, sum)| match (mean, count) {
            (false, count) => Exact::Count(*count),
            (true, 0) => Exact::Mean(None),
            (true, count) => Exact::Mean(Some(*sum as f64 / *count as f64)),
        });
        Ok(exact.collect())
    }

    /// In how many datasets a person has a fact.
    pub(crate) fn known_in(&self, person: PersonId) -> usize {
        self.facts.get(&person).map_or(0, BTreeMap::len)
    }

    /// The cell that counts a person, if any does.
    pub(crate) fn cell_of(&self, plan: &Plan, person: PersonId) -> anyhow::Result<Option<usize>> {
        let Some(own) = self.facts.get(&person) else { return Ok(None) };
        Ok(self.place(plan, person, own)?.map(|(cell, _)| cell))
    }

    /// Cell and amount of a person.
    fn place(
        &self,
        plan: &Plan,
        person: PersonId,
        own: &BTreeMap<Name, Vec<Fact>>,
    ) -> anyhow::Result<Option<(usize, i64)>> {
        let Some(group) = self.group(plan, own)? else { return Ok(None) };
        Ok(match &plan.kind {
            PlanKind::Persons { datasets } => {
                let any = datasets.iter().any(|dataset| own.contains_key(dataset));
                any.then_some((group, 0))
            }
            PlanKind::Overlap { datasets } => {
                let held = datasets.iter().enumerate().filter(|(_, d)| own.contains_key(*d));
                let mask: usize = held.map(|(bit, _)| 1_usize << bit).sum();
                let width = (1 << datasets.len()) - 1;
                mask.checked_sub(1).map(|place| (group * width + place, 0))
            }
            PlanKind::LinkQuality { datasets } => {
                let present = datasets.iter().any(|dataset| own.contains_key(dataset));
                let class = match self.links.get(&person) {
                    Some((records, band)) if *records > 1 => usize::from(*band) + 1,
                    _ => 0,
                };
                present.then_some((group * PlanKind::LINK_CLASSES + class, 0))
            }
            PlanKind::Mean { dataset, position, lower, upper, .. } => {
                let rows = own.get(dataset).map_or(&[][..], Vec::as_slice);
                let amount = rows.iter().find_map(|fact| fact.amounts[*position]);
                amount.map(|amount| (group, amount.clamp(*lower, *upper)))
            }
            _ => anyhow::bail!("the demo recomputes no table of this kind"),
        })
    }

    /// The position of a person's group, if all filters and groups know the person.
    fn group(&self, plan: &Plan, own: &BTreeMap<Name, Vec<Fact>>) -> anyhow::Result<Option<usize>> {
        for filter in &plan.filter {
            let value = self.value(&filter.dimension, own)?;
            if !value.is_some_and(|code| filter.codes.contains(&code)) {
                return Ok(None);
            }
        }
        let mut group = 0;
        for keys in &plan.group_by {
            let value = self.value(&keys.dimension, own)?;
            let place = value.and_then(|code| keys.codes.iter().position(|own| *own == code));
            let Some(place) = place else { return Ok(None) };
            group = group * keys.codes.len() + place;
        }
        Ok(Some(group))
    }

    /// The one value of a person in a dimension: the most trusted source that knows one.
    fn value(
        &self,
        dimension: &Name,
        own: &BTreeMap<Name, Vec<Fact>>,
    ) -> anyhow::Result<Option<u16>> {
        for dataset in &self.catalogue.dimension(dimension)?.attribute_from {
            let place = self.catalogue.dataset(dataset)?.dimension_position(dimension);
            let place = place.context("attribute_from names a dataset without the dimension")?;
            let rows = own.get(dataset).map_or(&[][..], Vec::as_slice);
            let known =
                rows.iter().map(|fact| fact.codes[place]).find(|code| *code != UNKNOWN_CODE);
            if known.is_some() {
                return Ok(known);
            }
        }
        Ok(None)
    }
}
