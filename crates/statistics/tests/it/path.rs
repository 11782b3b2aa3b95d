//! Price, charge, grant, release.

use policy::Plan;
use serde_json::Value;
use statistics::{
    Aggregate, Charge, Error, Grant, Release, Request, Table, aggregate, charge, release,
};

use crate::county::{self, YEAR, catalogue, context, price, request, table};
use crate::ledger::{Ledger, Refused, State, now};

const NO_CAP: u64 = u64::MAX;

fn try_charge(ledger: &mut Ledger, request: Request, plan: &Plan) -> Result<Grant, Refused> {
    now(charge(ledger, Charge::new(request, plan, price(plan)).unwrap()))
}

fn grant(request: Request, plan: &Plan) -> Grant {
    try_charge(&mut Ledger::new(NO_CAP), request, plan).ok().unwrap()
}

fn released(aggregate: Aggregate, grant: Grant, plan: &Plan) -> Result<Vec<Release>, Error> {
    release(grant, vec![Table { aggregate, plan, context: context() }])
}

fn answer(plan: &Plan) -> Value {
    let exact = aggregate(&table(), &catalogue(), plan, YEAR).ok().unwrap();
    let documents = released(exact, grant(request("k1"), plan), plan).ok().unwrap();
    assert_eq!(documents.len(), 1);
    serde_json::to_value(&documents[0]).unwrap()
}

/// Noise passes ten half-widths with a probability below 1e-80.
fn is_near(cell: &Value, exact: f64, half_width: f64) -> bool {
    (cell["value"].as_f64().unwrap() - exact).abs() <= 10.0 * half_width
}

#[test]
fn counts_are_noised_whole_numbers_with_symmetric_intervals() {
    let document = answer(&county::persons());
    let half_width = document["half_width"]["half_width"].as_i64().unwrap();
    for (cell, exact) in document["cells"].as_array().unwrap().iter().zip([600.0, 400.0, 0.0]) {
        assert!(is_near(cell, exact, half_width as f64));
        let value = cell["value"].as_i64().unwrap();
        assert_eq!(cell["low"].as_i64().unwrap(), value - half_width);
        assert_eq!(cell["high"].as_i64().unwrap(), value + half_width);
        assert_eq!(cell["withheld"], false);
    }
    assert_eq!(document["cells"][2]["keys"][0], "06432003", "empty cells are released too");
}

#[test]
fn the_same_question_paid_twice_is_drawn_twice() {
    let values = |document: Value| -> Vec<i64> {
        let cells = document["cells"].as_array().unwrap().clone();
        cells.iter().map(|cell| cell["value"].as_i64().unwrap()).collect()
    };
    // Nine cells of sigma 3.16: eight equal pairs of tables in a row have a chance below 1e-60.
    let first = values(answer(&county::overlap()));
    assert!((0..8).any(|_| values(answer(&county::overlap())) != first));
}

#[test]
fn an_overlap_names_the_combination_of_each_cell() {
    let document = answer(&county::overlap());
    let cells = document["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 9);
    assert_eq!(cells[2]["datasets"], serde_json::json!(["kita", "wohngeld"]));
    for (position, exact) in [(0, 300.0), (1, 0.0), (2, 300.0), (3, 200.0), (8, 0.0)] {
        assert!(is_near(&cells[position], exact, 6.0), "{position}");
    }
}

#[test]
fn a_mean_is_shown_where_enough_persons_stand_behind_it_and_withheld_elsewhere() {
    let document = answer(&county::mean());
    let cells = document["cells"].as_array().unwrap();
    for cell in &cells[..2] {
        assert!(is_near(cell, 35.0, 2.0));
        assert!(cell["low"].as_f64() < cell["value"].as_f64());
        assert!(cell["value"].as_f64() < cell["high"].as_f64());
    }
    for member in ["value", "low", "high"] {
        assert!(cells[2][member].is_null());
    }
    assert_eq!(cells[2]["withheld"], true);
}

#[test]
fn what_does_not_belong_together_is_not_drawn() {
    let (table, catalogue, plan) = (table(), catalogue(), county::persons());
    let exact = |plan: &Plan, year| aggregate(&table, &catalogue, plan, year).ok().unwrap();
    let refused = |answer: Result<Vec<Release>, Error>| matches!(answer, Err(Error::Mismatch(_)));
    let own = || grant(request("k1"), &plan);

    assert!(refused(released(exact(&plan, YEAR - 1), own(), &plan)), "year");
    let other = county::overlap();
    assert!(refused(released(exact(&other, YEAR), own(), &plan)), "aggregate");
    assert!(refused(released(exact(&plan, YEAR), own(), &other)), "plan");
    assert!(refused(released(exact(&other, YEAR), own(), &other)), "grant");
    let elsewhere = Request { snapshot: county::name("snapshot-2"), ..request("k1") };
    let foreign = grant(elsewhere, &plan);
    assert!(refused(released(exact(&plan, YEAR), foreign, &plan)), "snapshot");
    let coarser = Plan { cells: plan.cells[..2].to_vec(), ..plan.clone() };
    assert!(refused(released(exact(&plan, YEAR), own(), &coarser)), "cells");
}

#[test]
fn a_refused_charge_gives_no_grant() {
    let plan = county::persons();
    let cost = price(&plan).rho().get();
    let mut ledger = Ledger::new(2 * cost - 1);
    assert!(try_charge(&mut ledger, request("k1"), &plan).is_ok());
    assert_eq!(try_charge(&mut ledger, request("k2"), &plan).err(), Some(Refused::Cap));
    assert_eq!(ledger.spent, cost);
}

#[test]
fn a_charge_left_by_a_crash_may_run_and_is_paid_once() {
    let plan = county::persons();
    let mut ledger = Ledger::new(NO_CAP);
    ledger.crash_before_drawing = true;
    assert_eq!(try_charge(&mut ledger, request("k1"), &plan).err(), Some(Refused::Crash));
    assert!(try_charge(&mut ledger, request("k1"), &plan).is_ok());
    assert_eq!(ledger.spent, price(&plan).rho().get());
}

#[test]
fn one_charge_gives_one_grant() {
    let plan = county::persons();
    let mut ledger = Ledger::new(NO_CAP);
    let first = try_charge(&mut ledger, request("k1"), &plan).ok().unwrap();
    assert_eq!(first.charge_id().as_str(), "charge-1");
    let again = try_charge(&mut ledger, request("k1"), &plan).err();
    assert_eq!(again, Some(Refused::State(State::Drawing)));
}

/// Sum and count have noise of their own: with the sum's noise on both, a mean would be off by
/// 1.9 hours instead of .2 (one standard deviation each).
#[test]
fn a_mean_is_as_close_as_its_interval_says() {
    for _ in 0..10 {
        let document = answer(&county::mean());
        let cell = &document["cells"][0];
        let half = (cell["high"].as_f64().unwrap() - cell["low"].as_f64().unwrap()) / 2.0;
        assert!((0.3..0.5).contains(&half), "{half}");
        // Three half-widths are 5.9 standard deviations.
        assert!((cell["value"].as_f64().unwrap() - 35.0).abs() < 3.0 * half);
    }
}

/// A unit aggregates and draws in a worker thread and charges in an asynchronous handler.
#[test]
fn everything_may_change_threads() {
    fn sent<T: Send>(_: &T) {}
    let plan = county::persons();
    let mut ledger = Ledger::new(NO_CAP);
    let charging = charge(&mut ledger, Charge::new(request("k1"), &plan, price(&plan)).unwrap());
    sent(&charging);
    let (exact, grant) = (aggregate(&table(), &catalogue(), &plan, YEAR).ok(), now(charging).ok());
    let (exact, grant) = (exact.unwrap(), grant.unwrap());
    let worker = std::thread::spawn(move || released(exact, grant, &plan).is_ok());
    assert!(worker.join().unwrap());
}
