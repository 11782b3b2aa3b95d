use crate::place::{Place, exported, kinds};
use std::collections::BTreeSet;
use store::ledger::{
    self, Answer, Cap, Caps, Charge, Exceeded, Horizon, NewCharge, NewPart, Outcome, Price, State,
    commit, mark_drawing, recover, spent, spent_by_analyst, spent_by_purpose, store_answer,
};
use store::snapshots::{NewSnapshot, accept};
use store::{Db, Error, Subject, UnitKind};

pub(crate) const WIDE: Caps<'static> = Caps {
    lineage: Price { rho: 1_000, delta: 1_000 },
    horizon: None,
    quarter: None,
    purpose_rho: 1_000_000,
    analyst_rho: Some(1_000_000),
    unwitnessed: None,
    reserved: &[],
};

/// The statistics unit with snapshot `s` of project `p`.
pub(crate) async fn opened(place: &Place) -> Db {
    let db = place.open(UnitKind::Statistics).await;
    let snapshot = NewSnapshot {
        snapshot: "s".into(),
        project: "p".into(),
        epoch: "2026".into(),
        statement: "{}".into(),
        link_map: vec![],
        digest: [0; 32],
    };
    match accept(&db, &snapshot, 0).await {
        Ok(_) | Err(Error::AlreadyAccepted) => db,
        Err(error) => panic!("{error}"),
    }
}

/// A charge `number`, each with a request and a key of its own.
pub(crate) fn asked(number: u32, rho: u64, years: &[u16]) -> NewCharge {
    let mut query_digest = [0; 32];
    query_digest[..4].copy_from_slice(&number.to_be_bytes());
    NewCharge {
        charge: format!("c-{number}"),
        project: "p".into(),
        snapshot: "s".into(),
        purpose: "early-help".into(),
        analyst: "planner".into(),
        query_digest,
        idempotency_key: format!("k-{number}"),
        request: format!("{{\"number\":{number}}}"),
        price: Price { rho, delta: 0 },
        years: years.iter().copied().collect(),
        datasets: ["kita".into()].into(),
        parts: vec![NewPart {
            query_digest,
            question: [number.to_be_bytes()[3]; 32],
            price: Price { rho, delta: 0 },
        }],
    }
}

/// Gives a charge another threshold delta.
pub(crate) fn with_delta(mut new: NewCharge, delta: u64) -> NewCharge {
    (new.price.delta, new.parts[0].price.delta) = (delta, delta);
    new
}

pub(crate) fn committed(outcome: Outcome) -> Charge {
    match outcome {
        Outcome::Committed(charge) => charge,
        _ => panic!("not committed"),
    }
}

fn existing(outcome: Outcome) -> Charge {
    match outcome {
        Outcome::Existing(charge) => charge,
        _ => panic!("not an existing charge"),
    }
}

fn exceeded(outcome: &Outcome) -> Exceeded {
    match outcome {
        Outcome::CapExceeded(exceeded) => *exceeded,
        _ => panic!("no cap was exceeded"),
    }
}

async fn rho(db: &Db, year: u16) -> u64 {
    spent(db, "p", year).await.unwrap().rho
}

pub(crate) async fn a_charge_goes_its_way_once(place: &Place) {
    let db = opened(place).await;
    let new = asked(1, 30, &[2024, 2025]);
    let charge = committed(commit(&db, &new, &WIDE, 10).await.unwrap());
    assert_eq!((charge.state, charge.head.sequence, charge.created_at), (State::Committed, 2, 10));
    assert_eq!(charge.head, store::chain::head(&db).await.unwrap());
    assert_eq!(charge.years, BTreeSet::from([2024, 2025]));
    assert_eq!((rho(&db, 2024).await, rho(&db, 2025).await, rho(&db, 2026).await), (30, 30, 0));
    mark_drawing(&db, "c-1").await.unwrap();
    store_answer(&db, "c-1", Answer::Released(b"release"), 11).await.unwrap();
    let stored = ledger::charge(&db, "c-1").await.unwrap().unwrap();
    assert_eq!((stored.state, stored.answer.as_deref()), (State::Released, Some(&b"release"[..])));
    assert_eq!((stored.price, stored.request), (new.price, new.request));
    assert_eq!(spent_by_purpose(&db, "p", "early-help").await.unwrap().rho, 30);
    assert_eq!(spent_by_analyst(&db, "p", "planner").await.unwrap().rho, 30);
    assert_eq!(spent_by_analyst(&db, "p", "other").await.unwrap().rho, 0);
    let listed = ledger::charges(&db, "p", 0, 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(ledger::charges(&db, "p", 2, 10).await.unwrap().is_empty());
    assert_eq!(kinds(&db).await, ["snapshot.accepted", "charge.committed", "release.stored"]);
    let log = exported(&db).await.concat();
    assert!(log.contains(r#""lineages":[{"delta":0,"rho":30,"year":2024},"#), "new sums");
    assert!(!log.contains("planner"), "the log names no person");
}

pub(crate) async fn the_same_request_is_paid_once(place: &Place) {
    let db = opened(place).await;
    let new = asked(1, 30, &[2025]);
    committed(commit(&db, &new, &WIDE, 10).await.unwrap());
    mark_drawing(&db, "c-1").await.unwrap();
    store_answer(&db, "c-1", Answer::Released(b"release"), 11).await.unwrap();
    // The same key and request; the same request by someone else.
    let mut other = asked(1, 30, &[2025]);
    (other.charge, other.analyst) = ("c-2".into(), "other".into());
    for again in [new, other] {
        let found = existing(commit(&db, &again, &WIDE, 12).await.unwrap());
        assert_eq!(found.charge, "c-1");
        assert_eq!(
            (found.state, found.answer.as_deref()),
            (State::Released, Some(&b"release"[..]))
        );
    }
    let mut altered = asked(2, 30, &[2025]);
    altered.idempotency_key = "k-1".into();
    let conflict = commit(&db, &altered, &WIDE, 13).await.unwrap();
    assert!(matches!(conflict, Outcome::IdempotencyConflict(_)));
    // Keys are the asker's own.
    altered.analyst = "other".into();
    committed(commit(&db, &altered, &WIDE, 14).await.unwrap());
    assert_eq!(rho(&db, 2025).await, 60);
    // A failure stays the result of its key, and answers no other.
    mark_drawing(&db, "c-2").await.unwrap();
    store_answer(&db, "c-2", Answer::Failed(b"error"), 15).await.unwrap();
    let found = existing(commit(&db, &altered, &WIDE, 16).await.unwrap());
    assert_eq!((found.state, found.answer.as_deref()), (State::Failed, Some(&b"error"[..])));
    (altered.charge, altered.idempotency_key) = ("c-3".into(), "k-3".into());
    committed(commit(&db, &altered, &WIDE, 17).await.unwrap());
    assert_eq!(rho(&db, 2025).await, 90);
}

pub(crate) async fn every_cap_holds_and_is_named(place: &Place) {
    let db = opened(place).await;
    committed(commit(&db, &asked(1, 600, &[2024, 2025]), &WIDE, 1).await.unwrap());
    let refused = exceeded(&commit(&db, &asked(2, 401, &[2023, 2025]), &WIDE, 2).await.unwrap());
    let which = Cap::LineageRho { year: 2025 };
    assert_eq!(refused, Exceeded { which, cap: 1_000, spent: 600, reserved: 0, asked: 401 });
    committed(commit(&db, &asked(3, 400, &[2025]), &WIDE, 3).await.unwrap());
    assert_eq!(rho(&db, 2025).await, 1_000);

    let delta = with_delta(asked(4, 1, &[2020]), 1_001);
    let refused = exceeded(&commit(&db, &delta, &WIDE, 4).await.unwrap());
    assert_eq!(refused.which, Cap::LineageDelta { year: 2020 });

    let caps = Caps { horizon: Some(Horizon { years: 3, rho: 1_700 }), ..WIDE };
    // 2024 to 2026 hold 1,600; 2023 to 2025 as well.
    for (year, from, to) in [(2026, 2024, 2026), (2023, 2023, 2025)] {
        let refused = exceeded(&commit(&db, &asked(5, 101, &[year]), &caps, 5).await.unwrap());
        let which = Cap::Horizon { from, to };
        assert_eq!(refused, Exceeded { which, cap: 1_700, spent: 1_600, reserved: 0, asked: 101 });
    }
    // Both charged years fall into one run: 2022 to 2024 hold 600.
    let tight = Caps { horizon: Some(Horizon { years: 3, rho: 719 }), ..WIDE };
    let two = exceeded(&commit(&db, &asked(5, 60, &[2023, 2024]), &tight, 5).await.unwrap());
    let which = Cap::Horizon { from: 2022, to: 2024 };
    assert_eq!(two, Exceeded { which, cap: 719, spent: 600, reserved: 0, asked: 120 });
    committed(commit(&db, &asked(6, 100, &[2026]), &caps, 6).await.unwrap());

    let caps = Caps { purpose_rho: 1_100, ..WIDE };
    let refused = exceeded(&commit(&db, &asked(7, 1, &[2020]), &caps, 7).await.unwrap());
    assert_eq!(
        refused,
        Exceeded { which: Cap::Purpose, cap: 1_100, spent: 1_100, reserved: 0, asked: 1 }
    );
    let caps = Caps { analyst_rho: Some(1_100), ..WIDE };
    let refused = exceeded(&commit(&db, &asked(7, 1, &[2020]), &caps, 7).await.unwrap());
    assert_eq!(refused.which, Cap::Analyst);
    let mut other = asked(8, 1, &[2020]);
    other.analyst = "other".into();
    committed(commit(&db, &other, &caps, 8).await.unwrap());

    let refused = exceeded(&commit(&db, &asked(9, u64::MAX, &[2024]), &WIDE, 9).await.unwrap());
    assert_eq!((refused.spent, refused.asked), (600, u64::MAX));
}

pub(crate) async fn a_refusal_is_logged_and_costs_nothing(place: &Place) {
    let db = opened(place).await;
    exceeded(&commit(&db, &asked(1, 1_001, &[2025]), &WIDE, 1).await.unwrap());
    assert_eq!(rho(&db, 2025).await, 0);
    assert!(ledger::charge(&db, "c-1").await.unwrap().is_none());
    assert_eq!(kinds(&db).await, ["snapshot.accepted", "refusal"]);
    assert!(exported(&db).await.concat().contains(r#""which":{"cap":"lineage-rho","year":2025}"#));
}

pub(crate) async fn an_interrupted_draw_is_void_for_ever(place: &Place) {
    let db = opened(place).await;
    for number in 1..=3 {
        committed(commit(&db, &asked(number, 10, &[2025]), &WIDE, 1).await.unwrap());
    }
    mark_drawing(&db, "c-1").await.unwrap();
    mark_drawing(&db, "c-2").await.unwrap();
    store_answer(&db, "c-2", Answer::Released(b"release"), 2).await.unwrap();
    drop(db);

    let db = opened(place).await;
    let found = recover(&db, 3, b"uniform").await.unwrap();
    assert_eq!(found.voided, ["c-1"]);
    let runnable: Vec<_> = found.committed.iter().map(|charge| charge.charge.as_str()).collect();
    assert_eq!(runnable, ["c-3"]);
    let void = ledger::charge(&db, "c-1").await.unwrap().unwrap();
    assert_eq!((void.state, void.answer.as_deref()), (State::Void, Some(&b"uniform"[..])));
    assert!(matches!(mark_drawing(&db, "c-1").await, Err(Error::ChargeState)));
    let late = store_answer(&db, "c-1", Answer::Released(b"late"), 4).await;
    assert!(matches!(late, Err(Error::ChargeState)));
    let found = existing(commit(&db, &asked(1, 10, &[2025]), &WIDE, 5).await.unwrap());
    assert_eq!(found.answer.as_deref(), Some(&b"uniform"[..]));
    assert_eq!(rho(&db, 2025).await, 30);

    let again = recover(&db, 6, b"other").await.unwrap();
    assert!(again.voided.is_empty());
    let released = ledger::charge(&db, "c-2").await.unwrap().unwrap();
    assert_eq!(released.answer.as_deref(), Some(&b"release"[..]));
    assert_eq!(kinds(&db).await.iter().filter(|kind| *kind == "charge.void").count(), 1);
}

pub(crate) async fn no_step_is_taken_twice_or_early(place: &Place) {
    let db = opened(place).await;
    committed(commit(&db, &asked(1, 10, &[2025]), &WIDE, 1).await.unwrap());
    let early = store_answer(&db, "c-1", Answer::Released(b"early"), 2).await;
    assert!(matches!(early, Err(Error::ChargeState)));
    mark_drawing(&db, "c-1").await.unwrap();
    assert!(matches!(mark_drawing(&db, "c-1").await, Err(Error::ChargeState)));
    store_answer(&db, "c-1", Answer::Failed(b"error"), 3).await.unwrap();
    let twice = store_answer(&db, "c-1", Answer::Released(b"second"), 4).await;
    assert!(matches!(twice, Err(Error::ChargeState)));
    assert!(matches!(mark_drawing(&db, "c-2").await, Err(Error::ChargeState)));
    let stored = ledger::charge(&db, "c-1").await.unwrap().unwrap();
    assert_eq!((stored.state, stored.answer.as_deref()), (State::Failed, Some(&b"error"[..])));
    assert_eq!(kinds(&db).await, ["snapshot.accepted", "charge.committed", "charge.failed"]);
}

pub(crate) async fn nonsense_is_refused(place: &Place) {
    let db = opened(place).await;
    for empty in [asked(1, 0, &[2025]), asked(1, 10, &[])] {
        assert!(matches!(commit(&db, &empty, &WIDE, 1).await, Err(Error::EmptyCharge)));
    }
    let mut unknown = asked(1, 10, &[2025]);
    unknown.snapshot = "t".into();
    let refused = commit(&db, &unknown, &WIDE, 1).await;
    assert!(matches!(refused, Err(Error::NotFound(Subject::Snapshot))));
    let mut elsewhere = asked(1, 10, &[2025]);
    elsewhere.project = "q".into();
    let refused = commit(&db, &elsewhere, &WIDE, 1).await;
    assert!(matches!(refused, Err(Error::NotFound(Subject::Snapshot))));
    let mut long = asked(1, 10, &[2025]);
    long.request = "x".repeat(ledger::REQUEST_LIMIT + 1);
    assert!(matches!(commit(&db, &long, &WIDE, 1).await, Err(Error::Limit { .. })));
    let many: Vec<u16> = (1990..2090).collect();
    assert!(matches!(commit(&db, &asked(1, 1, &many), &WIDE, 1).await, Err(Error::Limit { .. })));
    committed(commit(&db, &asked(1, 10, &[2025]), &WIDE, 1).await.unwrap());
    let mut reused = asked(2, 10, &[2025]);
    reused.charge = "c-1".into();
    let refused = commit(&db, &reused, &WIDE, 1).await;
    assert!(matches!(refused, Err(Error::Conflict(Subject::Charge))));
    // A price that the log cannot write is not charged, even below the cap.
    let vast = Caps {
        lineage: Price { rho: u64::MAX, delta: 0 },
        purpose_rho: u64::MAX,
        analyst_rho: Some(u64::MAX),
        unwitnessed: None,
        ..WIDE
    };
    let refused = commit(&db, &asked(3, 1 << 60, &[2025]), &vast, 1).await;
    assert!(matches!(refused, Err(Error::Audit(audit::Error::Number))));
    let refused = exceeded(&commit(&db, &asked(4, u64::MAX, &[2025]), &vast, 1).await.unwrap());
    assert_eq!((refused.cap, refused.spent, refused.asked), (u64::MAX, 10, u64::MAX));
    assert_eq!(rho(&db, 2025).await, 10);
}

pub(crate) async fn a_hundred_at_the_cap_and_one_passes(place: &Place) {
    let db = opened(place).await;
    // One more of price 10 fits: 985 + 10 <= 1,000 < 985 + 20.
    committed(commit(&db, &asked(1, 985, &[2025]), &WIDE, 1).await.unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for number in 100..200 {
        let db = db.clone();
        tasks.spawn(async move { commit(&db, &asked(number, 10, &[2025]), &WIDE, 2).await });
    }
    let (mut passed, mut refused) = (0, 0);
    while let Some(outcome) = tasks.join_next().await {
        match outcome.unwrap().unwrap() {
            Outcome::Committed(_) => passed += 1,
            Outcome::CapExceeded(_) => refused += 1,
            _ => panic!("neither paid nor refused"),
        }
    }
    assert_eq!((passed, refused, rho(&db, 2025).await), (1, 99, 995));
    assert_eq!(kinds(&db).await.iter().filter(|kind| *kind == "refusal").count(), 99);
}
