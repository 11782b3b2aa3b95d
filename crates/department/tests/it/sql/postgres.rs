use std::process::Command;

use super::server::Server;
use super::*;

const PEOPLE: &str = "CREATE TYPE art AS ENUM ('Miet', 'Lasten');
    CREATE DOMAIN geld AS numeric(10, 2);
    CREATE TABLE p (name text, geboren date, seit timestamptz, betrag geld, anteil float8,
        aktiv boolean, art art, bis date, bild bytea);
    INSERT INTO p VALUES ('Müller', '1980-02-01', '2024-03-01 00:00+01', 1234.50, 0.25, true,
        'Miet', 'infinity', NULL), ('Kanariski', NULL, '2024-03-01 12:00+01', NULL, 1e-7, false,
        'Lasten', '2024-12-31', NULL);
    CREATE ROLE leser LOGIN PASSWORD 'geheim-7'; GRANT SELECT, INSERT ON p TO leser;";

fn start(more: &[&str]) -> Option<Server> {
    let server = Server::postgres(more);
    match &server {
        Some(server) => drop(server.run(PEOPLE)),
        None => skip("PostgreSQL", "/usr/lib/postgresql"),
    }
    server
}

fn socket(server: &Server, user: &str) -> String {
    // The folder of the socket; its name holds the port.
    let folder = server.folder.path().display();
    format!(
        "url = \"postgresql:///postgres?socket={folder}/.s.PGSQL.{}\"\nuser = \"{user}\"",
        server.port
    )
}

fn network(office: &Office, server: &Server, host: &str, password: &str) -> String {
    office.write("password", password, 0o600);
    let port = server.port;
    format!(
        "url = \"postgresql://{host}:{port}/postgres\"\nuser = \"leser\"\npassword_file = \"password\""
    )
}

#[test]
fn postgres_rows_become_an_extract() {
    let Some(server) = start(&["-c", "timezone=UTC"]) else { return };
    let office = Office::new();
    let query = "SELECT name AS nachname, geboren, seit, betrag, anteil, aktiv, art, bis FROM p \
        ORDER BY name DESC";
    let source = office.source(&socket(&server, "postgres"), query).unwrap();
    assert_eq!(
        office.export(&source).unwrap(),
        [
            "nachname;geboren;seit;betrag;anteil;aktiv;art;bis",
            "Müller;01.02.1980;01.03.2024;1234,50;0,25;ja;Miet;",
            "Kanariski;;01.03.2024 12:00:00;;0,0000001;nein;Lasten;31.12.2024",
        ]
    );
    let many = "SELECT g AS nr, repeat('x', 100) AS text FROM generate_series(1, 20000) AS g";
    let source = office.source(&socket(&server, "postgres"), many).unwrap();
    assert_eq!(office.export(&source).unwrap().len(), 20_001);
}

#[test]
fn postgres_is_only_read_and_its_errors_hold_no_value() {
    let Some(server) = start(&[]) else { return };
    let office = Office::new();
    let writing = "WITH x AS (INSERT INTO p (name) VALUES ('neu') RETURNING name) SELECT * FROM x";
    for (query, words) in [
        (writing, "stopped after 0 rows (code 25006)"),
        ("SELECT 1 AS a; COMMIT; DELETE FROM p", "multiple commands"),
        ("SELECT name, name FROM p", "two columns named `name`"),
        ("SELECT bild FROM p", "column `bild` has the type BYTEA"),
        ("SELECT ARRAY[1] AS a", "column `a` has the type INT4[]"),
        ("SELECT name FROM p WHERE name = $1", "has parameters"),
        ("SELECT nix FROM p", "column \"nix\" does not exist"),
        ("SELECT name::int AS a FROM p", "stopped after 0 rows (code 22P02)"),
        ("SELECT 'NaN'::float8 AS a", "row 1, column `a`"),
        ("SELECT 1 / (5000 - g) AS a FROM generate_series(1, 9000) AS g", "(code 22012)"),
    ] {
        let source = office.source(&socket(&server, "postgres"), query).unwrap();
        says(&office.export(&source).err().unwrap(), words, &["Kanariski", "Müller"]);
    }
    assert_eq!(server.run("SELECT count(*) FROM p"), "2");
    let slow = office
        .source_with(
            &socket(&server, "postgres"),
            "SELECT pg_sleep(9)::text AS a",
            "timeout_seconds = 1",
        )
        .unwrap();
    let late = office.export(&slow).err().unwrap();
    let text = late.to_string();
    assert!(text.contains("longer than 1 seconds") || text.contains("57014"), "{text}");
}

#[test]
fn postgres_passwords_stay_secret() {
    let Some(server) = start(&[]) else { return };
    let office = Office::new();
    let good = network(&office, &server, "127.0.0.1", "geheim-7\n");
    let source = office.source(&good, "SELECT name FROM p").unwrap();
    assert_eq!(office.export(&source).unwrap().len(), 3);
    let wrong = network(&office, &server, "127.0.0.1", "falsch-8");
    let source = office.source(&wrong, "SELECT name FROM p").unwrap();
    let error = office.export(&source).err().unwrap();
    says(&error, "refuses the user", &["falsch-8", "geheim-7"]);
    let away = good.replace(&format!(":{}", server.port), ":1");
    let source = office.source(&away, "SELECT 1 AS a").unwrap();
    says(&office.export(&source).err().unwrap(), "not reachable", &["geheim-7"]);
}

#[test]
fn postgres_across_a_network_is_sealed_or_not_read() {
    let Some(plain) = start(&[]) else { return };
    let office = Office::new();
    let addresses = Command::new("hostname").arg("-I").output();
    let addresses = addresses.map(|output| String::from_utf8(output.stdout).unwrap_or_default());
    let own = addresses.ok().and_then(|all| all.split_whitespace().next().map(str::to_owned));
    let Some(own) = own.filter(|own| !own.contains(':')) else {
        eprintln!("skipped: this machine has no address but its loopback");
        return;
    };
    let source = office.source(&network(&office, &plain, &own, "geheim-7"), "SELECT 1 AS a");
    says(&office.export(&source.unwrap()).err().unwrap(), "does not support TLS", &["geheim-7"]);
}

#[test]
fn postgres_certificates_are_checked() {
    let more = ["ssl=on", "ssl_cert_file=FOLDER/server.crt", "ssl_key_file=FOLDER/server.key"];
    if !Path::new("/usr/bin/openssl").exists() {
        return skip("a certificate", "/usr/bin/openssl");
    }
    let more: Vec<&str> = more.iter().flat_map(|option| ["-c", option]).collect();
    let Some(server) = start(&more) else { return };
    let office = Office::new();
    let query = "SELECT ssl::text AS sealed FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let by = |host: &str, authority: &str| {
        let authority = server.path(authority);
        let database = network(&office, &server, host, "geheim-7");
        let database = format!("{database}\nauthority = \"{}\"", authority.display());
        office.export(&office.source(&database, query).unwrap())
    };
    assert_eq!(by("localhost", "ca.crt").unwrap(), ["sealed", "true"]);
    for (host, authority) in [("localhost", "other.crt"), ("127.0.0.1", "ca.crt")] {
        let error = by(host, authority).err().unwrap();
        says(&error, "not reachable", &["geheim-7"]);
        assert!(error.to_string().contains("certificate"), "{error}");
    }
}
