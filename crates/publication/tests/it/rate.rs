//! Released counts divided by residents, and how that is shown.

use std::collections::BTreeMap;

use proptest::prelude::*;
use publication::{
    Ages, Boundaries, CellRate, ChartStyle, Document, Gap, MapStyle, Meaning, Names, Population,
    RateRule, Sex, Sexes, Tolerance, chart, csv, map,
};
use serde_json::{Value, json};

use crate::{population, sample};

fn rule(per: u32) -> RateRule {
    let place = |(key, _, _): &(&str, &str, i64)| {
        ((*key).to_owned(), Meaning::Places([(*key).to_owned()].into()))
    };
    let age = |key: &&str| ((*key).to_owned(), Meaning::Ages(Ages::read(key).unwrap()));
    let sex = |key: &&str| {
        let sexes = Sexes::NONE.with(Sex::read(key).unwrap());
        ((*key).to_owned(), Meaning::Sexes(sexes))
    };
    RateRule {
        per,
        territory: sample::PLACES.iter().map(|(key, _, _)| (*key).to_owned()).collect(),
        meanings: BTreeMap::from([
            ("municipality".to_owned(), sample::PLACES.iter().map(place).collect()),
            ("age_group".to_owned(), ["00-02", "03-05", "06-14", "65+"].iter().map(age).collect()),
            ("sex".to_owned(), ["m", "w", "x"].iter().map(sex).collect()),
        ]),
    }
}

/// A thousand boys and girls under 15 per place, and some more people.
fn residents() -> Population {
    let rows: String = sample::PLACES
        .iter()
        .map(|(key, _, _)| {
            format!(
                "2025;{key};0-2;m;200\n2025;{key};3-5;m;200\n2025;{key};6-14;m;100\n2025;{key};15+;m;9\n\
                 2025;{key};0-2;w;200\n2025;{key};3-5;w;200\n2025;{key};6-14;w;100\n2025;{key};15+;w;9\n"
            )
        })
        .collect();
    population::read(&rows).unwrap()
}

fn children() -> Value {
    let mut document = sample::persons();
    document["filter"] = json!({"age_group": ["00-02", "03-05", "06-14"]});
    document
}

fn rated(document: &Value) -> Document {
    sample::read(document).with_rates(&rule(100), &residents())
}

fn gap(document: &Document) -> Gap {
    let gaps = document.gaps();
    assert_eq!(gaps.len(), 1, "one reason");
    assert_eq!(gaps[0].1, document.cells.len());
    gaps[0].0.clone()
}

#[test]
fn counts_become_rates_of_the_same_people_with_their_interval() {
    let document = rated(&children());
    let griesheim = document.cells.iter().find(|cell| cell.labels == ["Griesheim"]).unwrap();
    let Some(CellRate::Known { numbers, residents }) = &griesheim.rate else { panic!("known") };
    assert_eq!(*residents, 1_000);
    let shown = [numbers.value, numbers.low, numbers.high].map(publication::Amount::german);
    assert_eq!(shown, ["30,1", "29,5", "30,7"]);
    let rate = document.rate.as_ref().unwrap();
    assert_eq!(rate.words(), "je 100 Einwohner unter 15");
    assert_eq!(
        rate.source_words(),
        "Bevölkerung am 31.12.2025: © Amt für Erfundenes 2026: Erfundene Bevölkerung (Tabelle 1-2); \
         Lizenz dl-de/by-2-0; abgerufen am 12.11.2026. Quoten: eigene Berechnung."
    );
    assert!(document.leads_with_rate() && document.gaps().is_empty());
}

#[test]
fn groups_and_margins_have_the_residents_that_belong_to_them() {
    let mut document = children();
    document["dimensions"] = json!(["municipality", "age_group", "hze_form"]);
    let keys = [
        (json!(["06432001", "00-02", "day"]), 400),
        (json!(["06432001", "*", "*"]), 1_000),
        (json!(["*", "03-05", "day"]), 400 * 24),
        (json!(["*", "*", "*"]), 1_000 * 24),
    ];
    let cells = keys.iter().map(|(keys, _)| {
        json!({"keys": keys, "labels": keys, "datasets": [], "value": 9, "low": 3, "high": 15,
            "withheld": false})
    });
    document["cells"] = cells.collect();
    let document = rated(&document);
    for (cell, (keys, expected)) in document.cells.iter().zip(&keys) {
        let Some(CellRate::Known { residents, .. }) = cell.rate else { panic!("{keys}") };
        assert_eq!(residents, *expected, "{keys}");
    }
    let mut by_sex = children();
    by_sex["dimensions"] = json!(["sex"]);
    by_sex["cells"] = [("m", 9), ("w", 9), ("x", 0)]
        .map(|(key, n)| {
            json!({"keys": [key], "labels": [key], "datasets": [], "value": n, "low": n - 6,
                "high": n + 6, "withheld": false})
        })
        .into();
    let by_sex = rated(&by_sex);
    let rates: Vec<_> = by_sex.cells.iter().map(|cell| cell.known_rate().is_some()).collect();
    assert_eq!(rates, [true, true, false]);
    assert_eq!(by_sex.gaps(), [(&Gap::NoSex { sex: Sex::Other }, 1)]);
}

#[test]
fn what_cannot_be_divided_exactly_says_why() {
    let mut other_year = children();
    other_year["year"] = json!(2026);
    let document = rated(&other_year);
    assert_eq!(gap(&document), Gap::Year { year: 2026, known: (2025, 2025) });
    assert!(!document.leads_with_rate());
    assert_eq!(gap(&rated(&sample::persons())), Gap::Unsaid, "released before filters were said");
    let mut old = children();
    old["filter"]["age_group"] = json!(["65+"]);
    let possible = Ages::starting(15).unwrap();
    assert_eq!(gap(&rated(&old)), Gap::Classes { asked: Ages::starting(65).unwrap(), possible });
    let mut unknown = children();
    unknown["filter"]["age_group"] = json!(["young"]);
    assert_eq!(gap(&rated(&unknown)), Gap::Key { key: "young".into() });
    let mut elsewhere = children();
    elsewhere["cells"][0]["keys"] = json!(["06440001"]);
    assert_eq!(rated(&elsewhere).gaps(), [(&Gap::Key { key: "06440001".into() }, 1)]);
    for document in [sample::mean(), sample::share(), sample::overlap(), sample::sum()] {
        assert!(rated(&document).rate.is_none(), "only counts of persons are divided");
    }
    let mut households = children();
    households["unit"] = json!("household");
    assert!(rated(&households).rate.is_none());
}

#[test]
fn order_map_and_bars_follow_the_rate() {
    let mut document = children();
    // Ten times the residents, so the greatest count is not the greatest rate.
    let rows: String = sample::PLACES
        .iter()
        .map(|(key, name, _)| {
            let n = if *name == "Weiterstadt" { 10_000 } else { 500 };
            format!("2025;{key};0-14;*;{n}\n2025;{key};15+;*;{n}\n")
        })
        .collect();
    document["cells"][4]["value"] = Value::Null;
    document["cells"][4]["low"] = Value::Null;
    document["cells"][4]["high"] = Value::Null;
    document["cells"][4]["withheld"] = json!(true);
    let document =
        sample::read(&document).with_rates(&rule(1_000), &population::read(&rows).unwrap());
    let first = &document.ranked()[0].1.labels;
    assert_eq!(first, &["Griesheim"], "not Weiterstadt");
    assert!(document.cells[4].rate.is_none(), "withheld stays withheld");
    let names = &Names::default();
    let boundaries = &Boundaries::schematic().unwrap();
    let style = MapStyle { width: 400, names, boundaries, tolerance: Tolerance::HALF };
    let drawn = map(&document, &style).unwrap().unwrap();
    for wanted in ["Personen je 1.000 Einwohner unter 15", "602,0 je 1.000 Einwohner unter 15 ("] {
        assert!(drawn.svg.contains(wanted), "{wanted}");
    }
    assert!(drawn.notes[0].starts_with("Quote, nicht Anzahl"));
    let style = ChartStyle { width: 600, titled: false, names, tolerance: Tolerance::HALF };
    let bars = chart(&document, &style).unwrap();
    assert!(
        bars.contains(">Personen je 1.000 Einwohner unter 15<")
            || bars.contains("je 1.000 Einwohner unter 15\n")
    );
    assert!(bars.contains("Am größten: Griesheim mit 602,0"));
}

#[test]
fn the_table_carries_residents_source_licence_and_date_in_every_row() {
    let table = String::from_utf8(csv(&rated(&children()), &Names::default()).unwrap()).unwrap();
    let mut lines = table.lines();
    assert!(lines.next().unwrap().ends_with(
        ";ausgeblendet;einwohner;einwohner_stand;quote_je;quote;quote_von;quote_bis;quote_hinweis;\
         einwohner_quelle;einwohner_lizenz;einwohner_abruf"
    ));
    let source =
        "© Amt für Erfundenes 2026: Erfundene Bevölkerung (Tabelle 1-2);dl-de/by-2-0;12.11.2026";
    assert!(lines.clone().all(|line| line.ends_with(source)));
    let griesheim = lines.find(|line| line.contains("Griesheim")).unwrap();
    assert!(griesheim.contains(";301;295;307;Personen;nein;1000;31.12.2025;100;30,1;29,5;30,7;;©"));
    let mut other_year = children();
    other_year["year"] = json!(2026);
    let table = csv(&rated(&other_year), &Names::default()).unwrap();
    let table = String::from_utf8(table).unwrap();
    assert!(table.contains(
        ";nein;;31.12.2026;100;;;;nicht berechenbar: für 2026 liegt keine Bevölkerungszahl vor, nur \
         für 2025;©"
    ));
}

#[test]
fn decimals_follow_the_interval() {
    for (per, shown) in [(1, "0,301"), (100, "30,1"), (100_000, "30100,0")] {
        let document = sample::read(&children()).with_rates(&rule(per), &residents());
        let griesheim = document.cells.iter().find(|cell| cell.labels == ["Griesheim"]).unwrap();
        assert_eq!(griesheim.known_rate().unwrap().value.plain(), shown);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_rate_times_residents_is_the_count(
        counts in proptest::collection::vec((-50_i64..20_000, 0_i64..300), 24),
        residents in proptest::collection::vec(1_u64..50_000, 24),
        per in proptest::sample::select(vec![1_u32, 10, 100, 1_000, 10_000, 100_000]),
        year in 2024_u16..2027,
    ) {
        let mut document = children();
        document["year"] = json!(year);
        for (cell, (value, width)) in (0..).zip(&counts) {
            let own = &mut document["cells"][cell as usize];
            own["value"] = json!(value);
            own["low"] = json!(value - width);
            own["high"] = json!(value + width);
        }
        let rows: String = sample::PLACES.iter().zip(&residents)
            .map(|((key, _, _), n)| format!("2025;{key};0-14;*;{n}\n"))
            .collect();
        let plain = sample::read(&document);
        let document = sample::read(&document).with_rates(&rule(per), &population::read(&rows).unwrap());
        for ((cell, counted), n) in document.cells.iter().zip(&plain.cells).zip(&residents) {
            prop_assert_eq!(cell.numbers, counted.numbers, "released numbers stay as they are");
            match (&cell.rate, year) {
                (Some(CellRate::Known { numbers, residents }), 2025) => {
                    prop_assert_eq!(residents, n);
                    let count = counted.numbers.unwrap();
                    for (rate, amount) in
                        [(numbers.value, count.value), (numbers.low, count.low), (numbers.high, count.high)]
                    {
                        let publication::Amount::Rate(rate, _) = rate else { panic!("a rate") };
                        let publication::Amount::Whole(amount) = amount else { panic!("a count") };
                        let back = rate * *n as f64 / f64::from(per);
                        prop_assert!((back - amount as f64).abs() < 1e-6, "{} {}", back, amount);
                    }
                }
                // A year that the file does not have never gives a number.
                (Some(CellRate::Unknown(Gap::Year { .. })), 2024 | 2026) => {}
                (other, year) => prop_assert!(false, "{:?} in {}", other, year),
            }
        }
    }
}
