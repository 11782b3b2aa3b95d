//! The cap for each record.

use std::num::NonZeroU32;

use linkage::{
    Comparison, Error, Limits, Measure, Pair, PairList, Progress, RecordRef, Rule, Scope, Summary,
    Threshold, compare_scope,
};
use proptest::prelude::*;

use crate::county::{all, county, pairs_of, plain};

fn capped(comparison: &Comparison<'_>, most: u32) -> Result<(Vec<Pair>, Summary), Error> {
    let scope = Scope::all().per_record(NonZeroU32::new(most).unwrap());
    let mut pairs = PairList::new();
    let summary = compare_scope(comparison, &scope, &mut pairs, &Progress::new())?;
    Ok((pairs.pairs().to_vec(), summary))
}

/// Whether `partner` is among the `most` best that `of` has in its source, by sorting.
fn among_best(pairs: &[Pair], of: RecordRef, partner: RecordRef, most: usize) -> bool {
    let mut partners: Vec<_> = pairs
        .iter()
        .filter_map(|pair| match pair {
            Pair { left, right, similarity } if *left == of => Some((*right, *similarity)),
            Pair { left, right, similarity } if *right == of => Some((*left, *similarity)),
            _ => None,
        })
        .filter(|(other, _)| other.source == partner.source)
        .collect();
    partners.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    partners.iter().take(most).any(|(other, _)| *other == partner)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_pair_stays_when_it_is_among_the_best_of_both(
        seed in any::<u64>(), rows in 0_u64..40, parts in 300_u32..=900, most in 1_u32..6,
        threads in 1_usize..4,
    ) {
        let sources = county(seed, 3, rows, &[64, 128]);
        let rule = Rule::between_all(3).and_within(1);
        let threshold = Threshold::from_per_million(parts * 1_000).unwrap();
        let comparison = all(&sources, &rule, Measure::Dice, threshold);
        let every = pairs_of(&comparison).unwrap();
        let mut expected: Vec<Pair> = every
            .iter()
            .filter(|pair| {
                among_best(&every, pair.left, pair.right, most as usize)
                    && among_best(&every, pair.right, pair.left, most as usize)
            })
            .copied()
            .collect();
        expected.sort_by_key(|pair| {
            (pair.left.source, pair.right.source, pair.left.row, pair.right.row)
        });
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (found, told) = pool.install(|| capped(&comparison, most)).unwrap();
        prop_assert_eq!(plain(&found), plain(&expected));
        prop_assert_eq!(told.candidates, every.len() as u64);
        prop_assert_eq!(told.pairs, found.len() as u64);
    }
}

/// Big enough for several tiles, and for records that overflow.
#[test]
fn what_is_kept_depends_on_no_thread() {
    let sources = county(7, 2, 9_000, &[256]);
    let rule = Rule::between_all(2).and_within(0);
    let comparison = all(&sources, &rule, Measure::Dice, "0.62".parse().unwrap());
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        plain(&pool.install(|| capped(&comparison, 3)).unwrap().0)
    };
    let one = run(1);
    assert!(one.len() > 1_000);
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}

#[test]
fn the_cap_in_all_counts_what_is_kept() {
    let sources = county(11, 2, 400, &[256]);
    let rule = Rule::between_all(2);
    let mut comparison = all(&sources, &rule, Measure::Dice, "0.5".parse().unwrap());
    let (kept, told) = capped(&comparison, 2).unwrap();
    assert!(told.candidates > 10 * told.pairs, "{} {}", told.candidates, told.pairs);
    comparison.limits = Limits { pairs: told.pairs };
    assert_eq!(capped(&comparison, 2).unwrap().0.len(), kept.len());
    comparison.limits = Limits { pairs: told.pairs - 1 };
    let Err(Error::TooManyPairs { found, complete: true, fits: Some(fits), .. }) =
        capped(&comparison, 2)
    else {
        panic!("the limit was ignored")
    };
    assert_eq!(found, told.pairs);
    let reach = kept.iter().filter(|pair| fits.accepts(pair.similarity)).count() as u64;
    assert!(reach < told.pairs);
}

#[test]
fn a_capped_comparison_cannot_go_on_from_a_tile() {
    let sources = county(1, 2, 20, &[128]);
    let rule = Rule::between_all(2);
    let mut comparison = all(&sources, &rule, Measure::Dice, "0.8".parse().unwrap());
    comparison.first_tile = 1;
    assert!(matches!(capped(&comparison, 1), Err(Error::CapContinued)));
}
