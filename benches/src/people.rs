//! Made-up filters with the shape of real ones, from a seed.

use crate::generator::Generator;
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

/// About `count` different candidate pairs of sources that know the same people: of each
/// record first its person in another source, then four members of that family, then
/// strangers, each less similar than the ones before.
pub fn candidate_pairs(sizes: &[u32], count: usize, seed: u64) -> PairList {
    let mut generator = Generator(seed);
    let two = |left: usize| (left + 1..sizes.len()).map(move |right| (left, right));
    let of_two: Vec<_> = (0..sizes.len()).flat_map(two).collect();
    let mut pairs = Vec::with_capacity(count);
    let each = count / of_two.len();
    for (left, right) in of_two {
        let (rows, others) = (sizes[left], sizes[right]);
        for number in 0..each {
            let (row, place) = (number as u32 % rows, number as u32 / rows);
            let (other, least) = match place {
                0 => (row, 900),
                1..5 => (row / 5 * 5 + (row + place) % 5, 700),
                _ => (generator.next() as u32, 500),
            };
            let per_mille = least + generator.below(if least == 900 { 100 } else { 200 });
            pairs.push(Pair {
                left: RecordRef { source: left as u32, row },
                right: RecordRef { source: right as u32, row: other % others },
                similarity: Similarity::from_bits((per_mille * u64::from(u32::MAX) / 1_000) as u32),
            });
        }
    }
    pairs.into_iter().collect()
}
