//! Every kind of bad input has a message that says what to do and names nobody.

use std::fs;
use std::path::Path;

use department::keys;
use department::{Change, Error, ExitCode, Language, Mapping};

use crate::desk::{Desk, extract, mapping};
use crate::facts::PLAIN;

const HEADER: &str = "nachname;vornamen;geburtsdatum;az;monat;sperre\n";
const PERSON: &str = "Kanariski;Lea;17.05.2012;HZE-1;2025-01;N\n";

fn error(desk: &Desk, bytes: impl AsRef<[u8]>) -> Error {
    let mapping = Mapping::from_toml(PLAIN, "plain.toml").unwrap();
    let path = desk.write("extract.csv", bytes);
    desk.prepare(&mapping, Some(&path), None, Change::Full, 1).err().unwrap()
}

/// The message in both languages must say these words and hold no cell of the person.
fn says(error: &Error, code: ExitCode, german: &[&str], english: &[&str]) {
    assert_eq!(error.exit_code(), code);
    for (language, words) in [(Language::German, german), (Language::English, english)] {
        let text = error.text(language);
        for word in words {
            assert!(text.contains(word), "{word}: {text}");
        }
        for cell in ["Kanariski", "Lea", "17.05.2012", "HZE-1"] {
            assert!(!text.contains(cell), "{cell}: {text}");
        }
    }
}

#[test]
fn unknown_and_missing_columns_are_listed() {
    let desk = Desk::new();
    let text = format!("{}{}", HEADER.replace("sperre", "sperre;blutgruppe;schuhe"), PERSON);
    says(
        &error(&desk, text),
        ExitCode::Input,
        &["blutgruppe, schuhe", "ignore"],
        &["blutgruppe, schuhe", "ignore"],
    );
    let text = HEADER.replace("az;", "").replace("monat", "berichtsmonat") + PERSON;
    says(
        &error(&desk, text),
        ExitCode::Input,
        &["fehlen die Spalten az, monat"],
        &["lacks the columns az, monat"],
    );
}

#[test]
fn a_file_without_header_does_not_show_its_first_person() {
    let desk = Desk::new();
    let german = &["keine Spalte der Zuordnung", "Kopfzeile"];
    says(&error(&desk, PERSON), ExitCode::Input, german, &["header line"]);
}

#[test]
fn empty_files_and_a_header_only_say_so() {
    let desk = Desk::new();
    says(&error(&desk, ""), ExitCode::Input, &["ist leer", "neu erstellen"], &["is empty; export"]);
    let header_only = error(&desk, HEADER);
    says(&header_only, ExitCode::Input, &["keine Datensätze"], &["no records; export"]);
    let totals = error(&desk, format!("{HEADER}Summe;;;;;\n"));
    assert!(matches!(totals, Error::HeaderOnly { .. }));
    assert_eq!(fs::read_dir(desk.outbox()).unwrap().count(), 0, "nothing half-written stays");
}

#[test]
fn wrong_encodings_name_the_line() {
    let desk = Desk::new();
    let mut mixed = format!("{HEADER}{PERSON}Grün;Eva;;2;2025-01;\n").into_bytes();
    mixed.extend_from_slice(b"M\xFCller;Eva;;3;2025-01;\n");
    says(&error(&desk, mixed), ExitCode::Input, &["Zeile 4", "UTF-8"], &["line 4", "UTF-8"]);
    let utf16: Vec<u8> =
        format!("\u{feff}{HEADER}{PERSON}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    says(&error(&desk, utf16), ExitCode::Input, &["UTF-16", "speichern"], &["UTF-16; save"]);
}

#[test]
fn a_huge_line_names_the_line_and_the_likely_cause() {
    let desk = Desk::new();
    let text = format!("{HEADER}{PERSON}\"Kanariski;{}", "x".repeat(3 << 20));
    says(
        &error(&desk, text),
        ExitCode::Input,
        &["Zeile 3", "Anführungszeichen"],
        &["line 3", "quotation"],
    );
}

#[test]
fn when_nothing_is_usable_the_reasons_remain() {
    let desk = Desk::new();
    let bad = error(&desk, format!("{HEADER}{}", PERSON.replace("17.05", "31.02")));
    says(&bad, ExitCode::Input, &["kein Datensatz", "quarantine-"], &["no record is usable"]);
    let Error::NothingUsable { quarantine, .. } = &bad else { panic!("{bad}") };
    let text = fs::read_to_string(quarantine).unwrap();
    assert!(text.contains("impossible-date"), "{text}");
}

#[test]
fn a_row_with_too_few_cells_goes_to_quarantine_and_the_rest_travels() {
    let desk = Desk::new();
    let mapping = Mapping::from_toml(PLAIN, "plain.toml").unwrap();
    let path = desk.write("x.csv", format!("{HEADER}{PERSON}Kurz;Eva\nZu;viele;;9;2025-01;N;x\n"));
    let batch = desk.prepare(&mapping, Some(&path), None, Change::Full, 1).unwrap();
    assert_eq!(batch.report.quarantine["cell-count"], 2);
    assert_eq!(batch.report.counts.subjects, 1);
}

#[test]
fn a_missing_file_is_named() {
    let desk = Desk::new();
    let error = desk.full("hze", Path::new("/nonexistent/hze.csv")).err().unwrap();
    says(&error, ExitCode::Input, &["/nonexistent/hze.csv"], &["check that the file exists"]);
}

#[test]
fn keys_that_others_may_read_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let path = desk.folder.path().join("linkage.key");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = keys::read_linkage(&path).err().unwrap();
    says(&error, ExitCode::Key, &["chmod 600"], &["chmod 600"]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let half = fs::read_to_string(&path).unwrap();
    fs::write(&path, &half[..half.len() / 2]).unwrap();
    says(
        &keys::read_linkage(&path).err().unwrap(),
        ExitCode::Key,
        &["nur 80 Bit", "keygen"],
        &["only 80 bits", "keygen"],
    );
}

#[test]
fn a_mapping_without_case_cannot_amend() {
    let desk = Desk::new();
    let mut mapping = mapping("hze");
    mapping.case = None;
    let change = Change::Amend { earlier: &[], withdraw: None };
    let error = desk.prepare(&mapping, Some(&extract("hze.csv")), None, change, 1).err().unwrap();
    says(&error, ExitCode::Policy, &["case"], &["case"]);
}

fn prepared(desk: &Desk, text: &str) -> department::PreparedBatch {
    let mapping = Mapping::from_toml(PLAIN, "plain.toml").unwrap();
    let path = desk.write("x.csv", format!("{HEADER}{text}"));
    desk.prepare(&mapping, Some(&path), None, Change::Full, 1).unwrap()
}

/// The reasons in the quarantine file of a batch.
fn quarantine(batch: &department::PreparedBatch) -> String {
    fs::read_to_string(batch.folder.join("quarantine.csv")).unwrap()
}

#[test]
fn another_script_and_look_alikes_are_counted_and_stay_here() {
    let desk = Desk::new();
    // Cyrillic, Arabic, a Cyrillic а and a Greek Α among Latin letters.
    let text = format!(
        "{PERSON}Жуков;Иван;01.05.1961;HZE-2;2025-01;N\nمحمد;Ali;01.05.1962;HZE-3;2025-01;N\n\
         M\u{430}ier;Eva;01.05.1963;HZE-4;2025-01;N\nMeier;\u{391}nna;01.05.1964;HZE-5;2025-01;N\n"
    );
    let batch = prepared(&desk, &text);
    assert_eq!(batch.report.quarantine["other-script"], 4);
    assert_eq!((batch.report.counts.subjects, desk.linkable(&batch).len()), (1, 1));
    let reasons = quarantine(&batch);
    assert_eq!(reasons.matches("in lateinischer Schrift eintragen").count(), 4, "{reasons}");
    assert!(reasons.contains(";other-script;nachname;") && reasons.contains(";vornamen;"));
}

#[test]
fn a_record_without_usable_identifier_is_counted_and_never_encoded() {
    let desk = Desk::new();
    let text = format!(
        "{PERSON}\u{200b}\u{200f};--;00.00.0000;HZE-2;2025-01;N\nMeier;;;HZE-3;2025-01;N\n\
         ;;17.05.2012;HZE-4;2025-01;N\n;;;HZE-5;2025-01;N\n"
    );
    let batch = prepared(&desk, &text);
    let left: u64 = ["too-little", "missing-identifier"]
        .iter()
        .filter_map(|reason| batch.report.quarantine.get(*reason))
        .sum();
    assert_eq!(left, 4, "{:?}", batch.report.quarantine);
    assert_eq!((batch.report.counts.subjects, desk.linkable(&batch).len()), (1, 1));
}

#[test]
fn invisible_characters_keep_nobody_from_travelling() {
    let desk = Desk::new();
    let batch =
        prepared(&desk, "\u{200f}Kana\u{ad}riski;Le\u{200b}a;\u{200e}17.05.2012;HZE-1;2025-01;N\n");
    assert_eq!(batch.report.counts.subjects, 1);
    assert!(batch.report.quarantine.is_empty(), "{:?}", batch.report.quarantine);
}

#[test]
fn broken_characters_and_nul_name_what_to_do() {
    let desk = Desk::new();
    let half = [HEADER.as_bytes(), PERSON.as_bytes(), b"Kanariski\xED\xA0\x80;Lea;;2;;\n"].concat();
    says(&error(&desk, half), ExitCode::Input, &["Zeile 3", "halbes Zeichen"], &["line 3", "half"]);
    let nul = format!("{HEADER}Kanariski\0;Lea;17.05.2012;HZE-1;2025-01;N\n");
    says(&error(&desk, nul), ExitCode::Input, &["keine Textdatei"], &["not a text file"]);
    let bare: Vec<u8> =
        format!("{HEADER}{PERSON}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    says(&error(&desk, bare), ExitCode::Input, &["keine Textdatei"], &["not a text file"]);
    let large = format!("{HEADER}{PERSON}Kanariski;{};;2;;\n", "x".repeat(1_000_000));
    says(
        &error(&desk, large),
        ExitCode::Input,
        &["Zeile 3, Spalte 2", "65536"],
        &["line 3, column 2"],
    );
}
