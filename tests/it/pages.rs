//! The public page of a real unit, and what can be taken away from it.

use std::fs;
use std::process::Command;

use milchglas::UnitName::Statistics;
use milchglas::exhibit::{
    Cell, Delivery, Exhibit, Fact, Facts, Linkage, Office, Statistics as Counted, View,
};

use crate::place::{Answer, PROJECT, Place, without_plans};

const PLENTY: u64 = 500_000_000;

/// Two tables of the one department that delivers: children by municipality and their hours.
fn released() -> Place {
    let place = Place::start_with(PLENTY, |policies| {
        without_plans(policies);
        let path = policies.join("purposes/sozialmonitoring-06432.toml");
        let purpose = fs::read_to_string(&path).unwrap();
        let counted = "datasets = [\"sgb2\", \"wohngeld\", \"sgb12\", \"asyl\"]";
        assert!(purpose.contains(counted));
        fs::write(&path, purpose.replace(counted, "datasets = [\"kita\"]")).unwrap();
    });
    place.ready();
    for indicator in ["children-in-benefits", "day-care-hours"] {
        assert_eq!(place.ask(indicator, 2025).status, 200);
    }
    place
}

fn page(place: &Place, path: &str) -> String {
    let answer = place.get(Statistics, "stranger", path);
    assert_eq!(answer.status, 200, "{path}");
    String::from_utf8(answer.body).unwrap()
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Addresses of the downloads on a page.
fn downloads(html: &str) -> Vec<String> {
    let links = html.split("<a href=\"").skip(1).filter_map(|rest| rest.split_once("\" download"));
    links.map(|(address, _)| address.to_owned()).filter(|own| own.len() < 200).collect()
}

fn exhibit(project: &str) -> Exhibit {
    let bits = "f0".repeat(128);
    let view = |bits: String| View { name: "name".into(), bits };
    let delivery = |office: &str, bits: String| Delivery {
        office: office.into(),
        subject: "00112233445566778899aabbccddeeff".into(),
        views: vec![view(bits)],
    };
    let fact = Fact { code: "3".into(), label: "Dieburg".into() };
    Exhibit::new(
        project.into(),
        "Mia Beispiel, 4 Jahre".into(),
        vec![Office {
            name: "Kindertagesbetreuung".into(),
            columns: vec!["name".into(), "vorname".into()],
            rows: vec![vec!["Beispiel".into(), "Mia".into()]],
        }],
        Linkage {
            person: "17".into(),
            deliveries: vec![
                delivery("Kindertagesbetreuung", bits.clone()),
                delivery("Jugendamt", bits.replacen("f0", "f1", 1)),
            ],
            similarities: Vec::new(),
        },
        Counted {
            person: "17".into(),
            facts: vec![Facts {
                dataset: "Kita".into(),
                columns: vec!["Gemeinde".into()],
                rows: vec![vec![fact]],
            }],
        },
        vec![Cell {
            indicator: "children-in-benefits".into(),
            year: 2025,
            keys: vec!["06432004".into()],
            datasets: Vec::new(),
        }],
    )
    .unwrap()
}

#[test]
fn a_county_has_a_page_with_map_budget_and_downloads() {
    let place = released();
    let html = page(&place, "/");
    assert_eq!(html, page(&place, &format!("/projects/{PROJECT}")));
    for wanted in [
        "<title>Sozialmonitoring Landkreis Darmstadt-Dieburg</title>",
        "Schematische Karte",
        "Verbraucht sind <strong>20\u{a0}%</strong> der Obergrenze",
        "Stunden mit 95-%-Intervall",
        "aria-current=\"page\">Landkreis Darmstadt-Dieburg</a>",
        "href=\"/projects/county-06440\"",
    ] {
        assert!(html.contains(wanted), "{wanted}");
    }
    assert!(!html.contains("Vier Blicke"));
    let addresses = downloads(&html);
    assert_eq!(addresses.len(), 1 + 2 * 2);
    for address in &addresses {
        let answer = place.get(Statistics, "stranger", address);
        assert_eq!(answer.status, 200, "{address}");
        assert!(header(&answer, "content-security-policy").starts_with("default-src 'none'"));
        assert!(header(&answer, "content-disposition").starts_with("attachment; filename=\""));
        let start: &[u8] = if address.ends_with(".csv") { b"\xef\xbb\xbfkennzahl" } else { b"PK" };
        assert!(answer.body.starts_with(start), "{address}");
    }
    assert!(
        addresses.iter().any(|own| own.ends_with("/children-in-benefits.2025.municipality.csv"))
    );
    assert!(page(&place, "/projects/county-06440").contains("Noch ist nichts veröffentlicht."));
}

#[test]
fn a_release_has_a_page_of_its_own_below_the_address_of_its_downloads() {
    let place = released();
    let known = downloads(&page(&place, "/"));
    for table in known.iter().filter_map(|own| own.strip_suffix(".csv")) {
        let answer = place.get(Statistics, "stranger", table);
        assert_eq!(answer.status, 200, "{table}");
        assert!(header(&answer, "content-type").starts_with("text/html"));
        assert!(header(&answer, "content-security-policy").starts_with("default-src 'none'"));
        let html = String::from_utf8(answer.body).unwrap();
        assert!(html.contains(&format!("<a href=\"{table}.xlsx\" download>")), "{table}");
        assert!(html.contains("Alle Tabellen: Landkreis Darmstadt-Dieburg"));
        assert_eq!(html.matches("<section class=\"card").count(), 1);
    }
}

#[test]
fn addresses_that_lead_nowhere_all_look_the_same() {
    let place = released();
    let nowhere = place.get(Statistics, "stranger", "/v1/nothing");
    let known = downloads(&page(&place, "/"));
    let table = known.iter().find(|own| own.ends_with(".csv")).unwrap();
    let (charge, name) = table.rsplit_once('/').unwrap();
    for path in [
        "/projects/county-99999".to_owned(),
        "/projects/county-06440.xlsx".to_owned(),
        "/projects/..%2f..%2fetc".to_owned(),
        format!("{table}x"),
        format!("{}.pdf", table.trim_end_matches(".csv")),
        format!("{charge}/overlap.2025.municipality.csv"),
        format!("/releases/1/{name}"),
        format!("/releases/x/{name}"),
        "/releases/18446744073709551616/a.csv".to_owned(),
    ] {
        let answer = place.get(Statistics, "stranger", &path);
        assert_eq!((answer.status, &answer.body), (404, &nowhere.body), "{path}");
    }
}

#[test]
fn a_made_up_person_is_shown_on_the_page_of_their_county_only() {
    let mut place = released();
    place.configure("synthetic = true\nexhibit = \"person.json\"");
    assert!(!page(&place, "/").contains("Vier Blicke"), "not written yet");
    place.write("person.json", b"{\"format\": \"milchglas/exhibit/v1\", \"synth");
    assert!(!page(&place, "/").contains("Vier Blicke"), "half written");
    place.write("person.json", &exhibit(PROJECT).to_json().unwrap());
    let html = page(&place, "/");
    let value = html.split("id=\"vier-blicke\"").nth(1).unwrap();
    for wanted in
        ["Mia Beispiel, 4 Jahre", "1 Felder anders", "Dieburg", "Ob sie dabei ist, lässt sich"]
    {
        assert!(value.contains(wanted), "{wanted}");
    }
    assert!(!page(&place, "/projects/county-06440").contains("Vier Blicke"));
}

#[test]
fn a_unit_refuses_a_person_who_may_be_real_and_boundaries_it_cannot_draw() {
    let place = Place::start(PLENTY);
    assert!(place.refused("exhibit = \"person.json\"").contains("synthetic = true"));
    place.write("areas.json", b"{\"type\": \"FeatureCollection\", \"features\": []}");
    assert!(place.refused("boundaries = \"areas.json\"").contains("cut out your territory"));
    let elsewhere = r#"{"type": "FeatureCollection", "features": [{"type": "Feature",
        "properties": {"ags": "99999999"}, "geometry": {"type": "Polygon",
        "coordinates": [[[8, 50], [9, 50], [9, 51], [8, 50]]]}}]}"#;
    place.write("areas.json", elsewhere.as_bytes());
    assert!(place.refused("boundaries = \"areas.json\"").contains("municipality"));
    assert!(place.refused("boundaries = \"absent.json\"").contains("absent.json"));
}

/// Both sexes of every municipality of the first county, in two classes; invented.
fn residents(year: u16) -> Vec<u8> {
    let mut text = "# format: milchglas/population/v1\n# source: Erfundene Bevölkerung\n\
                    # publisher: Amt für Erfundenes\n# licence: dl-de/by-2-0\n\
                    # attribution: © Amt für Erfundenes\n# retrieved: 2026-11-12\n\
                    year;municipality;age;sex;persons\n"
        .to_owned();
    for place in 1..=23 {
        for (class, persons) in [("0-14", 500), ("15+", 3_000)] {
            text += &format!("{year};064320{place:02};{class};*;{persons}\n");
        }
    }
    text.into_bytes()
}

#[test]
fn counts_have_rates_where_the_operator_names_residents() {
    let mut place = released();
    let stored = place.get(Statistics, "analyst", "/v1/releases").body;
    assert!(!page(&place, "/").contains("je 100 Einwohner"));
    place.write("residents.csv", &residents(2025));
    place.configure("population = \"residents.csv\"");
    let html = page(&place, "/");
    for wanted in [
        "je 100 Einwohner unter 15</th>",
        "Personen je 100 Einwohner unter 15",
        "Bevölkerung am 31.12.2025: © Amt für Erfundenes: Erfundene Bevölkerung",
        "Lizenz dl-de/by-2-0; abgerufen am 12.11.2026. Quoten: eigene Berechnung.",
    ] {
        assert!(html.contains(wanted), "{wanted}");
    }
    let address = downloads(&html);
    let csv = address.iter().find(|own| own.contains("children") && own.ends_with(".csv")).unwrap();
    let table = String::from_utf8(place.get(Statistics, "stranger", csv).body).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].contains(";einwohner_quelle;einwohner_lizenz;einwohner_abruf"));
    assert!(lines[1..].iter().all(|line| line.contains(";500;31.12.2025;100;")));
    assert_eq!(place.get(Statistics, "analyst", "/v1/releases").body, stored, "bytes stay");
    // The nearest year is not the year.
    place.write("residents.csv", &residents(2024));
    place.restart(Statistics);
    let html = page(&place, "/");
    assert!(html.contains("für 2025 liegt keine Bevölkerungszahl vor, nur für 2024"));
    assert!(!html.contains("je 100 Einwohner unter 15</th>"));
}

#[test]
fn a_unit_refuses_residents_that_it_could_not_divide_by() {
    let place = Place::start(PLENTY);
    place.write("broken.csv", b"year;municipality\n");
    assert!(place.refused("population = \"broken.csv\"").contains("line 1"));
    assert!(place.refused("population = \"absent.csv\"").contains("absent.csv"));
    let elsewhere = String::from_utf8(residents(2025)).unwrap().replace(";064320", ";099990");
    place.write("elsewhere.csv", elsewhere.as_bytes());
    assert!(place.refused("population = \"elsewhere.csv\"").contains("municipality"));
}

/// Prints the page as a committee would and looks at the sheets.
#[test]
fn a_real_browser_prints_a_sheet_per_section_and_the_four_views_on_one() {
    let mut place = released();
    place.write("person.json", &exhibit(PROJECT).to_json().unwrap());
    place.configure("synthetic = true\nexhibit = \"person.json\"");
    let folder = tempfile::tempdir().unwrap();
    let (profile, sheets) = (folder.path().join("profile"), folder.path().join("page.pdf"));
    let printed = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
        .args(["--disable-background-networking", "--disable-component-update"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--print-to-pdf={}", sheets.display()))
        .arg(place.url(Statistics, "/"))
        .output();
    let Ok(output) = printed else {
        eprintln!("skipped: no chromium here");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let pdf = String::from_utf8_lossy(&std::fs::read(&sheets).unwrap()).into_owned();
    let boxes: Vec<&str> =
        pdf.split("/MediaBox [").skip(1).filter_map(|rest| rest.split(']').next()).collect();
    let is_wide = |own: &&str| {
        let ends: Vec<f64> = own.split(' ').skip(2).filter_map(|n| n.parse().ok()).collect();
        matches!(ends.as_slice(), [width, height] if width > height)
    };
    // Opening, two tables, budget; then the four views.
    assert_eq!((boxes.len(), boxes.iter().filter(|own| is_wide(own)).count()), (5, 1), "{boxes:?}");
    assert!(boxes.last().is_some_and(is_wide));
}
