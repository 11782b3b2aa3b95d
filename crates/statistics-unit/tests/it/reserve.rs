//! What is kept for plans cannot be asked away.

use serde_json::json;
use statistics_unit::{QueryRequest, RunState};
use submission::ProblemCode;

use crate::county::{County, PROJECT, name, question, run_plans};

/// Everything that may be asked, fresh every time.
fn questions() -> Vec<QueryRequest> {
    let mut all: Vec<QueryRequest> = ["persons", "hours", "overlap"].map(question).into();
    for group in [json!([]), json!(["municipality", "sex"])] {
        let mut request = json!(question("persons"));
        request["group_by"] = group;
        all.push(serde_json::from_value(request).unwrap());
    }
    for request in &mut all {
        request.fresh = true;
    }
    all
}

#[tokio::test]
async fn an_analyst_who_asks_for_everything_leaves_the_plan_its_budget() {
    let mut county = County::open(&[]).await;
    county.today_is("2026-02-01");
    let snapshot = county.complete("2025-q3", "2025-09").await;
    county.complete("2025-q4", "2025-12").await;
    let mut refused = Vec::new();
    for (number, mut request) in questions().into_iter().cycle().take(15).enumerate() {
        // Two snapshots, so that hardly any question was answered before.
        request.snapshot = (number % 2 == 0).then_some(snapshot);
        let (who, key) = (name(&format!("anna-{number}")), format!("k{number}"));
        if let Err(error) = county.unit.query(&name(PROJECT), &who, &key, request).await {
            refused.push(error.problem());
        }
    }
    assert!(!refused.is_empty());
    for problem in refused {
        assert_eq!(problem.code, ProblemCode::BudgetExceeded);
        assert!(
            problem.detail.contains("400000000 is kept for release plans"),
            "{}",
            problem.detail
        );
    }
    let [spent, reserved] = county.budget().await;
    assert!((1..=100_000_000).contains(&spent) && reserved == 400_000_000);
    assert_eq!(run_plans(&county.unit).await.len(), 2);
    for period in ["2025-q3", "2025-q4"] {
        assert_eq!(county.run(period).await.state, RunState::Released);
    }
    let [spent, reserved] = county.budget().await;
    assert!(spent <= 500_000_000 && reserved == 0);
}

#[tokio::test]
async fn a_plan_is_nobodys_analyst() {
    // A run costs 300 million, an analyst may spend 200.
    let mut county = County::open(&[]).await;
    county.today_is("2026-02-01");
    county.complete("2025-q4", "2025-12").await;
    assert_eq!(run_plans(&county.unit).await.len(), 1);
    let purpose = &county.unit.budget(&name(PROJECT)).await.unwrap().purposes[0];
    assert!(purpose.spent > 297_000_000 && purpose.reserved == 100_000_000);
}

#[tokio::test]
async fn the_purposes_cap_keeps_the_plan_its_share_as_well() {
    let cap = ("purposes/early-help.toml", "= 2_000_000_000", "= 420_000_000");
    let mut county = County::open(&[cap]).await;
    county.complete("2025-q3", "2025-09").await;
    let (project, anna) = (name(PROJECT), name("anna"));
    let refused = county.unit.query(&project, &anna, "k1", question("persons")).await.err();
    let detail = refused.unwrap().problem().detail;
    assert!(detail.contains("cap of this purpose is 420000000, 0 is spent, 400000000 is kept"));
    assert_eq!(run_plans(&county.unit).await.len(), 1);
}

#[tokio::test]
async fn a_run_that_looks_back_keeps_its_budget_in_the_earlier_year_too() {
    let moves = "[[indicator]]\nid = \"moves\"\nlabel = \"Übergänge\"\nrho_nano = 10_000_000\n\
                 [indicator.query.compute]\nkind = \"transition\"\nyears = 1\nstates = [\n\
                 { id = \"kita\", label = \"Kita\", datasets = [\"kita\"] }]\n\
                 [[indicator]]\nid = \"persons\"";
    let changes = [
        ("purposes/early-help.toml", "[[indicator]]\nid = \"persons\"", moves),
        ("purposes/plan-2026.toml", "indicator = \"overlap\"", "indicator = \"moves\""),
    ];
    let mut county = County::open(&changes).await;
    county.complete("2025-q3", "2025-09").await;
    for (year, kept) in [(2025, 400_000_000), (2024, 400_000_000), (2023, 0)] {
        let request = QueryRequest { year, ..question("persons") };
        let priced = county.unit.price(&name(PROJECT), &name("anna"), request).await.unwrap();
        assert_eq!(priced.reserved_nano_rho, kept, "{year}");
    }
    // What is kept for both years is one amount of the purpose's.
    let caps = county.unit.price(&name(PROJECT), &name("anna"), question("persons")).await.unwrap();
    let purpose = caps.caps.iter().find(|cap| cap.cap == "purpose").unwrap();
    assert_eq!(purpose.reserved, 400_000_000);
}
