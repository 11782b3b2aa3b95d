use super::members::Member;
use crate::{Error, RecordRef, Source};

/// Most bands: beyond, every record is hashed more often than it would be compared.
pub(super) const MOST_BANDS: u32 = 4_096;

/// Blocks of encodings that have the same bits at some sampled positions.
///
/// A *band* is some positions, different ones drawn without replacement; two records
/// share a block when all bits of a band are equal. The more bands, the fewer pairs are
/// lost; the more positions, the fewer strangers meet. Each view has its own bands.
///
/// Sources. Sampling bits: Indyk and Motwani, *Approximate nearest neighbors*, STOC 1998;
/// Gionis, Indyk and Motwani, *Similarity search in high dimensions via hashing*, VLDB
/// 1999. For encodings: Karapiperis and Verykios, *An LSH-based blocking approach with a
/// homomorphic matching technique for privacy-preserving record linkage*, IEEE TKDE 27(4),
/// 2015.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lsh {
    bands: u32,
    positions: u32,
    seed: u64,
}

impl Lsh {
    /// So many bands per view of so many positions each, drawn from `seed` alone.
    ///
    /// # Errors
    /// [`Error::Bands`] unless there are 1 to 4,096 bands of 1 to 64 positions.
    pub fn new(bands: u32, positions: u32, seed: u64) -> Result<Self, Error> {
        if bands == 0 || bands > MOST_BANDS || positions == 0 || positions > 64 {
            return Err(Error::Bands { bands, positions });
        }
        Ok(Self { bands, positions, seed })
    }

    /// Bands per view.
    pub fn bands(&self) -> u32 {
        self.bands
    }

    /// Positions of a band.
    pub fn positions(&self) -> u32 {
        self.positions
    }

    /// The share of pairs found, of those that differ in `distance` of `bits` bits.
    ///
    /// With L bands of k positions, drawn without replacement from l bits of which d
    /// differ, `1 - (1 - C(l-d, k) / C(l, k))^L`: the formula of the sources above,
    /// `1 - (1 - (1 - d/l)^k)^L`, for positions that do not repeat. Over the draw of the
    /// positions; blocks that are dropped are not in it.
    pub fn expected(&self, bits: u32, distance: u32) -> f64 {
        let miss = 1.0 - same_band(bits, distance, self.positions);
        1.0 - miss.powf(f64::from(self.bands))
    }
}

/// The chance that `positions` different ones of `bits` avoid all `distance` that differ.
pub(super) fn same_band(bits: u32, distance: u32, positions: u32) -> f64 {
    let equal = bits.saturating_sub(distance);
    (0..positions).fold(1.0, |chance, drawn| {
        let left = f64::from(equal.saturating_sub(drawn));
        chance * left / f64::from(bits.saturating_sub(drawn).max(1))
    })
}

/// The bands of all views over some sources.
pub(super) struct Bands<'a> {
    sources: &'a [Source],
    bands: Vec<Band>,
}

struct Band {
    view: usize,
    positions: Vec<u32>,
}

impl<'a> Bands<'a> {
    pub(super) fn new(lsh: &Lsh, sources: &'a [Source]) -> Self {
        let mut stream = Stream(lsh.seed);
        let mut bands = Vec::new();
        let views = sources.first().map(Source::views).unwrap_or_default();
        for (view, filters) in views.iter().enumerate() {
            for _ in 0..lsh.bands {
                let positions = stream.positions(filters.bits(), lsh.positions);
                bands.push(Band { view, positions });
            }
        }
        Self { sources, bands }
    }

    pub(super) fn len(&self) -> usize {
        self.bands.len()
    }

    pub(super) fn members(&self, band: usize) -> Vec<Member> {
        let rows = |(source, own): (u32, &Source)| {
            (0..own.rows() as u32).map(move |row| RecordRef { source, row })
        };
        let all = (0..).zip(self.sources).flat_map(rows);
        let mut members: Vec<Member> =
            all.map(|record| Member { key: self.key(band, record), record }).collect();
        members.sort_unstable();
        members
    }

    /// The key of the block that a band puts both records into, if it is one.
    pub(super) fn shared(&self, band: usize, a: RecordRef, b: RecordRef) -> Option<u64> {
        let key = self.key(band, a);
        (self.key(band, b) == key).then_some(key)
    }

    fn key(&self, band: usize, record: RecordRef) -> u64 {
        let Band { view, positions } = &self.bands[band];
        let words = self.sources[record.source as usize].views()[*view].row(record.row as usize);
        positions.iter().fold(0, |key, position| {
            key << 1 | words[*position as usize / 64] >> (position % 64) & 1
        })
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Stream(u64);

impl Stream {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// `number` different ones of the positions below `bits`, at most all.
    ///
    /// Floyd's algorithm (Bentley and Floyd 1987). Taken modulo: at most 2^-51 off.
    fn positions(&mut self, bits: u32, number: u32) -> Vec<u32> {
        let mut positions: Vec<u32> = Vec::new();
        for last in bits.saturating_sub(number)..bits {
            let drawn = (self.next() % (u64::from(last) + 1)) as u32;
            positions.push(if positions.contains(&drawn) { last } else { drawn });
        }
        positions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_differ_and_follow_from_the_seed() {
        for (bits, number) in [(64, 64), (1_024, 20), (64, 1)] {
            let mut drawn = Stream(9).positions(bits, number);
            assert_eq!(drawn, Stream(9).positions(bits, number));
            drawn.sort_unstable();
            drawn.dedup();
            assert_eq!(drawn.len() as u32, number);
            assert!(drawn.iter().all(|own| *own < bits));
        }
    }

    #[test]
    fn what_is_expected_is_what_is_drawn() {
        // 1,000 draws of ten bands each against one pair that differs in 200 of 1,024 bits.
        let differs = |position: &u32| *position < 200;
        let lsh = Lsh::new(10, 8, 0).unwrap();
        let mut stream = Stream(1);
        let found = (0..1_000)
            .filter(|_| (0..10).any(|_| !stream.positions(1_024, 8).iter().any(differs)))
            .count();
        let expected = lsh.expected(1_024, 200);
        let share = found as f64 / 1_000.0;
        assert!((share - expected).abs() < 0.05, "{share} {expected}");
        assert!((lsh.expected(1_024, 0) - 1.0).abs() < 1e-12);
        assert!(lsh.expected(1_024, 1_024) < 1e-12);
    }

    #[test]
    fn refuses_no_bands_and_too_many() {
        for (bands, positions) in [(0, 8), (4_097, 8), (8, 0), (8, 65)] {
            assert!(matches!(Lsh::new(bands, positions, 0), Err(Error::Bands { .. })));
        }
    }
}
