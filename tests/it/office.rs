//! Pages of departments, officers and operators through the real server.

use milchglas::UnitName::{self, Linkage, Statistics};

use crate::browser::{Browser, hidden, location, text};
use crate::place::{PEOPLE, Place};

const PLENTY: u64 = 500_000_000;

/// Every page with every role: what is not meant for somebody looks as if it were not there.
#[test]
fn every_page_answers_only_its_roles() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    let id = "00112233445566778899aabbccddeeff";
    let proposing = ["custodian", "operator", "dpo", "approver"].as_slice();
    let both: [(&str, String, &[&str]); 16] = [
        ("GET", "/lieferungen".into(), &["department"]),
        ("GET", format!("/lieferungen/{id}/quittung.json"), &["department"]),
        ("GET", "/aufsicht".into(), &["dpo"]),
        ("GET", "/aufsicht/regeln".into(), &["dpo"]),
        ("GET", "/aufsicht/regeln?fassung=ordner".into(), &["dpo"]),
        ("GET", "/aufsicht/protokoll".into(), &["dpo"]),
        ("GET", "/aufsicht/protokoll?art=proposal.&pruefen=alles".into(), &["dpo"]),
        ("GET", "/aufsicht/protokoll.jsonl".into(), &["dpo"]),
        ("POST", "/aufsicht/protokoll/gegenzeichnung".into(), &["dpo"]),
        ("GET", "/aufsicht/berichte".into(), &["dpo"]),
        ("GET", "/aufsicht/berichte/rauschen".into(), &["dpo"]),
        ("GET", "/vorschlaege".into(), proposing),
        ("POST", "/vorschlaege".into(), proposing),
        ("GET", format!("/vorschlaege/{id}"), proposing),
        ("POST", format!("/vorschlaege/{id}/freigabe"), &["dpo", "approver"]),
        ("GET", "/betrieb".into(), &["operator"]),
    ];
    let linkage: [(&str, String, &[&str]); 5] = [
        ("GET", "/betrieb/diagnose".into(), &["operator"]),
        ("POST", "/betrieb/verknuepfen".into(), &["operator"]),
        ("GET", "/aufsicht/budget".into(), &[]),
        ("GET", "/aufsicht/papiere".into(), &[]),
        ("GET", "/aufsicht/papiere/kryptobericht".into(), &[]),
    ];
    let statistics: [(&str, String, &[&str]); 5] = [
        ("GET", "/betrieb/diagnose".into(), &[]),
        ("GET", "/aufsicht/budget".into(), &["dpo"]),
        ("GET", "/aufsicht/papiere".into(), &["dpo"]),
        ("GET", "/aufsicht/papiere/kryptobericht".into(), &["dpo"]),
        ("GET", "/aufsicht/papiere/loeschprotokoll.md".into(), &["dpo"]),
    ];
    for (unit, own) in [(Linkage, linkage.as_slice()), (Statistics, statistics.as_slice())] {
        let stranger = Browser::new(&place, unit);
        for (who, role) in PEOPLE {
            let browser = Browser::of(&place, unit, who);
            for (method, path, roles) in both.iter().chain(own) {
                let answer = match *method {
                    "GET" => browser.get(path),
                    _ => browser.send(path, &[]),
                };
                let expected = match (roles.contains(&role), *method, path.contains(id)) {
                    // An unknown batch or proposal looks the same to those who would see their own.
                    (false, ..) | (true, "GET", true) => 404,
                    (true, "GET", false) => 200,
                    // Without the word of a form.
                    (true, ..) => 403,
                };
                assert_eq!(answer.status, expected, "{method} {path} {role} {unit:?}");
                let html = answer.status == 404;
                assert!(
                    !html || text(&answer).contains("Diese Seite gibt es hier nicht"),
                    "{path}"
                );
                if *method == "GET" {
                    let answer = stranger.get(path);
                    let out = answer.status == 303 && location(&answer).starts_with("/anmelden");
                    let nowhere = roles.is_empty() && answer.status == 404;
                    assert!(out || nowhere, "{path} {}", answer.status);
                }
            }
        }
    }
}

#[test]
fn a_department_sees_its_own_deliveries_and_no_other() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    let batch = place.batch_of("kita", 5, 2);
    let id = batch.manifests[0].batch.to_string();
    for unit in [Linkage, Statistics] {
        let kita = Browser::of(&place, unit, "kita");
        assert!(kita.page("/lieferungen").contains("Noch keine Lieferung"));
        let half = usize::from(unit == Statistics);
        assert_eq!(place.announce(unit, &batch.manifests[half]).status, 201);
        assert!(kita.page("/lieferungen").contains("angekündigt"));
        assert_eq!(place.chunk(unit, &batch, 0).status, 204);
        assert!(kita.page("/lieferungen").contains("unvollständig: 1 von 3 Teilen da (33 %)"));
        assert_eq!(place.submit(unit, &batch).status, 200);
        let page = kita.page("/lieferungen");
        assert!(page.contains("vollständig, zählt") && page.contains(&id[..8]), "{page}");
        let receipt = kita.get(&format!("/lieferungen/{id}/quittung.json"));
        assert_eq!(
            (receipt.status, receipt.json()["receipt"]["batch"] == id.as_str()),
            (200, true)
        );

        let egh = Browser::of(&place, unit, "egh");
        let page = egh.page("/lieferungen");
        assert!(page.contains("Noch keine Lieferung") && !page.contains(&id[..8]));
        assert_eq!(egh.get(&format!("/lieferungen/{id}/quittung.json")).status, 404);
        assert!(!egh.page("/lieferungen").contains("kita"), "nor its name");
    }
}

#[test]
fn a_department_reads_why_it_was_refused() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    let mut batch = place.batch(3, 3);
    batch.manifests[0].key_check_value = Some(submission::KeyCheckValue::from_bytes([0; 8]));
    assert_eq!(place.announce(Linkage, &batch.manifests[0]).status, 422);
    let kita = Browser::of(&place, Linkage, "kita").page("/lieferungen");
    assert!(kita.contains("mit einem anderen Schlüssel") && kita.contains("key-differs"), "{kita}");
    assert!(!Browser::of(&place, Linkage, "egh").page("/lieferungen").contains("key-differs"));
}

fn proposal(browser: &Browser, kind: &str, epoch: &str) -> String {
    let fields = [("kind", kind), ("epoch", epoch)];
    let made = browser.submit("/vorschlaege", "/vorschlaege", &fields);
    assert_eq!(made.status, 303, "{}", text(&made));
    location(&made).to_owned()
}

fn approve(browser: &Browser, proposal: &str) -> crate::place::Answer {
    let digest = hidden(&browser.page(proposal), "digest");
    let fields = [("digest", digest.as_str()), ("confirmed", "ja")];
    browser.submit(proposal, &format!("{proposal}/freigabe"), &fields)
}

#[test]
fn whoever_proposes_does_not_approve() {
    let place = Place::start(PLENTY);
    let (dpo, approver) =
        (Browser::of(&place, Linkage, "dpo"), Browser::of(&place, Linkage, "approver"));
    let own = proposal(&dpo, "epoch-closing", "2026");
    let page = dpo.page(&own);
    assert!(page.contains("Sie haben das selbst vorgeschlagen"), "{page}");
    assert!(!page.contains("name=\"confirmed\""), "no button");
    // Whoever sends the form all the same.
    let digest = hidden(&approver.page(&own), "digest");
    let way = format!("{own}/freigabe");
    let fields = [("digest", digest.as_str()), ("confirmed", "ja")];
    let refused = dpo.submit(&own, &way, &fields);
    assert_eq!(refused.status, 200);
    assert!(text(&refused).contains("Wer vorschlägt, gibt nicht frei"), "{}", text(&refused));

    let unread = approver.submit(&own, &way, &[("digest", digest.as_str())]);
    assert!(text(&unread).contains("Bestätigen Sie mit dem Häkchen"), "{}", text(&unread));
    let other = approver.submit(&own, &way, &[("digest", "00"), ("confirmed", "ja")]);
    assert!(text(&other).contains("Bestätigen Sie mit dem Häkchen"), "another digest");
    assert!(approver.page(&own).contains("wartet auf Freigabe"), "nothing was approved");

    assert_eq!(approve(&approver, &own).status, 303);
    assert!(approver.page(&own).contains("freigegeben, darf einmal geschehen"));
    assert!(dpo.page("/aufsicht").contains("Kein Vorschlag wartet"));
    let operator = Browser::of(&place, Linkage, "operator");
    assert_eq!(operator.send(&way, &fields).status, 404, "an operator approves nothing");
    let statistics = Browser::of(&place, Statistics, "operator");
    let elsewhere = statistics.submit("/vorschlaege", "/vorschlaege", &[("kind", "snapshot")]);
    assert_eq!(elsewhere.status, 404, "no snapshot is made there");
}

#[test]
fn a_form_from_elsewhere_proposes_nothing() {
    let place = Place::start(PLENTY);
    let mut browser = Browser::of(&place, Linkage, "dpo");
    let csrf = hidden(&browser.page("/vorschlaege"), "csrf");
    let fields = [("kind", "epoch-closing"), ("epoch", "2026")];
    assert_eq!(browser.send("/vorschlaege", &fields).status, 403);
    browser.site = "cross-site";
    let mut all = fields.to_vec();
    all.push(("csrf", csrf.as_str()));
    assert_eq!(browser.send("/vorschlaege", &all).status, 403);
    browser.site = "same-origin";
    assert!(browser.page("/vorschlaege").contains("Nichts wartet"));
    let nameless = browser.submit(
        "/vorschlaege",
        "/vorschlaege",
        &[("kind", "epoch-closing"), ("epoch", "§")],
    );
    assert!(text(&nameless).contains("Nennen Sie die Epoche"));
}

/// Proposed, approved and linked with forms alone; exact figures for whom a rule lists.
#[test]
fn a_snapshot_by_hand_from_the_form_to_its_figures() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    for department in ["kita", "egh"] {
        let batch = place.batch_of(department, 5, 2);
        assert_eq!(place.submit(Linkage, &batch).status, 200);
    }
    // Both expected deliveries are here: the schedule links by itself first.
    let operator = Browser::of(&place, Linkage, "operator");
    for _ in 0..200 {
        if operator.page("/betrieb").contains("Genaue Zahlen") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let own = proposal(&operator, "snapshot", "2026");
    let page = operator.page(&own);
    assert!(page.contains("Sie haben das selbst vorgeschlagen"), "{page}");
    assert!(page.contains("Lieferungen (2)") && page.contains("kita kita"), "{page}");
    assert!(!operator.page("/betrieb").contains("Jetzt verknüpfen"));
    assert_eq!(approve(&Browser::of(&place, Linkage, "dpo"), &own).status, 303);
    assert!(operator.page("/betrieb").contains("Jetzt verknüpfen"));
    let begun = operator.submit("/betrieb", "/betrieb/verknuepfen", &[("epoch", "2026")]);
    assert_eq!((begun.status, location(&begun)), (303, "/betrieb"));
    for _ in 0..200 {
        if operator.page("/betrieb").contains("von Hand</td>") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(operator.page("/betrieb").contains("von Hand</td>"));
    let figures = operator.page("/betrieb/diagnose");
    assert!(
        figures.contains("Gruppen nach Größe") && figures.contains("Paare nach Ähnlichkeit"),
        "{figures}"
    );
    assert!(figures.contains("0,99 – 1,00"), "{figures}");
    let again = operator.submit("/betrieb", "/betrieb/verknuepfen", &[("epoch", "2026")]);
    assert!(text(&again).contains("Dafür gibt es keine Freigabe"), "{}", text(&again));
}

#[test]
fn exact_figures_are_only_for_whom_a_rule_lists() {
    let place = Place::start_with(PLENTY, |policies| {
        let path = policies.join("access/rollen.cedar");
        let text = std::fs::read_to_string(&path).unwrap();
        let begin = text.find("@id(\"diagnose\")").unwrap();
        let end = begin + text[begin..].find("};").unwrap() + 2;
        std::fs::write(&path, format!("{}{}", &text[..begin], &text[end..])).unwrap();
    });
    place.open_epoch();
    let batch = place.batch(5, 2);
    assert_eq!(place.submit(Linkage, &batch).status, 200);
    let snapshot = place.link();
    let operator = Browser::of(&place, Linkage, "operator");
    assert_eq!(operator.get("/betrieb/diagnose").status, 404);
    assert!(!operator.page("/betrieb").contains("/betrieb/diagnose"));
    let run = place.get(Linkage, "operator", &format!("/v1/snapshots/{snapshot}"));
    assert_eq!((run.status, run.json().get("report").is_none()), (200, true), "{}", run.json());
}

#[test]
fn an_officer_reads_verifies_and_countersigns_the_log() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    for unit in [Linkage, Statistics] {
        let dpo = Browser::of(&place, unit, "dpo");
        let page = dpo.page("/aufsicht/protokoll");
        assert!(page.contains("Eben ganz geprüft: alle"), "{page}");
        assert!(page.contains("Freigegeben: Regelwerk"), "{page}");
        let only = dpo.page("/aufsicht/protokoll?art=proposal.&vor=3");
        assert!(only.contains("Vorgeschlagen") && !only.contains("Epoche eröffnet"), "{only}");
        let log = text(&dpo.get("/aufsicht/protokoll.jsonl"));
        assert!(audit::verify(log.lines().map(str::as_bytes), None, Vec::new()).is_ok());

        let (_, rest) = page.split_once("Letzter Eintrag</dt><dd><code>").unwrap();
        let short = rest.split('<').next().unwrap().to_owned();
        let way = "/aufsicht/protokoll/gegenzeichnung";
        let wrong = dpo.submit("/aufsicht/protokoll", way, &[("document", "7 unsinn")]);
        assert!(text(&wrong).contains("Gegenzeichnung nicht angenommen"), "{}", text(&wrong));
        let right = dpo.submit("/aufsicht/protokoll", way, &[("document", &short)]);
        assert_eq!(right.status, 303, "{}", text(&right));
        let page = dpo.page(location(&right));
        assert!(
            page.contains("Sie steht im Protokoll") && page.contains("Zuletzt von dpo"),
            "{page}"
        );
    }
}

#[test]
fn an_officer_reads_what_a_waiting_folder_would_change() {
    let mut place = Place::start(PLENTY);
    let dpo = Browser::of(&place, Statistics, "dpo");
    let page = dpo.page("/aufsicht/regeln");
    assert!(page.contains("Der Ordner sagt dasselbe"), "{page}");
    assert!(
        page.contains("in Kraft seit") && page.contains("Zweck sozialmonitoring-06432"),
        "{page}"
    );
    assert!(!page.contains("sozialmonitoring-06440"), "another county's affair");
    let path = place.folder().join("policies/purposes/sozialmonitoring-06432.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("expires = \"20", "expires = \"21")).unwrap();
    place.stop(UnitName::Statistics);
    place.start_again(UnitName::Statistics);
    let dpo = Browser::of(&place, Statistics, "dpo");
    let page = dpo.page("/aufsicht/regeln");
    assert!(page.contains("geändert; die neue Fassung wartet auf Freigabe"), "{page}");
    assert!(page.contains("Möglich wird") && page.contains("gilt: bis 21"), "{page}");
    let list = dpo.page("/vorschlaege");
    let (_, rest) = list.split_once("href=\"/vorschlaege/").unwrap();
    let proposal = format!("/vorschlaege/{}", rest.split('"').next().unwrap());
    assert!(dpo.page(&proposal).contains("gilt: bis 21"), "the same words beside the button");
    assert!(dpo.page("/aufsicht").contains("Ein Vorschlag wartet auf Ihre Freigabe"));
}

#[test]
fn papers_and_reports_are_pages_too() {
    let place = Place::start(PLENTY);
    place.ready();
    assert_eq!(place.ask("day-care-hours", 2025).status, 200);
    let dpo = Browser::of(&place, Statistics, "dpo");
    let list = dpo.page("/aufsicht/papiere");
    for part in list.split("href=\"/aufsicht/papiere/").skip(1) {
        let path = format!("/aufsicht/papiere/{}", part.split('"').next().unwrap());
        let answer = dpo.get(&path);
        assert_eq!(answer.status, 200, "{path}");
    }
    let paper = text(&dpo.get("/aufsicht/papiere/freigabeliste.md"));
    assert!(paper.starts_with("# Liste der Freigaben"), "{paper}");
    assert!(paper.contains("sozialmonitoring-06432 | "), "what was asked: {paper}");
    assert_eq!(dpo.get("/aufsicht/papiere/unsinn").status, 404);
    assert!(dpo.page("/aufsicht/berichte/angriff").contains("Graphabgleich"));
    let budget = dpo.page("/aufsicht/budget");
    assert!(
        budget.contains("analyst") && budget.contains("0,04"),
        "who asked, and how much: {budget}"
    );
}
