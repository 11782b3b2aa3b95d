//! The logs leave the units, so no entry holds a personal value: every kind is listed here with all
//! members of its body, and every member is an id, a digest, a count or a name from the policies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use milchglas::UnitName::{Linkage, Statistics};
use serde_json::{Value, json};

use crate::place::Place;

/// Each kind of entry with every member that its body may have.
const KINDS: &[(&str, &[&str])] = &[
    (
        "batch.received",
        &[
            "project",
            "department",
            "batch",
            "epoch",
            "dataset",
            "mode",
            "rows",
            "superseded",
            "withdrawn",
            "manifest",
        ],
    ),
    ("epoch.opened", &["project", "epoch", "schema"]),
    ("snapshot.frozen", &["snapshot", "project", "epoch", "link_map", "period", "solving"]),
    ("snapshot.transferred", &["snapshot", "transfer", "link_map"]),
    ("snapshot.accepted", &["snapshot", "project", "epoch", "link_map"]),
    (
        "charge.committed",
        &["charge", "project", "snapshot", "purpose", "query", "rho", "delta", "lineages", "parts"],
    ),
    ("release.stored", &["charge", "answer"]),
    ("charge.failed", &["charge", "answer"]),
    ("charge.void", &["charge", "answer"]),
    ("refusal", &["project", "purpose", "query", "which", "limit", "spent", "reserved", "asked"]),
    ("witness.held", &["generation", "sequence", "head"]),
    ("log.countersigned", &["unit", "generation", "sequence", "head", "officer"]),
    (
        "restore.burnt",
        &["generation", "request", "approved_by", "restored", "witnessed", "burnt", "lineages"],
    ),
    ("subjects.erased", &["project", "epoch", "department", "subjects", "chunks"]),
    ("batch.erased", &["project", "department", "batch", "reason", "chunks"]),
    ("facts.expired", &["project", "department", "batch", "dataset", "kept_from", "chunks"]),
    ("epoch.closed", &["project", "epoch", "batches", "chunks", "pair_chunks"]),
    ("keys.destroyed", &["project", "epoch", "keys"]),
    ("pairs.kept", &["project", "epoch", "pairs"]),
    ("proposal.made", &["proposal", "project", "kind", "digest", "by", "until"]),
    ("proposal.approved", &["proposal", "project", "kind", "digest", "by", "of", "enough"]),
    ("proposal.used", &["proposal", "project", "kind", "digest"]),
];

/// A dotted word, or the one kind that is none.
fn is_kind(word: &str) -> bool {
    let small = |part: &str| !part.is_empty() && part.bytes().all(|own| own.is_ascii_lowercase());
    word == "refusal" || (word.contains('.') && word.split('.').all(small))
}

/// Whoever adds a kind says here what it holds.
#[test]
fn every_kind_that_the_store_writes_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/store/src");
    let (mut open, mut written) = (vec![folder], BTreeSet::new());
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            for call in [
                "append(",
                "append_after(",
                "record(",
                "Next::after(",
                "(State::Released,",
                "(State::Failed,",
                "finish(",
            ] {
                for rest in text.split(call).skip(1) {
                    let end = rest.find(';').unwrap_or(rest.len());
                    let words = rest[..end].split('"').skip(1).step_by(2);
                    let kind = words.into_iter().next();
                    written.extend(kind.filter(|own| is_kind(own)).map(str::to_owned));
                }
            }
        }
    }
    let listed: BTreeSet<String> = KINDS.iter().map(|(kind, _)| (*kind).to_owned()).collect();
    let unknown: Vec<_> = written.difference(&listed).collect();
    assert!(unknown.is_empty(), "say which members these have: {unknown:?}");
    assert!(written.len() >= 10, "the test reads the sources: {written:?}");
}

#[test]
fn entries_hold_ids_counts_and_names_of_policies_alone() {
    let place = Place::start(60_000_000);
    place.ready();
    let (place, _, _) = place.with_witnesses();
    let body = |indicator: &str| json!({"purpose": "sozialmonitoring-06432", "indicator": indicator, "year": 2025, "group_by": []});
    assert_eq!(place.ask("day-care-hours", 2025).status, 200);
    assert_eq!(place.ask_under("key of anna", &body("day-care-hours")).code(), "query-refused");
    assert_eq!(place.ask_under("key-of-anna", &body("day-care-hours")).code(), "budget-exceeded");
    let short = place.get(Statistics, "dpo", "/v1/audit").json()["short"].clone();
    let typed = place.post(Statistics, "dpo", "/v1/countersignatures", &json!({ "short": short }));
    assert_eq!(typed.status, 201, "{}", typed.json());

    let allowed: BTreeMap<&str, &[&str]> = KINDS.iter().copied().collect();
    let mut seen = BTreeSet::new();
    for unit in [Linkage, Statistics] {
        let log = String::from_utf8(place.get(unit, "dpo", "/v1/log").body).unwrap();
        assert!(!log.contains("analyst") && !log.contains("anna"), "who asks stays in the ledger");
        for line in log.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let Some(entry) = line.get("entry") else { continue };
            let kind = entry["kind"].as_str().unwrap().to_owned();
            let members = allowed.get(kind.as_str()).unwrap_or_else(|| panic!("{kind}"));
            for (member, value) in entry["body"].as_object().unwrap() {
                assert!(members.contains(&member.as_str()), "{kind}: {member}");
                plain(value, &format!("{kind}.{member}"));
            }
            seen.insert(kind);
        }
    }
    for kind in
        ["batch.received", "charge.committed", "refusal", "witness.held", "log.countersigned"]
    {
        assert!(seen.contains(kind), "{kind}");
    }
}

/// Numbers, and words in which no name of a person or street has room: one, in small letters.
fn plain(value: &Value, place: &str) {
    match value {
        Value::String(text) => {
            let word =
                |own: u8| matches!(own, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b':' | b'.');
            assert!(text.bytes().all(word), "{place}: {text}");
        }
        Value::Array(own) => own.iter().for_each(|own| plain(own, place)),
        Value::Object(own) => own.values().for_each(|own| plain(own, place)),
        Value::Number(_) | Value::Null | Value::Bool(_) => {}
    }
}
