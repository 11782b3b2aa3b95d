//! A small catalogue and rows for the tests of this crate.

use std::sync::LazyLock;

use policy::{Catalogue, Digest, Name, Plan, Query, Territory, UNKNOWN_CODE};

use crate::{DatasetFacts, Fact, Links, PersonTable};

pub(crate) const YEAR: u16 = 2024;

const CATALOGUE: &str = r#"
    name = "sample"
    version = 1
    [dimensions.municipality]
    label = "Gemeinde"
    keys = [{ key = "06432001", label = "A" }, { key = "06432002", label = "B" },
            { key = "06440001", label = "C" }]
    attribute_from = ["kita", "sgb2", "wohngeld"]
    [dimensions.sex]
    label = "Geschlecht"
    keys = [{ key = "f", label = "weiblich" }, { key = "m", label = "männlich" }]
    attribute_from = ["sgb2", "wohngeld", "kita"]
    [datasets.sgb2]
    label = "Grundsicherung"
    legal_basis = "SGB II § 51b"
    retention_months = 36
    max_rows = 24
    unit = true
    dimensions = ["municipality", "sex"]
    measures = [{ name = "kdu", label = "KdU", unit = "EUR", lower = 0, upper = 1500, step = 10 }]
    [datasets.wohngeld]
    label = "Wohngeld"
    legal_basis = "WoGG § 34"
    retention_months = 36
    max_rows = 24
    dimensions = ["municipality", "sex"]
    measures = [{ name = "amount", label = "Betrag", unit = "EUR", lower = 100, upper = 901, step = 1 }]
    [datasets.kita]
    label = "Kindertagesbetreuung"
    legal_basis = "SGB VIII §§ 22-24"
    retention_months = 36
    max_rows = 12
    dimensions = ["municipality", "sex"]
    measures = [{ name = "hours", label = "Stunden", unit = "h", lower = 0, upper = 50, step = 1 }]
"#;

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn catalogue() -> &'static Catalogue {
    static PARSED: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::from_toml(CATALOGUE).unwrap());
    &PARSED
}

pub(crate) fn plan(query: serde_json::Value) -> Plan {
    plan_in(catalogue(), query)
}

/// The same catalogue, but which sexes occur is private.
pub(crate) fn private_plan(query: serde_json::Value) -> Plan {
    let public = "label = \"Geschlecht\"";
    let text = CATALOGUE.replacen(public, &format!("{public}\n    private = true"), 1);
    plan_in(&Catalogue::from_toml(&text).unwrap(), query)
}

fn plan_in(catalogue: &Catalogue, query: serde_json::Value) -> Plan {
    let query: Query = serde_json::from_value(query).unwrap();
    let territory = Territory {
        dimension: name("municipality"),
        prefix: "06432".into(),
        label: "Kreis".into(),
    };
    Plan::resolve(&query, catalogue, &territory).unwrap()
}

pub(crate) fn persons_plan() -> Plan {
    plan(serde_json::json!({"compute": {"kind": "persons", "datasets": ["sgb2", "kita"]},
        "group_by": ["municipality"]}))
}

pub(crate) fn overlap_plan() -> Plan {
    plan(serde_json::json!({
        "compute": {"kind": "overlap", "datasets": ["sgb2", "wohngeld", "kita"]},
        "group_by": ["municipality", "sex"]}))
}

pub(crate) fn mean_plan() -> Plan {
    plan(serde_json::json!({
        "compute": {"kind": "mean", "dataset": "wohngeld", "measure": "amount",
            "assumed_count": 500},
        "filter": {"sex": ["f", "m"]}, "group_by": ["municipality"]}))
}

/// A plan of every kind and unit, most of them grouped.
pub(crate) fn every_plan() -> Vec<Plan> {
    use serde_json::json;
    let of = |compute: serde_json::Value, unit: &str, group_by: &[&str]| {
        plan(json!({"compute": compute, "unit": unit, "group_by": group_by}))
    };
    let both = &["municipality", "sex"][..];
    let state = |id: &str, filter: serde_json::Value| json!({"id": id, "label": id, "datasets": [id], "filter": filter});
    let states = [state("sgb2", json!({"sex": ["f"]})), state("wohngeld", json!({}))];
    let edges = [100, 200, 500, 901];
    let some = json!({"datasets": ["sgb2", "wohngeld"], "filter": {"sex": ["f"]}});
    let mean = |dataset: &str, measure: &str| json!({"kind": "mean", "dataset": dataset, "measure": measure, "assumed_count": 500});
    let entries = |most: u8, gap: u8| {
        json!({"kind": "entries", "datasets": ["sgb2", "wohngeld", "kita"], "gap_months": gap,
            "most": most})
    };
    let mut plans = vec![persons_plan(), overlap_plan(), mean_plan()];
    plans.extend([
        of(json!({"kind": "persons", "datasets": ["sgb2"]}), "household", both),
        of(mean("sgb2", "kdu"), "household", &["municipality"]),
        of(
            json!({"kind": "share", "of": {"datasets": ["sgb2"]},
                "with": {"datasets": ["sgb2"], "filter": {"sex": ["f"]}}, "assumed_count": 500}),
            "household",
            &["municipality"],
        ),
        of(
            json!({"kind": "cases", "dataset": "kita", "dimension": "municipality", "most": 2}),
            "person",
            &["sex"],
        ),
        of(
            json!({"kind": "sum", "dataset": "wohngeld", "measure": "amount", "per_month": true,
                "cap": 3_000}),
            "person",
            both,
        ),
        of(
            json!({"kind": "histogram", "dataset": "wohngeld", "measure": "amount", "edges": edges}),
            "person",
            both,
        ),
        of(
            json!({"kind": "quantiles", "dataset": "wohngeld", "per_mille": [250, 500],
                "of": {"measure": {"name": "amount", "edges": edges}}}),
            "person",
            &["sex"],
        ),
        of(json!({"kind": "transition", "states": states, "years": 1}), "person", both),
        of(
            json!({"kind": "share", "of": some, "with": {"datasets": ["kita"]},
                "assumed_count": 500}),
            "person",
            both,
        ),
        of(entries(2, 12), "person", both),
        of(entries(1, 2), "person", &[]),
        of(json!({"kind": "link_quality", "datasets": ["sgb2", "kita"]}), "person", both),
        of(
            json!({"kind": "prior_contact", "dataset": "sgb2", "gap_months": 6,
                "before": ["kita", "wohngeld"], "months": 18, "assumed_count": 500}),
            "person",
            both,
        ),
    ]);
    plans.extend(bounded_plans());
    plans.extend(plans_with_margins());
    plans
}

/// Plans with another noise, another bound or a part of the year.
fn bounded_plans() -> Vec<Plan> {
    use serde_json::json;
    let series = |most: u8| json!({"kind": "series", "datasets": ["sgb2", "wohngeld", "kita"], "most": most});
    let part = |dataset: &str, measure: &str, rows: u16, cap: i64| json!({"dataset": dataset, "measure": measure, "rows": rows, "cap": cap, "subjects": 3});
    let amounts = [part("wohngeld", "amount", 2, 500), part("sgb2", "kdu", 1, 300)];
    let rows = [json!({"dataset": "kita", "rows": 2, "subjects": 3})];
    let both = &["municipality", "sex"];
    vec![
        plan(json!({"compute": series(2), "group_by": both})),
        plan(json!({"compute": series(1)})),
        plan(json!({"compute": {"kind": "persons", "datasets": ["sgb2", "kita"]},
            "months": {"from": 4, "to": 6}, "group_by": both})),
        plan(json!({"compute": {"kind": "overlap", "datasets": ["sgb2", "wohngeld"]},
            "months": {"from": 10, "to": 12}, "group_by": both})),
        plan(json!({"compute": {"kind": "cases", "dataset": "kita", "dimension": "municipality",
            "most": 2}, "mechanism": "laplace", "group_by": ["sex"]})),
        plan(json!({"compute": {"kind": "persons", "datasets": ["sgb2"]}, "unit": "household",
            "mechanism": "laplace", "group_by": both})),
        private_plan(json!({"compute": {"kind": "sparse", "datasets": ["sgb2", "kita"],
            "dimension": "sex", "threshold_delta_femto": 1_000_000},
            "group_by": ["municipality"]})),
        plan(json!({"compute": {"kind": "subject_sum", "parts": amounts}, "group_by": both})),
        plan(json!({"compute": {"kind": "subject_sum", "parts": rows}, "mechanism": "laplace",
            "filter": {"sex": ["f"]}, "group_by": ["municipality"]})),
    ]
}

/// Plans of several kinds whose tables have margins.
pub(crate) fn plans_with_margins() -> Vec<Plan> {
    use serde_json::json;
    let of = |compute: serde_json::Value, unit: &str, group_by: &[&str], margins: &[&str]| {
        plan(json!({"compute": compute, "unit": unit, "group_by": group_by, "margins": margins}))
    };
    let both = &["municipality", "sex"][..];
    let state = |id: &str| json!({"id": id, "label": id, "datasets": [id]});
    vec![
        of(json!({"kind": "persons", "datasets": ["sgb2", "kita"]}), "person", both, both),
        of(json!({"kind": "persons", "datasets": ["sgb2"]}), "household", both, &["sex"]),
        of(json!({"kind": "overlap", "datasets": ["sgb2", "kita"]}), "person", both, both),
        of(
            json!({"kind": "cases", "dataset": "kita", "dimension": "municipality", "most": 2}),
            "person",
            &["sex"],
            &["sex"],
        ),
        of(
            json!({"kind": "sum", "dataset": "wohngeld", "measure": "amount", "cap": 3_000}),
            "person",
            both,
            &["municipality"],
        ),
        of(
            json!({"kind": "histogram", "dataset": "wohngeld", "measure": "amount",
                "edges": [100, 200, 901]}),
            "person",
            both,
            both,
        ),
        of(
            json!({"kind": "transition", "states": [state("sgb2"), state("kita")], "years": 1}),
            "person",
            both,
            both,
        ),
    ]
}

/// One row of any of the three datasets, which share their shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) person: u32,
    /// Which of the person's subjects, 0 to 3.
    pub(crate) subject: u32,
    pub(crate) rank: u64,
    pub(crate) year: u16,
    pub(crate) first_month: u8,
    pub(crate) month: u8,
    pub(crate) unit: Option<u32>,
    pub(crate) codes: [u16; 2],
    pub(crate) amount: Option<i64>,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            person: 0,
            subject: 0,
            rank: 0,
            year: YEAR,
            first_month: 1,
            month: 1,
            unit: None,
            codes: [UNKNOWN_CODE; 2],
            amount: None,
        }
    }
}

pub(crate) fn facts(dataset: &str, lines: &[Line]) -> DatasetFacts {
    let dataset = name(dataset);
    let declared = catalogue().dataset(&dataset).unwrap();
    let mut builder = DatasetFacts::builder(dataset.clone(), declared);
    for line in lines {
        let fact = Fact {
            person: line.person,
            subject: line.person * 4 + line.subject,
            rank: line.rank,
            year: line.year,
            first_month: line.first_month,
            last_month: line.month,
            unit: line.unit.filter(|_| declared.unit),
            codes: &line.codes,
            measures: &[line.amount],
        };
        builder.push(&fact).unwrap();
    }
    builder.finish()
}

/// Lines of `sgb2`, `wohngeld` and `kita`.
pub(crate) fn table(persons: u32, lines: &[Vec<Line>; 3]) -> PersonTable {
    let [sgb2, wohngeld, kita] = lines;
    let datasets = vec![facts("sgb2", sgb2), facts("wohngeld", wohngeld), facts("kita", kita)];
    let table = PersonTable::new(name("snapshot-1"), persons, YEAR - 3..=YEAR, datasets).unwrap();
    table.with_links(links(persons)).unwrap()
}

/// Person 0 is single, every further one is linked, by bands that repeat from 0 to 7.
pub(crate) fn links(persons: u32) -> Links {
    let band = |person: u32| u8::try_from(person.saturating_sub(1) % 8).unwrap();
    let lines = (0..persons).flat_map(|own| {
        let records = if own == 0 { 1 } else { 2 };
        std::iter::repeat_n((own, band(own)), records)
    });
    Links::of_lines(Digest::of(b"schema"), persons, lines).unwrap()
}
