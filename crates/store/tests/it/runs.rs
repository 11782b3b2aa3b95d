//! Charges of several tables, and budget that is kept for them.

use crate::ledger::{WIDE, asked, opened};
use crate::place::{Place, exported, kinds};
use store::ledger::{
    self, Answer, Cap, Caps, Charge, Exceeded, Held, Horizon, NewCharge, NewPart, Outcome, Price,
    Reserved, State, Wanted, best_part, commit, framed, held, mark_drawing, recover, spent,
    store_answer,
};
use store::{Db, Error};

/// A run whose tables cost `rhos`, with the questions 1, 2, 3 … of [`asked`].
pub(crate) fn run(number: u32, rhos: &[u64], year: u16) -> NewCharge {
    let mut new = asked(1_000 + number, rhos.iter().sum(), &[year]);
    new.analyst = "release-plan".into();
    new.idempotency_key = format!("plan/{number}");
    new.parts = (1..).zip(rhos).map(|(place, rho)| part(place, *rho)).collect();
    new
}

fn part(number: u32, rho: u64) -> NewPart {
    NewPart { price: Price { rho, delta: 0 }, ..asked(number, 1, &[2025]).parts[0].clone() }
}

pub(crate) fn reserved(number: u32, rho: u64, year: u16) -> Reserved {
    Reserved {
        analyst: "release-plan".into(),
        idempotency_key: format!("plan/{number}"),
        purpose: "early-help".into(),
        years: [year].into(),
        rho,
    }
}

/// As a plan is charged: it is nobody's analyst and the reserve is its own.
pub(crate) const OF_A_RUN: Caps<'static> = Caps { analyst_rho: None, ..WIDE };

async fn paid(db: &Db, new: &NewCharge) -> Charge {
    match commit(db, new, &OF_A_RUN, 10).await.unwrap() {
        Outcome::Committed(charge) => charge,
        _ => panic!("not committed"),
    }
}

async fn released(db: &Db, new: &NewCharge, documents: &[&str]) {
    let charge = paid(db, new).await.charge;
    mark_drawing(db, &charge).await.unwrap();
    let documents: Vec<Vec<u8>> = documents.iter().map(|own| own.as_bytes().to_vec()).collect();
    let body = framed(&documents).unwrap();
    store_answer(db, &charge, Answer::Released(&body), 11).await.unwrap();
}

fn document(charge: &Charge, place: usize) -> String {
    String::from_utf8(charge.documents().nth(place).unwrap().to_vec()).unwrap()
}

pub(crate) async fn a_run_is_one_charge_and_each_table_is_found_again(place: &Place) {
    let db = opened(place).await;
    released(&db, &run(1, &[300, 200], 2025), &["{\"a\":1}", "{\"b\":2}"]).await;
    assert_eq!(spent(&db, "p", 2025).await.unwrap().rho, 500);
    assert_eq!(ledger::charges(&db, "p", 0, 10).await.unwrap().len(), 1);
    assert_eq!(kinds(&db).await, ["snapshot.accepted", "charge.committed", "release.stored"]);
    let log = exported(&db).await.concat();
    assert!(log.contains(r#""parts":[{"delta":0,"query":"0000000100"#), "{log}");
    assert!(log.contains(r#""rho":200}],"#));

    // The same single question finds its table, whoever asks; nothing is charged.
    let single = asked(2, 200, &[2025]);
    match commit(&db, &single, &WIDE, 12).await.unwrap() {
        Outcome::ExistingPart(charge, place) => {
            assert_eq!((charge.charge.as_str(), place), ("c-1001", 1));
            assert_eq!(document(&charge, place), "{\"b\":2}");
        }
        _ => panic!("not found"),
    }
    // The run itself is found by its key, not charged again.
    let again = commit(&db, &run(1, &[300, 200], 2025), &OF_A_RUN, 13).await.unwrap();
    assert!(matches!(again, Outcome::Existing(charge) if charge.documents().count() == 2));
    assert_eq!(spent(&db, "p", 2025).await.unwrap().rho, 500);
    // A run whose table was released before is charged in full nevertheless.
    let mut second = run(2, &[300, 100], 2025);
    second.parts[0] = part(1, 300);
    released(&db, &second, &["{\"a\":3}", "{\"b\":4}"]).await;
    assert_eq!(spent(&db, "p", 2025).await.unwrap().rho, 900);
    // The older answer stays the answer.
    let single = asked(1, 100, &[2025]);
    match commit(&db, &single, &WIDE, 14).await.unwrap() {
        Outcome::ExistingPart(charge, 0) => assert_eq!(charge.charge, "c-1001"),
        _ => panic!("not found"),
    }
}

pub(crate) async fn the_best_released_table_is_found_by_its_question(place: &Place) {
    let db = opened(place).await;
    let best = async |drawn: bool, number: u32, purpose: &str, least: u64| {
        let NewPart { query_digest, question, .. } = part(number, 1);
        let wanted = Wanted {
            snapshot: "s",
            purpose,
            query_digest: &[9; 32],
            question: &question,
            least_rho: Some(least),
        };
        let exact = Wanted { query_digest: &query_digest, least_rho: None, ..wanted };
        let exact = best_part(&db, &exact).await.unwrap();
        assert_eq!(exact.is_some(), number < 3 && purpose == "early-help" && drawn);
        let found = best_part(&db, &wanted).await.unwrap();
        found.map(|(charge, place)| (charge.charge.clone(), document(&charge, place)))
    };
    assert_eq!(best(false, 1, "early-help", 0).await, None);
    let open = paid(&db, &run(1, &[10, 20], 2025)).await;
    assert_eq!(best(false, 1, "early-help", 0).await, None, "not drawn yet");
    mark_drawing(&db, &open.charge).await.unwrap();
    store_answer(&db, &open.charge, Answer::Failed(b"error"), 11).await.unwrap();
    assert_eq!(best(false, 1, "early-help", 0).await, None, "a failure is no table");
    released(&db, &run(2, &[30, 40], 2025), &["a", "b"]).await;
    released(&db, &run(3, &[50, 5], 2025), &["c", "d"]).await;
    released(&db, &run(4, &[50, 4], 2025), &["e", "f"]).await;
    assert_eq!(best(true, 1, "early-help", 30).await, Some(("c-1003".into(), "c".into())));
    assert_eq!(best(true, 2, "early-help", 5).await, Some(("c-1002".into(), "b".into())));
    assert_eq!(best(true, 2, "early-help", 41).await, None, "less than what would be paid for");
    assert_eq!(best(true, 1, "other", 0).await, None, "another purpose");
    assert_eq!(best(true, 3, "early-help", 0).await, None, "another question");
}

pub(crate) async fn what_is_reserved_cannot_be_asked_away(place: &Place) {
    let db = opened(place).await;
    let kept = [reserved(1, 300, 2025), reserved(2, 400, 2025), reserved(3, 250, 2024)];
    let caps = Caps { reserved: &kept, ..WIDE };
    let refused = async |new: &NewCharge, caps: &Caps<'_>| match commit(&db, new, caps, 1).await {
        Ok(Outcome::CapExceeded(exceeded)) => exceeded,
        _ => panic!("no cap was exceeded"),
    };
    let which = Cap::LineageRho { year: 2025 };
    assert_eq!(
        refused(&asked(11, 301, &[2025]), &caps).await,
        Exceeded { which, cap: 1_000, spent: 0, reserved: 700, asked: 301 }
    );
    assert!(exported(&db).await.concat().contains(r#""reserved":700"#));
    let purpose = Caps { purpose_rho: 1_000, ..caps };
    let exceeded = refused(&asked(11, 51, &[2023]), &purpose).await;
    assert_eq!((exceeded.which, exceeded.reserved), (Cap::Purpose, 950));
    let horizon = Caps { horizon: Some(Horizon { years: 2, rho: 1_000 }), ..caps };
    let exceeded = refused(&asked(11, 51, &[2025]), &horizon).await;
    let which = Cap::Horizon { from: 2024, to: 2025 };
    assert_eq!((exceeded.which, exceeded.reserved), (which, 950));

    assert!(matches!(
        commit(&db, &asked(11, 300, &[2025]), &caps, 1).await.unwrap(),
        Outcome::Committed(_)
    ));
    refused(&asked(12, 1, &[2025]), &caps).await;
    // The run gets what was kept for it; what it left over is free from then on.
    paid(&db, &run(1, &[100, 150], 2025)).await;
    let now = held(&db, &kept).await.unwrap();
    let years = [(2024, 250), (2025, 400)].into();
    assert_eq!(now, Held { years, purposes: [("early-help".into(), 650)].into() });
    let exceeded = refused(&asked(12, 51, &[2025]), &caps).await;
    assert_eq!((exceeded.spent, exceeded.reserved), (550, 400));
    let left = commit(&db, &asked(12, 50, &[2025]), &caps, 1).await.unwrap();
    assert!(matches!(left, Outcome::Committed(_)));
    paid(&db, &run(2, &[400], 2025)).await;
    assert_eq!(spent(&db, "p", 2025).await.unwrap().rho, 1_000);
}

pub(crate) async fn nobody_asks_away_what_is_reserved_all_at_once(place: &Place) {
    let db = opened(place).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..40 {
        let db = db.clone();
        tasks.spawn(async move {
            if number == 20 {
                paid(&db, &run(1, &[350, 350], 2025)).await;
            } else {
                let kept = [reserved(1, 700, 2025)];
                let caps = Caps { reserved: &kept, ..WIDE };
                commit(&db, &asked(100 + number, 20, &[2025]), &caps, 2).await.unwrap();
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let all = ledger::charges(&db, "p", 0, 100).await.unwrap();
    assert!(all.iter().any(|charge| charge.price.rho == 700), "whoever was first");
    assert_eq!(spent(&db, "p", 2025).await.unwrap().rho, 1_000);
}

pub(crate) async fn an_interrupted_run_is_void_as_a_whole(place: &Place) {
    let db = opened(place).await;
    let first = paid(&db, &run(1, &[10, 20], 2025)).await;
    paid(&db, &run(2, &[10, 20], 2025)).await;
    mark_drawing(&db, &first.charge).await.unwrap();
    drop(db);
    let db = opened(place).await;
    let found = recover(&db, 3, b"uniform").await.unwrap();
    assert_eq!((found.voided.len(), found.committed.len()), (1, 1));
    let again = commit(&db, &run(1, &[10, 20], 2025), &OF_A_RUN, 5).await.unwrap();
    assert!(matches!(again, Outcome::Existing(charge) if charge.state == State::Void));
    let single = asked(1, 10, &[2025]);
    // The other run is open, so its table is on its way and is not charged a second time.
    let open = commit(&db, &single, &WIDE, 5).await.unwrap();
    assert!(matches!(open, Outcome::ExistingPart(charge, 0) if charge.charge == "c-1002"));
}

pub(crate) async fn tables_add_up_to_their_charge(place: &Place) {
    let db = opened(place).await;
    let mut none = run(1, &[10], 2025);
    none.parts.clear();
    let mut short = run(1, &[10, 20], 2025);
    short.price.rho = 31;
    let mut vast = run(1, &[10, 20], 2025);
    vast.parts[0].price.rho = u64::MAX;
    let mut delta = run(1, &[10, 20], 2025);
    delta.parts[0].price.delta = 1;
    for odd in [none, short, vast, delta] {
        let refused = commit(&db, &odd, &OF_A_RUN, 1).await;
        assert!(matches!(refused, Err(Error::PartsDiffer)));
    }
    let many = run(1, &[1; ledger::PARTS_LIMIT + 1], 2025);
    assert!(matches!(commit(&db, &many, &OF_A_RUN, 1).await, Err(Error::Limit { .. })));
    assert!(framed(&[b"a\nb".to_vec()]).is_err(), "two documents would look like three");
    assert_eq!(spent(&db, "p", 2025).await.unwrap().rho, 0);
}
