use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use serde_json::json;
use tempfile::TempDir;

use super::*;

const DAY: Date = date(2026, 11, 28);

/// A copy of the shipped folder that a test may change.
struct Copy(TempDir);

impl Copy {
    fn new() -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies"), copy.0.path());
        copy
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(self.path(file), text.replacen(from, to, 1)).unwrap();
    }

    fn read(&self) -> Folder {
        Folder::read(self.0.path()).unwrap_or_else(|faults| panic!("{faults:?}"))
    }

    /// Everything wrong, without the folder's own path.
    fn faults(&self) -> Vec<String> {
        let folder = self.0.path();
        let faults = match Folder::read(folder) {
            Ok(read) => read.faults(folder, DAY),
            Err(faults) => faults,
        };
        let root = format!("{}/", folder.display());
        faults.iter().map(|own| own.to_string().replace(&root, "")).collect()
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

const PURPOSE: &str = "purposes/sozialmonitoring-06440.toml";

#[test]
fn the_shipped_folder_has_no_fault() {
    assert_eq!(Copy::new().faults(), [] as [String; 0]);
}

#[test]
fn what_is_wrong_is_named_with_file_and_line() {
    for (file, from, to, place, word) in [
        (PURPOSE, "expires =", "expire =", "purposes/sozialmonitoring-06440.toml:11:", "expire"),
        (PURPOSE, "rho_nano = 50_000_000", "rho_nano = 5", "", "≥ 1000"),
        (PURPOSE, "lineage_cap_nano_rho = 500", "lineage_cap_nano_rho = -500", "", "-500"),
        (
            "access/rollen.cedar",
            "2027-12-31",
            "2026-11-27",
            "access/rollen.cedar:4:",
            "decide anew",
        ),
        (
            "access/rollen.cedar",
            "@owner(\"datenschutz\")\n",
            "",
            "access/rollen.cedar:4:",
            "@owner",
        ),
        ("access/rollen.cedar", "\"Query\", ", "\"Qery\", ", "access/rollen.cedar:", "Qery"),
        (
            "tests/zugriff.toml",
            "allow = true",
            "allow = false",
            "tests/zugriff.toml:5:",
            "permitted by lieferung",
        ),
        (
            "tests/fragen.toml",
            "allow = true",
            "allow = false",
            "tests/fragen.toml:4:",
            "is answered",
        ),
        ("tests/fragen.toml", "allow = true", "allowed = true", "tests/fragen.toml:8:", "allowed"),
        (
            "schedules/county-06440.toml",
            "project = ",
            "proyect = ",
            "schedules/county-06440.toml:",
            "proyect",
        ),
        (
            "catalogue/county.toml",
            "max_rows = 24",
            "max_rows = 0",
            "catalogue/county.toml:",
            "max_rows",
        ),
    ] {
        let copy = Copy::new();
        copy.replace(file, from, to);
        let found = copy.faults();
        let hit = found.iter().any(|own| own.starts_with(place) && own.contains(word));
        assert!(hit, "{to}: {found:?}");
        assert!(found.iter().any(|own| own.starts_with(file)), "{to}: {found:?}");
    }
}

#[test]
fn a_contradiction_is_found_by_the_names_it_speaks_of() {
    let text = "id = \"z\"\n[budget]\n[[indicator]]\nid = \"a\"\nrho_nano = 5\n[[indicator]]\nid = \"b\"\nrho_nano = 1\n";
    assert_eq!(folder::line(text, "`z`: indicator `b`: rho_nano must be ≥ 1000"), 8);
    assert_eq!(folder::line(text, "`z`: indicator `a`: rho_nano must be ≥ 1000"), 5);
    assert_eq!(folder::line(text, "TOML parse error at line 3, column 1"), 3);
    assert_eq!(folder::line(text, "something else"), 1);
}

#[test]
fn a_folder_is_explained() {
    let sections = explain(Copy::new().read().said(), DAY).unwrap();
    let shown =
        |section: &explain::Section| format!("{}\n  {}", section.title, section.lines.join("\n  "));
    insta::assert_snapshot!("access", shown(&sections[0]));
    insta::assert_snapshot!("rules", shown(&sections[1]));
    let purpose = sections.iter().find(|own| own.title.contains("sozialmonitoring-06440"));
    insta::assert_snapshot!("purpose", shown(purpose.unwrap()));
    let late = explain(Copy::new().read().said(), date(2028, 1, 1)).unwrap();
    assert_eq!(late[0].lines.len(), 1, "after their day no rule permits anything");
    assert!(late[1].lines[0].contains("abgelaufen"));
}

#[test]
fn two_folders_are_compared_in_words() {
    let (old, new) = (Copy::new(), Copy::new());
    assert!(compare(old.read().said(), new.read().said(), DAY).unwrap().is_empty());
    new.replace(
        "access/rollen.cedar",
        "Action::\"ReadLedger\"]",
        "Action::\"ReadLedger\", Action::\"ReadLog\"]",
    );
    new.replace("access/freigaben.cedar", "\"restore\"]", "\"key-release\"]");
    new.replace("access/niemals.cedar", "2027-12-31", "2028-12-31");
    new.replace(
        PURPOSE,
        "lineage_cap_nano_rho = 500_000_000",
        "lineage_cap_nano_rho = 600_000_000",
    );
    new.replace(PURPOSE, "analyst_cap_nano_rho = 2_000", "analyst_cap_nano_rho = 1_000");
    new.replace(PURPOSE, "expires = \"2027-12-31\"", "expires = \"2027-06-30\"");
    new.replace(PURPOSE, "\"Jugendhilfeplanung\"]", "\"Presse\"]");
    new.replace(PURPOSE, "groupings = [[\"social_area\"], []]", "groupings = [[\"sex\"], []]");
    new.replace(PURPOSE, "id = \"old-age-benefit\"", "id = \"old-age\"");
    new.replace(PURPOSE, "\"cases\", \"share\"]", "\"cases\", \"mean\"]");
    fs::remove_file(new.path("purposes/plan-2026-06440.toml")).unwrap();
    fs::remove_file(new.path("purposes/plan-2026-06440-zwischenstand.toml")).unwrap();
    new.replace("catalogue/county.toml", "retention_months = 36", "retention_months = 60");
    let plan = "purposes/plan-2026-06432.toml";
    new.replace(plan, "share_per_mille = ", "share_per_mille = 1 # ");
    let found = compare(old.read().said(), new.read().said(), DAY).unwrap();
    let shown = format!(
        "+ {}\n- {}\n~ {}",
        found.possible.join("\n+ "),
        found.impossible.join("\n- "),
        found.changed.join("\n~ ")
    );
    insta::assert_snapshot!("diff", shown);
    let back = compare(new.read().said(), old.read().said(), DAY).unwrap();
    assert!(back.impossible.iter().any(|own| own.contains("darf nicht mehr das Protokoll lesen")));
}

/// An entry as a unit's log has it, without the chain that `audit` checks before.
fn entry(sequence: u64, day: Date, kind: &str, body: &serde_json::Value) -> String {
    let at = day.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second();
    json!({"entry": {"sequence": sequence, "at": at, "kind": kind, "body": body}}).to_string()
}

fn charge(sequence: u64, day: Date, rho: u64) -> String {
    let body = json!({"project": "county-06440", "purpose": "sozialmonitoring-06440", "rho": rho,
                      "lineages": [{"year": 2025, "rho": 0}]});
    entry(sequence, day, "charge.committed", &body)
}

#[test]
fn the_past_year_is_decided_again() {
    let refused = json!({"project": "county-06440", "purpose": "sozialmonitoring-06440",
                         "asked": 200_000_000, "which": {"cap": "lineage-rho", "year": 2025}});
    let log = [
        charge(1, date(2025, 1, 1), 50_000_000),
        charge(2, date(2026, 3, 1), 50_000_000),
        entry(3, date(2026, 3, 2), "batch.received", &json!({})),
        charge(4, date(2026, 9, 1), 250_000_000),
        entry(5, date(2026, 9, 2), "refusal", &refused),
    ]
    .join("\n");
    let release = |sequence: u64, indicator: &str, groups: &[&str]| {
        json!({"ledger": {"sequence": sequence}, "indicator": indicator, "dimensions": groups,
               "rho_nano": 50_000_000})
        .to_string()
    };
    let releases = release(2, "children-in-benefits", &["social_area"]);
    let same = simulate(&Copy::new().read(), &log, &releases, DAY).unwrap();
    assert_eq!((same.requests, same.with_indicator), (3, 1));
    assert!(same.otherwise.is_empty(), "{:?}", same.otherwise);

    let new = Copy::new();
    for plan in ["", "-zwischenstand", "-rueckblick-1", "-rueckblick-2"] {
        fs::remove_file(new.path(&format!("purposes/plan-2026-06440{plan}.toml"))).unwrap();
    }
    new.replace(PURPOSE, "lineage_cap_nano_rho = 500", "lineage_cap_nano_rho = 310");
    new.replace(PURPOSE, "groupings = [[\"social_area\"], []]", "groupings = [[]]");
    let tighter = simulate(&new.read(), &log, &releases, DAY).unwrap();
    let told = |own: &simulate::Simulated| -> Vec<(u64, bool)> {
        own.otherwise.iter().map(|own| (own.sequence, own.answered)).collect()
    };
    // The grouping is gone, which leaves room for what came later.
    assert_eq!(told(&tighter), [(2, false)]);
    assert!(tighter.otherwise[0].because.contains("may not be grouped"), "{tighter:?}");
    new.replace(PURPOSE, "lineage_cap_nano_rho = 310", "lineage_cap_nano_rho = 260");
    let tightest = simulate(&new.read(), &log, &releases, DAY).unwrap();
    assert_eq!(told(&tightest), [(2, false), (4, false), (5, true)]);
    new.replace(PURPOSE, "expires = \"2027-12-31\"", "expires = \"2026-08-31\"");
    let ended = simulate(&new.read(), &log, &releases, DAY).unwrap();
    assert_eq!(told(&ended), [(2, false), (4, false)]);
    assert!(ended.otherwise[1].because.contains("endet am 2026-08-31"));
}
