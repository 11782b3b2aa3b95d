//! Random person ids that stay with their people inside an epoch.

use std::collections::{BTreeMap, BTreeSet};

use ring::rand::SecureRandom;
use submission::{LinkMap, PersonId, SubjectId, SubmissionError};

/// Names every cluster: with the id of the earlier person that it shares most subjects with, or
/// with a fresh random one.
///
/// An earlier id goes to at most one cluster: the one with the largest overlap, then the one with
/// more subjects, then the first. So a split leaves the larger part its id.
pub(crate) fn assign(
    clusters: &[Vec<SubjectId>],
    earlier: Option<&LinkMap>,
    random: &dyn SecureRandom,
) -> Result<Vec<PersonId>, SubmissionError> {
    let known: BTreeMap<SubjectId, PersonId> = earlier
        .map(|map| map.links().iter().map(|link| (link.subject, link.person)).collect())
        .unwrap_or_default();
    let mut claims = Vec::new();
    for (position, cluster) in clusters.iter().enumerate() {
        let mut overlap: BTreeMap<PersonId, usize> = BTreeMap::new();
        for person in cluster.iter().filter_map(|subject| known.get(subject)) {
            *overlap.entry(*person).or_default() += 1;
        }
        for (person, shared) in overlap {
            claims.push((std::cmp::Reverse((shared, cluster.len())), position, person));
        }
    }
    claims.sort_unstable();
    let mut given: BTreeMap<usize, PersonId> = BTreeMap::new();
    let mut taken: BTreeSet<PersonId> = BTreeSet::new();
    for (_, position, person) in claims {
        if !given.contains_key(&position) && taken.insert(person) {
            given.insert(position, person);
        }
    }
    (0..clusters.len())
        .map(|position| given.get(&position).copied().map_or_else(|| PersonId::random(random), Ok))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use submission::Link;

    fn subject(byte: u8) -> SubjectId {
        SubjectId::from_wire(&[byte; 16]).unwrap()
    }

    fn person(byte: u8) -> PersonId {
        PersonId::from_wire(&[byte; 16]).unwrap()
    }

    fn map(links: &[(u8, u8)]) -> LinkMap {
        let link = |&(s, p): &(u8, u8)| Link { subject: subject(s), person: person(p), band: 7 };
        LinkMap::new(links.iter().map(link).collect()).unwrap()
    }

    #[test]
    fn the_larger_part_of_a_split_keeps_the_id() {
        let earlier = map(&[(1, 9), (2, 9), (3, 9), (4, 8)]);
        let clusters = [vec![subject(1)], vec![subject(2), subject(3)], vec![subject(4)]];
        let random = ring::rand::SystemRandom::new();
        let ids = assign(&clusters, Some(&earlier), &random).unwrap();
        assert_eq!(ids[1], person(9));
        assert_eq!(ids[2], person(8));
        assert!(ids[0] != person(9) && ids[0] != person(8));
    }

    #[test]
    fn a_merger_takes_the_id_of_the_larger_part() {
        let earlier = map(&[(1, 9), (2, 9), (3, 8)]);
        let clusters = [vec![subject(1), subject(2), subject(3), subject(7)]];
        let random = ring::rand::SystemRandom::new();
        assert_eq!(assign(&clusters, Some(&earlier), &random).unwrap(), [person(9)]);
    }

    #[test]
    fn without_an_earlier_snapshot_all_ids_are_fresh_and_differ() {
        let clusters = [vec![subject(1)], vec![subject(2)]];
        let ids = assign(&clusters, None, &ring::rand::SystemRandom::new()).unwrap();
        assert_ne!(ids[0], ids[1]);
    }
}
