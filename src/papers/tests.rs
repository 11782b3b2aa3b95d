//! The papers of a county, compared with what was read and approved: `UPDATE=1 cargo test -p
//! milchglas --lib papers` writes the texts anew; read the difference.

use std::path::Path;

use policy::{Name, PolicySet};
use serde_json::json;

use super::facts::ReadLog;
use super::*;

fn facts() -> Facts {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let policies = PolicySet::load(&root.join("policies")).unwrap();
    let hash = "5f".repeat(32);
    let entries = vec![
        json!({"at": 1_790_000_000, "kind": "batch.received", "sequence": 1, "body": {
            "project": "county-06432", "department": "jugendamt-06432", "batch": "0a", "superseded": 1,
            "withdrawn": 2, "dataset": "hze", "rows": 40}}),
        json!({"at": 1_790_000_001, "kind": "batch.received", "sequence": 2, "body": {
            "project": "county-06432", "superseded": 0, "withdrawn": 0}}),
        json!({"at": 1_790_086_400, "kind": "epoch.closed", "sequence": 3, "body": {
            "project": "county-06432", "epoch": "2025"}}),
        json!({"at": 1_790_086_400, "kind": "epoch.closed", "sequence": 4, "body": {
            "project": "county-06440", "epoch": "2025"}}),
        json!({"at": 1_790_172_800, "kind": "charge.committed", "sequence": 5, "body": {
            "project": "county-06432"}}),
    ];
    let release = |kind: &str, label: &str, cells: serde_json::Value| {
        json!({"kind": kind, "label": label, "purpose": "sozialmonitoring-06432", "year": 2025,
            "rho_nano": 49_999_000, "ledger": {"sequence": 5, "head": hash}, "cells": cells})
    };
    let cells =
        json!([{"labels": ["nur ein Datensatz"], "value": 1204, "low": 1190, "high": 1218}]);
    let attack = std::fs::read_to_string(root.join("docs/attack.md")).unwrap();
    Facts {
        project: Name::new("county-06432").unwrap(),
        policies: policies.into(),
        budget: json!({
            "project": "county-06432",
            "lineages": [{"year": 2025, "cap": 500_000_000, "spent": 99_998_000, "reserved": 0}],
            "spending": [{"month": "2026-09", "purpose": "sozialmonitoring-06432", "analyst": "anna",
                "state": "released", "charges": 2, "spent": 99_998_000}],
        }),
        releases: vec![
            release("persons", "Kinder unter 15", json!([])),
            release("link_quality", "Güte der Verknüpfung", cells),
        ],
        logs: vec![ReadLog { unit: "statistics".into(), head: format!("9:{hash}"), entries }],
        audit: json!({
            "head": format!("9:{hash}"), "generation": 0, "late_days": 3,
            "witnessed": {"head": format!("9:{hash}"), "at": 1_790_172_800},
            "countersigned": {"head": format!("4:{hash}"), "at": 1_787_000_000, "officer": "dora"},
        }),
        attack: Some(Attack::read("attack.md".into(), &attack, "2026-06-01".into()).unwrap()),
        uniqueness: Some(
            serde_json::from_value(json!({
                "source": "milchglas-demo unique", "made_on": "2026-06-01", "persons": 20_000,
                "shares": [{"columns": "Gemeinde, Altersgruppe, Geschlecht", "unique_per_mille": 7}],
            }))
            .unwrap(),
        ),
        made: 1_790_200_000,
    }
}

/// The digest changes with every policy and is compared nowhere else.
fn steady(text: &str, facts: &Facts) -> String {
    let attack = facts.attack.as_ref().map(|own| own.digest.clone()).unwrap_or_default();
    let policies = facts.policies.digest.to_string();
    text.replace(&policies, "PRÜFSUMME-DER-REGELN").replace(&attack, "PRÜFSUMME-DES-BERICHTS")
}

#[test]
fn the_papers_say_what_was_approved() {
    let facts = facts();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/papers/tests");
    let update = std::env::vars_os().any(|(key, value)| key == "UPDATE" && value == "1");
    for (name, paper) in all(&facts).unwrap() {
        let text = steady(&paper.to_markdown(), &facts);
        let path = folder.join(format!("{name}.md"));
        if update {
            std::fs::write(&path, &text).unwrap();
        }
        let approved = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(approved == text, "{name}: UPDATE=1 cargo test -p milchglas --lib papers");
        let page = paper.to_html().unwrap();
        assert!(
            !page.contains("http://") && !page.contains("https://") && !page.contains("<script")
        );
    }
}

#[test]
fn a_paper_is_about_its_project_and_names_no_analyst() {
    let facts = facts();
    for (name, paper) in all(&facts).unwrap() {
        let text = paper.to_markdown();
        assert!(!text.contains("06440") && !text.contains("anna"), "{name}");
    }
}

#[test]
fn what_nobody_measured_is_said_to_be_missing() {
    let facts = Facts { attack: None, uniqueness: None, releases: Vec::new(), ..facts() };
    let text = impact::paper(&facts).unwrap().to_markdown();
    for missing in ["Kein Angriffsbericht", "Nicht berechnet", "Noch ist keine Freigabe"] {
        assert!(text.contains(missing), "{missing}");
    }
    let bad = Attack::read("a.md".into(), "# nothing", "2026-06-01".into());
    assert!(bad.is_err());
}

#[test]
fn each_algorithm_stands_where_the_report_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for own in crypto::USES {
        let text = std::fs::read_to_string(root.join(own.file)).unwrap();
        assert!(text.contains(own.code), "{}: {}", own.file, own.code);
    }
}

#[test]
fn every_paper_is_listed_with_its_title() {
    let all = super::all(&facts()).unwrap();
    let titles: Vec<(&str, &str)> = all.iter().map(|(name, own)| (*name, own.title())).collect();
    assert_eq!(titles, super::TITLES);
}
