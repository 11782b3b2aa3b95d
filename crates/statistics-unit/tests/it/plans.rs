//! When the runs of a plan run, when they do not, and that each runs once.

use serde_json::json;
use statistics_unit::{RunState, price_plan};

use crate::county::{County, HOUSING, NURSERY, PROJECT, name, question, run_plans};

const NO_DATE: (&str, &str, &str) = ("purposes/plan-2026.toml", "not_before = \"2026-02-01\"", "");

#[tokio::test]
async fn a_run_follows_the_snapshot_of_its_period_as_one_charge() {
    let mut county = County::open(&[]).await;
    let waiting = county.run("2025-q3").await;
    assert_eq!(waiting.state, RunState::WaitingForPeriod);
    assert!(waiting.because.unwrap().contains("no snapshot of period 2025-q3"));
    assert!(run_plans(&county.unit).await.is_empty());

    let snapshot = county.complete("2025-q3", "2025-09").await;
    assert_eq!(county.run("2025-q3").await.state, RunState::Due);
    assert_eq!(run_plans(&county.unit).await, ["plan/plan-2026/2025-q3/2025: 3 tables"]);

    let run = county.run("2025-q3").await;
    let charge = run.charge.unwrap();
    assert_eq!((run.state, run.snapshot), (RunState::Released, Some(snapshot)));
    assert!(charge.rho_nano <= 100_000_000 && !charge.plan_changed);
    assert_eq!(county.budget().await, [charge.rho_nano, 300_000_000]);
    let documents = county.documents().await;
    let shown: Vec<_> = documents.iter().map(|own| own["indicator"].as_str().unwrap()).collect();
    assert_eq!(shown, ["persons", "hours", "overlap"]);
    let sum: u64 = documents.iter().map(|own| own["rho_nano"].as_u64().unwrap()).sum();
    assert_eq!(sum, charge.rho_nano);
    for (position, document) in documents.iter().enumerate() {
        assert_eq!(document["ledger"]["sequence"], charge.sequence);
        assert_eq!(document["plan"]["position"], position + 1);
        assert_eq!(document["plan"]["rho_nano"], charge.rho_nano);
        assert_eq!(document["snapshot"], snapshot.to_string());
    }
    let charges = county.unit.budget(&name(PROJECT)).await.unwrap().charges;
    assert_eq!(charges, 1);
}

#[tokio::test]
async fn a_run_runs_once_whatever_is_linked_or_restarted_after_it() {
    let mut county = County::open(&[]).await;
    county.complete("2025-q3", "2025-09").await;
    assert_eq!(run_plans(&county.unit).await.len(), 1);
    let before = (county.documents().await, county.budget().await);
    // The same period again, by new deliveries.
    county.complete("2025-q3", "2025-10").await;
    assert!(run_plans(&county.unit).await.is_empty());
    county.restart(&[]).await;
    assert_eq!(county.unit.recover().await.unwrap(), (0, 0));
    assert!(run_plans(&county.unit).await.is_empty());
    // A plan that was changed after its run does not run again; the state says so.
    let share = ("purposes/plan-2026.toml", "share_per_mille = 400", "share_per_mille = 350");
    county.restart(&[share]).await;
    assert!(run_plans(&county.unit).await.is_empty());
    let run = county.run("2025-q3").await;
    assert!(run.state == RunState::Released && run.charge.unwrap().plan_changed);
    assert_eq!((county.documents().await, county.budget().await), before);
}

#[tokio::test]
async fn a_run_waits_for_its_day() {
    let mut county = County::open(&[]).await;
    county.complete("2025-q4", "2025-12").await;
    assert!(run_plans(&county.unit).await.is_empty());
    let run = county.run("2025-q4").await;
    assert_eq!(run.state, RunState::WaitingForDate);
    assert_eq!(run.because.as_deref(), Some("not before 2026-02-01"));
    county.today_is("2026-02-01");
    assert_eq!(run_plans(&county.unit).await, ["plan/plan-2026/2025-q4/2025: 3 tables"]);
    // An older period may still come: it reads its own snapshot.
    assert_eq!(county.run("2025-q3").await.state, RunState::WaitingForPeriod);
}

#[tokio::test]
async fn a_snapshot_by_hand_or_of_another_epoch_runs_nothing() {
    let mut county = County::open(&[]).await;
    county.deliver(NURSERY, "2025-12", 20).await;
    county.deliver(HOUSING, "2025-12", 20).await;
    county.accept(None).await;
    county.accept(Some("2030-q1")).await;
    assert!(run_plans(&county.unit).await.is_empty());
    assert_eq!(county.run("2025-q3").await.state, RunState::WaitingForPeriod);
    county.restart(&[("schedules/county.toml", "epoch = \"2026\"", "epoch = \"2027\"")]).await;
    county.accept(Some("2025-q3")).await;
    let run = county.run("2025-q3").await;
    assert_eq!(run.state, RunState::Refused);
    assert!(run.because.unwrap().contains("epoch `2026`, the schedule expects `2027`"));
    assert_eq!(county.budget().await[0], 0);
}

#[tokio::test]
async fn the_other_units_word_is_checked_with_what_is_held_here() {
    let mut county = County::open(&[]).await;
    county.deliver(NURSERY, "2025-09", 20).await;
    county.deliver(HOUSING, "2025-08", 20).await;
    county.accept(Some("2025-q3")).await;
    assert!(run_plans(&county.unit).await.is_empty());
    let run = county.run("2025-q3").await;
    assert_eq!(run.state, RunState::Refused);
    let because = run.because.unwrap();
    assert!(because.contains("up to 2025-09 of `wohngeld` of `housing`"), "{because}");
    assert!(!because.contains("kita"), "{because}");
    // The right one arrives and a snapshot with it: now it runs, on that one.
    county.deliver(HOUSING, "2025-09", 20).await;
    let snapshot = county.accept(Some("2025-q3")).await;
    assert_eq!(run_plans(&county.unit).await.len(), 1);
    assert_eq!(county.run("2025-q3").await.snapshot, Some(snapshot));
}

#[tokio::test]
async fn from_the_day_on_it_runs_with_what_was_delivered() {
    let mut county = County::open(&[NO_DATE]).await;
    county.deliver(NURSERY, "2025-12", 20).await;
    county.accept(Some("2025-q4")).await;
    let because = county.run("2025-q4").await.because.unwrap();
    assert!(because.ends_with("or from 2026-02-15 on"), "{because}");
    county.today_is("2026-02-15");
    assert_eq!(run_plans(&county.unit).await, ["plan/plan-2026/2025-q4/2025: 2 tables"]);
    let charge = county.run("2025-q4").await.charge.unwrap();
    assert_eq!(json!(charge.left_out), json!([{"indicator": "overlap", "dataset": "wohngeld"}]));
    // What the missing table would have cost is nobody's any more.
    assert!(charge.rho_nano <= 210_000_000);
    assert_eq!(county.budget().await, [charge.rho_nano, 100_000_000]);
}

#[tokio::test]
async fn nothing_that_was_expected_is_no_snapshot_whatever_the_day() {
    let mut county = County::open(&[NO_DATE]).await;
    county.deliver(NURSERY, "2025-11", 20).await;
    county.accept(Some("2025-q4")).await;
    county.today_is("2026-03-01");
    assert!(run_plans(&county.unit).await.is_empty());
    assert_eq!(county.run("2025-q4").await.state, RunState::Refused);
}

#[tokio::test]
async fn a_refused_run_is_tried_again_only_when_something_changed() {
    let small = ("purposes/plan-2026.toml", "rho_nano = 300_000_000", "rho_nano = 400_000_000");
    let (line, none) = (
        "delta_conv_femto = 1_000_000_000",
        "delta_conv_femto = 1_000_000_000\nquestion_share_per_mille = 0",
    );
    let no_questions = ("purposes/early-help.toml", line, none);
    let mut county = County::open(&[small, no_questions, NO_DATE]).await;
    county.complete("2025-q4", "2025-12").await;
    assert_eq!(run_plans(&county.unit).await.len(), 1);
    // Another plan of two people now wants more than the cap has left.
    let second = ("purposes/plan-2026.toml", "plan-2026", "plan-2027");
    let all = ("purposes/early-help.toml", "= 500_000_000", "= 450_000_000");
    let less = ("purposes/plan-2026.toml", "= 400_000_000", "= 350_000_000");
    county.restart(&[second, less, all]).await;
    let refused = run_plans(&county.unit).await;
    assert!(refused[0].contains("cap of event year 2025 is 450000000"), "{refused:?}");
    let run = county.run("2025-q4").await;
    assert!(run.state == RunState::Refused && run.because.unwrap().contains("two people raise"));
    let head = county.unit.head().await.unwrap().sequence;
    for _ in 0..3 {
        assert!(run_plans(&county.unit).await.is_empty());
    }
    assert_eq!(county.unit.head().await.unwrap().sequence, head, "no refusal after the first");
    county.complete("2025-q4", "2025-12").await;
    assert_eq!(run_plans(&county.unit).await.len(), 1, "another snapshot is something else");
}

#[tokio::test]
async fn a_purpose_that_ended_runs_nothing_and_keeps_nothing() {
    let mut county = County::open(&[]).await;
    county.complete("2025-q3", "2025-09").await;
    county.today_is("2027-01-01");
    assert!(run_plans(&county.unit).await.is_empty());
    let run = county.run("2025-q3").await;
    assert!(run.state == RunState::Refused && run.because.unwrap().contains("ended on 2026-12-31"));
    assert_eq!(county.budget().await, [0, 0]);
}

#[tokio::test]
async fn a_year_that_nobody_delivered_is_refused_before_the_charge() {
    let year = ("purposes/plan-2026.toml", "event_year = 2025", "event_year = 2019");
    let mut county = County::open(&[year]).await;
    county.complete("2025-q3", "2025-09").await;
    let refused = run_plans(&county.unit).await;
    assert!(refused[0].contains("year 2019 is not in the snapshot"), "{refused:?}");
    assert_eq!(county.unit.budget(&name(PROJECT)).await.unwrap().charges, 0);
}

#[tokio::test]
async fn acceptance_wakes_whoever_waits_for_plans() {
    let mut county = County::open(&[]).await;
    let unit = county.unit.clone();
    let worker = tokio::spawn(async move {
        loop {
            if let Some(event) = run_plans(&unit).await.pop() {
                return event;
            }
            unit.plans_may_be_due().await;
        }
    });
    county.complete("2025-q3", "2025-09").await;
    let done = tokio::time::timeout(std::time::Duration::from_secs(30), worker).await;
    assert_eq!(done.unwrap().unwrap(), "plan/plan-2026/2025-q3/2025: 3 tables");
}

#[tokio::test]
async fn a_plan_has_a_price_before_anything_is_delivered() {
    let county = County::open(&[]).await;
    let policies = county.unit.policies();
    let priced = price_plan(&policies, policies.release_plans.values().next().unwrap()).unwrap();
    for run in &priced.runs {
        assert!(run.rho_nano <= run.most_nano_rho && run.rho_nano > run.most_nano_rho * 99 / 100);
        assert_eq!(run.tables.len(), 3);
    }
    let reported = county.run("2025-q4").await;
    assert_eq!(json!(reported.tables), json!(priced.runs[1].tables));
}

/// A table for each of the plan's questions costs an analyst nothing, and reads the same.
#[tokio::test]
async fn the_tables_of_a_run_are_what_analysts_get() {
    let mut county = County::open(&[NO_DATE]).await;
    county.complete("2025-q4", "2025-12").await;
    run_plans(&county.unit).await;
    let before = county.budget().await;
    let lines = county.unit.releases(&name(PROJECT)).await.unwrap();
    for (indicator, line) in ["persons", "hours", "overlap"].iter().zip(lines) {
        let (analyst, project) = (name("anna"), name(PROJECT));
        let asked = county.unit.query(&project, &analyst, "k", question(indicator)).await.unwrap();
        assert!(asked.stored_before && asked.released && asked.body == line);
    }
    assert_eq!(county.budget().await, before);
}
