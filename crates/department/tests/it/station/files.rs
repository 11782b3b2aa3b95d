//! What a clerk lays, and what becomes of it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use department::Error;

use super::{HEADER, Office, people, person};
use crate::facts::PLAIN;

#[test]
fn a_file_is_delivered_filed_and_reported_without_a_typed_command() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    let mut text = people(&[("Kanariski", "1"), ("Bussard", "2")]);
    text.push_str(&person("", "3"));
    text.push_str(&person("Dohle", "4").replace(";N\n", ";J\n"));
    let look = office.deliver(&mut station, "but.csv", &text);
    assert_eq!((look.delivered, look.waiting, look.unsettled), (1, 0, 0));
    assert_eq!(office.batches(), 1);
    assert_eq!(office.files("share/Eingang"), ["Löschung", "Nachtrag"]);
    assert_eq!(office.files("share/Erledigt"), ["but.csv", "but.csv.bericht.html"]);
    assert_eq!(office.read("share/Erledigt/but.csv"), text);
    assert!(office.files("work/copies").is_empty());
    let batch = office.files("outbox");
    assert_eq!(batch.len(), 1);
    let register = format!("outbox/{}/register.sealed", batch[0]);
    assert!(office.at(&register).is_file());

    let report = office.report("Erledigt/but.csv");
    for words in [
        "<html lang=\"de\">",
        "Geliefert",
        "<b>4</b><span>Zeilen gelesen",
        "<b>2</b><span>Personen geliefert",
        "Pflichtangabe zur Person fehlt",
        "<td><bdi>nachname</bdi></td>",
        "Personen mit Sperre oder Widerspruch",
        "November 2023 bis Oktober 2026",
        "Januar 2025 bis Januar 2025",
        "Bits gesetzt",
        "Altersgruppe",
        "Verknüpfungsstelle</th>",
        "Quittungen",
    ] {
        assert!(report.contains(words), "{words}");
    }
    // Two rows of each half, as they lie in the batch.
    let subjects = report.matches("Zufallsnummer <span").count();
    assert_eq!(subjects, 4);
    for private in ["Kanariski", "Bussard", "Dohle", "01.02.1980", "<script", "http"] {
        assert!(!report.contains(private), "{private}");
        assert!(!office.log().contains(private), "{private}");
    }
    assert!(!office.log().contains("but.csv"));
    // The rejected row with its cells is where only the station's account reads it.
    let kept = office.files("work/quarantine");
    assert_eq!(kept, ["00000001-but.csv"]);
    let path = office.at("work/quarantine/00000001-but.csv");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
    assert_eq!(fs::metadata(office.at("work")).unwrap().permissions().mode() & 0o077, 0);
    assert!(report.contains("00000001-but.csv"));
    assert!(office.read("share/station.html").contains("Erledigt/but.csv.bericht.html"));
    office.pass(31 * 86_400);
    station.look();
    assert!(office.files("work/quarantine").is_empty());
}

#[test]
fn rejected_rows_lie_on_the_share_only_where_that_was_decided() {
    let office = Office::new();
    office.configure("quarantine_to_share = true");
    let mut station = office.open().unwrap();
    let text = format!("{}{}", people(&[("Adler", "1")]), person("", "77"));
    office.deliver(&mut station, "but.csv", &text);
    let shared = office.read("share/Erledigt/but.csv.quarantaene.csv");
    assert!(shared.contains(";77;"));
    assert!(office.report("Erledigt/but.csv").contains("but.csv.quarantaene.csv"));
    // It is not taken for a file.
    fs::rename(
        office.at("share/Erledigt/but.csv.quarantaene.csv"),
        office.at("share/Eingang/but.csv.quarantaene.csv"),
    )
    .unwrap();
    assert_eq!(office.run(&mut station).unsettled, 0);
}

#[test]
fn a_half_copied_file_is_left_alone_until_it_is_whole() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    let text = people(&[("Adler", "1"), ("Bussard", "2")]);
    for end in [80, 90, 100] {
        office.lay("but.csv", &text[..end]);
        let look = station.look();
        assert_eq!((look.unsettled, look.delivered), (1, 0));
        office.pass(5);
    }
    office.lay("but.csv", &text);
    assert_eq!(station.look().unsettled, 1);
    office.lay("andere.csv.filepart", &text);
    office.lay("~$offen.xlsx", "x");
    assert_eq!(office.run(&mut station).delivered, 1);
    assert_eq!(office.batches(), 1);
    assert_eq!(office.read("share/Erledigt/but.csv"), text);
    assert_eq!(office.files("share/Eingang").len(), 4);
}

#[test]
fn the_same_file_again_is_not_delivered_again() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    let (one, two) = (people(&[("Adler", "1")]), people(&[("Bussard", "1")]));
    office.deliver(&mut station, "but.csv", &one);
    let look = office.deliver(&mut station, "but-kopie.csv", &one);
    assert_eq!((look.delivered, office.batches()), (2, 1));
    let report = office.report("Erledigt/but-kopie.csv");
    assert!(
        report.contains("Schon geliefert") && report.contains("<bdi>but.csv</bdi>"),
        "{report}"
    );
    // Another version and back again: the first one has to count anew.
    office.deliver(&mut station, "neu.csv", &two);
    office.deliver(&mut station, "zurück.csv", &one);
    assert_eq!(office.batches(), 3);
    // With another mapping it is another delivery.
    office.write("mappings/plain.toml", &format!("# berichtigt\n{PLAIN}"));
    office.deliver(&mut station, "but.csv", &one);
    assert_eq!(office.batches(), 4);
    assert!(office.files("share/Erledigt").contains(&"2026-11-22 but.csv".to_owned()));
}

#[test]
fn a_file_that_nothing_fits_is_rejected_with_what_to_change() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    let text = people(&[("Kanariski", "1")]).replace("monat", "<script>x</script>");
    office.deliver(&mut station, "but.csv", &text);
    assert_eq!(office.files("share/Abgelehnt"), ["but.csv", "but.csv.bericht.html"]);
    let report = office.report("Abgelehnt/but.csv");
    for words in
        ["Es wurde nichts geliefert", "»plain«", "Diese Spalten fehlen", "<bdi>monat</bdi>"]
    {
        assert!(report.contains(words), "{words}: {report}");
    }
    assert!(report.contains("&#60;script&#62;") && !report.contains("<script"));
    let cases = [
        ("kopflos.csv", "Kanariski;Eva\n1;2\n", "Die erste Zeile nennt keine Spalte"),
        ("leer.csv", HEADER, "keine Datensätze"),
        ("brief.pdf", "%PDF\n", "Diese Art von Datei"),
        ("mist.csv", "\u{0}\u{0};;\n", "»mist.csv« ist keine Textdatei"),
        ("falsch.xlsx", "kein Zip", "falsch.xlsx"),
    ];
    for (name, text, _) in cases {
        office.lay(name, text);
    }
    for _ in 0..70 {
        station.look();
        office.pass(5);
    }
    for (name, _, words) in cases {
        let report = office.report(&format!("Abgelehnt/{name}"));
        assert!(report.contains(words), "{name}: {report}");
        assert!(!report.contains("Kanariski"));
    }
    let none = format!("{}{}", HEADER, person("", "1"));
    office.deliver(&mut station, "nichts.csv", &none);
    let report = office.report("Abgelehnt/nichts.csv");
    assert!(report.contains("Keine einzige Zeile") && report.contains("Pflichtangabe"), "{report}");
    assert_eq!(office.batches(), 0);
    assert!(office.files("outbox").is_empty());
    assert!(!office.log().contains("Kanariski"));
}

#[test]
fn where_several_mappings_fit_the_name_decides() {
    let office = Office::new();
    office.write("mappings/zwilling.toml", PLAIN);
    let mut station = office.open().unwrap();
    office.deliver(&mut station, "auszug.csv", &people(&[("Adler", "1")]));
    let report = office.report("Abgelehnt/auszug.csv");
    assert!(report.contains("plain, zwilling"), "{report}");
    office.deliver(&mut station, "Zwilling 2026.csv", &people(&[("Adler", "1")]));
    assert_eq!(office.batches(), 1);
}

#[test]
fn hostile_names_do_no_harm_and_strange_things_are_not_followed() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    let text = people(&[("Adler", "1")]);
    let long = format!("{}.csv", "ü".repeat(125));
    let names = ["<script>alert(1)<.csv", "a\u{202E}vsc.csv", "'\" onload=x.csv", &long];
    for name in names {
        office.lay(name, &text);
    }
    office.write("secret", "Kanariski");
    symlink(office.at("secret"), office.at("share/Eingang/link.csv")).unwrap();
    office.lay("zeile\numbruch.csv", &text);
    fs::create_dir(office.at("share/Eingang/Archiv")).unwrap();
    office.lay("Archiv/but.csv", &text);
    office.run(&mut station);
    office.run(&mut station);
    for name in names {
        assert!(office.at(&format!("share/Erledigt/{name}")).exists(), "{name}");
    }
    let mut pages = vec!["share/station.html".to_owned()];
    pages.extend(
        office
            .files("share/Erledigt")
            .into_iter()
            .filter(|name| name.ends_with(".html"))
            .map(|name| format!("share/Erledigt/{name}")),
    );
    assert_eq!(pages.len(), 5);
    for page in pages {
        let page = office.read(&page);
        assert!(!page.contains("<script") && !page.contains('\u{202E}'), "{page}");
    }
    for name in ["link.csv", "zeile\numbruch.csv", "Archiv"] {
        assert!(office.at("share/Eingang").join(name).symlink_metadata().is_ok(), "{name}");
    }
    assert_eq!(office.log().matches("event=passed-over").count(), 3, "{}", office.log());
    assert!(!office.log().contains("umbruch"));
}

#[test]
fn a_file_above_the_limit_is_not_even_copied() {
    let office = Office::new();
    let mapping = PLAIN.replace("[columns]", "[source]\nfile_limit = 1000\n[columns]");
    office.write("mappings/plain.toml", &mapping);
    let mut station = office.open().unwrap();
    let mut text = people(&[("Adler", "1")]);
    text.push_str(&"x\n".repeat(1000));
    office.deliver(&mut station, "gross.csv", &text);
    assert!(office.report("Abgelehnt/gross.csv").contains("größer als erlaubt"));
    assert!(office.files("work/copies").is_empty());
}

#[test]
fn nothing_secret_may_lie_below_the_share_and_one_station_has_a_work_folder() {
    let office = Office::new();
    let refused = |office: &Office| {
        let error = office.open().err().unwrap();
        assert!(matches!(error, Error::OnShare { .. }), "{error}");
    };
    let settings = office.read("department.toml");
    for (from, to) in [
        ("work = \"work\"", "work = \"share/work\""),
        ("outbox = \"outbox\"", "outbox = \"share/outbox\""),
        ("mappings = \"mappings\"", "mappings = \"share/../share/m\""),
        ("token = \"token\"", "token = \"share/Eingang/token\""),
    ] {
        assert!(settings.contains(from), "{from}");
        office.write("department.toml", &settings.replace(from, to));
        refused(&office);
    }
    office.write("department.toml", &settings);
    // The key lies on the share under another name.
    fs::rename(office.at("keys"), office.at("share/k")).unwrap();
    symlink(office.at("share/k"), office.at("keys")).unwrap();
    refused(&office);
    fs::remove_file(office.at("keys")).unwrap();
    fs::rename(office.at("share/k"), office.at("keys")).unwrap();
    let first = office.open().unwrap();
    assert!(matches!(office.open().err().unwrap(), Error::StationRuns { .. }));
    drop(first);
    assert!(office.open().is_ok());
}
