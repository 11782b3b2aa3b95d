//! Poisoned deliveries: what they may change.

use std::collections::BTreeSet;

use linkage::{
    Alarm, Clusters, Filters, Hits, Measure, Options, Pair, PairList, RecordRef, Repeats, Rule,
    SetAside, Similarity, Source, Without, crowded, greedy, repeated,
};
use proptest::prelude::*;

use crate::county::{Dice, all, pairs_of};

const PEOPLE: usize = 300;
type Filter = [u8; 128];

/// Two departments' filters of people, the second of the same people in another order,
/// with some bits turned.
fn honest(dice: &mut Dice) -> [Vec<Filter>; 2] {
    let first: Vec<Filter> =
        (0..PEOPLE).map(|_| std::array::from_fn(|_| dice.roll() as u8)).collect();
    let second = (0..PEOPLE).map(|row| turned(dice, first[(row * 7 + 3) % PEOPLE], 60)).collect();
    [first, second]
}

fn turned(dice: &mut Dice, mut filter: Filter, most: u64) -> Filter {
    for _ in 0..dice.below(most) {
        let bit = dice.below(1_024) as usize;
        filter[bit / 8] ^= 1 << (bit % 8);
    }
    filter
}

fn source(filters: &[Filter]) -> Source {
    let mut view = Filters::new(1_024).unwrap();
    filters.iter().for_each(|own| view.push(own).unwrap());
    Source::new(vec![view]).unwrap()
}

/// Links of two records, as an attacker's victim counts them: those of honest records.
fn links(clusters: &Clusters) -> BTreeSet<(u32, u32)> {
    let honest = |record: &RecordRef| (record.row as usize) < PEOPLE;
    let linked = clusters.iter().filter(|own| own.records.len() == 2);
    let linked = linked.filter(|own| own.records.iter().all(honest));
    linked.map(|own| (own.records[0].row, own.records[1].row)).collect()
}

struct Linked {
    links: BTreeSet<(u32, u32)>,
    set_aside: usize,
    alarms: Vec<Alarm>,
}

/// Links with the limits that an operator would set: three equal encodings, ten matches.
fn link(filters: &[Vec<Filter>; 2], measure: Measure, threshold: &str) -> Linked {
    let sources = filters.each_ref().map(|own| source(own));
    let rule = Rule::between_all(2);
    let threshold = threshold.parse().unwrap();
    let pairs: PairList =
        pairs_of(&all(&sources, &rule, measure, threshold)).unwrap().into_iter().collect();
    let sizes = filters.each_ref().map(|own| own.len() as u32);
    let (mut aside, mut alarms) = (Vec::new(), Vec::new());
    for (number, own) in (0..).zip(&sources) {
        alarms.extend(Repeats::of(own).check(number, 5_000, 3));
        let rows = repeated(own, 3).into_iter();
        aside.extend(rows.map(|row| RecordRef { source: number, row }));
    }
    let repeats = SetAside::new(aside.clone());
    aside.extend(crowded(|| Without::new(pairs.reader(), &repeats), &sizes, 10).unwrap());
    let aside = SetAside::new(aside);
    let mut pairs = Without::new(pairs.reader(), &aside);
    let clusters = greedy(&mut pairs, &sizes, &Options::new(threshold)).unwrap();
    for (number, hits) in (0..).zip(Hits::by_source(&clusters, 2)) {
        alarms.extend(hits.check(number, (950_000, 1_000_000)));
    }
    Linked { links: links(&clusters), set_aside: aside.records().len(), alarms }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn junk_leaves_honest_links_as_they_were(
        seed in any::<u64>(), percent in 1_usize..=10, kind in 0_u8..3, both in any::<bool>(),
        hamming in any::<bool>(),
    ) {
        let (measure, threshold) =
            if hamming { (Measure::Hamming, "0.8") } else { (Measure::Dice, "0.66") };
        let mut dice = Dice(seed);
        let mut filters = honest(&mut dice);
        let before = link(&filters, measure, threshold);
        prop_assert!(before.links.len() > PEOPLE * 95 / 100 && before.alarms.is_empty());
        let victim = filters[1][dice.below(PEOPLE as u64) as usize];
        let junk = match kind {
            // By Dice, all ones is alike to everybody: 2 · 512 / 1536.
            0 => [0xff; 128],
            1 => std::array::from_fn(|_| dice.roll() as u8),
            // Somebody's own filter, again and again: that one person is lost.
            _ => victim,
        };
        for filters in filters.iter_mut().take(if both { 2 } else { 1 }) {
            filters.extend(vec![junk; (PEOPLE * percent / 100).max(4)]);
        }
        let after = link(&filters, measure, threshold);
        let changed = before.links.symmetric_difference(&after.links).count();
        prop_assert!(changed <= usize::from(kind == 2), "{changed}");
        prop_assert!(after.set_aside >= filters[0].len() - PEOPLE);
        let told = |own: &Alarm| matches!(own, Alarm::Repeats { source: 0, .. });
        prop_assert!(after.alarms.iter().any(told));
    }

    #[test]
    fn lookalikes_change_at_most_as_many_links_as_there_are(
        seed in any::<u64>(), percent in 1_usize..=10, apart in 1_u64..60,
    ) {
        let mut dice = Dice(seed);
        let mut filters = honest(&mut dice);
        let before = link(&filters, Measure::Hamming, "0.8").links;
        let injected = PEOPLE * percent / 100;
        // Each of another person, often nearer to them than their own record.
        let first = dice.below(PEOPLE as u64) as usize;
        for number in 0..injected {
            let copied = filters[1][(first + number) % PEOPLE];
            let copy = turned(&mut dice, copied, apart);
            filters[0].push(copy);
        }
        let after = link(&filters, Measure::Hamming, "0.8").links;
        prop_assert!(after.is_subset(&before), "nobody honest is linked to somebody else");
        prop_assert!(before.len() - after.len() <= injected);
    }
}

#[test]
fn repeats_count_views_by_themselves() {
    let (mut one, mut two) = (Filters::new(64).unwrap(), Filters::new(64).unwrap());
    for (a, b) in [(1_u64, 9_u64), (2, 9), (2, 8), (3, 7), (4, 9)] {
        one.push(&a.to_le_bytes()).unwrap();
        two.push(&b.to_le_bytes()).unwrap();
    }
    let source = Source::new(vec![one, two]).unwrap();
    let told = Repeats::of(&source);
    assert_eq!((told.records, told.repeated, told.largest), (5, 4, 3));
    assert_eq!(told.per_million(), 800_000);
    assert_eq!(repeated(&source, 1), [0, 1, 2, 4]);
    assert_eq!(repeated(&source, 2), [0, 1, 4]);
    assert!(repeated(&source, 3).is_empty());
    assert_eq!(told.check(0, 800_000, 3), None);
    assert!(told.check(0, 799_999, 3).is_some() && told.check(0, 800_000, 2).is_some());
    let text = told.check(4, 0, 0).unwrap().to_string();
    assert!(text.contains("source 4: 4 of 5 records") && text.contains("3 times"), "{text}");
}

#[test]
fn a_record_is_crowded_by_its_partners_in_one_source() {
    let at = |source, row| RecordRef { source, row };
    let pair = |left, right| Pair { left, right, similarity: Similarity::ONE };
    let pairs: PairList = [
        pair(at(0, 0), at(1, 0)),
        pair(at(0, 0), at(1, 1)),
        pair(at(0, 0), at(2, 0)),
        pair(at(1, 0), at(2, 0)),
        pair(at(0, 1), at(1, 0)),
    ]
    .into_iter()
    .collect();
    let over = |most| crowded(|| pairs.reader(), &[2, 2, 1], most).unwrap();
    assert_eq!(over(1), [at(0, 0), at(1, 0)]);
    assert!(over(2).is_empty());
    assert!(crowded(|| pairs.reader(), &[2, 1, 1], 1).is_err());
}

/// Junk of which no two are equal, alike to everybody: it goes, and nobody else.
#[test]
fn who_matches_everybody_is_taken_out_before_those_who_are_matched() {
    let mut dice = Dice(5);
    let mut filters = honest(&mut dice);
    let before = link(&filters, Measure::Dice, "0.66");
    for number in 0..30_usize {
        let mut junk = [0xff; 128];
        junk[number] = 0x7f;
        filters[0].push(junk);
    }
    let after = link(&filters, Measure::Dice, "0.66");
    assert_eq!(after.links, before.links);
    assert_eq!(after.set_aside, 30);
}

#[test]
fn hits_outside_what_was_expected_are_an_alarm() {
    let hits = Hits { records: 200, linked: 50 };
    assert_eq!(hits.per_million(), 250_000);
    assert_eq!(hits.check(1, (250_000, 250_000)), None);
    let text = hits.check(1, (300_000, 600_000)).unwrap().to_string();
    assert!(text.contains("50 of 200") && text.contains("30.0 to 60.0 %"), "{text}");
    assert!(hits.check(1, (0, 249_999)).is_some());
    assert_eq!(Hits::default().per_million(), 0);
}
