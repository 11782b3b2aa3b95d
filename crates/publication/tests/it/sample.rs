//! Documents as the statistics unit writes them.

#![expect(clippy::needless_pass_by_value, reason = "json literals are written in place")]

use publication::Document;
use serde_json::{Value, json};

/// Municipalities of a county, made-up numbers.
pub(crate) const PLACES: [(&str, &str, i64); 24] = [
    ("06432001", "Alsbach-Hähnlein", 41),
    ("06432002", "Babenhausen", 193),
    ("06432003", "Bickenbach", 22),
    ("06432004", "Dieburg", 158),
    ("06432005", "Eppertshausen", 37),
    ("06432006", "Erzhausen", 30),
    ("06432007", "Fischbachtal", -4),
    ("06432008", "Griesheim", 301),
    ("06432009", "Groß-Bieberau", 29),
    ("06432010", "Groß-Umstadt", 212),
    ("06432011", "Groß-Zimmern", 168),
    ("06432012", "Messel", 6),
    ("06432013", "Modautal", 11),
    ("06432014", "Mühltal", 71),
    ("06432015", "Münster (Hessen)", 124),
    ("06432016", "Ober-Ramstadt", 149),
    ("06432017", "Otzberg", 27),
    ("06432018", "Pfungstadt", 287),
    ("06432019", "Reinheim", 133),
    ("06432020", "Roßdorf", 96),
    ("06432021", "Schaafheim", 58),
    ("06432022", "Seeheim-Jugenheim", 77),
    ("06432023", "Weiterstadt", 1_264),
    ("06432024", "Brachland", 0),
];

fn document(kind: &str, label: &str, dimensions: Value, cells: Value) -> Value {
    json!({
        "format": "milchglas/release/v1",
        "project": "early-help-06432",
        "purpose": "early-help",
        "indicator": "sample",
        "label": label,
        "snapshot": "snapshot-1",
        "year": 2025,
        "kind": kind,
        "dimensions": dimensions,
        "cells": cells,
        "confidence": 0.95,
        "half_width": {"kind": "exact", "half_width": 6},
        "mechanism": "discrete_gaussian",
        "noise": [],
        "rho_nano": 49_974_450,
        "delta_femto": 0,
        "eps": 1.471_189_304,
        "delta_conv_femto": 1_000_000_000,
        "guarantee": {
            "kind": "cluster",
            "text": "One person of the snapshot, as linked, added or removed.",
            "losses_rho_nano": {"person": 49_974_450, "record": 99_948_900, "split_in_two": 199_897_800}
        },
        "policy_digest": "81b06df4303e6581efecfa2830bf76c30a9d32a3e4892eac2fe43b7487d3ae2f",
        "query_digest": "d3a90f714f749c1d93660331d85674f54da44564593e79ef9906d71bd1b380a1",
        "ledger": {"sequence": 17, "head": "cd2662154e6d76b2b2b92e70c0cac3ccf534f9b74eb5b89819ec509083d00a50"},
        "separation": "Both units ran in one process, for demonstration."
    })
}

fn count(keys: Value, labels: Value, datasets: Value, value: i64) -> Value {
    json!({"keys": keys, "labels": labels, "datasets": datasets,
        "value": value, "low": value - 6, "high": value + 6, "withheld": false})
}

/// Persons per municipality.
pub(crate) fn persons() -> Value {
    let cells =
        PLACES.iter().map(|(key, label, n)| count(json!([key]), json!([label]), json!([]), *n));
    let label = "Kinder unter 15 mit Leistungen je Gemeinde";
    document("persons", label, json!(["municipality"]), cells.collect())
}

/// Every combination of four services.
pub(crate) fn overlap() -> Value {
    let services = ["sgb2", "wohngeld", "kita", "hze"];
    let cell = |mask: i64| {
        let chosen: Vec<_> =
            (0..4).filter(|bit| mask >> bit & 1 == 1).map(|bit| services[bit]).collect();
        count(json!([]), json!([]), json!(chosen), 900 / (mask * mask) - 5)
    };
    let label = "Überschneidung der Leistungen";
    document("overlap", label, json!([]), (1..16).map(cell).collect())
}

/// Means per age group, the last one withheld.
pub(crate) fn mean() -> Value {
    let cell = |key: &str, label: &str, value: f64| {
        json!({"keys": [key], "labels": [label], "datasets": [],
            "value": value, "low": value - 1.25, "high": value + 1.5, "withheld": false})
    };
    let mut cells = vec![cell("00-02", "unter 3", 27.306), cell("03-05", "3 bis 5", 33.75)];
    cells.push(json!({"keys": ["06-14"], "labels": ["6 bis 14"], "datasets": [],
        "value": null, "low": null, "high": null, "withheld": true}));
    let label = "Mittlere Betreuungszeit in Stunden je Woche";
    let mut mean = document("mean", label, json!(["age_group"]), json!(cells));
    mean["half_width"] =
        json!({"kind": "assumed", "half_width": 0.9, "assumed_count": 300, "least_count": 70});
    mean
}

/// Shares of households per municipality, the last one withheld.
pub(crate) fn share() -> Value {
    let cell = |place: &(&str, &str, i64), value: f64| {
        json!({"keys": [place.0], "labels": [place.1], "datasets": [],
            "value": value, "low": value - 0.125, "high": value + 0.25, "withheld": false})
    };
    let mut cells = vec![cell(&PLACES[0], 0.5), cell(&PLACES[1], 0.75)];
    cells.push(json!({"keys": [PLACES[2].0], "labels": [PLACES[2].1], "datasets": [],
        "value": null, "low": null, "high": null, "withheld": true}));
    let label = "Anteil der Alleinerziehenden";
    let mut share = document("share", label, json!(["municipality"]), json!(cells));
    share["unit"] = json!("household");
    share["half_width"] =
        json!({"kind": "assumed", "half_width": 0.25, "assumed_count": 300, "least_count": 90});
    share
}

/// Entries per service and quarter.
pub(crate) fn entries() -> Value {
    let periods = ["q1", "q2", "q3", "q4", "year"];
    let cells = periods.iter().zip([4, -1, 7, 2, 12]).map(|(period, value)| {
        count(json!(["kita", period]), json!(["Kita", period]), json!([]), value)
    });
    let label = "Neuzugänge je Quartal";
    let mut entries = document("entries", label, json!(["service", "period"]), cells.collect());
    entries["years"] = json!([2024, 2025]);
    entries
}

/// Quartiles of a duration.
pub(crate) fn quantiles() -> Value {
    let cells = [("250", 6.5), ("500", 11.25), ("750", 30.0)].map(|(key, value)| {
        json!({"keys": [key], "labels": [key], "datasets": [],
            "value": value, "low": 6, "high": 36, "withheld": false})
    });
    let label = "Dauer der Hilfe";
    let mut quantiles = document("quantiles", label, json!(["quantile"]), json!(cells));
    quantiles["half_width"] = json!({"kind": "ranks", "half_width": 9});
    quantiles
}

/// Amounts per municipality.
pub(crate) fn sum() -> Value {
    let cells = PLACES[..3]
        .iter()
        .map(|(key, label, n)| count(json!([key]), json!([label]), json!([]), n * 1_000));
    document("sum", "Ausgaben im Jahr", json!(["municipality"]), cells.collect())
}

/// Persons per key of a private dimension, as many as passed the threshold.
pub(crate) fn sparse(passed: usize) -> Value {
    let cell = |(key, value): &(&str, i64)| {
        json!({"keys": [key], "labels": [key], "datasets": [],
            "value": value, "low": value - 9, "high": null, "withheld": false})
    };
    let cells = [("west_asia", 1_204), ("east_africa", 61)][..passed].iter().map(cell);
    let label = "Herkunftsregionen";
    let mut sparse = document("sparse", label, json!(["origin"]), cells.collect());
    sparse["half_width"] = json!({"kind": "threshold", "lower_width": 9, "threshold": 34});
    sparse["mechanism"] = json!("discrete_gaussian_threshold");
    sparse["delta_femto"] = json!(977_000);
    sparse
}

/// Rows per municipality, whoever they are about.
pub(crate) fn rows() -> Value {
    let cells = PLACES[..3]
        .iter()
        .map(|(key, label, n)| count(json!([key]), json!([label]), json!([]), *n));
    let label = "Bewilligungen im Jahr";
    let mut rows = document("subject_sum", label, json!(["municipality"]), cells.collect());
    rows["unit"] = json!("row");
    rows["noise"] = json!([{"quantity": "rows", "scale": 3.5, "eps": 0.57}]);
    rows["mechanism"] = json!("discrete_laplace");
    rows["guarantee"]["kind"] = json!("subject");
    rows["guarantee"]["losses_rho_nano"] =
        json!({"person": 9, "subject": 1, "twice_the_subjects": 36});
    rows
}

/// Persons per social area: three of two places each.
pub(crate) fn pooled() -> Value {
    let cells = [("s1", "West", 63), ("s2", "Mitte", 351), ("s3", "Ost", 195)]
        .map(|(key, label, n)| count(json!([key]), json!([label]), json!([]), n));
    let label = "Kinder unter 15 mit Leistungen je Sozialraum";
    let mut pooled = document("persons", label, json!(["social_area"]), json!(cells));
    pooled["pooled"] = json!({"social_area": {"of": "municipality", "groups": {
        "s1": ["06432001", "06432003"], "s2": ["06432002", "06432004"], "s3": ["06432005", "x"]}}});
    pooled
}

/// Persons per municipality and age group, from nobody to many; one cell withheld.
pub(crate) fn by_age() -> Value {
    let ages =
        [("00-02", "unter 3"), ("03-05", "3 bis 5"), ("06-14", "6 bis 14"), ("15+", "ab 15")];
    let cell = |place: &(&str, &str, i64), (at, age): (i64, &(&str, &str))| {
        count(json!([place.0, age.0]), json!([place.1, age.1]), json!([]), place.2 * at / 3 - 2)
    };
    let cells = PLACES.iter().flat_map(|place| (1..).zip(&ages).map(move |age| cell(place, age)));
    let label = "Kinder mit Leistungen je Gemeinde und Altersgruppe";
    let dimensions = json!(["municipality", "age_group"]);
    let mut document = document("persons", label, dimensions, cells.collect());
    document["cells"][7]["withheld"] = json!(true);
    for member in ["value", "low", "high"] {
        document["cells"][7][member] = Value::Null;
    }
    document
}

/// Persons by state before and now.
pub(crate) fn transition() -> Value {
    let states = [
        ("wohngeld", "nur Wohngeld"),
        ("sgb2", "Bürgergeld"),
        ("both", "Bürgergeld und Wohngeld"),
        ("none", "nichts davon"),
    ];
    let pairs = states
        .iter()
        .enumerate()
        .flat_map(|(a, from)| states.iter().enumerate().map(move |(b, to)| ((a, from), (b, to))));
    let cells = pairs.filter(|((a, _), (b, _))| (*a, *b) != (3, 3)).map(|((a, from), (b, to))| {
        let value = if a == b { 320 - 90 * a as i64 } else { 14 * (a as i64 + 1) - 9 * b as i64 };
        count(json!([from.0, to.0]), json!([from.1, to.1]), json!([]), value)
    });
    let label = "Von Wohngeld zu Bürgergeld und zurück";
    document("transition", label, json!(["from", "to"]), cells.collect())
}

pub(crate) fn read(document: &Value) -> Document {
    Document::read(&serde_json::to_vec(document).unwrap()).unwrap()
}
