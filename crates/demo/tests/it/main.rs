//! The whole path on a small county, as the demo walks it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod assess;
mod attack;
mod crash;
mod exercise;
mod noise;

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use demo::county::Settings;
use demo::{RunSettings, run};
use serde_json::Value;

/// Canaries are at least this long.
const HEAD: usize = 8;

/// One run for all checks: two deliveries, 3,000 residents.
#[test]
fn the_whole_path_from_extract_to_release() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let json = place.path().join("summary.json");
    run(&RunSettings {
        county: Settings { persons: 3_000, seed: 3, dirty_per_mille: 350, quarters: 2 },
        data_dir: Some(data.clone()),
        once: true,
        as_installed: false,
        json: Some(json.clone()),
    })
    .unwrap();
    let summary: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    links_are_good(&summary);
    releases_stand_beside_the_links(&summary);
    every_charge_stays(&summary);
    every_file_has_its_report(&data);
    the_exhibit_is_one_person(&data);
    no_name_reaches_a_unit(&data);
}

fn links_are_good(summary: &Value) {
    assert_eq!(summary["departments"], 15, "eight departments, and seven without the job centre");
    assert!(summary["records"].as_u64().unwrap() > 800, "{}", summary["records"]);
    for figure in ["precision", "recall", "f1"] {
        let value = summary["link"][figure].as_f64().unwrap();
        assert!(value > 0.95, "{figure} {value}");
    }
}

/// Eight standard deviations of the noise are never seen, a wrong aggregation is.
fn releases_stand_beside_the_links(summary: &Value) {
    let releases = summary["releases"].as_array().unwrap();
    assert_eq!(releases.len(), 2 * (5 + 4), "deliveries × tables of either county");
    let mut covered = (0, 0);
    for release in releases {
        let mean = release["table"] == "day-care-hours" || release["table"] == "housing-cost";
        let deviation = (0.5 / release["rho"].as_f64().unwrap()).sqrt();
        for cell in release["cells"].as_array().unwrap() {
            let number = |key: &str| cell[key].as_f64();
            let Some(value) = number("value") else {
                assert!(mean, "only a mean is withheld: {cell}");
                continue;
            };
            let (low, high) = (number("low").unwrap(), number("high").unwrap());
            assert!(low <= value && value <= high, "{cell}");
            let Some(linked) = number("linked") else { continue };
            if !mean {
                assert!((value - linked).abs() <= 8.0 * deviation, "{cell}");
                covered.0 += u32::from(low <= linked && linked <= high);
                covered.1 += 1;
            }
            // How surely somebody was linked is no fact about people.
            let Some(truth) = number("truth") else {
                assert_eq!(release["table"], "link-quality");
                continue;
            };
            assert!((linked - truth).abs() <= 0.1 * truth + 6.0, "links are far off: {cell}");
        }
    }
    // 192 intervals at 95 %: fewer than 163 has a chance below 1e-6.
    assert!(covered.1 == 192 && covered.0 >= 163, "{covered:?}");
}

/// Both runs of a plan charge the same lineage, and a fifth of its cap stays.
fn every_charge_stays(summary: &Value) {
    let lineages = summary["budget"]["lineages"].as_array().unwrap();
    assert_eq!(lineages.len(), 2);
    for line in lineages {
        let spent = line["spent_nano_rho"].as_u64().unwrap();
        assert!((399_000_000..=400_000_000).contains(&spent), "two runs, .1 and .3: {spent}");
        assert_eq!(line["cap_nano_rho"], 500_000_000);
    }
}

/// What clerks laid was filed with a report beside it, and nothing was refused.
fn every_file_has_its_report(data: &Path) {
    let shared = shared(data);
    let laid: Vec<&PathBuf> = shared.iter().filter(|path| is_laid(path)).collect();
    let lists = laid.iter().filter(|path| path.extension().is_some_and(|own| own == "txt")).count();
    assert_eq!(laid.len() - lists, 2 * 15, "two deliveries");
    assert!(lists <= 2, "a list of withdrawals only where somebody left");
    for path in laid {
        assert!(path.components().any(|part| part.as_os_str() == "Erledigt"), "{path:?}");
        let report = PathBuf::from(format!("{}.bericht.html", path.display()));
        let text = fs::read_to_string(&report).unwrap();
        assert!(text.contains("<html lang=\"de\">") && !text.contains("<script"), "{report:?}");
    }
}

/// The exhibit shows what travelled: its subjects are in the batches of its departments.
fn the_exhibit_is_one_person(data: &Path) {
    let bytes = fs::read(data.join("statistics-unit").join("exhibit.json")).unwrap();
    let exhibit = milchglas::Exhibit::read(&bytes).unwrap();
    assert!(
        exhibit.offices.len() >= 2 && exhibit.offices.len() == exhibit.linkage.deliveries.len()
    );
    assert!(!exhibit.released.is_empty());
    let sent: Vec<Vec<u8>> = files(&data.join("06432").join("departments"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|own| own == "arrow"))
        .map(|path| fs::read(path).unwrap())
        .collect();
    for delivery in &exhibit.linkage.deliveries {
        let subject: Vec<u8> = (0..32)
            .step_by(2)
            .map(|at| u8::from_str_radix(&delivery.subject[at..at + 2], 16).unwrap())
            .collect();
        let holds = |bytes: &&Vec<u8>| bytes.windows(16).any(|window| window == subject);
        assert!(sent.iter().filter(holds).count() >= 2, "both halves hold the subject");
    }
}

/// Everything in the folders that clerks see.
fn shared(data: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for county in ["06432", "06440"] {
        for department in fs::read_dir(data.join(county).join("departments")).unwrap() {
            found.extend(files(&department.unwrap().path().join("austausch")));
        }
    }
    found
}

fn is_laid(path: &Path) -> bool {
    path.extension().is_some_and(|own| own == "csv" || own == "txt")
}

/// Searches everything that leaves a department or lies at a unit for surnames and case numbers.
fn no_name_reaches_a_unit(data: &Path) {
    let mut canaries: BTreeSet<Vec<u8>> = BTreeSet::new();
    let shared = shared(data);
    for path in shared.iter().filter(|path| path.extension().is_some_and(|own| own == "csv")) {
        canaries.extend(secrets_of(path));
    }
    assert!(canaries.len() > 300, "{} canaries", canaries.len());
    let mut places = files(&data.join("linkage-unit"));
    places.extend(files(&data.join("statistics-unit")));
    // The exhibit is the one place that shows a made-up person from all sides.
    places.retain(|path| !path.ends_with("exhibit.json"));
    places.extend(files(&data.join("releases")));
    places.extend(shared.into_iter().filter(|path| !is_laid(path)));
    for county in ["06432", "06440"] {
        let outgoing = files(&data.join(county).join("departments")).into_iter();
        places.extend(outgoing.filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.ends_with(".arrow") || name == "manifest.json" || name == "report.json"
        }));
    }
    assert!(places.len() > 60, "{} files", places.len());
    // One pass over each file: only where eight bytes fit, the whole canary is compared.
    let heads: HashSet<&[u8]> = canaries.iter().map(|canary| &canary[..HEAD]).collect();
    let holds_one = |bytes: &[u8]| {
        (0..bytes.len().saturating_sub(HEAD)).any(|at| {
            heads.contains(&bytes[at..at + HEAD])
                && canaries.iter().any(|canary| bytes[at..].starts_with(canary))
        })
    };
    let control = [b"before ", canaries.first().unwrap().as_slice(), b" and after it"].concat();
    assert!(holds_one(&control), "the search finds what is there");
    for path in places {
        assert!(!holds_one(&fs::read(&path).unwrap()), "a canary lies in {}", path.display());
    }
}

/// Case numbers and long surnames of every eighth row of an extract, as bytes of the file.
fn secrets_of(path: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(path).unwrap();
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let header = lines.next().unwrap();
    let delimiter = *[b';', b',', b'\t'].iter().max_by_key(|d| count(header, **d)).unwrap();
    let columns: Vec<&[u8]> = header.split(|byte| *byte == delimiter).collect();
    let case = columns.iter().position(|name| name.starts_with(b"aktenzeichen"));
    let mut found = Vec::new();
    for line in lines.step_by(8) {
        let cells: Vec<&[u8]> = line.split(|byte| *byte == delimiter).collect();
        let surname = cells.first().filter(|cell| cell.len() > HEAD);
        let number = case.and_then(|at| cells.get(at)).filter(|cell| cell.len() >= HEAD);
        found.extend(surname.into_iter().chain(number).map(|cell| cell.to_vec()));
    }
    found.retain(|cell| !cell.starts_with(b"\xef\xbb\xbf"));
    found
}

fn count(line: &[u8], delimiter: u8) -> usize {
    line.iter().filter(|byte| **byte == delimiter).count()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("mine"), "mine").unwrap();
    let refused = run(&RunSettings {
        county: Settings { persons: 100, seed: 1, dirty_per_mille: 0, quarters: 1 },
        data_dir: Some(place.path().to_owned()),
        once: true,
        as_installed: false,
        json: None,
    });
    assert!(refused.unwrap_err().to_string().contains("name a new folder"));
}
