//! Cells that stand for municipalities where no boundaries are at hand.
//!
//! Each is a disc around the centroid, of about the municipality's own area, cut by the bisectors
//! to all other centroids: a bounded Voronoi diagram.

use std::collections::BTreeMap;
use std::f64::consts::{PI, TAU};

use super::{Area, Point, Ring};
use crate::Error;

const MUNICIPALITIES: &str = include_str!("../../tables/municipalities.csv");
/// Kilometres of one degree of latitude.
const DEGREE: f64 = 111.2;
/// Corners of a disc.
const CORNERS: u32 = 60;
/// A disc is wider than its municipality, since its neighbours cut parts of it away.
const ROOM: f64 = 1.7;

struct Place {
    key: String,
    centre: Point,
    /// In kilometres.
    radius: f64,
}

pub(super) fn cells() -> Result<BTreeMap<String, Area>, Error> {
    let places = places()?;
    let all = places.iter().map(|place| (place.key.clone(), vec![cell(place, &places)]));
    Ok(all.collect())
}

/// Kilometres of one degree of longitude, the same for all, so that both sides of a bisector agree.
fn east_degree(places: &[Place]) -> f64 {
    let latitudes = || places.iter().map(|place| place.centre.1);
    let (south, north) = (latitudes().fold(90.0, f64::min), latitudes().fold(-90.0, f64::max));
    DEGREE * f64::midpoint(south, north).to_radians().cos()
}

fn places() -> Result<Vec<Place>, Error> {
    let broken = |feature| Error::Boundaries { feature, why: "the shipped table is damaged" };
    let lines = MUNICIPALITIES.lines().skip(1).zip(1..);
    let place = |(line, number): (&str, usize)| {
        let mut columns = line.split(';');
        let key = columns.next().map(str::to_owned);
        let mut number_of = || columns.next().and_then(|text| text.parse::<f64>().ok());
        let numbers = (number_of(), number_of(), number_of());
        let (Some(key), (Some(longitude), Some(latitude), Some(area))) = (key, numbers) else {
            return Err(broken(number));
        };
        let radius = (area / PI).sqrt() * ROOM;
        Ok(Place { key, centre: (longitude, latitude), radius })
    };
    lines.map(place).collect()
}

/// In kilometres around the place, then back to degrees.
fn cell(place: &Place, places: &[Place]) -> Ring {
    let (east, north) = (east_degree(places), DEGREE);
    let corner = |step: u32| {
        let angle = TAU * f64::from(step) / f64::from(CORNERS);
        (place.radius * angle.cos(), place.radius * angle.sin())
    };
    let mut ring: Ring = (0..CORNERS).map(corner).collect();
    for other in places.iter().filter(|other| other.key != place.key) {
        let x = (other.centre.0 - place.centre.0) * east;
        let y = (other.centre.1 - place.centre.1) * north;
        ring = nearer(&ring, (x, y));
    }
    ring.into_iter().map(|(x, y)| (place.centre.0 + x / east, place.centre.1 + y / north)).collect()
}

/// The part of a convex ring that is nearer to the origin than to `other` (Sutherland and Hodgman
/// 1974, "Reentrant Polygon Clipping", for one edge).
fn nearer(ring: &Ring, other: Point) -> Ring {
    let beyond = |(x, y): Point| {
        x * other.0 + y * other.1 - f64::midpoint(other.0 * other.0, other.1 * other.1)
    };
    let mut kept = Ring::with_capacity(ring.len() + 1);
    for (from, to) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let (before, after) = (beyond(*from), beyond(*to));
        if before <= 0.0 {
            kept.push(*from);
        }
        if (before <= 0.0) != (after <= 0.0) {
            let share = before / (before - after);
            kept.push((from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_surrounds_its_centroid_and_no_other() {
        let (cells, places) = (cells().unwrap(), places().unwrap());
        assert_eq!(cells.len(), 48);
        for place in &places {
            let held = |ring: &Ring| super::super::shape::contains(ring, place.centre);
            let holders: Vec<_> = cells
                .iter()
                .filter(|(_, area)| area.iter().any(held))
                .map(|(key, _)| key)
                .collect();
            assert_eq!(holders, [&place.key]);
        }
    }

    #[test]
    fn cells_of_neighbours_do_not_overlap() {
        let cells = cells().unwrap();
        for (key, area) in &cells {
            for corner in area.iter().flatten() {
                // A corner on a shared edge may fall to either side by rounding.
                let inside = |other: &Ring| {
                    let middle = other.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
                    let n = f64::from(u32::try_from(other.len()).unwrap());
                    let towards = (
                        corner.0 + (middle.0 / n - corner.0) * -1e-6,
                        corner.1 + (middle.1 / n - corner.1) * -1e-6,
                    );
                    super::super::shape::contains(other, towards)
                };
                let found = cells.iter().filter(|(own, _)| *own != key);
                assert!(!found.flat_map(|(_, area)| area).any(inside), "{key}");
            }
        }
    }
}
