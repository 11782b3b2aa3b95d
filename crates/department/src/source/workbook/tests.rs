use std::io::Write;
use std::path::PathBuf;

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use tempfile::TempDir;

use super::*;
use crate::mapping::{Decimal, TimeFormat};
use crate::source::{CellForm, Limits, Source};

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn save(&self, mut book: Workbook) -> PathBuf {
        let path = self.folder.path().join("extract.xlsx");
        book.save(&path).unwrap();
        path
    }

    fn sheet(&self, fill: impl FnOnce(&mut Worksheet)) -> PathBuf {
        let mut book = Workbook::new();
        fill(book.add_worksheet());
        self.save(book)
    }

    fn write(&self, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join("bytes");
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn wanting(columns: &[&str]) -> SourceSettings {
    let mut settings = SourceSettings::detect();
    settings.columns = columns.iter().map(|name| (*name).to_owned()).collect();
    settings
}

fn all(path: &Path, settings: &SourceSettings) -> (Vec<String>, Vec<(u64, Vec<String>)>) {
    let mut source = Source::open(path, settings).unwrap_or_else(|e| panic!("{e}"));
    let header = source.header().to_vec();
    let mut rows = Vec::new();
    while let Some(record) = source.next_record().unwrap() {
        rows.push((record.line, record.cells().map(str::to_owned).collect()));
    }
    (header, rows)
}

fn fault(path: &Path, settings: &SourceSettings) -> String {
    Source::open(path, settings).err().map(|e| e.to_string()).unwrap_or_default()
}

fn row(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (column, cell) in (0..).zip(cells) {
        sheet.write_string(row, column, *cell).unwrap();
    }
}

#[test]
fn cells_are_what_a_person_sees() {
    let desk = Desk::new();
    let path = desk.sheet(|sheet| {
        row(sheet, 0, &["text", "ganz", "komma", "ja", "plz", "nv", "summe", "dauer", "uhr"]);
        sheet.write_string(1, 0, "  Müller & Söhne ").unwrap();
        sheet.write_number(1, 1, 64807).unwrap();
        sheet.write_number(1, 2, 0.1 + 0.2).unwrap();
        sheet.write_boolean(1, 3, true).unwrap();
        let digits = Format::new().set_num_format("00000");
        sheet.write_number_with_format(1, 4, 1067, &digits).unwrap();
        sheet.write_formula(1, 5, Formula::new("=NA()").set_result("#N/A")).unwrap();
        sheet.write_formula(1, 6, Formula::new("=1+1").set_result("2")).unwrap();
        let hours = Format::new().set_num_format("[h]:mm");
        sheet.write_number_with_format(1, 7, 38.5 / 24.0, &hours).unwrap();
        let clock = Format::new().set_num_format("hh:mm");
        sheet.write_number_with_format(1, 8, 0.5, &clock).unwrap();
        sheet.write_number(2, 2, -1234567.89).unwrap();
        sheet.write_boolean(2, 3, false).unwrap();
    });
    let (_, rows) = all(&path, &SourceSettings::detect());
    let expected =
        ["Müller & Söhne", "64807", "0,3", "WAHR", "01067", "#NV", "2", "38:30", "12:00"];
    assert_eq!(rows[0], (2, expected.map(str::to_owned).to_vec()));
    assert_eq!(rows[1].1[..4], ["", "", "-1234567,89", "FALSCH"]);
}

#[test]
fn numbers_take_the_sign_that_the_mapping_reads() {
    let desk = Desk::new();
    let path = desk.sheet(|sheet| {
        row(sheet, 0, &["deutsch", "englisch", "andere"]);
        for column in 0..3 {
            sheet.write_number(1, column, 1234.5).unwrap();
        }
    });
    let mut settings = SourceSettings::detect();
    for (name, decimal) in [("deutsch", Decimal::Comma), ("englisch", Decimal::Point)] {
        settings.forms.insert(name.into(), CellForm::Number(decimal));
    }
    assert_eq!(all(&path, &settings).1[0].1, ["1234,5", "1234.5", "1234,5"]);
    for (text, decimal) in [("1234,5", Decimal::Comma), ("1234.5", Decimal::Point)] {
        assert_eq!(crate::derive::whole_units(text, decimal, 1), Some(1235));
    }
}

#[test]
fn dates_take_the_form_that_the_mapping_reads() {
    let desk = Desk::new();
    let path = desk.sheet(|sheet| {
        row(sheet, 0, &["a", "b", "c", "d", "e", "alt", "null"]);
        let day = Format::new().set_num_format("dd.mm.yyyy");
        let date = ExcelDateTime::from_ymd(2024, 2, 29).unwrap();
        for column in 0..4 {
            sheet.write_datetime_with_format(1, column, &date, &day).unwrap();
        }
        let moment = Format::new().set_num_format("dd.mm.yyyy hh:mm");
        sheet.write_number_with_format(1, 4, 45351.75, &moment).unwrap();
        sheet.write_number_with_format(1, 5, 60.0, &day).unwrap();
        sheet.write_number_with_format(1, 6, 0.0, &day).unwrap();
        // A fraction of a second before midnight, as formulas leave it.
        sheet.write_number_with_format(2, 0, 45_351.999_999_999, &day).unwrap();
    });
    let mut settings = SourceSettings::detect();
    for (name, form) in
        [("b", TimeFormat::MonthYear), ("c", TimeFormat::YearMonth), ("d", TimeFormat::Iso)]
    {
        settings.forms.insert(name.into(), CellForm::Time(form));
    }
    let rows = all(&path, &settings).1;
    let expected = [
        "29.02.2024",
        "02.2024",
        "2024-02",
        "2024-02-29",
        "29.02.2024 18:00:00",
        "29.02.1900",
        "00:00",
    ];
    assert_eq!(rows[0].1, expected);
    assert_eq!(rows[1].1[0], "01.03.2024");
    settings.forms.insert("e".into(), CellForm::Time(TimeFormat::German));
    assert_eq!(all(&path, &settings).1[0].1[4], "29.02.2024", "a time of day is no part of it");
}

#[test]
fn titles_empty_rows_and_empty_columns_are_passed_over() {
    let desk = Desk::new();
    let path = desk.sheet(|sheet| {
        let title = Format::new();
        sheet.merge_range(0, 1, 0, 5, "Wohngeld, Landkreis, Stand 2024", &title).unwrap();
        sheet.write_string(2, 1, "erstellt von").unwrap();
        // Column A is empty, E a narrow gap.
        for (column, name) in [(1, "Nach-\nname"), (2, "PLZ"), (3, "Ort"), (5, "Betrag")] {
            sheet.write_string(4, column, name).unwrap();
        }
        for (column, cell) in [(1, "Müller"), (3, "Dieburg"), (5, "1")] {
            sheet.write_string(5, column, cell).unwrap();
        }
        sheet.write_string(9, 1, "Summe").unwrap();
        sheet.write_string(9, 5, "1").unwrap();
        sheet.write_string(10, 1, "Amsel").unwrap();
        sheet.write_string(10, 8, "Notiz daneben").unwrap();
        let empty = Format::new().set_bold();
        sheet.write_blank(200, 20, &empty).unwrap();
    });
    for settings in [wanting(&["Nach- name", "PLZ", "Ort", "Betrag"]), SourceSettings::detect()] {
        let (header, rows) = all(&path, &settings);
        assert_eq!(header, ["Nach- name", "PLZ", "Ort", "Betrag"]);
        assert_eq!(rows[0], (6, ["Müller", "", "Dieburg", "1"].map(str::to_owned).to_vec()));
        assert_eq!((rows[1].0, rows.len()), (10, 3));
        assert_eq!(rows[2].1.len(), 5, "what stands beside the table makes a record too wide");
        let mut source = Source::open(&path, &settings).unwrap();
        source.next_record().unwrap();
        assert!(source.next_record().unwrap().unwrap().totals);
    }
}

#[test]
fn more_than_ten_rows_above_the_header_are_too_many() {
    let desk = Desk::new();
    for (above, found) in [(10, true), (11, false)] {
        let path = desk.sheet(|sheet| {
            for line in 0..above {
                row(sheet, line, &["Titel"]);
            }
            row(sheet, above, &["a", "b"]);
        });
        assert_eq!(all(&path, &wanting(&["a", "b"])).0 == ["a", "b"], found);
    }
}

#[test]
fn the_sheet_is_named_or_fits_or_is_asked_for() {
    let desk = Desk::new();
    let book = |second: &str, hidden: bool| {
        let mut book = Workbook::new();
        row(book.add_worksheet().set_name("Hinweise").unwrap(), 0, &["Stand", "2024"]);
        let data = book.add_worksheet().set_name("Daten").unwrap();
        row(data, 0, &[second, "b"]);
        row(data, 1, &["1", "2"]);
        data.set_hidden(hidden);
        book.add_worksheet().set_name("Leer").unwrap();
        desk.save(book)
    };
    assert_eq!(all(&book("a", false), &wanting(&["a", "b"])).1.len(), 1);
    let path = book("a", true);
    assert_eq!(all(&path, &wanting(&["a", "b"])).0, ["Stand", "2024"], "hidden sheets are ignored");
    let mut named = wanting(&["a", "b"]);
    named.sheet = Some("Daten".into());
    assert_eq!(all(&path, &named).0, ["a", "b"], "except where they are named");
    named.sheet = Some("Daten 2".into());
    let text = fault(&path, &named);
    assert!(text.contains("no sheet `Daten 2`, only Hinweise, Leer"), "{text}");
    assert_eq!(Source::open(&path, &SourceSettings::detect()).unwrap().sheet(), Some("Hinweise"));
    let text = fault(&book("a", false), &wanting(&["x", "y"]));
    assert!(text.contains("several sheets: Hinweise, Daten; name one"), "{text}");
    let text = fault(&desk.sheet(|_| ()), &SourceSettings::detect());
    assert!(text.contains("no visible sheet"), "{text}");
}

#[test]
fn shared_and_inline_text_is_the_same() {
    let desk = Desk::new();
    let path = desk.sheet(|sheet| {
        row(sheet, 0, &["a", "b"]);
        row(sheet, 1, &["gleich", "gleich"]);
        row(sheet, 2, &["<&>\"ä", "zwei\nZeilen"]);
    });
    let rows = all(&path, &SourceSettings::detect()).1;
    assert_eq!(rows[0].1, ["gleich", "gleich"]);
    assert_eq!(rows[1].1, ["<&>\"ä", "zwei\nZeilen"]);
}

/// A workbook of these parts beside the usual ones.
fn container(desk: &Desk, parts: &[(&str, Vec<u8>)]) -> PathBuf {
    let path = desk.folder.path().join("made.xlsx");
    let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let usual = [
        (
            "_rels/.rels",
            format!(
                "<Relationships><Relationship Id=\"r\" Type=\"{relations}/officeDocument\" \
             Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"T\" \
             sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships><Relationship Id=\"r1\" Type=\"{relations}/worksheet\" \
             Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
    ];
    let usual = usual.map(|(name, text)| (name, text.into_bytes()));
    for (name, bytes) in usual.iter().chain(parts) {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    path
}

fn sheet_xml(rows: &str) -> Vec<u8> {
    format!("<worksheet><sheetData>{rows}</sheetData></worksheet>").into_bytes()
}

const HEADER: &str = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>a</t></is></c>\
    <c r=\"B1\" t=\"inlineStr\"><is><t>b</t></is></c></row>";

#[test]
fn a_bomb_is_refused_before_it_is_unpacked_into_memory() {
    let desk = Desk::new();
    let mut settings = SourceSettings::detect();
    settings.limits.unpacked = 1 << 20;
    // Ten times the limit in one part.
    let spaces = " ".repeat(10 << 20);
    let path = container(&desk, &[("xl/worksheets/sheet1.xml", sheet_xml(&spaces))]);
    assert!(path.metadata().unwrap().len() < 64 << 10);
    let text = fault(&path, &settings);
    assert!(text.contains("more than 1048576 bytes when unpacked"), "{text}");
    // The directory lies about the size: it is counted all the same.
    let mut bytes = std::fs::read(&path).unwrap();
    let size = (sheet_xml(&spaces).len() as u32).to_le_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(4).position(|window| window == size) {
        bytes[at + found..at + found + 4].copy_from_slice(&100_u32.to_le_bytes());
        at += found + 4;
    }
    let text = fault(&desk.write(&bytes), &settings);
    assert!(text.contains("bytes when unpacked") || text.contains("damaged"), "{text}");
    settings.limits.unpacked = 20 << 20;
    settings.limits.strings = 1 << 20;
    let path = container(&desk, &[("xl/sharedStrings.xml", spaces.into_bytes())]);
    let text = fault(&path, &settings);
    assert!(text.contains("bytes of shared text"), "{text}");
}

#[test]
fn a_claimed_number_of_strings_reserves_no_memory() {
    let desk = Desk::new();
    for count in ["99999999999", "18446744073709551615", "99999999999999999999999"] {
        let strings = format!("<sst count=\"1\" uniqueCount=\"{count}\"><si><t>x</t></si></sst>");
        let parts = [
            ("xl/sharedStrings.xml", strings.into_bytes()),
            ("xl/worksheets/sheet1.xml", sheet_xml(HEADER)),
        ];
        let text = fault(&container(&desk, &parts), &SourceSettings::detect());
        assert!(text.contains("damaged"), "{count}: {text}");
    }
}

#[test]
fn cells_and_text_have_limits() {
    let desk = Desk::new();
    let path = desk.sheet(|sheet| {
        row(sheet, 0, &["a", "b"]);
        for line in 1..100 {
            row(sheet, line, &["der immer gleiche Text", "2"]);
        }
    });
    let mut settings = SourceSettings::detect();
    settings.limits = Limits { cells: 100, ..Limits::USUAL };
    assert!(fault(&path, &settings).contains("more than 100 filled cells"));
    settings.limits = Limits { sheet: 1000, ..Limits::USUAL };
    assert!(fault(&path, &settings).contains("more than 1000 bytes of text"));
    settings.limits = Limits { workbook: 1000, ..Limits::USUAL };
    assert!(fault(&path, &settings).contains("more than 1000 bytes;"));
    settings.limits = Limits { cell: 10, ..Limits::USUAL };
    let mut source = Source::open(&path, &settings).unwrap();
    let text = source.next_record().err().unwrap().to_string();
    assert!(text.contains("line 2, column 1"), "{text}");
    // Far apart cells need no room between them.
    let far = format!("{HEADER}<row r=\"1048576\"><c r=\"A1048576\"><v>1</v></c></row>");
    let path = container(&desk, &[("xl/worksheets/sheet1.xml", sheet_xml(&far))]);
    assert_eq!(all(&path, &SourceSettings::detect()).1, [(1_048_576, vec!["1".into(), "".into()])]);
    let wide = format!("{HEADER}<row r=\"2\"><c r=\"XFD2\"><v>1</v></c></row>");
    let path = container(&desk, &[("xl/worksheets/sheet1.xml", sheet_xml(&wide))]);
    assert!(fault(&path, &SourceSettings::detect()).contains("line 2: more than 512 cells"));
}

#[test]
fn other_kinds_are_named_with_what_to_do() {
    let desk = Desk::new();
    let mut encrypted = vec![0xD0, 0xCF, 0x11, 0xE0];
    encrypted.resize(70_000, 7);
    let old = encrypted.clone();
    encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let zip = |name: &str| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for name in ["mimetype", name] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    for (bytes, words) in [
        (old, ".xls cannot be read; save it as .xlsx"),
        (encrypted, "protected by a password"),
        (zip("content.xml"), ".ods cannot be read"),
        (zip("xl/workbook.bin"), ".xlsb cannot be read"),
        (zip("word/document.xml"), ".zip cannot be read"),
        (b"PK\x03\x04".to_vec(), "damaged"),
    ] {
        let text = fault(&desk.write(&bytes), &SourceSettings::detect());
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn what_is_cut_off_or_altered_ends_in_an_error_without_a_name() {
    let desk = Desk::new();
    let path = desk.sheet(|sheet| {
        row(sheet, 0, &["nachname", "b"]);
        row(sheet, 1, &["Kanariski", "2"]);
    });
    let whole = std::fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(97) {
        let path = desk.write(&whole[..length]);
        let text = fault(&path, &SourceSettings::detect());
        assert!(!text.is_empty() && !text.contains("Kanariski"), "{length}: {text}");
    }
    let mut altered = whole.clone();
    for at in (0..whole.len()).step_by(31) {
        altered[at] ^= 0x55;
        // Neither a panic nor a message with a name; a name of a part may still be readable.
        let text = fault(&desk.write(&altered), &SourceSettings::detect());
        assert!(!text.contains("Kanariski"), "{at}: {text}");
        altered[at] = whole[at];
    }
}
