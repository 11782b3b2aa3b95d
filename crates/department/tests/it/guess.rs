//! What is guessed from an extract, against the mappings that people wrote.

use std::fs;
use std::path::Path;

use department::{Column, Error, Guess, GuessSettings, Language, Mapping, Role, guess};
use policy::Name;
use ring::rand::SystemRandom;
use rust_xlsxwriter::Workbook;

use crate::desk::{Desk, extract, mapping};

const DATASETS: [&str; 8] = ["sgb2", "wohngeld", "sgb12", "egh", "hze", "kita", "but", "asyl"];

fn guessed(desk: &Desk, path: &Path, dataset: Option<&str>) -> Result<Guess, Error> {
    let dataset = dataset.map(|name| Name::new(name).unwrap());
    guess(&GuessSettings {
        extract: path,
        sheet: None,
        catalogue: &desk.catalogue,
        dataset: dataset.as_ref(),
        random: &SystemRandom::new(),
    })
}

/// Whether a guess says of a column what the mapping says.
fn agrees(role: &Role, column: &Column) -> bool {
    match (role, column) {
        (Role::Identifier(own), Column::Identifier { identifier, .. }) => own == identifier,
        (Role::Dimension(own, _), Column::Dimension { dimension, .. }) => own == dimension,
        (Role::Time(part, format), Column::Time { part: p, format: f }) => part == p && format == f,
        (
            Role::Measure(own, sign, repeated),
            Column::Measure { measure, decimal, per_unit, .. },
        ) => own == measure && sign == decimal && repeated == per_unit,
        (Role::Unit, Column::Unit {})
        | (Role::Person, Column::Person {})
        | (Role::Secret, Column::Secret {})
        | (Role::Ignore, Column::Ignore {}) => true,
        _ => false,
    }
}

#[test]
fn guesses_agree_with_the_mappings_that_people_wrote() {
    let desk = Desk::new();
    let (mut all, mut same, mut open, mut keys, mut right) = (0, 0, 0, 0, 0);
    let mut wrong = Vec::new();
    for name in DATASETS {
        let written = mapping(name);
        let found = guessed(&desk, &extract(&format!("guess/{name}.csv")), None).unwrap();
        assert_eq!(found.dataset.as_ref().map(Name::as_str), Some(name), "{name}");
        let mut here = 0;
        for column in &found.columns {
            all += 1;
            let own = &written.columns[&column.name];
            here += u32::from(agrees(&column.role, own));
            match &column.role {
                Role::Undecided => open += 1,
                role if agrees(role, own) => {}
                role => {
                    wrong.push(format!(
                        "{name}.{}: {} is {}",
                        column.name,
                        role.name(),
                        own.role()
                    ));
                }
            }
            if let (Role::Dimension(_, codes), Column::Dimension { codes: written, .. }) =
                (&column.role, own)
            {
                for (value, key) in codes {
                    keys += 1;
                    match (key, written.get(value)) {
                        (Some(key), Some(own)) if key == own => right += 1,
                        (Some(key), own) => {
                            wrong.push(format!("{name}: {value} as {key}, {own:?}"));
                        }
                        (None, _) => {}
                    }
                }
            }
        }
        same += here;
        println!("{name}: {here} of {} columns", found.columns.len());
        assert!(found.absent.is_empty(), "{name}: {:?}", found.absent);
    }
    println!(
        "{same} of {all} columns, {open} left open; {right} of {keys} codes; wrong: {wrong:?}"
    );
    assert!(wrong.is_empty(), "what is not sure must be left open: {wrong:?}");
    assert!(same * 100 >= all * 90, "{same} of {all}");
}

#[test]
fn the_dataset_is_told_without_the_files_name_or_left_open() {
    let desk = Desk::new();
    let mut told = 0;
    for name in DATASETS {
        let bytes = fs::read(extract(&format!("guess/{name}.csv"))).unwrap();
        let found = guessed(&desk, &desk.write("auszug.csv", bytes), None).unwrap();
        match found.dataset {
            Some(own) => {
                assert_eq!(own.as_str(), name);
                told += 1;
            }
            None => {
                assert!(found.toml.contains(&format!("am ehesten \"{name}\"")), "{}", found.toml);
                assert!(found.toml.contains("dataset = \"?\""), "{}", found.toml);
            }
        }
    }
    assert!(told >= 5, "{told} of 8");
}

#[test]
fn a_guess_with_open_lines_is_refused_until_they_are_decided() {
    let desk = Desk::new();
    let file = extract("guess/kita.csv");
    let found = guessed(&desk, &file, None).unwrap();
    let error = Mapping::from_toml(&found.toml, "kita.toml").err().unwrap();
    assert!(matches!(error, Error::Undecided { .. }));
    for language in [Language::German, Language::English] {
        let text = error.text(language);
        assert!(text.contains("betreuungsart: 1 codes"), "{text}");
        assert!(text.contains("integrationsplatz: role"), "{text}");
    }
    let decided = found
        .toml
        .replace("role = \"?\"", "role = \"ignore\"")
        .replace("\"Kita\" = \"?\"", "\"Kita\" = \"centre\"");
    desk.write(
        "towns.csv",
        fs::read(crate::desk::root().join("policies/mappings/towns.csv")).unwrap(),
    );
    let path = desk.write("kita.toml", decided);
    let mapping = Mapping::load(&path).unwrap();
    let batch = desk.prepare(&mapping, Some(&file), None, department::Change::Full, 1).unwrap();
    let written = desk.full("kita", &file).unwrap();
    assert_eq!(batch.report.counts.subjects, written.report.counts.subjects);
    assert_eq!(batch.report.counts.facts, written.report.counts.facts);
}

#[test]
fn no_value_of_a_person_is_shown() {
    let desk = Desk::new();
    for name in DATASETS {
        let path = extract(&format!("guess/{name}.csv"));
        let found = guessed(&desk, &path, None).unwrap();
        let mut source =
            department::Source::open(&path, &department::SourceSettings::detect()).unwrap();
        while let Some(record) = source.next_record().unwrap() {
            for position in [0, 2, 3, 5, 11] {
                let cell = record.cell(position);
                // Shorter cells are words of the comments too.
                let quoted = format!("\"{cell}\"");
                assert!(cell.len() < 3 || !found.toml.contains(&quoted), "{name}");
                assert!(position != 3 || cell.len() < 8 || !found.toml.contains(cell), "{name}");
            }
        }
    }
    let slip = "nachname;vornamen;leistung\n".to_owned()
        + &"Adler;Eva;Mittagessen\n".repeat(60)
        + "Adler;Ida;Kanariski\n";
    let found = guessed(&desk, &desk.write("but.csv", slip), Some("but")).unwrap();
    assert!(found.toml.contains("\"Mittagessen\" = \"lunch\""), "{}", found.toml);
    assert!(!found.toml.contains("Kanariski"), "a slip stands there once");
}

#[test]
fn a_file_without_a_header_is_not_described_by_its_first_person() {
    let desk = Desk::new();
    for text in ["Kanariski;Lea;17.05.2012;64807\nAdler;Eva;01.02.1980;64807\n", "a;b\n1;2\n"] {
        let error = guessed(&desk, &desk.write("x.csv", text), None).err().unwrap();
        assert!(matches!(error, Error::NoNames { .. }), "{error}");
        assert!(!error.to_string().contains("Kanariski"));
    }
}

#[test]
fn blocks_amounts_and_missing_facts_are_asked_about() {
    let desk = Desk::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let header = [
        "Familienname",
        "Vorname",
        "Geb.-Datum",
        "BG-Nummer",
        "Auskunftssperre",
        "Monat",
        "KdU Betrag",
        "IBAN",
        "Name Sachbearbeiter",
        "Merkmal",
        "Übermittlungssperre Art",
    ];
    for (column, name) in (0..).zip(header) {
        sheet.write_string(0, column, name).unwrap();
    }
    for row in 1..30_u32 {
        for (column, cell) in [(0, "Adler"), (3, "BG-1"), (4, "J"), (5, "2025-01"), (7, "DE02")] {
            sheet.write_string(row, column, cell).unwrap();
        }
        sheet.write_string(row, 1, format!("Eva {row}")).unwrap();
        sheet.write_string(row, 2, "01.02.1980").unwrap();
        sheet.write_number(row, 6, 400.5 + f64::from(row)).unwrap();
        sheet.write_string(row, 8, "Fink").unwrap();
        sheet.write_string(row, 9, if row % 2 == 0 { "A" } else { "B" }).unwrap();
        sheet.write_string(row, 10, "Art 1").unwrap();
    }
    let path = desk.folder.path().join("liste.xlsx");
    book.save(&path).unwrap();
    let found = guessed(&desk, &path, Some("sgb2")).unwrap();
    let roles: Vec<&str> = found.columns.iter().map(|column| column.role.name()).collect();
    assert_eq!(
        roles,
        [
            "identifier",
            "identifier",
            "identifier",
            "unit",
            "exclude",
            "time",
            "measure",
            "ignore",
            "ignore",
            "?",
            "?"
        ]
    );
    assert!(found.toml.contains("drop = [\"J\"], keep = [\"\"]"), "{}", found.toml);
    assert!(found.toml.contains("\"KdU Betrag\" = { role = \"measure\", measure = \"kdu\" }"));
    assert!(
        found.toml.contains("absent = [\"municipality\", \"sex\", \"bg_type\", \"leistung\"]"),
        "{}",
        found.toml
    );
    assert!(found.toml.contains("# Excel-Arbeitsmappe, Blatt \"Sheet1\"."));
}
