//! What a durable charge costs, beside what any durable transaction costs.
//!
//! `cargo bench -p store --bench charges [-- --charges 100000]`. One run measures bare transactions
//! of one row (before, between and after the charges), charges (tx1: durable when it returns), and
//! the whole way of a charge (tx1, tx1b, tx2). Compare the numbers inside one run only. The
//! database lies in the folder for temporary files; set TMPDIR to measure another disk.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark that cannot run should say so and stop"
)]
#![expect(clippy::print_stdout, reason = "the numbers are the output")]
#![allow(dead_code, reason = "the tests' server can do more")]

#[path = "../tests/it/place.rs"]
mod place;
#[path = "../tests/it/postgres.rs"]
mod postgres;

use std::time::{Duration, Instant};

use place::Place;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, PgConnection, SqliteConnection};
use store::ledger::{
    Answer, Caps, NewCharge, NewPart, Outcome, Price, Quarterly, commit, mark_drawing, recover,
    store_answer,
};
use store::snapshots::{NewSnapshot, accept};
use store::witness::{Holding, NewReceipt, NewStatement, due, hold, keep_receipt};
use store::{Db, UnitKind};

/// Transactions per measurement.
const BATCH: u32 = 1_000;
/// 2026-01-01T00:00:00Z.
const AT: i64 = 1_767_225_600;

fn charges_wanted() -> u32 {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--charges");
    arguments.nth(1).map_or(100_000, |text| text.parse().expect("--charges takes a number"))
}

/// How often per second.
fn rate(number: u32, took: Duration) -> f64 {
    f64::from(number) / took.as_secs_f64()
}

/// A charge as the unit makes it: a request of 300 bytes, one table, one event year.
fn charge(number: u32) -> NewCharge {
    let mut digest = [0; 32];
    // Digests and ids are spread over their range, as in life.
    digest[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b1).to_be_bytes());
    digest[28..].copy_from_slice(&number.to_be_bytes());
    let price = Price { rho: 50_000, delta: 0 };
    NewCharge {
        charge: digest[..16]
            .iter()
            .rev()
            .chain(&digest[28..])
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        project: "county".into(),
        snapshot: "snapshot".into(),
        purpose: format!("purpose-{}", number % 3),
        analyst: format!("analyst-{}", number % 10),
        query_digest: digest,
        idempotency_key: format!("key-{:08x}-{number}", number.wrapping_mul(0x85eb_ca6b)),
        request: "x".repeat(300),
        price,
        years: [2020 + u16::try_from(number % 5).unwrap_or(0)].into(),
        datasets: ["kita".into()].into(),
        parts: vec![NewPart { query_digest: digest, question: digest, price }],
    }
}

const CAPS: Caps<'static> = Caps {
    lineage: Price { rho: 1 << 50, delta: 0 },
    horizon: Some(store::ledger::Horizon { years: 10, rho: 1 << 50 }),
    quarter: Some(Quarterly { rho: 1 << 50, apart: "release-plan" }),
    purpose_rho: 1 << 50,
    analyst_rho: Some(1 << 50),
    unwitnessed: None,
    reserved: &[],
};

async fn bare_sqlite(connection: &mut SqliteConnection) -> f64 {
    let started = Instant::now();
    for number in 0..BATCH {
        sqlx::query("INSERT INTO bare (number) VALUES ($1)")
            .bind(i64::from(number))
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    rate(BATCH, started.elapsed())
}

async fn bare_postgres(connection: &mut PgConnection) -> f64 {
    let started = Instant::now();
    for number in 0..BATCH {
        sqlx::query("INSERT INTO bare (number) VALUES ($1)")
            .bind(i64::from(number))
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    rate(BATCH, started.elapsed())
}

async fn opened(place: &Place) -> Db {
    let db = place.open(UnitKind::Statistics).await;
    let snapshot = NewSnapshot {
        snapshot: "snapshot".into(),
        project: "county".into(),
        epoch: "2026".into(),
        statement: "{}".into(),
        link_map: vec![],
        digest: [0; 32],
    };
    accept(&db, &snapshot, AT).await.unwrap();
    db
}

/// Charges `BATCH` times from `first` on; how often per second.
async fn commits(db: &Db, first: u32) -> f64 {
    let new: Vec<NewCharge> = (first..first + BATCH).map(charge).collect();
    let started = Instant::now();
    for new in &new {
        let outcome = commit(db, new, &CAPS, AT).await.unwrap();
        assert!(matches!(outcome, Outcome::Committed(_)), "every charge is a new one");
    }
    rate(BATCH, started.elapsed())
}

/// The whole way, with an answer of 4 kB.
async fn whole(db: &Db, first: u32) -> f64 {
    let new: Vec<NewCharge> = (first..first + BATCH).map(charge).collect();
    let answer = vec![b'x'; 4_096];
    let started = Instant::now();
    for new in &new {
        commit(db, new, &CAPS, AT).await.unwrap();
        mark_drawing(db, &new.charge).await.unwrap();
        store_answer(db, &new.charge, Answer::Released(&answer), AT).await.unwrap();
    }
    rate(BATCH, started.elapsed())
}

/// The whole way with a receipt for every single charge: what the two databases do for it, without
/// signatures and journey. Charges that wait together share a receipt; here none waits.
async fn witnessed(db: &Db, witness: &Db, first: u32) -> f64 {
    let new: Vec<NewCharge> = (first..first + BATCH).map(charge).collect();
    let (answer, document) = (vec![b'x'; 4_096], "x".repeat(600));
    let started = Instant::now();
    for new in &new {
        commit(db, new, &CAPS, AT).await.unwrap();
        let own = due(db).await.unwrap().unwrap();
        let statement = NewStatement {
            generation: 0,
            head: own.head,
            spent: &own.spent,
            document: &document,
            after_restore: None,
        };
        assert!(matches!(hold(witness, &statement, AT).await.unwrap(), Holding::Held(_)));
        let receipt =
            NewReceipt { generation: 0, head: own.head, statement: &document, receipt: &document };
        keep_receipt(db, &receipt, AT).await.unwrap();
        mark_drawing(db, &new.charge).await.unwrap();
        store_answer(db, &new.charge, Answer::Released(&answer), AT).await.unwrap();
    }
    rate(BATCH, started.elapsed())
}

async fn on_sqlite(wanted: u32) {
    let folder = tempfile::tempdir().unwrap();
    let mut bare = SqliteConnectOptions::new()
        .filename(folder.path().join("bare.sqlite"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
        .unwrap();
    sqlx::query("CREATE TABLE bare (number INTEGER NOT NULL)").execute(&mut bare).await.unwrap();
    let db = opened(&Place::sqlite(folder.path())).await;
    // The first round prepares statements and opens files.
    bare_sqlite(&mut bare).await;
    commits(&db, 0).await;

    let before = bare_sqlite(&mut bare).await;
    let first = commits(&db, BATCH).await;
    let mut next = 2 * BATCH;
    while next + BATCH < wanted {
        commits(&db, next).await;
        next += BATCH;
    }
    let between = bare_sqlite(&mut bare).await;
    let last = commits(&db, next).await;
    let after = bare_sqlite(&mut bare).await;
    let complete = whole(&db, next + BATCH).await;
    let end = bare_sqlite(&mut bare).await;
    let beside = tempfile::tempdir().unwrap();
    let witness = Place::sqlite(beside.path()).open(UnitKind::Linkage).await;
    let confirmed = witnessed(&db, &witness, next + 2 * BATCH).await;
    let very_end = bare_sqlite(&mut bare).await;
    println!("SQLite, WAL, synchronous=FULL, on {}", folder.path().display());
    println!("bare transactions/s        {before:8.0} {between:8.0} {after:8.0} {end:8.0}");
    println!("charges/s, 2nd thousand    {first:8.0}  ratio to bare {:.2}", first / before);
    println!(
        "charges/s, up to {:7}   {last:8.0}  ratio to bare {:.2}",
        next + BATCH,
        2.0 * last / (between + after)
    );
    println!(
        "with draw mark and answer  {complete:8.0}  ratio to bare {:.2}",
        2.0 * complete / (after + end)
    );
    println!(
        "with a receipt each        {confirmed:8.0}  ratio to bare {:.2}",
        2.0 * confirmed / (end + very_end)
    );
    let started = Instant::now();
    recover(&db, AT, b"uniform").await.unwrap();
    println!("comparing totals at start  {:8.0} ms", started.elapsed().as_secs_f64() * 1e3);
    db.close().await;
}

async fn on_postgres() {
    let Some(server) = postgres::Server::start() else {
        println!("PostgreSQL: skipped: no programs under /usr/lib/postgresql");
        return;
    };
    let place = server.place("charges");
    let mut bare = PgConnection::connect(&server.url("postgres")).await.unwrap();
    sqlx::query("CREATE TABLE bare (number BIGINT NOT NULL)").execute(&mut bare).await.unwrap();
    let db = opened(&place).await;
    bare_postgres(&mut bare).await;
    commits(&db, 0).await;
    let before = bare_postgres(&mut bare).await;
    let charged = commits(&db, BATCH).await;
    let complete = whole(&db, 2 * BATCH).await;
    println!("PostgreSQL, fsync, synchronous_commit, on a socket");
    println!("bare transactions/s        {before:8.0}");
    println!("charges/s                  {charged:8.0}  ratio to bare {:.2}", charged / before);
    println!("with draw mark and answer  {complete:8.0}  ratio to bare {:.2}", complete / before);
    db.close().await;
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    on_sqlite(charges_wanted()).await;
    on_postgres().await;
}
