//! Questions with another noise, another bound or a part of the year, beside a naive reading.

use policy::{Catalogue, Plan, Purpose, Query};
use serde_json::{Value, json};
use statistics::{Charge, Price};

use crate::county::{request, table};
use crate::indicators::{CATALOGUE, PURPOSES, check, document, own_key};
use crate::naive::County;

/// The shipped catalogue, but which benefits under the AsylbLG occur is private.
fn catalogue() -> Catalogue {
    let from = "[dimensions.asyl_benefit]\n";
    assert!(CATALOGUE.contains(from));
    Catalogue::from_toml(&CATALOGUE.replacen(from, &format!("{from}private = true\n"), 1)).unwrap()
}

fn purpose() -> Purpose {
    Purpose::from_toml(PURPOSES[0], &Catalogue::from_toml(CATALOGUE).unwrap()).unwrap()
}

fn ask(query: &Value, catalogue: &Catalogue, county: &County<'_>) -> (Value, usize) {
    let purpose = purpose();
    let query: Query = serde_json::from_value(query.clone()).unwrap();
    let plan = purpose.plan(&query, catalogue).unwrap();
    let document = document(&plan, &purpose.indicators[0], &county.table(), catalogue);
    let shown = check(&query, &document, &county.answer(&query, &purpose));
    (document, shown)
}

#[test]
fn every_bounded_question_is_answered_as_a_naive_reading_of_the_rows_does() {
    let catalogue = catalogue();
    let county = County::new(&catalogue);
    let months = json!({"from": 4, "to": 6});
    let hze =
        json!({"dataset": "hze", "measure": "cost", "per_month": true, "rows": 2, "cap": 9_000});
    let rows = json!([{"dataset": "hze", "rows": 1}, {"dataset": "egh", "rows": 3}]);
    for (query, cells) in [
        (
            json!({"compute": {"kind": "persons", "datasets": ["sgb2", "wohngeld"]}, "months": months,
            "group_by": ["municipality"]}),
            23,
        ),
        (
            json!({"compute": {"kind": "overlap", "datasets": ["sgb2", "hze"]}, "months": months,
            "group_by": ["age_group"]}),
            24,
        ),
        (
            json!({"compute": {"kind": "series", "datasets": ["sgb2", "kita", "hze"], "most": 2}}),
            15,
        ),
        (
            json!({"compute": {"kind": "series", "datasets": ["sgb2", "kita"], "most": 1},
            "group_by": ["sex"]}),
            30,
        ),
        (
            json!({"compute": {"kind": "subject_sum", "parts": [hze]}, "group_by": ["hze_form"],
            "filter": {"sex": ["w"]}}),
            0,
        ),
        (
            json!({"compute": {"kind": "subject_sum", "parts": rows}, "group_by": ["municipality"]}),
            23,
        ),
        (
            json!({"compute": {"kind": "persons", "datasets": ["sgb2"]}, "mechanism": "laplace",
            "group_by": ["municipality"]}),
            23,
        ),
        (
            json!({"compute": {"kind": "cases", "dataset": "hze", "dimension": "hze_form", "most": 3},
            "mechanism": "laplace"}),
            0,
        ),
    ] {
        let (_, shown) = ask(&query, &catalogue, &county);
        assert!(if cells == 0 { shown > 1 } else { shown == cells }, "{query}: {shown}");
    }
}

#[test]
fn quarters_of_a_series_do_not_have_to_add_up_to_their_year() {
    let catalogue = catalogue();
    let county = County::new(&catalogue);
    let query = json!({"compute": {"kind": "series", "datasets": ["sgb2"], "most": 1}});
    let (document, _) = ask(&query, &catalogue, &county);
    let values: Vec<i64> = document["cells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["value"].as_i64().unwrap())
        .collect();
    // Thousands of persons with long stays against noise of sigma 1.6.
    assert!(values[..4].iter().sum::<i64>() > values[4] + 100, "{values:?}");
    assert_eq!(
        document["noise"][0]["sensitivity"],
        json!({"l0": 5, "l1": 5, "l2_squared": 5, "linf": 1})
    );
}

#[test]
fn a_laplace_release_says_so_and_what_it_is_not() {
    let catalogue = catalogue();
    let county = County::new(&catalogue);
    let query =
        json!({"compute": {"kind": "persons", "datasets": ["sgb2"]}, "mechanism": "laplace"});
    let (document, _) = ask(&query, &catalogue, &county);
    assert_eq!(document["mechanism"], "discrete_laplace");
    let noise = &document["noise"][0];
    let (eps, scale) = (noise["eps"].as_f64().unwrap(), noise["scale"].as_f64().unwrap());
    assert!((eps * scale - 1.0).abs() < 1e-9 && noise.get("sigma").is_none());
    let rho = document["rho_nano"].as_f64().unwrap() / 1e9;
    assert!((rho - eps * eps / 2.0).abs() < 2e-9);
    let text = document["guarantee"]["text"].as_str().unwrap();
    assert!(text.contains(&format!("e^{eps}")) && text.contains("nothing beyond this release"));
}

#[test]
fn a_sum_over_subjects_is_released_under_its_own_guarantee() {
    let catalogue = catalogue();
    let county = County::new(&catalogue);
    let parts =
        json!([{"dataset": "hze", "rows": 2}, {"dataset": "egh", "rows": 1, "subjects": 1}]);
    let (document, _) =
        ask(&json!({"compute": {"kind": "subject_sum", "parts": parts}}), &catalogue, &county);
    let guarantee = &document["guarantee"];
    assert_eq!(guarantee["kind"], "subject");
    assert!(guarantee["text"].as_str().unwrap().contains("whatever linkage did"));
    let rho = document["rho_nano"].as_u64().unwrap();
    let losses = &guarantee["losses_rho_nano"];
    assert_eq!(losses["person"], rho);
    // Two rows of three: (2/3)² of the charge, rounded up.
    assert_eq!(losses["subject"], (rho * 4).div_ceil(9));
    assert_eq!(losses["twice_the_subjects"], 4 * rho);
    assert_eq!(
        (&document["unit"], &document["noise"][0]["quantity"]),
        (&json!("row"), &json!("rows"))
    );
}

#[test]
fn private_keys_show_above_their_threshold_and_nowhere_else() {
    let catalogue = catalogue();
    let county = County::new(&catalogue);
    let compute = |delta: u64| {
        json!({"kind": "sparse", "datasets": ["asyl"], "dimension": "asyl_benefit",
            "threshold_delta_femto": delta})
    };
    let purpose = purpose();
    let grouped = json!({"compute": compute(1_000_000), "group_by": ["municipality"]});
    let query: Query = serde_json::from_value(grouped).unwrap();
    let plan = purpose.plan(&query, &catalogue).unwrap();
    let document = document(&plan, &purpose.indicators[0], &county.table(), &catalogue);
    let exact = county.answer(&query, &purpose);
    let threshold = document["half_width"]["threshold"].as_u64().unwrap() as i64;
    let width = document["half_width"]["lower_width"].as_u64().unwrap() as i64;
    let cells = document["cells"].as_array().unwrap();
    assert!(!cells.is_empty() && cells.len() <= plan.cells.len());
    for cell in cells {
        let value = cell["value"].as_i64().unwrap();
        assert!(value > threshold && cell["high"].is_null() && cell["withheld"] == false);
        assert_eq!(cell["low"].as_i64().unwrap(), (value - width).max(1));
        // Nobody's key is never shown; ten half-widths are beyond 1e-60.
        let own = exact[&own_key(cell, false)].len() as i64;
        assert!(own > 0 && (own - value).abs() <= 10 * width.max(1));
    }
    for (key, own) in &exact {
        let shown = cells.iter().any(|cell| own_key(cell, false) == *key);
        let territory = key[0].starts_with(&purpose.territory.prefix);
        assert!(
            shown || !territory || (own.len() as i64) < threshold + 10 * width.max(1),
            "{key:?}"
        );
    }
    assert_eq!(document["mechanism"], "discrete_gaussian_threshold");
    let charged = document["delta_femto"].as_u64().unwrap();
    assert!(charged > 0 && charged <= 1_000_000);
    assert_eq!(document["noise"][0]["delta_femto"], charged);
    assert!(document["guarantee"]["text"].as_str().unwrap().contains("e-15 (delta)"));
}

#[test]
fn the_threshold_delta_is_part_of_the_charge_and_of_the_question() {
    let catalogue = catalogue();
    let price = |delta: u64| {
        let query = json!({"compute": {"kind": "sparse", "datasets": ["asyl"],
            "dimension": "asyl_benefit", "threshold_delta_femto": delta}});
        let query: Query = serde_json::from_value(query).unwrap();
        let plan = Plan::resolve(&query, &catalogue, &purpose().territory).unwrap();
        let rho = policy::NanoRho::new(50_000_000).unwrap();
        let price = Price::of(&plan, rho, policy::Femto::new(1_000_000_000).unwrap()).unwrap();
        (Charge::new(request("k"), &plan, price.clone()).unwrap(), price)
    };
    let ((loose, dear), (tight, cheap)) = (price(1_000_000_000), price(1_000));
    assert_eq!(loose.delta(), dear.delta());
    assert!(cheap.delta().get() <= 1_000 && dear.delta().get() > 1_000);
    assert_ne!(loose.query_digest(), tight.query_digest());
    let at =
        |price: &Price| serde_json::to_value(price).unwrap()["half_width"]["threshold"].as_u64();
    assert!(at(&cheap) > at(&dear), "a smaller chance needs a higher threshold");
}

#[test]
fn months_that_nobody_delivered_are_refused_before_the_charge() {
    let compute = json!({"kind": "persons", "datasets": ["kita"]});
    let query = json!({"compute": compute, "months": {"from": 1, "to": 3}});
    let query: Query = serde_json::from_value(query).unwrap();
    let purpose = purpose();
    let catalogue = crate::county::catalogue();
    let plan = purpose.plan(&query, &catalogue).unwrap();
    assert!(statistics::aggregate(&table(), &catalogue, &plan, 2025).is_ok());
    assert!(statistics::aggregate(&table(), &catalogue, &plan, 2030).is_err());
}

#[test]
fn the_price_tells_the_other_mechanism_where_it_differs() {
    let catalogue = catalogue();
    let other = |mechanism: &str, nano: u64, most: u8| {
        let query = json!({"compute": {"kind": "cases", "dataset": "hze", "dimension": "hze_form",
            "most": most}, "mechanism": mechanism});
        let query: Query = serde_json::from_value(query).unwrap();
        let plan = Plan::resolve(&query, &catalogue, &purpose().territory).unwrap();
        let rho = policy::NanoRho::new(nano).unwrap();
        let price = Price::of(&plan, rho, policy::Femto::new(1_000_000_000).unwrap()).unwrap();
        let shown = serde_json::to_value(&price).unwrap();
        (shown["half_width"]["half_width"].as_u64().unwrap(), shown["other_mechanism"].clone())
    };
    let (gaussian, laplace) = (other("gaussian", 50_000_000, 3), other("laplace", 50_000_000, 3));
    assert_eq!(gaussian.1, json!({"mechanism": "laplace", "half_width": laplace.0}));
    assert_eq!(laplace.1, json!({"mechanism": "gaussian", "half_width": gaussian.0}));
    assert!(gaussian.0 < laplace.0, "three cells: √3 against 3");
    // At the greatest budget a single count has the same width either way.
    let equal = (other("gaussian", 2_000_000_000, 1), other("laplace", 2_000_000_000, 1));
    assert_eq!(equal.0.0 == equal.1.0, equal.0.1.is_null());
}
