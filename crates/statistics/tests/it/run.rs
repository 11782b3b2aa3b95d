//! Several tables of a plan's run: one charge, one grant, all releases or none.

use policy::{Digest, NanoRho, Plan};
use serde_json::Value;
use statistics::{
    Charge, Error, Grant, PersonTable, Release, Run, Table, aggregate, charge, release,
};

use crate::county::{self, YEAR, catalogue, context, name, price, request, table};
use crate::ledger::{Ledger, Refused, now};

fn run(plan: &str) -> Run {
    Run {
        plan: name(plan),
        digest: Digest::of(plan.as_bytes()),
        period: name("2025-q4"),
        most: NanoRho::new(200_000_000).unwrap(),
    }
}

fn of_run(key: &str, plans: &[&Plan]) -> Charge {
    let tables = plans.iter().map(|plan| (*plan, price(plan))).collect();
    Charge::of_run(request(key), run("plan-2026"), tables).unwrap()
}

fn grant(plans: &[&Plan]) -> Grant {
    now(charge(&mut Ledger::new(u64::MAX), of_run("k1", plans))).ok().unwrap()
}

fn tables<'a>(facts: &PersonTable, plans: &[&'a Plan]) -> Vec<Table<'a>> {
    let catalogue = catalogue();
    let exact = |plan: &Plan| aggregate(facts, &catalogue, plan, YEAR).ok().unwrap();
    plans.iter().map(|plan| Table { aggregate: exact(plan), plan, context: context() }).collect()
}

/// The documents of a run of two tables.
pub(crate) fn documents() -> [Value; 2] {
    let plans = [county::persons(), county::mean()];
    let plans = [&plans[0], &plans[1]];
    let released = release(grant(&plans), tables(&table(), &plans)).ok().unwrap();
    let [first, second] = released.as_slice() else { panic!("two tables") };
    [first, second].map(|own| serde_json::from_slice(&own.to_bytes().unwrap()).unwrap())
}

#[test]
fn each_table_keeps_its_own_price_and_names_the_run_it_was_paid_in() {
    let plans = [county::persons(), county::mean()];
    let [first, second] = documents();
    let prices = plans.each_ref().map(|plan| price(plan).rho().get());
    assert_eq!((&first["kind"], &second["kind"]), (&"persons".into(), &"mean".into()));
    for (document, (position, own)) in [first, second].iter().zip([(1, prices[0]), (2, prices[1])])
    {
        assert_eq!(document["rho_nano"], own);
        assert_eq!(document["guarantee"]["losses_rho_nano"]["person"], own);
        let plan = &document["plan"];
        assert_eq!((&plan["id"], &plan["period"]), (&"plan-2026".into(), &"2025-q4".into()));
        assert_eq!(plan["digest"], Digest::of(b"plan-2026").to_string());
        assert_eq!((&plan["position"], &plan["tables"]), (&position.into(), &2.into()));
        assert_eq!(plan["rho_nano"], prices[0] + prices[1]);
        assert_eq!(document["ledger"]["sequence"], 1, "one entry of the log");
    }
}

#[test]
fn a_single_answer_names_no_run() {
    let plan = county::persons();
    let paid = Charge::new(request("k1"), &plan, price(&plan)).unwrap();
    let grant = now(charge(&mut Ledger::new(u64::MAX), paid)).ok().unwrap();
    let released = release(grant, tables(&table(), &[&plan])).ok().unwrap();
    assert!(serde_json::to_value(&released[0]).unwrap().get("plan").is_none());
}

#[test]
fn a_run_costs_the_sum_of_its_tables_once() {
    let plans = [county::persons(), county::overlap(), county::mean()];
    let plans: Vec<&Plan> = plans.iter().collect();
    let cost: u64 = plans.iter().map(|plan| price(plan).rho().get()).sum();
    let mut ledger = Ledger::new(cost);
    let granted = now(charge(&mut ledger, of_run("k1", &plans))).ok().unwrap();
    assert_eq!(ledger.spent, cost);
    assert_eq!(release(granted, tables(&table(), &plans)).ok().unwrap().len(), 3);
    let mut short = Ledger::new(cost - 1);
    assert_eq!(now(charge(&mut short, of_run("k1", &plans))).err(), Some(Refused::Cap));
    assert_eq!(short.spent, 0, "no table of a run is paid alone");
}

#[test]
fn the_grant_of_a_run_releases_its_own_tables_all_of_them_and_nothing_else() {
    let facts = table();
    let (persons, overlap, mean) = (county::persons(), county::overlap(), county::mean());
    let refused = |answer: Result<Vec<Release>, Error>| matches!(answer, Err(Error::Mismatch(_)));
    let own = || grant(&[&persons, &mean]);
    for other in [
        &[&persons][..],
        &[&persons, &mean, &overlap],
        &[&persons, &overlap],
        &[&overlap, &mean],
        &[&mean, &persons],
        &[],
    ] {
        assert!(refused(release(own(), tables(&facts, other))));
    }
    // Tables of the same shape and another year; and one table's answer beside another's plan.
    let mut crossed = tables(&facts, &[&persons, &mean]);
    let catalogue = catalogue();
    crossed[1].aggregate = aggregate(&facts, &catalogue, &mean, YEAR - 1).ok().unwrap();
    assert!(refused(release(own(), crossed)));
    let mut crossed = tables(&facts, &[&persons, &overlap]);
    crossed[1].plan = &mean;
    assert!(refused(release(own(), crossed)));
    // The single question's grant does not pay for a run.
    let single = Charge::new(request("k1"), &persons, price(&persons)).unwrap();
    let single = now(charge(&mut Ledger::new(u64::MAX), single)).ok().unwrap();
    assert!(refused(release(single, tables(&facts, &[&persons, &mean]))));
    assert!(release(own(), tables(&facts, &[&persons, &mean])).is_ok());
}
