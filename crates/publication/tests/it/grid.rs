//! Heat maps and transition matrices.

use publication::{
    Error, Grid, GridStyle, MAX_GRID_COLUMNS, Names, Shown, Tolerance, heat_map, transition_matrix,
};
use roxmltree::{Document as Xml, Node};
use serde_json::{Value, json};

use crate::sample;

fn names() -> Names {
    Names::new([("municipality".to_owned(), "Gemeinde".to_owned())], [])
}

fn heat(document: &Value) -> Grid {
    heat_map(&sample::read(document), &names(), Tolerance::HALF).unwrap().unwrap()
}

fn moves() -> Grid {
    let document = sample::read(&sample::transition());
    transition_matrix(&document, &names(), Tolerance::HALF).unwrap().unwrap()
}

fn draw(grid: &Grid, width: u32) -> String {
    grid.svg(&GridStyle { width, titled: true }).unwrap()
}

/// The cells of the picture: title, class of the fill, and whether lines are drawn in it.
fn cells(svg: &str) -> Vec<(String, String, bool)> {
    let xml = Xml::parse(svg).unwrap();
    let groups = xml.descendants().filter(|node| node.tag_name().name() == "g");
    let cell = |group: Node<'_, '_>| {
        let child = |tag: &str| group.children().find(|node| node.tag_name().name() == tag);
        let title = child("title").and_then(|node| node.text().map(str::to_owned));
        let class = child("rect").and_then(|node| node.attribute("class").map(str::to_owned));
        (title.unwrap(), class.unwrap(), child("path").is_some())
    };
    groups.map(cell).collect()
}

fn texts(svg: &str) -> Vec<String> {
    let xml = Xml::parse(svg).unwrap();
    let drawn = xml.descendants().filter(|node| node.tag_name().name() == "text");
    drawn.filter_map(|node| Some(node.text()?.trim().to_owned())).collect()
}

#[test]
fn every_cell_has_its_number_a_title_and_a_colour_or_hatching() {
    let grid = heat(&sample::by_age());
    assert_eq!((grid.rows.len(), grid.columns.len()), (24, 4));
    for width in [280, 330, 480, 720, 1_600] {
        let svg = draw(&grid, width);
        let cells = cells(&svg);
        assert_eq!(cells.len(), 96);
        for (title, class, hatched) in &cells {
            let unsure = title.contains("zu unsicher") || title.contains("ausgeblendet");
            assert_eq!(unsure, *hatched, "{title}");
            assert_eq!(class == "mg-paper", *hatched, "{title}: {class}");
        }
        let texts = texts(&svg);
        for wanted in ["1.683", "840", "−3", "–", "unter 3", "ab 15", "Weiterstadt"] {
            assert!(texts.iter().any(|text| text == wanted), "{wanted} at {width}");
        }
    }
    let cells = cells(&draw(&grid, 720));
    assert_eq!(
        cells[0].0,
        "Alsbach-Hähnlein, unter 3: 11 Personen (95-%-Intervall: 5 bis 17), zu unsicher"
    );
    assert_eq!(cells[7].0, "Babenhausen, ab 15: ausgeblendet oder ohne Quote");
}

#[test]
fn the_picture_says_what_it_is_and_the_table_has_all_values() {
    let grid = heat(&sample::by_age());
    let svg = draw(&grid, 720);
    let xml = Xml::parse(&svg).unwrap();
    assert_eq!(xml.root_element().attribute("role"), Some("img"));
    let own = |tag: &str| {
        let node = xml.root_element().children().find(|node| node.tag_name().name() == tag);
        node.and_then(|node| node.text().map(str::to_owned)).unwrap()
    };
    assert!(own("title").ends_with("je Gemeinde und Altersgruppe, 2025"));
    let description = own("desc");
    assert!(description.starts_with("Heatmap mit 24 Zeilen (Gemeinde) und 4 Spalten (age_group)"));
    assert!(description.contains("Am größten: Weiterstadt, ab 15: 1.683 Personen"));
    assert!(texts(&svg).join(" ").contains("Strich: ausgeblendet"));
    let (heads, rows) = grid.table();
    assert_eq!(heads, ["Gemeinde", "unter 3", "3 bis 5", "6 bis 14", "ab 15"]);
    assert_eq!(rows[1], ["Babenhausen", "62", "126", "191", "–"]);
    assert_eq!((svg.clone(), svg), (draw(&grid, 720), draw(&heat(&sample::by_age()), 720)));
}

#[test]
fn the_longer_dimension_stands_in_rows_and_totals_in_the_table_alone() {
    let mut document = sample::by_age();
    document["dimensions"] = json!(["age_group", "municipality"]);
    for cell in document["cells"].as_array_mut().unwrap() {
        for member in ["keys", "labels"] {
            cell[member].as_array_mut().unwrap().reverse();
        }
    }
    let grid = heat(&document);
    assert_eq!((grid.rows.len(), grid.row_head.as_str()), (24, "Gemeinde"));
    let (Shown::Unsure(numbers), Shown::Missing) = (grid.rows[0].cells[0], grid.rows[1].cells[3])
    else {
        unreachable!("turned with its rows")
    };
    assert_eq!(numbers.value.german(), "11");
}

#[test]
fn transitions_keep_one_order_of_states_and_frame_who_stayed() {
    let grid = moves();
    let order: Vec<&str> = grid.rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(order, grid.columns, "the diagonal is who stayed");
    assert_eq!(grid.rows[3].cells[3], Shown::Absent);
    for width in [330, 720] {
        let svg = draw(&grid, width);
        let cells = cells(&svg);
        assert_eq!(
            cells[1].0,
            "von „nur Wohngeld“ zu „Bürgergeld“: 5 Personen (95-%-Intervall: −1 bis 11), zu unsicher"
        );
        assert_eq!(cells[15].0, "von „nichts davon“ zu „nichts davon“: nicht gefragt");
        assert!(!cells[15].2, "nothing was withheld there");
        assert_eq!(svg.matches("stroke-width=\"2\"").count(), 3);
        assert!(texts(&svg).join(" ").contains("Umrahmt: wer im selben Zustand blieb."));
    }
    assert!(
        heat_map(&sample::read(&sample::transition()), &names(), Tolerance::HALF)
            .unwrap()
            .is_none()
    );
}

#[test]
fn other_documents_have_no_such_picture_and_too_many_cells_are_refused() {
    for document in [sample::persons(), sample::overlap(), sample::entries(), sample::mean()] {
        let read = sample::read(&document);
        assert!(heat_map(&read, &names(), Tolerance::HALF).unwrap().is_none());
        assert!(transition_matrix(&read, &names(), Tolerance::HALF).unwrap().is_none());
    }
    let mut wide = sample::by_age();
    let many = MAX_GRID_COLUMNS + 1;
    let cells = (0..many * many).map(|at| {
        let (a, b) = ((at / many).to_string(), (at % many).to_string());
        json!({"keys": [a, b], "labels": [a, b], "datasets": [], "value": 9, "low": 3, "high": 15,
            "withheld": false})
    });
    wide["cells"] = cells.collect();
    let error = heat_map(&sample::read(&wide), &names(), Tolerance::HALF).unwrap_err();
    assert!(matches!(error, Error::TooManyCells { .. }), "{error}");
    let style = GridStyle { width: 200, titled: false };
    assert!(matches!(heat(&sample::by_age()).svg(&style), Err(Error::Width { .. })));
}

#[test]
fn labels_cannot_become_markup() {
    let mut document = sample::by_age();
    let hostile = "<script>alert('1')</script>&\" fill=\"#4F86C2";
    document["label"] = json!(hostile);
    document["cells"][0]["labels"] = json!([hostile, hostile]);
    let svg = draw(&heat(&document), 1_600);
    let xml = Xml::parse(&svg).unwrap();
    let known = ["svg", "g", "title", "desc", "rect", "line", "polyline", "path", "text"];
    for node in xml.descendants().filter(Node::is_element) {
        assert!(known.contains(&node.tag_name().name()), "{}", node.tag_name().name());
        assert!(node.attributes().all(|a| !a.name().starts_with("on") && a.name() != "style"));
    }
}
