//! An analyst at the pages of the statistics unit.

use milchglas::UnitName::Statistics;

use crate::browser::{Browser, hidden, location, text};
use crate::place::{PEOPLE, Place};

const PLENTY: u64 = 500_000_000;
/// What the one department that delivers is asked: a mean by age group, at a tenth of the cap.
const QUESTION: &str =
    "/auswertung/frage?zweck=sozialmonitoring-06432&kennzahl=day-care-hours&jahr=2025";

/// The two hidden fields that a shown price offers, with the page's word.
fn offered(page: &str) -> [(String, String); 3] {
    let decoded = |text: String| {
        text.replace("&quot;", "\"")
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
    };
    ["csrf", "schluessel", "frage"].map(|name| (name.to_owned(), decoded(hidden(page, name))))
}

fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Looks again until the answer is there; its address.
fn waited(browser: &Browser, place: &str) -> String {
    for _ in 0..200 {
        let answer = browser.get(place);
        match answer.status {
            303 => return location(&answer).to_owned(),
            200 => std::thread::sleep(std::time::Duration::from_millis(50)),
            other => panic!("{other}: {}", text(&answer)),
        }
    }
    panic!("no answer");
}

#[test]
fn a_price_is_shown_with_what_it_leaves_and_costs_nothing() {
    let place = Place::start(PLENTY);
    place.ready();
    let browser = Browser::of(&place, Statistics, "analyst");
    let page = browser.page(QUESTION);
    for wanted in [
        "Mittlere vereinbarte Betreuungszeit",
        "10\u{a0}%</strong> der Obergrenze",
        "Daten des Jahres 2025: die Antwort kostet",
        "danach sind noch <strong>90\u{a0}%</strong>",
        "Verbindlich fragen",
        "Altersgruppe am 31. Dezember: unter 3, 3 bis 5",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    let width = browser.page(&format!("{QUESTION}&wie=breite&breite=5"));
    assert!(width.contains("Verbindlich fragen"), "{width}");
    assert_ne!(offered(&width)[2], offered(&page)[2], "another budget is another question");
    assert_ne!(offered(&browser.page(QUESTION))[1], offered(&page)[1], "a key for every page");
    assert_eq!(place.spent(), 0);
}

#[test]
fn a_question_is_paid_once_however_often_its_form_is_sent() {
    let place = Place::start(PLENTY);
    place.ready();
    let browser = Browser::of(&place, Statistics, "analyst");
    let fields = offered(&browser.page(QUESTION));
    let first = browser.send("/auswertung/frage", &pairs(&fields));
    assert_eq!(first.status, 303, "{}", text(&first));
    let progress = location(&first).to_owned();
    assert!(progress.starts_with("/auswertung/anfrage/"), "{progress}");
    let again = browser.send("/auswertung/frage", &pairs(&fields));
    assert_eq!((again.status, location(&again)), (303, progress.as_str()), "a double click");
    assert!(browser.page(&progress).contains("wird berechnet"));

    let result = waited(&browser, &progress);
    let spent = place.spent();
    assert!((49_000_000..=50_000_000).contains(&spent), "{spent}");
    let late = browser.send("/auswertung/frage", &pairs(&fields));
    assert_eq!(waited(&browser, location(&late)), result, "back and once more");
    assert_eq!(place.spent(), spent);

    // Another question under the same key is refused.
    let mut other = fields.clone();
    other[2].1 = other[2].1.replace("day-care-hours", "quarterly-stock");
    let refused = browser.send("/auswertung/frage", &pairs(&other));
    assert_ne!(refused.status, 303, "{}", text(&refused));
    assert_eq!(place.spent(), spent);

    let page = browser.page(&result);
    for wanted in [
        "Diese Zahl zitieren",
        "95-%-Intervall",
        "@misc{county-06432-",
        "gefragt: Sie",
        ".csv\" download",
        ".xlsx\" download",
        "Jeder Zahl wurde Zufall beigemischt",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    let free = browser.page(QUESTION);
    assert!(free.contains("schon beantwortet und kostet nichts"));
    assert!(free.contains(&format!("href=\"{result}\"")), "{result}");
    assert!(browser.page("/auswertung").contains(&format!("href=\"{result}\"")));
    let history = browser.page("/auswertung/verlauf");
    assert!(history.contains(&format!("href=\"{result}\"")) && history.contains("<td>Sie</td>"));
}

#[test]
fn an_answer_is_found_again_after_a_restart() {
    let mut place = Place::start(PLENTY);
    place.ready();
    let browser = Browser::of(&place, Statistics, "analyst");
    let fields = offered(&browser.page(QUESTION));
    let progress = location(&browser.send("/auswertung/frage", &pairs(&fields))).to_owned();
    let result = waited(&browser, &progress);
    place.restart(Statistics);
    let browser = Browser::of(&place, Statistics, "analyst");
    assert_eq!(waited(&browser, &progress), result);
    assert!(browser.page(&result).contains("Freigabe Nr."));
    assert_eq!(browser.get("/auswertung/anfrage/0123456789abcdef0123").status, 404);
}

#[test]
fn a_form_from_elsewhere_or_without_its_word_asks_nothing() {
    let place = Place::start(PLENTY);
    place.ready();
    let mut browser = Browser::of(&place, Statistics, "analyst");
    let mut fields = offered(&browser.page(QUESTION));
    browser.site = "cross-site";
    assert_eq!(browser.send("/auswertung/frage", &pairs(&fields)).status, 403);
    browser.site = "same-origin";
    for (at, wrong) in [(0, "made up"), (1, "short"), (1, "../../etc/passwd-0123"), (2, "{}")] {
        let kept = std::mem::replace(&mut fields[at].1, wrong.to_owned());
        assert_eq!(browser.send("/auswertung/frage", &pairs(&fields)).status, 403, "{wrong}");
        fields[at].1 = kept;
    }
    let hollow = [("schluessel", "0123456789abcdef0123"), ("frage", "{}")];
    assert_eq!(browser.submit(QUESTION, "/auswertung/frage", &hollow).status, 403);
    let officer = Browser::of(&place, Statistics, "dpo");
    let page = officer.page(QUESTION);
    assert!(
        !page.contains("name=\"schluessel\"") && page.contains("fragen darf die Sozialplanung")
    );
    fields[0].1 = hidden(&page, "csrf");
    assert_eq!(officer.send("/auswertung/frage", &pairs(&fields)).status, 404);
    assert_eq!(place.spent(), 0);
}

/// Every page with every role, on both units: what is not for somebody is not there.
#[test]
fn every_page_answers_only_its_roles() {
    let place = Place::start(PLENTY);
    let reading = ["analyst", "dpo"].as_slice();
    let pages: [(&str, &[&str]); 6] = [
        ("/auswertung", reading),
        (QUESTION, reading),
        ("/auswertung/verlauf", reading),
        ("/auswertung/fruehwarnung", reading),
        ("/auswertung/bedarf", reading),
        ("/auswertung/anfrage/0123456789abcdef0123", &[]),
    ];
    for (who, role) in PEOPLE {
        let browser = Browser::of(&place, Statistics, who);
        for (path, roles) in pages {
            let answer = browser.get(path);
            if roles.contains(&role) {
                assert_eq!(answer.status, 200, "{path} {role}");
            } else {
                assert_eq!(answer.status, 404, "{path} {role}");
                assert!(text(&answer).contains("Diese Seite gibt es hier nicht"), "{path} {role}");
            }
        }
        assert_eq!(browser.get("/auswertung/ergebnis/1/overlap.2025").status, 404);
    }
    let nobody = Browser::new(&place, Statistics);
    for (path, _) in pages {
        let answer = nobody.get(path);
        assert_eq!(answer.status, 303, "{path}");
        assert!(location(&answer).starts_with("/anmelden?weiter=/auswertung"), "{path}");
    }
    let elsewhere = Browser::of(&place, milchglas::UnitName::Linkage, "analyst");
    assert_eq!(elsewhere.get("/auswertung").status, 404);
}

#[test]
fn refusals_stand_at_their_field_and_say_what_to_do() {
    let place = Place::start(PLENTY);
    let browser = Browser::of(&place, Statistics, "analyst");
    let page = browser.page(QUESTION);
    assert!(page.contains("Sobald die erste Verknüpfung übertragen ist"), "{page}");
    place.ready();
    let cases = [
        ("&wie=breite&breite=viel", "breite", "Schreiben Sie eine Zahl über null"),
        ("&wie=breite&breite=0,0001", "breite", "Nennen Sie eine größere Breite"),
        ("&wie=anteil&anteil=99", "anteil", "höchstens 10,00 % der Obergrenze"),
        ("&gruppe=sex", "gruppe", "Wählen Sie eine aus der Liste"),
    ];
    for (more, field, words) in cases {
        let page = browser.page(&format!("{QUESTION}{more}"));
        assert!(page.contains(&format!("id=\"{field}-fehler\"")), "{more}: {page}");
        assert!(page.contains(&format!("href=\"#{field}\"")) && page.contains(words), "{more}");
        assert!(!page.contains("name=\"schluessel\""), "{more}");
    }
    let own = "/auswertung/frage?zweck=sozialmonitoring-06432&kennzahl=*&jahr=2025&art=";
    for (more, field) in [("persons", "dienst"), ("overlap&dienst=kita", "dienst")] {
        let page = browser.page(&format!("{own}{more}"));
        assert!(page.contains(&format!("id=\"{field}-fehler\"")), "{more}");
    }
    let page = browser.page(&format!("{own}persons&dienst=kita&nach=sex"));
    assert!(page.contains("Verbindlich fragen"), "{page}");
    assert_eq!(place.spent(), 0);
}

#[test]
fn a_budget_that_does_not_suffice_offers_no_button() {
    let place = Place::start(30_000_000);
    place.ready();
    let browser = Browser::of(&place, Statistics, "analyst");
    let page = browser.page(QUESTION);
    assert!(page.contains("Das Budget reicht nicht."), "{page}");
    assert!(!page.contains("name=\"schluessel\""));
    let cheap = browser.page(&format!("{QUESTION}&wie=anteil&anteil=50"));
    assert!(cheap.contains("name=\"schluessel\""), "{cheap}");
}

#[test]
fn english_is_there_and_hostile_values_stay_values() {
    let place = Place::start(PLENTY);
    place.ready();
    let browser = Browser::of(&place, Statistics, "analyst");
    let page = browser
        .page(&format!("{QUESTION}&wie=breite&breite=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"));
    assert!(!page.contains("<script>alert"), "{page}");
    for path in ["&jahr=99999", "&jahr=-1", "&zweck=%00", "&kennzahl=%F0%9F%98%80", "&wie=%FF"] {
        assert_eq!(browser.get(&format!("{QUESTION}{path}")).status, 200, "{path}");
    }
    assert_eq!(browser.get("/auswertung/ergebnis/99999999999999999999/x").status, 404);
    assert_eq!(browser.get("/auswertung/verlauf?seite=-3").status, 200);
    assert_eq!(browser.get("/sprache?zu=en&weiter=/auswertung").status, 303);
    let page = browser.page(QUESTION);
    assert!(page.contains("Ask for good") && page.contains("Data of the year 2025"), "{page}");
    assert!(page.contains("<html lang=\"en\">"));
}
