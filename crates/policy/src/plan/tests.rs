use super::*;

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
