//! How fast a table leaves a million persons with 192 million rows.
//!
//! `cargo bench -p benches --bench release -- [--persons N] [--folder FOLDER]`
//!
//! 1. Freeze: rows in the worst order are brought into theirs.
//! 2. Aggregate, on one core and on all. *Rows held* are those of the question's datasets and event
//!    years; *passed* are the bytes of the columns that the answer cannot be had without, beside
//!    what a streaming read of memory reaches in the same run. Whoever is in the first dataset is
//!    known after one row, so `persons` passes a small part of the rows that it holds; `sum` passes
//!    every row.
//!    Both are the best of some tries; *one core* counts the time on the processor where the system
//!    tells it, so that neighbours count less.
//! 3. The whole way through the statistics unit: priced, charged, drawn, stored and read back, on
//!    SQLite (WAL, synchronous=FULL) in `--folder`, else in the system's temporary folder.
#![expect(clippy::expect_used, clippy::panic, reason = "what cannot run should say so and stop")]

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::{Duration, Instant};

use access::Registry;
use benches::rows::{self, Built, FIRST_YEAR, LAST_YEAR, MONTHS};
use policy::{Catalogue, Dataset, Name, Plan, PolicySet, Query, Territory};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use statistics::{PersonTable, RankKey, aggregate};
use statistics_unit::{Gate, Pace, QueryRequest, Setup, StatisticsUnit};
use store::seal::{Sealing, UnitKey};
use store::snapshots::{NewSnapshot, accept};
use store::{Db, Location, UnitKind};
use submission::{Clock, SigningKey, SnapshotId, SnapshotStatement};

const PROJECT: &str = "county";
/// 1 March 2026.
const NOW: i64 = 1_772_323_200;
/// Slot of a question here; an installation has [`Pace::USUAL`]. The exact answer has to be there in
/// half of it, else the question is refused and the measurement stops.
const SLOT: Duration = Duration::from_millis(200);
const YEARS: [u16; 2] = [FIRST_YEAR, LAST_YEAR];
const PURPOSE: &str = r#"
id = "measured"
version = 1
project = "county"
controller = "06432"
purpose = "Messung"
legal_basis = ["keine: erfundene Zeilen"]
recipients = ["niemand"]
expires = "2026-12-31"
approvals = ["dpo", "head"]
[territory]
dimension = "municipality"
prefix = "06432"
label = "Kreis"
[budget]
lineage_cap_nano_rho = 900_000_000
purpose_cap_nano_rho = 2_000_000_000
analyst_cap_nano_rho = 2_000_000_000
delta_conv_femto = 1_000_000_000
"#;
/// One per round, at prices of their own: a question asked twice gets the bytes that are stored.
const INDICATOR: &str = r#"
[[indicator]]
id = "persons-ROUND"
label = "Menschen mit Leistungen"
rho_nano = 5ROUND_000_000
[indicator.query]
compute = { kind = "persons", datasets = [DATASETS] }
group_by = ["municipality", "age_group"]
"#;
const ROUNDS: u32 = 5;

struct Options {
    persons: u32,
    folder: PathBuf,
}

impl Options {
    fn read() -> Self {
        let mut options = Self { persons: 1_000_000, folder: std::env::temp_dir() };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--persons" => {
                    let number = words.next().and_then(|own| own.parse().ok());
                    options.persons = number.expect("a number of persons");
                }
                "--folder" => options.folder = words.next().expect("a folder").into(),
                // What cargo adds.
                "--bench" => {}
                other => panic!("unknown option {other}"),
            }
        }
        options
    }
}

fn main() {
    let options = Options::read();
    let pools = [1, cores()].map(pool);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let catalogue = PolicySet::load(&shipped).expect("policies").catalogue;
    let snapshot = SnapshotId::random(&SystemRandom::new()).expect("randomness");
    let name = Name::new(snapshot.to_string()).expect("a name");
    println!("{} persons, {} datasets, {MONTHS} months", options.persons, catalogue.datasets.len());
    println!("load of the machine before: {}", load());

    let built = pools[1].install(|| rows::table(&catalogue, name, options.persons)).expect("fits");
    frozen(&built);
    ranked();
    let read = pools.each_ref().map(bandwidth);
    println!("streaming read: {:.1} GB/s on one core, {:.1} on {}", read[0], read[1], cores());
    asked(&built.table, &catalogue, options.persons, &pools, read);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(released(Arc::new(built.table), &shipped, &options.folder, snapshot));
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads")
}

fn frozen(built: &Built) {
    let million = built.rows as f64 / 1e6;
    let per_second = |time: Duration| million / time.as_secs_f64();
    let (taken, sorted) = (built.taking.as_secs_f64(), built.sorting.as_secs_f64());
    println!("{million:.0} million rows in memory, {}", memory());
    println!("  made up and taken: {taken:.1} s, {:.1} M rows/s on one core", million / taken);
    println!("  sorted: {sorted:.1} s, {:.1} M rows/s on {}", per_second(built.sorting), cores());
}

/// How many wait for a processor, over the last minute.
fn load() -> String {
    let told = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    told.split_whitespace().next().unwrap_or("unknown").to_owned()
}

/// Memory held now and at most, as the system counts it.
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<f64>().ok()
    };
    match (kib("VmRSS:"), kib("VmHWM:")) {
        (Some(now), Some(most)) => {
            format!("{:.2} GB held, {:.2} GB at most", now * 1.024e-6, most * 1.024e-6)
        }
        _ => "memory unknown".into(),
    }
}

/// What a keyed rank costs, of which the unit computes one per row when it freezes.
fn ranked() {
    const ROWS: u32 = 1_000_000;
    let key = RankKey::take(&mut [7; 32]);
    let began = Instant::now();
    let ranks = (0..ROWS).map(|row| key.rank(&[1; 16], row)).fold(0, |all, own| all ^ own);
    black_box(ranks);
    let each = began.elapsed().as_secs_f64() / f64::from(ROWS);
    println!("  keyed ranks: {:.0} ns per row on one core", each * 1e9);
}

/// Gigabytes per second of reading one gigabyte from end to end.
fn bandwidth(pool: &ThreadPool) -> f64 {
    const WORDS: usize = 1 << 27;
    let words: Vec<u64> = (0..WORDS as u64).collect();
    let read = || {
        let parts = words.par_chunks(1 << 20);
        parts.map(|part| part.iter().fold(0_u64, |all, own| all ^ own)).reduce(|| 0, |a, b| a ^ b)
    };
    let best = best_of(|| {
        black_box(pool.install(read));
    });
    let time = best[usize::from(pool.current_num_threads() == 1)];
    (WORDS * size_of::<u64>()) as f64 / time.as_secs_f64() / 1e9
}

/// The best of some tries: time passed, and time on the processor over all threads.
fn best_of(mut run: impl FnMut()) -> [Duration; 2] {
    const TRIES: u32 = 9;
    let mut best = [Duration::MAX; 2];
    for _ in 0..TRIES {
        let (began, busy) = (Instant::now(), on_processor());
        run();
        let passed = began.elapsed();
        let busy = on_processor().zip(busy).map(|(after, before)| after - before);
        best = [passed.min(best[0]), busy.unwrap_or(passed).min(best[1])];
    }
    best
}

/// What all threads have spent on the processor so far, where the system tells it.
fn on_processor() -> Option<Duration> {
    let own = |thread: fs::DirEntry| {
        let told = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        told.split_whitespace().next()?.parse::<u64>().ok()
    };
    let threads = fs::read_dir("/proc/self/task").ok()?;
    let nanos: Option<u64> = threads.flatten().map(own).sum();
    nanos.map(Duration::from_nanos)
}

/// A question to some datasets.
struct Question {
    what: &'static str,
    compute: Value,
    group_by: Vec<&'static str>,
    datasets: u64,
    /// Bytes of columns per row and per person of each dataset and year that cannot be left out.
    passed: (u64, u64),
    /// Other event years that are read too.
    earlier: u64,
}

/// One question per way of reading facts; codes take one byte each, starts of persons four.
fn all_questions(catalogue: &Catalogue) -> Vec<Question> {
    let some = |fits: &dyn Fn(&Dataset) -> bool| -> Vec<&Name> {
        catalogue.datasets.iter().filter(|(_, own)| fits(own)).map(|(name, _)| name).collect()
    };
    let all = some(&|_| true);
    let groups = vec!["municipality", "age_group"];
    let count = all.len() as u64;
    let mut questions = vec![
        Question {
            what: "persons in any dataset",
            compute: json!({"kind": "persons", "datasets": all}),
            group_by: groups.clone(),
            datasets: count,
            // One dataset says that somebody is there, one where and how old.
            passed: (0, 0),
            earlier: 0,
        },
        Question {
            what: "overlap of all datasets",
            compute: json!({"kind": "overlap", "datasets": all}),
            group_by: vec!["municipality"],
            datasets: count,
            passed: (0, 4),
            earlier: 0,
        },
        Question {
            what: "entries into all datasets",
            compute: json!({"kind": "entries", "datasets": all, "gap_months": 12, "most": 3}),
            group_by: groups.clone(),
            datasets: count,
            passed: (1, 4),
            earlier: 1,
        },
    ];
    for (name, dataset) in &catalogue.datasets {
        let Some(measure) = dataset.measures.first() else { continue };
        questions.push(Question {
            what: "sum per month",
            compute: json!({"kind": "sum", "dataset": name, "measure": measure.name,
                "per_month": true, "cap": 100_000}),
            group_by: groups.clone(),
            datasets: 1,
            passed: (5, 4),
            earlier: 0,
        });
    }
    for (name, dataset) in &catalogue.datasets {
        let Some(dimension) = dataset.dimensions.get(3) else { continue };
        questions.push(Question {
            what: "cases by a code",
            compute: json!({"kind": "cases", "dataset": name, "dimension": dimension, "most": 2}),
            group_by: groups.clone(),
            datasets: 1,
            passed: (2, 4),
            earlier: 0,
        });
    }
    questions
}

fn resolved(question: &Question, catalogue: &Catalogue) -> Plan {
    let query = json!({"compute": question.compute, "group_by": question.group_by});
    let query: Query = serde_json::from_value(query).expect("a query");
    let territory = Territory {
        dimension: Name::new("municipality").expect("a name"),
        prefix: "06432".into(),
        label: "Kreis".into(),
    };
    Plan::resolve(&query, catalogue, &territory).expect("a plan")
}

/// Every question about the last event year, the same kinds added up.
fn asked(
    table: &PersonTable,
    catalogue: &Catalogue,
    persons: u32,
    pools: &[ThreadPool; 2],
    read: [f64; 2],
) {
    #[derive(Default)]
    struct Line {
        rows: u64,
        bytes: u64,
        times: [Duration; 2],
    }
    let mut lines: Vec<(&str, Line)> = Vec::new();
    let (persons, rows) = (u64::from(persons), u64::from(persons) * u64::from(MONTHS) / 2);
    for question in all_questions(catalogue) {
        let plan = resolved(&question, catalogue);
        let ask = || aggregate(table, catalogue, &plan, LAST_YEAR).map(drop).expect("an answer");
        let [one, all] = pools.each_ref().map(|pool| best_of(|| pool.install(ask)));
        let times = [one[1], all[0]];
        if lines.last().is_none_or(|(what, _)| *what != question.what) {
            lines.push((question.what, Line::default()));
        }
        let Some((_, line)) = lines.last_mut() else { continue };
        let years = question.datasets * (1 + question.earlier);
        let (per_row, per_person) = question.passed;
        // The group is read from one dataset: starts, and a byte of each row per dimension, of which
        // at most one per row is looked at and every line of the cache is fetched.
        let grouping = 4 * persons + question.group_by.len() as u64 * rows;
        line.rows += years * rows;
        line.bytes += years * (per_row * rows + per_person * persons) + grouping;
        line.times[0] += times[0];
        line.times[1] += times[1];
    }
    println!(
        "{:26} {:>9} {:>17} {:>17} {:>10} {:>13}",
        "aggregated, event year",
        "rows held",
        "one core",
        format!("{} cores", cores()),
        "passed",
        "of streaming"
    );
    for (what, line) in lines {
        let rate = |time: Duration| line.rows as f64 / time.as_secs_f64() / 1e6;
        let share = |at: usize| line.bytes as f64 / line.times[at].as_secs_f64() / 1e9 / read[at];
        let cell = |at: usize| {
            format!("{:.1} ms {:.0} M/s", line.times[at].as_secs_f64() * 1e3, rate(line.times[at]))
        };
        println!(
            "{what:26} {:>7} M {:>17} {:>17} {:>7} MB {:>5.0} % {:>4.0} %",
            line.rows / 1_000_000,
            cell(0),
            cell(1),
            line.bytes / 1_000_000,
            share(0) * 100.0,
            share(1) * 100.0
        );
    }
}

/// Municipality × age × year through the unit, each event year a charge of its own.
async fn released(table: Arc<PersonTable>, shipped: &Path, folder: &Path, snapshot: SnapshotId) {
    let folder = tempfile::tempdir_in(folder).expect("a folder");
    let unit = unit(shipped, folder.path()).await;
    accepted(&unit, snapshot).await;
    unit.keep_made_up(snapshot, table).await.expect("a snapshot without batches");
    let name = |text: &str| Name::new(text).expect("a name");
    for round in 0..ROUNDS {
        let began = Instant::now();
        let mut bytes = 0;
        let mut parts = Vec::new();
        for year in YEARS {
            let indicator = format!("persons-{round}");
            let question = json!({"purpose": "measured", "indicator": indicator, "year": year,
                "fresh": true});
            let question: QueryRequest = serde_json::from_value(question).expect("a question");
            let key = format!("{round}-{year}");
            let own = Instant::now();
            let answer = unit.query(&name(PROJECT), &name("analyst"), &key, question).await;
            let answer = answer.expect("an answer");
            assert!(answer.released && !answer.stored_before, "a release of its own");
            parts.push(format!("{:.1} ms", own.elapsed().as_secs_f64() * 1e3));
            bytes += answer.body.len();
        }
        let stored = began.elapsed().as_secs_f64() * 1e3;
        println!(
            "computed, charged, noised, stored, read back, two event years: {stored:.1} ms \
            ({}; {bytes} bytes)",
            parts.join(" + ")
        );
    }
}

async fn unit(shipped: &Path, folder: &Path) -> StatisticsUnit {
    let policies = folder.join("policies");
    for part in ["catalogue", "linkage"] {
        fs::create_dir_all(policies.join(part)).expect("a folder");
        for entry in fs::read_dir(shipped.join(part)).expect("a folder").flatten() {
            fs::copy(entry.path(), policies.join(part).join(entry.file_name())).expect("a copy");
        }
    }
    let catalogue = PolicySet::load(shipped).expect("policies").catalogue;
    let datasets: Vec<String> = catalogue.datasets.keys().map(|own| format!("\"{own}\"")).collect();
    fs::create_dir_all(policies.join("purposes")).expect("a folder");
    let indicators = INDICATOR.replace("DATASETS", &datasets.join(", "));
    let indicators = (0..ROUNDS).map(|round| indicators.replace("ROUND", &round.to_string()));
    let purpose = [PURPOSE.to_owned()].into_iter().chain(indicators).collect::<String>();
    fs::write(policies.join("purposes/measured.toml"), purpose).expect("a purpose");

    let random = SystemRandom::new();
    let key = SigningKey::generate(&random).and_then(|own| SigningKey::from_pkcs8(&own));
    let key = key.expect("a key");
    let location = Location::Sqlite(folder.join("unit.sqlite"));
    let installation = "bench".parse().expect("a name");
    let unit_key = UnitKey::take(&mut [6; 32]);
    let sealing = Sealing { key_store: folder.join("unit.keys"), unit_key };
    let db = Db::open(&location, UnitKind::Statistics, &installation, &sealing)
        .await
        .expect("a database");
    let policies = Arc::new(PolicySet::load(&policies).expect("policies"));
    let clock = Clock::Set(Arc::new(AtomicI64::new(NOW)));
    let name = |text: &str| Name::new(text).expect("a name");
    let projects = [name("county")].into();
    let desk = approval::Setup { db: db.clone(), policies: Arc::clone(&policies), projects, clock };
    let desk = approval::Desk::open(desk).await.expect("a desk");
    desk.agree([&name("dpo"), &name("head")]).await.expect("two people");
    StatisticsUnit::new(Setup {
        db,
        desk,
        policies,
        schemas: BTreeMap::new(),
        registry: Registry::default(),
        linkage_unit: key.public(),
        key: Arc::new(key),
        rank_secret: [7; 32],
        separation: "made-up rows, for a measurement".into(),
        clock: Clock::Set(Arc::new(AtomicI64::new(NOW))),
        plan_interval: Duration::from_secs(3_600),
        // A table of two event years leaves after two slots, whatever is ready earlier.
        pace: Pace::with_slot(SLOT),
        gate: Gate::without_witness(),
    })
}

/// A snapshot of no batch.
async fn accepted(unit: &StatisticsUnit, snapshot: SnapshotId) {
    let name = |text: &str| Name::new(text).expect("a name");
    let statement = SnapshotStatement {
        format: SnapshotStatement::FORMAT.into(),
        snapshot,
        project: name(PROJECT),
        epoch: name("2026"),
        schema: policy::Digest::of(b"schema"),
        batches: Vec::new(),
        link_map: policy::Digest::of(b""),
        subjects: 0,
        period: None,
    };
    let new = NewSnapshot {
        snapshot: snapshot.to_string(),
        project: PROJECT.into(),
        epoch: "2026".into(),
        statement: serde_json::to_string(&statement).expect("JSON"),
        link_map: Vec::new(),
        digest: [0; 32],
    };
    accept(unit.db(), &new, NOW).await.expect("a snapshot");
}
