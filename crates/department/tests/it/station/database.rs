//! A database on a schedule goes the same way as a file.

use std::fs;

use sqlx::{AssertSqlSafe, ConnectOptions};

use super::Office;

fn execute(office: &Office, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(office.at("amt.db"))
        .create_if_missing(true);
    runtime.block_on(async {
        let mut connection = options.connect().await.unwrap();
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        sqlx::Connection::close(connection).await.unwrap();
    });
}

fn insert(case: u32) -> String {
    format!("INSERT INTO p VALUES ('Adler{case}', 'Eva', '1980-02-01', '{case}', '2025-01', 'N');")
}

#[test]
fn a_database_is_asked_when_its_time_comes_and_once_however_often_it_was_missed() {
    let office = Office::new();
    execute(
        &office,
        "CREATE TABLE p (nachname TEXT, vornamen TEXT, geburtsdatum DATE, az TEXT, monat TEXT, \
         sperre TEXT)",
    );
    execute(&office, &insert(1));
    office
        .write("source.toml", "query = \"SELECT * FROM p\"\n[database]\nurl = \"sqlite:amt.db\"\n");
    office.configure(
        "[[station.database]]\nsource = \"source.toml\"\nmapping = \"plain\"\nat = \"daily 02:30\"",
    );
    let mut station = office.open().unwrap();
    station.look();
    assert_eq!(office.batches(), 0, "{}", office.log());
    // The night, and the host is off for two more.
    office.pass(16 * 3600);
    assert_eq!(station.look().delivered, 1, "{}", office.log());
    assert_eq!(office.files("share/Erledigt"), ["plain-2026-11-23.csv.bericht.html"]);
    let report = office.report("Erledigt/plain-2026-11-23.csv");
    assert!(report.contains("aus der Datenbank, nach Zeitplan"), "{report}");
    drop(station);
    execute(&office, &insert(2));
    office.pass(3 * 86_400);
    let mut station = office.open().unwrap();
    station.look();
    station.look();
    assert_eq!(office.batches(), 2);
    assert!(office.files("work/copies").is_empty());

    // A database that is away is asked again later, and the day is not forgotten.
    fs::rename(office.at("amt.db"), office.at("away.db")).unwrap();
    office.pass(86_400);
    station.look();
    assert!(office.log().contains("event=database-failed"));
    execute_away(&office);
    office.pass(60);
    station.look();
    assert_eq!(office.batches(), 3);
}

fn execute_away(office: &Office) {
    fs::rename(office.at("away.db"), office.at("amt.db")).unwrap();
    execute(office, &insert(3));
}

#[test]
fn a_source_that_cannot_be_read_is_told_at_the_start() {
    let office = Office::new();
    office.configure(
        "[[station.database]]\nsource = \"nix.toml\"\nmapping = \"plain\"\nat = \"every 6 h\"",
    );
    assert!(office.open().is_err());
    office.configure(
        "[[station.database]]\nsource = \"s.toml\"\nmapping = \"plain\"\nat = \"dann und wann\"",
    );
    let error = office.open().err().unwrap().to_string();
    assert!(error.contains("daily 02:30"), "{error}");
}
