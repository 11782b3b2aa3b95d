//! Every kind of answer about a small county in which everything is known beforehand.
//!
//! Exact answers follow here from the persons as they are laid out, by arithmetic of their numbers;
//! nothing is computed by the crates that are audited.

use super::bed::Bed;
use super::place::Row;
use super::policies::{AMOUNT, Question, rho_of};
use super::reading::{Cell, Document};

/// Ends of the classes of the amount.
const CLASS: i64 = 50;
/// The quantiles that are asked for.
const PER_MILLE: [i64; 3] = [250, 500, 900];

/// A kind of answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Persons per cell.
    Persons,
    /// The same with discrete Laplace noise.
    Laplace,
    /// Households per cell.
    Households,
    /// Persons per combination of datasets.
    Overlap,
    /// Persons per class of the amount.
    Histogram,
    /// Sums of the amount.
    Sum,
    /// Means of the amount.
    Mean,
    /// Shares of those in both datasets.
    Share,
    /// Quantiles: whether the interval of values holds the true one.
    Quantiles,
    /// Quantiles: whether the person at the value is as near to the rank asked for as was told.
    Ranks,
    /// Entries per quarter and year.
    Entries,
}

/// What is true of a cell.
pub(crate) enum Exact {
    /// The noiseless number.
    Number(f64),
    /// The quantile in thousandths, of as many persons evenly spread over the amounts.
    Quantile(i64, usize),
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Self; 11] = [
        Self::Persons,
        Self::Laplace,
        Self::Households,
        Self::Overlap,
        Self::Histogram,
        Self::Sum,
        Self::Mean,
        Self::Share,
        Self::Quantiles,
        Self::Ranks,
        Self::Entries,
    ];

    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Persons => "persons",
            Self::Laplace => "persons, Laplace",
            Self::Households => "households",
            Self::Overlap => "overlap",
            Self::Histogram => "histogram",
            Self::Sum => "sum",
            Self::Mean => "mean",
            Self::Share => "share",
            Self::Quantiles => "quantiles, values",
            Self::Ranks => "quantiles, ranks",
            Self::Entries => "entries",
        }
    }

    /// Whether its intervals are meant to be no wider than 95 %: those of a quantile are hulls of
    /// whole classes, and ranks are told for the widest place.
    pub(crate) fn is_tight(self) -> bool {
        !matches!(self, Self::Quantiles | Self::Ranks)
    }

    /// Persons of a small county, divisible by 24: enough for means and shares to be shown at that
    /// sigma, ten half-widths of a sum of two counts and some noise.
    pub(crate) fn persons_at(sigma: f64) -> usize {
        let least = 10.0 * (1.96 * std::f64::consts::SQRT_2 * sigma).ceil() + 8.0 * sigma;
        (least as usize).max(48).next_multiple_of(24)
    }

    /// The persons of a small county: their amounts are evenly spread, every third is in the other
    /// dataset too, they enter in every month, and two of a cell are a household.
    pub(crate) fn rows(bed: Bed, county: usize, persons: usize) -> Vec<Row> {
        let mut rows = Vec::new();
        for own in 0..persons {
            let person = county * persons + own;
            let row = bed.row(county, 0, person, (own % 2) as u16);
            let households = persons / 2;
            let unit = county * households + own / 4 * 2 + own % 2;
            rows.push(Row {
                months: ((own % 12) as u8 + 1, 12),
                unit: Some(unit),
                amount: Some(amount(own, persons)),
                ..row.clone()
            });
            if own % 3 == 0 {
                rows.push(Row { dataset: 1, amount: None, ..row });
            }
        }
        rows
    }

    /// What is asked, at a price that gives its narrowest noise about that sigma.
    pub(crate) fn question(self, sigma: f64) -> Question {
        let measure = "dataset = \"wohngeld\", measure = \"amount\"";
        let edges: Vec<String> =
            (AMOUNT.0..=AMOUNT.1).step_by(CLASS as usize).map(|edge| edge.to_string()).collect();
        let edges = edges.join(", ");
        let compute = match self {
            Self::Persons | Self::Laplace | Self::Households => {
                "kind = \"persons\", datasets = [\"wohngeld\"]".into()
            }
            Self::Overlap => "kind = \"overlap\", datasets = [\"wohngeld\", \"kita\"]".into(),
            Self::Histogram => format!("kind = \"histogram\", {measure}, edges = [{edges}]"),
            Self::Sum => format!("kind = \"sum\", {measure}, cap = {}", AMOUNT.1),
            Self::Mean => format!("kind = \"mean\", {measure}, assumed_count = 500"),
            Self::Share => "kind = \"share\", of = { datasets = [\"wohngeld\"] }, \
                            with = { datasets = [\"kita\"] }, assumed_count = 500"
                .into(),
            Self::Quantiles | Self::Ranks => format!(
                "kind = \"quantiles\", dataset = \"wohngeld\", per_mille = {PER_MILLE:?}, \
                 of = {{ measure = {{ name = \"amount\", edges = [{edges}] }} }}"
            ),
            Self::Entries => {
                "kind = \"entries\", datasets = [\"wohngeld\"], gap_months = 12, most = 1".into()
            }
        };
        let group_by = match self {
            Self::Persons | Self::Laplace | Self::Households => vec!["tract", "block", "cell"],
            _ => vec!["tract", "block"],
        };
        // Households and entries change two cells; a mean gives half to each of its vectors.
        let twice = matches!(self, Self::Households | Self::Entries | Self::Mean);
        Question {
            id: self.name().replace(", ", "-").to_lowercase(),
            compute: format!("{{ {compute} }}"),
            group_by,
            households: self == Self::Households,
            laplace: self == Self::Laplace,
            rho_nano: rho_of(sigma) * if twice { 2 } else { 1 },
        }
    }

    /// What is true of the cells of a small county, in their order.
    pub(crate) fn exact(self, persons: usize) -> Vec<Exact> {
        let n = persons as f64;
        let sum: i64 = (0..persons).map(|own| amount(own, persons)).sum();
        let numbers = match self {
            Self::Persons | Self::Laplace => vec![n / 2.0; 2],
            Self::Households => vec![n / 4.0; 2],
            // Those in the first alone, in the second alone, in both.
            Self::Overlap => vec![n * 2.0 / 3.0, 0.0, n / 3.0],
            Self::Histogram => (AMOUNT.0 / CLASS..AMOUNT.1 / CLASS)
                .map(|class| in_class(class, persons) as f64)
                .collect(),
            Self::Sum => vec![sum as f64],
            Self::Mean => vec![sum as f64 / n],
            Self::Share => vec![1.0 / 3.0],
            Self::Entries => vec![n / 4.0, n / 4.0, n / 4.0, n / 4.0, n],
            Self::Quantiles | Self::Ranks => {
                return PER_MILLE.map(|own| Exact::Quantile(own, persons)).into();
            }
        };
        numbers.into_iter().map(Exact::Number).collect()
    }

    /// Whether the cell's interval holds what is true; `None` where it is withheld.
    pub(crate) fn holds(self, cell: &Cell, exact: &Exact, document: &Document) -> Option<bool> {
        let (value, (low, high)) = (cell.value?, cell.low.zip(cell.high)?);
        // Decimal numbers carry the rounding of the last digit.
        let tolerance = 1e-9 * (1.0 + value.abs());
        match exact {
            Exact::Number(exact) => Some((low - tolerance..=high + tolerance).contains(exact)),
            Exact::Quantile(per_mille, persons) if self == Self::Ranks => {
                let wanted = (per_mille * *persons as i64) as f64 / 1_000.0;
                let told = document.half_width.half_width?;
                Some((rank(value, *persons) - wanted).abs() <= told)
            }
            Exact::Quantile(per_mille, persons) => {
                let true_value = quantile(*per_mille, *persons);
                Some((low..=high).contains(&true_value))
            }
        }
    }
}

/// The amount of a person: evenly spread from the least to the greatest, not by order of persons.
fn amount(own: usize, persons: usize) -> i64 {
    // 7 and a multiple of 24 may share no factor but 7, which persons avoid by being spread by 5 then.
    let step = if persons.is_multiple_of(7) { 5 } else { 7 };
    let place = (own * step % persons) as i64;
    AMOUNT.0 + (AMOUNT.1 - AMOUNT.0) * (2 * place + 1) / (2 * persons as i64)
}

/// Persons in a class, which includes its lower end, the last one both.
fn in_class(class: i64, persons: usize) -> usize {
    let last = AMOUNT.1 / CLASS - 1;
    (0..persons).filter(|own| (amount(*own, persons) / CLASS).min(last) == class).count()
}

/// The noiseless number of persons below a value, evenly spread within a class.
fn rank(value: f64, persons: usize) -> f64 {
    let class = ((value / CLASS as f64).floor() as i64).clamp(0, AMOUNT.1 / CLASS - 1);
    let before: usize = (0..class).map(|own| in_class(own, persons)).sum();
    let part = value / CLASS as f64 - class as f64;
    before as f64 + part * in_class(class, persons) as f64
}

/// The noiseless quantile, interpolated within its class.
fn quantile(per_mille: i64, persons: usize) -> f64 {
    let wanted = per_mille as f64 * persons as f64 / 1_000.0;
    let (mut low, mut high) = (AMOUNT.0 as f64, AMOUNT.1 as f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if rank(middle, persons) < wanted { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_spread_evenly_whatever_the_number() {
        for persons in [48, 120, 168, 360, 480] {
            let mut own: Vec<i64> = (0..persons).map(|own| amount(own, persons)).collect();
            own.sort_unstable();
            own.dedup();
            assert_eq!(own.len(), persons, "all different");
            let all: usize = (0..AMOUNT.1 / CLASS).map(|class| in_class(class, persons)).sum();
            assert_eq!(all, persons);
            assert!((quantile(500, persons) - 500.0).abs() < 25.0);
        }
    }
}
