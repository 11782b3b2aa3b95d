//! A run that ends at each of its steps, and several that begin at once.

use policy::Digest;
use serde_json::Value;
use statistics_unit::{RunState, StatisticsUnit};
use store::ledger::{
    self, Answer, Caps, Charge, NewCharge, NewPart, Outcome, Price, commit, mark_drawing,
    store_answer,
};

use crate::county::{County, PROJECT, documents, name, question, run, run_plans};

const RUN: &str = "plan/plan-2026/2025-q3/2025";

/// A county in which the run of the third quarter is due, and a copy of it whose unit committed
/// the very charge of that run and went no further.
async fn committed() -> (County, StatisticsUnit, Charge) {
    let mut county = County::open(&[]).await;
    county.complete("2025-q3", "2025-09").await;
    let copy = county.copied("copy.sqlite").await;
    run_plans(&county.unit).await;
    let [charge] = <[_; 1]>::try_from(charges(&county.unit).await).ok().unwrap();
    let part = |document: &Value| {
        let digest = Digest::try_from(document["query_digest"].as_str().unwrap().to_owned());
        NewPart {
            query_digest: *digest.unwrap().as_bytes(),
            question: [1; 32],
            price: Price { rho: document["rho_nano"].as_u64().unwrap(), delta: 0 },
        }
    };
    let new = NewCharge {
        charge: "copied".into(),
        project: charge.project.clone(),
        snapshot: charge.snapshot.clone(),
        purpose: charge.purpose.clone(),
        analyst: charge.analyst.clone(),
        query_digest: charge.query_digest,
        idempotency_key: charge.idempotency_key.clone(),
        request: charge.request.clone(),
        price: charge.price,
        years: charge.years.clone(),
        datasets: ["kita".into(), "wohngeld".into()].into(),
        parts: county.documents().await.iter().map(part).collect(),
    };
    let caps = Caps {
        lineage: Price { rho: 500_000_000, delta: 0 },
        horizon: None,
        quarter: None,
        purpose_rho: 2_000_000_000,
        analyst_rho: None,
        unwitnessed: None,
        reserved: &[],
    };
    let paid = commit(copy.db(), &new, &caps, copy.now()).await.unwrap();
    assert!(matches!(paid, Outcome::Committed(_)));
    (county, copy, charge)
}

async fn charges(unit: &StatisticsUnit) -> Vec<Charge> {
    ledger::charges(unit.db(), PROJECT, 0, 100).await.unwrap()
}

#[tokio::test]
async fn a_run_that_was_paid_and_not_drawn_is_drawn_at_the_start() {
    let (_county, copy, charge) = committed().await;
    assert_eq!(run(&copy, "2025-q3").await.state, RunState::Paid);
    assert_eq!(copy.recover().await.unwrap(), (0, 1));
    assert_eq!(run(&copy, "2025-q3").await.state, RunState::Released);
    assert_eq!(documents(&copy).await.len(), 3);
    let [again] = <[_; 1]>::try_from(charges(&copy).await).ok().unwrap();
    assert!(again.price == charge.price && run_plans(&copy).await.is_empty());
}

#[tokio::test]
async fn or_at_the_next_look() {
    let (_county, copy, _) = committed().await;
    assert_eq!(run_plans(&copy).await, [format!("{RUN}: 3 tables")]);
    assert_eq!((charges(&copy).await.len(), documents(&copy).await.len()), (1, 3));
}

#[tokio::test]
async fn a_draw_that_was_interrupted_is_void_and_the_run_is_over() {
    let (_county, copy, charge) = committed().await;
    mark_drawing(copy.db(), "copied").await.unwrap();
    assert_eq!(run(&copy, "2025-q3").await.state, RunState::Drawing);
    assert!(run_plans(&copy).await.is_empty(), "somebody else draws");
    assert_eq!(copy.recover().await.unwrap(), (1, 0));
    for _ in 0..2 {
        assert!(run_plans(&copy).await.is_empty());
        let run = run(&copy, "2025-q3").await;
        assert_eq!(run.state, RunState::Void);
        assert!(run.because.unwrap().contains("interrupted the draw"));
        assert_eq!(run.charge.unwrap().rho_nano, charge.price.rho);
    }
    assert!(documents(&copy).await.is_empty());
    let budget = copy.budget(&name(PROJECT)).await.unwrap();
    assert_eq!((budget.lineages[0].spent, budget.charges), (charge.price.rho, 1));
    // A void run answers nothing: the question is paid for anew.
    let (project, anna) = (name(PROJECT), name("anna"));
    let asked = copy.query(&project, &anna, "k1", question("overlap")).await.unwrap();
    assert!(asked.released && !asked.stored_before);
}

#[tokio::test]
async fn a_draw_that_failed_is_a_final_result_for_all_tables() {
    let (_county, copy, _) = committed().await;
    mark_drawing(copy.db(), "copied").await.unwrap();
    store_answer(copy.db(), "copied", Answer::Failed(b"{}"), 0).await.unwrap();
    assert_eq!(copy.recover().await.unwrap(), (0, 0));
    assert!(run_plans(&copy).await.is_empty() && documents(&copy).await.is_empty());
    assert_eq!(run(&copy, "2025-q3").await.state, RunState::Failed);
}

/// The charge says what was bought; the plan's file may have changed since.
#[tokio::test]
async fn a_paid_run_is_drawn_as_it_was_paid() {
    let (mut county, copy, charge) = committed().await;
    let first = county.documents().await;
    drop(copy);
    let file = "purposes/plan-2026.toml";
    county.restart(&[(file, "share_per_mille = 300", "share_per_mille = 200")]).await;
    let copy = county.on("copy.sqlite").await;
    assert_eq!(copy.recover().await.unwrap(), (0, 1));
    let second = documents(&copy).await;
    let told = |documents: &[Value], member: &str| -> Vec<Value> {
        documents.iter().map(|own| own[member].clone()).collect()
    };
    assert_eq!(told(&first, "query_digest"), told(&second, "query_digest"));
    assert_eq!(told(&first, "rho_nano"), told(&second, "rho_nano"));
    let run = run(&copy, "2025-q3").await;
    let shown = run.charge.unwrap();
    assert!(shown.plan_changed && shown.rho_nano == charge.price.rho);
}

#[tokio::test]
async fn a_paid_run_whose_purpose_was_changed_stays_paid_and_says_why() {
    let (mut county, copy, _) = committed().await;
    drop(copy);
    county
        .restart(&[("purposes/early-help.toml", "assumed_count = 200", "assumed_count = 300")])
        .await;
    let copy = county.on("copy.sqlite").await;
    assert_eq!(copy.recover().await.unwrap(), (0, 1));
    let refused = run_plans(&copy).await;
    assert!(refused[0].contains("the policies have changed since"), "{refused:?}");
    assert!(run_plans(&copy).await.is_empty(), "not tried again for nothing");
    let run = run(&copy, "2025-q3").await;
    assert!(run.state == RunState::Paid && run.because.is_some());
    assert!(documents(&copy).await.is_empty() && charges(&copy).await.len() == 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_at_once_make_one_charge() {
    for _ in 0..5 {
        let mut county = County::open(&[]).await;
        county.complete("2025-q3", "2025-09").await;
        let twin = county.twin().await;
        let (one, other) = (county.unit.clone(), twin.clone());
        let one = tokio::spawn(async move { run_plans(&one).await });
        let other = tokio::spawn(async move { run_plans(&other).await });
        let events = [one.await.unwrap(), other.await.unwrap()].concat();
        assert!(events.iter().all(|event| *event == format!("{RUN}: 3 tables")), "{events:?}");
        assert!(!events.is_empty());
        assert_eq!((charges(&twin).await.len(), documents(&twin).await.len()), (1, 3));
    }
}
