//! The threshold assistant against the truth that only a test knows.

use std::collections::HashMap;

use linkage::{
    Assessment, Clusters, Comparison, Filters, Kernel, Limits, Measure, Options, PairList,
    Progress, RecordRef, Rule, Source, Threshold, Warning, assess_sources, compare, greedy,
};
use serde_json::Value;

use crate::anonlink::{read, shared, source};
use crate::county::Dice;

/// Sources with the person behind each row.
struct World {
    sources: Vec<Source>,
    people: Vec<Vec<u32>>,
    measure: Measure,
}

impl World {
    fn rule(&self) -> Rule {
        Rule::between_all(self.sources.len() as u32)
    }

    fn assess(&self, rule: &Rule) -> Assessment {
        let limits = Limits { pairs: 20_000_000 };
        let kernel = Kernel::detect();
        assess_sources(&self.sources, rule, self.measure, limits, kernel, &Progress::new()).unwrap()
    }

    fn person(&self, record: RecordRef) -> u32 {
        self.people[record.source as usize][record.row as usize]
    }

    /// True F1 over pairs of records of different sources.
    fn f1(&self, clusters: &Clusters) -> f64 {
        let across = |records: &[RecordRef]| -> Vec<(RecordRef, RecordRef)> {
            let pairs = records.iter().flat_map(|a| records.iter().map(move |b| (*a, *b)));
            pairs.filter(|(a, b)| a.source < b.source).collect()
        };
        let mut people: HashMap<u32, Vec<RecordRef>> = HashMap::new();
        for (source, rows) in self.people.iter().enumerate() {
            for (row, person) in rows.iter().enumerate() {
                let record = RecordRef { source: source as u32, row: row as u32 };
                people.entry(*person).or_default().push(record);
            }
        }
        let real: usize = people.values().map(|records| across(records).len()).sum();
        let found: Vec<_> = clusters.iter().flat_map(|own| across(own.records)).collect();
        let both = found.iter().filter(|(a, b)| self.person(*a) == self.person(*b)).count();
        2.0 * both as f64 / (found.len() + real) as f64
    }

    /// True F1 by greedy matching at the recommended threshold, and the best of all
    /// thresholds from the floor on.
    fn outcome(&self, told: &Assessment) -> (f64, f64) {
        let rule = self.rule();
        let mut pairs = PairList::new();
        let comparison = Comparison {
            sources: &self.sources,
            rule: &rule,
            measure: self.measure,
            threshold: told.floor,
            limits: Limits { pairs: 20_000_000 },
            first_tile: 0,
            kernel: Kernel::detect(),
        };
        compare(&comparison, &mut pairs, &Progress::new()).unwrap();
        let sizes: Vec<u32> = self.sources.iter().map(|own| own.rows() as u32).collect();
        let at = |threshold: Threshold| {
            let options = Options::new(threshold);
            self.f1(&greedy(&mut pairs.reader(), &sizes, &options).unwrap())
        };
        let floor = told.floor.per_million() / 1_000;
        let all = (floor..=1_000).step_by(4);
        let all = all.map(|own| at(Threshold::from_per_million(own * 1_000).unwrap()));
        (at(told.recommended.unwrap()), all.fold(0.0, f64::max))
    }

    /// Prints and judges one line of the report.
    fn loses_at_most(&self, name: &str, most: f64) -> Assessment {
        let told = self.assess(&self.rule());
        let (own, best) = self.outcome(&told);
        let recommended = told.recommended.unwrap();
        let chosen = told.figures.iter().find(|own| own.threshold == recommended).unwrap();
        println!(
            "{name}: floor {}, recommended {recommended}, predicted F1 {:.4}, true {own:.4}, \
             best {best:.4}; {:.0} matches; {:?}",
            told.floor, chosen.f1, told.matches, told.warnings
        );
        assert!(best - own <= most, "{name}: {own} where {best} was to be had");
        told
    }
}

fn bit(filter: &mut [u8], at: u64) {
    filter[at as usize / 8] ^= 1 << (at % 8);
}

/// Two sources of plain filters: 30 tokens of 10 bits, some of them wrong.
fn plain(sizes: [u64; 2], shared: u64) -> World {
    let mut dice = Dice(7);
    let token = |dice: &mut Dice| dice.below(40).min(dice.below(40)) * 40 + dice.below(40);
    let everybody: Vec<Vec<u64>> =
        (0..sizes[0] + sizes[1]).map(|_| (0..30).map(|_| token(&mut dice)).collect()).collect();
    let filter = |tokens: &[u64]| {
        let mut filter = [0_u8; 128];
        for own in tokens {
            let mut bits = Dice(*own * 2 + 1);
            for _ in 0..10 {
                let at = bits.below(1_024) as usize;
                filter[at / 8] |= 1 << (at % 8);
            }
        }
        filter
    };
    let (mut sources, mut people) = (Vec::new(), Vec::new());
    for (start, size) in [(0, sizes[0]), (sizes[0] - shared, sizes[1])] {
        let (mut filters, mut rows) = (Filters::new(1_024).unwrap(), Vec::new());
        for person in start..start + size {
            let mut tokens = everybody[person as usize].clone();
            for _ in 0..dice.below(3) * dice.below(4) {
                let wrong = dice.below(30) as usize;
                tokens[wrong] = token(&mut dice);
            }
            filters.push(&filter(&tokens)).unwrap();
            rows.push(person as u32);
        }
        sources.push(Source::new(vec![filters]).unwrap());
        people.push(rows);
    }
    World { sources, people, measure: Measure::Dice }
}

/// Two sources of diffused filters: coins, of which a second record turns some. One in
/// `twins` rows comes twice in the second source.
fn diffused(sizes: [u64; 2], shared: u64, twins: u64) -> World {
    let mut dice = Dice(11);
    let everybody: Vec<[u8; 128]> =
        (0..sizes[0] + sizes[1]).map(|_| std::array::from_fn(|_| dice.roll() as u8)).collect();
    let (mut sources, mut people) = (Vec::new(), Vec::new());
    for (start, size, twins) in [(0, sizes[0], 0), (sizes[0] - shared, sizes[1], twins)] {
        let (mut filters, mut rows) = (Filters::new(1_024).unwrap(), Vec::new());
        for person in start..start + size {
            let copies = if twins > 0 && person % twins == 0 { 2 } else { 1 };
            for _ in 0..copies {
                let mut filter = everybody[person as usize];
                for _ in 0..[0, 0, 100, 250, 380][dice.below(5) as usize] {
                    bit(&mut filter, dice.below(1_024));
                }
                filters.push(&filter).unwrap();
                rows.push(person as u32);
            }
        }
        sources.push(Source::new(vec![filters]).unwrap());
        people.push(rows);
    }
    World { sources, people, measure: Measure::Hamming }
}

fn febrl(rows: usize) -> Option<World> {
    let file = read(&shared("clkhash/febrl4_clks.json")?);
    let part = |name: &str| Value::from(file[name].as_array().unwrap()[..rows].to_vec());
    let (mut sources, mut people) = (Vec::new(), Vec::new());
    for (clks, ids) in [("clks_a", "entity_ids_a"), ("clks_b", "entity_ids_b")] {
        sources.push(source(&part(clks)));
        let number = |id: &Value| id.as_str().unwrap().parse().unwrap();
        people.push(part(ids).as_array().unwrap().iter().map(number).collect());
    }
    Some(World { sources, people, measure: Measure::Dice })
}

#[test]
fn febrl4_loses_at_most_a_hundredth() {
    for rows in [1_000, 600] {
        let Some(world) = febrl(rows) else { return };
        world.loses_at_most(&format!("FEBRL 4, {rows} rows"), 0.01);
    }
}

/// Every pair of the five parties by itself.
#[test]
fn five_parties_by_pairs_lose_at_most_a_hundredth() {
    let Some(first) = shared("multiparty/clks-1.json") else { return };
    let ids = |party: usize| -> Vec<u32> {
        let csv = first.with_file_name(format!("dataset-{party}.csv"));
        let csv = std::fs::read_to_string(csv).unwrap();
        let id = |line: &str| line.split(',').next().unwrap().parse().unwrap();
        csv.lines().skip(1).map(id).collect()
    };
    let clks =
        |party: usize| source(&read(&first.with_file_name(format!("clks-{party}.json")))["clks"]);
    for a in 1..=5 {
        for b in a + 1..=5 {
            let (sources, people) = (vec![clks(a), clks(b)], vec![ids(a), ids(b)]);
            let world = World { sources, people, measure: Measure::Dice };
            let told = world.loses_at_most(&format!("parties {a} and {b}"), 0.01);
            assert!(told.matches < 3_000.0);
        }
    }
}

#[test]
fn plain_filters_lose_at_most_a_hundredth() {
    for shared in [100, 400, 900] {
        let world = plain([1_500, 1_000], shared);
        let told = world.loses_at_most(&format!("plain, {shared} shared"), 0.01);
        assert!((told.matches - shared as f64).abs() < 0.1 * shared as f64, "{}", told.matches);
        assert!(!told.warnings.contains(&Warning::Diffused));
    }
}

#[test]
fn diffused_filters_lose_at_most_a_hundredth() {
    for shared in [100, 400, 900] {
        let world = diffused([1_500, 1_000], shared, 0);
        let told = world.loses_at_most(&format!("diffused, {shared} shared"), 0.01);
        assert!((told.matches - shared as f64).abs() < 0.1 * shared as f64, "{}", told.matches);
        assert_eq!(told.warnings, []);
    }
}

#[test]
fn diffused_filters_measured_by_what_they_share_are_noticed() {
    let world = World { measure: Measure::Dice, ..diffused([500, 500], 200, 0) };
    assert!(world.assess(&world.rule()).warnings.contains(&Warning::Diffused));
}

#[test]
fn persons_who_are_in_a_source_twice_are_noticed_and_found() {
    let world = diffused([1_500, 1_000], 900, 3);
    let told = world.assess(&world.rule());
    let twice = |own: &&Warning| matches!(own, Warning::Twice { left: 0, right: 1, .. });
    assert!(told.warnings.iter().any(|own| twice(&own)), "{:?}", told.warnings);
    let (own, best) = world.outcome(&told);
    assert!(best - own <= 0.01, "{own} where {best} was to be had");
    let told = world.assess(&Rule::only(&[(1, 1)]));
    let twins = 1_000.0 / 3.0;
    assert!((told.between[0].matches - twins).abs() < 0.1 * twins, "{}", told.between[0].matches);
}

#[test]
fn more_matches_than_records_are_noticed() {
    let world = diffused([1_000, 1_000], 1_000, 1);
    let told = world.assess(&world.rule());
    let more = |own: &Warning| matches!(own, Warning::MoreMatchesThanRecords { records: 1_000, pairs, .. } if *pairs > 1_500.0);
    assert!(told.warnings.iter().any(more), "{:?}", told.warnings);
}

#[test]
fn strangers_alone_are_few_matches() {
    let told = diffused([800, 800], 0, 0);
    let told = told.assess(&told.rule());
    assert!(told.recommended.is_none());
    let few = |own: &Warning| matches!(own, Warning::FewMatches { .. });
    assert!(told.warnings.iter().any(few), "{:?}", told.warnings);
}

#[test]
fn empty_small_and_equal_sources_are_told_apart() {
    let world = |rows: usize, fill: fn(usize) -> u8| {
        let source = || {
            let mut filters = Filters::new(128).unwrap();
            for row in 0..rows {
                filters.push(&[fill(row); 16]).unwrap();
            }
            Source::new(vec![filters]).unwrap()
        };
        World { sources: vec![source(), source()], people: Vec::new(), measure: Measure::Dice }
    };
    let told = |world: &World| world.assess(&world.rule());
    let empty = told(&world(0, |_| 0));
    assert!(empty.recommended.is_none() && empty.matches == 0.0);
    assert!(empty.warnings.contains(&Warning::FewRecords { source: 1, records: 0 }));
    let blank = told(&world(300, |_| 0));
    assert!(blank.recommended.is_none());
    let small = told(&world(3, |row| 7 << row));
    assert!(small.warnings.contains(&Warning::FewRecords { source: 0, records: 3 }));
    let equal = told(&world(300, |_| 0x5b));
    assert!(equal.warnings.contains(&Warning::EqualFilters { share: 1.0 }));
    // So many that they cannot be kept.
    let many = world(5_000, |_| 0x5b);
    let many = told(&many);
    assert!(many.recommended.is_none());
    assert!(many.warnings.contains(&Warning::Crowded { pairs: 25_000_000 }), "{:?}", many.warnings);
}

#[test]
fn a_floor_above_the_strangers_is_noticed() {
    let world = diffused([1_500, 1_000], 400, 0);
    let (rule, sizes, floor) = (world.rule(), [1_500, 1_000], "0.8".parse().unwrap());
    let sample =
        linkage::Sample::draw(&world.sources, &rule, world.measure, Kernel::detect()).unwrap();
    let comparison = Comparison {
        sources: &world.sources,
        rule: &rule,
        measure: world.measure,
        threshold: floor,
        limits: Limits { pairs: 1_000_000 },
        first_tile: 0,
        kernel: Kernel::detect(),
    };
    let mut pairs = PairList::new();
    compare(&comparison, &mut pairs, &Progress::new()).unwrap();
    let mut reader = pairs.reader();
    let told = linkage::assess(&mut reader, &sizes, &rule, floor, world.measure, &sample).unwrap();
    assert!(told.warnings.contains(&Warning::FloorTooHigh), "{:?}", told.warnings);
}
