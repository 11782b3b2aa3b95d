//! The invented county of the audit: many small counties side by side, told apart by tract and
//! block, in which everything exact is known.

use super::place::Row;
use super::policies::YEARS;

/// The small counties of one release.
///
/// Each is in cells of its own and has persons of its own, so that one release, one charge and one
/// call of the sampler give as many trials as there are small counties.
#[derive(Clone, Copy)]
pub(crate) struct Bed {
    side: usize,
}

impl Bed {
    /// So many small counties that `draws` trials need at least `releases` releases.
    pub(crate) fn for_draws(draws: u32, releases: u32, most_side: usize) -> Self {
        let side = (f64::from(draws) / f64::from(releases)).sqrt().floor() as usize;
        Self { side: side.clamp(4, most_side) }
    }

    /// One small county alone.
    pub(crate) fn single() -> Self {
        Self { side: 1 }
    }

    /// Keys of tract, and of block.
    pub(crate) fn areas(self) -> (usize, usize) {
        (self.side, self.side)
    }

    /// How many small counties there are.
    pub(crate) fn counties(self) -> usize {
        self.side * self.side
    }

    /// How many releases give that many trials.
    pub(crate) fn releases(self, draws: u32) -> usize {
        (draws as usize).div_ceil(self.counties())
    }

    /// Codes of a row in a cell of a small county.
    pub(crate) fn codes(self, county: usize, cell: u16) -> [u16; 4] {
        [(county / self.side) as u16, (county % self.side) as u16, cell, 0]
    }

    /// A fact of the last event year, all twelve months.
    pub(crate) fn row(self, county: usize, dataset: usize, person: usize, cell: u16) -> Row {
        let codes = self.codes(county, cell);
        Row {
            dataset,
            person,
            year: *YEARS.end(),
            months: (1, 12),
            unit: None,
            codes,
            amount: None,
        }
    }
}
