//! From degrees to pixels.

use super::{Area, Point};

/// Equirectangular: a degree of longitude is drawn as long as it is at the middle latitude of what
/// is shown. Over the hundred kilometres of a county lengths are right to about one per cent.
pub(crate) struct Projection {
    west: f64,
    north: f64,
    /// Pixels per degree.
    east_scale: f64,
    south_scale: f64,
    left: f64,
    top: f64,
}

impl Projection {
    /// Fits `areas` into `width` pixels from (`left`, `top`) on, at most `highest` pixels high, and
    /// in the middle of the width. Also the height that is used.
    pub(crate) fn fit(
        areas: &[&Area],
        (left, top): Point,
        width: f64,
        highest: f64,
    ) -> (Self, f64) {
        let points = || areas.iter().copied().flatten().flatten();
        let ends = |of: fn(&Point) -> f64| {
            let values = points().map(of);
            values.fold((f64::MAX, f64::MIN), |(least, most), v| (least.min(v), most.max(v)))
        };
        let (west, east) = ends(|point| point.0);
        let (south, north) = ends(|point| point.1);
        let shrink = f64::midpoint(south, north).to_radians().cos();
        let (across, down) = (((east - west) * shrink).max(1e-6), (north - south).max(1e-6));
        let scale = (width / across).min(highest / down);
        let left = left + (width - across * scale) / 2.0;
        let fitted =
            Self { west, north, east_scale: scale * shrink, south_scale: scale, left, top };
        (fitted, down * scale)
    }

    pub(crate) fn area(&self, area: &Area) -> Area {
        let point = |(longitude, latitude): &Point| {
            let x = self.left + (longitude - self.west) * self.east_scale;
            (x, self.top + (self.north - latitude) * self.south_scale)
        };
        area.iter().map(|ring| ring.iter().map(point).collect()).collect()
    }
}
