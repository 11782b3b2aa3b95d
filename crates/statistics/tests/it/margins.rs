//! Detail and margins of one release, the non-negative table, and what a rule withholds.

use policy::{Plan, Withholding};
use serde_json::Value;
use statistics::{Charge, Context, Error, Table, aggregate, charge, release};

use crate::county::{self, YEAR, catalogue, context, price, request, table};
use crate::ledger::{Ledger, now};

fn rule(text: &str) -> Option<Withholding> {
    Some(serde_json::from_str(text).unwrap())
}

pub(crate) fn document(plan: &Plan, withholding: Option<Withholding>) -> Value {
    let exact = aggregate(&table(), &catalogue(), plan, YEAR).ok().unwrap();
    let paid = Charge::new(request("k1"), plan, price(plan)).unwrap();
    let grant = now(charge(&mut Ledger::new(u64::MAX), paid)).ok().unwrap();
    let context = Context { withholding, ..context() };
    let table = Table { aggregate: exact, plan, context };
    let bytes = release(grant, vec![table]).ok().unwrap()[0].to_bytes().unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn cells(document: &Value) -> &Vec<Value> {
    document["cells"].as_array().unwrap()
}

fn sum(cells: &[&Value], member: &str) -> i64 {
    cells.iter().map(|cell| cell[member].as_i64().unwrap()).sum()
}

#[test]
fn totals_add_up_in_the_published_table_and_in_the_non_negative_one() {
    let plan = county::overlap_with_total();
    for _ in 0..5 {
        let document = document(&plan, None);
        assert_eq!(cells(&document).len(), 12, "three combinations in three places and the county");
        for datasets in [&["kita"][..], &["wohngeld"], &["kita", "wohngeld"]] {
            let own: Vec<&Value> = cells(&document)
                .iter()
                .filter(|cell| cell["datasets"] == serde_json::json!(datasets))
                .collect();
            let [parts @ .., total] = own.as_slice() else { panic!("no cell") };
            assert_eq!(
                (&total["keys"][0], &total["labels"][0]),
                (&"*".into(), &"insgesamt".into())
            );
            assert_eq!(parts.len(), 3);
            for member in ["value", "non_negative"] {
                assert_eq!(sum(parts, member), total[member].as_i64().unwrap(), "{member}");
            }
            assert!(own.iter().all(|cell| cell["non_negative"].as_i64().unwrap() >= 0));
        }
    }
}

#[test]
fn what_is_told_before_the_charge_is_what_the_release_holds() {
    let plan = county::overlap_with_total();
    let told = serde_json::to_value(price(&plan)).unwrap();
    let document = document(&plan, None);
    assert_eq!(told["margins"], document["margins"]);
    assert_eq!(told["half_width"], document["half_width"]);
    let tables = document["margins"]["tables"].as_array().unwrap();
    assert_eq!(tables.len(), document["noise"].as_array().unwrap().len());
    assert_eq!(document["half_width"]["half_width"], tables[0]["half_width"]);
    let charged: u64 = document["noise"]
        .as_array()
        .unwrap()
        .iter()
        .map(|noise| noise["rho_nano"].as_u64().unwrap())
        .sum();
    assert_eq!(document["rho_nano"], charged);
    assert!(charged <= 50_000_000);
    for cell in cells(&document) {
        let table = usize::from(cell["keys"][0] == "*");
        let half = tables[table]["half_width"].as_i64().unwrap();
        let [value, low, high] = ["value", "low", "high"].map(|end| cell[end].as_i64().unwrap());
        assert_eq!((value - low, high - value), (half, half));
    }
    // 1,000 persons, none of them in `wohngeld` alone: ten half-widths have a chance below 1e-80.
    let total = |place: usize| cells(&document)[9 + place]["value"].as_i64().unwrap();
    let near = 10 * tables[1]["half_width"].as_i64().unwrap();
    for (place, exact) in [(0, 500), (1, 0), (2, 500)] {
        assert!((total(place) - exact).abs() < near);
    }
}

#[test]
fn plain_counts_have_a_non_negative_table_and_means_have_none() {
    let document = document(&county::persons(), None);
    let all: Vec<&Value> = cells(&document).iter().collect();
    assert_eq!(sum(&all, "non_negative"), sum(&all, "value").max(0));
    assert!(document.get("margins").is_none() && document.get("withholding").is_none());
    let mean = self::document(&county::mean(), None);
    assert!(cells(&mean).iter().all(|cell| cell.get("non_negative").is_none()));
}

/// Six persons of the overlap's 500 to 300 per cell: what is withheld follows from what was drawn.
#[test]
fn a_cell_is_withheld_by_its_noised_value_and_the_release_says_the_rule() {
    let plan = county::persons();
    // ±6 persons are at most 40 % of 15 and more; nobody is in the third municipality.
    let (mut shown, mut withheld) = (0, 0);
    for _ in 0..20 {
        let document = document(&plan, rule(r#"{"percent": 40}"#));
        assert_eq!(document["withholding"], serde_json::json!({"percent": 40}));
        for cell in cells(&document) {
            if cell["withheld"] == true {
                withheld += 1;
                for member in ["value", "low", "high", "non_negative"] {
                    assert!(cell[member].is_null(), "{member}");
                }
                assert_eq!(cell["keys"][0], "06432003");
            } else {
                shown += 1;
                assert!(cell["value"].as_i64().unwrap() >= 15);
            }
        }
    }
    // Noise of sigma 3.2 passes 15 with a probability of 1e-6.
    assert_eq!((shown, withheld), (40, 20));
    let all = document(&plan, rule(r#"{"half_width": 6}"#));
    assert!(cells(&all).iter().all(|cell| cell["withheld"] == false));
}

/// 300 persons are shown or not by their noise alone: both happen, and the limit of what is shown
/// is the same every time.
#[test]
fn the_true_number_decides_nothing() {
    let plan = county::overlap();
    let half = price(&plan).noise()[0].half_width();
    // The second cell is empty; six of a hundred are the limit at which half the draws of 200 pass.
    let percent = u32::try_from(half * 100 / 200).unwrap();
    let rule = rule(&format!(r#"{{"percent": {percent}}}"#));
    let mut outcomes = std::collections::BTreeSet::new();
    for _ in 0..40 {
        let document = document(&plan, rule);
        for cell in cells(&document).iter().skip(3).step_by(2).take(2) {
            outcomes.insert(cell["withheld"] == true);
            if let Some(value) = cell["value"].as_i64() {
                assert!(half * 100 <= u64::from(percent) * value.unsigned_abs() && value > 0);
            }
        }
    }
    assert_eq!(outcomes.len(), 2, "the same true number is shown and withheld");
}

#[test]
fn a_rule_that_lets_nothing_out_is_told_before_the_charge() {
    let price = price(&county::persons());
    assert!(price.check_withholding(None).is_ok());
    assert!(price.check_withholding(rule(r#"{"percent": 1}"#)).is_ok(), "the values decide");
    assert!(price.check_withholding(rule(r#"{"half_width": 6}"#)).is_ok());
    let refused = price.check_withholding(rule(r#"{"half_width": 5}"#)).err().unwrap();
    assert!(matches!(refused, Error::Withheld { half_width: 6, most: 5 }));
    assert!(refused.to_string().contains("ask for a coarser table"));
    let mean = county::price(&county::mean());
    assert!(mean.check_withholding(rule(r#"{"half_width": 1}"#)).is_ok(), "no count");
}
