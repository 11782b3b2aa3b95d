//! Made-up filters with the shape of real ones, from a seed.

use linkage::{Filters, Pair, PairList, RecordRef, Similarity, Source};

const BITS: u32 = 1_024;

/// How the filters come about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Each bit set or not by a coin, as in diffused filters.
    Random,
    /// Bigrams of common and rare names, hashed into one filter. Half the bits are set
    /// and one in a hundred pairs of strangers has a Dice of .69 or more, as measured
    /// on CLKs of five synthetic parties.
    Plain,
}

/// A 64-bit generator (Steele, Lea, Flood, SplitMix64, 2014).
struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

/// Sources of so many records each; about half of a source's people are in the others
/// too, some with a few bits turned.
///
/// # Panics
/// Never for the filter length used here.
pub fn sources(family: Family, views: usize, rows: &[usize], seed: u64) -> Vec<Source> {
    let most = rows.iter().max().copied().unwrap_or_default() as u64;
    let mut generator = Generator(seed);
    let mut source = |rows: usize| {
        let mut filters: Vec<_> =
            (0..views).map(|_| Filters::with_capacity(BITS, rows)).collect::<Result<_, _>>()?;
        for _ in 0..rows {
            let person = generator.below(2 * most);
            let turned = generator.below(20);
            for (view, filters) in filters.iter_mut().enumerate() {
                let mut filter = filter(family, person << 8 | view as u64);
                for _ in 0..turned {
                    let bit = generator.below(BITS.into()) as usize;
                    filter[bit / 8] ^= 1 << (bit % 8);
                }
                filters.push(&filter)?;
            }
        }
        Source::new(filters)
    };
    let sources: Result<_, linkage::Error> = rows.iter().map(|&rows| source(rows)).collect();
    sources.unwrap_or_default()
}

/// The filter that a number stands for.
fn filter(family: Family, person: u64) -> [u8; BITS as usize / 8] {
    let mut generator = Generator(person.wrapping_mul(0xd134_2543_de82_ef95));
    let mut filter = [0; BITS as usize / 8];
    match family {
        Family::Random => filter.fill_with(|| generator.next() as u8),
        Family::Plain => {
            let tokens = 28 + generator.below(17);
            for _ in 0..tokens {
                // The lesser of two: common bigrams are common.
                let bigram = generator.below(165).min(generator.below(165));
                let mut hash = Generator(bigram);
                for _ in 0..23 {
                    let bit = hash.below(BITS.into()) as usize;
                    filter[bit / 8] |= 1 << (bit % 8);
                }
            }
        }
    }
    filter
}

/// About `count` candidate pairs, five in six between records of one person.
pub fn candidate_pairs(sizes: &[u32], count: usize, seed: u64) -> PairList {
    let mut generator = Generator(seed);
    let sources = sizes.len() as u64;
    let mut pair = || {
        let left = generator.below(sources - 1);
        let right = left + 1 + generator.below(sources - 1 - left);
        let (left, right) = (left as u32, right as u32);
        let row = generator.below(sizes[left as usize].into()) as u32;
        let stray = generator.below(6) == 0;
        let other = if stray { generator.next() as u32 } else { row } % sizes[right as usize];
        Pair {
            left: RecordRef { source: left, row },
            right: RecordRef { source: right, row: other },
            similarity: Similarity::from_bits(u32::MAX - generator.below(1 << 31) as u32),
        }
    };
    (0..count).map(|_| pair()).collect()
}
