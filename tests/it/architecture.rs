//! The diagram of ARCHITECTURE.md, as a test.
//!
//! A new edge between our crates, a new way to reach a dependency, or a pure crate that touches
//! the world fails here first and is then a decision rather than an accident.

mod graph;
mod sources;

use std::collections::{BTreeMap, BTreeSet};

use graph::Graph;
use sources::Source;

/// Every shipped crate, with all crates of ours that it names.
const EDGES: &[(&str, &[&str])] = &[
    ("policy", &[]),
    ("submission", &["policy"]),
    ("encoder", &["policy", "submission"]),
    ("department", &["encoder", "policy", "submission"]),
    ("linkage", &[]),
    ("statistics", &["policy"]),
    ("audit", &[]),
    ("store", &["audit"]),
    ("access", &["policy", "submission"]),
    ("approval", &["access", "policy", "store", "submission"]),
    ("intake", &["access", "policy", "store", "submission"]),
    ("linkage-unit", &["access", "approval", "intake", "linkage", "policy", "store", "submission"]),
    (
        "statistics-unit",
        &["access", "approval", "intake", "policy", "statistics", "store", "submission"],
    ),
    ("publication", &[]),
    (
        "milchglas",
        &[
            "access",
            "approval",
            "audit",
            "intake",
            "linkage",
            "linkage-unit",
            "policy",
            "publication",
            "statistics-unit",
            "store",
            "submission",
        ],
    ),
];

/// These may link anything and are never shipped.
const NOT_SHIPPED: &[&str] = &["attack", "benches", "demo"];

/// What must stay out of reach, however long the path.
const OUT_OF_REACH: &[(&str, &[&str])] = &[
    ("milchglas", &["encoder", "department", "demo", "benches"]),
    (
        "department",
        &[
            "linkage",
            "statistics",
            "store",
            "intake",
            "access",
            "approval",
            "linkage-unit",
            "statistics-unit",
            "audit",
            "axum",
            "opendp",
            "cedar-policy",
        ],
    ),
    (
        "linkage-unit",
        &["statistics-unit", "statistics", "encoder", "department", "opendp", "publication"],
    ),
    ("statistics-unit", &["linkage-unit", "linkage", "encoder", "department", "publication"]),
    ("publication", &["store", "linkage", "linkage-unit", "encoder", "department", "sqlx"]),
    ("linkage", &["statistics", "encoder", "tokio", "tracing", "sqlx", "axum"]),
    ("statistics", &["linkage", "encoder", "tokio", "tracing", "sqlx", "axum"]),
    ("encoder", &["linkage", "statistics", "tokio", "tracing", "sqlx", "axum", "ureq"]),
    ("audit", &["tokio", "tracing", "sqlx", "axum", "ureq"]),
    ("policy", &["tokio", "tracing", "sqlx", "axum", "ureq"]),
    ("submission", &["tokio", "tracing", "sqlx", "axum", "ureq"]),
];

/// Dependencies with a home: among the shipped crates only the second may name the first.
const HOMES: &[(&str, &[&str])] = &[
    ("axum", &["milchglas"]),
    ("bech32", &["department"]),
    ("cedar-policy", &["access"]),
    ("opendp", &["statistics"]),
    ("parquet", &["publication"]),
    ("sqlx", &["department", "store"]),
    ("x25519-dalek", &["department"]),
];

/// Library sources that touch no file, no network, no clock, no log and no ambient randomness.
/// `audit` has a program beside its library; its files are not looked at.
const PURE: &[(&str, &[&str])] = &[
    ("audit", &["key_file.rs", "main.rs", "messages.rs", "signing.rs", "sign.rs"]),
    ("encoder", &[]),
    ("linkage", &[]),
    ("statistics", &[]),
    ("submission", &[]),
];

/// Names by which pure code would reach outside.
const OUTSIDE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "tokio::",
    "tracing::",
    "anyhow::",
    "clap::",
    "SystemTime::now",
    "Instant::now",
    "println!",
    "print!",
    "eprintln!",
    "eprint!",
];

/// The only implementations of `Durable` outside tests: whoever can write one can mint grants.
const DURABLE: &[&str] = &["crates/statistics-unit/src/ledger.rs"];

#[test]
fn crates_name_exactly_what_the_diagram_shows() {
    let graph = Graph::load();
    let expected: BTreeMap<&str, BTreeSet<&str>> =
        EDGES.iter().map(|(from, to)| (*from, to.iter().copied().collect())).collect();
    let shipped: BTreeSet<&str> =
        graph.members().filter(|name| !NOT_SHIPPED.contains(name)).collect();
    assert_eq!(
        shipped,
        expected.keys().copied().collect(),
        "the workspace and the diagram (EDGES) do not list the same shipped crates"
    );

    let mut faults = Vec::new();
    for (from, allowed) in &expected {
        let named = graph.ours_named_by(from);
        faults.extend(named.difference(allowed).map(|to| format!("new edge {from} → {to}")));
        faults.extend(allowed.difference(&named).map(|to| format!("edge gone {from} → {to}")));
    }
    assert!(
        faults.is_empty(),
        "Cargo.toml files and diagram differ; change EDGES and ARCHITECTURE.md only if the \
         parties' duties allow it:\n{}",
        faults.join("\n")
    );
}

#[test]
fn what_must_stay_out_of_reach_does() {
    let graph = Graph::load();
    assert!(graph.path("milchglas", "opendp").is_some(), "long paths are not followed");
    let mut faults = Vec::new();
    for (from, forbidden) in OUT_OF_REACH {
        for to in *forbidden {
            if let Some(path) = graph.path(from, to) {
                faults.push(format!("{from} must not reach {to}: {}", path.join(" → ")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Attacks are run on made-up people; nobody who holds real encodings has them at hand.
#[test]
fn only_what_is_not_shipped_reaches_the_attacks() {
    let graph = Graph::load();
    assert!(graph.path("demo", "attack").is_some(), "nobody runs the attacks");
    let reach = |from: &&(&str, &[&str])| graph.path(from.0, "attack").is_some();
    let faults: Vec<&str> = EDGES.iter().filter(reach).map(|own| own.0).collect();
    assert!(faults.is_empty(), "{faults:?} reach `attack`");
    let own = graph.ours_named_by("attack");
    let outsider = BTreeSet::from(["encoder", "policy", "submission"]);
    assert_eq!(own, outsider, "an outsider has the schema, a key of their own and encodings");
}

#[test]
fn dependencies_with_a_home_stay_there() {
    let graph = Graph::load();
    let mut faults = Vec::new();
    for (dependency, homes) in HOMES {
        for member in graph.members().filter(|name| !NOT_SHIPPED.contains(name)) {
            if !homes.contains(&member) && graph.names(member, dependency) {
                faults.push(format!("{member} names {dependency}; only {homes:?} may"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn pure_crates_touch_nothing_outside() {
    let mut faults = Vec::new();
    for (name, programs) in PURE {
        for source in Source::of_crate(name) {
            if programs.contains(&source.file_name()) || source.is_test() {
                continue;
            }
            faults.extend(source.find(OUTSIDE));
        }
    }
    assert!(
        faults.is_empty(),
        "files, network, clocks and logs belong to the units and programs:\n{}",
        faults.join("\n")
    );
}

#[test]
fn only_linkage_holds_unsafe_code() {
    let marks = [
        "unsafe {",
        "unsafe fn",
        "unsafe impl",
        "unsafe trait",
        "unsafe extern",
        "#[unsafe",
        "(unsafe_code",
    ];
    let (kernels, others): (Vec<_>, Vec<_>) = Source::all()
        .into_iter()
        .partition(|source| source.path.starts_with("crates/linkage/src/kernel/"));
    let found = |sources: Vec<Source>| -> Vec<String> {
        sources.iter().flat_map(|source| source.find(&marks)).collect()
    };
    assert!(!found(kernels).is_empty(), "the search finds nothing where something is");
    let faults = found(others);
    assert!(faults.is_empty(), "only linkage's kernels may:\n{}", faults.join("\n"));
}

#[test]
fn only_the_surfaces_speak_http() {
    let surfaces = ["src/api/", "src/pages/", "src/serve.rs"];
    let faults: Vec<String> = Source::all()
        .into_iter()
        .filter(|source| !surfaces.iter().any(|surface| source.path.starts_with(surface)))
        .flat_map(|source| source.find(&["axum::"]))
        .collect();
    assert!(faults.is_empty(), "routes belong to src/api:\n{}", faults.join("\n"));
}

#[test]
fn only_the_store_and_a_departments_sources_speak_sql() {
    let homes = ["crates/store/", "crates/department/src/source/sql/"];
    let (at_home, others): (Vec<_>, Vec<_>) = Source::all()
        .into_iter()
        .filter(|source| !source.is_test())
        .partition(|source| homes.iter().any(|home| source.path.starts_with(home)));
    let found = |sources: Vec<Source>| -> Vec<String> {
        sources.iter().flat_map(|source| source.find(&["sqlx::"])).collect()
    };
    assert!(!found(at_home).is_empty(), "the search finds nothing where something is");
    let faults = found(others);
    assert!(
        faults.is_empty(),
        "a department has SQL only for its own data:\n{}",
        faults.join("\n")
    );
}

#[test]
fn every_crate_keeps_the_workspace_lints() {
    let faults: Vec<String> = Graph::load()
        .manifests()
        .filter(|manifest| {
            let text = std::fs::read_to_string(manifest).unwrap();
            !text.replace(' ', "").contains("[lints]\nworkspace=true")
        })
        .map(|manifest| format!("{manifest} lacks `[lints] workspace = true`"))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn grants_are_minted_by_one_ledger() {
    let found: Vec<String> = Source::all()
        .into_iter()
        .filter(|source| !source.is_test())
        .flat_map(|source| {
            let count =
                source.lines_with(|line| line.starts_with("impl") && line.contains("Durable for"));
            vec![source.path.clone(); count]
        })
        .collect();
    assert_eq!(found, DURABLE, "implementations of `Durable` outside tests");
}

#[test]
fn the_map_names_every_crate() {
    let map = std::fs::read_to_string(sources::root().join("ARCHITECTURE.md")).unwrap();
    let graph = Graph::load();
    let missing: Vec<&str> = graph
        .members()
        .filter(|name| *name != "milchglas" && !map.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md does not name {missing:?}");
}
