//! Boundaries as an operator supplies them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Area, Boundaries, Point, Ring};
use crate::Error;

#[derive(Deserialize)]
struct Collection {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    attribution: Option<String>,
    // Of the format before RFC 7946; named here only to refuse other systems.
    #[serde(default)]
    crs: Option<Value>,
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    #[serde(default)]
    properties: Option<Properties>,
    geometry: Option<Geometry>,
}

#[derive(Deserialize)]
struct Properties {
    #[serde(default)]
    ags: Option<Value>,
    #[serde(default)]
    id: Option<Value>,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Vec<Position>>),
    MultiPolygon(Vec<Vec<Vec<Position>>>),
}

/// Longitude, latitude and perhaps a height.
type Position = Vec<f64>;

/// Longest key, in bytes; as in the catalogue.
const MAX_KEY: usize = 40;

pub(super) fn read(bytes: &[u8]) -> Result<Boundaries, Error> {
    let refuse = |why| Error::Boundaries { feature: 0, why };
    if bytes.len() > Boundaries::MAX_BYTES {
        return Err(refuse("the file has more than 16 MiB; generalise the boundaries"));
    }
    let json = |e: serde_json::Error| Error::BoundariesJson { line: e.line(), column: e.column() };
    let collection: Collection = serde_json::from_slice(bytes).map_err(json)?;
    if collection.kind != "FeatureCollection" {
        return Err(refuse("the file is no FeatureCollection"));
    }
    if collection.crs.is_some_and(|crs| !is_wgs84(&crs)) {
        return Err(refuse("the coordinates are not in WGS84; convert them to EPSG:4326"));
    }
    if !(1..=Boundaries::MAX_AREAS).contains(&collection.features.len()) {
        return Err(refuse("the file has no feature or more than 5000; cut out your territory"));
    }
    let attribution = collection.attribution;
    if attribution.as_deref().is_some_and(|text| !is_printable(text)) {
        return Err(refuse("attribution is a printable text of at most 300 characters"));
    }
    let mut areas: BTreeMap<String, Area> = BTreeMap::new();
    let mut vertices = 0;
    for (feature, number) in collection.features.into_iter().zip(1..) {
        let refuse = |why| Error::Boundaries { feature: number, why };
        let (key, area) = feature.check().map_err(refuse)?;
        vertices += area.iter().map(Vec::len).sum::<usize>();
        if vertices > Boundaries::MAX_VERTICES {
            return Err(refuse("more than 200000 vertices so far; generalise the boundaries"));
        }
        areas.entry(key).or_default().extend(area);
    }
    Ok(Boundaries { areas, attribution, schematic: false })
}

impl Feature {
    fn check(self) -> Result<(String, Area), &'static str> {
        let properties = self.properties.ok_or("a feature needs a property `ags` or `id`")?;
        let key = match properties.ags.or(properties.id) {
            Some(Value::String(key)) if (1..=MAX_KEY).contains(&key.len()) => key,
            // A number has lost its leading zero, which is most of a key's meaning.
            Some(_) => {
                return Err("`ags` or `id` is a text of 1 to 40 bytes, such as \"06432001\"");
            }
            None => return Err("a feature needs a property `ags` or `id`"),
        };
        let polygons = match self.geometry {
            Some(Geometry::Polygon(rings)) => vec![rings],
            Some(Geometry::MultiPolygon(polygons)) => polygons,
            None => return Err("the feature has no geometry; give it a Polygon or MultiPolygon"),
        };
        let rings = polygons.into_iter().flatten().map(|positions| ring(&positions));
        let area = rings.collect::<Result<Area, _>>()?;
        if area.is_empty() {
            return Err("the feature has no ring; give it a Polygon or MultiPolygon");
        }
        Ok((key, area))
    }
}

fn ring(positions: &[Position]) -> Result<Ring, &'static str> {
    let points = positions.iter().map(|position| match position.as_slice() {
        [longitude, latitude] | [longitude, latitude, _] => degrees(*longitude, *latitude),
        _ => Err("a position is longitude and latitude"),
    });
    let mut points = points.collect::<Result<Ring, _>>()?;
    if points.len() < 4 || points.first() != points.last() {
        return Err("a ring has at least four positions and ends where it begins");
    }
    points.pop();
    Ok(points)
}

/// Beyond 85 degrees the projection of the maps has no meaning.
fn degrees(longitude: f64, latitude: f64) -> Result<Point, &'static str> {
    if (-180.0..=180.0).contains(&longitude) && (-85.0..=85.0).contains(&latitude) {
        return Ok((longitude, latitude));
    }
    Err("coordinates are not degrees of longitude and latitude; convert them to EPSG:4326 (WGS84)")
}

fn is_wgs84(crs: &Value) -> bool {
    let name = crs.pointer("/properties/name").and_then(Value::as_str).unwrap_or_default();
    name.ends_with("CRS84") || name.ends_with(":4326")
}

fn is_printable(text: &str) -> bool {
    let length = text.chars().count();
    (1..=Boundaries::MAX_ATTRIBUTION).contains(&length) && !text.chars().any(char::is_control)
}
