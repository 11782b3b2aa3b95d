//! From exact vectors to the numbers of a release: the draw, and what is computed from it.

use policy::{Plan, PlanKind};
use serde::Serialize;

use crate::{
    Error,
    bounds::Centre,
    exact::Exact,
    interval::{Ratio, ratio},
    price::{HalfWidth, Noise, Price},
    quantile::quantile,
    share::share,
    sparse, tree,
};

/// A released number.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
pub(crate) enum Number {
    /// Persons, households, or units of a measure.
    Whole(i64),
    /// A mean or quantile in units of the measure, or a share as a part of 1.
    Decimal(f64),
    /// No end: the interval of a thresholded count is open above. Written as null.
    Open,
}

/// Value, low and high of a cell; `None` where it is withheld, or did not pass a threshold.
pub(crate) type Numbers = Option<[Number; 3]>;

/// Draws the noise of every vector and computes the cells of `plan` from the noisy numbers alone.
pub(crate) fn numbers(
    vectors: Vec<Exact<Vec<i64>>>,
    plan: &Plan,
    price: &Price,
) -> Result<Vec<Numbers>, Error> {
    if vectors.len() != price.noise().len() {
        return Err(Error::Mismatch("the price is of another kind of answer"));
    }
    if matches!(plan.kind, PlanKind::Sparse { .. }) {
        return sparse::numbers(vectors, plan, price);
    }
    let mut noisy = Vec::with_capacity(vectors.len());
    for (exact, noise) in vectors.into_iter().zip(price.noise()) {
        noisy.push((noise.law().draw(exact)?, noise));
    }
    let cells = match (&plan.kind, noisy.as_slice()) {
        (PlanKind::Mean { lower, upper, .. }, [sums, counts]) => {
            means(sums, counts, (*lower, *upper))
        }
        (PlanKind::Share { .. } | PlanKind::PriorContact { .. }, [counts]) => shares(counts),
        (PlanKind::Quantiles { edges, per_mille, .. }, [counts]) => {
            quantiles(counts, edges, per_mille)
        }
        (PlanKind::Entries { .. }, [counts]) => trees(counts, price.half_width()),
        (_, [only]) => only.0.iter().map(|own| whole(*own, only.1.half_width())).collect(),
        _ => Err(Error::Mismatch("the price is of another kind of answer")),
    }?;
    // Equal digests mean equal plans, and every kind gives as many numbers as it has cells.
    if cells.len() == plan.cells.len() {
        return Ok(cells);
    }
    Err(Error::Mismatch("the answer has other cells than its plan"))
}

/// A vector after the draw.
type Noisy<'a> = (Vec<i64>, &'a Noise);

/// Negative noisy counts stay as they are: cut at zero they would be biased.
fn whole(value: i64, half_width: u64) -> Result<Numbers, Error> {
    let low = value.checked_sub_unsigned(half_width).ok_or(Error::Overflow)?;
    let high = value.checked_add_unsigned(half_width).ok_or(Error::Overflow)?;
    Ok(Some([value, low, high].map(Number::Whole)))
}

fn decimal(ratio: Ratio) -> [Number; 3] {
    [ratio.value, ratio.low, ratio.high].map(Number::Decimal)
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "a mean is shown, nothing is decided by it; the middle is at most 1e9"
)]
fn means(
    (sums, sum): &Noisy<'_>,
    (counts, count): &Noisy<'_>,
    (lower, upper): (i64, i64),
) -> Result<Vec<Numbers>, Error> {
    let middle = Centre::of(lower, upper)?.middle() as f64;
    let cell = |(own, number): (&i64, &i64)| {
        let ratio = ratio(*own, *number, sum.half_width(), count.half_width())?;
        Ok(ratio.map(|ratio| {
            [ratio.value, ratio.low, ratio.high].map(|centred| Number::Decimal(middle + centred))
        }))
    };
    sums.iter().zip(counts).map(cell).collect()
}

fn shares((counts, noise): &Noisy<'_>) -> Result<Vec<Numbers>, Error> {
    let (pairs, _) = counts.as_chunks::<2>();
    let cell = |[with, without]: &[i64; 2]| Ok(share(*with, *without, noise.scale())?.map(decimal));
    pairs.iter().map(cell).collect()
}

fn quantiles(
    (counts, noise): &Noisy<'_>,
    edges: &[i64],
    per_mille: &[u16],
) -> Result<Vec<Numbers>, Error> {
    let classes = edges.len().checked_sub(1).filter(|classes| *classes > 0);
    let groups = counts.chunks_exact(classes.ok_or(Error::Plan("its grid has no class"))?);
    let cells = groups.flat_map(|group| per_mille.iter().map(move |own| (group, *own)));
    let cell = |(group, own)| Ok(quantile(group, edges, own, noise.scale())?.map(decimal));
    cells.map(cell).collect()
}

/// Every interval is that after the adjustment, as told before the charge.
fn trees((counts, _): &Noisy<'_>, told: HalfWidth) -> Result<Vec<Numbers>, Error> {
    let HalfWidth::Exact { half_width } = told else {
        return Err(Error::Mismatch("the price is of another kind of answer"));
    };
    let (trees, _) = counts.as_chunks::<{ tree::NODES }>();
    let mut cells = Vec::with_capacity(counts.len());
    for tree in trees {
        for own in tree::consistent(*tree)? {
            cells.push(whole(own, half_width)?);
        }
    }
    Ok(cells)
}
