//! What a witness keeps, and what a restored ledger is burnt to.

use crate::ledger::{WIDE, asked, committed, opened};
use crate::place::{Place, kinds};
use store::ledger::{Cap, Caps, Outcome, Price, commit, recover, spent, spent_by_purpose};
use store::witness::{
    Ceremony, Countersigned, Holding, LineageTotal, NewReceipt, NewStatement, burn, burnt,
    countersign, due, hash_at, hold, keep_receipt, lost_since, newest_held, newest_receipt,
    spent_unwitnessed, standing,
};
use store::{Db, Error, Head, UnitKind, chain};

fn head(sequence: u64, byte: u8) -> Head {
    Head { sequence, hash: [byte; 32] }
}

fn total(year: u16, rho: u64) -> LineageTotal {
    LineageTotal { project: "p".into(), year, price: Price { rho, delta: 0 } }
}

fn statement(head: Head, spent: &[LineageTotal]) -> NewStatement<'_> {
    NewStatement { generation: 0, head, spent, document: "{}", after_restore: None }
}

async fn receive(db: &Db) {
    let now = standing(db).await.unwrap();
    let receipt = NewReceipt { generation: 0, head: now.head, statement: "{}", receipt: "{}" };
    keep_receipt(db, &receipt, 1).await.unwrap();
}

pub(crate) async fn a_witness_keeps_never_lower_and_never_another_head(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    let first = [total(2024, 5), total(2025, 10)];
    let held = hold(&db, &statement(head(7, 7), &first), 1).await.unwrap();
    let Holding::Held(held) = held else { panic!("{held:?}") };
    let again = hold(&db, &statement(head(7, 7), &first), 2).await.unwrap();
    assert_eq!(again, Holding::Held(held), "the same statement is kept once");

    let less = [total(2024, 5), total(2025, 9)];
    let gone = [total(2025, 10)];
    for (new, expected) in [
        (statement(head(6, 6), &first), Holding::Lower(head(7, 7))),
        (statement(head(7, 8), &first), Holding::OtherHead(head(7, 7))),
        (statement(head(8, 8), &less), Holding::SpentLess),
        (statement(head(8, 8), &gone), Holding::SpentLess),
    ] {
        assert_eq!(hold(&db, &new, 2).await.unwrap(), expected);
    }
    let more = [total(2024, 5), total(2025, 11)];
    assert!(matches!(hold(&db, &statement(head(9, 9), &more), 3).await.unwrap(), Holding::Held(_)));
    let old = hold(&db, &statement(head(7, 7), &more), 3).await.unwrap();
    assert_eq!(old, Holding::Lower(head(9, 9)));

    // A restored log goes on after the newest that is kept, and only after that.
    let restored = |after| NewStatement {
        generation: 1,
        after_restore: after,
        ..statement(head(5, 5), &more)
    };
    for after in [None, Some((0, head(7, 7))), Some((0, head(9, 1)))] {
        assert_eq!(hold(&db, &restored(after), 4).await.unwrap(), Holding::NotRestored);
    }
    let taken = hold(&db, &restored(Some((0, head(9, 9)))), 4).await.unwrap();
    assert!(matches!(taken, Holding::Held(_)));
    let back = hold(&db, &statement(head(10, 10), &more), 5).await.unwrap();
    assert_eq!(back, Holding::Lower(head(5, 5)), "an earlier generation is over");
    assert_eq!(newest_held(&db).await.unwrap().unwrap().generation, 1);
    assert_eq!(kinds(&db).await, ["witness.held"; 3]);
}

pub(crate) async fn what_is_unwitnessed_is_capped_until_a_receipt_comes(place: &Place) {
    let db = opened(place).await;
    let narrow = Caps { unwitnessed: Some(Price { rho: 100, delta: 0 }), ..WIDE };
    committed(commit(&db, &asked(1, 60, &[2025]), &narrow, 1).await.unwrap());
    assert_eq!(spent_unwitnessed(&db).await.unwrap(), [total(2025, 60)]);
    let Outcome::CapExceeded(refused) =
        commit(&db, &asked(2, 41, &[2024, 2025]), &narrow, 2).await.unwrap()
    else {
        panic!("charged")
    };
    assert_eq!(refused.which, Cap::UnwitnessedRho { year: 2025 });
    assert_eq!((refused.spent, refused.asked, refused.cap), (60, 41, 100));
    committed(commit(&db, &asked(3, 100, &[2024]), &narrow, 3).await.unwrap());
    assert!(due(&db).await.unwrap().is_some());
    receive(&db).await;
    assert!(due(&db).await.unwrap().is_none());
    assert_eq!(spent_unwitnessed(&db).await.unwrap(), []);
    committed(commit(&db, &asked(4, 41, &[2024, 2025]), &narrow, 4).await.unwrap());
    // What the other unit's witnessing writes does not ask to be witnessed in turn.
    receive(&db).await;
    let held = hold(&db, &statement(head(1, 1), &[]), 5).await.unwrap();
    assert!(matches!(held, Holding::Held(_)));
    assert!(due(&db).await.unwrap().is_none());
    let newest = newest_receipt(&db).await.unwrap().unwrap();
    assert_eq!(hash_at(&db, newest.head.sequence).await.unwrap(), Some(newest.head.hash));
}

pub(crate) async fn a_restored_ledger_is_burnt_to_what_was_spent(place: &Place) {
    let db = opened(place).await;
    committed(commit(&db, &asked(1, 60, &[2025]), &WIDE, 1).await.unwrap());
    let restored = standing(&db).await.unwrap().head;
    let lines = [total(2024, 40), total(2025, 100)];
    let ceremony = |restored, burn| Ceremony {
        restored,
        witnessed: Some((2, head(9, 9))),
        burn,
        documents: "{}",
        digest: "00",
        approved_by: &[],
    };
    let other = burn(&db, &ceremony(head(1, 1), &lines), 2).await;
    assert!(matches!(other, Err(Error::Conflict(_))), "it has gone on, or is another one");
    let done = burn(&db, &ceremony(restored, &lines), 2).await.unwrap();
    assert_eq!((done.generation, done.sequence), (3, restored.sequence + 1));
    assert!(burn(&db, &ceremony(restored, &lines), 3).await.is_err(), "once");
    assert_eq!(spent(&db, "p", 2025).await.unwrap().rho, 160);
    assert_eq!(spent(&db, "p", 2024).await.unwrap().rho, 40);
    assert_eq!(burnt(&db).await.unwrap(), lines);
    assert_eq!(spent_by_purpose(&db, "p", "early-help").await.unwrap().rho, 60);
    // Totals and rows still agree, and what was burnt counts against the cap.
    recover(&db, 4, b"uniform").await.unwrap();
    let beyond = commit(&db, &asked(2, 841, &[2025]), &WIDE, 5).await.unwrap();
    assert!(matches!(beyond, Outcome::CapExceeded(own) if own.spent == 160));
    assert_eq!(lost_since(&db, 2).await.unwrap(), Some(done.sequence));
    assert_eq!(lost_since(&db, 3).await.unwrap(), None);
    place.tamper("DELETE FROM burnt").await;
    assert!(matches!(recover(&db, 6, b"uniform").await, Err(Error::TotalsDiffer)));
}

pub(crate) async fn a_countersignature_is_of_this_very_log(place: &Place) {
    let db = opened(place).await;
    let own = chain::head(&db).await.unwrap();
    let signed = |unit, head| Countersigned {
        unit,
        generation: 0,
        head,
        officer: "dora".into(),
        document: "{}".into(),
        signed_at: 1,
    };
    for head in [head(own.sequence, 3), head(own.sequence + 1, 3)] {
        let refused = countersign(&db, &signed(UnitKind::Statistics, head), 2).await;
        assert!(matches!(refused, Err(Error::Conflict(_))));
    }
    for _ in 0..2 {
        countersign(&db, &signed(UnitKind::Statistics, own), 2).await.unwrap();
    }
    // Of the other log only what was witnessed can contradict.
    hold(&db, &statement(head(4, 4), &[]), 3).await.unwrap();
    countersign(&db, &signed(UnitKind::Linkage, head(5, 1)), 4).await.unwrap();
    let refused = countersign(&db, &signed(UnitKind::Linkage, head(4, 1)), 4).await;
    assert!(matches!(refused, Err(Error::Conflict(_))));
    let kinds = kinds(&db).await;
    assert_eq!(kinds.iter().filter(|own| *own == "log.countersigned").count(), 2);
}
