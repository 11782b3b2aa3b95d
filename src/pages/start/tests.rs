use std::collections::BTreeMap;

use publication::{
    Ages, Boundaries, Calibration, ClassCount, Document, Meaning, Names, PairCount, Population,
    RateRule, RecordCount, Run, Tolerance,
};
use serde_json::{Value, json};

use super::{CountyLink, CountySection, StartPage};
use crate::pages::{Budget, Cost, Evidence, Lineage, ReleasePage, STYLE, Table, TableStyle};

fn document(label: &str, places: &[&str]) -> Value {
    let mut cells: Vec<Value> = places
        .iter()
        .zip(1_200..)
        .map(|(place, value)| {
            json!({"keys": [place], "labels": [place], "datasets": [], "value": value,
                "low": value - 6, "high": value + 6, "withheld": false})
        })
        .collect();
    cells.push(json!({"keys": ["x"], "labels": ["Messel"], "datasets": [], "value": null,
        "low": null, "high": null, "withheld": true}));
    json!({
        "format": "milchglas/release/v1", "project": "p", "purpose": "early-help",
        "indicator": "i", "label": label, "snapshot": "s-1", "year": 2025, "kind": "persons",
        "dimensions": ["municipality"], "cells": cells, "confidence": 0.95,
        "mechanism": "discrete_gaussian",
        "half_width": {"kind": "exact", "half_width": 6}, "rho_nano": 49_974_450,
        "eps": 1.471_189, "delta_conv_femto": 1_000_000_000,
        "guarantee": {"kind": "cluster", "text": "One person of the snapshot."},
        "policy_digest": "8".repeat(64), "ledger": {"sequence": 17, "head": "c".repeat(64)},
        "separation": "Zwei Rechner, zwei Verwaltungen."
    })
}

fn table(position: usize, document: &Value) -> Table {
    show(position, &Document::read(&serde_json::to_vec(document).unwrap()).unwrap())
}

/// With rates of the children of `places`; `residents` of each in 2025.
fn rated(document: &Value, places: &[&str], residents: &str) -> Table {
    let rows: String = places.iter().map(|place| format!("{place};{residents}")).collect();
    let head = "# format: milchglas/population/v1\n# source: Erfundenes\n# publisher: Amt\n\
                # licence: dl-de/by-2-0\n# attribution: © Amt\n# retrieved: 2026-11-12\n\
                year;municipality;age;sex;persons\n";
    let rows = rows.replace("064", "2025;064");
    let population = Population::read(format!("{head}{rows}").as_bytes()).unwrap();
    let place = |key: &&str| ((*key).to_owned(), Meaning::Places([(*key).to_owned()].into()));
    let ages = Meaning::Ages(Ages::read("0-14").unwrap());
    let rule = RateRule {
        per: 100,
        territory: places.iter().map(|key| (*key).to_owned()).collect(),
        meanings: BTreeMap::from([
            ("municipality".to_owned(), places.iter().map(place).collect()),
            ("age_group".to_owned(), BTreeMap::from([("00-14".to_owned(), ages)])),
        ]),
    };
    let mut document = document.clone();
    document["filter"] = json!({"age_group": ["00-14"]});
    let document = Document::read(&serde_json::to_vec(&document).unwrap()).unwrap();
    show(0, &document.with_rates(&rule, &population))
}

fn show(position: usize, document: &Document) -> Table {
    let names = Names::new([("municipality".to_owned(), "Gemeinde".to_owned())], []);
    let boundaries = &Boundaries::schematic().unwrap();
    let style = TableStyle { names: &names, boundaries, tolerance: Tolerance::HALF };
    Table::new(position, document, &style).unwrap()
}

fn page(tables: Vec<Table>) -> StartPage {
    let cost = |rho| Cost { label: "Kinder".to_owned(), releases: 2, rho };
    let year =
        |year, spent, reserved, costs| Lineage { year, spent, reserved, cap: 1_000_000_000, costs };
    let lineages = vec![
        year(2025, 150_000_000, 200_000_000, vec![cost(99_948_900), cost(50_000_000)]),
        year(2024, 49_974_450, 0, vec![cost(49_974_450)]),
    ];
    let link = |label: &str, current| CountyLink {
        label: label.to_owned(),
        address: format!("/projects/{label}"),
        current,
    };
    StartPage {
        separation: "Beide Stellen in einem Prozess, nur zur Vorführung.".to_owned(),
        synthetic: true,
        made: "22. November 2026".to_owned(),
        counties: vec![link("a", true), link("b", false)],
        county: Some(CountySection {
            label: "Kreis A".to_owned(),
            project: "county-a".to_owned(),
            tables,
            budget: Budget { lineages },
            exhibit: None,
        }),
    }
}

fn count(html: &str, wanted: &str) -> usize {
    html.matches(wanted).count()
}

/// Cells of a document, each ten persons wide on either side.
fn cells(addresses: impl Iterator<Item = (Value, i64)>) -> Value {
    let cell = |(mut cell, value): (Value, i64)| {
        let whole = [("value", value), ("low", value - 10), ("high", value + 10)];
        for (member, number) in whole {
            cell[member] = json!(number);
        }
        cell["withheld"] = json!(false);
        cell
    };
    addresses.map(cell).collect()
}

fn about_links(kind: &str, dimensions: Value, cells: Value) -> Document {
    let mut document = document(kind, &[]);
    (document["kind"], document["dimensions"]) = (json!(kind), dimensions);
    (document["cells"], document["linkage_schema"]) = (cells, json!("5".repeat(64)));
    Document::read(&serde_json::to_vec(&document).unwrap()).unwrap()
}

/// Links are judged beside their own table, and an overlap is corrected in a closed section.
#[test]
fn a_page_says_how_good_links_are_and_offers_a_model() {
    let run = Run {
        county: "06432".into(),
        residents: 20_000,
        seed: 1,
        dirty_per_mille: 350,
        records: 4_000,
        classes: vec![ClassCount { persons: 500, right: 499, links: 500, right_links: 499 }; 9],
        pairs: vec![PairCount { real: 900, found: 880 }],
        repeated: vec![RecordCount { persons: 900, records: 900 }; 2],
    };
    let schema = ("county-2026".into(), "5".repeat(64));
    let datasets = vec!["kita".into(), "wohngeld".into()];
    let calibration = Calibration::new(schema, "test".into(), datasets, vec![run; 3]).unwrap();
    let bands = ["single", "0", "1", "2", "3", "4", "5", "6", "7"].into_iter().zip(200..);
    let bands = bands.map(|(key, n)| (json!({"keys": [key], "labels": [key]}), n));
    let quality = about_links("link_quality", json!(["band"]), cells(bands));
    let services = [json!(["kita"]), json!(["wohngeld"]), json!(["kita", "wohngeld"])];
    let combined = services.into_iter().zip([900, 800, 700]);
    let combined = combined.map(|(own, n)| (json!({"keys": [], "labels": [], "datasets": own}), n));
    let overlap = about_links("overlap", json!([]), cells(combined));
    let names = Names::default();
    let boundaries = &Boundaries::schematic().unwrap();
    let style = TableStyle { names: &names, boundaries, tolerance: Tolerance::HALF };
    let show = |calibrations: &[Calibration]| {
        let documents = [&quality, &overlap];
        let evidence = Evidence { calibrations, documents: &documents, names: &names };
        let judged = |(position, own)| {
            Table::new(position, own, &style).unwrap().judged(own, &evidence).unwrap()
        };
        page((1..).zip(documents).map(judged).collect()).render().unwrap()
    };
    let html = show(&[calibration]);
    for wanted in [
        "Wie gut sind die Verbindungen?",
        "richtig zusammengeführt: Schätzung mit Bereich",
        "<th scope=\"row\">kita und wohngeld</th><td class=\"number\">2.700</td><td \
         class=\"number\">97,8\u{a0}%</td>",
        "<summary>Modellrechnung: um Fehler der Verknüpfung bereinigt",
        "Modellrechnung, keine Messung",
    ] {
        assert_eq!(count(&html, wanted), 1, "{wanted}");
    }
    let html = show(&[]);
    assert_eq!(count(&html, "wird hier nicht geschätzt"), 1, "no calibration, no estimate");
    assert_eq!(count(&html, "Modellrechnung"), 0);
}

#[test]
fn a_page_says_what_a_split_person_and_a_household_lose() {
    let mut own = document("Kinder", &["Dieburg"]);
    own["guarantee"]["losses_rho_nano"] = json!({"person": 49_974_450, "record": 99_948_900});
    own["guarantee"]["groups"] = json!([{"size": 2, "rho_nano": 199_897_800, "eps": 3.111}]);
    let html = page(vec![table(1, &own)]).render().unwrap();
    for wanted in [
        "als 2 Personen geführt wird, oder ein Haushalt aus 2 Personen</th>\
         <td class=\"number\">0,1998978</td><td class=\"number\">3,12</td>",
        "ein geänderter Datensatz einer Person</th><td class=\"number\">0,0999489</td>\
         <td class=\"number\">–</td>",
    ] {
        assert_eq!(count(&html, wanted), 1, "{wanted}");
    }
}

#[test]
fn a_page_shows_chart_table_interval_budget_and_fine_print() {
    let html = page(vec![table(4, &document("Kinder", &["Dieburg"]))]).render().unwrap();
    for wanted in [
        "<html lang=\"de\">",
        "<td class=\"number rank\">1</td><th scope=\"row\">Dieburg</th><td class=\"number value\">1.200</td>\
         <td class=\"number\">1.194</td><td class=\"number\">1.206</td>",
        "<th scope=\"row\">Messel</th><td class=\"withheld\" colspan=\"3\">ausgeblendet</td>",
        "<th scope=\"col\">Gemeinde</th>",
        "Personen mit 95-%-Intervall; 1 von 2 Zeilen ausgeblendet",
        "href=\"/releases/17/i.2025.municipality.csv\"",
        "href=\"/releases/17/i.2025.municipality.xlsx\"",
        "href=\"/projects/county-a.xlsx\"",
        "<title>Sozialmonitoring Kreis A</title>",
        "<li><a href=\"/projects/a\" aria-current=\"page\">a</a></li>",
        "Am größten: Dieburg mit 1.200.",
        "±\u{a0}6 Personen in jeder Zeile",
        "ρ&nbsp;=&nbsp;0,04997445 (zCDP); das entspricht höchstens ε&nbsp;=&nbsp;1,48 bei δ&nbsp;=&nbsp;10⁻⁶",
        "Eintrag 17",
        "Zwei Rechner, zwei Verwaltungen.",
        "Verbraucht sind <strong>15\u{a0}%</strong> der Obergrenze, weitere <strong>20\u{a0}%</strong> hat",
        "frei sind <strong>65\u{a0}%</strong>",
        "<rect class=\"reserved\" x=\"150\" width=\"200\"",
        "Kinder (2 Veröffentlichungen)</th><td class=\"number\">0,100</td>",
        "Abfragen, die kein Ergebnis brachten</th><td class=\"number\">0,001</td>",
        "Beide Stellen in einem Prozess",
    ] {
        assert!(html.contains(wanted), "{wanted}");
    }
    assert_eq!(count(&html, "<svg width=\"720\"") + count(&html, "<svg width=\"330\""), 2);
    assert_eq!(count(&html, "<h1"), 1);
}

#[test]
fn the_banner_follows_the_flag() {
    let mut page = page(Vec::new());
    assert!(page.render().unwrap().contains("Synthetische Daten"));
    page.synthetic = false;
    assert!(!page.render().unwrap().contains("Synthetische Daten"));
}

#[test]
fn a_page_without_releases_says_so_and_names_no_confidence() {
    let mut empty = page(Vec::new());
    assert!(empty.render().unwrap().contains("Noch ist nichts veröffentlicht."));
    assert!(!empty.render().unwrap().contains("So lesen Sie"));
    empty.county = None;
    assert!(empty.render().unwrap().contains("Noch ist nichts veröffentlicht."));
}

#[test]
fn labels_cannot_become_markup() {
    let hostile = "<script>alert(1)</script>\" onload=\"x";
    let mut page = page(vec![table(0, &document(hostile, &[hostile]))]);
    page.separation = hostile.to_owned();
    page.counties[1].label = hostile.to_owned();
    page.county.as_mut().unwrap().label = hostile.to_owned();
    let html = page.render().unwrap();
    assert!(!html.contains("<script") && !html.contains("\" onload=\""));
    assert!(html.contains("alert(1)"));
}

#[test]
fn a_page_fetches_its_style_from_the_same_host_and_nothing_else() {
    let html = page(vec![table(0, &document("Kinder", &["Dieburg"]))]).render().unwrap();
    let html = html.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    assert_eq!(count(&html, "<link"), 2);
    // Without it a browser asks the host for an icon that is not there.
    assert!(html.contains("<link rel=\"icon\" href=\"data:,\">"));
    assert!(html.contains("<link rel=\"stylesheet\" href=\"/style.css\">"));
    for outside in ["http", "//", "src=", "<script", "style=", "<style", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
}

#[test]
fn every_reference_within_the_page_has_its_target_once() {
    let tables = vec![table(0, &document("A", &["x"])), table(7, &document("B", &["y"]))];
    let html = page(tables).render().unwrap();
    for link in html.split("href=\"#").skip(1) {
        let id = link.split('"').next().unwrap();
        assert_eq!(count(&html, &format!(" id=\"{id}\"")), 1, "{id}");
    }
    assert_eq!(count(&html, "href=\"#tabelle-7\""), 1);
}

#[test]
fn a_table_too_long_for_a_chart_is_cut_and_says_so() {
    let names: Vec<String> = (0..400).map(|number| format!("Ort {number}")).collect();
    let places: Vec<&str> = names.iter().map(String::as_str).collect();
    let html = page(vec![table(0, &document("Orte", &places))]).render().unwrap();
    assert!(html.contains("Hier fehlen 101 weitere Zeilen"));
    assert!(html.contains("1 von 401 Zeilen"));
    assert!(!html.contains("<figure class=\"bars\">"));
}

#[test]
fn rates_stand_before_counts_with_their_source() {
    let places = ["06432001", "06432004"];
    let html = page(vec![rated(&document("Kinder", &places), &places, "0-14;*;3000\n")]);
    let html = html.render().unwrap();
    for wanted in [
        "Quote und Anzahl, darunter das 95-%-Intervall; 1 von 3 Zeilen ausgeblendet",
        "<th scope=\"col\" class=\"number\">je 100 Einwohner unter 15</th>\
         <th scope=\"col\" class=\"number\">Personen</th>",
        "<td class=\"number rate\"><strong>40,0</strong> <span class=\"range\">39,8 bis 40,2</span></td>\
         <td class=\"number count\"><span class=\"value\">1.200</span> \
         <span class=\"range\">1.194 bis 1.206</span></td>",
        "<td class=\"withheld\">ausgeblendet</td><td class=\"withheld\">ausgeblendet</td>",
        "Am höchsten je 100 Einwohner unter 15: 06432004 mit 40,0, dann 06432001 mit 40,0.",
        "Bevölkerung am 31.12.2025: © Amt: Erfundenes; Lizenz dl-de/by-2-0; abgerufen am 12.11.2026.",
        "Quote, nicht Anzahl",
        "„je 100 Einwohner“ ist die Anzahl, geteilt durch",
    ] {
        assert!(html.contains(wanted), "{wanted}");
    }
}

#[test]
fn a_rate_that_cannot_be_computed_gives_its_reason() {
    let places = ["06432001", "06432004"];
    let none = page(vec![rated(&document("Kinder", &places), &places, "0-9;*;4000\n")]);
    let none = none.render().unwrap();
    assert!(none.contains(
        "Quote je 100 Einwohner unter 15 nicht berechenbar: die Quelle nennt für die Gemeinde \
         06432001 keine Zahl im Alter „10 bis 14“."
    ));
    assert!(!none.contains("class=\"number rate\"") && !none.contains("Bevölkerung am"));
    assert!(none.contains("Anzahl, nicht Anteil") && !none.contains("„je 100 Einwohner“"));
    let known = ["06432001"];
    let some = rated(&document("Kinder", &places), &known, "0-14;*;4000\n");
    let some = page(vec![some]).render().unwrap();
    assert!(some.contains("<td class=\"missing\">nicht berechenbar (1)</td>"));
    assert!(
        some.contains("(1) Quote je 100 Einwohner unter 15 nicht berechenbar: „06432004“ kommt")
    );
}

/// Two years of `places`, the first of which grew by forty.
fn two_years(places: &[&str]) -> [Document; 2] {
    [2025, 2024].map(|year| {
        let mut own = document("Kinder", places);
        own["year"] = json!(year);
        own["ledger"]["sequence"] = json!(year);
        own["cells"][0]["value"] = json!(1_200 + if year == 2025 { 40 } else { 0 });
        for (member, by) in [("low", -6), ("high", 6)] {
            own["cells"][0][member] = json!(own["cells"][0]["value"].as_i64().unwrap() + by);
        }
        Document::read(&serde_json::to_vec(&own).unwrap()).unwrap()
    })
}

fn with_history(places: &[&str], whole: bool) -> Table {
    let [now, before] = &two_years(places);
    let names = Names::default();
    let boundaries = &Boundaries::schematic().unwrap();
    let style = TableStyle { names: &names, boundaries, tolerance: Tolerance::HALF };
    let table = Table::new(1, now, &style).unwrap();
    table.with_history(now, &[now, before], &style, whole).unwrap()
}

#[test]
fn a_card_says_what_changed_clearly_and_leads_to_other_years() {
    let html = page(vec![with_history(&["Dieburg", "Messel"], false)]).render().unwrap();
    for wanted in [
        "Eine von 2 verglichenen Veränderungen ist deutlich. Am stärksten: Dieburg +40 (2024 bis 2025).",
        "Andere Jahre: <a href=\"/releases/2024/i.2024.municipality\">2024</a></p>",
        "Nicht verglichen: 1, weil eine der beiden Zahlen ausgeblendet ist",
        "<figure class=\"lines\">",
        "„Unklar“: Der Unterschied kann bloßer Zufall sein.",
    ] {
        assert_eq!(count(&html, wanted), 1, "{wanted}");
    }
    assert!(!html.contains("<caption>Veränderungen"), "every comparison has its own page");
    let places = ["a", "b", "c", "d", "e", "f", "g"];
    let html = page(vec![with_history(&places, false)]).render().unwrap();
    let own = "<a href=\"/releases/2025/i.2025.municipality\">Verlauf und alle Vergleiche</a>";
    assert!(html.contains(own) && !html.contains("<figure class=\"lines\">"));
    let alone = page(vec![table(1, &document("Kinder", &["Dieburg"]))]).render().unwrap();
    assert!(!alone.contains("Andere Jahre") && !alone.contains("verändert hat"));
}

#[test]
fn a_release_has_a_page_with_every_comparison() {
    let places = ["a", "b", "c", "d", "e", "f", "g"];
    let own = ReleasePage {
        separation: "Zwei Rechner.".to_owned(),
        synthetic: false,
        made: "22. November 2026".to_owned(),
        county: "Kreis <A>".to_owned(),
        project: "county-a".to_owned(),
        newer: Some("/releases/2026/i.2025.municipality".to_owned()),
        table: with_history(&places, true),
        demand: None,
    };
    let html = askama::Template::render(&own).unwrap();
    for wanted in [
        "<figure class=\"lines\">",
        "<caption>Veränderungen mit 95-%-Intervall, die stärksten zuerst</caption>",
        "<th scope=\"row\">a</th><td>2024</td><td>2025</td><td class=\"number\">1.200</td>\
         <td class=\"number\">1.240</td><td class=\"number value\">+40</td>",
        "<td>deutlich</td>",
        "<a href=\"/projects/county-a\">Alle Tabellen: Kreis &#60;A&#62;</a>",
        "<a href=\"/releases/2026/i.2025.municipality\">zur neueren</a>",
    ] {
        assert_eq!(count(&html, wanted), 1, "{wanted}");
    }
    assert_eq!(count(&html, "<td>unklar</td>"), 6);
    assert_eq!(count(&html, "<h1"), 1);
}

#[test]
fn two_dimensions_and_transitions_are_cells_and_quarters_are_lines() {
    let show = |kind: &str, dimensions: Value, addresses: Vec<Value>| {
        let addresses =
            addresses.into_iter().map(|keys| (json!({"keys": keys, "labels": keys}), 90));
        let mut own = document("Kinder", &[]);
        (own["kind"], own["dimensions"]) = (json!(kind), dimensions);
        own["cells"] = cells(addresses);
        page(vec![table(1, &own)]).render().unwrap()
    };
    let pairs = || vec![json!(["a", "b"]), json!(["a", "c"]), json!(["b", "b"]), json!(["b", "c"])];
    let heat = show("persons", json!(["municipality", "age_group"]), pairs());
    assert!(
        heat.contains("<figure class=\"cells\">") && heat.contains("<desc>Heatmap mit 2 Zeilen")
    );
    let moves = show("transition", json!(["from", "to"]), pairs());
    assert!(moves.contains("<desc>Übergangsmatrix mit 3 Zeilen (vorher)"));
    let quarters = ["q1", "q2", "q3", "q4", "year"].map(|own| json!(["kita", own])).to_vec();
    let lines = show("series", json!(["service", "period"]), quarters);
    assert!(lines.contains("<figure class=\"lines\">") && lines.contains("1. Quartal 2025"));
    assert!(!lines.contains("Andere Jahre"));
}

#[test]
fn coming_years_are_marked_as_a_model_in_every_column() {
    let head = "# format: milchglas/population/v1\n# source: Erfundenes\n# publisher: Amt\n\
                # licence: dl-de/by-2-0\n# attribution: © Amt\n# retrieved: 2026-11-12\n\
                year;municipality;age;sex;persons\n";
    let rows = "2025;06432001;0-64;*;9000\n2025;06432001;65+;*;2000\n";
    let residents = &Population::read(format!("{head}{rows}").as_bytes()).unwrap();
    let place = Meaning::Places(["06432001".to_owned()].into());
    let rate = &RateRule {
        per: 100,
        territory: ["06432001".to_owned()].into(),
        meanings: [("municipality".to_owned(), [("06432001".to_owned(), place)].into())].into(),
    };
    let mut own = document("Kinder", &["06432001"]);
    own["filter"] = json!({});
    let own = Document::read(&serde_json::to_vec(&own).unwrap()).unwrap();
    let (outlook, tolerance) = (publication::Outlook::Cohorts, Tolerance::HALF);
    let rule = publication::DemandRule { rate, residents, outlook, years: 2, tolerance };
    let demand = publication::demand(&own, &rule, &Names::default()).unwrap();
    let page = ReleasePage {
        separation: String::new(),
        synthetic: true,
        made: String::new(),
        county: "Kreis A".to_owned(),
        project: "county-a".to_owned(),
        newer: None,
        table: show(1, &own),
        demand: Some(crate::pages::DemandSection::of(&demand)),
    };
    let html = askama::Template::render(&page).unwrap();
    for wanted in [
        "<h2 id=\"modell\">Modell: Kinder, 2026 bis 2027</h2>",
        "<th scope=\"col\" class=\"number\">2026 (Modell)</th>",
        "Niemand zieht zu oder weg",
        // All ages hold people whose deaths the model leaves out.
        "colspan=\"2\">nicht berechenbar: das Modell rechnet ohne Sterbefälle",
    ] {
        assert_eq!(count(&html, wanted), 1, "{wanted}");
    }
}
