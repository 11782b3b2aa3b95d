//! Laws of the counties as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::founding::EVER;
use super::*;

fn world(settings: &Settings) -> World {
    World::generate(settings).unwrap()
}

/// Text of a file as its reader would see it.
fn text(extract: &Extract, habits: &Convention) -> String {
    match habits.encoding {
        Encoding::Utf8 => String::from_utf8(extract.bytes.clone()).unwrap(),
        Encoding::Utf8Mark => {
            let text = extract.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap();
            String::from_utf8(text.to_vec()).unwrap()
        }
        // All letters in use have the same code in Latin 1, but for three Polish and French ones.
        Encoding::Windows1252 => extract.bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// Header and records as the csv crate reads them; refuses lines of unequal length.
fn parse(county: &County, extract: &Extract) -> (Vec<String>, Vec<Vec<String>>) {
    let habits = convention(county.ags(), extract.dataset);
    let text = text(extract, &habits);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(u8::try_from(habits.delimiter).unwrap())
        .from_reader(text.as_bytes());
    let owned = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
    let header = owned(reader.headers().unwrap());
    (header, reader.records().map(|record| owned(&record.unwrap())).collect())
}

fn all_dirt(world: &World, quarter: u8) -> Dirt {
    let mut dirt = Dirt::default();
    for county in world.counties() {
        county.extracts(quarter).unwrap().iter().for_each(|extract| dirt.add(&extract.dirt));
    }
    dirt
}

#[test]
fn a_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let settings = Settings { persons: 3000, ..Settings::usual(11) };
    let bytes = |settings: &Settings| -> Vec<Vec<u8>> {
        let world = world(settings);
        let extracts = world.counties().iter().flat_map(|county| county.extracts(2).unwrap());
        extracts.map(|extract| extract.bytes).collect()
    };
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let four = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    let first = alone.install(|| bytes(&settings));
    assert!(first == four.install(|| bytes(&settings)));
    assert!(first != bytes(&Settings { seed: 12, ..settings }));
}

#[test]
fn files_have_the_columns_and_the_truth_of_every_record() {
    let world = world(&Settings { persons: 6000, ..Settings::usual(2) });
    for county in world.counties() {
        let without_sgb2 = county.ags() == "06440";
        assert_eq!(county.datasets().count(), if without_sgb2 { 7 } else { 8 });
        assert_eq!(county.datasets().any(|d| d == Dataset::Sgb2), !without_sgb2);
        for quarter in 1..=2 {
            for extract in county.extracts(quarter).unwrap() {
                let (header, records) = parse(county, &extract);
                assert_eq!(header, extract.dataset.columns());
                assert_eq!(records.len(), extract.truth.len());
                let habits = convention(county.ags(), extract.dataset);
                assert_eq!(records.last().unwrap()[0] == "Summe", habits.totals);
                let nobody = extract.truth.iter().filter(|person| person.is_none()).count();
                assert_eq!(nobody as u64, extract.dirt.bad_rows + u64::from(habits.totals));
                assert_eq!(extract.dirt.bad_rows, 1);
            }
        }
    }
}

/// The list of columns is the catalogue's, which lies outside this repository.
#[test]
fn columns_are_those_of_the_catalogue() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/domain/extracts.csv");
    let Ok(text) = std::fs::read_to_string(root) else {
        println!("skipped: no ../shared/data/domain/extracts.csv beside the project");
        return;
    };
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in reader.records().map(Result::unwrap) {
        columns.entry(record[0].to_owned()).or_default().push(record[4].to_owned());
    }
    assert_eq!(columns.len(), Dataset::ALL.len());
    for dataset in Dataset::ALL {
        assert_eq!(columns[dataset.code()], dataset.columns());
    }
}

#[test]
fn dirt_has_the_share_asked_for() {
    for (dirty_per_mille, quarter) in [(350, 1), (350, 2), (0, 2), (800, 2)] {
        let world = world(&Settings { dirty_per_mille, ..Settings::usual(3) });
        let dirt = all_dirt(&world, quarter);
        let measured = dirt.dirty * 1000 / dirt.records;
        assert!(measured.abs_diff(u64::from(dirty_per_mille)) <= 20, "{measured}");
    }
}

#[test]
fn kinds_of_error_have_their_shares() {
    assert_eq!(SHARES.iter().map(|share| share.per_mille).sum::<u32>(), 1000);
    let world = world(&Settings { persons: 60_000, ..Settings::usual(4) });
    for (kind, intended, measured) in all_dirt(&world, 2).shares() {
        let intended = u64::from(intended);
        assert!(measured.abs_diff(intended) <= 4 + intended / 6, "{kind:?} {intended} {measured}");
    }
}

#[test]
fn residents_are_as_many_as_asked_for_and_look_like_hesse() {
    let world = world(&Settings::usual(5));
    let people = |county: &County| -> Vec<(i16, Sex)> {
        let people = county.lives.iter().flat_map(|life| &life.family.people);
        let first = people.filter(|person| person.from == EVER);
        first.map(|person| (person.birth.age_at_end_of(Month(-1)), person.sex)).collect()
    };
    let [one, other] = world.counties() else { panic!("two counties") };
    let (one, other) = (people(one), people(other));
    assert_eq!(one.len() + other.len(), 20_000);
    let expected = 20_000.0 * 300_658.0 / 617_956.0;
    assert!((one.len() as f64 - expected).abs() < 24.0);
    let pyramid = &world.tables().pyramid;
    let all: u32 = pyramid.iter().map(|group| group.2 + group.3).sum();
    for &(from, below, male, female) in pyramid {
        for (sex, count) in [(Sex::Male, male), (Sex::Female, female)] {
            let ages = i16::from(from)..i16::from(below);
            let in_group = one.iter().chain(&other).filter(|(a, s)| ages.contains(a) && *s == sex);
            let share = in_group.count() as f64 / 200.0;
            let hesse = f64::from(count) * 100.0 / f64::from(all);
            assert!((share - hesse).abs() < 1.5, "from {from} {sex:?}: {share} for {hesse}");
        }
    }
}

/// Shares in per mille of those in question.
struct Uptake {
    sgb2: u64,
    single_parents: u64,
    nursery: u64,
    kindergarten: u64,
}

fn uptake(world: &World) -> Uptake {
    let march = Month::of(2025, 3);
    let mut counts = [[0_u64; 2]; 4];
    let mut add = |at: usize, yes: bool| {
        counts[at][0] += u64::from(yes);
        counts[at][1] += 1;
    };
    for life in world.counties().iter().flat_map(|county| &county.lives) {
        for index in 0..life.family.people.len() as u8 {
            let person = life.family.person(index);
            let Some(stay) = person.stay_at(march) else { continue };
            let age = person.age(march);
            let in_care = |dataset| {
                life.services.months(&life.family, index, dataset, Month::LAST).contains(march)
            };
            match age {
                0..3 => add(2, in_care(Dataset::Kita)),
                3..6 => add(3, in_care(Dataset::Kita)),
                _ => {}
            }
            if age < 65 {
                add(0, in_care(Dataset::Sgb2));
                let (adults, _) = services::composition(&life.family, stay.household, march);
                if age < 18 && adults.len() == 1 {
                    add(1, in_care(Dataset::Sgb2));
                }
            }
        }
    }
    let [sgb2, single_parents, nursery, kindergarten] = counts.map(|[yes, all]| yes * 1000 / all);
    Uptake { sgb2, single_parents, nursery, kindergarten }
}

#[test]
fn uptake_is_plausible() {
    let world = world(&Settings { persons: 60_000, ..Settings::usual(6) });
    let Uptake { sgb2, single_parents, nursery, kindergarten } = uptake(&world);
    assert!((65..100).contains(&sgb2), "{sgb2}");
    assert!((250..450).contains(&single_parents), "{single_parents}");
    assert!((320..390).contains(&nursery), "{nursery}");
    assert!((910..960).contains(&kindergarten), "{kindergarten}");
    let mut received: BTreeMap<Dataset, u64> = BTreeMap::new();
    let mut people = 0;
    for county in world.counties() {
        for (_, person) in county.true_people(2, 2025).unwrap() {
            people += 1;
            for dataset in person.received.keys() {
                *received.entry(*dataset).or_default() += 1;
            }
        }
    }
    let per_mille = |dataset| received[&dataset] * 1000 / people;
    for (dataset, expected) in [
        (Dataset::Wohngeld, 25..55),
        (Dataset::Sgb12, 14..28),
        (Dataset::Egh, 12..24),
        (Dataset::Hze, 5..12),
        (Dataset::Asyl, 5..14),
    ] {
        assert!(expected.contains(&per_mille(dataset)), "{dataset:?} {}", per_mille(dataset));
    }
}

#[test]
fn later_deliveries_add_remove_and_correct() {
    let world = world(&Settings { quarters: 4, ..Settings::usual(7) });
    let county = &world.counties()[0];
    assert!(county.extracts(0).is_err() && county.extracts(5).is_err());
    assert_eq!(county.cutoff(1).unwrap(), Month::of(2025, 3));
    let persons = |quarter| -> BTreeSet<PersonNumber> {
        let extracts = county.extracts(quarter).unwrap();
        extracts.iter().flat_map(|extract| extract.truth.iter().flatten().copied()).collect()
    };
    let (before, after) = (persons(1), persons(2));
    assert!(after.difference(&before).count() > 10, "somebody is new");
    assert!(before.difference(&after).count() > 0, "somebody is withdrawn");
    for gone in before.difference(&after) {
        assert!(county.truth_person(*gone, 2, 2025).unwrap().is_none());
        assert!(county.truth_person(*gone, 1, 2025).unwrap().is_some());
    }
    // Names change between deliveries where an error is put right or made, and hardly elsewhere.
    let names = |quarter| -> BTreeMap<PersonNumber, (String, String)> {
        let extract = county.extract(Dataset::Kita, quarter).unwrap();
        let (_, records) = parse(county, &extract);
        let rows = records.into_iter().zip(&extract.truth);
        rows.filter_map(|(cells, person)| Some(((*person)?, (cells[0].clone(), cells[2].clone()))))
            .collect()
    };
    let (one, two) = (names(1), names(2));
    let both = one.iter().filter_map(|(person, name)| Some(two.get(person)? != name));
    let both: Vec<bool> = both.collect();
    let changed = both.iter().filter(|&&changed| changed).count();
    assert!(changed > 0 && changed * 5 < both.len(), "{changed} of {}", both.len());
}

#[test]
fn rows_agree_with_the_truth() {
    let world = world(&Settings { persons: 8000, dirty_per_mille: 0, ..Settings::usual(8) });
    let county = &world.counties()[0];
    let (sgb2, kita) = (Dataset::Sgb2, Dataset::Kita);
    let extract = county.extract(sgb2, 2).unwrap();
    let (_, records) = parse(county, &extract);
    let mut months: BTreeMap<PersonNumber, (u32, String, String)> = BTreeMap::new();
    for (cells, person) in records.iter().zip(&extract.truth) {
        let Some(person) = person.filter(|_| cells[12].starts_with("2025")) else { continue };
        let entry = months.entry(person).or_default();
        *entry = (entry.0 + 1, cells[13].clone(), cells[15].clone());
    }
    assert!(months.len() > 100);
    for (number, (count, kind, kdu)) in &months {
        let truth = county.truth_person(*number, 2, 2025).unwrap().unwrap();
        assert_eq!(truth.received[&sgb2].count(), *count);
        let housing = truth.housing.unwrap();
        let cents = housing.cents;
        assert_eq!(*kdu, format!("{},{:02}", cents / 100, cents % 100));
        assert_eq!(*kind == "Alleinerziehend", housing.bg_type == "single_parent");
        assert_eq!(kind.starts_with("Paar"), housing.bg_type.starts_with("couple"));
    }
    let truly = county.true_people(2, 2025).unwrap();
    assert_eq!(truly.filter(|(_, p)| p.received.contains_key(&sgb2)).count(), months.len());
    let hours = truth::mean_hours(county, 2, 2025).unwrap();
    let extract = county.extract(kita, 2).unwrap();
    let (_, records) = parse(county, &extract);
    let mut largest: BTreeMap<PersonNumber, u64> = BTreeMap::new();
    for (cells, person) in records.iter().zip(&extract.truth) {
        let ended_before = !cells[16].is_empty() && !cells[16].ends_with("2025");
        if let Some(person) = person.filter(|_| !ended_before) {
            let hours: u64 = cells[14].parse().unwrap();
            let value = largest.entry(person).or_default();
            *value = hours.max(*value);
        }
    }
    let sum = hours.values().fold((0, 0), |all, cell| (all.0 + cell.0, all.1 + cell.1));
    assert_eq!(sum, (largest.values().sum(), largest.len() as u64));
    assert!(sum.1 > 100);
}

#[test]
fn towns_are_in_the_alias_table_but_for_one_per_cent() {
    let world = world(&Settings::usual(9));
    let table = alias_table(world.tables());
    let known: BTreeSet<&str> = table.lines().filter_map(|line| line.split(';').next()).collect();
    let (mut rows, mut unknown) = (0_u32, 0_u32);
    for county in world.counties() {
        for extract in county.extracts(2).unwrap() {
            let (_, records) = parse(county, &extract);
            for (cells, _) in records.iter().zip(&extract.truth).filter(|(_, p)| p.is_some()) {
                rows += 1;
                unknown += u32::from(!known.contains(cells[8].as_str()));
            }
        }
    }
    let per_ten_thousand = unknown * 10_000 / rows;
    assert!((50..200).contains(&per_ten_thousand), "{per_ten_thousand}");
}

#[test]
fn settings_out_of_range_are_refused() {
    let usual = || Settings::usual(1);
    assert!(World::generate(&Settings { persons: 99, ..usual() }).is_err());
    assert!(World::generate(&Settings { persons: 2_000_001, ..usual() }).is_err());
    assert!(World::generate(&Settings { dirty_per_mille: 1001, ..usual() }).is_err());
    assert!(World::generate(&Settings { quarters: 0, ..usual() }).is_err());
    let small = world(&Settings { persons: 100, quarters: 12, ..usual() });
    assert!(all_dirt(&small, 12).records >= all_dirt(&small, 1).records);
}

#[test]
fn overlap_has_every_cell() {
    let world = world(&Settings { persons: 4000, ..Settings::usual(10) });
    let all = [Dataset::Sgb2, Dataset::Wohngeld, Dataset::Egh, Dataset::Hze];
    for county in world.counties() {
        let cells = truth::overlap(county, 2, 2025, &all).unwrap();
        assert_eq!(cells.len(), 15);
        let sgb2: u64 = cells.iter().filter(|(mask, _)| *mask & 1 == 1).map(|(_, n)| n).sum();
        assert_eq!(sgb2 == 0, county.ags() == "06440");
        let children = truth::children_in_benefits(county, 2, 2025, &all).unwrap();
        assert_eq!(children.len(), if county.ags() == "06432" { 23 } else { 25 });
        assert!(children.values().sum::<u64>() > 0);
    }
}

#[test]
fn whoever_received_something_has_rows_and_nobody_else() {
    let world = world(&Settings { persons: 10_000, quarters: 3, ..Settings::usual(12) });
    for (county, quarter) in world.counties().iter().zip([2, 3]) {
        let mut received: BTreeMap<Dataset, BTreeSet<PersonNumber>> = BTreeMap::new();
        for year in 2022..=2025 {
            for (number, person) in county.true_people(quarter, year).unwrap() {
                for dataset in person.received.into_keys() {
                    received.entry(dataset).or_default().insert(number);
                }
            }
        }
        for extract in county.extracts(quarter).unwrap() {
            let rows: BTreeSet<_> = extract.truth.iter().flatten().copied().collect();
            assert!(rows == received[&extract.dataset], "{:?}", extract.dataset);
        }
    }
}

#[test]
fn families_live() {
    let world = world(&Settings::usual(13));
    let lives = world.counties().iter().flat_map(|county| &county.lives);
    let mut seen = [0_u32; 7];
    for life in lives {
        let people = &life.family.people;
        let born = people.iter().filter(|person| person.birth.month() >= Month::FIRST);
        seen[0] += u32::from(born.count() > 0);
        seen[1] += people.iter().filter(|person| person.died).count() as u32;
        seen[2] += life.family.households.iter().map(|h| h.addresses.len() as u32 - 1).sum::<u32>();
        let weddings = people.iter().flat_map(|person| &person.surnames);
        seen[3] += weddings.filter(|(month, _)| *month >= Month::FIRST).count() as u32;
        let twins = people.iter().enumerate().filter(|(at, person)| {
            person.mother.is_some() && people[..*at].iter().any(|o| o.birth == person.birth)
        });
        seen[4] += twins.count() as u32;
        let double =
            |person: &&people::Person| person.surnames.iter().any(|n| n.1.second.is_some());
        seen[5] += people.iter().filter(double).count() as u32;
        let elders = people.iter().flat_map(|person| &person.stays);
        seen[6] += elders.filter(|stay| stay.role == people::Role::Elder).count() as u32;
    }
    let expected = [400..900, 600..1200, 700..4000, 60..600, 20..200, 150..900, 50..600];
    for (what, (count, range)) in seen.iter().zip(expected).enumerate() {
        assert!(range.contains(count), "{what}: {count}");
    }
}
