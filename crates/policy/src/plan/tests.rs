use super::*;

mod bounded;

fn resolve(query: serde_json::Value) -> Result<Plan, PolicyError> {
    let catalogue = Catalogue::from_toml(crate::catalogue::tests::SMALL).unwrap();
    let territory = Territory {
        dimension: Name::new("municipality").unwrap(),
        prefix: "06432".into(),
        label: "Kreis".into(),
    };
    let query = serde_json::from_value(query).map_err(|e| PolicyError::Query(e.to_string()))?;
    Plan::resolve(&query, &catalogue, &territory)
}

#[test]
fn cells_are_public_and_within_the_territory() {
    let plan = resolve(serde_json::json!({
        "compute": {"kind": "persons", "datasets": ["sgb2"]}, "group_by": ["municipality"]}))
    .unwrap();
    let keys: Vec<_> = plan.cells.iter().map(|cell| cell.keys.join("/")).collect();
    assert_eq!(keys, ["06432001", "06432002"]);
}

#[test]
fn an_overlap_has_every_combination_once() {
    let plan =
        resolve(serde_json::json!({"compute": {"kind": "overlap", "datasets": ["sgb2", "kita"]}}));
    let cells = plan.unwrap().cells;
    let shown: Vec<_> = cells
        .iter()
        .map(|c| c.datasets.iter().map(Name::as_str).collect::<Vec<_>>().join("+"))
        .collect();
    assert_eq!(shown, ["sgb2", "kita", "sgb2+kita"]);
}

#[test]
fn questions_outside_the_catalogue_have_no_plan() {
    let persons = serde_json::json!({"kind": "persons", "datasets": ["sgb2"]});
    for (compute, rest, word) in [
        (serde_json::json!({"kind": "persons", "datasets": []}), "{}", "1 to 8"),
        (serde_json::json!({"kind": "persons", "datasets": ["x"]}), "{}", "not in the cat"),
        (serde_json::json!({"kind": "overlap", "datasets": ["sgb2"]}), "{}", "2 to 8"),
        (serde_json::json!({"kind": "overlap", "datasets": ["kita", "kita"]}), "{}", "different"),
        (
            serde_json::json!({"kind": "mean", "dataset": "sgb2", "measure": "x", "assumed_count": 9}),
            "{}",
            "no measure",
        ),
        (serde_json::json!({"kind": "select *"}), "{}", "variant"),
        (persons.clone(), r#"{"group_by": ["name"]}"#, "`name`"),
        (persons.clone(), r#"{"filter": {"age_group": []}}"#, "no key"),
        (persons.clone(), r#"{"filter": {"age_group": ["7"]}}"#, "public key"),
        (persons, r#"{"having": 1}"#, "having"),
    ] {
        let mut query: serde_json::Value = serde_json::from_str(rest).unwrap();
        query["compute"] = compute;
        let text = resolve(query.clone()).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(text.contains(word), "{query}: {text}");
    }
}

fn refusal(query: serde_json::Value) -> String {
    resolve(query).err().map(|error| error.to_string()).unwrap_or_default()
}

fn keys(plan: &Plan) -> Vec<String> {
    plan.cells.iter().map(|cell| cell.keys.join("/")).collect()
}

#[test]
fn what_divides_a_group_has_public_keys_and_names() {
    let state = |id: &str| serde_json::json!({"id": id, "label": id, "datasets": [id]});
    let cases = [
        (
            serde_json::json!({"kind": "entries", "datasets": ["kita"], "gap_months": 12, "most": 1}),
            vec!["service", "period"],
            "kita/q1 kita/q2 kita/q3 kita/q4 kita/year",
        ),
        (
            serde_json::json!({"kind": "transition", "years": 1, "states": [state("sgb2")]}),
            vec!["from", "to"],
            "sgb2/sgb2 sgb2/none none/sgb2",
        ),
        (
            serde_json::json!({"kind": "histogram", "dataset": "sgb2", "measure": "kdu",
                "edges": [0, 500, 1500]}),
            vec!["class"],
            "0-499 500-1500",
        ),
        (
            serde_json::json!({"kind": "quantiles", "dataset": "kita", "per_mille": [125, 500],
                "of": {"classes": {"dimension": "age_group", "end": 90}}}),
            vec!["quantile"],
            "125 500",
        ),
        (
            serde_json::json!({"kind": "cases", "dataset": "kita", "dimension": "age_group",
                "keys": ["15+", "03-14"], "most": 2}),
            vec!["age_group"],
            "03-14 15+",
        ),
    ];
    for (compute, names, expected) in cases {
        let plan = resolve(serde_json::json!({"compute": compute})).unwrap();
        let inner: Vec<&str> = plan.inner.iter().map(Name::as_str).collect();
        assert_eq!(inner, names);
        assert_eq!(keys(&plan).join(" "), expected);
        assert_eq!(Some(plan.cells.len()), plan.kind.cells_per_group());
        assert_eq!(plan.dimensions().len(), plan.cells[0].labels.len());
    }
}

#[test]
fn quantiles_of_classes_have_the_classes_as_their_grid() {
    let plan = resolve(serde_json::json!({"compute": {"kind": "quantiles", "dataset": "kita",
        "per_mille": [500], "of": {"classes": {"dimension": "age_group", "end": 90}}}}));
    let PlanKind::Quantiles { edges, .. } = plan.unwrap().kind else { panic!("quantiles") };
    assert_eq!(edges, [0, 3, 15, 90]);
}

#[test]
fn every_event_year_that_is_read_is_named() {
    let years = |compute: serde_json::Value| {
        resolve(serde_json::json!({"compute": compute})).unwrap().event_years(2025)
    };
    let state = serde_json::json!([{"id": "a", "label": "A", "datasets": ["kita"]}]);
    let entries = |gap: u8| {
        years(serde_json::json!({"kind": "entries", "datasets": ["kita"], "gap_months": gap,
            "most": 1}))
    };
    assert_eq!(years(serde_json::json!({"kind": "persons", "datasets": ["kita"]})), [2025]);
    let transition = serde_json::json!({"kind": "transition", "states": state, "years": 3});
    assert_eq!(years(transition), [2022, 2025]);
    assert_eq!(entries(1), [2024, 2025]);
    assert_eq!(entries(12), [2024, 2025]);
    assert_eq!(entries(13), [2023, 2024, 2025]);
    let prior = serde_json::json!({"kind": "prior_contact", "dataset": "kita", "gap_months": 6,
        "before": ["sgb2"], "months": 24, "assumed_count": 9});
    assert_eq!(years(prior), [2023, 2024, 2025]);
}

#[test]
fn limits_are_told_with_what_to_change() {
    let sum = |cap: i64| serde_json::json!({"kind": "sum", "dataset": "sgb2", "measure": "kdu", "cap": cap});
    let histogram = |edges: &[i64]| serde_json::json!({"kind": "histogram", "dataset": "sgb2", "measure": "kdu", "edges": edges});
    let quantiles = |per_mille: &[u16], edges: &[i64]| {
        serde_json::json!({"kind": "quantiles", "dataset": "sgb2", "per_mille": per_mille,
            "of": {"measure": {"name": "kdu", "edges": edges}}})
    };
    let classes = |end: i64| {
        serde_json::json!({"kind": "quantiles", "dataset": "kita", "per_mille": [500],
            "of": {"classes": {"dimension": "age_group", "end": end}}})
    };
    let cases = |most: u8, keys: &[&str]| {
        serde_json::json!({"kind": "cases", "dataset": "kita", "dimension": "age_group",
            "most": most, "keys": keys})
    };
    let entries = |gap: u8, most: u8| {
        serde_json::json!({"kind": "entries", "datasets": ["kita", "sgb2"], "gap_months": gap,
            "most": most})
    };
    let transition = |ids: &[&str], years: u8| {
        let state = |id: &&str| serde_json::json!({"id": id, "label": "L", "datasets": ["kita"]});
        let states: Vec<_> = ids.iter().map(state).collect();
        serde_json::json!({"kind": "transition", "states": states, "years": years})
    };
    let share = |assumed: u64, key: &str| {
        serde_json::json!({"kind": "share", "of": {"datasets": ["kita"]}, "assumed_count": assumed,
            "with": {"datasets": ["sgb2"], "filter": {"age_group": [key]}}})
    };
    for (compute, word) in [
        (sum(0), "cap must be"),
        (sum(-5), "cap must be"),
        (sum(1_000_000_001), "cap must be"),
        (histogram(&[]), "ascend"),
        (histogram(&[0]), "ascend"),
        (histogram(&[1_500, 0]), "ascend"),
        (histogram(&[0, 0, 1_500]), "ascend"),
        (histogram(&[10, 1_500]), "from 0 to 1500"),
        (histogram(&[0, 9_999]), "from 0 to 1500"),
        (quantiles(&[], &[0, 5, 1_500]), "per_mille"),
        (quantiles(&[0], &[0, 5, 1_500]), "per_mille"),
        (quantiles(&[1_000], &[0, 5, 1_500]), "per_mille"),
        (quantiles(&[500, 250], &[0, 5, 1_500]), "ascending"),
        (quantiles(&[500], &[0, 1_500]), "two classes"),
        (classes(15), "above 15"),
        (classes(i64::MAX), "above 15"),
        (cases(0, &[]), "most must be 1 to 3"),
        (cases(4, &[]), "most must be 1 to 3"),
        (cases(2, &["15+"]), "most must be 1 to 1"),
        (cases(1, &["99"]), "not a public key"),
        (entries(0, 1), "gap_months"),
        (entries(37, 1), "gap_months"),
        (entries(12, 0), "most must be"),
        (entries(12, 3), "most must be"),
        (transition(&[], 1), "1 to 8 states"),
        (transition(&["a", "a"], 1), "different ids"),
        (transition(&["none"], 1), "`none`"),
        (transition(&["a"], 0), "years must be"),
        (transition(&["a"], 6), "years must be"),
        (share(0, "15+"), "assumed_count"),
        (share(9, "77"), "not a public key"),
        (
            serde_json::json!({"kind": "cases", "dataset": "kita", "dimension": "sex", "most": 1}),
            "does not deliver",
        ),
    ] {
        let text = refusal(serde_json::json!({ "compute": compute }));
        assert!(text.contains(word), "{compute}: {text}");
    }
}

#[test]
fn households_are_counted_where_one_dataset_names_them() {
    let ask = |compute: serde_json::Value| {
        refusal(serde_json::json!({"compute": compute, "unit": "household"}))
    };
    let persons = |datasets: &[&str]| serde_json::json!({"kind": "persons", "datasets": datasets});
    assert_eq!(ask(persons(&["sgb2"])), "");
    assert!(ask(persons(&["kita"])).contains("names no households"));
    assert!(ask(persons(&["sgb2", "kita"])).contains("exactly one dataset"));
    let overlap = serde_json::json!({"kind": "overlap", "datasets": ["sgb2", "kita"]});
    assert!(ask(overlap).contains("persons, mean and share"));
    let share = |with: &str| {
        serde_json::json!({"kind": "share", "of": {"datasets": ["sgb2"]},
        "with": {"datasets": [with]}, "assumed_count": 9})
    };
    assert_eq!(ask(share("sgb2")), "");
    assert!(ask(share("kita")).contains("exactly one dataset"));
    let plan = resolve(serde_json::json!({"compute": persons(&["sgb2"]), "unit": "household"}));
    assert_eq!(plan.unwrap().kind_name(), "households");
}

#[test]
fn a_table_beyond_the_limit_is_refused_before_it_is_built() {
    let many: Vec<String> =
        (0..4_000).map(|key| format!("{{ key = \"k{key}\", label = \"K\" }}")).collect();
    let text = crate::catalogue::tests::SMALL.replace(
        "[datasets.sgb2]",
        &format!(
            "[dimensions.area]\nlabel = \"A\"\nattribute_from = [\"kita\"]\nkeys = [{}]\n[datasets.sgb2]",
            many.join(",")
        ),
    );
    let text = text.replacen(
        "max_rows = 12\n        dimensions = [\"municipality\", \"age_group\"]",
        "max_rows = 12\n        dimensions = [\"municipality\", \"age_group\", \"area\"]",
        1,
    );
    let catalogue = Catalogue::from_toml(&text).unwrap();
    let territory = Territory {
        dimension: Name::new("municipality").unwrap(),
        prefix: "06432".into(),
        label: "Kreis".into(),
    };
    let grid: Vec<i64> = (0..=50).collect();
    let ask = |compute: serde_json::Value| {
        let query = serde_json::json!({"compute": compute, "group_by": ["area"]});
        Plan::resolve(&serde_json::from_value(query).unwrap(), &catalogue, &territory)
    };
    let persons = ask(serde_json::json!({"kind": "persons", "datasets": ["kita"]})).unwrap();
    assert_eq!(persons.cells.len(), 4_000);
    // 4,000 medians would be published, but 200,000 counts noised.
    let median =
        ask(serde_json::json!({"kind": "quantiles", "dataset": "kita", "per_mille": [500],
        "of": {"measure": {"name": "hours", "edges": grid}}}));
    assert!(median.err().unwrap().to_string().contains("more than 100000 cells"));
    let clash = ask(serde_json::json!({"kind": "cases", "dataset": "kita", "dimension": "area",
        "keys": ["k1"], "most": 1}));
    assert!(clash.err().unwrap().to_string().contains("leave it out"));
}
