//! What was released is read for nothing.

use serde_json::{Value, json};
use statistics_unit::{Asked, QueryRequest, ReleaseFilter, UnitError};
use submission::ProblemCode;

use crate::county::{County, PROJECT, name, question, run_plans};

async fn ask(county: &County, key: &str, request: QueryRequest) -> Result<Asked, UnitError> {
    county.unit.query(&name(PROJECT), &name("anna"), key, request).await
}

fn fresh(request: QueryRequest) -> QueryRequest {
    QueryRequest { fresh: true, ..request }
}

fn rho(asked: &Asked) -> u64 {
    serde_json::from_slice::<Value>(&asked.body).unwrap()["rho_nano"].as_u64().unwrap()
}

async fn price(county: &County, request: QueryRequest) -> Value {
    json!(county.unit.price(&name(PROJECT), &name("anna"), request).await.unwrap())
}

/// The plan's tables of the third quarter are coarser than an answer of one's own, but for
/// `overlap`, whose own price is the plan's.
#[tokio::test]
async fn a_coarser_table_does_not_stand_in_and_an_equal_one_does() {
    let mut county = County::open(&[]).await;
    county.complete("2025-q3", "2025-09").await;
    run_plans(&county.unit).await;
    let own = ask(&county, "k1", question("persons")).await.unwrap();
    assert!(!own.stored_before && rho(&own) > 45_000_000);
    let shared = ask(&county, "k2", question("overlap")).await.unwrap();
    assert!(shared.stored_before && rho(&shared) > 29_000_000);
    // Even a fresh one: it is the very same question.
    let same = ask(&county, "k3", fresh(question("overlap"))).await.unwrap();
    assert!(same.stored_before && same.body == shared.body);
}

#[tokio::test]
async fn a_better_table_stands_in_unless_a_fresh_one_is_asked_for() {
    let mut county = County::open(&[]).await;
    county.today_is("2026-02-01");
    county.complete("2025-q4", "2025-12").await;
    let before = price(&county, question("persons")).await;
    assert_eq!(before["costs_nano_rho"], before["price"]["rho_nano"]);
    assert!(before.get("released").is_none());
    assert_eq!(before["reserved_nano_rho"], 400_000_000);
    run_plans(&county.unit).await;

    let now = price(&county, question("persons")).await;
    assert_eq!(now["costs_nano_rho"], 0);
    assert!(now["released"]["rho_nano"].as_u64() > Some(119_000_000));
    let width = |value: &Value| value["half_width"]["half_width"].as_u64().unwrap();
    assert!(width(&now["released"]) < width(&now["price"]));
    let given = ask(&county, "k1", question("persons")).await.unwrap();
    assert!(given.stored_before && rho(&given) > 119_000_000);

    let own = price(&county, fresh(question("persons"))).await;
    assert_eq!(own["costs_nano_rho"], own["price"]["rho_nano"]);
    let paid = ask(&county, "k2", fresh(question("persons"))).await.unwrap();
    assert!(!paid.stored_before && rho(&paid) < 51_000_000);
    // The same question has the same answer from now on, whoever asks and how.
    for request in [question("persons"), fresh(question("persons"))] {
        let again = ask(&county, "k3", request).await.unwrap();
        assert!(again.stored_before && again.body == paid.body);
    }
    let document: Value = serde_json::from_slice(&paid.body).unwrap();
    assert!(document.get("plan").is_none());
}

#[tokio::test]
async fn a_key_that_paid_gets_what_it_paid_for() {
    let mut county = County::open(&[]).await;
    county.complete("2025-q3", "2025-09").await;
    let paid = ask(&county, "lost", question("persons")).await.unwrap();
    county.today_is("2026-02-01");
    county.complete("2025-q4", "2025-12").await;
    run_plans(&county.unit).await;
    let again = ask(&county, "lost", question("persons")).await.unwrap();
    assert!(again.stored_before && again.body == paid.body);
    let newer = ask(&county, "other", question("persons")).await.unwrap();
    assert!(newer.stored_before && newer.body != paid.body);
}

#[tokio::test]
async fn groupings_are_the_permitted_ones() {
    let mut county = County::open(&[]).await;
    county.complete("2025-q3", "2025-09").await;
    let grouped = |group: Value| {
        let mut request = json!(question("persons"));
        request["group_by"] = group;
        serde_json::from_value(request).unwrap()
    };
    let cells = |asked: &Asked| {
        let document: Value = serde_json::from_slice(&asked.body).unwrap();
        document["cells"].as_array().unwrap().len()
    };
    let usual = ask(&county, "k1", question("persons")).await.unwrap();
    let same = ask(&county, "k2", grouped(json!(["municipality"]))).await.unwrap();
    assert!(same.stored_before && same.body == usual.body && cells(&usual) == 2);
    let whole = ask(&county, "k3", grouped(json!([]))).await.unwrap();
    assert!(!whole.stored_before && cells(&whole) == 1);
    let refused = ask(&county, "k4", grouped(json!(["sex"]))).await.err().unwrap();
    let problem = refused.problem();
    assert_eq!(problem.code, ProblemCode::QueryRefused);
    assert!(problem.detail.contains("[municipality] or [municipality, sex] or []"));
    // A key stands for one grouping.
    let other = ask(&county, "k1", grouped(json!([]))).await.err().unwrap();
    assert_eq!(other.problem().code, ProblemCode::IdempotencyConflict);
}

#[tokio::test]
async fn odd_keys_are_refused_whether_or_not_there_is_something_to_pay() {
    let mut county = County::open(&[]).await;
    county.complete("2025-q3", "2025-09").await;
    for key in ["", "a b", &"k".repeat(200)] {
        let refused = ask(&county, key, question("persons")).await.err().unwrap();
        assert_eq!(refused.problem().code, ProblemCode::QueryRefused);
    }
    ask(&county, "k1", question("persons")).await.unwrap();
    assert!(ask(&county, "a b", question("persons")).await.is_err());
}

#[tokio::test]
async fn releases_are_chosen_by_indicator_year_and_period() {
    let mut county = County::open(&[]).await;
    county.today_is("2026-02-01");
    county.complete("2025-q3", "2025-09").await;
    run_plans(&county.unit).await;
    ask(&county, "k1", question("persons")).await.unwrap();
    county.complete("2025-q4", "2025-12").await;
    run_plans(&county.unit).await;
    let count = async |filter: Value| {
        let filter: ReleaseFilter = serde_json::from_value(filter).unwrap();
        county.unit.releases_of(&name(PROJECT), &filter).await.unwrap().len()
    };
    assert_eq!(count(json!({})).await, 7);
    assert_eq!(count(json!({"indicator": "persons"})).await, 3);
    assert_eq!(count(json!({"period": "2025-q3"})).await, 4, "asked for on that snapshot, too");
    assert_eq!(count(json!({"period": "2025-q4", "indicator": "hours"})).await, 1);
    assert_eq!(count(json!({"year": 2024})).await, 0);
    assert!(serde_json::from_value::<ReleaseFilter>(json!({"quarter": 1})).is_err());
}
