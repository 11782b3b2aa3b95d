//! What is told before anybody spends, and what may be asked beyond the usual.

use serde_json::{Value, json};
use statistics_unit::{Asked, Batch, QueryRequest, UnitError};
use submission::{Problem, ProblemCode};

use crate::county::{County, PROJECT, name, question, run_plans};

const AD_HOC: (&str, &str, &str) = (
    "purposes/early-help.toml",
    "[[indicator]]\nid = \"persons\"",
    "[ad_hoc]\nkinds = [\"persons\", \"overlap\"]\ndatasets = [\"kita\", \"wohngeld\"]\n\
     dimensions = [\"municipality\"]\nmost_rho_nano = 20_000_000\n\
     [[indicator]]\nid = \"persons\"\nmost_rho_nano = 90_000_000",
);

async fn county() -> County {
    let mut county = County::open(&[AD_HOC]).await;
    county.complete("2025-q3", "2025-09").await;
    county
}

fn with(indicator: &str, member: &str, value: Value) -> QueryRequest {
    let mut request = json!(question(indicator));
    request[member] = value;
    serde_json::from_value(request).unwrap()
}

fn own(query: &Value) -> QueryRequest {
    let request = json!({"purpose": "early-help", "year": 2025, "query": query});
    serde_json::from_value(request).unwrap()
}

fn own_overlap() -> QueryRequest {
    own(&json!({"compute": {"kind": "overlap", "datasets": ["kita", "wohngeld"]},
        "group_by": ["municipality"]}))
}

async fn price(county: &County, request: QueryRequest) -> Result<Value, UnitError> {
    Ok(json!(county.unit.price(&name(PROJECT), &name("anna"), request).await?))
}

async fn ask(county: &County, key: &str, request: QueryRequest) -> Result<Asked, UnitError> {
    county.unit.query(&name(PROJECT), &name("anna"), key, request).await
}

fn refused<T>(answer: Result<T, UnitError>) -> Problem {
    let Err(error) = answer else { panic!("was not refused") };
    error.problem()
}

fn document(asked: &Asked) -> Value {
    serde_json::from_slice(&asked.body).unwrap()
}

#[tokio::test]
async fn a_width_gives_the_least_budget_and_that_budget_gives_the_width() {
    let county = county().await;
    let narrow = price(&county, with("persons", "half_width", json!(8))).await.unwrap();
    assert_eq!(narrow["price"]["half_width"], json!({"kind": "exact", "half_width": 8}));
    let asked = narrow["price"]["asked_rho_nano"].as_u64().unwrap();
    let less = with("persons", "rho_nano", json!(asked - 1));
    assert_eq!(price(&county, less).await.unwrap()["price"]["half_width"]["half_width"], 9);

    let paid = ask(&county, "k1", with("persons", "half_width", json!("8"))).await.unwrap();
    assert_eq!(document(&paid)["half_width"]["half_width"], 8);
    let same = ask(&county, "k2", with("persons", "rho_nano", json!(asked))).await.unwrap();
    assert!(same.stored_before && same.body == paid.body, "one follows from the other");
}

#[tokio::test]
async fn more_than_the_purpose_permits_is_refused_before_the_charge() {
    let county = county().await;
    assert!(price(&county, with("persons", "rho_nano", json!(90_000_000))).await.is_ok());
    for (request, word) in [
        (with("persons", "rho_nano", json!(90_000_001)), "at most 90000000"),
        (with("hours", "rho_nano", json!(40_000_001)), "at most 40000000"),
        (with("persons", "rho_nano", json!(999)), "ask for 1000 to"),
        (with("persons", "rho_nano", json!(0)), "ask for 1000 to"),
        (with("persons", "half_width", json!(1)), "at that budget it is 5"),
    ] {
        let problem = refused(ask(&county, "key", request).await);
        assert_eq!(problem.code, ProblemCode::QueryRefused);
        assert!(problem.detail.contains(word), "{word}: {}", problem.detail);
    }
    let mut both = json!(with("persons", "half_width", json!(9)));
    both["rho_nano"] = json!(20_000_000);
    let both = serde_json::from_value(both).unwrap();
    assert!(refused(price(&county, both).await).detail.contains("either rho_nano or half_width"));
    assert_eq!(county.unit.budget(&name(PROJECT)).await.unwrap().charges, 0);
}

#[tokio::test]
async fn a_question_of_ones_own_is_answered_within_its_bricks() {
    let county = county().await;
    let priced = price(&county, own_overlap()).await.unwrap();
    assert_eq!(
        priced["label"],
        "Freie Frage: Überschneidung (Kindertagesbetreuung, Wohngeld) nach Gemeinde"
    );
    let answer = ask(&county, "own", own_overlap()).await.unwrap();
    let released = document(&answer);
    assert_eq!(released["indicator"], priced["indicator"]);
    assert!(released["indicator"].as_str().unwrap().starts_with("adhoc-"));
    assert_eq!(released["cells"].as_array().unwrap().len(), 6);
    assert!(released["rho_nano"].as_u64().unwrap() <= 20_000_000);
    let again = ask(&county, "other", own_overlap()).await.unwrap();
    assert!(again.stored_before && again.body == answer.body);
    let lost = ask(&county, "own", own_overlap()).await.unwrap();
    assert!(lost.stored_before && lost.body == answer.body);
}

#[tokio::test]
async fn what_a_purpose_does_not_permit_is_refused_with_what_it_does() {
    let county = county().await;
    let persons = json!({"kind": "persons", "datasets": ["kita"]});
    let mut named = json!(own_overlap());
    named["indicator"] = "persons".into();
    let mut grouped = json!(own_overlap());
    grouped["group_by"] = json!(["municipality"]);
    let long: Vec<String> = (0..4_000).map(|key| format!("{key:08}")).collect();
    for (request, word) in [
        (json!(own(&json!({"compute": persons, "group_by": ["sex"]}))), "dimension `sex`"),
        (
            json!(own(&json!({"compute": {"kind": "mean", "dataset": "kita", "measure": "hours",
                "assumed_count": 9}}))),
            "kind `mean`",
        ),
        (json!(own(&json!({"compute": {"kind": "persons", "datasets": ["school"]}}))), "`school`"),
        (json!(own(&json!({"compute": persons, "filter": {"municipality": long}}))), "longer than"),
        (json!(own(&json!({"compute": persons, "filter": {"municipality": []}}))), "municipality"),
        (json!({"purpose": "early-help", "year": 2025}), "either an indicator or a query"),
        (named, "either an indicator or a query"),
        (grouped, "inside the query"),
    ] {
        let request = serde_json::from_value(request).unwrap();
        let problem = refused(price(&county, request).await);
        assert_eq!(problem.code, ProblemCode::QueryRefused, "{word}");
        assert!(problem.detail.contains(word), "{word}: {}", problem.detail);
    }
    let mut closed = County::open(&[]).await;
    closed.complete("2025-q3", "2025-09").await;
    assert!(refused(price(&closed, own_overlap()).await).detail.contains("indicators only"));
}

#[tokio::test]
async fn a_batch_is_priced_as_a_whole_against_what_is_left() {
    let mut county = county().await;
    let batch = |requests: Vec<QueryRequest>| Batch { queries: requests };
    let priced = async |county: &County, requests| {
        county.unit.price_batch(&name(PROJECT), &name("anna"), batch(requests)).await
    };
    let wide = || with("persons", "rho_nano", json!(90_000_000));
    let one = priced(&county, vec![wide(), wide()]).await.unwrap();
    let cost = one.costs_nano_rho[&2025];
    assert!((89_000_000..=90_000_000).contains(&cost) && one.fits, "twice the same costs once");
    // 100 of 500 million are not kept for the plan.
    let two = priced(&county, vec![wide(), own_overlap()]).await.unwrap();
    assert!(two.costs_nano_rho[&2025] > 100_000_000 && !two.fits);
    let lineage = two.caps.iter().find(|cap| cap.year == Some(2025)).unwrap();
    assert_eq!((lineage.left, lineage.reserved), (100_000_000, 400_000_000));
    assert_eq!(county.unit.budget(&name(PROJECT)).await.unwrap().charges, 0);

    ask(&county, "k1", wide()).await.unwrap();
    let rest = priced(&county, vec![wide(), own_overlap()]).await.unwrap();
    assert_eq!(rest.queries[0].costs_nano_rho, 0, "it was released");
    assert!(!rest.fits && rest.costs_nano_rho[&2025] < 21_000_000);
    // Once the plan has run what it kept is spent, and the analyst's own cap stays as it was.
    county.today_is("2026-02-01");
    county.complete("2025-q4", "2025-12").await;
    run_plans(&county.unit).await;
    let analyst = priced(&county, vec![own_overlap()]).await.unwrap();
    let analyst = analyst.caps.iter().find(|cap| cap.cap == "analyst").unwrap();
    assert_eq!((analyst.limit, analyst.spent), (200_000_000, cost));

    assert!(refused(priced(&county, vec![]).await).detail.contains("1 to 64"));
    assert!(refused(priced(&county, vec![wide(); 65]).await).detail.contains("1 to 64"));
    let unknown = question("income");
    assert!(refused(priced(&county, vec![wide(), unknown]).await).detail.contains("income"));
}
