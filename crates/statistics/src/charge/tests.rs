use proptest::prelude::*;

use super::*;
use crate::samples::{YEAR, mean_plan, name, overlap_plan, persons_plan};

fn request(key: &str) -> Request {
    Request {
        project: name("p"),
        snapshot: name("s"),
        purpose: name("early-help"),
        analyst: name("planner"),
        idempotency_key: key.into(),
        year: YEAR,
    }
}

fn price(plan: &Plan, nano: u64) -> Price {
    let delta = Femto::new(1_000_000_000).unwrap();
    Price::of(plan, NanoRho::new(nano).unwrap(), delta).unwrap()
}

fn run(most: u64) -> Run {
    Run {
        plan: name("plan-2026"),
        digest: Digest::of(b"plan"),
        period: name("2024-q4"),
        most: NanoRho::new(most).unwrap(),
    }
}

fn of_run(most: u64, tables: &[(&Plan, u64)]) -> Result<Charge, Error> {
    let tables = tables.iter().map(|(plan, nano)| (*plan, price(plan, *nano))).collect();
    Charge::of_run(request("k1"), run(most), tables)
}

#[test]
fn a_charge_names_its_lineage_and_no_more_than_was_asked() {
    let plan = persons_plan();
    let charge = Charge::new(request("k1"), &plan, price(&plan, 50_000_000)).unwrap();
    assert!(charge.lineages() == [Lineage { project: name("p"), year: YEAR }]);
    assert!(charge.rho() <= NanoRho::new(50_000_000).unwrap());
    assert_eq!(charge.delta(), Femto::ZERO);
    assert!(charge.run().is_none());
    let [part] = charge.parts() else { panic!("one table") };
    assert_eq!(part.query_digest(), charge.query_digest());
}

#[test]
fn another_plans_price_and_odd_keys_are_refused() {
    let plan = persons_plan();
    let foreign = price(&overlap_plan(), 50_000_000);
    assert!(matches!(Charge::new(request("k1"), &plan, foreign.clone()), Err(Error::Mismatch(_))));
    let in_a_run = Charge::of_run(request("k1"), run(50_000_000), vec![(&plan, foreign)]);
    assert!(matches!(in_a_run, Err(Error::Mismatch(_))));
    for key in ["", " ", "ü", "a\nb", &"k".repeat(129)] {
        let odd = Charge::new(request(key), &plan, price(&plan, 50_000_000));
        assert!(matches!(odd, Err(Error::Charge(_))), "{key:?}");
    }
}

#[test]
fn questions_differ_by_plan_year_and_budget() {
    let rho = NanoRho::new(1_000_000).unwrap();
    let digest = query_digest(&persons_plan(), YEAR, rho).unwrap();
    assert_eq!(digest, query_digest(&persons_plan(), YEAR, rho).unwrap());
    assert_ne!(digest, query_digest(&overlap_plan(), YEAR, rho).unwrap());
    assert_ne!(digest, query_digest(&persons_plan(), YEAR - 1, rho).unwrap());
    assert_ne!(digest, query_digest(&persons_plan(), YEAR, rho.half()).unwrap());
    let question = question_digest(&persons_plan(), YEAR).unwrap();
    assert_ne!(question, question_digest(&persons_plan(), YEAR - 1).unwrap());
    assert_ne!(question, digest);
}

#[test]
fn a_run_of_one_table_is_not_the_single_question() {
    let plan = persons_plan();
    let charge = of_run(1_000_000, &[(&plan, 1_000_000)]).unwrap();
    let single = Charge::new(request("k1"), &plan, price(&plan, 1_000_000)).unwrap();
    assert_ne!(charge.query_digest(), single.query_digest());
    assert_eq!(charge.parts()[0].query_digest(), single.query_digest());
    let mut other = run(1_000_000);
    other.period = name("2024-q3");
    let tables = vec![(&plan, price(&plan, 1_000_000))];
    let other = Charge::of_run(request("k1"), other, tables).unwrap();
    assert_ne!(charge.query_digest(), other.query_digest());
}

#[test]
fn runs_without_tables_with_too_many_or_one_twice_are_refused() {
    let plan = persons_plan();
    let refused = |charge: Result<Charge, Error>, word: &str| {
        let text = charge.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(text.contains(word), "{text}");
    };
    refused(of_run(1_000_000, &[]), "1 to 64");
    refused(of_run(1_000_000, &vec![(&plan, 1_000); 65]), "1 to 64");
    refused(of_run(1_000_000, &[(&plan, 1_000), (&plan, 2_000)]), "twice");
    refused(of_run(999_000, &[(&plan, 1_000_000)]), "more than the run");
    let mut vast = plan.clone();
    vast.cells = vec![vast.cells[0].clone(); Plan::MAX_CELLS / 2 + 1];
    vast.group_by[0].codes = vec![0; vast.cells.len()];
    let mut vaster = vast.clone();
    vaster.filter = overlap_plan().filter;
    vaster.kind = mean_plan().kind;
    refused(of_run(1_000_000, &[(&vast, 1_000), (&vaster, 1_000)]), "cells");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_parts_add_up_to_the_charge_and_never_pass_the_run(
        nano in prop::array::uniform3(1_000_u64..500_000_000), order in Just([0, 1, 2]).prop_shuffle(),
    ) {
        let plans = [persons_plan(), overlap_plan(), mean_plan()];
        let most = nano.iter().sum();
        let tables: Vec<_> = plans.iter().zip(nano).collect();
        let charge = of_run(most, &tables).unwrap();
        let sum: u64 = charge.parts().iter().map(|part| part.rho().get()).sum();
        prop_assert_eq!(charge.rho().get(), sum);
        prop_assert!(sum <= most);
        let delta: u64 = charge.parts().iter().map(|part| part.delta().get()).sum();
        prop_assert_eq!(charge.delta().get(), delta);
        // What it costs does not depend on the order; what it is, does.
        let shuffled: Vec<_> = order.iter().map(|place| tables[*place]).collect();
        let other = of_run(most, &shuffled).unwrap();
        prop_assert_eq!(other.rho(), charge.rho());
        prop_assert_eq!(other.query_digest() == charge.query_digest(), order == [0, 1, 2]);
    }
}
