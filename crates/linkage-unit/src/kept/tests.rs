//! Interrupted wherever it may be, a comparison ends with the same pairs; a complete one is never
//! made again.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use linkage::{BoxedError, Filters, PairSink, PairSource};
use policy::{PolicySet, SimilarityThreshold};
use ring::rand::SystemRandom;
use store::pairs::{self, Kept, NewComparison};
use store::seal::{Sealing, UnitKey};
use store::{Db, Location, UnitKind};
use submission::{LinkMap, Mode, SubjectId};
use tokio::runtime::Runtime;

use super::*;
use crate::keeper::tests::place::{AUTUMN, Place, operator};
use crate::keeper::tests::{by_hand, look, settle, start_approved};
use crate::load::LoadedSource;
use crate::order::LinkOrder;
use crate::{LinkageUnit, PairsReport, Solver};

const SMALL: Spill = Spill { bytes: 64, tiles: 3 };

fn schema() -> LinkageSchema {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    PolicySet::load(&root).unwrap().schemas["county-2026"].clone()
}

/// Four sources of sixty, in which every third record resembles one of the same row; two views, so
/// a dozen tiles.
fn sources() -> Vec<Source> {
    let mut state = 1_u64;
    let mut byte = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let people: Vec<[u8; 128]> = (0..60).map(|_| std::array::from_fn(|_| byte())).collect();
    let mut sources = Vec::new();
    for _ in 0..4 {
        let mut views = vec![Filters::new(1024).unwrap(), Filters::new(1024).unwrap()];
        for (row, person) in people.iter().enumerate() {
            for view in &mut views {
                let same: [u8; 128] =
                    std::array::from_fn(|at| if at % 4 == 0 { byte() } else { person[at] });
                let other: [u8; 128] = std::array::from_fn(|_| byte());
                view.push(if row % 3 == 0 { &same } else { &other }).unwrap();
            }
        }
        sources.push(Source::new(views).unwrap());
    }
    sources
}

fn threshold() -> Threshold {
    "0.6".parse().unwrap()
}

async fn open(folder: &Path) -> Db {
    let location = Location::Sqlite(folder.join("unit.sqlite"));
    let key_store = folder.join("unit.keys");
    let sealing = Sealing { key_store, unit_key: UnitKey::take(&mut [6; 32]) };
    let installation = "test".parse().unwrap();
    Db::open(&location, UnitKind::Linkage, &installation, &sealing).await.unwrap()
}

async fn begin(db: &Db) {
    store::epochs::open(db, "p", "2026", &[1; 32], None, 1).await.unwrap();
    pairs::begin(db, new_comparison("c"), 1).await.unwrap();
}

fn new_comparison(id: &str) -> NewComparison {
    NewComparison {
        comparison: id.into(),
        project: "p".into(),
        epoch: "2026".into(),
        basis: [7; 32],
        tiling: TILING.into(),
        floor: 600_000,
        sources: Vec::new(),
    }
}

/// The sink that goes on where the database is; made inside the runtime.
async fn sink(db: &Db) -> KeptSink {
    let [kept] = <[_; 1]>::try_from(pairs::kept(db, "p", "2026").await.unwrap()).ok().unwrap();
    let place = (kept.next_tile, kept.pairs);
    KeptSink::new(db.clone(), ("c".into(), threshold()), place, SMALL, 2)
}

/// Ends the comparison after some tiles, as a crash would: what waits in memory is lost.
struct Dies<'a> {
    sink: KeptSink,
    after: u64,
    then: &'a (dyn Fn() + Send + Sync),
}

impl PairSink for Dies<'_> {
    fn accept(&mut self, tile: u64, pairs: &[linkage::Pair]) -> Result<(), BoxedError> {
        if tile == self.after {
            (self.then)();
            return Err("the end".into());
        }
        self.sink.accept(tile, pairs)
    }
}

fn run_until_death(sink: KeptSink, after: u64, then: &(dyn Fn() + Send + Sync)) {
    let (sources, schema, progress) = (sources(), schema(), Progress::new());
    let first_tile = sink.next_tile();
    let work = Work {
        sources: &sources,
        schema: &schema,
        floor: threshold(),
        pairs: MOST_PAIRS,
        first_tile,
        scope: Scope::all(),
        progress: &progress,
    };
    assert!(work.run(&mut Dies { sink, after, then }).is_err());
}

type Line = (u32, u32, u32, u32, u32);

fn all(mut pairs: impl PairSource) -> Vec<Line> {
    let mut found = Vec::new();
    while pairs.read(&mut found).unwrap() {}
    let line = |own: &linkage::Pair| {
        let (left, right) = (own.left, own.right);
        (left.source, left.row, right.source, right.row, own.similarity.to_bits())
    };
    found.iter().map(line).collect()
}

/// As one comparison in memory finds them.
fn whole() -> Vec<Line> {
    let course = Course::Rehearse;
    let found = course.take(&sources(), &schema(), threshold(), &Progress::new()).unwrap();
    let Pairs::Memory(list) = found.pairs else { panic!("in memory") };
    all(list.reader())
}

fn go_on(runtime: &Runtime, db: &Db) -> (Vec<Line>, u64) {
    let sink = runtime.block_on(sink(db));
    let course = Course::Compare(sink, None);
    let found = course.take(&sources(), &schema(), threshold(), &Progress::new()).unwrap();
    let Pairs::Kept(kept) = found.pairs else { panic!("on the disk") };
    (all(kept), found.from_tile.unwrap())
}

#[test]
fn a_comparison_that_ends_early_goes_on_and_finds_the_same() {
    let whole = whole();
    assert!(whole.len() > 50, "the sample has pairs: {}", whole.len());
    let mut first_tiles = Vec::new();
    for after in 0..12 {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let runtime = Runtime::new().unwrap();
        let db = runtime.block_on(open(folder.path()));
        runtime.block_on(begin(&db));
        run_until_death(runtime.block_on(sink(&db)), after, &|| ());
        runtime.block_on(db.close());
        let db = runtime.block_on(open(folder.path()));
        let (found, first_tile) = go_on(&runtime, &db);
        assert!(found == whole, "after tile {after}");
        assert!(first_tile <= after);
        first_tiles.push(first_tile);
    }
    assert_eq!(first_tiles.first(), Some(&0));
    assert!(first_tiles.iter().any(|tile| *tile >= 9), "something was kept: {first_tiles:?}");
}

/// The one that the next test kills. Ignored, because it never ends by itself.
#[test]
#[ignore = "waits to be killed"]
fn waits_to_be_killed() {
    let runtime = Runtime::new().unwrap();
    let db = runtime.block_on(open(&std::env::current_dir().unwrap()));
    runtime.block_on(begin(&db));
    run_until_death(runtime.block_on(sink(&db)), 7, &|| {
        println!("\nhalf way");
        loop {
            std::thread::park();
        }
    });
}

#[test]
fn a_process_that_is_killed_while_it_compares_loses_nothing() {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kept::tests::waits_to_be_killed", "--ignored", "--nocapture"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "half way"), "it got there");
    child.kill().unwrap();
    child.wait().unwrap();
    let runtime = Runtime::new().unwrap();
    let db = runtime.block_on(open(folder.path()));
    let (found, first_tile) = go_on(&runtime, &db);
    assert!(found == whole());
    assert!((1..=7).contains(&first_tile), "goes on at tile {first_tile}");
}

async fn link(unit: &LinkageUnit, order: &LinkOrder) -> (u64, u64, PairsReport) {
    let snapshot = start_approved(unit, order).await;
    settle(unit).await;
    let done = unit.progress(&operator("p"), snapshot).await.unwrap().unwrap();
    let report = done.report.unwrap();
    (report.compared, report.clusters, report.pairs.unwrap())
}

fn millionths(number: u32) -> Option<SimilarityThreshold> {
    Some(SimilarityThreshold::from_millionths(number).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_threshold_or_solver_compares_nothing() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    place.deliver(&unit, "p", "a", "sgb2", "2025-09", 3).await;
    place.deliver(&unit, "p", "b", "kita", "2025-08", 4).await;
    let (compared, clusters, first) = link(&unit, &by_hand()).await;
    assert!(compared > 0 && first.compared_from_tile == Some(0));
    assert_eq!(first.floor.millionths(), 564_000);
    for solver in Solver::ALL {
        for threshold in [None, millionths(564_000), millionths(990_000)] {
            let order = LinkOrder { threshold, solver: Some(solver), ..by_hand() };
            let (compared, found, report) = link(&unit, &order).await;
            assert_eq!((compared, report.compared_from_tile), (0, None), "{solver:?}");
            assert_eq!(report.solver, solver);
            // Equal encodings are equal at every threshold.
            assert!(found == clusters || solver != Solver::Groups);
        }
    }
    // A restart and a run by rule read the same pairs.
    drop(unit);
    let unit = place.unit().await;
    assert_eq!(link(&unit, &by_hand()).await.0, 0);

    let lower = LinkOrder { threshold: millionths(550_000), ..by_hand() };
    let (compared, _, report) = link(&unit, &lower).await;
    assert!(compared > 0 && report.floor.millionths() == 550_000, "below what was kept");
    place.deliver(&unit, "p", "b", "kita", "2025-08", 4).await;
    assert!(link(&unit, &by_hand()).await.0 > 0, "other records");
    look(&unit).await;
    assert_eq!(pairs::kept(unit.db(), "p", "2026").await.unwrap().len(), 1, "the latest alone");
}

/// Rows of people, every one with a filter that only its equals resemble.
fn people(numbers: std::ops::Range<u8>) -> Vec<(SubjectId, [u8; 128])> {
    let random = SystemRandom::new();
    let filter = |number: u8| {
        let mut state = u64::from(number) + 1;
        std::array::from_fn(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(144_269_504_088_896);
            (state >> 56) as u8
        })
    };
    numbers.map(|number| (SubjectId::random(&random).unwrap(), filter(number))).collect()
}

/// Who is with whom, without the random names of persons.
async fn together(unit: &LinkageUnit) -> Vec<Vec<SubjectId>> {
    let line = unit.snapshots(&operator("p")).await.unwrap().pop().unwrap();
    let frozen = store::snapshots::frozen(unit.db(), &line.snapshot.to_string()).await.unwrap();
    let map = LinkMap::from_bytes(&frozen.unwrap().content.link_map).unwrap();
    let mut persons: BTreeMap<_, Vec<SubjectId>> = BTreeMap::new();
    for link in map.links() {
        persons.entry(link.person).or_default().push(link.subject);
    }
    let mut persons: Vec<_> = persons.into_values().collect();
    persons.sort();
    persons
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_compared_is_carried_over_and_only_new_records_are_compared() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    let (first, second) = (people(0..40), people(20..60));
    place.send_rows(&unit, "p", ("a", "sgb2"), "2025-09", (&first, &[]), Mode::Full).await;
    place.send_rows(&unit, "p", ("b", "kita"), "2025-08", (&second, &[]), Mode::Full).await;
    let (whole, _, _) = link(&unit, &by_hand()).await;
    let before = together(&unit).await;
    assert_eq!(before.iter().filter(|own| own.len() == 2).count(), 20);

    // Ten more at one department: compared with the forty of the other, and nothing else.
    let more = people(40..50);
    place.send_rows(&unit, "p", ("a", "sgb2"), "2025-09", (&more, &[]), Mode::Amend).await;
    let (compared, _, _) = link(&unit, &by_hand()).await;
    assert_eq!(compared * 4, whole);
    let after = together(&unit).await;
    assert_eq!(after.iter().filter(|own| own.len() == 2).count(), 30);

    // The same from nothing.
    pairs::drop_kept(unit.db(), "p", "2026").await.unwrap();
    let (all, _, _) = link(&unit, &by_hand()).await;
    assert_eq!(all * 4, whole * 5);
    assert!(together(&unit).await == after);

    // A department delivers in full: all of its records are new, none of the others' pairs is lost.
    place.send_rows(&unit, "p", ("b", "kita"), "2025-08", (&people(30..60), &[]), Mode::Full).await;
    link(&unit, &by_hand()).await;
    assert_eq!(together(&unit).await.iter().filter(|own| own.len() == 2).count(), 20);
}

/// Interrupted between two chunks, carrying over goes on at the next and leaves none out or twice.
#[test]
fn carrying_over_goes_on_where_it_was() {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let runtime = Runtime::new().unwrap();
    let db = runtime.block_on(open(folder.path()));
    runtime.block_on(begin(&db));
    let (mut expected, _) = go_on(&runtime, &db);
    expected.sort_unstable();
    let loaded: Vec<LoadedSource> = sources().into_iter().map(loaded).collect();
    let basis = Basis::of(&loaded, &schema());
    let kept = || runtime.block_on(pairs::kept(&db, "p", "2026")).unwrap();
    let old = kept().remove(0);
    assert!(old.complete && old.chunks > 2);
    let (sources, schema, progress) = (sources(), schema(), Progress::new());
    for carried in 0..=old.chunks {
        let id = format!("d-{carried}");
        let begun = new_comparison(&id);
        runtime.block_on(pairs::begin(&db, begun, 1)).unwrap();
        let sink = |place| {
            let _runtime = runtime.enter();
            KeptSink::new(db.clone(), (id.clone(), threshold()), place, SMALL, 2)
        };
        // As far as it came before it was killed: `carried` chunks, and nothing said of the end.
        let part = Kept { comparison: "c".into(), chunks: carried, ..copy_of(&old) };
        let part = Earlier::new(&part, &basis.sources, &loaded).unwrap();
        let work = Work {
            sources: &sources,
            schema: &schema,
            floor: threshold(),
            pairs: MOST_PAIRS,
            first_tile: 0,
            scope: part.scope(),
            progress: &progress,
        };
        let mut first = sink((0, 0));
        let summary = work.run(&mut first).unwrap();
        assert_eq!(summary.compared, 0, "nothing is new");
        first.carry(&part, summary.tiles).unwrap();
        drop(first);

        let state = kept().into_iter().find(|own| own.comparison == id).unwrap();
        let whole = Earlier::new(&old, &basis.sources, &loaded).unwrap();
        // Without its end, so that the earlier one stays for the next round.
        let mut again = sink((state.next_tile, state.pairs));
        again.carry(&whole, summary.tiles).unwrap();
        let _runtime = runtime.enter();
        let handle = tokio::runtime::Handle::current();
        let mut found = all(KeptPairs::new(db.clone(), handle, id.clone(), threshold()));
        found.sort_unstable();
        assert!(found == expected, "after {carried} chunks");
    }
}

fn loaded(source: Source) -> LoadedSource {
    let random = SystemRandom::new();
    let subjects = (0..source.rows()).map(|_| SubjectId::random(&random).unwrap()).collect();
    LoadedSource { department: "d".into(), dataset: "e".into(), subjects, source }
}

fn copy_of(kept: &Kept) -> Kept {
    Kept {
        comparison: kept.comparison.clone(),
        basis: kept.basis,
        tiling: kept.tiling.clone(),
        floor: kept.floor,
        next_tile: kept.next_tile,
        pairs: kept.pairs,
        chunks: kept.chunks,
        complete: kept.complete,
    }
}
