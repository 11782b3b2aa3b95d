use sqlx::{AssertSqlSafe, ConnectOptions};

use super::server::Server;
use super::*;

const PEOPLE: &str = "CREATE TABLE p (name varchar(50), geboren date, seit datetime,
        betrag decimal(10, 2), anzahl int unsigned, aktiv boolean, art enum('Miet', 'Lasten'),
        bild blob);
    INSERT INTO p VALUES ('Müller', '1980-02-01', '2024-03-01 00:00:00', 1234.50, 3, 1, 'Miet',
        'x'), ('Kanariski', NULL, '2024-03-01 12:00:00', NULL, NULL, 0, 'Lasten', NULL);";

fn start() -> Option<Server> {
    let Some(server) = Server::mariadb() else {
        skip("MariaDB", "/usr/sbin/mariadbd");
        return None;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let options = sqlx::mysql::MySqlConnectOptions::new()
        .socket(server.path("socket"))
        .ssl_mode(sqlx::mysql::MySqlSslMode::Disabled)
        .username("root")
        .database("amt");
    runtime.block_on(async {
        let mut connection = options.connect().await.unwrap();
        let sql = AssertSqlSafe(PEOPLE.to_owned());
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    });
    Some(server)
}

fn database(office: &Office, server: &Server, password: &str) -> String {
    office.write("password", password, 0o600);
    let socket = server.path("socket");
    format!(
        "url = \"mariadb:///amt?socket={}\"\nuser = \"leser\"\npassword_file = \"password\"",
        socket.display()
    )
}

#[test]
fn mysql_rows_become_an_extract_and_nothing_is_written() {
    let Some(server) = start() else { return };
    let office = Office::new();
    let own = database(&office, &server, "geheim");
    let query = "SELECT name AS nachname, geboren, seit, betrag, anzahl, aktiv, art FROM p \
        ORDER BY name DESC";
    let source = office.source(&own, query).unwrap();
    assert_eq!(
        office.export(&source).unwrap(),
        [
            "nachname;geboren;seit;betrag;anzahl;aktiv;art",
            "Müller;01.02.1980;01.03.2024;1234,50;3;ja;Miet",
            "Kanariski;;01.03.2024 12:00:00;;;nein;Lasten",
        ]
    );
    for (query, words) in [
        ("SELECT 1 AS a; DELETE FROM p", "refuses the query"),
        ("SELECT name, name FROM p", "two columns named `name`"),
        ("SELECT bild FROM p", "column `bild` has the type BLOB"),
        ("SELECT nix FROM p", "Unknown column 'nix'"),
        ("SELECT name FROM p WHERE name = ?", "has parameters"),
        ("SELECT (SELECT name FROM p) AS a", "stopped after 0 rows (code"),
        ("SELECT name INTO OUTFILE '/tmp/x' FROM p", "refuses the"),
    ] {
        let source = office.source(&own, query).unwrap();
        says(&office.export(&source).err().unwrap(), words, &["Kanariski", "Müller", "geheim"]);
    }
    assert_eq!(office.export(&source).unwrap().len(), 3);
    let slow = office.source_with(&own, "SELECT sleep(9) AS a", "timeout_seconds = 1").unwrap();
    let late = office.export(&slow).err().unwrap().to_string();
    assert!(late.contains("longer than 1 seconds") || late.contains("stopped after"), "{late}");
    let wrong = database(&office, &server, "falsch-8");
    let source = office.source(&wrong, query).unwrap();
    says(&office.export(&source).err().unwrap(), "refuses the user", &["falsch-8"]);
}
