use publication::{Document, Names};
use serde_json::{Value, json};

use super::{Lineage, ProjectSection, StartPage};
use crate::pages::{STYLE, Table};

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
        "half_width": {"kind": "exact", "half_width": 6}, "rho_nano": 49_974_450,
        "eps": 1.471_189, "delta_conv_femto": 1_000_000_000,
        "guarantee": {"kind": "cluster", "text": "One person of the snapshot."},
        "policy_digest": "8".repeat(64), "ledger": {"sequence": 17, "head": "c".repeat(64)},
        "separation": "Zwei Rechner, zwei Verwaltungen."
    })
}

fn table(position: usize, document: &Value) -> Table {
    let document = Document::read(&serde_json::to_vec(document).unwrap()).unwrap();
    let names = Names::new([("municipality".to_owned(), "Gemeinde".to_owned())], []);
    Table::new(position, &document, &names).unwrap()
}

fn page(tables: Vec<Table>) -> StartPage {
    let lineages = vec![
        Lineage { year: 2024, spent: 49_974_450, cap: 1_000_000_000 },
        Lineage { year: 2025, spent: 150_000_000, cap: 1_000_000_000 },
    ];
    StartPage {
        title: "Sozialmonitoring".to_owned(),
        separation: "Beide Stellen in einem Prozess, nur zur Vorführung.".to_owned(),
        synthetic: true,
        projects: vec![ProjectSection { label: "Kreis A".to_owned(), tables, lineages }],
    }
}

fn count(html: &str, wanted: &str) -> usize {
    html.matches(wanted).count()
}

#[test]
fn a_page_shows_chart_table_interval_budget_and_fine_print() {
    let html = page(vec![table(4, &document("Kinder", &["Dieburg"]))]).render().unwrap();
    for wanted in [
        "<html lang=\"de\">",
        "<th scope=\"row\">Dieburg</th><td class=\"number value\">1.200</td>\
         <td class=\"number\">1.194</td><td class=\"number\">1.206</td>",
        "<th scope=\"row\">Messel</th><td class=\"withheld\" colspan=\"3\">ausgeblendet</td>",
        "<th scope=\"col\">Gemeinde</th>",
        "Werte mit 95-%-Intervall; 1 von 2 Zeilen ausgeblendet",
        "href=\"/releases/4.csv\"",
        "±\u{a0}6 Personen in jeder Zeile",
        "ρ&nbsp;=&nbsp;0,04997445 (zCDP); das entspricht höchstens ε&nbsp;=&nbsp;1,48 bei δ&nbsp;=&nbsp;10⁻⁶",
        "Eintrag 17",
        "Zwei Rechner, zwei Verwaltungen.",
        "<rect class=\"spent\" width=\"150\"",
        ">0,150</td><td class=\"number\">1,000</td>",
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
    assert!(!empty.render().unwrap().contains("Wahrscheinlichkeit von"));
    empty.projects.clear();
    assert!(empty.render().unwrap().contains("Noch ist nichts veröffentlicht."));
}

#[test]
fn labels_cannot_become_markup() {
    let hostile = "<script>alert(1)</script>\" onload=\"x";
    let mut page = page(vec![table(0, &document(hostile, &[hostile]))]);
    page.title = hostile.to_owned();
    page.separation = hostile.to_owned();
    page.projects[0].label = hostile.to_owned();
    let html = page.render().unwrap();
    assert!(!html.contains("<script") && !html.contains("\" onload=\""));
    assert!(html.contains("alert(1)"));
}

#[test]
fn a_page_fetches_its_style_from_the_same_host_and_nothing_else() {
    let html = page(vec![table(0, &document("Kinder", &["Dieburg"]))]).render().unwrap();
    let html = html.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    assert_eq!(count(&html, "<link"), 1);
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
    assert!(!html.contains("<figure>"));
}
