//! The map, and the boundaries behind it.

use std::path::Path;

use publication::{Boundaries, Error, Map, MapStyle, Names, Tolerance, map};
use roxmltree::Document as Xml;
use serde_json::{Value, json};

use crate::sample;

fn draw(document: &Value, boundaries: &Boundaries) -> Option<Map> {
    let names = &Names::default();
    let style = MapStyle { width: 400, names, boundaries, tolerance: Tolerance::HALF };
    map(&sample::read(document), &style).unwrap()
}

fn count(svg: &str, tag: &str, class: &str) -> usize {
    let xml = Xml::parse(svg).unwrap();
    let wanted = |n: &roxmltree::Node<'_, '_>| {
        n.tag_name().name() == tag && n.attribute("class") == Some(class)
    };
    xml.descendants().filter(wanted).count()
}

/// A square of `size` degrees whose south-west corner is (`x`, `y`).
fn square(x: f64, y: f64, size: f64) -> Value {
    json!([[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]])
}

fn collection(features: &[Value]) -> Vec<u8> {
    let whole = json!({"type": "FeatureCollection", "attribution": "© Amt", "features": features});
    serde_json::to_vec(&whole).unwrap()
}

fn feature(ags: &Value, kind: &str, coordinates: &Value) -> Value {
    json!({"type": "Feature", "properties": {"ags": ags},
        "geometry": {"type": kind, "coordinates": coordinates}})
}

#[test]
fn a_schematic_map_says_so_and_has_every_place() {
    let drawn = draw(&sample::persons(), &Boundaries::schematic().unwrap()).unwrap();
    let xml = Xml::parse(&drawn.svg).unwrap();
    let titles: Vec<_> = xml
        .descendants()
        .filter(|n| n.tag_name().name() == "title")
        .filter_map(|n| n.text())
        .collect();
    // Brachland, the 24th, is no municipality.
    assert_eq!(titles.len(), 1 + 23);
    assert!(titles.contains(&"2. Griesheim: 301 Personen (95-%-Intervall: 295 bis 307)"));
    let notes = drawn.notes.join("\n");
    for wanted in
        ["Anzahl, nicht Anteil", "Schematische Karte", "Ohne Fläche auf der Karte: 23 Brachland."]
    {
        assert!(notes.contains(wanted), "{wanted}: {notes}");
    }
    assert!(!notes.contains("Grenzen:"));
    let description = xml.descendants().find(|n| n.tag_name().name() == "desc").unwrap();
    assert!(description.text().unwrap().contains("Am größten: 1. Weiterstadt: 1.264"));
}

#[test]
fn what_is_too_uncertain_is_hatched_and_never_coloured() {
    let drawn = draw(&sample::persons(), &Boundaries::schematic().unwrap()).unwrap();
    let coloured: usize =
        (1..=5).map(|class| count(&drawn.svg, "path", &format!("mg-c{class}"))).sum();
    // 11 ± 6, 6 ± 6 and −4 ± 6 of the 23 that have an area.
    assert_eq!((coloured, count(&drawn.svg, "path", "mg-hatch")), (20, 3));
    assert_eq!(count(&drawn.svg, "path", "mg-edge"), 23);
    assert_eq!(count(&drawn.svg, "path", "mg-c5"), 1, "1264 alone is far above the others");
    assert!(drawn.svg.contains("zu unsicher für eine Farbe"));
    assert!(drawn.notes.iter().any(|note| note.starts_with("Schraffiert: zu unsicher")));
}

#[test]
fn only_tables_of_places_have_a_map() {
    let schematic = Boundaries::schematic().unwrap();
    assert!(draw(&sample::mean(), &schematic).is_none());
    assert!(draw(&sample::overlap(), &schematic).is_none());
    let elsewhere =
        collection(&[feature(&json!("99"), "Polygon", &json!([square(8.0, 50.0, 0.1)]))]);
    assert!(draw(&sample::persons(), &Boundaries::read(&elsewhere).unwrap()).is_none());
}

#[test]
fn a_group_of_places_has_all_of_their_areas() {
    let drawn = draw(&sample::pooled(), &Boundaries::schematic().unwrap()).unwrap();
    let xml = Xml::parse(&drawn.svg).unwrap();
    let areas: Vec<_> = xml
        .descendants()
        .filter_map(|n| n.attribute("fill-rule").and(n.attribute("d")))
        .map(|data| data.matches('M').count())
        .collect();
    // The last one has a place that nobody knows.
    assert_eq!(areas, [2, 1, 2], "greatest value first");
    assert!(drawn.notes.iter().any(|note| note.starts_with("Gemeinden sind zusammengefasst")));
    let other = |change: &dyn Fn(&mut Value)| {
        let mut document = sample::pooled();
        change(&mut document);
        draw(&document, &Boundaries::schematic().unwrap())
    };
    assert!(other(&|own| own["pooled"]["social_area"]["of"] = json!("age_group")).is_none());
    assert!(other(&|own| drop(own.as_object_mut().unwrap().remove("pooled"))).is_none());
}

#[test]
fn holes_and_islands_of_an_operators_file_are_drawn() {
    let hole = json!([square(8.0, 50.0, 0.3), square(8.1, 50.1, 0.1)]);
    let island = json!([[square(8.12, 50.12, 0.05)], [square(9.0, 50.0, 0.1)]]);
    let file = collection(&[
        feature(&json!("06432008"), "Polygon", &hole),
        feature(&json!("06432023"), "MultiPolygon", &island),
    ]);
    let drawn = draw(&sample::persons(), &Boundaries::read(&file).unwrap()).unwrap();
    let xml = Xml::parse(&drawn.svg).unwrap();
    let paths: Vec<_> = xml
        .descendants()
        .filter_map(|n| n.attribute("fill-rule").and(n.attribute("d")))
        .map(|data| data.matches('M').count())
        .collect();
    assert_eq!(paths, [2, 2]);
    assert!(drawn.notes.contains(&"Grenzen: © Amt".to_owned()));
}

#[test]
fn boundaries_that_no_map_could_use_are_refused_with_their_place() {
    let ring = json!([square(8.0, 50.0, 0.1)]);
    let good = feature(&json!("1"), "Polygon", &ring);
    let utm =
        json!([[[470_000.0, 5.5e6], [470_001.0, 5.5e6], [470_001.0, 5.6e6], [470_000.0, 5.5e6]]]);
    let open = json!([[[8.0, 50.0], [8.1, 50.0], [8.1, 50.1], [8.0, 50.1]]]);
    let flat = json!([[[8.0], [8.1, 50.0], [8.1, 50.1], [8.0]]]);
    let cases = [
        (feature(&json!(6_432_001), "Polygon", &ring), "text"),
        (
            json!({"type": "Feature", "properties": {}, "geometry": good["geometry"]}),
            "`ags` or `id`",
        ),
        (json!({"type": "Feature", "properties": null, "geometry": good["geometry"]}), "`ags`"),
        (json!({"type": "Feature", "properties": {"id": "1"}, "geometry": null}), "geometry"),
        (feature(&json!("1"), "Polygon", &json!([])), "ring"),
        (feature(&json!("1"), "Polygon", &utm), "EPSG:4326"),
        (feature(&json!("1"), "Polygon", &open), "ends where it begins"),
        (feature(&json!("1"), "Polygon", &flat), "longitude and latitude"),
    ];
    for (feature, word) in cases {
        let refused = Boundaries::read(&collection(&[good.clone(), feature])).err().unwrap();
        assert!(matches!(refused, Error::Boundaries { feature: 2, .. }), "{refused}");
        assert!(refused.to_string().contains(word), "{refused}");
    }
    let point = feature(&json!("1"), "Point", &json!([8.0, 50.0]));
    for bytes in [b"".to_vec(), b"[]".to_vec(), collection(&[point])] {
        assert!(matches!(Boundaries::read(&bytes), Err(Error::BoundariesJson { .. })));
    }
    let whole = |value: Value| Boundaries::read(&serde_json::to_vec(&value).unwrap()).err();
    let crs = json!({"properties": {"name": "urn:ogc:def:crs:EPSG::25832"}});
    for broken in [
        json!({"type": "Feature", "features": [good]}),
        json!({"type": "FeatureCollection", "features": []}),
        json!({"type": "FeatureCollection", "features": [good], "crs": crs}),
        json!({"type": "FeatureCollection", "features": [good], "attribution": "a\nb"}),
    ] {
        assert!(matches!(whole(broken), Some(Error::Boundaries { feature: 0, .. })));
    }
}

#[test]
fn overlong_files_and_too_many_vertices_are_refused() {
    let long = vec![b' '; Boundaries::MAX_BYTES + 1];
    assert!(matches!(Boundaries::read(&long), Err(Error::Boundaries { feature: 0, .. })));
    let mut ring = vec![json!([8.0, 50.0]); Boundaries::MAX_VERTICES / 2 + 2];
    ring.push(json!([8.0, 50.0]));
    let half = feature(&json!("1"), "Polygon", &json!([ring]));
    let refused = Boundaries::read(&collection(&[half.clone(), half])).err().unwrap();
    assert!(refused.to_string().contains("feature 2"), "{refused}");
}

#[test]
fn the_official_boundaries_are_drawn_with_their_attribution() {
    let path = Path::new("../../../shared/data/domain/municipalities_vg5000.geojson");
    let Ok(bytes) = std::fs::read(path) else {
        eprintln!("skipped: {} is absent", path.display());
        return;
    };
    let boundaries = Boundaries::read(&bytes).unwrap();
    assert_eq!(boundaries.keys().count(), 48);
    let drawn = draw(&sample::persons(), &boundaries).unwrap();
    assert_eq!(count(&drawn.svg, "path", "mg-edge"), 23);
    assert!(drawn.notes.iter().any(|note| note.contains("© GeoBasis-DE / BKG")));
}

#[test]
fn the_same_input_gives_the_same_bytes_and_nothing_is_fetched() {
    let schematic = Boundaries::schematic().unwrap();
    let svg = draw(&sample::persons(), &schematic).unwrap().svg;
    assert_eq!(svg, draw(&sample::persons(), &schematic).unwrap().svg);
    let outside = svg.replace("http://www.w3.org/2000/svg", "");
    for word in ["http", "url(", "style=", "<script", "href"] {
        assert!(!outside.contains(word), "{word}");
    }
}

#[test]
fn labels_cannot_become_markup() {
    let mut document = sample::persons();
    let hostile = "</title><script>alert('1')</script>\" fill=\"#DCEBF7";
    document["cells"][7]["labels"] = json!([hostile]);
    let drawn = draw(&document, &Boundaries::schematic().unwrap()).unwrap();
    let xml = Xml::parse(&drawn.svg).unwrap();
    let known = ["svg", "title", "desc", "rect", "g", "path", "polyline", "line", "circle", "text"];
    assert!(
        xml.descendants().filter(|n| n.is_element()).all(|n| known.contains(&n.tag_name().name()))
    );
    assert!(xml.descendants().any(|n| n.text().is_some_and(|text| text.contains(hostile))));
}
