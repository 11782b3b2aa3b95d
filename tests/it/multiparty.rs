//! The page `docs/multiparty.md`, run as it stands, and the links it makes judged by the true
//! `id` of the five lists.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use department::{Register, keys};
use submission::{LinkMap, PersonId, SubjectId};
use tempfile::TempDir;

const PARTIES: usize = 5;

#[test]
fn five_parties_by_hand() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = root.join("../shared/data/multiparty");
    if !data.is_dir() {
        println!("skipped: the five lists are not here ({} is missing)", data.display());
        return;
    }
    let place = run_the_page(root, &data);
    let table = fs::read_to_string(place.path().join("analyst/people-by-sex.csv")).unwrap();
    assert!(table.contains("people-by-sex") || table.contains("Different people"), "{table}");
    let quality = judge(place.path(), &data);
    println!("multiparty: precision {:.4} recall {:.4} F1 {:.4}", quality.0, quality.1, quality.2);
    assert!(quality.2 >= 0.97, "F1 {:.4}", quality.2);
}

/// Runs every shell block of the page in one shell, in a new folder.
fn run_the_page(root: &Path, data: &Path) -> TempDir {
    let page = fs::read_to_string(root.join("docs/multiparty.md")).unwrap();
    let blocks: Vec<&str> =
        page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 8, "the page lost its commands");
    let place = tempfile::tempdir().unwrap();
    // Whatever fails, the units end with the shell.
    let script =
        format!("set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{}", blocks.join("\n"));
    let server = PathBuf::from(env!("CARGO_BIN_EXE_milchglas"));
    let programs = server.parent().unwrap();
    assert!(
        programs.join("milchglas-department").is_file(),
        "build the workspace's binaries first"
    );
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display());
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(place.path())
        .env("PATH", path)
        .env("DATA", data)
        .env("EXAMPLE", root.join("docs/examples/multiparty"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    // The units are ended by a signal that they answer with a clean end.
    assert!(output.status.success(), "{errors}\n{}", String::from_utf8_lossy(&output.stdout));
    place
}

/// Precision, recall and F1 over the pairs of records of different parties.
fn judge(place: &Path, data: &Path) -> (f64, f64, f64) {
    let map = link_map(place);
    let mut person: HashMap<SubjectId, PersonId> = HashMap::new();
    person.extend(map.links().iter().map(|link| (link.subject, link.person)));
    let mut clusters: HashMap<PersonId, BTreeMap<String, u64>> = HashMap::new();
    let mut truth: HashMap<String, u64> = HashMap::new();
    for party in 1..=PARTIES {
        let ids = true_ids(&data.join(format!("dataset-{party}.csv")));
        for id in &ids {
            *truth.entry(id.clone()).or_default() += 1;
        }
        let folder = place.join(format!("party-{party}"));
        let key = keys::read_register(&folder.join("register.key")).unwrap();
        let batch = fs::read_dir(folder.join("outbox")).unwrap().next().unwrap().unwrap().path();
        let register = Register::open(&batch.join("register.sealed"), &key).unwrap();
        for (subject, records) in register.subjects() {
            let id = &ids[usize::try_from(records[0]).unwrap()];
            *clusters.entry(person[&subject]).or_default().entry(id.clone()).or_default() += 1;
        }
    }
    let pairs = |n: u64| n * n.saturating_sub(1) / 2;
    let found: u64 = clusters.values().map(|own| pairs(own.values().sum())).sum();
    let both: u64 = clusters.values().flat_map(|own| own.values().map(|n| pairs(*n))).sum();
    let real: u64 = truth.values().map(|n| pairs(*n)).sum();
    assert_eq!(real, 14_620, "the true pairs of the five lists");
    let share = |part: u64, whole: u64| part as f64 / whole as f64;
    (share(both, found), share(both, real), share(2 * both, found + real))
}

/// The frozen map, straight from the linkage unit's database: only a test on one machine can.
fn link_map(place: &Path) -> LinkMap {
    let database = store::Location::Sqlite(place.join("linkage/linkage.sqlite"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let installation = "example".parse().unwrap();
        let sealing = store::seal::Sealing {
            key_store: place.join("linkage/linkage.keys"),
            unit_key: milchglas::keys::read_data_key(&place.join("linkage/data.key")).unwrap(),
        };
        let unit = store::UnitKind::Linkage;
        let db = store::Db::open(&database, unit, &installation, &sealing).await.unwrap();
        let ids = store::snapshots::frozen_of(&db, "five-parties").await.unwrap();
        let frozen = store::snapshots::frozen(&db, &ids[0]).await.unwrap().unwrap();
        LinkMap::from_bytes(&frozen.content.link_map).unwrap()
    })
}

/// The column `id`, record by record; the lists have neither quotes nor line breaks in cells.
fn true_ids(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
}
