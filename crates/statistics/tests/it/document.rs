//! The release document is the one that `docs/formats/release.md` describes.

use std::collections::BTreeSet;

use serde_json::Value;
use statistics::{Charge, FAILED_ANSWER, Table, aggregate, charge, release};

use crate::county::{self, YEAR, catalogue, context, price, request, table};
use crate::ledger::{Ledger, now};

const PAGE: &str = include_str!("../../../../docs/formats/release.md");

fn document(plan: &policy::Plan) -> Value {
    let exact = aggregate(&table(), &catalogue(), plan, YEAR).ok().unwrap();
    let paid = Charge::new(request("k1"), plan, price(plan)).unwrap();
    let grant = now(charge(&mut Ledger::new(u64::MAX), paid)).ok().unwrap();
    let table = Table { aggregate: exact, plan, context: context() };
    let bytes = release(grant, vec![table]).ok().unwrap()[0].to_bytes().unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The examples of the page, in order.
fn examples() -> Vec<Value> {
    let blocks = PAGE.split("```json\n").skip(1);
    blocks.map(|block| serde_json::from_str(block.split("```").next().unwrap()).unwrap()).collect()
}

/// Path and type of every member; elements of a list share a path.
fn shape(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                shape(value, &format!("{path}.{member}"), found);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                shape(element, &format!("{path}[]"), found);
            }
        }
        Value::Null => drop(found.insert(format!("{path} null"))),
        Value::Bool(_) => drop(found.insert(format!("{path} boolean"))),
        Value::Number(_) => drop(found.insert(format!("{path} number"))),
        Value::String(_) => drop(found.insert(format!("{path} text"))),
    }
}

fn shape_of(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    shape(value, "", &mut found);
    found
}

#[test]
fn the_examples_of_the_page_have_the_shape_of_real_releases() {
    let examples = examples();
    assert_eq!(examples.len(), 4, "plan, failure, overlap, mean");
    assert!(PAGE.contains(&format!("\n{FAILED_ANSWER}\n")), "byte for byte");
    let [first, _] = crate::run::documents();
    assert_eq!(shape_of(&examples[0]["plan"]), shape_of(&first["plan"]));
    assert_eq!(shape_of(&examples[2]), shape_of(&document(&county::overlap())));
    assert_eq!(shape_of(&examples[3]), shape_of(&document(&county::mean())));
}

#[test]
fn the_page_names_every_member() {
    let rule = Some(serde_json::from_str(r#"{"half_width": 9, "percent": 40}"#).unwrap());
    let with_total = crate::margins::document(&county::overlap_with_total(), rule);
    let named = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let documents = [document(&county::mean()), with_total.clone()];
    let members = documents.iter().flat_map(&named);
    let parts = [&with_total["margins"], &with_total["withholding"], &with_total["cells"][0]];
    for member in members.chain(parts.into_iter().flat_map(&named)) {
        let row = if ["low", "high"].contains(&&*member) { "low`, `high" } else { &member };
        assert!(PAGE.contains(&format!("| `{row}` |")), "{member}");
    }
    for part in ["tables", "effects"] {
        for member in named(&with_total["margins"][part][0]) {
            assert!(PAGE.contains(&format!("`{member}`, ")), "{member}");
        }
    }
    let [first, _] = crate::run::documents();
    for (member, value) in first["plan"].as_object().unwrap() {
        assert!(PAGE.contains(&format!("| `{member}` |")), "{member}");
        assert!(value.is_string() || value.is_u64());
    }
}

#[test]
fn a_release_says_what_was_charged_and_what_remains() {
    let plan = county::persons();
    let document = document(&plan);
    let rho = price(&plan).rho().get();
    assert_eq!(document["rho_nano"], rho);
    assert_eq!(document["guarantee"]["kind"], "cluster");
    assert_eq!(document["guarantee"]["losses_rho_nano"]["split_in_two"], 4 * rho);
    let groups: Vec<(u64, u64)> = document["guarantee"]["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| (own["size"].as_u64().unwrap(), own["rho_nano"].as_u64().unwrap()))
        .collect();
    assert_eq!(groups, [(2, 4 * rho), (3, 9 * rho), (4, 16 * rho)], "squares of the size");
    assert_eq!(document["linkage_schema"], policy::Digest::of(b"schema").to_string());
    let text = document["guarantee"]["text"].as_str().unwrap();
    assert!(text.contains("up to 4 times") && text.contains("without bound"));
    assert_eq!(document["ledger"]["sequence"], 1);
    assert_eq!(document["separation"], context().separation);
    assert_eq!(document["confidence"], 0.95);
    let eps = document["eps"].as_f64().unwrap();
    assert!((1.4..1.5).contains(&eps), "rho = .05 at delta 1e-6: {eps}");
}
