//! Released cells rolled up, and what is refused.

use publication::{Document, Error, Rollup, RollupText, rollup};
use serde_json::{Value, json};

use crate::{sample, totals};

const SIGMA: f64 = 10.0;

/// Persons by municipality and age group with noise of `SIGMA`.
fn detail(year: u16, values: &[[i64; 3]]) -> Value {
    let mut document = sample::persons();
    let mut cells = Vec::new();
    for (place, row) in values.iter().enumerate() {
        for (age, value) in ["00-02", "03-05", "06-14"].iter().zip(row) {
            let key = format!("0643200{}", place + 1);
            cells.push(json!({"keys": [key, age], "labels": [key, format!("{age} Jahre")],
                "datasets": [], "value": value, "low": value - 20, "high": value + 20,
                "withheld": false}));
        }
    }
    document["cells"] = json!(cells);
    document["dimensions"] = json!(["municipality", "age_group"]);
    document["year"] = json!(year);
    document["ledger"]["sequence"] = json!(year);
    document["half_width"] = json!({"kind": "exact", "half_width": 20});
    document["noise"] = json!([{"sigma": SIGMA, "sensitivity": {"l0": 1}}]);
    document
}

fn text(sum: &str, group: &str, years: &str) -> RollupText {
    let some = |text: &str| Some(text.to_owned()).filter(|own| !own.is_empty());
    RollupText {
        indicator: "sample".into(),
        sum: some(sum),
        group: some(group),
        years: some(years),
        ..RollupText::default()
    }
}

fn read(documents: &[Value]) -> Vec<Document> {
    documents.iter().map(sample::read).collect()
}

fn roll(documents: &[Value], text: &RollupText) -> Result<Rollup, Error> {
    rollup(&read(documents), &text.read()?)
}

fn refusal(documents: &[Value], text: &RollupText) -> String {
    roll(documents, text).err().map(|error| error.to_string()).unwrap_or_default()
}

fn rows(rollup: &Rollup) -> Vec<(String, f64, f64)> {
    let row = |cell: &publication::RolledCell| {
        let half = cell.high.unwrap() - cell.value.unwrap();
        assert!((cell.value.unwrap() - cell.low.unwrap() - half).abs() < 1e-9);
        (cell.keys.join("/"), cell.value.unwrap(), half)
    };
    rollup.cells.iter().map(row).collect()
}

const VALUES: [[i64; 3]; 2] = [[10, 20, 30], [-3, 5, 8]];

#[test]
fn keys_are_added_up_and_independent_noises_add_in_variance() {
    let documents = [detail(2025, &VALUES)];
    let rolled = roll(&documents, &text("municipality", "", "")).unwrap();
    assert_eq!(rolled.dimensions, ["age_group"]);
    // 1.96 · 10 · √2 − 1/2 = 27.2
    let expected = [("00-02", 7.0), ("03-05", 25.0), ("06-14", 38.0)];
    assert_eq!(rows(&rolled), expected.map(|(key, value)| (key.to_owned(), value, 28.0)));
    assert!(rolled.cells.iter().all(|cell| cell.parts == 2) && rolled.rho_nano == 0);

    let rolled = roll(&documents, &text("municipality,age_group", "", "2025")).unwrap();
    // 1.96 · 10 · √6 − 1/2 = 47.5
    assert_eq!(rows(&rolled), [(String::new(), 70.0, 48.0)]);

    let group = "age_group:unter 6:00-02,03-05;age_group:ab 6:06-14";
    let rolled = roll(&documents, &text("", group, "")).unwrap();
    assert_eq!(rolled.dimensions, ["municipality", "age_group"]);
    assert_eq!(rows(&rolled)[0], ("06432001/unter 6".into(), 30.0, 28.0));
    assert_eq!(rows(&rolled)[1], ("06432001/ab 6".into(), 30.0, 20.0), "released as it stands");
}

#[test]
fn several_years_give_a_mean() {
    let more = [[20, 20, 31], [3, 5, 9]];
    let documents = [detail(2023, &more), detail(2025, &VALUES), detail(2024, &VALUES)];
    let rolled = roll(&documents, &text("", "", "2025,2023")).unwrap();
    assert_eq!(rolled.years, [2023, 2025]);
    assert_eq!(rolled.sources.iter().map(|own| own.sequence).collect::<Vec<_>>(), [2023, 2025]);
    let row = &rows(&rolled)[0];
    // (1.96 · √200 − 1/2, rounded up) / 2
    assert_eq!((row.1, row.2), (15.0, 14.0));
    let rolled = roll(&documents, &text("municipality", "", "2023,2024,2025")).unwrap();
    assert!((rows(&rolled)[2].1 - (40.0 + 38.0 + 38.0) / 3.0).abs() < 1e-9);
    let many: Vec<String> = (1990..2015).map(|year: u16| year.to_string()).collect();
    assert!(refusal(&documents, &text("", "", &many.join(","))).contains("at most 20"));
}

#[test]
fn a_later_charge_of_the_same_year_counts() {
    let mut again = detail(2025, &[[11, 20, 30], [0, 5, 8]]);
    again["ledger"]["sequence"] = json!(9_999);
    for documents in
        [[detail(2025, &VALUES), again.clone()], [again.clone(), detail(2025, &VALUES)]]
    {
        let rolled = roll(&documents, &text("municipality", "", "")).unwrap();
        assert!((rows(&rolled)[0].1 - 11.0).abs() < 1e-9);
        assert_eq!(rolled.sources.len(), 1, "two documents of one year are not two sources");
    }
}

#[test]
fn what_cannot_be_told_honestly_is_refused_with_what_to_do() {
    let documents = [detail(2025, &VALUES)];
    let mut withheld = detail(2025, &VALUES);
    let cell = &mut withheld["cells"][1];
    for member in ["value", "low", "high"] {
        cell[member] = Value::Null;
    }
    cell["withheld"] = json!(true);
    let mut laplace = detail(2025, &VALUES);
    laplace["mechanism"] = json!("discrete_laplace");
    let mut cases = detail(2025, &VALUES);
    cases["kind"] = json!("cases");
    cases["noise"][0]["sensitivity"]["l0"] = json!(3);
    let mut entries = sample::entries();
    entries["noise"] = json!([{"sigma": 4.0, "sensitivity": {"l0": 4}}]);
    let sum = |name: &str| text(name, "", "");
    for (documents, asked, word) in [
        (vec![sample::mean()], sum("age_group"), "a mean cannot be added up"),
        (vec![sample::share()], sum("municipality"), "a share cannot"),
        (vec![sample::quantiles()], sum("quantile"), "a quantile cannot"),
        (vec![sample::persons()], sum("municipality"), "not stated"),
        (vec![laplace], sum("municipality"), "not Gaussian"),
        (vec![withheld.clone()], sum("municipality"), "`03-05 Jahre` is withheld"),
        (vec![cases.clone()], sum("age_group"), "under several keys"),
        (vec![entries.clone()], sum("period"), "cells of the year"),
        (vec![entries], sum("service"), "in several services"),
        (vec![], sum("age_group"), "nothing of that indicator"),
        (documents.to_vec(), sum("sex"), "it has municipality, age_group"),
        (documents.to_vec(), text("", "age_group:a:99", ""), "no key `99`"),
        (documents.to_vec(), text("", "age_group:a:00-02,00-02", ""), "twice"),
        (documents.to_vec(), text("", "age_group:a", ""), "names no key"),
        (documents.to_vec(), text("", "age_group", ""), "dimension:name:key"),
        (documents.to_vec(), text("age_group", "age_group:a:00-02", ""), "summed and grouped"),
        (documents.to_vec(), text("", "age_group:a:00-02;age_group:a:03-05", ""), "two groups"),
        (documents.to_vec(), text("", "", "2024"), "but for 2025"),
        (documents.to_vec(), text("", "", "2025,2025"), "once each"),
        (documents.to_vec(), text("", "", "-1"), "once each"),
        (vec![detail(2024, &VALUES), detail(2025, &VALUES)], sum("age_group"), "name one year"),
        (
            vec![detail(2025, &VALUES), sample::persons()],
            sum("age_group"),
            "[municipality,age_group]",
        ),
        (
            vec![detail(2024, &VALUES[..1]), detail(2025, &VALUES)],
            text("", "", "2024,2025"),
            "other cells",
        ),
    ] {
        let told = refusal(&documents, &asked);
        assert!(told.starts_with("no roll-up: ") && told.contains(word), "{word}: {told}");
    }
    let long = text(&"a,".repeat(3_000), "", "");
    assert!(refusal(&documents, &long).contains("longer than"));
    // Cells that do not touch the withheld one, and a grouping dimension of cases, are fine.
    let rolled = roll(&[withheld], &text("", "municipality:one:06432002", "")).unwrap();
    assert_eq!(rolled.cells.len(), 3);
    assert!(roll(&[cases], &text("municipality", "", "")).is_ok());
}

#[test]
fn combinations_of_services_are_disjoint_and_may_be_added_up() {
    let mut overlap = sample::overlap();
    overlap["noise"] = json!([{"sigma": SIGMA, "sensitivity": {"l0": 1}}]);
    let all = roll(&[overlap.clone()], &text("services", "", "")).unwrap();
    assert_eq!((all.cells.len(), all.cells[0].parts), (1, 15));
    let group = "services:sgb2 und mehr:sgb2,sgb2+wohngeld";
    let two = roll(&[overlap], &text("", group, "")).unwrap();
    assert_eq!(rows(&two), [("sgb2 und mehr".to_owned(), 895.0 + 95.0, 28.0)]);
}

#[test]
fn a_total_that_was_measured_is_taken_as_it_stands() {
    let document = totals::with_total();
    let rolled = roll(std::slice::from_ref(&document), &text("municipality", "", "")).unwrap();
    assert_eq!((rolled.cells.len(), rolled.cells[0].parts), (1, 1));
    let own = rows(&rolled)[0].2;
    assert!((own - 11.0).abs() < 1e-9, "the total's own interval, not that of 24 cells: {own}");
    // Two of 24: 9 · 2 · (1 − 2/24) + 31 · (2/24)² + 2/12, and the first begins at zero.
    let group = "municipality:zwei:06432001,06432002";
    let two = roll(&[document], &text("", group, "")).unwrap();
    let variance = 18.0 * (1.0 - 2.0 / 24.0) + 31.0 * (2.0_f64 / 24.0).powi(2) + 1.0 / 12.0;
    let expected = (1.96 * variance.sqrt() - 0.5).ceil();
    assert!((rows(&two)[0].2 - expected).abs() < 1e-9);
}

#[test]
fn the_purposes_rule_holds_for_roll_ups_too() {
    let mut document = detail(2025, &VALUES);
    document["withholding"] = json!({"half_width": 27});
    let rolled = roll(std::slice::from_ref(&document), &text("municipality", "", "")).unwrap();
    assert!(rolled.cells.iter().all(|cell| cell.withheld && cell.value.is_none()));
    document["withholding"] = json!({"percent": 90});
    let rolled = roll(&[document], &text("municipality", "", "")).unwrap();
    let withheld: Vec<bool> = rolled.cells.iter().map(|cell| cell.withheld).collect();
    assert_eq!(withheld, [true, true, false], "28 of 7, 25 and 38");
}

/// A reproducible normal deviate (Box and Muller), rounded: noise of `SIGMA` in whole numbers.
fn noise(state: &mut u64) -> i64 {
    let mut uniform = || {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((*state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    let (first, second) = (uniform(), uniform());
    let deviate = (-2.0 * first.ln()).sqrt() * (std::f64::consts::TAU * second).cos();
    (SIGMA * deviate).round() as i64
}

#[test]
fn rolled_up_intervals_cover_as_often_as_they_say() {
    let mut state = 17;
    let (mut covered, mut number) = (0, 0);
    for _ in 0..700 {
        let mut noisy = |year| {
            let values = VALUES.map(|row| row.map(|own| 500 + own + noise(&mut state)));
            detail(year, &values)
        };
        let documents = read(&[noisy(2024), noisy(2025)]);
        for (sum, exact) in [
            ("municipality", vec![1_007.0, 1_025.0, 1_038.0]),
            ("age_group", vec![1_560.0, 1_510.0]),
        ] {
            let rolled = rollup(&documents, &text(sum, "", "2024,2025").read().unwrap()).unwrap();
            for (cell, exact) in rolled.cells.iter().zip(exact) {
                number += 1;
                covered += i32::from((cell.low.unwrap()..=cell.high.unwrap()).contains(&exact));
            }
        }
    }
    let share = f64::from(covered) / f64::from(number);
    // 4.75 standard deviations of 1,400 independent draws, five cells of which come from one.
    assert!((0.922..0.985).contains(&share), "{share} of {number}");
}
