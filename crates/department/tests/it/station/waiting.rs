//! Units that are away or refuse, a share that vanishes, a disk that is full.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use submission::ProblemCode;

use super::{Office, people};

fn busy(office: &Office, times: u32) {
    office.linkage.state.lock().unwrap().busy = times;
}

#[test]
fn a_unit_that_is_away_is_tried_again_for_ever_and_the_clerk_is_told() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    busy(&office, u32::MAX);
    let look = office.deliver(&mut station, "but.csv", &people(&[("Adler", "1")]));
    assert_eq!((look.waiting, look.waiting_for_units), (1, 1));
    assert!(office.at("share/Eingang/but.csv").exists());
    let report = office.read("share/Eingang/but.csv.bericht.html");
    assert!(report.contains("Wartet auf die Verknüpfungsstelle"), "{report}");
    assert!(report.contains("22.11.2026, 12:00 Uhr"), "{report}");
    // 5, 10, 20 ... seconds, and not in between.
    office.linkage.log();
    let mut tries = Vec::new();
    for second in 1..=200 {
        office.pass(1);
        station.look();
        if !office.linkage.log().is_empty() {
            tries.push(second);
        }
    }
    assert_eq!(tries, [5, 15, 35, 75, 155]);
    // Whoever comes behind waits his turn, and is told so.
    office.lay("but-nachtrag.csv", &people(&[("Bussard", "2")]));
    office.run(&mut station);
    let behind = office.read("share/Eingang/but-nachtrag.csv.bericht.html");
    assert!(behind.contains("Wartet auf eine frühere Datei"), "{behind}");
    busy(&office, 0);
    office.pass(900);
    station.look();
    let look = station.look();
    assert_eq!((look.waiting, office.batches()), (0, 2));
    assert_eq!(office.files("share/Eingang"), ["Löschung", "Nachtrag"]);
    assert!(office.report("Erledigt/but.csv").contains("Geliefert"));
}

#[test]
fn a_refusal_reaches_the_clerk_in_the_unit_s_words() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    office.statistics.state.lock().unwrap().refuse = Some(ProblemCode::CatalogueDiffers);
    let look = office.deliver(&mut station, "but.csv", &people(&[("Adler", "1")]));
    assert_eq!((look.rejected, look.refused), (1, 1));
    let report = office.report("Abgelehnt/but.csv");
    for words in
        ["die Statistikstelle lehnt ab", "Katalog weicht", "what differs", "IT verständigen"]
    {
        assert!(report.contains(words), "{words}: {report}");
    }
    office.statistics.state.lock().unwrap().refuse = Some(ProblemCode::Internal);
    let look = office.deliver(&mut station, "but2.csv", &people(&[("Adler", "1")]));
    assert_eq!((look.rejected, look.waiting_for_units), (1, 1));
    // Nobody took it: what was encoded in vain is gone.
    office.statistics.state.lock().unwrap().refuse = None;
    office.linkage.state.lock().unwrap().refuse = Some(ProblemCode::KeyDiffers);
    office.pass(900);
    let before = office.files("outbox").len();
    office.deliver(&mut station, "but3.csv", &people(&[("Adler", "3")]));
    assert_eq!(office.files("outbox").len(), before);
}

#[test]
fn a_share_that_vanishes_stops_nothing_and_loses_nothing() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    office.lay("but.csv", &people(&[("Adler", "1")]));
    station.look();
    office.pass(10);
    // It goes away in the middle of the job: the private copy suffices to deliver.
    let (share, away) = (office.at("share"), office.at("away"));
    let (from, to) = (share.clone(), away.clone());
    office.hook(Some(Box::new(move |event| {
        if event.event == "prepared" {
            fs::rename(&from, &to).unwrap();
        }
    })));
    let look = station.look();
    office.hook(None);
    assert_eq!((office.batches(), look.waiting), (1, 1));
    assert!(station.look().share_away);
    assert!(!share.exists());
    fs::rename(&away, &share).unwrap();
    office.pass(60);
    let look = station.look();
    assert_eq!((look.waiting, look.share_away, office.batches()), (0, false, 1));
    assert_eq!(office.files("share/Erledigt").len(), 2);
    assert!(office.log().contains("event=share-away") && office.log().contains("share-back"));
}

#[test]
fn an_original_that_changes_meanwhile_is_a_new_file() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    busy(&office, 1);
    office.deliver(&mut station, "but.csv", &people(&[("Adler", "1")]));
    office.lay("but.csv", &people(&[("Adler", "1"), ("Bussard", "2")]));
    office.pass(900);
    station.look();
    assert_eq!(office.batches(), 1);
    let report = office.report("Erledigt/but.csv");
    assert!(report.contains("als neue Datei"), "{report}");
    office.run(&mut station);
    assert_eq!(office.batches(), 2);
    assert_eq!(office.files("share/Eingang"), ["Löschung", "Nachtrag"]);
}

#[test]
fn what_the_operator_has_to_mend_waits_and_goes_on_by_itself() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    let mapping = office.read("mappings/plain.toml");
    office.write("mappings/plain.toml", "version = 9");
    let look = office.deliver(&mut station, "but.csv", &people(&[("Adler", "1")]));
    assert_eq!((look.waiting, look.waiting_for_units), (1, 0));
    let report = office.read("share/Eingang/but.csv.bericht.html");
    assert!(report.contains("Die IT muss etwas richten"), "{report}");
    // No path of this host stands on the share.
    assert!(!report.contains(office.folder.path().to_str().unwrap()), "{report}");
    office.write("mappings/plain.toml", &mapping);
    let key = office.at("keys/linkage.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    office.pass(900);
    assert_eq!(station.look().waiting, 1);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    office.pass(900);
    assert_eq!(station.look().waiting, 0);
    assert_eq!(office.batches(), 1);
}

#[test]
fn a_work_folder_that_cannot_be_written_waits_and_says_so() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    // A file in place of the folder fails for every user, root too.
    fs::remove_dir(office.at("work/copies")).unwrap();
    office.write("work/copies", "");
    office.deliver(&mut station, "but.csv", &people(&[("Adler", "1")]));
    let report = office.read("share/Eingang/but.csv.bericht.html");
    assert!(report.contains("keinen Platz"), "{report}");
    fs::remove_file(office.at("work/copies")).unwrap();
    fs::create_dir(office.at("work/copies")).unwrap();
    office.pass(60);
    assert_eq!(station.look().waiting, 0);
    assert_eq!(office.batches(), 1);
    assert_eq!(office.files("share/Eingang"), ["Löschung", "Nachtrag"]);
}
