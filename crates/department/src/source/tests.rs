use std::io::Write;

use super::*;

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn open(bytes: &[u8]) -> Result<Source, Error> {
    Source::open(file(bytes).path(), &SourceSettings::detect())
}

fn records(bytes: &[u8]) -> Vec<(u64, u64, bool, Vec<String>)> {
    let mut source = open(bytes).unwrap();
    let mut all = Vec::new();
    while let Some(record) = source.next_record().unwrap() {
        let cells = record.cells().map(str::to_owned).collect();
        all.push((record.number, record.line, record.totals, cells));
    }
    all
}

fn message(bytes: &[u8]) -> String {
    open(bytes).err().map(|e| e.to_string()).unwrap_or_default()
}

#[test]
fn every_encoding_and_delimiter_gives_the_same_cells() {
    let text = "name;ort;x\r\nMüller;Groß-Umstadt;1\r\n";
    let windows: Vec<u8> = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let marked = [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat();
    let variants = [
        text.as_bytes().to_vec(),
        windows,
        marked,
        text.replace(';', ",").into_bytes(),
        text.replace(';', "\t").replace("\r\n", "\n").into_bytes(),
    ];
    for bytes in variants {
        let source = open(&bytes).unwrap();
        assert_eq!(source.header(), ["name", "ort", "x"]);
        let cells = &records(&bytes)[0].3;
        assert_eq!(*cells, ["Müller", "Groß-Umstadt", "1"]);
    }
}

#[test]
fn quoted_line_breaks_stay_in_their_cell_and_lines_are_counted() {
    let all = records(b"a;b\n\"x\ny\";1\n\nz;2");
    assert_eq!(all[0], (0, 2, false, vec!["x\ny".into(), "1".into()]));
    assert_eq!((all[1].0, all[1].3.clone()), (1, vec!["z".to_owned(), "2".to_owned()]));
    assert_eq!(all[1].1, 5);
}

/// As an editor numbers them, whichever way lines end: a clerk looks the row up.
#[test]
fn a_record_stands_on_the_line_that_an_editor_shows() {
    let text = "a;b\n1;2\n\n3;\"4\n5\"\n6;7\n";
    for ends in ["\n", "\r\n"] {
        let bytes = text.replace('\n', ends).into_bytes();
        let lines: Vec<u64> = records(&bytes).iter().map(|record| record.1).collect();
        assert_eq!(lines, [2, 4, 6], "{ends:?}");
    }
    let many = format!("a;b\r\n{}", "x;y\r\n".repeat(100_000));
    let last = records(many.as_bytes()).last().map(|record| record.1);
    assert_eq!(last, Some(100_001));
}

#[test]
fn totals_rows_are_told_from_people_of_that_name() {
    let all = records(b"name;b;c;d\nSumme;Eva;1;2\nSumme;;;12,50\nsumme:;;;\n");
    let totals: Vec<bool> = all.iter().map(|record| record.2).collect();
    assert_eq!(totals, [false, true, true]);
}

#[test]
fn what_is_not_a_csv_file_is_refused_with_what_to_do() {
    for (bytes, words) in [
        (&b""[..], "is empty; export"),
        (b"\xEF\xBB\xBF", "is empty; export"),
        (b"\n\n", "is empty"),
        (b"PK\x03\x04xx", "damaged; copy it again"),
        (b"\xFF\xFEa\0;\0", "UTF-16; save it as CSV"),
        (b"a;b\n\0;1\n", "not a text file; save it as CSV"),
        (b"name\nx\n", "no delimiter"),
        (b"a;b;a\n1;2;3\n", "column 1 of the first line"),
        (b"a;b\nGr\xC3\xBCn;1\nM\xFCller;2\n", "line 3: two encodings"),
        (b"a;b\nM\x81ller;1\n", "line 2: neither UTF-8 nor Windows-1252"),
        (b"a;b\nM\xED\xA0\x80ller;1\n", "line 2: half of a character"),
        (b"a;b\nGr\xC3\xBCn;1\nM\xED\xBF\xBFller;2\n", "line 3: half of a character"),
        (b"a\0;\0b\0\n\0", "not a text file; save it as CSV"),
    ] {
        let text = message(bytes);
        assert!(text.contains(words), "{words}: {text}");
        assert!(!text.contains("ller"), "{text}");
    }
}

#[test]
fn a_given_encoding_is_taken_at_its_word() {
    let file = file(b"a;b\nM\xFCller;1\n");
    let mut settings = SourceSettings::detect();
    settings.encoding = Some(TextEncoding::Utf8);
    let text = Source::open(file.path(), &settings).err().unwrap().to_string();
    assert!(text.contains("line 2: not valid UTF-8"), "{text}");
    settings.encoding = Some(TextEncoding::Windows1252);
    assert!(Source::open(file.path(), &settings).is_ok());
}

#[test]
fn a_line_of_a_hundred_megabytes_ends_in_an_error_not_in_memory() {
    let mut file = file(b"a;b\n1;2\n");
    let block = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        file.write_all(&block).unwrap();
    }
    let mut source = Source::open(file.path(), &SourceSettings::detect()).unwrap();
    assert!(source.next_record().unwrap().is_some());
    let text = source.next_record().err().unwrap().to_string();
    assert!(text.contains("line 3") && text.contains("quotation mark"), "{text}");
    assert!(source.buffer.capacity() <= 1 << 20);
}

#[test]
fn cells_columns_and_files_have_limits() {
    let cell = format!("a;b\n{};1\n", "x".repeat(70_000));
    let mut source = open(cell.as_bytes()).unwrap();
    let text = source.next_record().err().unwrap().to_string();
    assert!(text.contains("line 2, column 1"), "{text}");
    assert!(message(";".repeat(600).as_bytes()).contains("more than 512 cells"));
    let mut settings = SourceSettings::detect();
    settings.limits.file = 10;
    let large = Source::open(file(&[b'x'; 11]).path(), &settings);
    assert!(large.err().unwrap().to_string().contains("larger than 10 bytes"));
}

#[test]
fn unfinished_characters_at_block_ends_are_not_errors() {
    let mut text = String::from("a;b\n");
    while text.len() < 300_000 {
        text.push_str("xü;€ß\n");
    }
    assert!(open(text.as_bytes()).unwrap().encoding() == Some(TextEncoding::Utf8));
    assert!(records(text.as_bytes()).iter().all(|record| record.3[1] == "€ß"));
}

/// What nobody sees is no fault of a file: it stays in its cell, and the normaliser passes it over.
#[test]
fn invisible_characters_stay_in_their_cells() {
    let cells = ["\u{200f}Meier\u{200e}", "Mei\u{200b}er", "\u{2067}Meier\u{2069}", "Mei\u{ad}er"];
    for cell in cells {
        assert_eq!(records(format!("a;b\n{cell};1\n").as_bytes())[0].3, [cell, "1"]);
    }
    // Not so a byte order mark in front of the file, which is no character of the first name.
    assert_eq!(open(b"\xEF\xBB\xBFa;b\n1;2\n").unwrap().header(), ["a", "b"]);
}

#[test]
fn half_a_character_is_found_wherever_a_block_ends() {
    for length in (64 << 10) - 8..(64 << 10) + 4 {
        let mut bytes = b"a;b\n".to_vec();
        bytes.resize(length, b'x');
        bytes.extend_from_slice(b"\xED\xA0\x80;1\n");
        let text = message(&bytes);
        assert!(text.contains("line 2: half of a character"), "{length}: {text}");
    }
    // In older files the first two of these bytes are letters of a Spanish name.
    assert!(
        open(b"a;b\nMart\xED\xA0nez;1\n").unwrap().encoding() == Some(TextEncoding::Windows1252)
    );
}

#[test]
fn a_cell_of_a_megabyte_ends_in_an_error_that_names_it() {
    let cell = format!("a;b\n1;2\n3;{}\n", "x".repeat((1 << 20) - 100));
    let mut source = open(cell.as_bytes()).unwrap();
    assert!(source.next_record().unwrap().is_some());
    let text = source.next_record().err().unwrap().to_string();
    assert!(text.contains("line 3, column 2: more than 65536 bytes"), "{text}");
}
