//! The value of each published cell and half the width of its interval, before any noise is drawn.
//!
//! The formulas are those of `docs/formats/release.md`, at the exact values.

use anyhow::bail;
use policy::{Plan, PlanKind};
use statistics::{HalfWidth, Price};

use crate::compare;
use crate::reading::Exact;

/// A cell that is shown.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub(super) value: f64,
    pub(super) half_width: f64,
}

impl Shown {
    /// Whether the half-width is at most a quarter of the value.
    pub(super) fn passes(self) -> bool {
        self.half_width <= 0.25 * self.value.abs() && self.value != 0.0
    }
}

/// Half of the width of a 95 % interval of a Gaussian, in standard deviations.
const Z: f64 = 1.959_963_984_540_054;

/// All cells of a plan, `None` where one would be withheld. `years` years are added up, each with
/// noise of its own, so that widths grow with the root of their number.
pub(super) fn cells(
    plan: &Plan,
    exact: &Exact,
    price: &Price,
    years: u8,
) -> anyhow::Result<Vec<Option<Shown>>> {
    let more = f64::from(years).sqrt();
    let width = |at: usize| price.noise()[at].half_width() as f64 * more;
    let shown = |value: f64, half_width: f64| Some(Shown { value, half_width });
    Ok(match (&plan.kind, price.half_width()) {
        (
            PlanKind::Share { .. } | PlanKind::PriorContact { .. },
            HalfWidth::Assumed { least_count, .. },
        ) => {
            let (width, least) = (width(0), least_count as f64 * more);
            let share = |own: &[i64]| {
                let (with, without) = (own[0] as f64, own[1] as f64);
                let all = with + without;
                let root = with.powi(2) + without.powi(2) - width.powi(2);
                let half = width * root.max(0.0).sqrt() / (all.powi(2) - 2.0 * width.powi(2));
                (all >= least).then_some(Shown { value: with / all, half_width: half })
            };
            exact.counts.chunks(2).map(share).collect()
        }
        (PlanKind::Mean { lower, upper, .. }, HalfWidth::Assumed { least_count, .. }) => {
            let (sum_width, count_width) = (width(0), width(1));
            let (least, middle) = (least_count as f64 * more, lower.midpoint(*upper) as f64);
            let mean = |(sum, count): (&i64, &i64)| {
                let count = *count as f64;
                let centred = *sum as f64 - middle * count;
                let leading = count.powi(2) - count_width.powi(2);
                let root = (sum_width.powi(2) * leading + (centred * count_width).powi(2)).sqrt();
                let value = middle + centred / count;
                (count >= least).then_some(Shown { value, half_width: root / leading })
            };
            exact.sums.iter().zip(&exact.counts).map(mean).collect()
        }
        (PlanKind::Quantiles { edges, per_mille, .. }, HalfWidth::Ranks { .. }) => {
            let sigma = price.noise()[0].sigma() * more;
            let groups = exact.counts.chunks(edges.len() - 1);
            groups
                .flat_map(|own| per_mille.iter().map(|at| quantile(own, edges, *at, sigma)))
                .collect()
        }
        (kind, HalfWidth::Exact { half_width }) => {
            let numbers =
                if matches!(kind, PlanKind::Sum { .. }) { &exact.sums } else { &exact.counts };
            let half_width = half_width as f64 * more;
            numbers.iter().map(|own| shown(*own as f64, half_width)).collect()
        }
        _ => bail!("a price of another kind than its plan"),
    })
}

/// The classes in which a quantile may lie: their hull is its interval.
fn quantile(counts: &[i64], edges: &[i64], per_mille: u16, sigma: f64) -> Option<Shown> {
    let value = compare::quantile(counts, edges, per_mille)?;
    let (part, all) = (f64::from(per_mille) / 1_000.0, counts.iter().sum::<i64>() as f64);
    let classes = counts.len();
    let width = |place: usize| {
        let variance =
            (1.0 - part).powi(2) * place as f64 + part.powi(2) * (classes - place) as f64;
        Z * sigma * variance.sqrt()
    };
    let below = |place: usize| counts[..place].iter().sum::<i64>() as f64 - part * all;
    let possible = |class: &usize| {
        let too_low = class + 1 < classes && below(class + 1) < -width(class + 1);
        let too_high = *class > 0 && below(*class) > width(*class);
        !too_low && !too_high
    };
    let (first, last) = ((0..classes).find(possible)?, (0..classes).rev().find(possible)?);
    if (first, last + 1) == (0, classes) {
        return None;
    }
    let half_width = (edges[last + 1] - edges[first]) as f64 / 2.0;
    Some(Shown { value, half_width })
}
