//! When answers leave, what a quarter may cost, and a clock that went back.

use std::time::{Duration, Instant};

use statistics_unit::{Asked, Pace, QueryRequest, UnitError};
use store::ledger::{self, Charge, State};
use submission::ProblemCode;

use crate::county::{County, NURSERY, PROJECT, SLOT, name, question};

async fn ask(county: &County, key: &str, request: QueryRequest) -> Result<Asked, UnitError> {
    county.unit.query(&name(PROJECT), &name("anna"), key, request).await
}

fn code(asked: Result<Asked, UnitError>) -> ProblemCode {
    match asked {
        Err(UnitError::Refused(problem)) => problem.code,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("answered"),
    }
}

async fn charge(county: &County, key: &str) -> Charge {
    ledger::charge_by_key(county.unit.db(), "anna", key).await.unwrap().unwrap()
}

async fn ready(pace: Pace) -> County {
    let mut county = County::paced(&[], pace).await;
    county.deliver(NURSERY, "2025-12", 60).await;
    county.accept(None).await;
    county
}

#[tokio::test]
async fn a_fresh_answer_takes_its_slot_and_a_stored_one_none() {
    let slot = Duration::from_secs(3);
    let county = ready(Pace::with_slot(slot)).await;
    let priced =
        county.unit.price(&name(PROJECT), &name("anna"), question("persons")).await.unwrap();
    assert_eq!(priced.slot_millis, 3_000);
    let asked = Instant::now();
    let first = ask(&county, "k1", question("persons")).await.unwrap();
    assert!(asked.elapsed() >= slot && first.released);
    let again = Instant::now();
    for key in ["k1", "k2"] {
        let stored = ask(&county, key, question("persons")).await.unwrap();
        assert!(stored.stored_before && stored.body == first.body);
    }
    let mut other = question("persons");
    other.indicator = Some(name("hours"));
    assert_eq!(code(ask(&county, "k1", other).await), ProblemCode::IdempotencyConflict);
    assert!(again.elapsed() < slot, "three answers that nobody waits for");
}

#[tokio::test]
async fn an_answer_that_is_late_has_failed_and_is_never_released() {
    let county = ready(Pace { between_steps: SLOT, ..Pace::with_slot(SLOT) }).await;
    let late = ask(&county, "k1", question("persons")).await.unwrap();
    assert!(!late.released && !late.stored_before);
    assert_eq!(late.body, statistics::FAILED_ANSWER.as_bytes());
    let paid = charge(&county, "k1").await;
    assert_eq!(paid.state, State::Failed);
    assert_eq!(county.budget().await[0], paid.price.rho);
    tokio::time::sleep(SLOT).await;
    assert!(county.documents().await.is_empty());
    let again = ask(&county, "k1", question("persons")).await.unwrap();
    assert!(again.stored_before && again.body == late.body);
    assert_eq!(county.budget().await[0], paid.price.rho);
}

#[tokio::test]
async fn a_caller_who_goes_away_takes_no_charge_along() {
    let county = ready(Pace::with_slot(SLOT)).await;
    let asked = ask(&county, "k1", question("persons"));
    assert!(tokio::time::timeout(SLOT / 4, asked).await.is_err());
    for _ in 0..200 {
        let settled = ledger::charge_by_key(county.unit.db(), "anna", "k1").await.unwrap();
        if settled.is_some_and(|charge| charge.state == State::Released) {
            let stored = ask(&county, "k1", question("persons")).await.unwrap();
            assert!(stored.released && stored.stored_before);
            return;
        }
        tokio::time::sleep(SLOT / 4).await;
    }
    panic!("the charge was left behind");
}

#[tokio::test]
async fn a_quarter_bounds_its_questions_and_cannot_be_had_twice() {
    let cap = "quarter_cap_nano_rho = 60_000_000\ndelta_conv_femto";
    let file = "purposes/early-help.toml";
    let mut county = County::open(&[
        (file, "delta_conv_femto", cap),
        (file, "lineage_cap_nano_rho = 500", "lineage_cap_nano_rho = 900"),
    ])
    .await;
    county.complete("2025-q3", "2025-09").await;
    // The run costs more than the quarter has, and does not count.
    assert_eq!(county.unit.run_plans().await.len(), 1);
    let mut request = question("persons");
    request.fresh = true;
    assert!(ask(&county, "k1", request).await.unwrap().released);
    let mut request = question("hours");
    request.fresh = true;
    let refused = ask(&county, "k2", request.clone()).await;
    let Err(UnitError::Refused(problem)) = refused else { panic!("above the cap") };
    assert_eq!(problem.code, ProblemCode::BudgetExceeded);
    assert!(problem.detail.contains("2026-q1") && problem.detail.contains("next quarter"));
    let report = county.unit.budget(&name(PROJECT)).await.unwrap();
    let quarter = report.purposes[0].quarter.as_ref().unwrap();
    assert_eq!((quarter.cap, quarter.quarter.as_str()), (60_000_000, "2026-q1"));
    assert_eq!(quarter.left, quarter.cap - quarter.spent);

    county.today_is("2026-04-02");
    assert!(ask(&county, "k2", request.clone()).await.unwrap().released);
    // Back in the first quarter there is nothing to be had, but what was paid.
    county.today_is("2026-03-30");
    let mut whole = question("persons");
    (whole.fresh, whole.group_by) = (true, Some(vec![]));
    let before = county.budget().await;
    assert_eq!(code(ask(&county, "k3", whole.clone()).await), ProblemCode::ClockBehind);
    assert!(ask(&county, "k2", request).await.unwrap().stored_before);
    assert_eq!(county.budget().await, before);
    county.today_is("2026-04-02");
    assert_eq!(code(ask(&county, "k3", whole.clone()).await), ProblemCode::BudgetExceeded);
    county.today_is("2026-07-01");
    assert!(ask(&county, "k3", whole).await.unwrap().released);
}

#[tokio::test]
async fn an_ended_purpose_does_not_live_again() {
    let mut county = County::open(&[]).await;
    county.complete("2025-q3", "2025-09").await;
    county.today_is("2027-01-01");
    assert_eq!(code(ask(&county, "k1", question("persons")).await), ProblemCode::PurposeExpired);
    // Something happens on that day, and with it in the log there is no way back.
    county.accept(None).await;
    county.today_is("2026-12-31");
    assert_eq!(code(ask(&county, "k1", question("persons")).await), ProblemCode::ClockBehind);
    let events = crate::county::run_plans(&county.unit).await;
    assert!(events[0].contains("the unit's clock says 2026-12-31"), "{events:?}");
    assert_eq!(county.budget().await[0], 0);
}

#[tokio::test]
async fn a_horizon_bounds_the_years_together() {
    let lines = "horizon_years = 3\nhorizon_cap_nano_rho = 500_000_000\ndelta_conv_femto";
    let file = "purposes/early-help.toml";
    let mut county = County::open(&[(file, "delta_conv_femto", lines)]).await;
    county.deliver(NURSERY, "2025-12", 60).await;
    county.accept(None).await;
    let report = county.unit.budget(&name(PROJECT)).await.unwrap();
    let horizon = &report.purposes[0].horizon;
    assert!(horizon.stated && (horizon.years, horizon.from, horizon.to) == (3, 2023, 2025));
    // The plan keeps 400 of 500 for 2025, so 100 are left in the years around it.
    let mut refused = None;
    for (number, indicator) in ["persons", "hours", "persons"].into_iter().enumerate() {
        let mut request = question(indicator);
        (request.year, request.fresh) = (2024, true);
        request.group_by = (number == 2).then(Vec::new);
        if let Err(error) = ask(&county, &format!("k{number}"), request).await {
            refused = Some(error.to_string());
        }
    }
    let refused = refused.unwrap();
    assert!(refused.contains("of the years 2023 to 2025"), "{refused}");
}
