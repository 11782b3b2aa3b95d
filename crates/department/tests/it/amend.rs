//! Corrections and removals within an epoch.

use std::fs;
use std::path::PathBuf;

use department::{Change, Error, Mapping, PreparedBatch};
use submission::{Mode, SignedManifest, SubjectId};

use crate::desk::Desk;
use crate::facts::{PLAIN, private};

const HEADER: &str = "nachname;vornamen;geburtsdatum;az;monat;sperre\n";

fn person(name: &str, case: &str) -> String {
    format!("{name};Eva;01.02.1980;{case};2025-01;N\n")
}

fn manifest(batch: &PreparedBatch, half: &str) -> submission::Manifest {
    let bytes = fs::read(batch.folder.join(half).join("manifest.json")).unwrap();
    serde_json::from_slice::<SignedManifest>(&bytes).unwrap().manifest
}

fn of_case(desk: &Desk, batch: &PreparedBatch, case: &str) -> SubjectId {
    desk.register(batch).subjects_of_case(case)[0]
}

#[test]
fn corrections_and_removals_withdraw_the_subjects_that_still_count() {
    let desk = Desk::new();
    let mapping = Mapping::from_toml(PLAIN, "plain.toml").unwrap();
    let text = [HEADER, &person("Adler", "1"), &person("Bussard", "2"), &person("Condor", "3")];
    let first = desk.write("first.csv", text.concat());
    let full = desk.prepare(&mapping, Some(&first), None, Change::Full, 1).unwrap();
    assert!(manifest(&full, "linkable").mode == Mode::Full);

    // Case 2 is corrected, case 3 removed, case 4 new.
    let second =
        desk.write("second.csv", [HEADER, &person("Busard", "2"), &person("Dohle", "4")].concat());
    let list = desk.write("cases.txt", "3\n");
    private(&list);
    let earlier: Vec<PathBuf> = vec![full.folder.clone()];
    let change = Change::Amend { earlier: &earlier, withdraw: Some(&list) };
    let amended = desk.prepare(&mapping, Some(&second), None, change, 2).unwrap();
    let mut expected = vec![of_case(&desk, &full, "2"), of_case(&desk, &full, "3")];
    expected.sort_unstable();
    for half in ["linkable", "measures"] {
        let manifest = manifest(&amended, half);
        assert!(manifest.mode == Mode::Amend);
        assert_eq!(manifest.withdrawn, expected);
        assert_eq!(manifest.subjects, 2);
    }

    // A removal alone has no rows, and finds the corrected subject, not the first one.
    let list = desk.write("again.txt", "2\n");
    private(&list);
    let earlier = vec![amended.folder.clone(), full.folder.clone()];
    let change = Change::Amend { earlier: &earlier, withdraw: Some(&list) };
    let removed = desk.prepare(&mapping, None, None, change, 3).unwrap();
    let manifest = manifest(&removed, "measures");
    assert_eq!(manifest.withdrawn, [of_case(&desk, &amended, "2")]);
    assert_eq!((manifest.rows, manifest.chunks.len()), (0, 0));

    // What was removed is not found again; the line is named, not the case.
    let list = desk.write("third.txt", "# Fälle\n3\n");
    private(&list);
    let earlier = vec![full.folder, amended.folder, removed.folder];
    let change = Change::Amend { earlier: &earlier, withdraw: Some(&list) };
    let error = desk.prepare(&mapping, None, None, change, 4).err().unwrap();
    assert!(matches!(error, Error::List { line: 2, .. }), "{error}");
}

#[test]
fn a_full_delivery_ends_what_was_before_and_gives_new_ids() {
    let desk = Desk::new();
    let mapping = Mapping::from_toml(PLAIN, "plain.toml").unwrap();
    let path = desk.write("x.csv", [HEADER, &person("Adler", "1")].concat());
    let one = desk.prepare(&mapping, Some(&path), None, Change::Full, 1).unwrap();
    let two = desk.prepare(&mapping, Some(&path), None, Change::Full, 2).unwrap();
    assert_ne!(of_case(&desk, &one, "1"), of_case(&desk, &two, "1"));
    let earlier = vec![one.folder, two.folder.clone()];
    let change = Change::Amend { earlier: &earlier, withdraw: None };
    let amended = desk.prepare(&mapping, Some(&path), None, change, 3).unwrap();
    assert_eq!(manifest(&amended, "linkable").withdrawn, [of_case(&desk, &two, "1")]);
}

#[test]
fn an_amendment_that_says_nothing_is_refused() {
    let desk = Desk::new();
    let mapping = Mapping::from_toml(PLAIN, "plain.toml").unwrap();
    let list = desk.write("empty.txt", "# nobody\n\n");
    private(&list);
    let change = Change::Amend { earlier: &[], withdraw: Some(&list) };
    let error = desk.prepare(&mapping, None, None, change, 1).err().unwrap();
    assert!(error.to_string().contains("one case number per line"), "{error}");
    let bad = desk.write("bad.csv", format!("{HEADER}{}", person("", "1")));
    let change = Change::Amend { earlier: &[], withdraw: None };
    let error = desk.prepare(&mapping, Some(&bad), None, change, 1).err().unwrap();
    assert!(matches!(error, Error::NothingUsable { .. }), "{error}");
}
