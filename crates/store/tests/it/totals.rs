//! Running totals, quarters and a clock that went back.

use crate::ledger::{WIDE, asked, committed, opened};
use crate::place::{Place, exported};
use store::Error;
use store::ledger::{
    self, Answer, CLOCK_TOLERANCE, Cap, Caps, Exceeded, Outcome, Quarter, Quarterly, Spending,
    State, commit, mark_drawing, recover, spending, spent_by_year, spent_in_quarter, store_answer,
};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// 2026-03-31T00:00:00Z.
const END_OF_MARCH: i64 = 1_774_915_200;

pub(crate) async fn a_total_that_is_not_its_charges_ends_the_service(place: &Place) {
    let db = opened(place).await;
    committed(commit(&db, &asked(1, 600, &[2024, 2025]), &WIDE, 1).await.unwrap());
    committed(commit(&db, &asked(2, 70, &[2025]), &WIDE, 2).await.unwrap());
    let years = spent_by_year(&db, "p").await.unwrap();
    assert_eq!(
        years.iter().map(|(year, sum)| (*year, sum.rho)).collect::<Vec<_>>(),
        [(2024, 600), (2025, 670)]
    );
    recover(&db, 3, b"uniform").await.unwrap();
    for (wrong, right) in [
        (
            "UPDATE spent SET rho = rho - 1 WHERE what = 'lineage' AND name = '2025'",
            "UPDATE spent SET rho = rho + 1 WHERE what = 'lineage' AND name = '2025'",
        ),
        (
            "UPDATE spent SET delta = 5 WHERE what = 'purpose'",
            "UPDATE spent SET delta = 0 WHERE what = 'purpose'",
        ),
        (
            "INSERT INTO spent VALUES ('p', 'analyst', 'nobody', 0, 0)",
            "DELETE FROM spent WHERE name = 'nobody'",
        ),
        (
            "UPDATE spent_quarter SET quarter = quarter + 1",
            "UPDATE spent_quarter SET quarter = quarter - 1",
        ),
        (
            "UPDATE charge_lineage SET rho = 599 WHERE charge = 'c-1' AND year = 2024",
            "UPDATE charge_lineage SET rho = 600 WHERE charge = 'c-1' AND year = 2024",
        ),
    ] {
        place.tamper(wrong).await;
        let refused = recover(&db, 4, b"uniform").await;
        assert!(matches!(refused, Err(Error::TotalsDiffer)), "{wrong}");
        place.tamper(right).await;
        recover(&db, 4, b"uniform").await.unwrap();
    }
}

pub(crate) async fn a_quarter_bounds_what_is_asked_within_it(place: &Place) {
    let db = opened(place).await;
    let caps = Caps { quarter: Some(Quarterly { rho: 100, apart: "release-plan" }), ..WIDE };
    let run = |number, rho| {
        let mut run = asked(number, rho, &[2020]);
        run.analyst = "release-plan".into();
        run
    };
    // Runs are charged above the cap and do not count.
    let free = Caps { quarter: None, ..WIDE };
    committed(commit(&db, &run(1, 500), &free, END_OF_MARCH).await.unwrap());
    committed(commit(&db, &asked(2, 60, &[2024]), &caps, END_OF_MARCH).await.unwrap());
    let mut other = asked(3, 41, &[2025]);
    other.analyst = "other".into();
    let quarter = Quarter { year: 2026, number: 1 };
    let Outcome::CapExceeded(refused) =
        commit(&db, &other, &caps, END_OF_MARCH + DAY - 1).await.unwrap()
    else {
        panic!("above the cap of the quarter")
    };
    let which = Cap::Quarter(quarter);
    assert_eq!(refused, Exceeded { which, cap: 100, spent: 60, reserved: 0, asked: 41 });
    let log = exported(&db).await.concat();
    assert!(log.contains(r#""which":{"cap":"quarter","quarter":"2026-q1"}"#));
    // The next quarter begins at midnight.
    committed(commit(&db, &other, &caps, END_OF_MARCH + DAY).await.unwrap());
    let spent = async |quarter, apart| {
        spent_in_quarter(&db, "p", "early-help", quarter, apart).await.unwrap()
    };
    assert_eq!(spent(quarter, "release-plan").await, 60);
    assert_eq!(spent(quarter, "nobody").await, 560);
    assert_eq!(spent(Quarter { year: 2026, number: 2 }, "release-plan").await, 41);
    recover(&db, END_OF_MARCH + DAY, b"uniform").await.unwrap();
}

pub(crate) async fn a_clock_that_was_set_back_charges_nothing(place: &Place) {
    let db = opened(place).await;
    let now = END_OF_MARCH;
    committed(commit(&db, &asked(1, 10, &[2025]), &WIDE, now).await.unwrap());
    for behind in [CLOCK_TOLERANCE + 1, 90 * DAY] {
        let outcome = commit(&db, &asked(2, 10, &[2025]), &WIDE, now - behind).await.unwrap();
        assert!(matches!(outcome, Outcome::ClockBehind { latest } if latest == now));
    }
    assert_eq!(spent_by_year(&db, "p").await.unwrap()[&2025].rho, 10);
    assert!(exported(&db).await.concat().contains(&format!(r#""which":{{"clock":{now}}}"#)));
    // What was paid stays to be had, and what the clock logged meanwhile changes nothing.
    let again = commit(&db, &asked(1, 10, &[2025]), &WIDE, now - 90 * DAY).await.unwrap();
    assert!(matches!(again, Outcome::Existing(_)));
    assert_eq!(store::chain::latest(&db).await.unwrap(), Some(now));
    let outcome = commit(&db, &asked(2, 10, &[2025]), &WIDE, now - CLOCK_TOLERANCE).await.unwrap();
    committed(outcome);
}

pub(crate) async fn spending_tells_who_read_what_and_when(place: &Place) {
    let db = opened(place).await;
    let mut two = asked(2, 5, &[2024, 2025]);
    two.datasets = ["wohngeld".into(), "kita".into()].into();
    committed(commit(&db, &asked(1, 10, &[2025]), &WIDE, END_OF_MARCH).await.unwrap());
    committed(commit(&db, &two, &WIDE, END_OF_MARCH).await.unwrap());
    committed(commit(&db, &asked(3, 7, &[2025]), &WIDE, END_OF_MARCH + DAY).await.unwrap());
    mark_drawing(&db, "c-1").await.unwrap();
    store_answer(&db, "c-1", Answer::Failed(b"error"), END_OF_MARCH).await.unwrap();
    let group = |month, datasets: &[&str], state, rho| Spending {
        year: 2026,
        month,
        purpose: "early-help".into(),
        analyst: "planner".into(),
        datasets: Some(datasets.iter().map(|own| (*own).to_owned()).collect()),
        state,
        charges: 1,
        rho,
    };
    assert_eq!(
        spending(&db, "p").await.unwrap(),
        [
            group(3, &["kita"], State::Failed, 10),
            group(3, &["kita", "wohngeld"], State::Committed, 5),
            group(4, &["kita"], State::Committed, 7),
        ]
    );
    assert!(ledger::spending(&db, "q").await.unwrap().is_empty());
}
