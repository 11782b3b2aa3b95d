//! The canary: a fact that is found before it is erased, and not after, with every key that is left,
//! in the database, its log and a copy from before. And what can still be asked then.

use std::fs;
use std::path::{Path, PathBuf};

use statistics_unit::{Erased, QueryRequest, UnitError};
use store::UnitKind;
use store::seal::drill;
use submission::ProblemCode;

use crate::county::{County, HOUSING, NURSERY, PROJECT, Row, name, question, sealing};

/// The number of a row that nobody else has.
const CANARY: u32 = 0x5eed_cafe;

fn copy(county: &County, to: &str) -> PathBuf {
    let copy = county.folder().join(format!("{to}.sqlite"));
    for ending in ["sqlite", "sqlite-wal"] {
        let from = county.folder().join("unit.sqlite").with_extension(ending);
        if from.exists() {
            fs::copy(from, copy.with_extension(ending)).unwrap();
        }
    }
    copy
}

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(4).any(|window| window == CANARY.to_le_bytes())
}

/// Whether a copy holds the canary for somebody with the key store as it now is.
async fn found(county: &County, copy: &Path) -> bool {
    let sealing = sealing(&county.folder().join("unit.sqlite"));
    let finds = drill(copy, UnitKind::Statistics, &sealing).await.unwrap();
    assert!(finds.iter().any(|find| find.table == "snapshot" || find.table == "chunk"));
    finds.iter().any(|find| find.table == "chunk" && holds(&find.bytes))
}

async fn gone(county: &County, backup: &Path) {
    for copy in [backup, &copy(county, "now")] {
        assert!(!found(county, copy).await, "{}", copy.display());
    }
    for file in fs::read_dir(county.folder()).unwrap() {
        let path = file.unwrap().path();
        assert!(path.is_dir() || !holds(&fs::read(&path).unwrap()), "{}", path.display());
    }
}

/// Sixty in day care in both years; the first of them has the canary in the later one.
fn rows(county: &County) -> Vec<Row> {
    let mut rows = Vec::new();
    for number in 0..60 {
        let subject = county.subject();
        rows.push(Row { subject, row: 0, year: 2024 });
        let row = if number == 0 { CANARY } else { 1 };
        rows.push(Row { subject, row, year: 2025 });
    }
    rows
}

async fn ask(county: &County, key: &str, request: QueryRequest) -> Result<(), UnitError> {
    county.unit.query(&name(PROJECT), &name("planner"), key, request).await.map(drop)
}

fn of_year(indicator: &str, year: u16) -> QueryRequest {
    QueryRequest { year, ..question(indicator) }
}

async fn log(county: &County) -> String {
    let mut text = String::new();
    let lines = |line: &str| {
        text.push_str(line);
        Ok(())
    };
    store::chain::export(county.unit.db(), lines).await.unwrap();
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawn_fact_is_gone_and_the_snapshot_can_be_asked() {
    let mut county = County::open(&[]).await;
    let rows = rows(&county);
    county.deliver_rows(NURSERY, "2025-12", &rows).await;
    county.deliver(HOUSING, "2025-12", 40).await;
    county.accept(None).await;
    ask(&county, "k-1", question("hours")).await.unwrap();
    let backup = copy(&county, "backup");
    assert!(found(&county, &backup).await, "before");

    county.withdraw(NURSERY, "2025-12", &[rows[0].subject]).await;
    assert!(found(&county, &copy(&county, "marked")).await, "marked, and still there");
    let erased = county.unit.erase().await.unwrap();
    assert_eq!(erased, Erased { withdrawn: 1, ..Erased::default() });
    gone(&county, &backup).await;
    assert_eq!(county.unit.erase().await.unwrap(), Erased::default(), "once");

    // The snapshot that names the subject goes on without its facts, and so does the next.
    ask(&county, "k-2", question("overlap")).await.unwrap();
    county.accept(None).await;
    ask(&county, "k-3", question("overlap")).await.unwrap();
    let log = log(&county).await;
    assert!(log.contains(r#""kind":"subjects.erased""#));
    assert!(!log.contains(&rows[0].subject.to_string()), "counts, no subject");
}

/// A map that was made before the withdrawal names somebody whose rows are gone when it comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_map_on_its_way_outlives_a_withdrawal() {
    let mut county = County::open(&[]).await;
    let rows = rows(&county);
    county.deliver_rows(NURSERY, "2025-12", &rows).await;
    county.deliver(HOUSING, "2025-12", 40).await;
    let late = county.linked(None);
    county.withdraw(NURSERY, "2025-12", &[rows[0].subject]).await;
    county.unit.erase().await.unwrap();
    county.hand_over(late).await.unwrap();
    ask(&county, "k-1", question("hours")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_delivery_stays_until_a_snapshot_has_the_next() {
    let mut county = County::open(&[]).await;
    county.deliver_rows(NURSERY, "2025-12", &rows(&county)).await;
    county.deliver(HOUSING, "2025-12", 40).await;
    let first = county.accept(None).await;
    let backup = copy(&county, "backup");
    county.deliver(NURSERY, "2025-12", 60).await;
    assert_eq!(county.unit.erase().await.unwrap(), Erased::default(), "the snapshot needs it");
    ask(&county, "k-1", question("hours")).await.unwrap();
    assert!(found(&county, &backup).await);

    county.accept(None).await;
    let erased = county.unit.erase().await.unwrap();
    assert_eq!(erased, Erased { replaced: 1, ..Erased::default() });
    gone(&county, &backup).await;
    ask(&county, "k-2", question("hours")).await.unwrap();
    let old = QueryRequest { snapshot: Some(first), ..question("persons") };
    let Err(UnitError::Refused(problem)) = ask(&county, "k-3", old).await else {
        panic!("its facts are gone")
    };
    assert_eq!(problem.code, ProblemCode::SnapshotUnknown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facts_end_with_their_retention_year_by_year() {
    let mut county = County::open(&[]).await;
    let mut rows = rows(&county);
    for row in &mut rows {
        // The canary is in the earlier year now, and one person is in no other.
        row.year = if row.row == 0 { 2025 } else { 2024 };
    }
    rows.remove(0);
    county.deliver_rows(NURSERY, "2025-12", &rows).await;
    county.deliver(HOUSING, "2025-12", 40).await;
    let late = county.linked(None);
    county.accept(None).await;
    let backup = copy(&county, "backup");
    county.today_is("2027-12-31");
    let erased = county.unit.erase().await.unwrap();
    assert_eq!(erased, Erased { expired: 2, ..Erased::default() }, "2023, of which there is none");
    assert!(found(&county, &backup).await, "the day before");
    county.today_is("2028-01-01");
    let erased = county.unit.erase().await.unwrap();
    assert_eq!(erased, Erased { expired: 2, ..Erased::default() });
    gone(&county, &backup).await;
    assert_eq!(county.unit.erase().await.unwrap(), Erased::default(), "once a year");
    // A map that names the person of whom nothing is left is not a wrong one.
    county.hand_over(late).await.unwrap();
    let log = log(&county).await;
    assert!(log.contains(r#""kind":"facts.expired""#) && log.contains(r#""kept_from":2025"#));
}

/// Nothing of a chunk is left: the one delivery's by withdrawal, the other's by retention.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chunk_may_lose_all_of_its_rows() {
    let mut county = County::open(&[]).await;
    let row = Row { subject: county.subject(), row: CANARY, year: 2025 };
    county.deliver_rows(NURSERY, "2025-12", &[row]).await;
    county.deliver(HOUSING, "2025-12", 40).await;
    county.accept(None).await;
    let backup = copy(&county, "backup");
    assert!(found(&county, &backup).await);
    for _ in 0..2 {
        county.withdraw(NURSERY, "2025-12", &[row.subject]).await;
        county.unit.erase().await.unwrap();
    }
    gone(&county, &backup).await;
    county.accept(None).await;
    ask(&county, "k-1", question("overlap")).await.unwrap();
    county.today_is("2029-01-01");
    county.unit.erase().await.unwrap();
    let late = county.linked(None);
    let Err(UnitError::Refused(problem)) = county.hand_over(late).await else {
        panic!("no facts are left")
    };
    assert_eq!(problem.code, ProblemCode::SnapshotInconsistent);
}

/// What is past its retention is refused, not answered with noise around nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_past_its_retention_is_refused() {
    let purpose = "purposes/early-help.toml";
    let later = (purpose, "expires = \"2026-12-31\"", "expires = \"2036-12-31\"");
    let mut county = County::open(&[later]).await;
    county.deliver_rows(NURSERY, "2025-12", &rows(&county)).await;
    county.deliver(HOUSING, "2025-12", 40).await;
    county.accept(None).await;
    county.today_is("2028-01-01");
    county.unit.erase().await.unwrap();
    ask(&county, "k-1", of_year("hours", 2025)).await.unwrap();
    let refused = ask(&county, "k-2", of_year("hours", 2024)).await;
    let Err(UnitError::Refused(problem)) = refused else { panic!("there are no facts of 2024") };
    assert_eq!(problem.code, ProblemCode::QueryRefused, "{}", problem.detail);
}

/// An epoch is closed at the linkage unit; here its facts and link map live on, and the next epoch
/// brings the window again. Every year is asked before and after, from the one budget of the year.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_indicator_over_several_years_survives_a_rotation() {
    let mut county = County::open(&[]).await;
    county.deliver_rows(NURSERY, "2025-12", &rows(&county)).await;
    county.deliver(HOUSING, "2025-12", 40).await;
    let before = county.accept(None).await;
    for year in [2024, 2025] {
        ask(&county, &format!("k-{year}"), of_year("hours", year)).await.unwrap();
    }
    let [spent, _] = county.budget().await;

    county.rotate("2027");
    county.deliver_rows(NURSERY, "2025-12", &rows(&county)).await;
    county.deliver(HOUSING, "2025-12", 40).await;
    county.accept(None).await;
    county.unit.erase().await.unwrap();
    for year in [2024, 2025] {
        ask(&county, &format!("l-{year}"), of_year("hours", year)).await.unwrap();
    }
    assert_eq!(county.budget().await[0], 2 * spent, "no epoch opens a new budget");
    // The old epoch's snapshot is there as long as its facts are.
    let old = QueryRequest { snapshot: Some(before), ..of_year("overlap", 2024) };
    ask(&county, "m", old).await.unwrap();
}
