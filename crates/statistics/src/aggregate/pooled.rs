//! A pooled answer is the sum of the cells that are pooled, person by person.

use std::collections::BTreeMap;

use policy::{KeyGroup, Pooling, Query, Territory};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Price;
use crate::samples::{Line, YEAR, catalogue, name, table};

const PERSONS: u32 = 6;

fn resolve(query: &Value) -> Plan {
    let query: Query = serde_json::from_value(query.clone()).unwrap();
    let territory =
        Territory { dimension: name("municipality"), prefix: String::new(), label: "Land".into() };
    let group = |key: &str, keys: &[&str]| KeyGroup {
        key: key.into(),
        label: key.into(),
        keys: keys.iter().map(|own| (*own).to_owned()).collect(),
    };
    // B belongs to no group.
    let groups = vec![group("ac", &["06432001", "06440001"])];
    let area = Pooling { label: "Raum".into(), of: name("municipality"), groups };
    let poolings = BTreeMap::from([(name("area"), area)]);
    Plan::with_poolings(&query, catalogue(), &territory, &poolings).unwrap()
}

/// Questions of several shapes, each grouped by `place` and something else.
fn questions(place: &str) -> Vec<Plan> {
    let state = |id: &str| json!({"id": id, "label": id, "datasets": [id]});
    let of = |compute: Value, unit: &str| {
        resolve(&json!({"compute": compute, "unit": unit, "group_by": [place, "sex"]}))
    };
    vec![
        of(json!({"kind": "persons", "datasets": ["sgb2", "kita"]}), "person"),
        of(json!({"kind": "persons", "datasets": ["sgb2"]}), "household"),
        of(json!({"kind": "overlap", "datasets": ["sgb2", "wohngeld", "kita"]}), "person"),
        of(
            json!({"kind": "mean", "dataset": "sgb2", "measure": "kdu", "assumed_count": 9}),
            "household",
        ),
        of(
            json!({"kind": "sum", "dataset": "wohngeld", "measure": "amount", "cap": 3_000}),
            "person",
        ),
        of(
            json!({"kind": "transition", "states": [state("sgb2"), state("kita")], "years": 1}),
            "person",
        ),
    ]
}

fn vectors(lines: &[Vec<Line>; 3], plan: &Plan) -> Vec<Vec<i64>> {
    let answer = aggregate(&table(PERSONS, lines), catalogue(), plan, YEAR).unwrap();
    answer.vectors.into_iter().map(Exact::into_mechanism).collect()
}

fn line() -> impl Strategy<Value = Line> {
    let code = |most: u16| prop_oneof![6 => 0..most, 1 => Just(policy::UNKNOWN_CODE)];
    let years = prop_oneof![2 => Just(YEAR), 1 => Just(YEAR - 1)];
    let amount = proptest::option::of(0_i64..2_000);
    (0..PERSONS, 0_u64..3, years, 1_u8..=12, code(3), code(2), amount, 0_u32..3).prop_map(
        |(person, rank, year, month, municipality, sex, amount, unit)| Line {
            person,
            rank,
            year,
            first_month: month,
            month,
            unit: Some(unit),
            codes: [municipality, sex],
            amount,
            ..Line::default()
        },
    )
}

proptest! {
    #[test]
    fn pooled_cells_are_the_sums_of_their_keys(
        lines in prop::array::uniform3(prop::collection::vec(line(), 0..12))
    ) {
        for (plain, pooled) in questions("municipality").iter().zip(&questions("area")) {
            let per_group = plain.kind.noised_per_group().unwrap();
            // Places A, B and C with two sexes each; the area is A and C.
            let place = 2 * per_group;
            for (plain, pooled) in vectors(&lines, plain).iter().zip(vectors(&lines, pooled)) {
                prop_assert_eq!(plain.len(), 3 * place);
                let sum: Vec<i64> =
                    (0..place).map(|cell| plain[cell] + plain[2 * place + cell]).collect();
                prop_assert_eq!(pooled, sum);
            }
        }
    }
}

#[test]
fn pooling_changes_no_sensitivity_and_no_price() {
    let (rho, delta) =
        (policy::NanoRho::new(50_000_000).unwrap(), policy::Femto::new(1_000_000).unwrap());
    for (plain, pooled) in questions("municipality").iter().zip(&questions("area")) {
        let [plain, pooled] = [plain, pooled].map(|plan| Price::of(plan, rho, delta).unwrap());
        assert_eq!(plain.rho(), pooled.rho());
        for (plain, pooled) in plain.noise().iter().zip(pooled.noise()) {
            assert!(plain.sensitivity() == pooled.sensitivity());
        }
    }
}
