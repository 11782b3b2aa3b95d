//! All released cells as one table, in every format.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use publication::{
    About, BookStyle, Dated, Document, Language, LongTable, Names, Value, json_stat,
    json_stat_collection,
};
use serde_json::{Value as Json, json};

use crate::sample;

const AT: i64 = 1_795_300_000;
const ABOUT: About<'static> = About { name: "early-help-06432", title: "Ein Landkreis", made: AT };

fn names() -> Names {
    let dimensions = [
        ("municipality", "Gemeinde"),
        ("age_group", "Altersgruppe am 31. Dezember"),
        ("social_area", "Sozialraum"),
        ("origin", "Herkunft"),
    ];
    let pair = |(name, label): (&str, &str)| (name.to_owned(), label.to_owned());
    Names::new(dimensions.map(pair), [("kita", "Kita"), ("hze", "Hilfen")].map(pair))
}

fn table(documents: &[Document]) -> LongTable {
    let dated: Vec<Dated<'_>> =
        documents.iter().map(|document| Dated { document, at: AT }).collect();
    LongTable::of(&dated, &names()).unwrap()
}

/// The values of a row by their English names, and the German ones that have none.
fn row(table: &LongTable, at: usize) -> BTreeMap<String, Value> {
    let name = |own: &publication::Column| own.english.clone().or_else(|| own.german.clone());
    let names = table.columns().iter().map(|own| name(own).unwrap());
    names.zip(table.rows()[at].iter().cloned()).collect()
}

fn text(own: &str) -> Value {
    Value::Text(own.into())
}

fn all_kinds() -> Vec<Document> {
    let documents = [
        sample::persons(),
        sample::overlap(),
        sample::mean(),
        sample::share(),
        sample::entries(),
        sample::quantiles(),
        sample::sum(),
        sample::sparse(2),
        sample::rows(),
        sample::pooled(),
    ];
    let named = |(mut document, number): (Json, usize)| {
        document["indicator"] = json!(format!("sample-{number}"));
        sample::read(&document)
    };
    documents.into_iter().zip(1..).map(named).collect()
}

#[test]
fn the_value_is_the_consistent_one_and_the_unbiased_stands_beside() {
    let mut document = sample::persons();
    document["cells"][6]["non_negative"] = json!(0);
    let table = table(&[sample::read(&document)]);
    let row = row(&table, 6);
    assert_eq!(row["municipality"], text("Fischbachtal"));
    assert_eq!(row["municipality_key"], text("06432007"));
    assert_eq!(row["value"], Value::Whole(0));
    assert_eq!(row["value_unbiased"], Value::Whole(-4));
    assert_eq!((&row["low"], &row["high"]), (&Value::Whole(-10), &Value::Whole(2)));
    assert_eq!(row["withheld"], Value::Truth(false));
    assert_eq!(row["ebene"], text("gemeinde"));
    assert_eq!(row["as_of"], Value::Date(jiff::civil::date(2026, 11, 21)));
    assert_eq!(row["id"], text("17.sample.2025.municipality.7"));
    assert_eq!(row["age_group"], Value::Nothing);
}

#[test]
fn where_there_is_no_consistent_number_the_value_is_the_unbiased_one() {
    let table = table(&[sample::read(&sample::mean())]);
    let known = row(&table, 0);
    assert_eq!(known["value"], Value::Number(27.306));
    assert_eq!(known["value_unbiased"], Value::Number(27.306));
    assert_eq!(known["art"], text("Mittelwert"));
    let withheld = row(&table, 2);
    assert_eq!(withheld["withheld"], Value::Truth(true));
    for name in ["value", "value_unbiased", "low", "high"] {
        assert_eq!(withheld[name], Value::Nothing, "{name}");
    }
}

#[test]
fn quarters_and_their_year_are_periods_of_different_levels() {
    let table = table(&[sample::read(&sample::entries())]);
    let (quarter, year) = (row(&table, 0), row(&table, 4));
    assert_eq!((&quarter["period"], &year["period"]), (&text("2025-Q1"), &text("2025")));
    assert_eq!(
        (&quarter["ebene"], &year["ebene"]),
        (&text("leistung × quartal"), &text("leistung"))
    );
    assert_eq!(quarter["level"], text("service × quarter"));
    assert_eq!(
        (&quarter["is_total"], &year["is_total"]),
        (&Value::Truth(false), &Value::Truth(true))
    );
    assert_eq!(quarter["service"], text("Kita"));
}

#[test]
fn totals_have_no_key_and_a_level_of_their_own() {
    let mut document = sample::persons();
    document["margins"] = json!({
        "dimensions": ["municipality"],
        "tables": [{"totals": [], "half_width": 6}, {"totals": ["municipality"], "half_width": 9}],
        "effects": [{"of": [], "variance": 9.0}, {"of": ["municipality"], "variance": 9.0}],
    });
    document["cells"].as_array_mut().unwrap().push(json!({
        "keys": ["*"], "labels": ["insgesamt"], "datasets": [],
        "value": 3400, "low": 3391, "high": 3409, "withheld": false}));
    let table = table(&[sample::read(&document)]);
    let total = row(&table, table.rows().len() - 1);
    assert_eq!(total["municipality_key"], Value::Nothing);
    assert_eq!(total["municipality"], text("insgesamt"));
    assert_eq!(total["is_total"], Value::Truth(true));
    assert_eq!((&total["ebene"], &total["level"]), (&text("insgesamt"), &text("total")));
    assert_eq!(row(&table, 0)["is_total"], Value::Truth(false));
}

#[test]
fn only_the_newest_release_of_a_question_is_current() {
    let mut second = sample::persons();
    second["ledger"]["sequence"] = json!(40);
    let mut other = sample::persons();
    other["year"] = json!(2024);
    let documents = [sample::persons(), other, second].map(|own| sample::read(&own));
    let table = table(&documents);
    let current: Vec<bool> =
        [0, 24, 48].map(|at| row(&table, at)["is_current"] == Value::Truth(true)).into();
    assert_eq!(current, [false, true, true]);
}

#[test]
fn a_column_of_a_table_is_there_for_every_dimension_that_is_usual_or_released() {
    let table = table(&all_kinds());
    let german: Vec<&str> = table.columns_in(Language::German).map(|own| own.2).collect();
    for name in [
        "kennzahl",
        "ags",
        "gemeinde",
        "altersgruppe",
        "geschlecht",
        "leistung",
        "klasse",
        "sozialraum",
        "herkunft",
        "quantil",
        "zeitraum",
        "wert",
        "von",
        "bis",
        "ausgeblendet",
        "ebene",
        "freigabe",
        "stand",
        "sozialraum_schluessel",
    ] {
        assert_eq!(german.iter().filter(|own| **own == name).count(), 1, "{name}");
    }
    let english: Vec<&str> = table.columns_in(Language::English).map(|own| own.2).collect();
    assert_eq!(german.len(), english.len());
    assert!(english.contains(&"dimension_origin_key"));
    let combination = table.rows().iter().filter(|row| row.contains(&text("nur Kita"))).count();
    assert_eq!(combination, 1);
}

#[test]
fn csv_reads_back_to_the_same_numbers_in_both_variants() {
    let table = table(&all_kinds());
    let plain = String::from_utf8(table.plain_csv(Language::German).unwrap()).unwrap();
    let excel = String::from_utf8(table.excel_csv(Language::German).unwrap()).unwrap();
    assert!(!plain.starts_with('\u{feff}') && excel.starts_with('\u{feff}'));
    let rows = |text: &str, delimiter: u8| -> Vec<csv::StringRecord> {
        let text = text.trim_start_matches('\u{feff}').as_bytes();
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text);
        reader.records().map(Result::unwrap).collect()
    };
    let (plain_rows, excel_rows) = (rows(&plain, b','), rows(&excel, b';'));
    assert_eq!(plain_rows.len(), table.rows().len());
    let at = table.columns_in(Language::German).position(|own| own.2 == "wert").unwrap();
    for (plain, excel) in plain_rows.iter().zip(&excel_rows) {
        assert_eq!(plain[at].replace('.', ","), excel[at]);
    }
    assert!(plain.contains(",27.306,") && excel.contains(";27,306;"));
    assert!(plain.contains("2026-11-21") && excel.contains("21.11.2026"));
}

#[test]
fn a_label_runs_as_no_formula_in_the_variant_for_spreadsheets() {
    let mut document = sample::persons();
    document["cells"][0]["labels"] = json!(["=cmd|' /C calc'!A0"]);
    let table = table(&[sample::read(&document)]);
    let excel = String::from_utf8(table.excel_csv(Language::German).unwrap()).unwrap();
    assert!(excel.contains(";'=cmd"), "{excel}");
    let plain = String::from_utf8(table.plain_csv(Language::German).unwrap()).unwrap();
    assert!(plain.contains(",=cmd"));
}

#[test]
fn a_workbook_holds_the_rows_and_the_way_to_new_ones() {
    let table = table(&all_kinds());
    let style = BookStyle {
        title: "Ein Landkreis",
        address: "https://statistik.example",
        project: "early-help-06432",
        made: AT,
    };
    let bytes = table.workbook(style).unwrap();
    assert_eq!(bytes, table.workbook(style).unwrap());
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    assert_eq!(book.sheet_names(), ["Freigaben", "So aktualisieren", "Spalten"]);
    book.load_tables().unwrap();
    assert_eq!(book.table_names(), ["Freigaben"]);
    let sheet = book.worksheet_range("Freigaben").unwrap();
    assert_eq!(sheet.height(), table.rows().len() + 1);
    let at = table.columns_in(Language::German).position(|own| own.2 == "wert").unwrap();
    assert_eq!(sheet[(1, at)], Data::Float(41.0));
    let steps = book.worksheet_range("So aktualisieren").unwrap();
    let steps: String = steps.rows().map(|row| format!("{}\n", row[0])).collect();
    assert!(steps.contains("OData.Feed(\"https://statistik.example/odata/\""), "{steps}");
    assert!(steps.contains("/projects/early-help-06432/freigaben.csv"));
}

#[test]
fn a_table_without_rows_can_be_written_everywhere() {
    let table = table(&[]);
    let style = BookStyle { title: "x", address: "http://localhost", project: "x", made: AT };
    table.workbook(style).unwrap();
    table.parquet(Language::German).unwrap();
    table.excel_csv(Language::English).unwrap();
    assert!(LongTable::read(&table.json().unwrap()).unwrap().rows().is_empty());
}

#[test]
fn a_parquet_file_names_its_columns_and_counts_its_rows() {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::RowAccessor as _;
    let table = table(&all_kinds());
    let bytes = table.parquet(Language::German).unwrap();
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
    let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), table.rows().len());
    let names: Vec<String> = rows[0].get_column_iter().map(|own| own.0.clone()).collect();
    let own: Vec<&str> = table.columns_in(Language::German).map(|own| own.2).collect();
    assert_eq!(names, own);
    let at = names.iter().position(|own| own == "wert").unwrap();
    assert!((rows[0].get_double(at).unwrap() - 41.0).abs() < 1e-9);
    let withheld = table.rows().iter().position(|row| row.contains(&text("6 bis 14"))).unwrap();
    assert!(rows[withheld].get_double(at).is_err(), "a withheld number is null");
}

#[test]
fn what_was_written_for_another_program_reads_back_the_same() {
    let table = table(&all_kinds());
    let back = LongTable::read(&table.json().unwrap()).unwrap();
    assert_eq!(back.rows(), table.rows());
    assert_eq!(back.plain_csv(Language::English), table.plain_csv(Language::English));
    let mut broken: Json = serde_json::from_slice(&table.json().unwrap()).unwrap();
    broken["columns"][0]["german"] = json!("kennzahl\"; DROP TABLE x; --");
    assert!(LongTable::read(&serde_json::to_vec(&broken).unwrap()).is_err());
    let mut short: Json = serde_json::from_slice(&table.json().unwrap()).unwrap();
    short["rows"][0].as_array_mut().unwrap().pop();
    assert!(LongTable::read(&serde_json::to_vec(&short).unwrap()).is_err());
    assert!(LongTable::read(b"{}").is_err());
}

#[test]
fn metadata_name_the_columns_that_the_csv_has() {
    let table = table(&all_kinds());
    let csvw: Json =
        serde_json::from_slice(&table.csvw("freigaben.csv", ABOUT, Language::German).unwrap())
            .unwrap();
    let header = String::from_utf8(table.plain_csv(Language::German).unwrap()).unwrap();
    let header: Vec<&str> = header.lines().next().unwrap().split(',').collect();
    let columns: Vec<&str> = csvw["tableSchema"]["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["name"].as_str().unwrap())
        .collect();
    assert_eq!(columns, header);
    let files = [("freigaben.csv", Language::German), ("releases.csv", Language::English)];
    let package: Json =
        serde_json::from_slice(&table.data_package(&files, ABOUT).unwrap()).unwrap();
    assert_eq!(package["resources"][1]["path"], "releases.csv");
    let fields = package["resources"][0]["schema"]["fields"].as_array().unwrap();
    assert_eq!(fields.len(), header.len());
}

#[test]
fn a_cube_has_each_number_at_its_place() {
    let mut document = sample::share();
    document["cells"][1]["value"] = json!(0.75);
    let document = sample::read(&document);
    let cube = json_stat(&Dated { document: &document, at: AT }, &names()).unwrap();
    let cube: Json = serde_json::from_slice(&cube).unwrap();
    assert_eq!(cube["id"], json!(["year", "municipality", "measure"]));
    assert_eq!(cube["size"], json!([1, 3, 4]));
    assert_eq!(cube["value"].as_array().unwrap().len(), 12);
    assert_eq!(cube["value"][4], json!(75.0));
    assert_eq!(cube["value"][8], Json::Null);
    assert_eq!(cube["status"]["8"], "withheld");
    assert_eq!(cube["role"]["geo"], json!(["municipality"]));
    let category = &cube["dimension"]["municipality"]["category"];
    assert_eq!(category["index"][1], "06432002");
    assert_eq!(category["label"]["06432002"], "Babenhausen");
}

#[test]
fn every_kind_has_a_cube() {
    let documents = all_kinds();
    let dated: Vec<Dated<'_>> =
        documents.iter().map(|document| Dated { document, at: AT }).collect();
    let all = json_stat_collection("Ein Landkreis", &dated, &names()).unwrap();
    let all: Json = serde_json::from_slice(&all).unwrap();
    let items = all["link"]["item"].as_array().unwrap();
    assert_eq!(items.len(), documents.len());
    for (cube, document) in items.iter().zip(&documents) {
        let size = cube["size"].as_array().unwrap().iter().map(|own| own.as_u64().unwrap());
        let values = cube["value"].as_array().unwrap();
        assert_eq!(size.product::<u64>(), values.len() as u64, "{}", document.label);
        let shown = values.iter().filter(|own| !own.is_null()).count();
        assert!(shown >= 3 * (document.cells.len() - document.withheld()), "{}", document.label);
    }
    let overlap = &items[1];
    assert_eq!(overlap["id"], json!(["year", "combination", "measure"]));
}
