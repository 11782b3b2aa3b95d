//! Whatever is delivered, asked, planned, given up and restarted: what is released was paid for,
//! what is paid stays below the cap, and the plan gets what was kept for it.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use statistics_unit::{Pace, RunState};
use store::ledger::{self, State};

use crate::county::{County, PROJECT, name, question};

const CAP: u64 = 500_000_000;
/// The plan's runs: 2025-q3 and 2025-q4.
const PLANNED: u64 = 400_000_000;

#[derive(Debug, Clone)]
enum Step {
    Complete {
        last: bool,
    },
    Ask {
        indicator: usize,
        fresh: bool,
        whole: bool,
        who: u8,
    },
    /// The worker looks; given up after some microseconds where there is a number.
    Look {
        micros: Option<u64>,
    },
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => any::<bool>().prop_map(|last| Step::Complete { last }),
        5 => (0..3_usize, any::<bool>(), any::<bool>(), 0..3_u8)
            .prop_map(|(indicator, fresh, whole, who)| Step::Ask { indicator, fresh, whole, who }),
        3 => prop::option::of(0..6_000_u64).prop_map(|micros| Step::Look { micros }),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..14)
}

async fn take(county: &mut County, number: usize, step: &Step) {
    match step {
        Step::Complete { last: false } => drop(county.complete("2025-q3", "2025-09").await),
        Step::Complete { last: true } => drop(county.complete("2025-q4", "2025-12").await),
        Step::Ask { indicator, fresh, whole, who } => {
            let mut request = json!(question(["persons", "hours", "overlap"][*indicator]));
            request["fresh"] = (*fresh).into();
            if *whole && *indicator == 0 {
                request["group_by"] = json!([]);
            }
            let request = serde_json::from_value(request).unwrap();
            let who = name(&format!("anna-{who}"));
            // Refusals are as good as answers here: both must cost what they may.
            let _ = county.unit.query(&name(PROJECT), &who, &format!("k{number}"), request).await;
        }
        Step::Look { micros: None } => drop(county.unit.run_plans().await),
        Step::Look { micros: Some(micros) } => {
            let looked = county.unit.run_plans();
            let _ = tokio::time::timeout(Duration::from_micros(*micros), looked).await;
            // A draw on its thread may still end well, and its grant be lost; as after a crash.
            county.restart(&[]).await;
            county.unit.recover().await.unwrap();
        }
        Step::Restart => {
            county.restart(&[]).await;
            county.unit.recover().await.unwrap();
        }
    }
}

/// What must hold after every step; `seen` remembers what was released before.
async fn check(county: &County, seen: &mut Vec<Vec<u8>>) {
    let charges = ledger::charges(county.unit.db(), PROJECT, 0, 1000).await.unwrap();
    let charged: u64 = charges.iter().map(|charge| charge.price.rho).sum();
    let [spent, reserved] = county.budget().await;
    assert_eq!(charged, spent);
    assert!(spent + reserved <= CAP, "{spent} spent, {reserved} kept");

    let mut released: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    for document in county.documents().await {
        let sequence = document["ledger"]["sequence"].as_u64().unwrap();
        let (rho, tables) = released.entry(sequence).or_default();
        *rho += document["rho_nano"].as_u64().unwrap();
        *tables += 1;
        let of = &document["plan"];
        assert!(of.is_null() || of["tables"] == 3, "all tables of the run");
    }
    for charge in &charges {
        let own = released.remove(&charge.head.sequence);
        let expected = (charge.state == State::Released).then_some(charge.price.rho);
        assert_eq!(own.map(|(rho, _)| rho), expected, "released is what was charged");
        if charge.analyst == access::RELEASE_PLAN {
            assert!(own.is_none_or(|(_, tables)| tables == 3));
        }
    }
    assert!(released.is_empty(), "nothing is released without a charge");
    let lines = county.unit.releases(&name(PROJECT)).await.unwrap();
    assert!(seen.iter().all(|line| lines.contains(line)), "what was released stays");
    *seen = lines;
}

async fn holds(steps: &[Step]) {
    // Any outcome will do, so there is no need to wait for a busy machine.
    let pace = Pace::with_slot(Duration::from_millis(60));
    let mut county = County::paced(&[], pace).await;
    county.today_is("2026-02-01");
    let mut seen = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        take(&mut county, number, step).await;
        check(&county, &mut seen).await;
    }
    // Whatever came before: once everything is there, every run gets its turn.
    county.complete("2025-q3", "2025-09").await;
    county.complete("2025-q4", "2025-12").await;
    county.unit.run_plans().await;
    check(&county, &mut seen).await;
    let mut planned = 0;
    for period in ["2025-q3", "2025-q4"] {
        let run = county.run(period).await;
        assert!(matches!(run.state, RunState::Released | RunState::Void), "{:?}", json!(run.state));
        planned += run.charge.unwrap().rho_nano;
    }
    assert!(planned <= PLANNED && planned > PLANNED * 99 / 100);
    assert_eq!(county.budget().await[1], 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn released_is_paid_and_paid_is_below_the_cap(steps in steps()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(holds(&steps));
    }
}
