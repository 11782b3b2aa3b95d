//! Releases as views, read as a BI tool would and tried as somebody who wants more.

use crate::postgres::Server;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use store::views::{
    Column, ColumnKind, Content, Indicator, Value, ViewError, write_postgres, write_sqlite,
};

fn content(values: &[(&'static str, f64, bool)], further: bool) -> Content<'static> {
    let column = |german: &str, english: &str, kind| Column {
        german: (!german.is_empty()).then(|| german.to_owned()),
        english: (!english.is_empty()).then(|| english.to_owned()),
        kind,
    };
    let mut columns = vec![
        column("gemeinde", "municipality", ColumnKind::Text),
        column("wert", "value", ColumnKind::Number),
        column("aktuell", "is_current", ColumnKind::Truth),
        column("stand", "as_of", ColumnKind::Date),
        column("freigabe", "release", ColumnKind::Whole),
        column("kennzahl_id", "indicator_id", ColumnKind::Text),
        column("ebene", "", ColumnKind::Text),
    ];
    if further {
        columns.push(column("leer", "empty", ColumnKind::Text));
    }
    let rows: Vec<Vec<Value<'static>>> = values
        .iter()
        .zip(1..)
        .map(|((place, value, current), number)| {
            let mut row = vec![
                Value::Text(place),
                Value::Number(*value),
                Value::Truth(*current),
                Value::Date("2026-11-21".to_owned()),
                Value::Whole(number),
                Value::Text("children-in-benefits"),
                Value::Text("gemeinde"),
            ];
            if further {
                row.push(Value::Nothing);
            }
            row
        })
        .collect();
    let whole = values.iter().all(|own| own.1.fract() == 0.0);
    let indicators = vec![Indicator { id: "children-in-benefits".to_owned(), whole }];
    Content { columns, indicators, rows: Box::new(rows.into_iter()) }
}

const ROWS: [(&str, f64, bool); 3] =
    [("Griesheim", 12.0, false), ("Mühltal\t\\N\n'", 0.0, true), ("Roßdorf", 9.0, true)];

#[tokio::test]
async fn a_file_is_replaced_as_a_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("releases.sqlite");
    std::fs::write(directory.path().join(".releases.sqlite.new"), "what a crash left").unwrap();
    let written = write_sqlite(&path, content(&ROWS[..1], false)).await.unwrap();
    assert_eq!(written.rows, 1);
    let mut old = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
    let written = write_sqlite(&path, content(&ROWS, false)).await.unwrap();
    assert_eq!((written.rows, written.views.len()), (3, 4));
    let count = "SELECT COUNT(*) FROM freigaben";
    let seen: i64 = sqlx::query_scalar(count).fetch_one(&mut old).await.unwrap();
    assert_eq!(seen, 1, "who reads the old file goes on reading it");
    let mut new = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
    let seen: i64 = sqlx::query_scalar(count).fetch_one(&mut new).await.unwrap();
    assert_eq!(seen, 3);
    let newest = "SELECT gemeinde, wert, typeof(wert) FROM kennzahl_children_in_benefits \
                  ORDER BY wert";
    let rows = sqlx::query(newest).fetch_all(&mut new).await.unwrap();
    let rows: Vec<(String, i64, String)> =
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let whole = || "integer".to_owned();
    assert_eq!(rows, [(ROWS[1].0.to_owned(), 0, whole()), (ROWS[2].0.to_owned(), 9, whole())]);
    let mut names: Vec<_> =
        std::fs::read_dir(directory.path()).unwrap().map(|own| own.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["releases.sqlite"], "nothing is left beside it");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_leaves_the_old_one() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("nowhere").join("releases.sqlite");
    assert!(write_sqlite(&missing, content(&ROWS, false)).await.is_err());
    let path = directory.path().join("releases.sqlite");
    write_sqlite(&path, content(&ROWS, false)).await.unwrap();
    let before = std::fs::read(&path).unwrap();
    let mut broken = content(&ROWS, false);
    broken.rows = Box::new([vec![Value::Nothing]].into_iter());
    assert!(write_sqlite(&path, broken).await.is_err());
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_database_elsewhere_is_reached_by_tls_only() {
    for url in ["postgres://a:b@db.example/x", "postgres://a:b@10.0.0.1/x?sslmode=require"] {
        let refused = write_postgres(url, content(&ROWS, false)).await;
        assert!(matches!(refused, Err(ViewError::Plain)), "{url}");
    }
    let refused = write_postgres("not an address", content(&ROWS, false)).await;
    assert!(matches!(refused, Err(ViewError::Address)));
}

#[test]
fn views_on_postgres() {
    let Some(server) = Server::start() else {
        return crate::say("skipped: no PostgreSQL programs under /usr/lib/postgresql");
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        a_database_holds_the_newest_releases(&server).await;
        the_role_can_read_the_views_and_nothing_else(&server).await;
        a_role_or_database_with_more_is_refused(&server).await;
    });
}

async fn connect(server: &Server, database: &str, role: &str) -> PgConnection {
    let url = server.url(database).replace("postgres@", &format!("{role}@"));
    PgConnection::connect(&url).await.unwrap()
}

async fn a_database_holds_the_newest_releases(server: &Server) {
    let _ = server.database("bi_newest");
    let url = server.url("bi_newest");
    write_postgres(&url, content(&ROWS[..1], false)).await.unwrap();
    let mut reader = connect(server, "bi_newest", "milchglas_bi").await;
    let again = write_postgres(&url, content(&ROWS, false)).await.unwrap();
    assert_eq!((again.rows, again.views.len()), (3, 4));
    let newest =
        "SELECT gemeinde, wert, stand::text FROM kennzahl_children_in_benefits ORDER BY wert";
    let rows = sqlx::query(newest).fetch_all(&mut reader).await.unwrap();
    let rows: Vec<(String, i64)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(rows, [(ROWS[1].0.to_owned(), 0), (ROWS[2].0.to_owned(), 9)]);
    let english: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM releases WHERE is_current")
        .fetch_one(&mut reader)
        .await
        .unwrap();
    assert_eq!(english, 2);
    // A further column, and an indicator that has decimals now.
    let changed = [("Griesheim", 12.5, true)];
    write_postgres(&url, content(&changed, true)).await.unwrap();
    let mut reader = connect(server, "bi_newest", "milchglas_bi").await;
    let row = sqlx::query("SELECT wert, leer FROM kennzahl_children_in_benefits")
        .fetch_one(&mut reader)
        .await
        .unwrap();
    assert!((row.get::<f64, _>(0) - 12.5).abs() < 1e-9);
    assert_eq!(row.get::<Option<String>, _>(1), None);
    // What cannot be written takes nothing away.
    let mut broken = content(&changed, true);
    broken.rows = Box::new([vec![Value::Nothing]].into_iter());
    assert!(write_postgres(&url, broken).await.is_err());
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM freigaben").fetch_one(&mut reader).await.unwrap();
    assert_eq!(count, 1);
}

async fn the_role_can_read_the_views_and_nothing_else(server: &Server) {
    let _ = server.database("bi_rights");
    let url = server.url("bi_rights");
    let mut owner = connect(server, "bi_rights", "postgres").await;
    for statement in ["CREATE SCHEMA elsewhere", "CREATE TABLE elsewhere.secret (name text)"] {
        sqlx::query(statement).execute(&mut owner).await.unwrap();
    }
    write_postgres(&url, content(&ROWS, false)).await.unwrap();
    let mut reader = connect(server, "bi_rights", "milchglas_bi").await;
    // What its session begins with is no protection: whoever holds the role may set it back.
    sqlx::query("SET default_transaction_read_only = off").execute(&mut reader).await.unwrap();
    for permitted in [
        "SELECT * FROM freigaben",
        "SELECT * FROM releases",
        "SELECT * FROM milchglas_release.indicator_children_in_benefits",
    ] {
        sqlx::query(permitted).fetch_all(&mut reader).await.unwrap();
    }
    for refused in [
        "SELECT * FROM milchglas_release.cells",
        "INSERT INTO freigaben (gemeinde) VALUES ('x')",
        "UPDATE freigaben SET wert = 0",
        "DELETE FROM freigaben",
        "TRUNCATE milchglas_release.cells",
        "DROP VIEW freigaben",
        "ALTER VIEW freigaben RENAME TO x",
        "CREATE OR REPLACE VIEW freigaben AS SELECT 1",
        "CREATE TABLE milchglas_release.x (a int)",
        "CREATE TABLE public.x (a int)",
        "CREATE TEMPORARY TABLE x (a int)",
        "CREATE SCHEMA x",
        "CREATE ROLE x",
        "CREATE DATABASE x",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SELECT * FROM elsewhere.secret",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY (SELECT 1) TO '/tmp/milchglas-bi-test'",
        "SELECT lo_create(0)",
        "SET ROLE postgres",
        "ALTER ROLE milchglas_bi SUPERUSER",
    ] {
        let tried = sqlx::raw_sql(AssertSqlSafe(refused)).execute(&mut reader).await;
        let error = tried.err().unwrap_or_else(|| panic!("`{refused}` was carried out"));
        let code = error.as_database_error().and_then(|own| own.code().map(|own| own.to_string()));
        // Insufficient privilege; a view that cannot be changed at all; a right it cannot give.
        let codes = ["42501", "55000", "42P16", "0LP01"];
        assert!(code.as_deref().is_some_and(|own| codes.contains(&own)), "{refused}: {error}");
    }
    // This one the server answers with a warning.
    sqlx::query("GRANT SELECT ON freigaben TO PUBLIC").execute(&mut reader).await.unwrap();
    sqlx::query("CREATE ROLE stranger").execute(&mut owner).await.unwrap();
    let passed_on =
        "SELECT has_table_privilege('stranger', 'milchglas_release.freigaben', 'SELECT')";
    assert!(!sqlx::query_scalar::<_, bool>(passed_on).fetch_one(&mut owner).await.unwrap());
}

async fn a_role_or_database_with_more_is_refused(server: &Server) {
    let _ = server.database("bi_more");
    let url = server.url("bi_more");
    let mut owner = connect(server, "bi_more", "postgres").await;
    let mut said = Vec::new();
    for (more, less) in [
        ("CREATE SCHEMA open; GRANT USAGE ON SCHEMA open TO PUBLIC", "DROP SCHEMA open"),
        ("ALTER ROLE milchglas_bi CREATEDB", "ALTER ROLE milchglas_bi NOCREATEDB"),
        (
            "CREATE ROLE others; GRANT others TO milchglas_bi",
            "REVOKE others FROM milchglas_bi; DROP ROLE others",
        ),
        ("CREATE TABLE charge (rho bigint)", "DROP TABLE charge"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(more)).execute(&mut owner).await.unwrap();
        let refused = write_postgres(&url, content(&ROWS, false)).await.err();
        said.push(refused.unwrap_or_else(|| panic!("`{more}` was overlooked")).to_string());
        sqlx::raw_sql(AssertSqlSafe(less)).execute(&mut owner).await.unwrap();
    }
    for (said, word) in said.iter().zip(["open", "plain role", "others", "public.charge"]) {
        assert!(said.contains(word), "{said}");
    }
    let there: bool = sqlx::query_scalar("SELECT to_regnamespace('milchglas_release') IS NOT NULL")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert!(!there, "what is refused leaves nothing");
    write_postgres(&url, content(&ROWS, false)).await.unwrap();
}
