//! Cohorts moved up and rates carried along, against numbers computed by hand.

use std::collections::BTreeMap;

use publication::{
    Ages, Amount, Demand, DemandGap, DemandRule, Error, Gap, MODEL_MARK, Meaning, Names, Outlook,
    Population, RateRule, Tolerance, demand,
};
use serde_json::{Value, json};

use crate::population::{asked, read};
use crate::sample;

const PLACE: &str = "06432001";

/// Single ages 0 to 9 of three years, and older people in classes.
///
/// 2024: ages 0 to 9 are 30, 33, 36, 40, 41, 42, 43, 44, 45, 46. Those under three were 90 in 2022,
/// 96 in 2023 and 99 in 2024, 95 on average.
fn single() -> Population {
    let year = |year: u16, young: [u64; 3]| {
        let ages = young.into_iter().chain([40, 41, 42, 43, 44, 45, 46]).enumerate();
        let rows = ages.map(|(age, persons)| format!("{year};{PLACE};{age};*;{persons}\n"));
        rows.collect::<String>()
            + &format!("{year};{PLACE};10-14;*;250\n{year};{PLACE};15+;*;900\n")
    };
    let rows = [year(2022, [30, 30, 30]), year(2023, [32, 32, 32]), year(2024, [30, 33, 36])];
    read(&rows.concat()).unwrap()
}

fn shifted(population: &Population, ages: &str, steps: u16) -> Result<u64, Gap> {
    population.shifted(&asked(2024, &[PLACE], ages, "*"), steps)
}

#[test]
fn cohorts_grow_older_and_the_youngest_stay_at_their_mean() {
    let known = single();
    for (ages, steps, persons, why) in [
        ("3-5", 0, 123, "the register itself"),
        ("0-2", 1, 95, "(90 + 96 + 99)/3"),
        ("0-2", 5, 95, "held"),
        ("3-5", 1, 36 + 40 + 41, "ages 2 to 4 of 2024"),
        ("6-9", 1, 42 + 43 + 44 + 45, "ages 5 to 8"),
        ("3", 2, 32, "95/3 = 31.67, one rounding at the end"),
        ("3-5", 3, 99, "two thirds of 95, and 36: 63.33 + 36"),
        ("6-9", 5, 149, "95/3, and ages 2, 3 and 4: 31.67 + 36 + 40 + 41 = 148.67"),
        ("10-14", 1, 46 + 200, "age 9, and four fifths of 250"),
        ("10-14", 5, 42 + 43 + 44 + 45 + 46, "ages 5 to 9"),
    ] {
        assert_eq!(shifted(&known, ages, steps), Ok(persons), "{ages} after {steps}: {why}");
    }
}

#[test]
fn what_the_model_cannot_say_is_refused_with_a_reason() {
    let known = single();
    let gap = |ages, steps| shifted(&known, ages, steps).unwrap_err();
    assert_eq!(gap("3-5", 6), Gap::TooFar { last: 2024, most: 5 });
    assert_eq!(gap("60+", 1), Gap::TooOld { last: 64 });
    assert_eq!(gap("60-65", 1), Gap::TooOld { last: 64 });
    assert_eq!(gap("20", 1), Gap::Open { ages: Ages::starting(15).unwrap() });
    let elsewhere = known.shifted(&asked(2024, &["06432002"], "3", "*"), 1).unwrap_err();
    assert_eq!(elsewhere, Gap::Place { place: "06432002".into(), year: 2024 });
    let sexes = known.shifted(&asked(2024, &[PLACE], "3", "w"), 1).unwrap_err();
    assert_eq!(sexes, Gap::NoSexes { year: 2024 });
    let holed = read(&format!("2024;{PLACE};0-2;*;9\n2024;{PLACE};6-9;*;9\n")).unwrap();
    let missing = holed.shifted(&asked(2024, &[PLACE], "5", "*"), 1).unwrap_err();
    assert_eq!(missing, Gap::Missing { place: PLACE.into(), ages: Ages::between(4, 4).unwrap() });
    for gap in [Gap::TooFar { last: 2024, most: 5 }, Gap::TooOld { last: 64 }] {
        assert!(!gap.german().is_empty());
    }
}

#[test]
fn official_classes_are_spread_evenly_and_lose_nobody() {
    // Nobody is lost or won where a whole class moves on: 3-5 after three years is class 0-2.
    let rows: String = ["0-2;m;100", "0-2;w;101", "3-5;m;60", "3-5;w;61", "6-9;m;80", "6-9;w;80"]
        .map(|own| format!("2025;{PLACE};{own}\n"))
        .concat();
    let known = read(&rows).unwrap();
    let tell = |ages, sexes, steps| known.shifted(&asked(2025, &[PLACE], ages, sexes), steps);
    assert_eq!(tell("6-8", "*", 3), Ok(121));
    assert_eq!(tell("6-8", "w", 3), Ok(61));
    // Age 3 is age 2 of before, a third of 201; ages 4 and 5 are two thirds of 121: 67 + 80.67.
    assert_eq!(tell("3-5", "*", 1), Ok(148));
    assert_eq!(tell("0-2", "*", 4), Ok(201), "one year alone is its own mean");
}

fn rule() -> RateRule {
    let age = |key: &str| (key.to_owned(), Meaning::Ages(Ages::read(key).unwrap()));
    RateRule {
        per: 100,
        territory: [PLACE.to_owned()].into(),
        meanings: BTreeMap::from([(
            "age_group".to_owned(),
            ["00-02", "03-05", "06-09", "65+"].map(age).into(),
        )]),
    }
}

/// Persons per age group of 2024.
fn children() -> Value {
    let mut document = sample::persons();
    let cell = |key: &str, value: i64| {
        json!({"keys": [key], "labels": [key], "datasets": [], "value": value, "low": value - 6,
            "high": value + 6, "withheld": false})
    };
    document["year"] = json!(2024);
    document["filter"] = json!({});
    document["dimensions"] = json!(["age_group"]);
    document["cells"] =
        json!([cell("00-02", 20), cell("03-05", 41), cell("06-09", -2), cell("65+", 9)]);
    document
}

fn project(document: &Value, outlook: Outlook<'_>, years: u16) -> Result<Demand, Error> {
    let (rate, residents) = (rule(), single());
    let rule = DemandRule {
        rate: &rate,
        residents: &residents,
        outlook,
        years,
        tolerance: Tolerance::HALF,
    };
    demand(&sample::read(document), &rule, &Names::default())
}

fn whole(amount: Amount) -> i64 {
    assert!(matches!(amount, Amount::Whole(_)));
    amount.plain().parse().unwrap()
}

#[test]
fn persons_are_whole_and_their_interval_is_carried_outwards() {
    let found = project(&children(), Outlook::Cohorts, 5).unwrap();
    assert_eq!(
        (found.year, found.register, found.years.as_slice()),
        (2024, 2024, &[2025, 2026, 2027, 2028, 2029][..])
    );
    let year = |row: usize, at: usize| {
        let own = &found.rows[row].coming.as_ref().unwrap()[at];
        let numbers = [own.numbers.low, own.numbers.value, own.numbers.high].map(whole);
        (own.residents, own.registered, numbers)
    };
    // 41 ± 6 of 123 residents is a third of 117: 35/123·117 = 33.3, 39, 47/123·117 = 44.7.
    assert_eq!(year(1, 0), (117, false, [33, 39, 45]));
    // 20 of 99, of 95: 14/99·95 = 13.4, 19.2, 26/99·95 = 24.9.
    assert_eq!(year(0, 4), (95, false, [13, 19, 25]));
    // −2 ± 6 of 178: −8/178·174 = −7.8, −1.96, 4/178·174 = 3.9.
    assert_eq!(year(2, 0), (174, false, [-8, -2, 4]));
    assert!(!found.rows[2].known && found.rows[1].known);
    let old = found.rows[3].coming.as_ref().unwrap_err();
    assert!(old.german().starts_with("nicht berechenbar: die Altersklassen"), "{}", old.german());
}

#[test]
fn every_output_says_that_it_is_a_model_and_what_it_takes_for_granted() {
    let found = project(&children(), Outlook::Cohorts, 5).unwrap();
    assert!(found.title().starts_with("Modell: ") && found.title().ends_with("2025 bis 2029"));
    let all = found.assumptions.join(" ");
    for said in [
        "Modellrechnung",
        "Niemand zieht",
        "Unter Dreijährige",
        "gleich stark",
        "dl-de/by-2-0",
        "12.11.2026",
    ] {
        assert!(all.contains(said), "{said}");
    }
    let (heads, rows) = found.table();
    let art = heads.iter().position(|head| head == "Art").unwrap();
    assert_eq!(rows.len(), 3 * 5 + 1);
    assert!(rows.iter().all(|row| row.len() == heads.len() && row[art] == MODEL_MARK));
    assert_eq!(rows[5], ["03-05", "2025", "117", "39", "33", "45", "Modell", ""]);
}

#[test]
fn a_published_projection_is_used_with_its_source_and_no_further_than_it_goes() {
    let published = read(&format!("2025;{PLACE};3-5;*;246\n2026;{PLACE};3-5;*;0\n")).unwrap();
    let found = project(&children(), Outlook::Published(&published), 2).unwrap();
    let row = found.rows[1].coming.as_ref().unwrap();
    assert_eq!((row[0].residents, whole(row[0].numbers.value)), (246, 82), "twice the residents");
    assert_eq!(whole(row[1].numbers.high), 0, "nobody there, nobody counted");
    assert!(matches!(&found.rows[0].coming, Err(DemandGap::Residents(Gap::Missing { .. }))));
    assert!(found.assumptions.join(" ").contains("veröffentlichte Vorausberechnung"));
    assert_eq!(found.sources.len(), 2);
    let error = project(&children(), Outlook::Published(&published), 3).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no projection: the published projection ends in 2026 and lacks 2027"
    );
}

#[test]
fn years_that_the_register_has_are_taken_from_it() {
    let mut old = children();
    old["year"] = json!(2022);
    let found = project(&old, Outlook::Cohorts, 3).unwrap();
    let row = found.rows[0].coming.as_ref().unwrap();
    let told: Vec<_> = row.iter().map(|own| (own.residents, own.registered)).collect();
    assert_eq!(told, [(96, true), (99, true), (95, false)]);
}

#[test]
fn other_numbers_and_horizons_are_refused() {
    for years in [0, 6] {
        let error = project(&children(), Outlook::Cohorts, years).unwrap_err();
        assert!(error.to_string().contains("1 to 5 years"), "{error}");
    }
    for other in [sample::mean(), sample::overlap(), sample::sum(), sample::sparse(1)] {
        assert!(matches!(project(&other, Outlook::Cohorts, 5), Err(Error::Demand(_))));
    }
    let mut unsaid = children();
    unsaid.as_object_mut().unwrap().remove("filter");
    unsaid["cells"][0]["value"] = Value::Null;
    unsaid["cells"][0]["low"] = Value::Null;
    unsaid["cells"][0]["high"] = Value::Null;
    unsaid["cells"][0]["withheld"] = json!(true);
    let found = project(&unsaid, Outlook::Cohorts, 1).unwrap();
    assert_eq!(found.rows[0].coming, Err(DemandGap::Withheld));
    assert_eq!(found.rows[1].coming, Err(DemandGap::Residents(Gap::Unsaid)));
    let mut later = children();
    later["year"] = json!(2026);
    let found = project(&later, Outlook::Cohorts, 1).unwrap();
    let known = DemandGap::Residents(Gap::Year { year: 2026, known: (2022, 2024) });
    assert_eq!(found.rows[0].coming, Err(known), "no register, no share");
}
