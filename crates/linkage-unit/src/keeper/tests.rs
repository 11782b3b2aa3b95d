//! Every state of a period, with a clock that the test sets, on a real database.

pub(crate) mod place;

use std::sync::Arc;
use std::time::Duration;

use access::ProposalKind;
use place::{AUTUMN, DAY, Place, name};
use serde_json::Value;
use store::snapshots;
use submission::{Mode, ProblemCode, SnapshotId};

use crate::{JobState, LinkOrder, LinkageUnit, PeriodStage, PeriodState, UnitError};

async fn period(unit: &LinkageUnit, project: &str, id: &str) -> PeriodState {
    let state = unit.schedule(&place::operator(project)).await.unwrap();
    state.periods.into_iter().find(|own| own.period.as_str() == id).unwrap()
}

async fn stages(unit: &LinkageUnit) -> [PeriodStage; 3] {
    let state = unit.schedule(&place::operator("p")).await.unwrap();
    let stages: Vec<_> = state.periods.iter().map(|own| own.state).collect();
    stages.try_into().unwrap()
}

/// One look, and the end of what it started.
pub(crate) async fn look(unit: &LinkageUnit) {
    unit.look().await;
    settle(unit).await;
}

pub(crate) async fn settle(unit: &LinkageUnit) {
    while ["p", "q"].iter().any(|project| unit.running(&name(project)).is_some()) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn frozen(unit: &LinkageUnit, project: &str) -> Vec<Option<String>> {
    let lines = unit.snapshots(&place::operator(project)).await.unwrap();
    lines.into_iter().map(|line| line.period.map(String::from)).collect()
}

pub(crate) fn by_hand() -> LinkOrder {
    LinkOrder { epoch: name("2026"), threshold: None, solver: None }
}

/// Has somebody propose and somebody else approve.
pub(crate) async fn agree(unit: &LinkageUnit, kind: ProposalKind, about: Value) {
    let bound = unit.bound(&name("p"), kind, about).await.unwrap();
    let made = unit.desk().propose(&place::operator("p"), &bound).await.unwrap();
    unit.desk().approve_as((&name("dpo"), &name("p")), &made.proposal).await.unwrap();
}

/// Starts a run by hand that two people agreed on.
pub(crate) async fn start_approved(unit: &LinkageUnit, order: &LinkOrder) -> SnapshotId {
    agree(unit, ProposalKind::Snapshot, serde_json::to_value(order).unwrap()).await;
    unit.start_link(&place::operator("p"), order).await.unwrap()
}

fn rule(period: &str) -> Option<String> {
    Some(period.into())
}

#[tokio::test]
async fn nothing_is_linked_until_all_are_in() {
    use PeriodStage::{Frozen, Overtaken, Waiting};
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    look(&unit).await;
    assert_eq!(stages(&unit).await, [Waiting; 3]);
    place.deliver(&unit, "p", "a", "sgb2", "2025-09", 3).await;
    look(&unit).await;
    assert_eq!(stages(&unit).await, [Waiting; 3]);
    let waiting = period(&unit, "p", "q3").await;
    assert!(waiting.deliveries[0].arrived.is_some() && waiting.deliveries[1].arrived.is_none());

    place.deliver(&unit, "p", "b", "kita", "2025-09", 3).await;
    look(&unit).await;
    assert_eq!(stages(&unit).await, [Overtaken, Frozen, Waiting]);
    assert_eq!(frozen(&unit, "p").await, [rule("q3")]);
    let done = period(&unit, "p", "q3").await;
    assert!(done.deliveries.iter().all(|own| own.arrived.is_some()));
    let stored = snapshots::frozen(unit.db(), &done.snapshot.unwrap().to_string()).await.unwrap();
    let statement = stored.unwrap().content.statement;
    assert!(statement.contains(r#""period":"q3""#), "{statement}");
    look(&unit).await;
    assert_eq!(frozen(&unit, "p").await.len(), 1, "once per period");
}

#[tokio::test]
async fn from_its_day_on_a_period_is_linked_with_what_is_there() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    place.deliver(&unit, "p", "b", "kita", "2025-10", 3).await;
    place.set(AUTUMN + 44 * DAY);
    look(&unit).await;
    assert!(frozen(&unit, "p").await.is_empty(), "the day before");
    place.set(AUTUMN + 45 * DAY);
    look(&unit).await;
    assert_eq!(frozen(&unit, "p").await, [rule("q3")]);

    let done = period(&unit, "p", "q3").await;
    let missing: Vec<_> = done.deliveries.iter().filter(|own| own.arrived.is_none()).collect();
    assert_eq!((missing.len(), missing[0].department.as_str()), (1, "a"));
    let report = unit.progress(&place::operator("p"), done.snapshot.unwrap()).await.unwrap();
    let report = report.unwrap().report.unwrap();
    assert_eq!(report.sources.len(), 1);
    assert!(report.period.unwrap().deliveries[0].arrived.is_none());
}

#[tokio::test]
async fn a_date_alone_links_nothing() {
    let place = Place::new(AUTUMN + 400 * DAY);
    let unit = place.unit().await;
    place.deliver(&unit, "p", "nobody", "sgb2", "2026-09", 3).await;
    look(&unit).await;
    assert!(frozen(&unit, "p").await.is_empty(), "somebody whom the schedule does not name");
}

#[tokio::test]
async fn an_overtaken_period_is_never_linked() {
    use PeriodStage::{Frozen, Overtaken};
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    place.deliver(&unit, "p", "a", "sgb2", "2025-09", 3).await;
    place.deliver(&unit, "p", "b", "kita", "2025-12", 3).await;
    place.deliver(&unit, "p", "a", "sgb2", "2025-12", 3).await;
    look(&unit).await;
    assert_eq!(stages(&unit).await, [Overtaken, Overtaken, Frozen]);
    // Shorter deliveries would complete the older period, had it not been overtaken.
    place.deliver(&unit, "p", "a", "sgb2", "2025-09", 3).await;
    place.deliver(&unit, "p", "b", "kita", "2025-09", 3).await;
    look(&unit).await;
    assert_eq!(frozen(&unit, "p").await, [rule("q4")]);
    assert_eq!(stages(&unit).await, [Overtaken, Overtaken, Frozen]);
}

#[tokio::test]
async fn a_late_batch_waits_for_the_next_period() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    place.deliver(&unit, "p", "a", "sgb2", "2025-09", 3).await;
    place.deliver(&unit, "p", "b", "kita", "2025-09", 3).await;
    look(&unit).await;
    assert!(period(&unit, "p", "q3").await.later.is_empty());
    let went_in = period(&unit, "p", "q3").await.deliveries[0].arrived.clone().unwrap().batch;

    place.deliver(&unit, "p", "a", "sgb2", "2025-12", 4).await;
    look(&unit).await;
    assert_eq!(frozen(&unit, "p").await, [rule("q3")]);
    let done = period(&unit, "p", "q3").await;
    assert_eq!(done.later.len(), 1);
    assert_eq!(done.later[0].department.as_str(), "a");
    let shown = done.deliveries[0].arrived.clone().unwrap().batch;
    assert_eq!(shown, went_in, "a frozen period shows what went in");
    let next = period(&unit, "p", "q4").await;
    assert_eq!(next.state, PeriodStage::Waiting);
    assert!(next.deliveries[0].arrived.is_some());
}

#[tokio::test]
async fn an_amendment_counts_with_its_own_months() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    place.deliver(&unit, "p", "a", "sgb2", "2025-12", 3).await;
    place.deliver(&unit, "p", "b", "kita", "2025-09", 3).await;
    place.send(&unit, "p", ("b", "kita"), "2025-12", 2, Mode::Amend).await;
    look(&unit).await;
    assert_eq!(frozen(&unit, "p").await, [rule("q4")]);
    let done = period(&unit, "p", "q4").await.snapshot.unwrap();
    let report = unit.progress(&place::operator("p"), done).await.unwrap().unwrap().report;
    let records: Vec<_> = report.unwrap().sources.iter().map(|own| own.records).collect();
    assert_eq!(records, [3, 5], "the amendment beside what it amends");
}

#[tokio::test]
async fn a_list_of_withdrawals_completes_no_delivery() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    place.deliver(&unit, "p", "a", "sgb2", "2025-12", 3).await;
    place.deliver(&unit, "p", "b", "kita", "2025-05", 3).await;
    place.send(&unit, "p", ("b", "kita"), "2025-12", 0, Mode::Amend).await;
    look(&unit).await;
    assert_eq!(frozen(&unit, "p").await, []);
    assert!(period(&unit, "p", "q4").await.deliveries[1].arrived.is_none());
}

#[tokio::test]
async fn a_failed_run_is_tried_again_after_a_pause_that_grows() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    // Deliveries without a single record: there is nothing to link.
    place.deliver(&unit, "p", "a", "sgb2", "2025-09", 0).await;
    place.deliver(&unit, "p", "b", "kita", "2025-09", 0).await;
    let mut pauses = Vec::new();
    for _ in 0..3 {
        look(&unit).await;
        let failed = period(&unit, "p", "q3").await;
        assert_eq!(failed.state, PeriodStage::Ready);
        assert_eq!(failed.problem.unwrap().code, ProblemCode::NothingToLink);
        let again = failed.try_again_at.unwrap();
        pauses.push(again - place.now());
        // However often somebody delivers meanwhile, no run starts before its time.
        place.set(again - 1);
        place.deliver(&unit, "p", "a", "sgb2", "2025-09", 0).await;
        look(&unit).await;
        assert_eq!(period(&unit, "p", "q3").await.try_again_at, Some(again));
        place.set(again);
    }
    assert_eq!(pauses, [30, 60, 120]);
    place.deliver(&unit, "p", "a", "sgb2", "2025-09", 3).await;
    look(&unit).await;
    let done = period(&unit, "p", "q3").await;
    assert_eq!(done.state, PeriodStage::Frozen);
    assert!(done.problem.is_none() && done.try_again_at.is_none());
}

#[tokio::test]
async fn the_pause_has_an_end() {
    let problem = || UnitError::NotDue.problem();
    let mut failure = super::Failure::after(None, problem(), 0);
    for _ in 0..100 {
        failure = super::Failure::after(Some(&failure), problem(), 0);
    }
    assert_eq!(failure.not_before, 3600);
}

#[tokio::test]
async fn a_stopped_run_leaves_nothing_and_begins_anew() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    place.deliver(&unit, "p", "a", "sgb2", "2025-09", 3).await;
    place.deliver(&unit, "p", "b", "kita", "2025-09", 3).await;
    unit.look().await;
    let run = unit.running(&name("p")).unwrap();
    assert_eq!(run.period, Some(name("q3")));
    // Everything that was spawned has had no turn yet: it finds itself stopped.
    unit.end_runs().await;
    let stopped = unit.progress(&place::operator("p"), run.snapshot).await.unwrap().unwrap();
    assert!(stopped.state == JobState::Failed);
    assert!(frozen(&unit, "p").await.is_empty());
    drop(unit);

    let again = place.unit().await;
    assert!(again.progress(&place::operator("p"), run.snapshot).await.unwrap().is_none());
    look(&again).await;
    assert_eq!(frozen(&again, "p").await, [rule("q3")]);
}

#[tokio::test]
async fn a_restart_repeats_nothing_and_keeps_the_report() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    place.deliver(&unit, "p", "a", "sgb2", "2025-09", 3).await;
    place.deliver(&unit, "p", "b", "kita", "2025-09", 4).await;
    look(&unit).await;
    let snapshot = period(&unit, "p", "q3").await.snapshot.unwrap();
    let ask = place::operator("p");
    let before = unit.progress(&ask, snapshot).await.unwrap().unwrap().report.unwrap();
    drop(unit);

    let again = place.unit().await;
    look(&again).await;
    assert_eq!(frozen(&again, "p").await, [rule("q3")]);
    let after = again.progress(&ask, snapshot).await.unwrap().unwrap();
    assert!(after.state == JobState::Frozen && after.compared == after.total);
    let after = after.report.unwrap();
    assert_eq!((after.clusters, after.compared), (before.clusters, before.compared));
    assert_eq!(after.sources.iter().map(|own| own.records).collect::<Vec<_>>(), [3, 4]);
    assert!(after.period.is_some());
    let other = again.progress(&place::operator("q"), snapshot).await.unwrap();
    assert!(other.is_none(), "of another project");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_starts_at_once_freeze_a_period_once() {
    let place = Place::new(AUTUMN);
    let (one, two) = (place.unit().await, place.unit().await);
    place.deliver(&one, "p", "a", "sgb2", "2025-09", 3).await;
    place.deliver(&one, "p", "b", "kita", "2025-09", 3).await;
    // Neither can freeze before both have linked.
    let lock = one.db().write().await.unwrap();
    one.look().await;
    two.look().await;
    assert!(one.running(&name("p")).is_some() && two.running(&name("p")).is_some());
    drop(lock);
    settle(&one).await;
    settle(&two).await;
    assert_eq!(frozen(&one, "p").await, [rule("q3")]);
    for unit in [&one, &two] {
        look(unit).await;
        assert!(period(unit, "p", "q3").await.problem.is_none());
    }
    assert_eq!(frozen(&two, "p").await.len(), 1);
}

#[tokio::test]
async fn what_is_not_due_any_more_is_not_frozen() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    place.deliver(&unit, "p", "a", "sgb2", "2025-09", 3).await;
    let schedule = unit.schedules().next().unwrap();
    let own = schedule.period(&name("q3")).unwrap();
    let snapshot = unit.start(&name("p"), &own.epoch, Some(own), None).unwrap();
    settle(&unit).await;
    let ended = unit.progress(&place::operator("p"), snapshot).await.unwrap().unwrap();
    assert!(ended.state == JobState::Failed && frozen(&unit, "p").await.is_empty());
    assert!(period(&unit, "p", "q3").await.try_again_at.is_none(), "no failure to pause for");
}

#[tokio::test]
async fn two_projects_do_not_see_each_other() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    place.deliver(&unit, "p", "a", "sgb2", "2025-09", 3).await;
    place.deliver(&unit, "q", "b", "kita", "2025-09", 3).await;
    look(&unit).await;
    assert!(frozen(&unit, "p").await.is_empty() && frozen(&unit, "q").await.is_empty());

    place.deliver(&unit, "q", "a", "sgb2", "2025-09", 3).await;
    look(&unit).await;
    assert!(frozen(&unit, "p").await.is_empty());
    assert_eq!(frozen(&unit, "q").await, [rule("q3")]);
    assert_eq!(stages(&unit).await, [PeriodStage::Waiting; 3]);
    let own = unit.schedule(&place::operator("p")).await.unwrap();
    assert!(own.periods.iter().all(|own| own.snapshot.is_none() && own.later.is_empty()));
}

#[tokio::test]
async fn what_comes_in_during_a_run_is_looked_at_after_it() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    place.deliver(&unit, "p", "a", "sgb2", "2025-09", 3).await;
    place.deliver(&unit, "p", "b", "kita", "2025-09", 3).await;
    agree(&unit, ProposalKind::Snapshot, serde_json::to_value(by_hand()).unwrap()).await;
    // A run by hand that cannot end before it is let.
    let lock = unit.db().write().await.unwrap();
    unit.start_link(&place::operator("p"), &by_hand()).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let keeper = unit.clone();
    let keeping = tokio::spawn(async move {
        keeper.keep_schedules(async { drop(stopped.await) }).await;
    });
    unit.delivered();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(period(&unit, "p", "q3").await.state, PeriodStage::Ready);
    let state = unit.schedule(&place::operator("p")).await.unwrap();
    assert!(state.run.is_some_and(|run| run.period.is_none()), "the run by hand");

    drop(lock);
    for _ in 0..1000 {
        if period(&unit, "p", "q3").await.state == PeriodStage::Frozen {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(frozen(&unit, "p").await, [None, rule("q3")]);
    drop(stop);
    keeping.await.unwrap();
}

#[tokio::test]
async fn whom_the_schedule_expects_and_nobody_registered_is_named() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    let state = unit.schedule(&place::operator("q")).await.unwrap();
    assert_eq!(state.unregistered.len(), 2, "only project p has departments here");
    let own = unit.schedule(&place::operator("p")).await.unwrap();
    assert!(own.scheduled && own.unregistered.is_empty());
    let none = unit.schedule(&place::operator("r")).await.unwrap();
    assert!(!none.scheduled && none.periods.is_empty());
    assert!(Arc::ptr_eq(&unit.expected().policies, &place.policies));
}
