//! Whatever is asked, planned, drawn, answered, abandoned and crashed: never above a cap, never a
//! refund, never another answer, and always enough left for what is planned.

use crate::ledger::{asked, opened, with_delta};
use crate::place::{Place, exported};
use crate::postgres::Server;
use crate::runs;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use std::time::Duration;
use store::ledger::{
    Answer, Caps, Charge, Horizon, Outcome, Price, Reserved, State, charges, commit, held,
    mark_drawing, recover, spent, spent_by_analyst, spent_by_purpose, store_answer,
};
use store::{Db, chain};

const CAPS: Caps<'static> = Caps {
    lineage: Price { rho: 100, delta: 50 },
    quarter: None,
    horizon: Some(Horizon { years: 2, rho: 150 }),
    purpose_rho: 160,
    analyst_rho: Some(120),
    unwitnessed: None,
    reserved: &[],
};
const YEARS: [u16; 3] = [2023, 2024, 2025];
const PEOPLE: [&str; 2] = ["one", "two"];
/// Year and most rho of each run that is planned.
const RUNS: [(u16, u64); 3] = [(2024, 30), (2025, 20), (2025, 15)];

/// What is kept for the runs; purpose `one` pays them.
fn planned() -> Vec<Reserved> {
    let reserved = |(number, (year, rho)): (u32, &(u16, u64))| Reserved {
        purpose: PEOPLE[0].into(),
        ..runs::reserved(number, *rho, *year)
    };
    (0..).zip(&RUNS).map(reserved).collect()
}

/// A run may always be paid: nobody could take what was kept for it.
async fn pay(db: &Db, number: u32) {
    let (year, rho) = RUNS[number as usize];
    let mut new = runs::run(number, &[rho / 2, rho / 3], year);
    new.purpose = PEOPLE[0].into();
    let caps = Caps { analyst_rho: None, ..CAPS };
    let outcome = commit(db, &new, &caps, 1).await.unwrap();
    assert!(matches!(outcome, Outcome::Committed(_) | Outcome::Existing(_)), "run {number}");
}

#[derive(Debug, Clone)]
enum Step {
    /// Request and key come from few, so that they meet again.
    Charge {
        query: u32,
        key: u32,
        who: usize,
        rho: u64,
        delta: u64,
        years: Vec<u16>,
    },
    /// The same, given up after some microseconds, as when a client disconnects.
    Abandon {
        query: u32,
        rho: u64,
        micros: u64,
    },
    /// A run of a plan, at most once.
    Run {
        number: u32,
    },
    Draw,
    Answer {
        released: bool,
    },
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let years = prop::sample::subsequence(YEARS.to_vec(), 1..=3);
    let charge = (0..12_u32, 0..12_u32, 0..2_usize, 1..45_u64, 0..20_u64, years).prop_map(
        |(query, key, who, rho, delta, years)| Step::Charge { query, key, who, rho, delta, years },
    );
    let abandon = (100..110_u32, 1..45_u64, 0..3000_u64)
        .prop_map(|(query, rho, micros)| Step::Abandon { query, rho, micros });
    let step = prop_oneof![
        5 => charge,
        2 => abandon,
        1 => (0..3_u32).prop_map(|number| Step::Run { number }),
        3 => Just(Step::Draw),
        2 => any::<bool>().prop_map(|released| Step::Answer { released }),
        1 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 1..25)
}

async fn oldest(db: &Db, state: State) -> Option<Charge> {
    let all = charges(db, "p", 0, 1000).await.unwrap();
    all.into_iter().find(|charge| charge.state == state)
}

async fn take(place: &Place, db: Db, number: usize, step: &Step) -> Db {
    match step {
        Step::Charge { query, key, who, rho, delta, years } => {
            let mut new = with_delta(asked(*query, *rho, years), *delta);
            new.charge = format!("n-{number}");
            new.idempotency_key = format!("k-{key}");
            (new.analyst, new.purpose) = (PEOPLE[*who].into(), PEOPLE[1 - *who].into());
            let caps = Caps { reserved: &planned(), ..CAPS };
            commit(&db, &new, &caps, 1).await.unwrap();
        }
        Step::Abandon { query, rho, micros } => {
            let mut new = asked(*query, *rho, &YEARS);
            new.charge = format!("n-{number}");
            (new.analyst, new.purpose) = (PEOPLE[0].into(), PEOPLE[0].into());
            let planned = planned();
            let caps = Caps { reserved: &planned, ..CAPS };
            let paid = commit(&db, &new, &caps, 1);
            let _ = tokio::time::timeout(Duration::from_micros(*micros), paid).await;
            // A commit that was under way may still end well; the next writer comes after it.
            drop(db.write().await.unwrap());
        }
        Step::Run { number } => pay(&db, *number).await,
        Step::Draw => {
            if let Some(charge) = oldest(&db, State::Committed).await {
                mark_drawing(&db, &charge.charge).await.unwrap();
            }
        }
        Step::Answer { released } => {
            if let Some(charge) = oldest(&db, State::Drawing).await {
                let answer =
                    if *released { Answer::Released(b"release") } else { Answer::Failed(b"error") };
                store_answer(&db, &charge.charge, answer, 2).await.unwrap();
            }
        }
        Step::Crash => {
            drop(db);
            let db = opened(place).await;
            let interrupted = oldest(&db, State::Drawing).await.map(|charge| charge.charge);
            let found = recover(&db, 3, b"uniform").await.unwrap();
            assert_eq!(interrupted.as_ref(), found.voided.first());
            return db;
        }
    }
    db
}

/// What must hold after every step; `seen` remembers what was read before.
async fn check(db: &Db, seen: &mut BTreeMap<String, (Price, Option<Vec<u8>>)>) {
    let held = held(db, &planned()).await.unwrap();
    let (mut sums, mut taken) = (Vec::new(), Vec::new());
    for year in YEARS {
        let sum = spent(db, "p", year).await.unwrap();
        let with_plans = sum.rho + held.years.get(&year).unwrap_or(&0);
        assert!(with_plans <= CAPS.lineage.rho && sum.delta <= CAPS.lineage.delta);
        sums.push(sum.rho);
        taken.push(with_plans);
    }
    assert!(taken.windows(2).all(|pair| pair[0] + pair[1] <= 150));
    for name in PEOPLE {
        let kept = held.purposes.get(name).unwrap_or(&0);
        assert!(spent_by_purpose(db, "p", name).await.unwrap().rho + kept <= CAPS.purpose_rho);
        assert!(spent_by_analyst(db, "p", name).await.unwrap().rho <= CAPS.analyst_rho.unwrap());
    }
    let all = charges(db, "p", 0, 1000).await.unwrap();
    let by_hand: u64 = all.iter().filter(|c| c.years.contains(&2024)).map(|c| c.price.rho).sum();
    assert_eq!(by_hand, sums[1]);
    let present: BTreeMap<_, _> =
        all.into_iter().map(|charge| (charge.charge, (charge.price, charge.answer))).collect();
    for (charge, (price, answer)) in seen.iter() {
        let (now_price, now_answer) = &present[charge];
        assert_eq!(now_price, price, "no refund");
        assert!(answer.is_none() || now_answer == answer, "a stored answer stays");
    }
    *seen = present;
}

/// The log tells the same sums as the table, and each charge has its entry.
async fn compare_with_log(db: &Db) {
    let lines = exported(db).await;
    let report = audit::verify(&lines, None, vec![]).unwrap();
    assert_eq!(report.head, chain::head(db).await.unwrap());
    let mut told = BTreeMap::new();
    let mut paid = 0;
    for line in &lines {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        if line["entry"]["kind"] == "charge.committed" {
            paid += 1;
            for lineage in line["entry"]["body"]["lineages"].as_array().unwrap() {
                told.insert(lineage["year"].as_u64(), lineage["rho"].as_u64());
            }
        }
    }
    assert_eq!(charges(db, "p", 0, 1000).await.unwrap().len(), paid);
    for year in YEARS {
        let sum = spent(db, "p", year).await.unwrap().rho;
        assert_eq!(told.get(&Some(year.into())).copied().flatten().unwrap_or(0), sum);
    }
}

async fn holds(place: &Place, steps: &[Step]) {
    let mut db = opened(place).await;
    let mut seen = BTreeMap::new();
    for (number, step) in steps.iter().enumerate() {
        db = take(place, db, number, step).await;
        check(&db, &mut seen).await;
    }
    for number in 0..3 {
        pay(&db, number).await;
        check(&db, &mut seen).await;
    }
    compare_with_log(&db).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn holds_on_sqlite(steps in steps()) {
        let directory = crate::place::directory();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(holds(&Place::sqlite(directory.path()), &steps));
    }
}

pub(crate) async fn holds_on(server: &Server) {
    let mut runner = TestRunner::deterministic();
    for case in 0..6 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        holds(&server.place(&format!("law_{case}")), &steps).await;
    }
}
