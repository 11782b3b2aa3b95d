//! Questions to a feed of four rows.

use axum::body::to_bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use publication::LongTable;
use serde_json::{Value as Json, json};

use super::{PAGE, ask, metadata, page_of, service};

const ADDRESS: &str = "https://statistik.example";

fn table() -> LongTable {
    let column = |german: &str, english: &str, kind: &str, optional: bool| {
        json!({"german": german, "english": english, "kind": kind, "optional": optional,
            "words": "Worte", "english_words": "words"})
    };
    let columns = [
        column("kennzahl", "indicator", "text", false),
        column("gemeinde", "municipality", "text", true),
        column("wert", "value", "number", true),
        column("aktuell", "is_current", "truth", false),
        column("stand", "as_of", "date", false),
        column("freigabe", "release", "whole", false),
        column("kennzahl_id", "indicator_id", "text", false),
        column("id", "id", "text", false),
    ];
    let row = |number: i64, place: Json, value: Json, current: bool| {
        json!([
            "Kinder",
            place,
            value,
            current,
            "2026-11-21",
            number,
            "children",
            format!("{number}.x.1")
        ])
    };
    let rows = [
        row(1, json!("Griesheim"), json!(12), true),
        row(2, json!("O'Hara & Söhne"), json!(7.5), true),
        row(3, json!("Babenhausen"), json!(null), false),
        row(4, json!(null), json!(40), true),
    ];
    let wire = json!({"format": "milchglas/long-table/v1", "columns": columns, "rows": rows});
    LongTable::read(&serde_json::to_vec(&wire).unwrap()).unwrap()
}

fn response(path: &str, options: &[(&str, &str)], page: usize) -> Response {
    let pairs = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    match ask(&table(), path, pairs.collect(), (ADDRESS, page)) {
        Ok(response) => response,
        Err(bad) => bad.into_response(),
    }
}

async fn read(response: Response) -> Json {
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

async fn numbers(filter: &str) -> Vec<i64> {
    let answer = read(response("Freigaben", &[("$filter", filter)], PAGE)).await;
    let rows = answer["value"].as_array().unwrap_or_else(|| panic!("{filter}: {answer}"));
    rows.iter().map(|row| row["freigabe"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn filters_choose_rows() {
    for (filter, expected) in [
        ("wert gt 7.5", vec![1, 4]),
        ("wert ge 7.5", vec![1, 2, 4]),
        ("wert lt 12 or wert eq 40", vec![2, 4]),
        ("wert ne 12", vec![2, 3, 4]),
        ("wert eq null", vec![3]),
        ("wert ne null and aktuell eq true", vec![1, 2, 4]),
        ("not (wert gt 7.5)", vec![2, 3]),
        ("not aktuell", vec![3]),
        ("aktuell", vec![1, 2, 4]),
        ("gemeinde eq 'O''Hara & Söhne'", vec![2]),
        ("'Griesheim' eq gemeinde", vec![1]),
        ("contains(gemeinde,'e')", vec![1, 2, 3]),
        ("startswith(gemeinde, 'Gr') eq true", vec![1]),
        ("endswith(gemeinde,'heim') eq false", vec![2, 3, 4]),
        ("stand ge 2026-11-21 and stand lt 2026-11-22", vec![1, 2, 3, 4]),
        ("freigabe eq 1 or freigabe eq 2 and wert gt 8", vec![1]),
        ("(freigabe eq 1 or freigabe eq 2) and wert lt 8", vec![2]),
        ("freigabe le -1", vec![]),
        ("kennzahl eq 'and'", vec![]),
    ] {
        assert_eq!(numbers(filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_in_the_form_of_odata() {
    let deep = format!("{}aktuell{}", "(".repeat(40), ")".repeat(40));
    let long = format!("kennzahl eq '{}'", "x".repeat(5_000));
    let nots = format!("{}aktuell", "not ".repeat(40));
    for (name, value, status) in [
        ("$filter", "", 400),
        ("$filter", "wert", 400),
        ("$filter", "wert gt", 400),
        ("$filter", "wert gt 'x'", 400),
        ("$filter", "wert gt 1 2", 400),
        ("$filter", "wert gt NaN", 400),
        ("$filter", "wert gt 1e999", 400),
        ("$filter", "wert gt -inf", 400),
        ("$filter", "missing eq 1", 400),
        ("$filter", "gemeinde eq 'x", 400),
        ("$filter", "(wert gt 1", 400),
        ("$filter", "wert gt 1)", 400),
        ("$filter", "wert; drop table", 400),
        ("$filter", "length(gemeinde) gt 3", 501),
        ("$filter", "contains(wert,'1')", 400),
        ("$filter", &deep, 400),
        ("$filter", &nots, 400),
        ("$filter", &long, 400),
        ("$top", "-1", 400),
        ("$top", "99999999999999999999999999", 400),
        ("$skip", "x", 400),
        ("$count", "yes", 400),
        ("$select", "wert,missing", 400),
        ("$orderby", "wert downwards", 400),
        ("$orderby", "wert asc asc", 400),
        ("$expand", "x", 501),
        ("$apply", "x", 501),
        ("$format", "atom", 501),
    ] {
        let response = response("Freigaben", &[(name, value)], PAGE);
        assert_eq!(response.status().as_u16(), status, "{name}={value}");
        assert_eq!(response.headers()["odata-version"], "4.0");
        let answer = read(response).await;
        assert!(answer["error"]["code"].is_string(), "{answer}");
        assert!(answer["error"]["message"].is_string(), "{answer}");
    }
    for path in
        ["Nothing", "Freigaben('none')", "Freigaben(1)", "Freigaben/wert", "Freigaben('1.x.1'"]
    {
        assert_eq!(response(path, &[], PAGE).status(), StatusCode::NOT_FOUND, "{path}");
    }
    let twice = response("Freigaben", &[("$top", "1"), ("$top", "2")], PAGE);
    assert_eq!(twice.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn order_selection_count_and_window() {
    let options = [
        ("$orderby", "wert desc"),
        ("$select", "freigabe,wert"),
        ("$top", "2"),
        ("$skip", "1"),
        ("$count", "true"),
    ];
    let answer = read(response("Freigaben", &options, PAGE)).await;
    assert_eq!(
        answer,
        json!({
            "@odata.context": "https://statistik.example/odata/$metadata#Freigaben(freigabe,wert)",
            "@odata.count": 4,
            "value": [{"freigabe": 1, "wert": 12}, {"freigabe": 2, "wert": 7.5}],
        })
    );
    let ascending = read(response("Releases", &[("$orderby", "value asc")], PAGE)).await;
    let order: Vec<i64> = ascending["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["release"].as_i64().unwrap())
        .collect();
    assert_eq!(order, [3, 2, 1, 4], "a missing value comes first");
}

#[tokio::test]
async fn pages_follow_each_other_and_end() {
    let mut options =
        vec![("$filter".to_owned(), "freigabe ge 1 and kennzahl ne 'a&b'".to_owned())];
    options.push(("$top".to_owned(), "3".to_owned()));
    let mut found = Vec::new();
    loop {
        let pairs: Vec<(&str, &str)> =
            options.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = read(response("Freigaben", &pairs, 2)).await;
        let rows = answer["value"].as_array().unwrap();
        found.extend(rows.iter().map(|row| row["freigabe"].as_i64().unwrap()));
        let Some(next) = answer["@odata.nextLink"].as_str() else { break };
        assert!(next.starts_with("https://statistik.example/odata/Freigaben?"), "{next}");
        let uri = next.parse().unwrap();
        options = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).unwrap().0;
    }
    assert_eq!(found, [1, 2, 3]);
}

#[tokio::test]
async fn an_entity_and_a_number_have_addresses() {
    let one = read(response("Freigaben('2.x.1')", &[("$select", "wert")], PAGE)).await;
    assert_eq!(one["wert"], 7.5);
    assert_eq!(
        one["@odata.context"],
        "https://statistik.example/odata/$metadata#Freigaben(wert)/$entity"
    );
    let count = response("Freigaben/$count", &[("$filter", "wert gt 7")], PAGE);
    assert_eq!(to_bytes(count.into_body(), 100).await.unwrap(), "3");
}

#[test]
fn the_description_names_both_sets_and_every_column() {
    let text = metadata(&table()).unwrap();
    for part in [
        "<EntitySet Name=\"Freigaben\" EntityType=\"Milchglas.Freigabe\"/>",
        "<EntitySet Name=\"Releases\" EntityType=\"Milchglas.Release\"/>",
        "<Property Name=\"wert\" Type=\"Edm.Double\" Nullable=\"true\"/>",
        "<Property Name=\"as_of\" Type=\"Edm.Date\" Nullable=\"false\"/>",
        "<PropertyRef Name=\"id\"/>",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert_eq!(service(ADDRESS)["value"][0]["url"], "Freigaben");
}

#[test]
fn a_reader_may_want_small_pages() {
    let page = |own: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("prefer", own.parse().unwrap());
        page_of(&headers)
    };
    assert_eq!(page("odata.maxpagesize=7"), 7);
    assert_eq!(page("return=minimal, maxpagesize=0"), 1);
    assert_eq!(page("odata.maxpagesize=99999999"), PAGE);
    assert_eq!(page("odata.maxpagesize=x"), PAGE);
}
