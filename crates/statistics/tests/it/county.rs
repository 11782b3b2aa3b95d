//! A county of a thousand persons with known numbers.

use policy::{Catalogue, Digest, Femto, Name, NanoRho, Plan, Query, Territory};
use statistics::{Context, DatasetFacts, Fact, Links, PersonTable, Price, RankKey, Request};

pub(crate) const YEAR: u16 = 2025;

const CATALOGUE: &str = r#"
    name = "county"
    version = 1
    [dimensions.municipality]
    label = "Gemeinde"
    keys = [{ key = "06432001", label = "Alsbach-Hähnlein" },
            { key = "06432002", label = "Babenhausen" },
            { key = "06432003", label = "Bickenbach" }]
    attribute_from = ["kita", "wohngeld"]
    [datasets.kita]
    label = "Kindertagesbetreuung"
    legal_basis = "SGB VIII §§ 22-24"
    retention_months = 36
    max_rows = 12
    dimensions = ["municipality"]
    measures = [{ name = "hours", label = "Stunden je Woche", unit = "h", lower = 0, upper = 50, step = 1 }]
    [datasets.wohngeld]
    label = "Wohngeld"
    legal_basis = "WoGG § 34"
    retention_months = 36
    max_rows = 12
    dimensions = ["municipality"]
"#;

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn catalogue() -> Catalogue {
    Catalogue::from_toml(CATALOGUE).unwrap()
}

fn plan(compute: &serde_json::Value) -> Plan {
    plan_with(compute, &[])
}

fn plan_with(compute: &serde_json::Value, margins: &[&str]) -> Plan {
    let query = serde_json::json!({"compute": compute, "group_by": ["municipality"],
        "margins": margins});
    let query: Query = serde_json::from_value(query).unwrap();
    let territory = Territory {
        dimension: name("municipality"),
        prefix: "06432".into(),
        label: "Kreis".into(),
    };
    Plan::resolve(&query, &catalogue(), &territory).unwrap()
}

pub(crate) fn persons() -> Plan {
    plan(&serde_json::json!({"kind": "persons", "datasets": ["kita", "wohngeld"]}))
}

pub(crate) fn overlap() -> Plan {
    plan(&serde_json::json!({"kind": "overlap", "datasets": ["kita", "wohngeld"]}))
}

/// Combinations per municipality and in the county.
pub(crate) fn overlap_with_total() -> Plan {
    let compute = serde_json::json!({"kind": "overlap", "datasets": ["kita", "wohngeld"]});
    plan_with(&compute, &["municipality"])
}

pub(crate) fn mean() -> Plan {
    plan(&serde_json::json!({"kind": "mean", "dataset": "kita", "measure": "hours",
        "assumed_count": 300}))
}

/// 600 persons in the first municipality and 400 in the second, none in the third. All are in
/// `kita` with 35 hours, every second one in `wohngeld` too.
pub(crate) fn table() -> PersonTable {
    let catalogue = catalogue();
    let key = RankKey::take(&mut [3; 32]);
    let builder = |dataset: &Name| {
        DatasetFacts::builder(dataset.clone(), catalogue.dataset(dataset).unwrap())
    };
    let (mut kita, mut wohngeld) = (builder(&name("kita")), builder(&name("wohngeld")));
    for person in 0..1_000_u32 {
        let codes = [u16::from(person >= 600)];
        let fact = Fact {
            person,
            subject: person,
            rank: key.rank(&[7; 16], person),
            year: YEAR,
            first_month: 1,
            last_month: 12,
            unit: None,
            codes: &codes,
            measures: &[Some(35)],
        };
        kita.push(&fact).unwrap();
        if person % 2 == 0 {
            wohngeld.push(&Fact { measures: &[], ..fact }).unwrap();
        }
    }
    let datasets = vec![kita.finish(), wohngeld.finish()];
    let table = PersonTable::new(name("snapshot-1"), 1_000, 2024..=YEAR, datasets).unwrap();
    let lines = (0..1_000).flat_map(|own| std::iter::repeat_n((own, 7), 2 - own as usize % 2));
    table.with_links(Links::of_lines(Digest::of(b"schema"), 1_000, lines).unwrap()).unwrap()
}

pub(crate) fn price(plan: &Plan) -> Price {
    let delta = Femto::new(1_000_000_000).unwrap();
    Price::of(plan, NanoRho::new(50_000_000).unwrap(), delta).unwrap()
}

pub(crate) fn request(key: &str) -> Request {
    Request {
        project: name("early-help-06432"),
        snapshot: name("snapshot-1"),
        purpose: name("early-help"),
        analyst: name("planner"),
        idempotency_key: key.into(),
        year: YEAR,
    }
}

pub(crate) fn context() -> Context {
    Context {
        indicator: name("children"),
        label: "Kinder mit Leistungen je Gemeinde".into(),
        policy: Digest::of(b"purpose"),
        separation: "Both units ran in one process, for demonstration.".into(),
        withholding: None,
    }
}
