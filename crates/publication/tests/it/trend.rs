//! Numbers over time, and the budget.

use publication::{
    BurnDown, Charge, Document, Error, GridStyle, MAX_CHARGES, Moment, Names, Shown, Step,
    Tolerance, Trend, trend,
};
use roxmltree::{Document as Xml, Node};
use serde_json::{Value, json};

use crate::{sample, totals};

fn of(documents: &[Value], step: Step) -> Result<Option<Trend>, Error> {
    let read: Vec<Document> = documents.iter().map(sample::read).collect();
    trend(&read.iter().collect::<Vec<_>>(), step, &Names::default(), Tolerance::HALF)
}

fn year(mut document: Value, year: u16, more: i64) -> Value {
    document["year"] = json!(year);
    for cell in document["cells"].as_array_mut().unwrap() {
        for member in ["value", "low", "high"] {
            let number = cell[member].as_i64().unwrap();
            cell[member] = json!(number + more);
        }
    }
    document
}

/// Three years of municipalities; Dieburg is withheld in the second.
fn years() -> Vec<Value> {
    let mut years = vec![
        year(sample::persons(), 2023, -2),
        year(sample::persons(), 2024, 0),
        year(sample::persons(), 2025, 5),
    ];
    let own = &mut years[1]["cells"][3];
    own["withheld"] = json!(true);
    for member in ["value", "low", "high"] {
        own[member] = Value::Null;
    }
    years
}

fn elements<'a>(xml: &'a Xml<'a>, tag: &str) -> Vec<Node<'a, 'a>> {
    xml.descendants().filter(|node| node.tag_name().name() == tag).collect()
}

fn texts(xml: &Xml<'_>) -> Vec<String> {
    let drawn = elements(xml, "text").into_iter();
    drawn.filter_map(|node| Some(node.text()?.trim().to_owned())).collect()
}

#[test]
fn each_cell_has_its_line_in_a_band_and_a_gap_where_it_is_withheld() {
    let found = of(&years(), Step::Year).unwrap().unwrap();
    assert_eq!(found.moments.len(), 3);
    let order: Vec<&str> = found.lines.iter().take(3).map(|line| line.row.as_str()).collect();
    assert_eq!(order, ["Weiterstadt", "Griesheim", "Pfungstadt"], "as in map and bars");
    let dieburg = found.lines.iter().find(|line| line.row == "Dieburg").unwrap();
    assert_eq!(dieburg.points[1], Shown::Missing);
    for width in [280, 330, 720, 1_600] {
        let svg = found.svg(&GridStyle { width, titled: true }).unwrap();
        let xml = Xml::parse(&svg).unwrap();
        let bands = elements(&xml, "polygon");
        assert_eq!(bands.len(), 23, "one each, and none for two single points");
        assert!(bands.iter().all(|own| own.attribute("class") == Some("mg-c1")));
        // A point and its rim.
        assert_eq!(elements(&xml, "circle").len(), 2 * (24 * 3 - 1));
        let texts = texts(&xml);
        for wanted in ["Weiterstadt", "1.269", "2025", "0"] {
            assert!(texts.iter().any(|text| text == wanted), "{wanted} at {width}");
        }
        let hollow = elements(&xml, "circle")
            .into_iter()
            .filter(|own| own.attribute("class") == Some("mg-paper"));
        assert!(hollow.count() > 5, "what is too uncertain is hollow");
        let note = texts.join(" ");
        assert!(note.contains("Lücke: ausgeblendet") && note.contains("eigenen Maßstab"));
        let tips: Vec<&str> = elements(&xml, "title").iter().filter_map(Node::text).collect();
        assert_eq!(tips.len(), 1 + 24 * 3);
        assert!(tips.contains(&"Griesheim, 2024: 301 Personen (95-%-Intervall: 295 bis 307)"));
        assert!(tips.contains(&"Dieburg, 2024: ausgeblendet oder ohne Quote"));
    }
}

#[test]
fn the_picture_says_what_it_is_and_the_table_has_all_values() {
    let found = of(&years(), Step::Year).unwrap().unwrap();
    let svg = found.svg(&GridStyle { width: 720, titled: true }).unwrap();
    let xml = Xml::parse(&svg).unwrap();
    assert_eq!(xml.root_element().attribute("role"), Some("img"));
    let description = elements(&xml, "desc")[0].text().unwrap();
    assert!(
        description.starts_with("Liniendiagramm mit 24 Feldern, 3 Zeitpunkte von 2023 bis 2025.")
    );
    assert!(
        description.contains(
            "Weiterstadt: von 1.262 Personen (95-%-Intervall: 1.256 bis 1.268) auf 1.269"
        )
    );
    let (heads, rows) = found.table();
    assert_eq!(heads.len(), 5);
    assert_eq!(rows.len(), 24 * 3);
    assert_eq!(rows[0], ["Weiterstadt", "2023", "1.262", "1.256", "1.268"]);
    assert!(rows.contains(&["Dieburg", "2024", "–", "", ""].map(str::to_owned).to_vec()));
    assert_eq!(svg, found.svg(&GridStyle { width: 720, titled: true }).unwrap());
    let outside = svg.replace("http://www.w3.org/2000/svg", "");
    assert!(!outside.contains("http") && !outside.contains("url(") && !outside.contains("style="));
}

#[test]
fn quarters_run_on_over_the_years_and_totals_come_first() {
    let two = [year(sample::entries(), 2024, 40), year(sample::entries(), 2025, 60)];
    let found = of(&two, Step::Quarter).unwrap().unwrap();
    assert_eq!((found.lines.len(), found.moments.len()), (1, 8));
    assert_eq!(found.moments[4], Moment { year: 2025, quarter: Some(1) });
    let svg = found.svg(&GridStyle { width: 720, titled: false }).unwrap();
    let texts = texts(&Xml::parse(&svg).unwrap());
    assert!(texts.iter().any(|text| text == "4/25"), "{texts:?}");
    let alone = of(&two[..1], Step::Quarter).unwrap().unwrap();
    assert_eq!(alone.moments.len(), 4, "one document has several quarters");
    let with_total = [year(totals::with_total(), 2024, 0), year(totals::with_total(), 2025, 0)];
    let found = of(&with_total, Step::Year).unwrap().unwrap();
    assert!(found.lines[0].is_total && !found.lines[1].is_total);
}

#[test]
fn one_year_is_no_trend_and_other_questions_are_refused() {
    assert!(of(&[sample::persons()], Step::Year).unwrap().is_none());
    assert!(of(&[], Step::Year).unwrap().is_none());
    let sparse = [year(sample::persons(), 2024, 0), sample::overlap()];
    assert!(matches!(of(&sparse, Step::Year), Err(Error::Changes(_))));
    assert!(matches!(of(&years(), Step::Quarter), Err(Error::Changes(_))));
    let mut many = year(sample::persons(), 2024, 0);
    let cells = (0..61).map(|at| {
        json!({"keys": [at.to_string()], "labels": [at.to_string()], "datasets": [], "value": 9,
            "low": 3, "high": 15, "withheld": false})
    });
    many["cells"] = cells.collect();
    let more = year(many.clone(), 2025, 1);
    assert!(matches!(of(&[many, more], Step::Year), Err(Error::TooManyRows { most: 60 })));
}

fn burn(charges: &[(&str, u64)], reserved: u64) -> BurnDown {
    let charge = |(day, rho_nano): &(&str, u64)| Charge {
        day: day.parse().unwrap(),
        label: "Plan <2026>".to_owned(),
        rho_nano: *rho_nano,
    };
    BurnDown {
        year: 2025,
        cap: 500_000_000,
        reserved,
        charges: charges.iter().map(charge).collect(),
        until: "2026-11-28".parse().unwrap(),
    }
}

#[test]
fn the_budget_goes_down_step_by_step_and_is_rounded_against_us() {
    let own = burn(&[("2026-02-03", 149_974_450), ("2026-08-20", 100_000_001)], 50_000_000);
    let left: Vec<u64> = own.left().iter().map(|own| own.rho_nano).collect();
    assert_eq!((left, own.free()), (vec![350_025_550, 250_025_549], 200_025_549));
    let (heads, rows) = own.table();
    assert_eq!(heads.len(), 4);
    assert_eq!(rows[1], ["20.08.2026", "Plan <2026>", "0,101", "0,250"]);
    for width in [280, 720] {
        let svg = own.svg(&GridStyle { width, titled: true }).unwrap();
        let xml = Xml::parse(&svg).unwrap();
        assert_eq!(elements(&xml, "circle").len(), 2);
        let description = elements(&xml, "desc")[0].text().unwrap();
        assert!(description.contains("nach 2 Abbuchungen ρ = 0,250 verbraucht"), "{description}");
        assert!(description.contains("Frei: ρ = 0,200"));
        let texts = texts(&xml);
        for wanted in ["frei: 40\u{a0}%", "100\u{a0}%", "28.11.2026"] {
            assert!(texts.iter().any(|text| text == wanted), "{wanted}: {texts:?}");
        }
        let hatched = elements(&xml, "polyline").into_iter();
        assert!(hatched.filter(|own| own.attribute("class") == Some("mg-hatch")).count() > 10);
    }
}

#[test]
fn an_empty_and_an_overspent_budget_are_pictures_too() {
    for own in
        [burn(&[], 0), burn(&[("2026-11-28", 900_000_000)], 1), burn(&[("2027-01-01", 1)], 0)]
    {
        let svg = own.svg(&GridStyle { width: 330, titled: false }).unwrap();
        assert!(Xml::parse(&svg).is_ok());
    }
    assert_eq!(burn(&[("2026-11-28", 900_000_000)], 1).free(), 0);
    let many = vec![("2026-11-28", 1); MAX_CHARGES + 1];
    let error = burn(&many, 0).svg(&GridStyle { width: 330, titled: false }).unwrap_err();
    assert!(matches!(error, Error::TooManyRows { .. }));
}
