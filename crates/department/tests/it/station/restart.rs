//! A process that dies, at every step, before and after the step is in the journal.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Office, people};

const STEPS: [&str; 6] = ["taken", "recognised", "prepared", "submitted", "filing", "filed"];

/// Dies when `word` is told; `lost` takes the journal's last write back, as if the step was done
/// and the process died before it was written down.
fn die_at(office: &Office, word: &'static str, lost: bool) {
    let job = office.at("work/jobs/00000001.json");
    let mut before: Option<Vec<u8>> = None;
    office.hook(Some(Box::new(move |event| {
        if event.job.is_none() {
            return;
        }
        if event.event == word {
            match (&before, lost) {
                (Some(before), true) => fs::write(&job, before).unwrap(),
                (None, true) => fs::remove_file(&job).unwrap(),
                _ => {}
            }
            std::panic::resume_unwind(Box::new("the process dies here"));
        }
        before = Some(fs::read(&job).unwrap());
    })));
}

#[test]
fn no_death_loses_a_file_or_delivers_it_twice() {
    for word in STEPS {
        for lost in [false, true] {
            let office = Office::new();
            let mut station = office.open().unwrap();
            let text = people(&[("Adler", "1"), ("", "2")]);
            office.lay("but.csv", &text);
            station.look();
            office.pass(10);
            die_at(&office, word, lost);
            let died = catch_unwind(AssertUnwindSafe(|| station.look()));
            assert!(died.is_err(), "{word}");
            drop(station);
            office.hook(None);

            let mut station = office.open().unwrap();
            let look = office.run(&mut station);
            let place = format!("{word}, lost: {lost}");
            assert_eq!((look.waiting, look.unsettled), (0, 0), "{place}");
            assert_eq!(office.batches(), 1, "{place}");
            let filed = office.files("share/Erledigt");
            assert_eq!(filed, ["but.csv", "but.csv.bericht.html"], "{place}");
            assert_eq!(office.read("share/Erledigt/but.csv"), text, "{place}");
            assert_eq!(office.files("share/Eingang"), ["Löschung", "Nachtrag"], "{place}");
            assert!(office.report("Erledigt/but.csv").contains("Quittungen"), "{place}");
            assert!(office.report("Erledigt/but.csv").contains("Pflichtangabe"), "{place}");
            assert!(office.files("work/copies").is_empty(), "{place}");
            assert_eq!(office.files("outbox").len(), 1, "{place}: {:?}", office.files("outbox"));
            assert_eq!(office.files("work/quarantine").len(), 1, "{place}");
            // And the same file again is known.
            office.deliver(&mut station, "but.csv", &text);
            assert_eq!(office.batches(), 1, "{place}");
        }
    }
}

#[test]
fn a_rejection_survives_a_death_too() {
    for word in ["taken", "rejected", "filing", "filed"] {
        for lost in [false, true] {
            let office = Office::new();
            let mut station = office.open().unwrap();
            office.lay("x.csv", "a;b\n1;2\n");
            station.look();
            office.pass(10);
            die_at(&office, word, lost);
            assert!(catch_unwind(AssertUnwindSafe(|| station.look())).is_err(), "{word}");
            drop(station);
            office.hook(None);
            let mut station = office.open().unwrap();
            office.run(&mut station);
            assert_eq!(office.files("share/Abgelehnt"), ["x.csv", "x.csv.bericht.html"], "{word}");
            assert_eq!(office.files("share/Eingang"), ["Löschung", "Nachtrag"], "{word}");
        }
    }
}

#[test]
fn a_batch_that_is_damaged_before_it_was_sent_is_encoded_again() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    office.linkage.state.lock().unwrap().busy = 1;
    office.deliver(&mut station, "but.csv", &people(&[("Adler", "1")]));
    let batch = office.files("outbox").remove(0);
    office.write(&format!("outbox/{batch}/linkable/manifest.json"), "{");
    office.pass(900);
    assert_eq!(station.look().waiting, 0);
    assert_eq!(office.batches(), 1);
    assert!(office.log().contains("event=batch-damaged"));
}
