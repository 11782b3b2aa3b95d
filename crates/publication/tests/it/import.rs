//! Files in the formats of publishers, with invented numbers.

use publication::{Hints, Imported, PopulationFormat};

use crate::population::asked;

fn hints() -> Hints {
    let own = |text: &str| Some(text.to_owned());
    Hints {
        title: own("Bevölkerung"),
        publisher: own("Amt"),
        licence: own("dl-de/by-2-0"),
        attribution: own("© Amt 2026"),
        retrieved: Some("2026-11-12".parse().unwrap()),
        ..Hints::default()
    }
}

fn import(format: PopulationFormat, file: &str, hints: &Hints) -> Result<Imported, String> {
    format.import(file.as_bytes(), hints).map_err(|error| error.to_string())
}

const FFCSV_HEAD: &str = "statistics_code;statistics_label;time_code;time_label;time;\
    1_variable_code;1_variable_label;1_variable_attribute_code;1_variable_attribute_label;\
    2_variable_code;2_variable_label;2_variable_attribute_code;2_variable_attribute_label;\
    3_variable_code;3_variable_label;3_variable_attribute_code;3_variable_attribute_label;\
    value;value_unit;value_variable_code;value_variable_label";

/// A row of table 12411-02-03-5: area, sex, age and value.
fn row(area: &str, sex: &str, age: &str, value: &str) -> String {
    let level = match area.len() {
        8 => "GEMEIN;Gemeinden",
        5 => "KREISE;Kreise und kreisfreie Städte",
        _ => "DINSG;Deutschland",
    };
    format!(
        "12411;Fortschreibung des Bevölkerungsstandes;STAG;Stichtag;2024-12-31;{level};{area};Ort;\
         GES;Geschlecht;{sex};x;ALTX20;Altersgruppen;{age};x;{value};Anzahl;BEVSTD;Bevölkerungsstand"
    )
}

/// The seventeen classes with what stands in each, and all totals.
fn table(area: &str) -> Vec<String> {
    const CLASSES: [(&str, u64); 17] = [
        ("ALT000B03", 30),
        ("ALT003B06", 31),
        ("ALT006B10", 40),
        ("ALT010B15", 52),
        ("ALT015B18", 33),
        ("ALT018B20", 22),
        ("ALT020B25", 50),
        ("ALT025B30", 50),
        ("ALT030B35", 50),
        ("ALT035B40", 50),
        ("ALT040B45", 50),
        ("ALT045B50", 50),
        ("ALT050B55", 50),
        ("ALT055B60", 50),
        ("ALT060B65", 50),
        ("ALT065B75", 90),
        ("ALT075UM", 80),
    ];
    let all: u64 = CLASSES.iter().map(|(_, persons)| persons).sum();
    let mut rows = Vec::new();
    for (age, persons) in CLASSES.into_iter().chain([("", all)]) {
        rows.push(row(area, "", age, &(2 * persons + 1).to_string()));
        rows.push(row(area, "GESM", age, &persons.to_string()));
        rows.push(row(area, "GESW", age, &(persons + 1).to_string()));
    }
    // Seventeen classes of one woman more each; totals were written as if it were one class.
    let last = rows.len();
    rows[last - 3] = row(area, "", "", &(2 * all + 17).to_string());
    rows[last - 1] = row(area, "GESW", "", &(all + 17).to_string());
    rows
}

const FOOTER: &str = "__________\n© Statistische Ämter des Bundes und der Länder, Deutschland, 2026\n\
    Stand: 28.11.2026 / 10:00:00";

fn ffcsv(rows: &[String]) -> String {
    format!("\u{feff}{FFCSV_HEAD}\n{}\n{FOOTER}\n", rows.join("\n"))
}

fn genesis(file: &str) -> Result<Imported, String> {
    import(PopulationFormat::GenesisFfcsv, file, &hints())
}

#[test]
fn the_flat_file_of_the_regional_database_keeps_its_finest_rows() {
    let mut rows = table("06432001");
    rows.extend(table("06432"));
    rows.extend(table("DG"));
    let imported = genesis(&ffcsv(&rows)).unwrap();
    let tell = |ages: &str, sexes: &str| {
        imported.population.persons(&asked(2024, &["06432001"], ages, sexes))
    };
    assert_eq!(tell("0-2", "m"), Ok(30));
    assert_eq!(tell("6-14", "w"), Ok(41 + 53));
    assert_eq!(tell("0-14", "*"), Ok(2 * 153 + 4));
    assert_eq!(tell("15-17,18-24,25-64", "m"), Ok(33 + 22 + 450));
    assert_eq!(tell("65+", "*"), Ok(2 * 170 + 2));
    for half in ["18-20", "21-24"] {
        let gap = tell(half, "*").err().unwrap().german();
        assert!(gap.contains("nur „18 bis 24“") || gap.contains("nur „20 bis 24“"), "{gap}");
    }
    assert_eq!(imported.notes, ["left out 108 rows of areas that are no municipality"]);
    assert_eq!(imported.population.source().table, "12411");
    assert_eq!(imported.population.places(), ["06432001"].into());
}

#[test]
fn a_dash_is_nobody_and_other_marks_are_no_number() {
    let mut rows = table("06432001");
    let place = |rows: &[String], age: &str| rows.iter().position(|own| own.contains(age)).unwrap();
    // All, male, female of one class.
    let at = place(&rows, "ALT018B20");
    for (row, value) in rows[at..at + 3].iter_mut().zip(["23", "-", "23"]) {
        let sex = row.split(';').nth(11).unwrap().to_owned();
        *row = self::row("06432001", &sex, "ALT018B20", value);
    }
    let without_totals: Vec<String> =
        rows.iter().filter(|own| !own.contains("Altersgruppen;;")).cloned().collect();
    let imported = genesis(&ffcsv(&without_totals)).unwrap();
    let young = |sexes: &str| asked(2024, &["06432001"], "18-19", sexes);
    assert_eq!(imported.population.persons(&young("w")), Ok(23));
    assert!(
        imported.population.persons(&young("m")).is_err_and(|gap| gap.german().contains("niemand"))
    );
    for mark in [".", "...", "/", "x", ""] {
        let mut rows = without_totals.clone();
        rows[at + 1] = row("06432001", "GESM", "ALT018B20", mark);
        let imported = genesis(&ffcsv(&rows)).unwrap();
        let gap = imported.population.persons(&young("*")).err().unwrap().german();
        assert!(gap.contains("keine Zahl im Alter „18 bis 19“"), "{mark}: {gap}");
        assert!(imported.notes.iter().any(|note| note.starts_with("1 rows have no number")));
    }
}

#[test]
fn totals_that_do_not_add_up_and_other_files_are_refused() {
    let rows = table("06432001");
    let with = |from: &str, to: &str| ffcsv(&rows).replace(from, to);
    let whole = ffcsv(&rows);
    for (file, word) in [
        (whole.replacen(";30;Anzahl", ";29;Anzahl", 1), "add up to"),
        (with("2024-12-31", "2024-06-30"), "31 December"),
        (with("2024-12-31", "2024"), "31 December"),
        (with(";BEVSTD;", ";BEV001;"), "BEVSTD"),
        (with("ALT018B20", "JUNG"), "age `JUNG`"),
        (with(";GESM;", ";GES1;"), "sex `GES1`"),
        (with("GEMEIN;", "DLAND;"), "municipality"),
        (with(";30;Anzahl", ";30,5;Anzahl"), "whole number"),
        (with("statistics_code", "Statistik_Code"), "before 2024"),
        (with("value_variable_code", "variable"), "value_variable_code"),
        (format!("{whole}{}\n", rows[0]), "one complete flat file"),
        (format!("{FFCSV_HEAD}\n12411;abgeschnitten\n"), "does not belong"),
        ("PK\u{3}\u{4}zip".to_owned(), "ZIP"),
        (String::new(), "BEVSTD"),
    ] {
        let refused = genesis(&file).err().unwrap_or_else(|| panic!("{word}"));
        assert!(refused.contains(word), "{word}: {refused}");
    }
    let german = genesis(&with("2024-12-31", "31.12.2023")).unwrap();
    assert_eq!(german.population.years().collect::<Vec<_>>(), [2023]);
}

#[test]
fn a_breakdown_that_no_rate_needs_is_left_out_and_cities_count() {
    let head = "statistics_code;time;1_variable_code;1_variable_attribute_code;\
                1_variable_attribute_label;2_variable_code;2_variable_attribute_code;\
                2_variable_attribute_label;value;value_variable_code";
    let file = format!(
        "{head}\n12411;2024-12-31;KREISE;06411;Darmstadt, kreisfreie Stadt;NAT;;x;900;BEVSTD\n\
         12411;2024-12-31;KREISE;06411;Darmstadt, kreisfreie Stadt;NAT;NATA;x;90;BEVSTD\n\
         12411;2024-12-31;KREISE;06432;Darmstadt-Dieburg, Landkreis;NAT;;x;1900;BEVSTD\n"
    );
    let imported = genesis(&file).unwrap();
    assert_eq!(imported.population.persons(&asked(2024, &["06411000"], "*", "*")), Ok(900));
    assert_eq!(imported.population.places(), ["06411000"].into());
    assert_eq!(imported.notes.len(), 2);
}

/// A line of GV100AD with an invented municipality.
fn line(kind: &str, key: &str, name: &str, all: u32, male: u32) -> String {
    let start = format!("{kind}20231130{key:<8}0000{name:<50}");
    let start = format!("{start:<122}64    {:011}{all:011}{male:011}    64807", 2_308);
    format!("{start:<220}")
}

#[test]
fn the_gemeindeverzeichnis_gives_sexes_by_difference_and_no_ages() {
    let file = [
        line("40", "06432", "Darmstadt-Dieburg", 0, 0),
        line("60", "06432001", "Alsbach-Hähnlein", 9_000, 4_400),
        line("60", "06432004", "Mühltal", 15_000, 7_000),
        line("60", "06440001", "Altenstadt", 12_000, 6_000),
    ]
    .join("\r\n");
    let hints = Hints { year: Some(2022), prefixes: vec!["06432".into()], title: None, ..hints() };
    let format = PopulationFormat::Gv100ad;
    let imported = import(format, &file, &hints).unwrap();
    let tell = |places: &[&str], ages: &str, sexes: &str| {
        imported.population.persons(&asked(2022, places, ages, sexes))
    };
    assert_eq!(tell(&["06432001"], "*", "w"), Ok(4_600));
    assert_eq!(tell(&["06432001", "06432004"], "*", "*"), Ok(24_000));
    assert!(tell(&["06432001"], "0-2", "*").is_err());
    assert_eq!(imported.population.places().len(), 2);
    let source = imported.population.source();
    assert_eq!(source.title, "Gemeindeverzeichnis GV100AD");
    assert!(source.german().contains("Stand 30.11.2023"));
    // An older file is in Latin-1; its umlauts are one byte each.
    let latin: Vec<u8> = file.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert!(std::str::from_utf8(&latin).is_err());
    let older = format.import(&latin, &hints).unwrap().population;
    assert_eq!(older.to_csv(), imported.population.to_csv());
    let without_year = Hints { year: None, ..hints.clone() };
    assert!(import(format, &file, &without_year).is_err_and(|why| why.contains("--year")));
    for (broken, word) in [
        (file.replace("00000004400", "00000009400"), "more males"),
        (file.replace("00000004400", "       x400"), "eleven digits"),
        (file.replace("6020231130", "6020231399"), "Gebietsstand"),
        (file.replacen("6020231130", "6020221130", 1), "another Gebietsstand"),
        (file.replace("06432001", "0643200x"), "key of a municipality"),
        ("ags;name\n".to_owned(), "not a line"),
        (line("40", "06432", "Kreis", 0, 0), "Satzart 60"),
    ] {
        let refused = import(format, &broken, &hints).err().unwrap_or_else(|| panic!("{word}"));
        assert!(refused.contains(word), "{word}: {refused}");
    }
    let elsewhere = Hints { prefixes: vec!["08".into()], ..hints };
    assert!(import(format, &file, &elsewhere).is_err_and(|why| why.contains("prefix")));
}

#[test]
fn a_plain_table_may_be_german_and_of_a_spreadsheet() {
    let file = "Jahr,Gemeinde,Altersgruppe,Geschlecht,Einwohner\n\
        31.12.2024,064320001001,unter 3 Jahre,männlich,10\n2024,06432001,3 bis unter 6 Jahre,m,11\n\
        2024,06432001,6 bis 64,M,12\n2024,06432001,65 Jahre und mehr,m,13\n\
        2024,06432001,Insgesamt,m,46\n2024,06432001,*,w,50\n";
    let half = import(PopulationFormat::Csv, file, &hints()).unwrap();
    let tell =
        |ages: &str, sexes: &str| half.population.persons(&asked(2024, &["06432001"], ages, sexes));
    assert_eq!(tell("0-5", "m"), Ok(21));
    assert_eq!(tell("65+", "m"), Ok(13));
    assert!(tell("65+", "*").is_err(), "women are not divided by age");
    let uneven = import(PopulationFormat::Csv, &format!("{file}2024,06432001,,,96\n"), &hints());
    assert!(uneven.is_err_and(|why| why.contains("line 8") && why.contains("add up to 46")));
    let bare = "ags;anzahl\n06432001;7\n";
    let with_year = Hints { year: Some(2024), ..hints() };
    let imported = import(PopulationFormat::Csv, bare, &with_year).unwrap();
    assert_eq!(imported.population.persons(&asked(2024, &["06432001"], "*", "*")), Ok(7));
    for (file, hints, word) in [
        (bare, hints(), "--year"),
        ("jahr;ags;anzahl\n2024;06432001;7\n", with_year.clone(), "--year"),
        ("ags;name;anzahl\n06432001;A;7\n", with_year.clone(), "`name`"),
        ("ags;ars;anzahl\n06432001;1;7\n", with_year.clone(), "two columns"),
        ("ags\n06432001\n", with_year.clone(), "`persons`"),
        ("ags;anzahl\n6432001;7\n", with_year.clone(), "leading zeros"),
        ("ags;anzahl\n06432001;7;8\n", with_year.clone(), "another number of cells"),
        ("ags;alter;anzahl\n06432001;jung;7\n", with_year.clone(), "age `jung`"),
        ("ags;geschlecht;anzahl\n06432001;q;7\n", with_year.clone(), "sex `q`"),
        ("ags;anzahl\n", with_year.clone(), "no row"),
        (bare, Hints { licence: None, ..with_year.clone() }, "--licence"),
        (bare, Hints { retrieved: None, ..with_year.clone() }, "--retrieved"),
    ] {
        let refused = import(PopulationFormat::Csv, file, &hints);
        let why = refused.err().unwrap_or_else(|| panic!("{file}"));
        assert!(why.contains(word), "{word}: {why}");
    }
}
