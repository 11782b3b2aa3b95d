use sqlx::{AssertSqlSafe, ConnectOptions};

use super::*;

fn database(office: &Office, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(office.path("amt.db"))
        .create_if_missing(true);
    runtime.block_on(async {
        let mut connection = options.connect().await.unwrap();
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        sqlx::Connection::close(connection).await.unwrap();
    });
}

const PEOPLE: &str = "CREATE TABLE p (name TEXT, geboren DATE, seit DATETIME, betrag NUMERIC, \
    aktiv BOOLEAN, bild BLOB);
    INSERT INTO p VALUES ('Müller; Söhne', '1980-02-01', '2024-03-01 00:00:00', 12.5, 1, NULL),
    ('Kanariski', '00.00.1975', '2024-03-01 08:15:00', 7, 0, NULL), (NULL, NULL, NULL, NULL, NULL, NULL);";
const URL: &str = "url = \"sqlite:amt.db\"";

#[test]
fn rows_become_an_extract() {
    let office = Office::new();
    database(&office, PEOPLE);
    let query =
        "-- Auszug\nSELECT name AS nachname, geboren, seit, betrag, aktiv, 1 AS eins FROM p";
    let source = office.source(URL, query).unwrap();
    let lines = office.export(&source).unwrap();
    assert_eq!(
        lines,
        [
            "nachname;geboren;seit;betrag;aktiv;eins",
            "\"Müller; Söhne\";01.02.1980;01.03.2024;12,5;ja;1",
            "Kanariski;00.00.1975;01.03.2024 08:15:00;7;nein;1",
            ";;;;;1",
        ]
    );
    // What was written is read as it was meant.
    export(&source, &office.path("extract.csv"), &|_| ()).unwrap();
    let settings = department::SourceSettings::detect();
    let mut extract = department::Source::open(&office.path("extract.csv"), &settings).unwrap();
    assert_eq!(extract.next_record().unwrap().unwrap().cell(0), "Müller; Söhne");
    let again = export(&source, &office.path("extract.csv"), &|_| ()).err().unwrap();
    assert!(matches!(again, Error::Exists { .. }), "{again}");
}

#[test]
fn the_query_may_stand_in_a_file_of_its_own() {
    let office = Office::new();
    database(&office, PEOPLE);
    office.write("frage.sql", "\n-- wer\nWITH x AS (SELECT name FROM p) SELECT * FROM x", 0o644);
    let text = "query_file = \"frage.sql\"\n[database]\nurl = \"sqlite:amt.db\"\n";
    let source = SqlSource::load(&office.write("source.toml", text, 0o644)).unwrap();
    assert_eq!(office.export(&source).unwrap().len(), 4);
}

#[test]
fn nothing_is_written_to_the_database() {
    let office = Office::new();
    database(&office, PEOPLE);
    let before = fs::read(office.path("amt.db")).unwrap();
    for query in ["SELECT 1 AS a; DELETE FROM p", "SELECT name FROM p; DROP TABLE p"] {
        let source = office.source(URL, query).unwrap();
        office.export(&source).err().unwrap();
    }
    for query in ["DELETE FROM p", "", "-- SELECT\nUPDATE p SET name = ''", "PRAGMA user_version=1"]
    {
        let error = office.source(URL, query).err().unwrap();
        says(&error, "begins with SELECT or WITH", &[]);
    }
    assert_eq!(fs::read(office.path("amt.db")).unwrap(), before);
    // A file that is not there is not made.
    let source = office.source("url = \"sqlite:other.db\"", "SELECT 1").unwrap();
    says(&office.export(&source).err().unwrap(), "not reachable", &[]);
}

#[test]
fn what_cannot_be_a_table_is_refused_by_name() {
    let office = Office::new();
    database(&office, PEOPLE);
    for (query, words) in [
        ("SELECT name, name FROM p", "two columns named `name`"),
        ("SELECT nix FROM p", "no such column: nix"),
        ("SELECT name FROM p WHERE name = ?", "has parameters"),
        ("SELECT x'00ff' AS bild", "row 1, column `bild`"),
        ("SELECT abs(-9223372036854775807 - 1) AS a", "stopped after 0 rows (code"),
    ] {
        let source = office.source(URL, query).unwrap();
        says(&office.export(&source).err().unwrap(), words, &["Kanariski"]);
    }
    let source = office.source_with(URL, "SELECT name FROM p", "most_rows = 2").unwrap();
    says(&office.export(&source).err().unwrap(), "more than 2 rows", &["Kanariski"]);
}

#[test]
fn a_query_that_takes_too_long_is_ended() {
    let office = Office::new();
    database(&office, PEOPLE);
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
        SELECT count(*) AS a FROM n";
    let source = office.source_with(URL, endless, "timeout_seconds = 1").unwrap();
    says(&office.export(&source).err().unwrap(), "longer than 1 seconds", &[]);
}

#[test]
fn a_description_that_contradicts_itself_is_refused_without_its_secrets() {
    let office = Office::new();
    let pg = "url = \"postgresql://db.example/a\"\n";
    for (database, more, words) in [
        (format!("{pg}password = \"geheim\""), "", "unknown field `password`"),
        (format!("{pg}user = \"u\""), "most_rows = 0", "most_rows at least 1"),
        (format!("{pg}user = \"u\""), "timeout_seconds = 0", "timeout_seconds must be"),
        (format!("{pg}user = \"u\""), "query_file = \"x\"", "either query or query_file"),
        (pg.to_owned(), "", "name a user that may only read"),
        ("url = \"postgresql://eva:geheim@db/a\"".into(), "", "leave user and password out"),
        ("url = \"sqlite:a\"\nuser = \"u\"".into(), "", "belong to a database server"),
        ("url = \"nix\"".into(), "", "write postgresql://host/database"),
    ] {
        let error = office.source_with(&database, "SELECT 1", more).err().unwrap();
        says(&error, words, &["geheim"]);
    }
    office.write("password", "geheim\n", 0o644);
    let open = format!("{pg}user = \"u\"\npassword_file = \"password\"");
    let error = office.source(&open, "SELECT 1").err().unwrap();
    assert!(matches!(error, Error::KeyPermissions { .. }), "{error}");
}
