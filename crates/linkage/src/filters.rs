use crate::Error;

/// Longest filter in bits.
const MOST_BITS: u32 = 8_192;
/// Most views a linkage schema may declare.
const MOST_VIEWS: usize = 8;

/// Packed filters of one view of one source, row after row.
///
/// Bit `b` of a filter is bit `b % 8` of byte `b / 8`. No method gives the bytes
/// back: nothing after intake needs them.
///
/// A filter is copied twice. Once here, into words, from whatever it arrived in: the
/// values of an Arrow `FixedSizeBinary` array are taken as they lie there, but rows
/// without an encoding are left out, and a chunk need not stay in memory. And once by each
/// tile, eight rows side by side, as the kernel reads them; that copy stays in the cache.
/// Beside its own bits a filter takes 14 bytes here, and 8 while it is compared.
pub struct Filters {
    bits: u32,
    words: Vec<u64>,
    weights: Vec<u16>,
    rests: Vec<Rests>,
}

/// Bits of a filter beyond each of its cuts.
pub(crate) type Rests = [u16; CUTS.len()];

/// Where a comparison may give a pair up, in eighths of the filter; the last is its end.
const CUTS: [usize; 6] = [2, 3, 4, 5, 6, 8];
/// The cut in the middle.
pub(crate) const HALF: usize = 2;

impl Filters {
    /// No filters yet, each to have `bits` bits.
    ///
    /// # Errors
    /// [`Error::FilterBits`] unless `bits` is a multiple of 64 from 64 to 8,192.
    pub fn new(bits: u32) -> Result<Self, Error> {
        Self::with_capacity(bits, 0)
    }

    /// As [`Filters::new`], with room for `rows` filters.
    ///
    /// # Errors
    /// As [`Filters::new`].
    pub fn with_capacity(bits: u32, rows: usize) -> Result<Self, Error> {
        if bits == 0 || bits > MOST_BITS || !bits.is_multiple_of(64) {
            return Err(Error::FilterBits(bits));
        }
        let words = Vec::with_capacity(rows.saturating_mul(bits as usize / 64));
        let (weights, rests) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        Ok(Self { bits, words, weights, rests })
    }

    /// Appends one filter, given as `bits / 8` bytes.
    ///
    /// # Errors
    /// [`Error::FilterLength`] for any other length, [`Error::TooManyRows`] when row
    /// numbers run out. Nothing is appended then.
    pub fn push(&mut self, filter: &[u8]) -> Result<(), Error> {
        let expected = self.bits as usize / 8;
        if filter.len() != expected {
            return Err(Error::FilterLength { row: self.rows(), expected, found: filter.len() });
        }
        if self.rows() >= u32::MAX as usize {
            return Err(Error::TooManyRows);
        }
        let start = self.words.len();
        let (chunks, _) = filter.as_chunks::<8>();
        self.words.extend(chunks.iter().map(|chunk| u64::from_le_bytes(*chunk)));
        let words = &self.words[start..];
        self.weights.push(weight(words));
        self.rests.push(cuts(words.len()).map(|cut| weight(&words[cut..])));
        Ok(())
    }

    /// Number of filters.
    pub fn rows(&self) -> usize {
        self.weights.len()
    }

    /// Bits of every filter.
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// The words of filter `row`, least significant bit first.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> &[u64] {
        let words = self.words_per_row();
        &self.words[row * words..][..words]
    }

    /// Number of set bits of filter `row`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn weight(&self, row: usize) -> u32 {
        u32::from(self.weights[row])
    }

    /// Set bits of a filter beyond each cut.
    pub(crate) fn rests(&self, row: usize) -> &Rests {
        &self.rests[row]
    }

    pub(crate) fn words_per_row(&self) -> usize {
        self.bits as usize / 64
    }
}

/// The words before each cut.
pub(crate) fn cuts(words: usize) -> [usize; CUTS.len()] {
    CUTS.map(|eighths| words * eighths / 8)
}

fn weight(words: &[u64]) -> u16 {
    words.iter().map(|word| word.count_ones() as u16).sum()
}

/// One department's records: the same rows seen through one or more views.
///
/// Two records are as similar as their best view, the same view on both sides.
pub struct Source {
    views: Vec<Filters>,
}

impl Source {
    /// A source of one to eight views, every one of them with the same rows.
    ///
    /// # Errors
    /// [`Error::Views`] for their number, [`Error::ViewRows`] when they disagree on
    /// the number of records.
    pub fn new(views: Vec<Filters>) -> Result<Self, Error> {
        let Some(first) = views.first().filter(|_| views.len() <= MOST_VIEWS) else {
            return Err(Error::Views(views.len()));
        };
        let expected = first.rows();
        if let Some((view, filters)) =
            views.iter().enumerate().find(|(_, filters)| filters.rows() != expected)
        {
            return Err(Error::ViewRows { view, expected, found: filters.rows() });
        }
        Ok(Self { views })
    }

    /// Number of records.
    pub fn rows(&self) -> usize {
        self.views[0].rows()
    }

    /// The views in the schema's order; at least one.
    pub fn views(&self) -> &[Filters] {
        &self.views
    }

    /// Whether both sources can have been encoded by one schema.
    pub(crate) fn comparable(&self, other: &Self) -> bool {
        self.views.iter().map(Filters::bits).eq(other.views.iter().map(Filters::bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_lengths_that_are_no_multiple_of_64() {
        for bits in [0, 1, 63, 65, 8_256, u32::MAX] {
            assert!(matches!(Filters::new(bits), Err(Error::FilterBits(b)) if b == bits));
        }
        assert!(Filters::new(8_192).is_ok());
    }

    #[test]
    fn refuses_a_filter_of_another_length_and_appends_nothing() {
        let mut filters = Filters::new(128).unwrap();
        filters.push(&[1; 16]).unwrap();
        for bytes in [0, 8, 15, 17, 32] {
            assert!(matches!(
                filters.push(&vec![0; bytes]),
                Err(Error::FilterLength { row: 1, expected: 16, found }) if found == bytes
            ));
        }
        assert_eq!(filters.rows(), 1);
        assert_eq!(filters.row(0), [0x0101_0101_0101_0101; 2]);
        assert_eq!(filters.weight(0), 16);
    }

    #[test]
    fn counts_a_full_filter_of_the_greatest_length() {
        let mut filters = Filters::new(8_192).unwrap();
        filters.push(&[255; 1_024]).unwrap();
        assert_eq!(filters.weight(0), 8_192);
    }

    #[test]
    fn a_source_wants_one_to_eight_views_with_the_same_rows() {
        assert!(matches!(Source::new(Vec::new()), Err(Error::Views(0))));
        let many = (0..9).map(|_| Filters::new(64).unwrap()).collect();
        assert!(matches!(Source::new(many), Err(Error::Views(9))));
        let mut one = Filters::new(64).unwrap();
        one.push(&[0; 8]).unwrap();
        let views = vec![one, Filters::new(64).unwrap()];
        assert!(matches!(
            Source::new(views),
            Err(Error::ViewRows { view: 1, expected: 1, found: 0 })
        ));
    }
}
