//! Where the places of a table lie.
//!
//! Either an operator supplies real boundaries, or cells around shipped centroids stand for them.

mod geojson;
mod projection;
mod schematic;
mod shape;

use std::collections::BTreeMap;

use crate::Error;

pub(crate) use projection::Projection;
pub(crate) use shape::{hatching, label_place, outline};

/// Longitude and latitude in degrees, or x and y in pixels.
pub(crate) type Point = (f64, f64);
/// A closed line; the first point is not repeated at the end.
pub(crate) type Ring = Vec<Point>;
/// The rings of one area: whatever lies inside an odd number of them belongs to it, so that holes
/// and islands need no order.
pub(crate) type Area = Vec<Ring>;

/// Areas by key.
pub struct Boundaries {
    areas: BTreeMap<String, Area>,
    attribution: Option<String>,
    schematic: bool,
}

impl Boundaries {
    /// Most bytes of a file of boundaries.
    pub const MAX_BYTES: usize = 16 << 20;
    /// Most areas of a file.
    pub const MAX_AREAS: usize = 5_000;
    /// Most vertices of all areas together; generalise the boundaries where there are more.
    pub const MAX_VERTICES: usize = 200_000;
    /// Longest attribution, in characters.
    pub const MAX_ATTRIBUTION: usize = 300;

    /// Reads a GeoJSON `FeatureCollection` (RFC 7946): polygons and multi-polygons in WGS84 degrees,
    /// each with a text property `ags` or `id` that is its key. Features of the same key are one
    /// area. A member `attribution` of the collection is kept, to be shown with the map.
    ///
    /// # Errors
    /// [`Error::BoundariesJson`] for another form, [`Error::Boundaries`] for what stands in it.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        geojson::read(bytes)
    }

    /// Cells around the centroids of the municipalities that this program knows: of each a disc of
    /// about its own area, cut by the bisectors to its neighbours. Looks like a map and is none.
    ///
    /// # Errors
    /// [`Error::Boundaries`], which the shipped table does not give.
    pub fn schematic() -> Result<Self, Error> {
        let areas = schematic::cells()?;
        Ok(Self { areas, attribution: None, schematic: true })
    }

    /// The keys that have an area.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.areas.keys().map(String::as_str)
    }

    /// Whom to name below a map.
    #[must_use]
    pub fn attribution(&self) -> Option<&str> {
        self.attribution.as_deref()
    }

    /// Whether the areas only stand for places and are no boundaries.
    #[must_use]
    pub fn is_schematic(&self) -> bool {
        self.schematic
    }

    /// The areas of some places as one, `None` where none of them has one. Areas of different places
    /// do not overlap, so their rings together are their union.
    pub(crate) fn union(&self, keys: &[String]) -> Option<Area> {
        let areas = keys.iter().filter_map(|key| self.areas.get(key));
        let rings: Area = areas.flatten().cloned().collect();
        (!rings.is_empty()).then_some(rings)
    }
}
