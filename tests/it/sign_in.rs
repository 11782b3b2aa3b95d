//! In and out of a unit's pages.

use milchglas::UnitName::{Linkage, Statistics};
use ring::rand::SystemRandom;

use crate::browser::{Browser, location, text};
use crate::place::{Answer, Place};

fn set_cookie(answer: &Answer) -> String {
    let line = answer.headers.get("set-cookie").map(|own| own.to_str().unwrap().to_owned());
    line.unwrap_or_default()
}

#[test]
fn a_person_signs_in_by_password_or_token_and_out_again() {
    let mut place = Place::start(1_000_000);
    let password = "drei lange Wörter";
    let line = access::PasswordDigest::line(password, &SystemRandom::new()).unwrap();
    let entry = "name = \"analyst\"\n";
    place.reconfigure(entry, &format!("{entry}password_argon2id = \"{line}\"\n"));

    let browser = Browser::new(&place, Statistics);
    let page = browser.page("/anmelden?weiter=/auswertung");
    assert!(page.contains("Statistikstelle") && page.contains("value=\"/auswertung\""));
    let wrong = browser.sign_in("analyst", "drei lange Worte", "");
    assert_eq!(wrong.status, 422);
    assert!(text(&wrong).contains("passen nicht zusammen"));
    assert!(!text(&wrong).contains("drei lange"), "what was typed is not sent back");
    assert!(set_cookie(&wrong).is_empty());

    let right = browser.sign_in("analyst", password, "/auswertung");
    assert_eq!((right.status, location(&right)), (303, "/auswertung"));
    let cookie = set_cookie(&right);
    assert!(cookie.contains("; HttpOnly; SameSite=Lax") && !cookie.contains("Secure"), "{cookie}");
    let onward = browser.get("/anmelden");
    assert_eq!(onward.status, 303, "who is signed in need not sign in");

    let other = Browser::of(&place, Statistics, "dpo");
    assert_eq!(other.get("/anmelden").status, 303);
    assert_eq!(Browser::new(&place, Linkage).sign_in("dpo", "token-of-dpo", "").status, 303);
    for (name, secret) in [("dpo", "token-of-analyst"), ("nobody", password), ("", "")] {
        assert_eq!(Browser::new(&place, Statistics).sign_in(name, secret, "").status, 422);
    }
}

#[test]
fn the_way_onward_stays_in_the_house() {
    let place = Place::start(1_000_000);
    for onward in ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nb"] {
        let browser = Browser::new(&place, Statistics);
        let answer = browser.sign_in("analyst", "token-of-analyst", onward);
        assert_eq!(answer.status, 303, "{onward}");
        assert!(!location(&answer).contains("evil"), "{onward}");
    }
    let browser = Browser::new(&place, Statistics);
    let answer = browser.get("/sprache?zu=en&weiter=//evil.example");
    assert_eq!(location(&answer), "/anmelden");
    assert!(browser.page("/anmelden").contains("<html lang=\"en\">"));
}

#[test]
fn guessing_takes_its_time_and_other_pages_cannot_sign_anybody_in() {
    let place = Place::start(1_000_000);
    let mut browser = Browser::new(&place, Statistics);
    for _ in 0..5 {
        assert_eq!(browser.sign_in("dpo", "guessed", "").status, 422);
    }
    let waiting = browser.sign_in("dpo", "token-of-dpo", "");
    assert_eq!(waiting.status, 429);
    assert!(text(&waiting).contains("Sekunden"));
    assert_eq!(browser.sign_in("analyst", "token-of-analyst", "").status, 303, "one name only");

    browser.site = "cross-site";
    assert_eq!(browser.sign_in("operator", "token-of-operator", "").status, 403);
    browser.site = "same-origin";
    let stale = browser.send("/abmelden", &[("csrf", "made up")]);
    assert_eq!(stale.status, 403);
    assert!(text(&stale).contains("Bitte noch einmal"));
}

#[test]
fn what_is_missing_is_a_page_for_browsers_and_style_is_compressed() {
    let place = Place::start(1_000_000);
    let browser = Browser::new(&place, Linkage);
    let missing = browser.get("/nichts");
    assert_eq!(missing.status, 404);
    assert!(text(&missing).contains("Diese Seite gibt es hier nicht"));
    let policy = missing.headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"));

    let style = browser.get("/kern.css");
    assert!(text(&style).contains("prefers-color-scheme: dark"));
    let packed = ureq::http::Request::builder()
        .uri(place.url(Linkage, "/kern.css"))
        .header("accept-encoding", "gzip")
        .body(())
        .unwrap();
    let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
    let packed = agent.run(packed).unwrap();
    assert_eq!(packed.headers().get("content-encoding").unwrap(), "gzip");
    let length: usize =
        packed.headers().get("content-length").unwrap().to_str().unwrap().parse().unwrap();
    assert!(length < 45_000, "{length} bytes");
}
