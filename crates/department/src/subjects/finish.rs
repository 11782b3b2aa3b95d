//! Numbers each subject's facts and applies what holds for subjects as a whole.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::collect::Drafts;
use super::facts::{Facts, Place};
use super::reason::{Reason, Rejected};
use crate::mapping::Layout;

/// Numbers about an extract; they stay in the department.
#[derive(Default, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Data records without totals rows.
    pub rows: u64,
    /// Totals rows, skipped.
    pub totals_rows: u64,
    /// Records that lie wholly outside the delivery's period, dropped.
    pub rows_outside_period: u64,
    /// Records in quarantine.
    pub rows_in_quarantine: u64,
    /// Records whose municipality could not be told from ags, postcode and town.
    pub unresolved_places: u64,
    /// Records whose age class could not be told.
    pub unknown_ages: u64,
    /// People found, before any is dropped.
    pub people: u64,
    /// People under an information block or who object, dropped before encoding.
    pub people_blocked: u64,
    /// People without a fact in the period, dropped.
    pub people_without_facts: u64,
    /// Subjects that travel.
    pub subjects: u64,
    /// Fact rows that travel.
    pub facts: u64,
    /// Households or Bedarfsgemeinschaften among them.
    pub units: u64,
    /// Number of cases by number of people in them.
    pub people_per_case: BTreeMap<u64, u64>,
}

/// A subject that can be encoded.
pub(crate) struct Subject {
    /// The record whose identifiers count.
    pub(crate) newest: u64,
    pub(crate) case: Zeroizing<String>,
    /// Number and line of each record, in file order.
    pub(crate) records: Vec<(u64, u64)>,
    /// Its facts in the order in which they are numbered.
    facts: Vec<usize>,
}

/// The result of reading an extract.
pub(crate) struct Collected {
    pub(crate) subjects: Vec<Subject>,
    facts: Facts,
    pub(crate) units: u32,
    pub(crate) rejected: Vec<Rejected>,
    pub(crate) counts: Counts,
}

/// Where a fact is found.
pub(crate) struct FactAt {
    subject: u32,
    row: u32,
    at: usize,
}

/// One numbered fact.
pub(crate) struct Fact<'c> {
    pub(crate) subject: usize,
    pub(crate) row: u32,
    pub(crate) place: Place,
    pub(crate) codes: &'c [u16],
    pub(crate) amounts: &'c [Option<i64>],
}

impl Collected {
    /// Every fact of every subject, by where it is found.
    pub(crate) fn facts(&self) -> impl Iterator<Item = FactAt> {
        (0_u32..).zip(&self.subjects).flat_map(|(subject, body)| {
            (0_u32..).zip(&body.facts).map(move |(row, at)| FactAt { subject, row, at: *at })
        })
    }

    /// The fact itself.
    pub(crate) fn fact(&self, found: &FactAt) -> Option<Fact<'_>> {
        Some(Fact {
            subject: found.subject as usize,
            row: found.row,
            place: *self.facts.places.get(found.at)?,
            codes: self.facts.codes(found.at),
            amounts: self.facts.amounts(found.at),
        })
    }

    /// Moves subjects that cannot be encoded to quarantine.
    pub(crate) fn reject_subjects(&mut self, unusable: &BTreeMap<usize, Reason>) {
        let subjects = std::mem::take(&mut self.subjects);
        for (position, subject) in subjects.into_iter().enumerate() {
            if let Some(reason) = unusable.get(&position) {
                reject(&mut self.rejected, &subject.records, *reason);
            } else {
                self.subjects.push(subject);
            }
        }
        self.count();
    }

    fn count(&mut self) {
        self.rejected.sort_by_key(|rejected| rejected.number);
        self.rejected.dedup_by_key(|rejected| rejected.number);
        let places = self.subjects.iter().flat_map(|subject| &subject.facts);
        let units: BTreeSet<u32> =
            places.filter_map(|at| self.facts.places.get(*at)?.unit).collect();
        let facts = self.subjects.iter().map(|subject| subject.facts.len() as u64).sum();
        let mut cases: BTreeMap<&str, u64> = BTreeMap::new();
        for subject in self.subjects.iter().filter(|subject| !subject.case.is_empty()) {
            *cases.entry(subject.case.as_str()).or_default() += 1;
        }
        let mut people_per_case = BTreeMap::new();
        for people in cases.values() {
            *people_per_case.entry(*people).or_default() += 1;
        }
        self.counts.rows_in_quarantine = self.rejected.len() as u64;
        self.counts.subjects = self.subjects.len() as u64;
        self.counts.units = units.len() as u64;
        self.counts.people_per_case = people_per_case;
        self.counts.facts = facts;
    }
}

fn reject(rejected: &mut Vec<Rejected>, records: &[(u64, u64)], reason: Reason) {
    rejected.extend(records.iter().map(|(number, line)| Rejected {
        number: *number,
        line: *line,
        reason,
        column: None,
    }));
}

pub(super) fn finish(drafts: Drafts, layout: &Layout<'_>) -> Collected {
    let Drafts { drafts, facts, units, rejected, mut counts } = drafts;
    let mut own: Vec<Vec<usize>> = drafts.iter().map(|_| Vec::new()).collect();
    for (at, place) in facts.places.iter().enumerate() {
        if let Some(list) = own.get_mut(place.subject as usize) {
            list.push(at);
        }
    }
    counts.people = drafts.len() as u64;
    let mut collected = Collected { subjects: Vec::new(), facts, units, rejected, counts };
    for (draft, mut list) in drafts.into_iter().zip(own) {
        let rejected = &mut collected.rejected;
        if draft.blocked {
            collected.counts.people_blocked += 1;
        } else if draft.two_people {
            reject(rejected, &draft.records, Reason::TwoPeopleInOneCase);
        } else if draft.records.is_empty() {
            // Each of its records is in quarantine already.
        } else if list.is_empty() {
            collected.counts.people_without_facts += 1;
        } else if !draft.usable {
            reject(rejected, &draft.records, Reason::TooLittle);
        } else {
            let places = &collected.facts.places;
            list.sort_by_key(|at| places.get(*at).map(order));
            let kept = limit(list, places, layout.dataset.max_rows, &draft.records, rejected);
            collected.subjects.push(Subject {
                newest: draft.newest.1,
                case: draft.case,
                records: draft.records,
                facts: kept,
            });
        }
    }
    one_amount_per_unit(&mut collected, layout);
    collected.count();
    collected
}

fn order(place: &Place) -> (u16, u8, u8, u64) {
    (place.part.year, place.part.first_month, place.part.last_month, place.record)
}

/// Keeps at most `most` facts of each event year.
fn limit(
    list: Vec<usize>,
    places: &[Place],
    most: u16,
    records: &[(u64, u64)],
    rejected: &mut Vec<Rejected>,
) -> Vec<usize> {
    let mut in_year: BTreeMap<u16, u16> = BTreeMap::new();
    let mut kept = Vec::with_capacity(list.len());
    for at in list {
        let Some(place) = places.get(at) else { continue };
        let count = in_year.entry(place.part.year).or_default();
        if *count < most {
            *count += 1;
            kept.push(at);
        } else if let Some(record) = records.iter().find(|(number, _)| *number == place.record) {
            reject(rejected, &[*record], Reason::TooManyRows);
        }
    }
    kept
}

/// Where each member's row repeats the household's amount, it stays on the first row only.
fn one_amount_per_unit(collected: &mut Collected, layout: &Layout<'_>) {
    let repeated: Vec<usize> = layout
        .measures
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.as_ref().is_some_and(|rule| rule.per_unit))
        .map(|(measure, _)| measure)
        .collect();
    if repeated.is_empty() {
        return;
    }
    let mut by_record: Vec<(u64, usize)> = Vec::new();
    for at in collected.subjects.iter().flat_map(|subject| &subject.facts) {
        if let Some(place) = collected.facts.places.get(*at) {
            by_record.push((place.record, *at));
        }
    }
    by_record.sort_unstable();
    let mut seen = HashSet::new();
    for (_, at) in by_record {
        let Some(place) = collected.facts.places.get(at).copied() else { continue };
        let Some(unit) = place.unit else { continue };
        let part = place.part;
        for measure in &repeated {
            if collected.facts.amounts(at).get(*measure).is_none_or(Option::is_none) {
                continue;
            }
            if !seen.insert((unit, *measure, part.year, part.first_month, part.last_month)) {
                collected.facts.forget_amount(at, *measure);
            }
        }
    }
}
