//! Small made-up sources whose records have relatives in the other sources.

use linkage::{
    Comparison, Error, Filters, Kernel, Limits, Measure, Pair, PairList, Progress, Rule, Source,
    Threshold, compare,
};

/// A 64-bit linear congruential generator (Knuth, MMIX), enough for made-up filters.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let high = self.0 >> 32;
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        high << 32 | self.0 >> 32
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.roll() % n
    }
}

/// `sources` sources with up to `rows` rows; a row is a stranger, empty, full, or a
/// copy of one of `people` with some bits turned.
pub(crate) fn county(seed: u64, sources: usize, rows: u64, bits: &[u32]) -> Vec<Source> {
    let mut dice = Dice(seed);
    let mut filter = |bits: u32| -> Vec<u8> {
        let thin = dice.below(3);
        let bytes = (0..bits / 8).map(|_| dice.roll() as u8 & if thin == 0 { 0x5b } else { 0xff });
        bytes.collect()
    };
    let people: Vec<Vec<Vec<u8>>> =
        (0..rows.max(1)).map(|_| bits.iter().map(|&bits| filter(bits)).collect()).collect();
    let mut dice = Dice(!seed);
    let mut source = || {
        let mut views: Vec<_> = bits.iter().map(|&bits| Filters::new(bits).unwrap()).collect();
        for _ in 0..dice.below(rows + 1) {
            let person = &people[dice.below(people.len() as u64) as usize];
            for (view, filter) in views.iter_mut().zip(person) {
                let mut filter = filter.clone();
                match dice.below(20) {
                    0 => filter.fill(0),
                    1 => filter.fill(255),
                    _ => {
                        for _ in 0..dice.below(1 + u64::from(view.bits()) / 8) {
                            let bit = dice.below(view.bits().into()) as usize;
                            filter[bit / 8] ^= 1 << (bit % 8);
                        }
                    }
                }
                view.push(&filter).unwrap();
            }
        }
        Source::new(views).unwrap()
    };
    (0..sources).map(|_| source()).collect()
}

/// A comparison without a limit worth mentioning.
pub(crate) fn all<'a>(
    sources: &'a [Source],
    rule: &'a Rule,
    measure: Measure,
    threshold: Threshold,
) -> Comparison<'a> {
    let (limits, kernel) = (Limits { pairs: 10_000_000 }, Kernel::detect());
    Comparison { sources, rule, measure, threshold, limits, first_tile: 0, kernel }
}

pub(crate) fn pairs_of(comparison: &Comparison<'_>) -> Result<Vec<Pair>, Error> {
    let mut pairs = PairList::new();
    compare(comparison, &mut pairs, &Progress::new())?;
    Ok(pairs.pairs().to_vec())
}

/// What can be shown of a pair when a test fails.
pub(crate) fn plain(pairs: &[Pair]) -> Vec<(u32, u32, u32, u32, u32)> {
    let plain = |pair: &Pair| {
        let (left, right) = (pair.left, pair.right);
        (left.source, left.row, right.source, right.row, pair.similarity.to_bits())
    };
    pairs.iter().map(plain).collect()
}
