//! What comes and goes between two runs: the same as comparing everything again.

use std::collections::{BTreeMap, BTreeSet};

use linkage::{
    Carried, Clusters, Error, Filters, Measure, Options, Pair, PairList, PairSource, Progress,
    RecordRef, Rule, Scope, Source, Succession, Threshold, compare_scope, groups, inherit,
};
use proptest::prelude::*;

use crate::county::{Dice, all, county, pairs_of, plain};

/// The rows of a source that `keep` wants, in order.
fn some_rows(source: &Source, keep: impl Fn(usize) -> bool) -> Source {
    let views = source.views().iter().map(|view| {
        let mut filters = Filters::new(view.bits()).unwrap();
        for row in (0..view.rows()).filter(|row| keep(*row)) {
            let bytes: Vec<u8> = view.row(row).iter().flat_map(|word| word.to_le_bytes()).collect();
            filters.push(&bytes).unwrap();
        }
        filters
    });
    Source::new(views.collect()).unwrap()
}

/// An earlier state, the present one, and how one became the other.
struct Change {
    earlier: Vec<Source>,
    now: Vec<Source>,
    succession: Succession,
}

/// Some last rows of `whole` are new, some others have gone since.
fn change(seed: u64, whole: &[Source]) -> Change {
    let mut dice = Dice(seed);
    let (mut earlier, mut now, mut succession, mut sizes) = (vec![], vec![], vec![], vec![]);
    for (number, source) in (0_u32..).zip(whole) {
        let old = dice.below(source.rows() as u64 + 1) as usize;
        let gone: BTreeSet<usize> = (0..old).filter(|_| dice.below(5) == 0).collect();
        earlier.push(some_rows(source, |row| row < old));
        now.push(some_rows(source, |row| !gone.contains(&row)));
        let mut next = 0..;
        let place = |row| {
            let stays = !gone.contains(&row);
            stays.then(|| RecordRef { source: number, row: next.next().unwrap() })
        };
        succession.push((0..old).map(place).collect());
        sizes.push((source.rows() - gone.len()) as u32);
    }
    Change { earlier, now, succession: Succession::new(succession, &sizes).unwrap() }
}

fn sizes(sources: &[Source]) -> Vec<u32> {
    sources.iter().map(|source| source.rows() as u32).collect()
}

fn ranked(source: &mut impl PairSource) -> Vec<Pair> {
    let mut pairs = Vec::new();
    while source.read(&mut pairs).unwrap() {}
    pairs.sort_by_key(Pair::rank);
    pairs
}

fn new_pairs(change: &Change, rule: &Rule, threshold: Threshold) -> PairList {
    let scope = Scope::all().only_new(change.succession.first_new().unwrap());
    let comparison = all(&change.now, rule, Measure::Dice, threshold);
    let mut pairs = PairList::new();
    compare_scope(&comparison, &scope, &mut pairs, &Progress::new()).unwrap();
    pairs
}

fn person_of(clusters: &Clusters) -> BTreeMap<RecordRef, u32> {
    let numbered = (0..).zip(clusters.iter());
    numbered.flat_map(|(n, own)| own.records.iter().map(move |record| (*record, n))).collect()
}

fn solve(pairs: &mut impl PairSource, sources: &[Source], threshold: Threshold) -> Clusters {
    let options = Options::new(threshold);
    groups(pairs, &sizes(sources), "0.4".parse().unwrap(), &options).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn earlier_and_new_pairs_are_those_of_a_full_run_in_the_same_order(
        seed in any::<u64>(), rows in 0_u64..50, parts in 500_u32..=1_000,
        within in prop::collection::vec(0_u32..3, 0..2),
    ) {
        let change = change(!seed, &county(seed, 3, rows, &[128, 64]));
        let rule = within.iter().fold(Rule::between_all(3), |rule, own| rule.and_within(*own));
        let threshold = Threshold::from_per_million(parts * 1_000).unwrap();
        let earlier: PairList =
            pairs_of(&all(&change.earlier, &rule, Measure::Dice, threshold)).unwrap()
                .into_iter().collect();
        let new = new_pairs(&change, &rule, threshold);
        let first_new = change.succession.first_new().unwrap();
        for pair in new.pairs() {
            let is_new = |record: RecordRef| record.row >= first_new[record.source as usize];
            prop_assert!(is_new(pair.left) || is_new(pair.right));
        }
        let mut carried = Carried::new(&change.succession, earlier.reader(), new.reader());
        let full = pairs_of(&all(&change.now, &rule, Measure::Dice, threshold)).unwrap();
        let full: PairList = full.into_iter().collect();
        prop_assert_eq!(plain(&ranked(&mut carried)), plain(&ranked(&mut full.reader())));

        let mut carried = Carried::new(&change.succession, earlier.reader(), new.reader());
        let from_both = person_of(&solve(&mut carried, &change.now, threshold));
        let from_full = person_of(&solve(&mut full.reader(), &change.now, threshold));
        prop_assert_eq!(from_both, from_full);
    }

    /// A person is who most of the records say, and nobody is two.
    #[test]
    fn persons_keep_their_number_by_the_largest_overlap(
        seed in any::<u64>(), rows in 0_u64..50, parts in 600_u32..=1_000,
    ) {
        let change = change(!seed, &county(seed, 3, rows, &[128]));
        let rule = Rule::between_all(3);
        let threshold = Threshold::from_per_million(parts * 1_000).unwrap();
        let pairs = |sources| -> PairList {
            let found = pairs_of(&all(sources, &rule, Measure::Dice, threshold)).unwrap();
            found.into_iter().collect()
        };
        let before = person_of(&solve(
            &mut pairs(&change.earlier).reader(), &change.earlier, threshold,
        ));
        let earlier: BTreeMap<RecordRef, u32> = before
            .iter()
            .filter_map(|(record, person)| Some((change.succession.now(*record)?, *person)))
            .collect();
        let clusters = solve(&mut pairs(&change.now).reader(), &change.now, threshold);
        let persons = inherit(&clusters, |record| earlier.get(&record).copied());

        let given: Vec<u32> = persons.iter().flatten().copied().collect();
        prop_assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), given.len());
        let overlap = |position: usize, person: u32| {
            let records = clusters.iter().nth(position).unwrap().records;
            records.iter().filter(|own| earlier.get(own) == Some(&person)).count()
        };
        for (position, cluster) in clusters.iter().enumerate() {
            let claimed: BTreeSet<u32> =
                cluster.records.iter().filter_map(|own| earlier.get(own).copied()).collect();
            match persons[position] {
                // Whoever else shares more records with the cluster shares more with another.
                own => for other in claimed.iter().filter(|other| own != Some(**other)) {
                    let here = overlap(position, *other);
                    let elsewhere = (0..persons.len())
                        .filter(|at| persons[*at] == Some(*other))
                        .map(|at| overlap(at, *other)).max();
                    let mine = own.map(|own| overlap(position, own));
                    prop_assert!(mine.max(elsewhere) >= Some(here));
                },
            }
            // A cluster that is just what it was is who it was.
            let whole = |person: u32| {
                let records = earlier.iter().filter(|(_, own)| **own == person).map(|own| *own.0);
                records.eq(cluster.records.iter().copied())
            };
            if let Some(only) = claimed.first().filter(|own| whole(**own)) {
                prop_assert_eq!(persons[position], Some(*only));
            }
        }
    }
}

/// Big enough for several tiles; nothing new is a comparison of nothing.
#[test]
fn a_small_batch_compares_little_and_nothing_new_nothing() {
    let sources = county(21, 2, 9_000, &[1_024]);
    let rule = Rule::between_all(2).and_within(1);
    let comparison = all(&sources, &rule, Measure::Dice, "0.8".parse().unwrap());
    let (a, b) = (sources[0].rows() as u64, sources[1].rows() as u64);
    let run = |first_new: [u64; 2]| {
        let scope = Scope::all().only_new(first_new.map(|own| own as u32).to_vec());
        let mut pairs = PairList::new();
        let told = compare_scope(&comparison, &scope, &mut pairs, &Progress::new()).unwrap();
        (told.compared, pairs.pairs().len())
    };
    let full = a * b + b * (b - 1) / 2;
    assert_eq!(run([0, 0]).0, full);
    assert_eq!(run([a, b]), (0, 0));
    assert_eq!(run([a, b - 10]).0, 10 * a + 10 * (b - 10) + 45);
    assert_eq!(run([a - 7, b]).0, 7 * b);
}

#[test]
fn a_removal_splits_what_it_held_together() {
    let at = |source, row| RecordRef { source, row };
    let pair = |left, right, percent: u64| Pair {
        left,
        right,
        similarity: linkage::Similarity::from_bits((percent * u64::from(u32::MAX) / 100) as u32),
    };
    let threshold = "0.5".parse().unwrap();
    let solve = |pairs: &mut dyn FnMut() -> PairList, sizes: &[u32]| {
        let options = Options::new(threshold);
        groups(&mut pairs().reader(), sizes, "0.4".parse().unwrap(), &options).unwrap()
    };
    // A record of source 1 holds one of source 0 and two others together.
    let list = || -> PairList {
        [pair(at(0, 0), at(1, 0), 90), pair(at(1, 0), at(2, 0), 80), pair(at(2, 0), at(3, 0), 85)]
            .into_iter()
            .collect()
    };
    let before = solve(&mut || list(), &[1, 1, 1, 1]);
    assert_eq!(before.len(), 2, "pairs 0-1 and 2-3; one of four pairs across is not enough");
    let stays = |source| vec![Some(at(source, 0))];
    let succession =
        Succession::new(vec![stays(0), vec![None], stays(2), stays(3)], &[1, 0, 1, 1]).unwrap();
    let earlier = person_of(&before);
    let none = PairList::new();
    let mut carried = Carried::new(&succession, list().reader(), none.reader()).into_list();
    let now = solve(&mut || std::mem::take(&mut carried), &[1, 0, 1, 1]);
    let persons = inherit(&now, |record| earlier.get(&record).copied());
    assert_eq!(now.len(), 2);
    assert_eq!(persons, [earlier.get(&at(0, 0)).copied(), earlier.get(&at(2, 0)).copied()]);
}

trait IntoList {
    fn into_list(self) -> PairList;
}

impl<S: PairSource> IntoList for S {
    fn into_list(mut self) -> PairList {
        ranked(&mut self).into_iter().collect()
    }
}

#[test]
fn refuses_what_is_no_succession() {
    let at = |source, row| Some(RecordRef { source, row });
    let error = |earlier, sizes: &[u32]| Succession::new(earlier, sizes).err().unwrap();
    let twice = error(vec![vec![at(0, 1), at(0, 1)]], &[2]);
    assert!(matches!(twice, Error::Succession { source_index: 0, row: 1, twice: true }));
    assert!(twice.to_string().contains("another one's"), "{twice}");
    for missing in [at(0, 2), at(1, 0)] {
        let error = error(vec![vec![missing]], &[2]);
        assert!(matches!(error, Error::Succession { twice: false, .. }), "{error}");
    }
    let gap = Succession::new(vec![vec![at(0, 0), at(0, 2)]], &[3]).unwrap();
    assert!(matches!(gap.first_new(), Err(Error::NewBeforeOld(0))));
    let swapped = Succession::new(vec![vec![at(1, 0)], vec![at(0, 1), at(0, 0)]], &[3, 1]).unwrap();
    assert_eq!(swapped.first_new().unwrap(), [2, 1]);

    let sources = county(1, 2, 20, &[128]);
    let rule = Rule::between_all(2);
    let comparison = all(&sources, &rule, Measure::Dice, "0.8".parse().unwrap());
    for first_new in [vec![0], vec![0, 0, 0], vec![0, sources[1].rows() as u32 + 1]] {
        let scope = Scope::all().only_new(first_new);
        let result = compare_scope(&comparison, &scope, &mut PairList::new(), &Progress::new());
        assert!(matches!(result, Err(Error::FirstNew)));
    }
}
