//! Blocking: never a pair too many, never one twice, and what is lost is said.

use std::collections::BTreeSet;

use linkage::{
    BlockKeys, Blocking, Blocks, Comparison, Error, Filters, Lsh, Measure, Pair, PairList,
    Progress, RecordRef, Rule, Scope, Source, Threshold, choose,
};
use proptest::prelude::*;

use crate::county::{Dice, all, county, pairs_of, plain};

fn blocked(comparison: &Comparison<'_>, blocking: Blocking, most: u32) -> (Vec<Pair>, u64) {
    let blocks = Blocks::new(comparison, blocking, most).unwrap();
    let mut pairs = PairList::new();
    blocks.compare(&Scope::all(), &mut pairs, &Progress::new()).unwrap();
    (pairs.pairs().to_vec(), blocks.figures().dropped)
}

/// One to three keys of few for most records.
fn keys(sources: &[Source], seed: u64) -> Vec<(RecordRef, u64)> {
    let mut dice = Dice(seed);
    let mut keys = Vec::new();
    for (source, own) in (0..).zip(sources) {
        for row in 0..own.rows() as u32 {
            for _ in 0..dice.below(4) {
                keys.push((RecordRef { source, row }, dice.below(6)));
            }
        }
    }
    keys
}

fn sizes(sources: &[Source]) -> Vec<u32> {
    sources.iter().map(|source| source.rows() as u32).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn keys_find_each_pair_that_shares_a_block_once(
        seed in any::<u64>(), rows in 0_u64..40, parts in 400_u32..=900, most in 2_u32..60,
    ) {
        let sources = county(seed, 3, rows, &[64, 128]);
        let rule = Rule::between_all(3).and_within(1);
        let threshold = Threshold::from_per_million(parts * 1_000).unwrap();
        let comparison = all(&sources, &rule, Measure::Dice, threshold);
        let keys = keys(&sources, !seed);
        let of = |record: RecordRef| -> BTreeSet<u64> {
            keys.iter().filter(|own| own.0 == record).map(|own| own.1).collect()
        };
        let in_block = |key: u64| {
            let members = keys.iter().filter(|own| own.1 == key).map(|own| own.0);
            members.collect::<BTreeSet<_>>().len() as u32
        };
        let mut expected: Vec<_> = pairs_of(&comparison).unwrap();
        expected.retain(|pair| {
            of(pair.left).intersection(&of(pair.right)).any(|key| in_block(*key) <= most)
        });
        let mut expected = plain(&expected);
        expected.sort_unstable();
        let blocking = Blocking::Keys(BlockKeys::new(keys.clone(), &sizes(&sources)).unwrap());
        let (found, dropped) = blocked(&comparison, blocking, most);
        let mut found = plain(&found);
        found.sort_unstable();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(dropped, (0..6).filter(|key| in_block(*key) > most).count() as u64);
    }

    #[test]
    fn bands_find_some_of_the_pairs_and_each_once(
        seed in any::<u64>(), rows in 0_u64..40, parts in 500_u32..=900,
        bands in 1_u32..12, positions in 1_u32..20, most in 2_u32..100, threads in 1_usize..4,
    ) {
        let sources = county(seed, 3, rows, &[64, 128]);
        let rule = Rule::between_all(3).and_within(0);
        let threshold = Threshold::from_per_million(parts * 1_000).unwrap();
        let comparison = all(&sources, &rule, Measure::Hamming, threshold);
        let every: BTreeSet<_> = plain(&pairs_of(&comparison).unwrap()).into_iter().collect();
        let lsh = Lsh::new(bands, positions, seed).unwrap();
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = one.install(|| blocked(&comparison, Blocking::Lsh(lsh), most)).0;
        let again = pool.install(|| blocked(&comparison, Blocking::Lsh(lsh), most)).0;
        let found = plain(&found);
        prop_assert_eq!(&found, &plain(&again));
        let once: BTreeSet<_> = found.iter().copied().collect();
        prop_assert_eq!(once.len(), found.len());
        prop_assert!(once.is_subset(&every));
        // Equal filters share every band; where none is dropped they are all found.
        if most > 150 {
            let equal = every.iter().filter(|own| own.4 == u32::MAX);
            prop_assert!(equal.clone().all(|own| once.contains(own)));
        }
    }

    /// With a sample of everything, measured is what is found.
    #[test]
    fn the_measured_share_is_the_share_found(
        seed in any::<u64>(), rows in 5_u64..40, bands in 1_u32..6, positions in 4_u32..16,
    ) {
        let sources = county(seed, 2, rows, &[128]);
        let rule = Rule::between_all(2);
        let comparison = all(&sources, &rule, Measure::Dice, "0.7".parse().unwrap());
        let every = pairs_of(&comparison).unwrap().len() as u64;
        let lsh = Blocking::Lsh(Lsh::new(bands, positions, seed).unwrap());
        let blocks = Blocks::new(&comparison, lsh, 1_000).unwrap();
        let mut pairs = PairList::new();
        blocks.compare(&Scope::all(), &mut pairs, &Progress::new()).unwrap();
        let told = blocks.completeness();
        prop_assert_eq!((told.pairs, told.found), (every, pairs.pairs().len() as u64));
    }
}

/// Two sources of the same people, whose filters differ in fewer than `most` bits.
fn twins(people: u64, most: u64) -> Vec<Source> {
    let mut dice = Dice(people);
    let mut views = [Filters::new(1_024).unwrap(), Filters::new(1_024).unwrap()];
    for _ in 0..people {
        let mut filter: Vec<u8> = (0..128).map(|_| dice.roll() as u8).collect();
        views[0].push(&filter).unwrap();
        for _ in 0..dice.below(most) {
            let bit = dice.below(1_024) as usize;
            filter[bit / 8] ^= 1 << (bit % 8);
        }
        views[1].push(&filter).unwrap();
    }
    views.map(|view| Source::new(vec![view]).unwrap()).into()
}

#[test]
fn the_bands_chosen_find_what_was_asked_for() {
    let sources = twins(1_200, 205);
    let rule = Rule::between_all(2);
    let comparison = all(&sources, &rule, Measure::Hamming, "0.8".parse().unwrap());
    let every = pairs_of(&comparison).unwrap().len();
    assert!(every > 500, "{every}");
    for asked in [0.5, 0.9, 0.99] {
        let choice = choose(&comparison, asked, 5).unwrap();
        assert!(choice.expected >= asked && [203, 204].contains(&choice.distance), "{choice:?}");
        let (found, dropped) = blocked(&comparison, Blocking::Lsh(choice.lsh), 1_000_000);
        let share = found.len() as f64 / every as f64;
        // Pairs above the threshold are found more often than those at it.
        assert!(dropped == 0 && share > asked - 0.02, "{share} of {asked}");
        let measured = Blocks::new(&comparison, Blocking::Lsh(choice.lsh), 1_000_000).unwrap();
        assert!((measured.completeness().share().unwrap() - share).abs() < 0.05);
    }
    // Strangers agree in half of their bits.
    let comparison = all(&sources, &rule, Measure::Hamming, "0.3".parse().unwrap());
    let choice = choose(&comparison, 0.999, 5);
    assert!(choice.is_err() || choice.unwrap().exact_is_faster);
    // Nothing but everything is certain.
    assert!(matches!(choose(&comparison, 1.0, 5), Err(Error::NoBands)));
}

#[test]
fn only_new_and_the_cap_per_record_hold_within_blocks() {
    let sources = county(9, 2, 300, &[128]);
    let rule = Rule::between_all(2).and_within(0);
    let comparison = all(&sources, &rule, Measure::Dice, "0.8".parse().unwrap());
    let lsh = Lsh::new(20, 8, 1).unwrap();
    let blocks = Blocks::new(&comparison, Blocking::Lsh(lsh), 10_000).unwrap();
    let run = |scope: Scope| {
        let mut pairs = PairList::new();
        blocks.compare(&scope, &mut pairs, &Progress::new()).unwrap();
        plain(pairs.pairs()).into_iter().collect::<BTreeSet<_>>()
    };
    let every = run(Scope::all());
    let half = sizes(&sources).iter().map(|rows| rows / 2).collect::<Vec<_>>();
    let new = run(Scope::all().only_new(half.clone()));
    let is_new = |own: &(u32, u32, u32, u32, u32)| {
        own.1 >= half[own.0 as usize] || own.3 >= half[own.2 as usize]
    };
    assert!(new.len() < every.len());
    assert_eq!(new, every.iter().filter(|own| is_new(own)).copied().collect());
    let best = run(Scope::all().per_record(std::num::NonZeroU32::MIN));
    assert!(best.is_subset(&every) && !best.is_empty() && best.len() < every.len());
}

#[test]
fn keys_of_other_sources_are_refused() {
    let sources = county(1, 2, 20, &[128]);
    let rule = Rule::between_all(2);
    let comparison = all(&sources, &rule, Measure::Dice, "0.8".parse().unwrap());
    let record = RecordRef { source: 1, row: sources[1].rows() as u32 };
    let error = BlockKeys::new(vec![(record, 1)], &sizes(&sources)).err().unwrap();
    assert!(matches!(error, Error::UnknownRecord { source_index: 1, .. }));
    let keys = BlockKeys::new(Vec::new(), &sizes(&sources)[..1]).unwrap();
    assert!(matches!(Blocks::new(&comparison, Blocking::Keys(keys), 10), Err(Error::BlockKeys)));
}
