use serde_json::{Value, json};

use super::{refusal, resolve};
use crate::{Catalogue, Name, Plan, Query, Territory};

/// The sample catalogue with the sexes' or another dimension's keys private.
fn private(query: Value) -> Result<Plan, String> {
    let text = crate::catalogue::tests::SMALL.replacen(
        "[datasets.sgb2]",
        "[dimensions.origin]\nlabel = \"Herkunft\"\nprivate = true\nattribute_from = [\"kita\"]\n\
         keys = [{ key = \"a\", label = \"A\" }, { key = \"b\", label = \"B\" }]\n[datasets.sgb2]",
        1,
    );
    let kita = "max_rows = 12\n        dimensions = [\"municipality\", \"age_group\"";
    let text = text.replacen(kita, &format!("{kita}, \"origin\""), 1);
    let catalogue = Catalogue::from_toml(&text).unwrap();
    let territory = Territory {
        dimension: Name::new("municipality").unwrap(),
        prefix: "06432".into(),
        label: "Kreis".into(),
    };
    let query: Query = serde_json::from_value(query).map_err(|error| error.to_string())?;
    Plan::resolve(&query, &catalogue, &territory).map_err(|error| error.to_string())
}

fn sparse(dimension: &str, delta: u64) -> Value {
    json!({"kind": "sparse", "datasets": ["kita"], "dimension": dimension,
        "threshold_delta_femto": delta})
}

fn subjects(part: &Value) -> Value {
    json!({"compute": {"kind": "subject_sum", "parts": [part]}})
}

#[test]
fn laplace_noise_fits_plain_counts_and_sums_only() {
    let persons = json!({"kind": "persons", "datasets": ["kita"]});
    let plan = resolve(json!({"compute": persons, "mechanism": "laplace"})).unwrap();
    assert_eq!(serde_json::to_value(&plan).unwrap()["mechanism"], "laplace");
    let usual = resolve(json!({"compute": persons, "mechanism": "gaussian"})).unwrap();
    assert!(serde_json::to_value(&usual).unwrap().get("mechanism").is_none(), "older digests stay");
    let members = json!({"datasets": ["kita"]});
    for compute in [
        json!({"kind": "mean", "dataset": "kita", "measure": "hours", "assumed_count": 9}),
        json!({"kind": "share", "of": members, "with": members, "assumed_count": 9}),
        json!({"kind": "quantiles", "dataset": "kita", "per_mille": [500],
            "of": {"measure": {"name": "hours", "edges": [0, 5, 50]}}}),
        json!({"kind": "entries", "datasets": ["kita"], "gap_months": 12, "most": 1}),
        json!({"kind": "prior_contact", "dataset": "kita", "gap_months": 12, "before": ["sgb2"],
            "months": 12, "assumed_count": 9}),
    ] {
        let text = refusal(json!({"compute": compute, "mechanism": "laplace"}));
        assert!(text.contains("leave it out for"), "{compute}: {text}");
    }
    let text = private(json!({"compute": sparse("origin", 1), "mechanism": "laplace"}));
    assert!(text.err().unwrap().contains("leave it out for sparse"));
    for odd in [json!("Laplace"), json!("geometric"), json!(1), json!(null)] {
        assert!(!refusal(json!({"compute": persons, "mechanism": odd})).is_empty(), "{odd}");
    }
}

#[test]
fn months_are_a_part_of_the_year_and_fit_presence_only() {
    let persons = json!({"kind": "persons", "datasets": ["sgb2"]});
    let ask = |months: Value| refusal(json!({"compute": persons, "months": months}));
    assert_eq!(ask(json!({"from": 1, "to": 12})), "");
    assert_eq!(ask(json!({"from": 6, "to": 6})), "");
    for (from, to) in [(0, 3), (1, 13), (7, 6), (13, 13)] {
        assert!(ask(json!({"from": from, "to": to})).contains("in order"), "{from} to {to}");
    }
    for odd in
        [json!({"from": 1}), json!({"from": 1, "to": 2, "by": 1}), json!({"from": -1, "to": 1})]
    {
        assert!(!ask(odd).is_empty());
    }
    let months = json!({"from": 1, "to": 3});
    let household = json!({"compute": persons, "months": months, "unit": "household"});
    assert!(refusal(household).contains("of persons only"));
    let mean = json!({"kind": "mean", "dataset": "kita", "measure": "hours", "assumed_count": 9});
    assert!(refusal(json!({"compute": mean, "months": months})).contains("leave it out"));
    let plan = resolve(json!({"compute": persons})).unwrap();
    assert!(serde_json::to_value(plan).unwrap().get("months").is_none(), "older digests stay");
}

#[test]
fn a_private_dimension_is_counted_above_a_threshold_and_nothing_else() {
    let persons = json!({"kind": "persons", "datasets": ["kita"]});
    let filter = json!({"origin": ["a"]});
    let members = json!({"datasets": ["kita"], "filter": filter});
    let state = json!({"id": "s", "label": "S", "datasets": ["kita"], "filter": filter});
    for query in [
        json!({"compute": persons, "group_by": ["origin"]}),
        json!({"compute": persons, "filter": filter}),
        json!({"compute": {"kind": "cases", "dataset": "kita", "dimension": "origin", "most": 1}}),
        json!({"compute": {"kind": "cases", "dataset": "kita", "dimension": "origin", "most": 1,
            "keys": ["a"]}}),
        json!({"compute": {"kind": "share", "of": members, "with": {"datasets": ["kita"]},
            "assumed_count": 9}}),
        json!({"compute": {"kind": "transition", "states": [state], "years": 1}}),
        json!({"compute": {"kind": "quantiles", "dataset": "kita", "per_mille": [500],
            "of": {"classes": {"dimension": "origin", "end": 99}}}}),
        json!({"compute": sparse("origin", 9), "filter": filter}),
        json!({"compute": sparse("origin", 9), "group_by": ["origin"]}),
        json!({"compute": {"kind": "subject_sum", "parts": [{"dataset": "kita", "rows": 1}]},
            "group_by": ["origin"]}),
    ] {
        let text = private(query.clone()).err().unwrap_or_default();
        assert!(text.contains("is private") && text.contains("sparse"), "{query}: {text}");
    }
    let plan = private(json!({"compute": sparse("origin", 9), "group_by": ["municipality"]}));
    let plan = plan.unwrap();
    let keys: Vec<_> = plan.cells.iter().map(|cell| cell.keys.join("/")).collect();
    assert_eq!(keys, ["06432001/a", "06432001/b", "06432002/a", "06432002/b"]);
    assert_eq!(plan.kind.threshold_delta().get(), 9);
    assert!(private(json!({"compute": sparse("origin", 0)})).err().unwrap().contains("at least 1"));
    assert!(
        private(json!({"compute": sparse("age_group", 9)})).err().unwrap().contains("is public")
    );
    let huge = json!({"compute": sparse("origin", 1_000_000_000_001)});
    assert!(private(huge).err().unwrap().contains("above the limit"));
}

#[test]
fn subjects_have_bounds_that_hold_before_linkage() {
    let hours = json!({"dataset": "kita", "measure": "hours", "rows": 12, "cap": 40});
    assert_eq!(refusal(subjects(&hours)), "");
    let change = |member: &str, value: Value| {
        let mut part = hours.clone();
        part[member] = value;
        refusal(subjects(&part))
    };
    for (member, value, word) in [
        ("rows", json!(0), "rows of `kita` must be 1 to 12"),
        ("rows", json!(13), "rows of `kita` must be 1 to 12"),
        ("rows", json!(-1), "invalid value"),
        ("cap", json!(0), "cap must be 1 to"),
        ("cap", json!(-7), "cap must be 1 to"),
        ("cap", json!(1_000_000_001_i64), "cap must be 1 to"),
        ("cap", json!(100_000_000), "must stay within"),
        ("subjects", json!(0), "subjects of `kita` must be 1 to 16"),
        ("subjects", json!(17), "subjects of `kita` must be 1 to 16"),
        ("measure", json!("kdu"), "no measure"),
        ("measure", json!(null), "counts rows"),
        ("dataset", json!("hort"), "not in the catalogue"),
        ("most", json!(1), "unknown field"),
    ] {
        let text = change(member, value);
        assert!(text.contains(word), "{member}: {text}");
    }
    let parts = |parts: Value| refusal(json!({"compute": {"kind": "subject_sum", "parts": parts}}));
    assert!(parts(json!([])).contains("1 to 8"));
    assert!(parts(json!([hours, hours])).contains("different"));
    let rent = json!({"dataset": "sgb2", "measure": "kdu", "rows": 1, "cap": 500});
    assert!(parts(json!([hours, rent])).contains("one unit"), "hours and euros");
    let rows = json!({"dataset": "sgb2", "rows": 24});
    assert!(parts(json!([hours, rows])).contains("one unit"));
    assert_eq!(parts(json!([{"dataset": "kita", "rows": 12}, rows])), "");
    let household =
        json!({"compute": {"kind": "subject_sum", "parts": [hours]}, "unit": "household"});
    assert!(refusal(household).contains("persons, mean and share only"));
}

#[test]
fn rows_are_grouped_by_what_they_carry() {
    let text = crate::catalogue::tests::SMALL.replacen(
        "max_rows = 24\n        dimensions = [\"municipality\", \"age_group\"]",
        "max_rows = 24\n        dimensions = [\"municipality\"]",
        1,
    );
    let from = "attribute_from = [\"kita\", \"sgb2\"]\n        [datasets.sgb2]";
    let text = text.replacen(from, "attribute_from = [\"kita\"]\n        [datasets.sgb2]", 1);
    let catalogue = Catalogue::from_toml(&text).unwrap();
    let territory = Territory {
        dimension: Name::new("municipality").unwrap(),
        prefix: "06432".into(),
        label: "Kreis".into(),
    };
    let ask = |group_by: Value, filter: Value| {
        let parts = json!([{"dataset": "kita", "rows": 1}, {"dataset": "sgb2", "rows": 1}]);
        let query = json!({"compute": {"kind": "subject_sum", "parts": parts},
            "group_by": group_by, "filter": filter});
        let plan = Plan::resolve(&serde_json::from_value(query).unwrap(), &catalogue, &territory);
        plan.err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(ask(json!(["municipality"]), json!({})), "");
    assert!(ask(json!(["age_group"]), json!({})).contains("`sgb2` does not deliver"));
    assert!(ask(json!([]), json!({"age_group": ["15+"]})).contains("would depend on the links"));
}

#[test]
fn a_series_has_quarters_and_years() {
    let ask = |most: u8| {
        resolve(json!({"compute": {"kind": "series", "datasets": ["kita", "sgb2"], "most": most}}))
    };
    let keys: Vec<_> = ask(2).unwrap().cells.iter().map(|cell| cell.keys.join("/")).collect();
    assert_eq!(keys.len(), 10);
    assert_eq!(keys[..5], ["kita/q1", "kita/q2", "kita/q3", "kita/q4", "kita/year"]);
    for most in [0, 3] {
        assert!(ask(most).err().unwrap().to_string().contains("most must be 1 to 2"));
    }
}
