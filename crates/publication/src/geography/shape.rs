//! Shapes in pixels.

use std::fmt::Write as _;

use super::{Area, Point, Ring};

/// The area as the data of an SVG path, to a tenth of a pixel; points that fall together are one.
pub(crate) fn outline(area: &Area) -> String {
    let mut data = String::new();
    for ring in area {
        let mut last = String::new();
        let mut command = 'M';
        for (x, y) in ring {
            let at = format!("{x:.1} {y:.1}");
            if at != last {
                // A String takes everything that is written to it.
                let _ = write!(data, "{command}{at}");
                command = 'L';
                last = at;
            }
        }
        if command == 'L' {
            data.push('Z');
        }
    }
    data
}

/// Slanted lines over an area, as the data of an SVG path. Drawn lines instead of a pattern: a
/// pattern needs a name that is unique in a page, and is lost where its picture is hidden.
pub(crate) fn hatching(area: &Area, distance: f64) -> String {
    // Lines x + y = c; turned so that they lie level.
    let turned: Area =
        area.iter().map(|ring| ring.iter().map(|(x, y)| (x - y, x + y)).collect()).collect();
    let sums = || turned.iter().flatten().map(|point| point.1);
    let (first, last) = (sums().fold(f64::MAX, f64::min), sums().fold(f64::MIN, f64::max));
    let mut data = String::new();
    let mut level = (first / distance).ceil() * distance;
    while level < last {
        let crossings = crossings(&turned, level);
        for pair in crossings.chunks_exact(2) {
            if let [from, to] = pair {
                let back = |along: f64| (f64::midpoint(level, along), (level - along) / 2.0);
                let ((x1, y1), (x2, y2)) = (back(*from), back(*to));
                let _ = write!(data, "M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}");
            }
        }
        level += distance;
    }
    data
}

/// Where the level line at `y` enters and leaves the area, from left to right.
fn crossings(area: &Area, y: f64) -> Vec<f64> {
    let mut found = Vec::new();
    for ring in area {
        for ((x1, y1), (x2, y2)) in edges(ring) {
            if (y1 <= y) != (y2 <= y) {
                found.push(x1 + (y - y1) / (y2 - y1) * (x2 - x1));
            }
        }
    }
    found.sort_by(f64::total_cmp);
    found
}

fn edges(ring: &Ring) -> impl Iterator<Item = (Point, Point)> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// A place well inside an area for its number: of the middles of the stretches in which level lines
/// cross it the one that is farthest from the edge.
pub(crate) fn label_place(area: &Area) -> Point {
    const LINES: u32 = 24;
    let heights = || area.iter().flatten().map(|point| point.1);
    let (top, bottom) = (heights().fold(f64::MAX, f64::min), heights().fold(f64::MIN, f64::max));
    let mut best = (f64::MIN, (0.0, 0.0));
    for line in 1..LINES {
        let y = top + (bottom - top) * f64::from(line) / f64::from(LINES);
        for pair in crossings(area, y).chunks_exact(2) {
            let [from, to] = pair else { continue };
            for share in [0.5, 0.35, 0.65] {
                let place = (from + (to - from) * share, y);
                let room = room(area, place);
                // Of equal places the first one, so that the picture is the same each time.
                if room > best.0 + 1e-9 {
                    best = (room, place);
                }
            }
        }
    }
    best.1
}

/// Distance to the nearest edge.
fn room(area: &Area, (x, y): Point) -> f64 {
    let edges = area.iter().flat_map(edges);
    let distance = |((x1, y1), (x2, y2)): (Point, Point)| {
        let (dx, dy) = (x2 - x1, y2 - y1);
        let length = dx * dx + dy * dy;
        let share = if length > 0.0 { ((x - x1) * dx + (y - y1) * dy) / length } else { 0.0 };
        let share = share.clamp(0.0, 1.0);
        (x1 + share * dx - x).hypot(y1 + share * dy - y)
    };
    edges.map(distance).fold(f64::MAX, f64::min)
}

/// Whether a point lies inside a ring.
#[cfg(test)]
pub(super) fn contains(ring: &Ring, (x, y): Point) -> bool {
    crossings(&vec![ring.clone()], y).iter().filter(|crossing| **crossing < x).count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(from: f64, to: f64) -> Ring {
        vec![(from, from), (to, from), (to, to), (from, to)]
    }

    #[test]
    fn a_path_has_every_ring_and_no_point_twice() {
        let mut area = vec![square(0.0, 10.0), square(4.0, 6.0)];
        area[0].insert(1, (0.01, 0.0));
        assert_eq!(
            outline(&area),
            "M0.0 0.0L10.0 0.0L10.0 10.0L0.0 10.0ZM4.0 4.0L6.0 4.0L6.0 6.0L4.0 6.0Z"
        );
    }

    #[test]
    fn hatching_spares_holes() {
        let hole = vec![square(0.0, 10.0), square(2.0, 8.0)];
        assert_eq!(hatching(&vec![square(0.0, 10.0)], 10.0), "M0.0 0.0L0.0 0.0M0.0 10.0L10.0 0.0");
        assert_eq!(hatching(&hole, 20.0), "M0.0 0.0L0.0 0.0");
        assert_eq!(hatching(&hole, 10.0), "M0.0 0.0L0.0 0.0M0.0 10.0L2.0 8.0M8.0 2.0L10.0 0.0");
    }

    #[test]
    fn a_number_stands_inside_and_not_in_a_hole() {
        let place = label_place(&vec![square(0.0, 10.0), square(1.0, 9.0)]);
        assert!(contains(&square(0.0, 10.0), place) && !contains(&square(1.0, 9.0), place));
        let (x, y) = label_place(&vec![square(0.0, 10.0)]);
        assert!((x - 5.0).abs() < 0.5 && (y - 5.0).abs() < 0.5);
    }
}
