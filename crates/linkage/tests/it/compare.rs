use linkage::{Kernel, Measure, Rule, Source, Threshold};
use proptest::prelude::*;

use crate::county::{all, county, pairs_of, plain};

const MEASURES: [Measure; 3] = [Measure::Dice, Measure::Jaccard, Measure::Hamming];

/// Similarity by the definition, as a ratio, over the best view.
fn ratio(
    measure: Measure,
    (a, i): (&Source, usize),
    (b, j): (&Source, usize),
    (p, q): (u64, u64),
) -> Option<u32> {
    let views = a.views().iter().zip(b.views()).filter_map(|(a, b)| {
        let count = |join: fn(u64, u64) -> u64| -> u64 {
            a.row(i).iter().zip(b.row(j)).map(|(a, b)| u64::from(join(*a, *b).count_ones())).sum()
        };
        let (and, or, xor) = (count(|a, b| a & b), count(|a, b| a | b), count(|a, b| a ^ b));
        let bits = u64::from(a.bits());
        let (numerator, denominator) = match measure {
            Measure::Dice => (2 * and, and + or),
            Measure::Jaccard => (and, or),
            Measure::Hamming => (bits - xor, bits),
        };
        let alike = or > 0 && numerator * q >= p * denominator;
        alike.then(|| (numerator * u64::from(u32::MAX) / denominator) as u32)
    });
    views.max()
}

fn by_definition(
    sources: &[Source],
    rule: &[(u32, u32)],
    measure: Measure,
    parts: u32,
) -> Vec<(u32, u32, u32, u32, u32)> {
    let mut pairs = Vec::new();
    for &(left, right) in rule {
        let (a, b) = (&sources[left as usize], &sources[right as usize]);
        for i in 0..a.rows() {
            for j in if left == right { i + 1 } else { 0 }..b.rows() {
                let similarity = ratio(measure, (a, i), (b, j), (parts.into(), 1_000_000));
                pairs.extend(similarity.map(|s| (left, i as u32, right, j as u32, s)));
            }
        }
    }
    pairs
}

fn lengths() -> impl Strategy<Value = Vec<u32>> {
    let words = prop_oneof![Just(16_u32), 1_u32..=20, Just(128)];
    prop::collection::vec(words.prop_map(|words| words * 64), 1..=3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn finds_exactly_what_the_definition_says(
        seed in any::<u64>(), bits in lengths(), rows in 0_u64..60, parts in 1_u32..=1_000,
        rule in prop::collection::vec((0_u32..3, 0_u32..3), 0..5),
    ) {
        let sources = county(seed, 3, rows, &bits);
        let threshold = Threshold::from_per_million(parts * 1_000).unwrap();
        let mut normal: Vec<_> = rule.iter().map(|&(a, b)| (a.min(b), a.max(b))).collect();
        normal.sort_unstable();
        normal.dedup();
        for measure in MEASURES {
            let pairs = pairs_of(&all(&sources, &Rule::only(&rule), measure, threshold)).unwrap();
            let mut found = plain(&pairs);
            found.sort_unstable();
            let mut expected = by_definition(&sources, &normal, measure, parts * 1_000);
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn every_kernel_finds_the_same_in_the_same_order(
        seed in any::<u64>(), bits in lengths(), rows in 0_u64..60, parts in 500_u32..=1_000,
    ) {
        let sources = county(seed, 2, rows, &bits);
        let threshold = Threshold::from_per_million(parts * 1_000).unwrap();
        let rule = Rule::between_all(2).and_within(0);
        let mut comparison = all(&sources, &rule, Measure::Dice, threshold);
        comparison.kernel = Kernel::PORTABLE;
        let portable = plain(&pairs_of(&comparison).unwrap());
        for kernel in Kernel::available() {
            comparison.kernel = kernel;
            prop_assert_eq!(&plain(&pairs_of(&comparison).unwrap()), &portable);
        }
    }
}

/// Big enough for several tiles.
#[test]
fn order_does_not_depend_on_the_number_of_threads() {
    let sources = county(7, 2, 9_000, &[1_024, 512]);
    let rule = Rule::between_all(2);
    let comparison = all(&sources, &rule, Measure::Dice, "0.8".parse().unwrap());
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        plain(&pool.install(|| pairs_of(&comparison)).unwrap())
    };
    let one = run(1);
    assert!(one.len() > 1_000);
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}

#[test]
fn an_empty_source_has_no_pairs() {
    let mut sources = county(3, 2, 20, &[128]);
    sources.push(county(4, 1, 0, &[128]).remove(0));
    let rule = Rule::only(&[(0, 2), (2, 2)]);
    let comparison = all(&sources, &rule, Measure::Dice, "0.1".parse().unwrap());
    assert!(pairs_of(&comparison).unwrap().is_empty());
    let nothing = Rule::only(&[]);
    let comparison = all(&[], &nothing, Measure::Dice, "0.1".parse().unwrap());
    assert!(pairs_of(&comparison).unwrap().is_empty());
}
