//! The picture.

use publication::{ChartStyle, Error, Names, Tolerance, chart};
use roxmltree::{Document as Xml, Node};
use serde_json::{Value, json};

use crate::sample;

fn names() -> Names {
    let datasets =
        [("sgb2", "Bürgergeld"), ("wohngeld", "Wohngeld"), ("kita", "Kita"), ("hze", "HzE")];
    Names::new([], datasets.map(|(name, label)| (name.to_owned(), label.to_owned())))
}

fn draw(document: &Value, width: u32) -> String {
    let style = ChartStyle { width, titled: true, names: &names(), tolerance: Tolerance::HALF };
    chart(&sample::read(document), &style).unwrap()
}

/// All texts in the picture, in order of drawing.
fn texts(svg: &str) -> Vec<String> {
    let xml = Xml::parse(svg).unwrap();
    let drawn =
        xml.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")));
    drawn.filter_map(|node| Some(node.text()?.trim().to_owned())).collect()
}

/// Titles of the picture and of its rows.
fn titles(svg: &str) -> Vec<String> {
    let xml = Xml::parse(svg).unwrap();
    let titles = xml.descendants().filter(|node| node.tag_name().name() == "title");
    titles.filter_map(|node| Some(node.text()?.to_owned())).collect()
}

fn of_class(svg: &str, tag: &str, class: &str) -> usize {
    let xml = Xml::parse(svg).unwrap();
    let wanted = |node: &Node<'_, '_>| {
        node.tag_name().name() == tag && node.attribute("class") == Some(class)
    };
    xml.descendants().filter(wanted).count()
}

#[test]
fn every_label_and_value_is_drawn_greatest_first() {
    let texts = texts(&draw(&sample::persons(), 720));
    for (_, label, _) in sample::PLACES {
        assert!(texts.iter().any(|text| text.starts_with(label)), "{label}");
    }
    let place = |wanted: &str| texts.iter().position(|text| text.starts_with(wanted)).unwrap();
    assert!(place("1.264") < place("301") && place("301") < place("96"));
    assert!(place("Weiterstadt") < place("Griesheim") && place("Messel") < place("Fischbachtal"));
    assert!(texts.contains(&"Griesheim\u{2002}\u{2007}2".to_owned()), "numbered by rank");
}

#[test]
fn combinations_are_joined_dots_below_the_services_names() {
    for width in [280, 340, 720, 1_600] {
        let svg = draw(&sample::overlap(), width);
        let texts = texts(&svg);
        for service in ["Bürgergeld", "Wohngeld", "Kita", "HzE"] {
            assert_eq!(texts.iter().filter(|text| *text == service).count(), 1, "{width}");
        }
        // Each service is in 8 of the 15 combinations of 4.
        assert_eq!(of_class(&svg, "circle", "mg-ink"), 4 * 8);
        assert_eq!(of_class(&svg, "circle", "mg-grid"), 4 * 7);
        assert_eq!(titles(&svg).len(), 1 + 15);
    }
    let titles = titles(&draw(&sample::overlap(), 340));
    assert_eq!(titles[1], "1 nur Bürgergeld: 895 Personen (95-%-Intervall: 889 bis 901)");
    assert!(titles.iter().any(|title| title.contains("Bürgergeld, Wohngeld und Kita: ")));
}

#[test]
fn combinations_within_groups_are_named() {
    let mut document = sample::overlap();
    document["dimensions"] = json!(["age_group"]);
    for cell in document["cells"].as_array_mut().unwrap() {
        cell["keys"] = json!(["00-02"]);
        cell["labels"] = json!(["unter 3"]);
    }
    let all = texts(&draw(&document, 1_600)).join(" ");
    assert!(all.contains("unter 3: nur Bürgergeld") && all.contains("Wohngeld und HzE"));
}

#[test]
fn negative_estimates_are_drawn_below_zero_and_hollow() {
    let svg = draw(&sample::persons(), 720);
    assert!(texts(&svg).contains(&"−4".to_owned()));
    let xml = Xml::parse(&svg).unwrap();
    let bars = xml.descendants().filter(|node| node.attribute("class") == Some("mg-bar"));
    let hollow = bars.filter(|node| node.attribute("fill") == Some("none")).count();
    assert_eq!(hollow, 4, "−4, 0 and 6 are not clear of zero, 11 ± 6 is too wide");
    assert!(texts(&svg).join(" ").contains("Hohle Balken: zu unsicher"));
}

#[test]
fn intervals_are_drawn_and_named() {
    let svg = draw(&sample::persons(), 720);
    assert_eq!(of_class(&svg, "polyline", "mg-whisker"), 3 * 24);
    assert!(texts(&svg).join(" ").contains("95-%-Intervall"));
}

#[test]
fn withheld_cells_are_hatched_and_said() {
    let svg = draw(&sample::mean(), 720);
    let texts = texts(&svg);
    assert!(texts.contains(&"ausgeblendet".to_owned()) && texts.contains(&"6 bis 14".to_owned()));
    assert!(of_class(&svg, "polyline", "mg-hatch") > 20);
    assert_eq!(of_class(&svg, "circle", "mg-bar"), 2 * 2, "a point and its rim");
    let xml = Xml::parse(&svg).unwrap();
    let description = xml.descendants().find(|node| node.tag_name().name() == "desc").unwrap();
    assert!(description.text().unwrap().contains("Eine Zelle ist ausgeblendet."));
}

#[test]
fn everything_withheld_is_still_a_picture() {
    let mut document = sample::mean();
    for cell in document["cells"].as_array_mut().unwrap() {
        for member in ["value", "low", "high"] {
            cell[member] = json!(null);
        }
        cell["withheld"] = json!(true);
    }
    let texts = texts(&draw(&document, 340));
    assert_eq!(texts.iter().filter(|text| *text == "ausgeblendet").count(), 3);
}

#[test]
fn labels_cannot_become_markup() {
    let mut document = sample::persons();
    let hostile = "<script>alert('1')</script>&\" fill=\"#4F86C2";
    document["label"] = json!(hostile);
    document["cells"][0]["labels"] = json!([hostile]);
    let svg = draw(&document, 1_600);
    let xml = Xml::parse(&svg).unwrap();
    let known = ["svg", "title", "desc", "rect", "line", "polyline", "circle", "text"];
    for node in xml.descendants().filter(Node::is_element) {
        assert!(known.contains(&node.tag_name().name()));
        assert!(node.attributes().all(|a| !a.name().starts_with("on") && a.name() != "href"));
    }
    assert!(texts(&svg).iter().any(|text| text.starts_with(hostile)));
    let title = xml.descendants().find(|node| node.tag_name().name() == "title").unwrap();
    assert_eq!(title.text(), Some(format!("{hostile}, 2025").as_str()));
}

#[test]
fn the_same_document_gives_the_same_bytes_and_nothing_is_fetched() {
    let svg = draw(&sample::overlap(), 720);
    assert_eq!(svg, draw(&sample::overlap(), 720));
    let outside = svg.replace("http://www.w3.org/2000/svg", "");
    assert!(!outside.contains("http") && !outside.contains("url(") && !outside.contains("@import"));
    assert!(!outside.contains("style="), "a strict content security policy forbids it");
}

#[test]
fn other_widths_and_too_many_rows_are_refused() {
    let wide = |width| {
        let (names, tolerance) = (&Names::default(), Tolerance::HALF);
        let style = ChartStyle { width, titled: false, names, tolerance };
        chart(&sample::read(&sample::mean()), &style).err()
    };
    assert_eq!(wide(279), Some(Error::Width { least: 280, most: 1_600 }));
    assert_eq!(wide(100_000), Some(Error::Width { least: 280, most: 1_600 }));
    let mut document = sample::persons();
    let cell = document["cells"][0].clone();
    document["cells"] = json!(vec![cell; publication::MAX_ROWS + 1]);
    let (names, tolerance) = (&Names::default(), Tolerance::HALF);
    let style = ChartStyle { width: 720, titled: false, names, tolerance };
    let refused = chart(&sample::read(&document), &style).err();
    assert_eq!(refused, Some(Error::TooManyRows { most: publication::MAX_ROWS }));
}

#[test]
fn units_stand_at_the_axis() {
    let asked = ("early-help".to_owned(), "sample".to_owned());
    let names = Names::default().with_units([(asked, "h".to_owned())]);
    let style = ChartStyle { width: 720, titled: false, names: &names, tolerance: Tolerance::HALF };
    let svg = chart(&sample::read(&sample::mean()), &style).unwrap();
    assert!(texts(&svg).contains(&"Mittelwert je Person in Stunden".to_owned()));
    assert!(titles(&svg)[1].ends_with("27,31 Stunden (95-%-Intervall: 26,06 bis 28,81)"));
}

#[test]
fn groups_with_an_order_of_their_own_keep_it() {
    let titles = titles(&draw(&sample::mean(), 720));
    let starts = ["unter 3", "3 bis 5", "6 bis 14"];
    for (title, start) in titles.iter().skip(1).zip(starts) {
        assert!(title.starts_with(start), "{title}");
    }
}
