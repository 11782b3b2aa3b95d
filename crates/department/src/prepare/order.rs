//! Uniform permutations, so that a batch's order says nothing about the file's.

use ring::rand::SecureRandom;

use crate::error::Error;

/// Shuffles in place (Fisher and Yates; Knuth 1997, algorithm 3.4.2 P), without modulo bias.
pub(super) fn shuffle<T>(items: &mut [T], random: &dyn SecureRandom) -> Result<(), Error> {
    let mut draws = Draws { random, block: [0; 4096], used: 4096 };
    for last in (1..items.len()).rev() {
        let other = draws.below(last as u64 + 1)?;
        items.swap(last, usize::try_from(other).unwrap_or(last));
    }
    Ok(())
}

struct Draws<'r> {
    random: &'r dyn SecureRandom,
    block: [u8; 4096],
    used: usize,
}

impl Draws<'_> {
    fn next(&mut self) -> Result<u64, Error> {
        if self.used + 8 > self.block.len() {
            self.random.fill(&mut self.block).map_err(|_| Error::Random)?;
            self.used = 0;
        }
        let bytes = self.block.get(self.used..self.used + 8).unwrap_or_default();
        self.used += 8;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn below(&mut self, bound: u64) -> Result<u64, Error> {
        let zone = u64::MAX - u64::MAX % bound;
        loop {
            let drawn = self.next()?;
            if drawn < zone {
                return Ok(drawn % bound);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;

    #[test]
    fn every_permutation_of_three_comes_up_about_equally_often() {
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            let mut items = [0, 1, 2];
            shuffle(&mut items, &SystemRandom::new()).unwrap();
            *counts.entry(items).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        // Six standard deviations around 1,000.
        assert!(counts.values().all(|count| (820..1180).contains(count)), "{counts:?}");
    }
}
