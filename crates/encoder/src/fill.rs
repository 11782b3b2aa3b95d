//! How full filters are before diffusion.

use policy::Name;

use crate::Weights;

/// How full the filters of one view are before diffusion: what the schema's author tunes, and a
/// department's warning that its data does not fit the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// The view.
    pub view: Name,
    /// Usable records.
    pub records: u64,
    /// Set bits of all of them together.
    pub set_bits: u64,
    /// The squares of each one's set bits together.
    pub squares: u64,
    /// Bits of a filter.
    pub bits: u64,
}

impl Fill {
    /// Without a record.
    #[must_use]
    pub fn of_view(view: Name, bits: u64) -> Self {
        Self { view, records: 0, set_bits: 0, squares: 0, bits }
    }

    /// Counts one record in all views.
    pub fn take_all(fills: &mut [Self], weights: &Weights) {
        for (fill, weight) in fills.iter_mut().zip(weights.by_view()) {
            let weight = u64::from(*weight);
            fill.records += 1;
            fill.set_bits += weight;
            fill.squares += weight * weight;
        }
    }

    /// Adds what another thread counted of the same view.
    pub fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.set_bits += other.set_bits;
        self.squares += other.squares;
    }

    /// Mean number of set bits per filter, rounded down; 0 without records.
    #[must_use]
    pub fn mean_weight(&self) -> u64 {
        self.set_bits.checked_div(self.records).unwrap_or(0)
    }

    /// Mean share of set bits in thousandths, rounded down; 0 without records.
    #[must_use]
    pub fn per_mille(&self) -> u64 {
        self.set_bits.saturating_mul(1000).checked_div(self.records * self.bits).unwrap_or(0)
    }

    /// Standard deviation of the share of set bits in thousandths, rounded down; 0 without records.
    #[must_use]
    pub fn spread_per_mille(&self) -> u64 {
        let [records, sum, squares] = [self.records, self.set_bits, self.squares].map(u128::from);
        // n·Σx² − (Σx)² is n² times the variance and never below 0.
        let scaled = (records * squares).saturating_sub(sum * sum).isqrt() * 1000;
        let spread = scaled.checked_div(records * u128::from(self.bits)).unwrap_or(0);
        u64::try_from(spread).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(weights: &[u16]) -> Fill {
        let mut fills = [Fill::of_view("name".parse().unwrap(), 1000)];
        for weight in weights {
            Fill::take_all(&mut fills, &Weights::of(&[*weight]));
        }
        let [fill] = fills;
        fill
    }

    #[test]
    fn mean_and_spread_are_those_of_the_weights() {
        let fill = of(&[100, 200, 300]);
        assert_eq!((fill.mean_weight(), fill.per_mille(), fill.spread_per_mille()), (200, 200, 81));
        let mut parts = of(&[100]);
        parts.add(&of(&[200, 300]));
        assert_eq!(parts, fill);
        assert_eq!(of(&[250; 9]).spread_per_mille(), 0);
        assert_eq!((of(&[]).per_mille(), of(&[]).spread_per_mille()), (0, 0));
    }
}
