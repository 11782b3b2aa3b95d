//! The shipped mappings and what a mapping may not say.

use department::{Error, Language, Mapping, ProfileSettings, profile};
use ring::rand::SystemRandom;

use crate::desk::{Desk, extract, mapping, root};
use crate::facts::PLAIN;

#[test]
fn every_shipped_mapping_fits_the_catalogue() {
    let desk = Desk::new();
    for name in ["sgb2", "wohngeld", "sgb12", "egh", "hze", "kita", "but", "asyl"] {
        let mapping = mapping(name);
        assert_eq!(mapping.dataset.as_str(), name);
        let header: Vec<&str> = mapping.columns.keys().map(String::as_str).collect();
        // A header without records gets as far as the mapping's own check.
        let file = desk.write("empty.csv", header.join(";") + "\n");
        let error = desk.full(name, &file).err().unwrap();
        assert!(matches!(error, Error::HeaderOnly { .. }), "{name}: {error}");
    }
}

#[test]
fn the_shipped_alias_table_knows_both_counties() {
    let towns = department::Towns::load(&root().join("policies/mappings/towns.csv")).unwrap();
    assert_eq!(towns.resolve("Groß-Umstadt", "64823"), Some("06432010"));
    assert_eq!(towns.resolve("Gross Umstadt", "64823"), Some("06432010"));
    assert!(towns.resolve("Friedberg (Hessen)", "61169").is_some_and(|a| a.starts_with("06440")));
}

#[test]
fn a_mapping_that_contradicts_itself_is_refused_with_the_place() {
    let cases = [
        ("version = 1", "version = 2", "version 2"),
        ("role = \"person\"", "role = \"prson\"", "prson"),
        ("az = { role = \"person\" }", "az = { role = \"ignore\" }", "case = az"),
        ("case = \"az\"", "case = \"aktenzeichen\"", "no such column"),
        ("part = \"at\"", "part = \"to\"", "time is either"),
        ("drop = [\"J\"]", "drop = [\"N\"]", "drop must"),
        ("date = \"geburtsdatum\"", "date = \"geboren\"", "no column geboren"),
        ("role = \"exclude\"", "role = \"exclude\", maybe = true", "maybe"),
    ];
    for (from, to, word) in cases {
        let text = PLAIN.replacen(from, to, 1);
        let message = Mapping::from_toml(&text, "x.toml").err().map(|e| e.to_string());
        let message = message.unwrap_or_default();
        assert!(message.contains("x.toml") && message.contains(word), "{word}: {message}");
    }
    let desk = Desk::new();
    let file =
        desk.write("p.csv", "nachname;vornamen;geburtsdatum;az;monat;sperre\na;b;;1;2025-01;\n");
    for (from, to, word) in [
        ("\"sex\", ", "", "`sex` of the dataset has no column"),
        ("\"sex\"", "\"sex\", \"shoe\"", "no `shoe`"),
        ("dataset = \"but\"", "dataset = \"nix\"", "nix"),
        ("[derive.age_group]", "[derive.sex]", "`sex` is not one of age"),
    ] {
        let mapping = Mapping::from_toml(&PLAIN.replacen(from, to, 1), "x.toml").unwrap();
        let prepared = desk.prepare(&mapping, Some(&file), None, department::Change::Full, 1);
        let message = prepared.err().map(|e| e.to_string()).unwrap_or_default();
        assert!(message.contains(word), "{word}: {message}");
    }
}

#[test]
fn a_profile_counts_and_shows_nobody() {
    let desk = Desk::new();
    let mapping = mapping("hze");
    let found = profile(&ProfileSettings {
        extract: &extract("hze.csv"),
        mapping: &mapping,
        catalogue: &desk.catalogue,
        period: desk.period,
        objections: None,
        random: &SystemRandom::new(),
        progress: &|_| (),
    })
    .unwrap();
    assert_eq!((found.counts.rows, found.counts.subjects, found.delimiter), (9, 2, Some('\t')));
    assert_eq!((found.births.impossible, found.births.unknown), (1, 1));
    assert_eq!((found.births.complete, found.births.first_of_january), (7, 1));
    assert_eq!((found.sexes["w"], found.sexes["m"], found.sexes["?"]), (7, 1, 1));
    let column = |name: &str| found.columns.iter().find(|own| own.name == name).unwrap();
    assert_eq!((column("nachname").filled, column("nachname").distinct), (8, 7));
    assert_eq!((column("hilfeart").invalid, column("kosten_eur_monat").invalid), (1, 1));
    for text in [
        found.to_text(Language::German),
        found.to_text(Language::English),
        serde_json::to_string(&found).unwrap(),
    ] {
        assert!(text.contains("impossible-date"), "{text}");
        for cell in ["Kanariski", "Lea", "Lärchen", "HZE-1", "17.05.2012", "64823", "Umstadt"] {
            assert!(!text.contains(cell), "{cell} in {text}");
        }
    }
    assert!(found.to_text(Language::German).contains("Personen, die übermittelt würden"));
}

#[test]
fn a_mapping_may_fix_delimiter_encoding_and_totals() {
    let desk = Desk::new();
    let source = "case = \"az\"\n[source]\ndelimiter = \"|\"\nencoding = \"windows-1252\"\ntotals = [\"Ergebnis\"]";
    let parts: Vec<&str> = PLAIN.splitn(2, "case = \"az\"").collect();
    let (absent, rest) = parts[1].trim_start().split_once('\n').unwrap();
    let text = format!("{}{absent}\n{source}\n{rest}", parts[0]);
    let mapping = Mapping::from_toml(&text, "x.toml").unwrap();
    let mut bytes = b"nachname|vornamen|geburtsdatum|az|monat|sperre\n".to_vec();
    bytes.extend_from_slice(b"M\xFCller|Eva|01.02.1980|1|2025-01|\nErgebnis|||||\n");
    let file = desk.write("pipes.csv", bytes);
    let batch = desk.prepare(&mapping, Some(&file), None, department::Change::Full, 1).unwrap();
    assert_eq!((batch.report.counts.subjects, batch.report.counts.totals_rows), (1, 1));
}

#[test]
fn rows_without_time_stand_for_the_whole_period() {
    let desk = Desk::new();
    let text = PLAIN
        .replace("monat = { role = \"time\", part = \"at\", format = \"yyyy-mm\" }\n", "")
        .replace("version = 1", "version = 1\nwhole_period = true");
    let mapping = Mapping::from_toml(&text, "x.toml").unwrap();
    let file =
        desk.write("x.csv", "nachname;vornamen;geburtsdatum;az;sperre\nMüller;Eva;01.02.1980;1;\n");
    let batch = desk.prepare(&mapping, Some(&file), None, department::Change::Full, 1).unwrap();
    let years: Vec<String> = desk.lines_of(&batch, "but", "1");
    assert_eq!(years.len(), 4, "one per event year");
    assert!(years[0].starts_with("2022/1-12 "), "{years:?}");
}
