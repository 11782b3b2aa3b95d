//! Golden extracts: what each record must become.

use std::collections::BTreeSet;
use std::fs;

use department::{Change, Objections};
use submission::{Half, SignedManifest};

use crate::desk::{Desk, extract};

#[test]
fn a_record_over_years_becomes_a_fact_per_year_with_classes_only() {
    let desk = Desk::new();
    let batch = desk.full("hze", &extract("hze.csv")).unwrap();
    // Class of duration counts from November 2021; costs are rounded to hundreds and cut at 9,000.
    assert_eq!(
        desk.lines_of(&batch, "hze", "HZE-1"),
        [
            "2022/1-12 06432010 06-14 w outpatient 12-23 1200",
            "2023/1-12 06432010 06-14 w outpatient 24-35 1200",
            "2023/3-4 06432004 06-14 w residential 00-05 9000",
            "2024/1-12 06432010 06-14 w outpatient 36+ 1200",
            "2025/1-12 06432010 06-14 w outpatient 36+ 1200",
        ]
    );
    // What is not known travels as unknown and is counted.
    assert_eq!(desk.lines_of(&batch, "hze", "HZE-2"), ["2025/1-12 ? ? ? other 06-11 -"]);
    let counts = &batch.report.counts;
    assert_eq!((counts.unresolved_places, counts.unknown_ages), (1, 1));
    assert_eq!((counts.rows, counts.rows_outside_period), (9, 1));
    assert_eq!((counts.people_without_facts, counts.subjects, counts.facts), (1, 2, 6));
    let reasons: Vec<(&str, u64)> =
        batch.report.quarantine.iter().map(|(reason, n)| (reason.as_str(), *n)).collect();
    assert_eq!(
        reasons,
        [
            ("ends-before-it-begins", 1),
            ("impossible-date", 1),
            ("missing-identifier", 1),
            ("not-an-amount", 1),
            ("unknown-code", 1),
        ]
    );
}

#[test]
fn quarantine_names_line_reason_and_column_and_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let batch = desk.full("hze", &extract("hze.csv")).unwrap();
    let path = batch.folder.join("quarantine.csv");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&batch.folder).unwrap().permissions().mode() & 0o777, 0o700);
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("\u{feff}Zeile;Grund;Spalte;Hinweis;nachname;"), "{}", lines[0]);
    // Line 3 and 4 are one record with a line break.
    assert!(lines[1].starts_with("7;impossible-date;geburtsdatum;"), "{}", lines[1]);
    assert!(lines[2].starts_with("8;unknown-code;hilfeart;"), "{}", lines[2]);
    assert_eq!(lines.len(), 6);
}

#[test]
fn a_household_has_one_amount_and_one_random_id() {
    let desk = Desk::new();
    let batch = desk.full("wohngeld", &extract("wohngeld.csv")).unwrap();
    let one = desk.lines_of(&batch, "wohngeld", "WG-1");
    // Bärbel's grants of two households' rows, Jörg's without the amounts; clipped to the period.
    let mut expected = vec![
        "2023/7-12 06432004 25-64 w 410 900",
        "2024/1-6 06432004 25-64 w 410 900",
        "2024/7-12 06432004 25-64 w 400 900",
        "2025/1-12 06432004 25-64 w 400 900",
        "2023/7-12 06432004 03-05 m - -",
        "2024/1-6 06432004 03-05 m - -",
    ];
    let mut found: Vec<&str> = one.iter().map(String::as_str).collect();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(desk.lines_of(&batch, "wohngeld", "WG-2"), ["2022/1-12 06432010 65+ m 60 300"]);
    let facts = desk.facts(&batch, "wohngeld");
    let units: BTreeSet<_> = facts.iter().map(|fact| fact.unit.unwrap()).collect();
    assert_eq!((units.len(), batch.report.counts.units), (2, 2));
    assert_eq!(batch.report.counts.totals_rows, 1);
    assert_eq!(batch.report.counts.unresolved_places, 0, "Semd is a part of Groß-Umstadt");
}

#[test]
fn many_rows_of_a_person_are_one_subject_even_when_the_name_is_written_otherwise() {
    let desk = Desk::new();
    let batch = desk.full("sgb2", &extract("sgb2.csv")).unwrap();
    let register = desk.register(&batch);
    let subjects = register.subjects_of_case("BG-1");
    assert_eq!(subjects.len(), 2);
    let records: BTreeSet<&[u64]> =
        subjects.iter().map(|s| register.records_of_subject(*s).unwrap()).collect();
    assert_eq!(records, BTreeSet::from([&[0, 2][..], &[1]]));
    assert_eq!(batch.report.quarantine["same-record-twice"], 1);
    let lines = desk.lines_of(&batch, "sgb2", "BG-1");
    assert!(lines.contains(&"2025/2-2 06432009 25-64 w single_parent 410 800".into()), "{lines:?}");
    assert_eq!(batch.report.counts.people_per_case[&2], 1);
}

#[test]
fn both_halves_state_the_same_subjects_in_different_orders() {
    let desk = Desk::new();
    let header = fs::read_to_string(extract("hze.csv")).unwrap();
    let mut text = header.lines().next().unwrap().to_owned() + "\n";
    for number in 0..200 {
        text.push_str(&format!(
            "Person{number}\t\tEva\t01.02.2010\tw\tWeg\t1\t64807\tDieburg\t06432004\tX\tA-{number}\t§28\t01.2025\t02.2025\t\t\t\t\t100,00\t\n"
        ));
    }
    let batch = desk.full("hze", &desk.write("many.csv", text)).unwrap();
    let linkable = desk.linkable(&batch);
    let facts = desk.facts(&batch, "hze");
    let measures: Vec<_> = facts.iter().map(|fact| fact.subject).collect();
    assert_eq!((linkable.len(), measures.len()), (200, 200));
    assert_ne!(linkable, measures);
    let sorted = |mut ids: Vec<_>| {
        ids.sort_unstable();
        ids
    };
    assert_eq!(sorted(linkable.clone()), sorted(measures));
    let signed = |half: &str| -> SignedManifest {
        let path = batch.folder.join(half).join("manifest.json");
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    };
    let (one, other) = (signed("linkable"), signed("measures"));
    let public = desk.keys.signing.public();
    let (one, other) = (one.verify(&public).unwrap(), other.verify(&public).unwrap());
    assert_eq!((one.half, other.half), (Half::Linkable, Half::Measures));
    assert_eq!((one.subjects, one.subjects_digest), (other.subjects, other.subjects_digest));
    // The file's order is in neither half.
    let register = desk.register(&batch);
    let records: Vec<u64> =
        linkable.iter().map(|s| register.records_of_subject(*s).unwrap()[0]).collect();
    assert!(!records.is_sorted());
}

#[test]
fn people_who_object_or_are_blocked_leave_no_trace_in_either_half() {
    let desk = Desk::new();
    let text = "nachname;vornamen;geburtsdatum;az;monat;sperre\n\
        Adler;Eva Maria;01.02.1980;1;2025-01;\n\
        Bussard;Uwe;03.04.1970;2;2025-01;N\n\
        Condor;Ida;05.06.1990;3;2025-01;N\n\
        Condor;Ida;05.06.1990;3;2025-02;J\n\
        Dohle;Max;07.08.2000;4;2025-01;vielleicht\n\
        Elster;Lea;09.10.2001;5;2025-01;N\n";
    let mapping = department::Mapping::from_toml(PLAIN, "plain.toml").unwrap();
    let path = desk.write("plain.csv", text);
    let list = desk.write("objections.txt", "# Widersprüche\n2\nADLER;Maria;1.2.1980\n");
    assert!(Objections::load(&list).is_err(), "readable by others");
    private(&list);
    let list = Objections::load(&list).unwrap();
    let batch = desk.prepare(&mapping, Some(&path), Some(&list), Change::Full, 1).unwrap();
    let register = desk.register(&batch);
    for (case, subjects) in [("1", 0), ("2", 0), ("3", 0), ("4", 0), ("5", 1)] {
        assert_eq!(register.subjects_of_case(case).len(), subjects, "{case}");
    }
    // Whoever's block cannot be read is left out too.
    assert_eq!(batch.report.counts.people_blocked, 4);
    assert_eq!(batch.report.quarantine["unknown-block"], 1);
    assert_eq!(desk.linkable(&batch).len(), 1);
}

pub(crate) fn private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

pub(crate) const PLAIN: &str = r#"
version = 1
dataset = "but"
case = "az"
absent = ["municipality", "sex", "but_benefit", "but_law"]
[columns]
nachname = { role = "identifier", identifier = "surname" }
vornamen = { role = "identifier", identifier = "given_names" }
geburtsdatum = { role = "identifier", identifier = "date_of_birth" }
az = { role = "person" }
monat = { role = "time", part = "at", format = "yyyy-mm" }
sperre = { role = "exclude", drop = ["J"], keep = ["", "N"] }
[derive.age_group]
kind = "age"
date = "geburtsdatum"
"#;

#[test]
fn rows_beyond_the_catalogue_and_mixed_cases_go_to_quarantine() {
    let desk = Desk::new();
    let mut text = String::from("nachname;vornamen;geburtsdatum;az;monat;sperre;nr\n");
    for number in 0..63 {
        text.push_str(&format!("Adler;Eva;01.02.1980;1;2025-01;;{number}\n"));
    }
    // The same record once more, and two people under case 3: neither of the two travels.
    text.push_str("Adler;Eva;01.02.1980;1;2025-01;;0\n");
    text.push_str("Condor;Ida;05.06.1990;3;2025-01;;a\nDohle;Max;07.08.2000;3;2025-01;;b\n");
    // A corrected date of birth alone is not another person.
    text.push_str("Elster;Lea;09.10.2001;4;2025-01;;a\nElster;Lea;10.09.2001;4;2025-02;;b\n");
    let mapping = PLAIN.replace("[derive.age", "nr = { role = \"ignore\" }\n[derive.age");
    let mapping = department::Mapping::from_toml(&mapping, "plain.toml").unwrap();
    let path = desk.write("many.csv", text);
    let batch = desk.prepare(&mapping, Some(&path), None, Change::Full, 1).unwrap();
    let quarantine = &batch.report.quarantine;
    assert_eq!(quarantine["too-many-rows"], 3);
    assert_eq!(quarantine["same-record-twice"], 1);
    assert_eq!(quarantine["two-people-in-one-case"], 2);
    let register = desk.register(&batch);
    assert!(register.subjects_of_case("3").is_empty());
    assert_eq!(register.subjects_of_case("4").len(), 1);
    let mut numbers: Vec<u32> = desk
        .facts(&batch, "but")
        .iter()
        .filter(|fact| fact.subject == register.subjects_of_case("1")[0])
        .map(|fact| fact.row)
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..60).collect::<Vec<u32>>());
}
