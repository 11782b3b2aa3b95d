//! Periods, amendments and withdrawals as a clerk gives them: by folder and file name.

use submission::{Manifest, Mode};

use super::{Office, people};

/// The manifests in the order of their batches.
fn manifests(office: &Office) -> Vec<Manifest> {
    let mut all = office.statistics.manifests();
    let order = |manifest: &Manifest| {
        let name = format!("outbox/{}-{}/report.json", manifest.dataset, manifest.batch);
        let report: serde_json::Value = serde_json::from_str(&office.read(&name)).unwrap();
        report["created_at"].as_i64().unwrap()
    };
    all.sort_by_key(order);
    all
}

fn period(manifest: &Manifest) -> String {
    format!("{}..{}", manifest.period.from, manifest.period.to)
}

#[test]
fn the_period_stands_in_the_name_or_follows_the_rule() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    office.deliver(&mut station, "but.csv", &people(&[("Adler", "1")]));
    office.deliver(&mut station, "but-2022-01..2025-12.csv", &people(&[("Adler", "1")]));
    drop(station);
    office.configure("period = \"12 Monate\"");
    let mut station = office.open().unwrap();
    // The window of twelve months has no fact of January 2025.
    office.deliver(&mut station, "but2.csv", &people(&[("Bussard", "1")]));
    drop(station);
    office.configure("period = \"2025-01..2025-12\"");
    let mut station = office.open().unwrap();
    office.deliver(&mut station, "but3.csv", &people(&[("Bussard", "1")]));
    office.deliver(&mut station, "but-2025-12..2022-01.csv", &people(&[("Bussard", "1")]));
    let all = manifests(&office);
    let periods: Vec<String> = all.iter().map(period).collect();
    assert_eq!(periods, ["2023-11..2026-10", "2022-01..2025-12", "2025-01..2025-12"]);
    let report = office.report("Abgelehnt/but-2025-12..2022-01.csv");
    assert!(report.contains("Der Zeitraum im Dateinamen ist keiner"));
    assert!(office.report("Abgelehnt/but2.csv").contains("Keine einzige Zeile"));
}

#[test]
fn amendments_and_withdrawals_change_what_was_delivered() {
    let office = Office::new();
    let mut station = office.open().unwrap();
    let amendment = people(&[("Busard", "2"), ("Dohle", "4")]);
    office.deliver(&mut station, "but-nachtrag.csv", &amendment);
    let report = office.report("Abgelehnt/but-nachtrag.csv");
    assert!(report.contains("noch keine vollständige Lieferung"), "{report}");

    // All in the same second: the order is kept all the same.
    let full = people(&[("Adler", "1"), ("Bussard", "2"), ("Condor", "3")]);
    office.lay("but-2022-01..2025-12.csv", &full);
    std::thread::sleep(std::time::Duration::from_millis(20));
    office.lay("Nachtrag/but.csv", &amendment);
    std::thread::sleep(std::time::Duration::from_millis(20));
    office.lay("Löschung/but November.txt", "# Fälle\n3\n");
    office.run(&mut station);
    assert_eq!(office.batches(), 3);
    let all = manifests(&office);
    let modes: Vec<Mode> = all.iter().map(|manifest| manifest.mode).collect();
    assert_eq!(modes, [Mode::Full, Mode::Amend, Mode::Amend]);
    let withdrawn: Vec<usize> = all.iter().map(|manifest| manifest.withdrawn.len()).collect();
    assert_eq!(withdrawn, [0, 1, 1]);
    // A correction belongs to the window that it corrects.
    assert!(all.iter().all(|manifest| period(manifest) == "2022-01..2025-12"));
    let report = office.report("Erledigt/but November.txt");
    assert!(report.contains("<b>1</b><span>Einträge zurückgezogen"), "{report}");
    assert!(office.report("Erledigt/but.csv").contains("Nachtrag: ersetzt nur die Fälle"));

    // The delivery lacks its last line break and settles longer: nobody overtakes it.
    office.lay("but-2022-01..2025-12.csv", full.trim_end());
    std::thread::sleep(std::time::Duration::from_millis(20));
    office.lay("Nachtrag/but.csv", &people(&[("Adler", "1")]));
    for _ in 0..13 {
        office.pass(5);
        station.look();
    }
    let all = manifests(&office);
    let modes: Vec<Mode> = all.iter().skip(3).map(|manifest| manifest.mode).collect();
    assert_eq!(modes, [Mode::Full, Mode::Amend]);
    office.deliver(&mut station, "Löschung/but.txt", "3\n4\n");
    let report = office.report("Abgelehnt/but.txt");
    assert!(report.contains("Zeile 2: keine frühere Lieferung enthält diesen Fall"), "{report}");
    office.deliver(&mut station, "Löschung/liste.txt", "");
    assert!(office.at("share/Eingang/Löschung/liste.txt").exists());
}
