//! What a charge looks up is found by an index, however long the ledger is.

use super::{answer, charge, commit, parts, reserve, spent};
use crate::{Db, Location, UnitKind, chain};

async fn plan(db: &Db, sql: &str) -> Vec<String> {
    let sql: &'static str = format!("EXPLAIN QUERY PLAN {sql}").leak();
    let rows = db.read().await.unwrap().rows(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.text(3).unwrap()).collect()
}

#[tokio::test]
async fn no_step_of_a_charge_reads_a_whole_table() {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::Sqlite(directory.path().join("unit.sqlite"));
    let key_store = directory.path().join("unit.keys");
    let unit_key = crate::seal::UnitKey::take(&mut [6; 32]);
    let sealing = crate::seal::Sealing { key_store, unit_key };
    let db = Db::open(&location, UnitKind::Statistics, &"test".parse().unwrap(), &sealing)
        .await
        .unwrap();
    for sql in [
        commit::KNOWN,
        parts::ASKED,
        parts::BEST,
        reserve::KEYS,
        spent::SUMS,
        spent::IN_QUARTER,
        charge::BY_KEY,
        charge::YEARS,
        answer::DRAW,
        answer::FINISH,
    ] {
        let plan = plan(&db, sql).await;
        assert!(plan.iter().any(|step| step.contains("USING")), "{sql}: {plan:?}");
        let scans =
            plan.iter().filter(|step| step.starts_with("SCAN") && *step != "SCAN CONSTANT ROW");
        assert_eq!(scans.count(), 0, "{sql}: {plan:?}");
    }
    // From the end, one row: nothing is sorted.
    assert_eq!(plan(&db, chain::LAST).await, ["SCAN log"]);
    // The test can see a scan.
    assert_eq!(plan(&db, "SELECT charge FROM charge WHERE request = 'x'").await, ["SCAN charge"]);
}
