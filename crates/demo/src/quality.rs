//! Link quality against the truth that only the generator knows.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use submission::{LinkMap, PersonId, SubjectId};

use crate::county::PersonNumber;

/// Whom a subject really is.
pub(crate) type TrueSubjects = HashMap<SubjectId, PersonNumber>;

/// Pairs of records of different departments: found, true, and both.
#[derive(Clone, Copy, Default)]
pub(crate) struct PairCounts {
    found: u64,
    real: u64,
    both: u64,
}

/// Precision, recall and their harmonic mean.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct LinkQuality {
    pub(crate) precision: f64,
    pub(crate) recall: f64,
    pub(crate) f1: f64,
}

impl PairCounts {
    /// Counts the pairs of one snapshot. A person who appears twice in one department makes no
    /// pair there: departments are linked with each other, not with themselves.
    pub(crate) fn of(
        map: &LinkMap,
        truth: &TrueSubjects,
        office: &HashMap<SubjectId, usize>,
    ) -> Self {
        let mut clusters: HashMap<PersonId, Vec<SubjectId>> = HashMap::new();
        let mut people: HashMap<PersonNumber, Vec<SubjectId>> = HashMap::new();
        for link in map.links() {
            clusters.entry(link.person).or_default().push(link.subject);
            if let Some(person) = truth.get(&link.subject) {
                people.entry(*person).or_default().push(link.subject);
            }
        }
        let mut counts = Self::default();
        let across = |members: &[SubjectId]| {
            let mut per_office: BTreeMap<Option<&usize>, u64> = BTreeMap::new();
            for subject in members {
                *per_office.entry(office.get(subject)).or_default() += 1;
            }
            let within: u64 = per_office.values().map(|n| n * (n - 1) / 2).sum();
            let all = members.len() as u64;
            all * all.saturating_sub(1) / 2 - within
        };
        for members in clusters.values() {
            counts.found += across(members);
            let mut same: HashMap<PersonNumber, Vec<SubjectId>> = HashMap::new();
            for subject in members {
                if let Some(person) = truth.get(subject) {
                    same.entry(*person).or_default().push(*subject);
                }
            }
            counts.both += same.values().map(|own| across(own)).sum::<u64>();
        }
        counts.real = people.values().map(|members| across(members)).sum();
        counts
    }

    /// The sum of two counties.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            found: self.found + other.found,
            real: self.real + other.real,
            both: self.both + other.both,
        }
    }

    /// The figures; 1 where there was nothing to find.
    pub(crate) fn quality(self) -> LinkQuality {
        let share = |part: u64, whole: u64| {
            if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
        };
        LinkQuality {
            precision: share(self.both, self.found),
            recall: share(self.both, self.real),
            f1: share(2 * self.both, self.found + self.real),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use submission::Link;

    #[test]
    fn a_split_and_a_merger_are_counted() {
        let subject = |n: u8| SubjectId::from_wire(&[n; 16]).unwrap();
        let person = |n: u8| PersonId::from_wire(&[n; 16]).unwrap();
        // True: {1,2,3} is one person in three offices, {4,5} another in two.
        let truth: TrueSubjects = [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2)]
            .into_iter()
            .map(|(s, p)| (subject(s), PersonNumber(p)))
            .collect();
        let office = (1..=5).zip([0, 1, 2, 0, 1]).map(|(s, o)| (subject(s), o)).collect();
        // Found: {1,2} and {3,5}; 4 alone.
        let links = [(1, 1), (2, 1), (3, 2), (5, 2), (4, 3)];
        let links = links.map(|(s, p)| Link { subject: subject(s), person: person(p), band: 7 });
        let map = LinkMap::new(links.to_vec()).unwrap();
        let counts = PairCounts::of(&map, &truth, &office);
        assert_eq!((counts.found, counts.real, counts.both), (2, 4, 1));
        let quality = counts.quality();
        assert!((quality.precision - 0.5).abs() < 1e-12);
        assert!((quality.recall - 0.25).abs() < 1e-12);
        assert!((quality.f1 - 1.0 / 3.0).abs() < 1e-12);
    }
}
