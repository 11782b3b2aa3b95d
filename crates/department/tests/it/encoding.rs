//! Encodings belong to whom they say, in batches and in tables.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use department::{
    Change, Error, Language, PrepareSettings, Progress, RowCounts, RowSettings, encode_rows,
    prepare,
};
use encoder::{Encoder, Identifiers};
use policy::Identifier;
use ring::rand::SystemRandom;
use submission::LinkableChunk;

use crate::desk::{Desk, chunks, mapping};

/// Surname, given names and date of birth of a made-up person.
fn cells(number: usize) -> [String; 3] {
    let birth = format!("{:02}.03.{}", 1 + number % 28, 1950 + number % 60);
    [format!("Name{}", number / 7), format!("Vor{}", number % 1000), birth]
}

fn encoding(encoder: &Encoder, cells: &[String; 3]) -> Vec<u8> {
    let mut person = Identifiers::new();
    let fields = [Identifier::Surname, Identifier::GivenNames, Identifier::DateOfBirth];
    for (field, cell) in fields.into_iter().zip(cells) {
        person.set(field, cell).unwrap();
    }
    encoder.encode(&person).unwrap()[0].as_bytes().to_vec()
}

fn asyl(rows: impl Iterator<Item = ([String; 3], usize, &'static str)>) -> String {
    let mut text = "nachname;geburtsname;vornamen;geburtsdatum;geschlecht;strasse;hausnummer;plz;\
                    ort;ags;sozialraum;aktenzeichen;leistung;zuweisung_am;ende;unterbringung;\
                    herkunftsregion;aufenthaltsstatus_gruppe;betrag_eur"
        .to_owned();
    for ([surname, given, birth], case, from_to) in rows {
        write!(text, "\n{surname};;{given};{birth};w;;;;;;;C-{case};§3;{from_to};;;;").unwrap();
    }
    text
}

/// More people than are encoded at once; some are refused, some have an older row behind the newer.
#[test]
fn every_subject_has_the_encoding_of_its_newest_row() {
    let desk = Desk::new();
    let count = 8_400;
    let is_refused = |number: &usize| number % 1000 == 3;
    let newest = (0..count).map(|number| {
        let mut own = cells(number);
        if is_refused(&number) {
            own[..2].fill("--".into());
        }
        (own, number, "01.03.2024;")
    });
    let older = (0..count).step_by(1000).map(|number| {
        let [_, given, birth] = cells(number);
        (["Ledig".to_owned(), given, birth], number, "01.02.2023;31.12.2023")
    });
    let extract = desk.write("asyl.csv", asyl(newest.chain(older)));
    let batch = desk.full("asyl", &extract).unwrap();
    let encoder = Encoder::new(&desk.schema, &desk.keys.linkage).unwrap();
    let register = desk.register(&batch);
    let (mut seen, mut in_order) = (Vec::new(), 0);
    for bytes in chunks(&batch.folder.join("linkable")) {
        let chunk = LinkableChunk::decode(&bytes, &desk.schema).unwrap();
        for row in chunk.iter() {
            let number = register.records_of_subject(row.subject).unwrap()[0] as usize;
            assert!(row.views[0] == encoding(&encoder, &cells(number)), "record {number}");
            in_order += usize::from(seen.last().is_some_and(|before| before + 1 == number));
            seen.push(number);
        }
    }
    // About one by chance.
    assert!(in_order < 20, "{in_order} rows follow the row before them in the extract");
    seen.sort_unstable();
    let expected: Vec<usize> = (0..count).filter(|number| !is_refused(number)).collect();
    assert_eq!(seen, expected);
    let left: Vec<_> = fs::read_dir(&batch.folder).unwrap().map(|e| e.unwrap().path()).collect();
    assert!(left.iter().all(|path| !path.to_string_lossy().contains("partial")), "{left:?}");
}

#[test]
fn an_extract_that_changes_meanwhile_is_refused() {
    let desk = Desk::new();
    let extract = desk.write("asyl.csv", asyl((0..20).map(|n| (cells(n), n, "01.03.2024;"))));
    let once = AtomicBool::new(true);
    let alter = |progress| {
        if matches!(progress, Progress::Read(_)) && once.swap(false, Ordering::Relaxed) {
            let mut file = fs::OpenOptions::new().append(true).open(&extract).unwrap();
            file.write_all(b"\nmore").unwrap();
        }
    };
    let refused = prepare(&PrepareSettings {
        sender: &desk.sender,
        catalogue: &desk.catalogue,
        named: None,
        schema: &desk.schema,
        mapping: &mapping("asyl"),
        keys: &desk.keys,
        extract: Some(&extract),
        period: desk.period,
        objections: None,
        change: Change::Full,
        outbox: &desk.outbox(),
        language: Language::German,
        now: 1,
        random: &SystemRandom::new(),
        progress: &alter,
    });
    let error = refused.err().unwrap();
    assert!(matches!(error, Error::Changed { .. }), "{error}");
    assert!(error.text(Language::German).contains("hat sich beim Lesen geändert"));
    assert_eq!(fs::read_dir(desk.outbox()).unwrap().count(), 0, "nothing stays behind");
}

#[test]
fn the_report_tells_the_fill_and_what_the_schema_expects_of_it() {
    let mut desk = Desk::new();
    let extract = desk.write("asyl.csv", asyl((0..300).map(|n| (cells(n), n, "01.03.2024;"))));
    let batch = desk.full("asyl", &extract).unwrap();
    let [fill] = &batch.report.fill[..] else { panic!("one view") };
    // About 23 tokens of 16 positions among 1,024.
    assert!((200..400).contains(&fill.mean), "{}", fill.mean);
    assert!((1..60).contains(&fill.spread) && fill.warning(Language::German).is_none());
    let mean = fill.mean as u16;
    for (expected, warns) in [([mean, mean + 9], false), ([mean + 1, mean + 9], true)] {
        desk.schema.views[0].fill = Some(expected);
        let batch = desk.full("asyl", &extract).unwrap();
        assert_eq!(batch.report.fill[0].warning(Language::German).is_some(), warns);
    }
}

fn table(desk: &Desk, text: &str, output: &Path) -> Result<RowCounts, Error> {
    encode_rows(&RowSettings {
        schema: &desk.schema,
        key: &desk.keys.linkage,
        input: &desk.write("table.csv", text),
        output,
        progress: &|_| (),
    })
}

#[test]
fn a_table_is_encoded_row_by_row_in_its_order() {
    let desk = Desk::new();
    let output = desk.folder.path().join("table.arrow");
    let mut text = "note;surname;given_names;date_of_birth\n".to_owned();
    let count = 20_000;
    for number in 0..count {
        let [surname, given, birth] = cells(number);
        match number % 5000 {
            7 => writeln!(text, ";--;;{birth}").unwrap(),
            8 => writeln!(text, ";{};{given};{birth}", "x".repeat(2000)).unwrap(),
            // A person may be called so; this is no row of totals.
            9 => writeln!(text, ";Summe;;{birth}").unwrap(),
            _ => writeln!(text, ";{surname};{given};{birth}").unwrap(),
        }
    }
    let counts = table(&desk, &text, &output).unwrap();
    assert_eq!((counts.rows, counts.too_little), (20_000, 8));
    assert_eq!(counts.fill[0].records + counts.outside_window, 20_000 - 8);
    assert_eq!(fs::metadata(&output).unwrap().permissions().mode() & 0o777, 0o600);
    let file = fs::read(&output).unwrap();
    let encoder = Encoder::new(&desk.schema, &desk.keys.linkage).unwrap();
    // Batches of 8,192 rows and the rest, each row at its place behind the batch's head.
    let find = |number: usize| {
        let wanted = encoding(&encoder, &cells(number));
        file.windows(wanted.len()).position(|window| window == wanted).unwrap()
    };
    for (batch, end) in [(0, 8192), (8192, 16_384), (16_384, count)] {
        let first = find(batch);
        for number in [batch + 1, batch + 500, end - 1] {
            assert_eq!(find(number), first + (number - batch) * 128, "{number}");
        }
    }
    let again = table(&desk, &text, &output);
    assert!(matches!(again, Err(Error::Exists { .. })), "nothing is overwritten");
}

#[test]
fn a_table_without_a_column_of_the_schema_is_refused_and_leaves_no_file() {
    let desk = Desk::new();
    let output = desk.folder.path().join("table.arrow");
    let refused = table(&desk, "surname;given_names\nWeber;Ute\n", &output).err().unwrap();
    assert!(
        matches!(&refused, Error::MissingColumns { columns, .. } if columns == "date_of_birth")
    );
    let empty = table(&desk, "surname;given_names;date_of_birth\n", &output).err().unwrap();
    assert!(matches!(empty, Error::HeaderOnly { .. }), "{empty}");
    assert!(!output.exists());
}
