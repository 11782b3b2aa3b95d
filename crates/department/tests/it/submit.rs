//! Submission: resumable, repeatable, and only believed with a signed receipt.

use std::fs;
use std::time::Duration;

use department::{
    Error, ExitCode, Language, Patience, PreparedBatch, Submitted, Units, is_submitted, submit,
};
use submission::{Half, ProblemCode};

use crate::desk::Desk;
use crate::unit::FakeUnit;

const QUICK: Patience =
    Patience { tries: 3, first_wait: Duration::from_millis(5), timeout: Duration::from_secs(10) };

struct Scene {
    desk: Desk,
    batch: PreparedBatch,
    linkage: FakeUnit,
    statistics: FakeUnit,
}

impl Scene {
    /// A batch whose measures need two chunks.
    fn new() -> Self {
        let desk = Desk::new();
        let mut text = String::from("nachname;vornamen;geburtsdatum;az;monat;sperre\n");
        for number in 0..1000 {
            for month in 1..=9 {
                text.push_str(&format!(
                    "Person{number};Eva;01.02.1980;{number};2025-{month:02};N\n"
                ));
            }
        }
        let mapping = department::Mapping::from_toml(crate::facts::PLAIN, "plain.toml").unwrap();
        let path = desk.write("many.csv", text);
        let change = department::Change::Full;
        let batch = desk.prepare(&mapping, Some(&path), None, change, 1).unwrap();
        Self { desk, batch, linkage: FakeUnit::start(), statistics: FakeUnit::start() }
    }

    fn units(&self) -> Units {
        Units { linkage: self.linkage.unit(), statistics: self.statistics.unit() }
    }

    fn submit(&self) -> Result<Submitted, Error> {
        submit(&self.batch.folder, &self.units(), QUICK, &|_, _, _| ())
    }
}

#[test]
fn a_batch_goes_to_both_units_and_twice_gives_the_same_receipts() {
    let scene = Scene::new();
    assert!(!is_submitted(&scene.batch.folder));
    let one = scene.submit().unwrap();
    assert_eq!(one.sent, 3);
    assert_eq!(scene.linkage.log(), ["POST ", "PUT chunks/0", "POST complete"]);
    assert_eq!(scene.statistics.log(), ["POST ", "PUT chunks/0", "PUT chunks/1", "POST complete"]);
    assert!(is_submitted(&scene.batch.folder));
    let two = scene.submit().unwrap();
    assert_eq!(two.sent, 0);
    assert!(one.linkage == two.linkage && one.statistics == two.statistics);
    assert_eq!(scene.statistics.log(), ["POST "]);
}

#[test]
fn an_upload_continues_where_it_broke_off() {
    let scene = Scene::new();
    {
        let mut state = scene.statistics.state.lock().unwrap();
        state.break_at = Some(1);
    }
    let never = Patience { tries: 1, ..QUICK };
    let broken = submit(&scene.batch.folder, &scene.units(), never, &|_, _, _| ());
    let error = broken.err().unwrap();
    assert!(matches!(error, Error::Unreachable { half: Half::Measures, .. }), "{error}");
    assert_eq!(error.exit_code(), ExitCode::Unreachable);
    scene.statistics.log();
    assert_eq!(scene.submit().unwrap().sent, 1);
    assert_eq!(scene.statistics.log(), ["POST ", "PUT chunks/1", "POST complete"]);
}

#[test]
fn busy_units_and_broken_connections_are_tried_again() {
    let scene = Scene::new();
    scene.linkage.state.lock().unwrap().busy = 2;
    scene.statistics.state.lock().unwrap().break_at = Some(0);
    assert_eq!(scene.submit().unwrap().sent, 3);
    scene.linkage.state.lock().unwrap().busy = 3;
    let error = scene.submit().err().unwrap();
    assert!(error.text(Language::German).contains("nicht erreichbar"), "{error}");
}

#[test]
fn a_refusal_says_in_german_what_to_do() {
    let scene = Scene::new();
    for (code, words) in [
        (ProblemCode::KeyDiffers, "Schlüsselstelle vergleichen"),
        (ProblemCode::SchemaDiffers, "policies erneuern"),
        (ProblemCode::BatchAltered, "andere Lieferung"),
        (ProblemCode::SignatureInvalid, "öffentlichen Schlüssel"),
        (ProblemCode::NotFound, "Token"),
    ] {
        scene.linkage.state.lock().unwrap().refuse = Some(code);
        let error = scene.submit().err().unwrap();
        assert_eq!(error.exit_code(), ExitCode::Refused);
        let text = error.text(Language::German);
        assert!(text.contains(words) && text.contains("Verknüpfungsstelle"), "{text}");
        assert!(error.to_string().contains("what differs"));
    }
}

#[test]
fn a_wrong_token_learns_nothing() {
    let scene = Scene::new();
    let mut units = scene.units();
    units.linkage.token = zeroize::Zeroizing::new("another".into());
    let error = submit(&scene.batch.folder, &units, QUICK, &|_, _, _| ()).err().unwrap();
    assert!(
        matches!(&error, Error::Refused { problem, .. } if problem.code == ProblemCode::NotFound)
    );
    assert!(!error.text(Language::English).contains("another"));
}

#[test]
fn a_receipt_of_another_key_is_not_believed() {
    let scene = Scene::new();
    let mut units = scene.units();
    units.linkage.public_key = scene.desk.keys.signing.public();
    let error = submit(&scene.batch.folder, &units, QUICK, &|_, _, _| ()).err().unwrap();
    assert!(matches!(error, Error::Receipt { half: Half::Linkable }), "{error}");
    assert!(!scene.batch.folder.join("receipts/linkable.json").exists());
}

#[test]
fn a_batch_altered_on_disk_is_not_sent() {
    let scene = Scene::new();
    let path = scene.batch.folder.join("measures/0001.arrow");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::remove_file(&path).unwrap();
    fs::write(&path, bytes).unwrap();
    let error = scene.submit().err().unwrap();
    assert!(error.to_string().contains("0001.arrow was altered"), "{error}");
    assert!(!scene.statistics.log().contains(&"PUT chunks/1".to_owned()));
}

#[test]
fn a_unit_that_is_away_leaves_everything_for_later() {
    let scene = Scene::new();
    let mut units = scene.units();
    // Port 9 of loopback: nobody listens.
    units.linkage.url = "http://127.0.0.1:9".into();
    let error = submit(&scene.batch.folder, &units, QUICK, &|_, _, _| ()).err().unwrap();
    assert!(matches!(error, Error::Unreachable { half: Half::Linkable, .. }), "{error}");
    assert!(error.text(Language::German).contains("Befehl später wiederholen"));
    units.linkage.url = "http://unit.example".into();
    let error = submit(&scene.batch.folder, &units, QUICK, &|_, _, _| ()).err().unwrap();
    assert!(error.to_string().contains("must begin with https://"), "{error}");
}

#[test]
fn whoever_shows_no_certificate_gets_nothing() {
    use std::io::{Read, Write};
    let scene = Scene::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let impostor = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut heard = [0; 4096];
        let length = stream.read(&mut heard).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        heard[..length].to_vec()
    });
    let mut units = scene.units();
    units.linkage.url = format!("https://127.0.0.1:{port}");
    let error = submit(&scene.batch.folder, &units, QUICK, &|_, _, _| ()).err().unwrap();
    assert!(matches!(error, Error::Certificate { half: Half::Linkable, .. }), "{error}");
    assert_eq!(error.exit_code(), ExitCode::Unreachable);
    assert!(error.text(Language::German).contains("nichts gesendet"));
    let heard = String::from_utf8_lossy(&impostor.join().unwrap()).into_owned();
    assert!(!heard.contains("Bearer") && !heard.contains(crate::unit::TOKEN));
}
