//! Prices as a person reads them.

use std::fmt::Write as _;

use serde_json::Value;

/// Nano-rho as a decimal, without a float.
fn rho(nano: &Value) -> String {
    let nano = nano.as_u64().unwrap_or(0);
    let shown = format!("{}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000);
    shown.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Half the width of a cell's interval, as price and release state it.
pub(in crate::cli) fn half_width(width: &Value) -> String {
    let half = &width["half_width"];
    if width["kind"] == "threshold" {
        return format!(
            "up to {} persons too high at 95 %, for keys above {}; others are not shown",
            width["lower_width"], width["threshold"]
        );
    }
    match (width["kind"].as_str(), width["assumed_count"].as_u64(), half.as_f64()) {
        (Some("ranks"), ..) => format!("±{half} persons in rank at 95 %"),
        (_, None, _) => format!("±{half} at 95 %"),
        (_, Some(count), Some(half)) => {
            format!("±{half:.3} at 95 %, if a cell has {count} persons")
        }
        (_, Some(count), None) => format!("withheld, if a cell has {count} persons only"),
    }
}

/// One price with everything that is left under the caps.
pub(super) fn price(priced: &Value) -> String {
    let mut shown = String::new();
    let (price, text) = (&priced["price"], |value: &Value| value.as_str().unwrap_or("").to_owned());
    let _ = writeln!(shown, "question    {}", text(&priced["label"]));
    if priced["released"].is_object() {
        let released = &priced["released"];
        let _ = writeln!(
            shown,
            "released    already, for rho {} (log entry {}): asking costs nothing",
            rho(&released["rho_nano"]),
            released["sequence"]
        );
        let _ = writeln!(shown, "half-width  {}", half_width(&released["half_width"]));
        return shown;
    }
    let _ = writeln!(
        shown,
        "price       rho {}, that is (eps {:.3}, delta {:e})",
        rho(&price["rho_nano"]),
        price["eps"].as_f64().unwrap_or(0.0),
        price["delta_conv_femto"].as_f64().unwrap_or(0.0) / 1e15,
    );
    let _ = writeln!(shown, "half-width  {}", half_width(&price["half_width"]));
    if let Some(other) = price["other_mechanism"].as_object() {
        let _ = writeln!(
            shown,
            "            ±{} with mechanism = {}, for the same rho",
            other["half_width"], other["mechanism"]
        );
    }
    let _ = writeln!(shown, "cells       {}", price["cells"]);
    let _ = writeln!(shown, "slot        {} ms: a fresh answer leaves then", priced["slot_millis"]);
    shown + &left(priced, "")
}

/// What is left under each cap, a line each.
fn left(priced: &Value, indent: &str) -> String {
    let mut shown = String::new();
    for cap in priced["caps"].as_array().into_iter().flatten() {
        let name = match (cap["cap"].as_str().unwrap_or_default(), cap["year"].as_u64()) {
            ("lineage", Some(year)) => format!("event year {year}"),
            (name, Some(year)) => format!("{name} {year}"),
            (name, None) => name.to_owned(),
        };
        let _ = writeln!(
            shown,
            "{indent}left        {name:<16} rho {} of {} ({} spent, {} kept for release plans)",
            rho(&cap["left"]),
            rho(&cap["limit"]),
            rho(&cap["spent"]),
            rho(&cap["reserved"])
        );
    }
    shown
}

/// Several prices and their sum.
pub(super) fn batch(priced: &Value) -> String {
    let mut shown = String::new();
    for own in priced["queries"].as_array().into_iter().flatten() {
        let cost = match own["released"].is_object() {
            true => "released: 0".to_owned(),
            false => rho(&own["price"]["rho_nano"]),
        };
        let width = match own["released"].is_object() {
            true => half_width(&own["released"]["half_width"]),
            false => half_width(&own["price"]["half_width"]),
        };
        let name = own["indicator"].as_str().unwrap_or_default();
        let _ = writeln!(shown, "{name:<28} rho {cost:<12} {width}");
    }
    for (year, cost) in priced["costs_nano_rho"].as_object().into_iter().flatten() {
        let _ = writeln!(shown, "together, event year {year}: rho {}", rho(cost));
    }
    let fits = priced["fits"].as_bool() == Some(true);
    shown += if fits {
        "all of them fit under every cap\n"
    } else {
        "not all of them fit: leave some out, or ask for less of each\n"
    };
    shown + &left(priced, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_price_says_what_it_buys_and_what_is_left() {
        let priced = json!({"label": "Kinder", "indicator": "children",
            "price": {"rho_nano": 19_995_000, "eps": 1.0559, "delta_conv_femto": 1_000_000_000_u64,
                "cells": 23, "half_width": {"kind": "exact", "half_width": 10}},
            "slot_millis": 2000, "caps": [{"cap": "lineage", "year": 2025, "limit": 500_000_000, "spent": 100_000_000,
                "reserved": 300_000_000, "left": 100_000_000}]});
        assert_eq!(
            price(&priced),
            "question    Kinder\n\
             price       rho 0.019995, that is (eps 1.056, delta 1e-6)\n\
             half-width  ±10 at 95 %\n\
             cells       23\n\
             slot        2000 ms: a fresh answer leaves then\n\
             left        event year 2025  rho 0.1 of 0.5 (0.1 spent, 0.3 kept for release plans)\n"
        );
        let both = json!({"queries": [priced.clone(), priced], "fits": false,
            "costs_nano_rho": {"2025": 39_990_000}});
        let shown = batch(&both);
        assert!(shown.contains("together, event year 2025: rho 0.03999\nnot all of them fit"));
    }
}
