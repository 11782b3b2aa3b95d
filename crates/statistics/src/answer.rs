//! From exact vectors to the numbers of a release: the draw, and what is computed from it.

use policy::{Plan, PlanKind};
use serde::Serialize;

use crate::{
    Error,
    bounds::Centre,
    consistency::{self, AdjustedCell},
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

impl Number {
    #[expect(clippy::cast_precision_loss, reason = "for comparing what is shown; far below 2^53")]
    pub(crate) fn decimal(self) -> f64 {
        match self {
            Self::Whole(own) => own as f64,
            Self::Decimal(own) => own,
            Self::Open => f64::INFINITY,
        }
    }
}

/// Value, low and high of a cell; `None` where it is withheld, or did not pass a threshold.
pub(crate) type Numbers = Option<[Number; 3]>;

/// The cells of an answer.
pub(crate) struct Answer {
    pub(crate) cells: Vec<Numbers>,
    /// Per cell its number in the non-negative table, for counts and sums.
    pub(crate) non_negative: Option<Vec<i64>>,
}

/// Draws the noise of every vector and computes the cells of `plan` from the noisy numbers alone.
pub(crate) fn answer(
    vectors: Vec<Exact<Vec<i64>>>,
    plan: &Plan,
    price: &Price,
) -> Result<Answer, Error> {
    if vectors.len() != price.noise().len() {
        return Err(Error::Mismatch("the price is of another kind of answer"));
    }
    if matches!(plan.kind, PlanKind::Sparse { .. }) {
        let cells = sparse::numbers(vectors, plan, price)?;
        return Ok(Answer { cells, non_negative: None });
    }
    let mut noisy = Vec::with_capacity(vectors.len());
    for (exact, noise) in vectors.into_iter().zip(price.noise()) {
        noisy.push((noise.law().draw(exact)?, noise));
    }
    let answer = compute(noisy, plan, price)?;
    // Equal digests mean equal plans, and every kind gives as many numbers as it has cells.
    let counted = answer.non_negative.as_ref().is_none_or(|own| own.len() == plan.cells.len());
    if counted && answer.cells.len() == plan.cells.len() {
        return Ok(answer);
    }
    Err(Error::Mismatch("the answer has other cells than its plan"))
}

fn compute(noisy: Vec<Noisy<'_>>, plan: &Plan, price: &Price) -> Result<Answer, Error> {
    if !plan.margins.is_empty() {
        let noisy = noisy.into_iter().map(|(values, _)| values).collect();
        return with_margins(&consistency::adjusted(plan, noisy, price.noise())?);
    }
    let cells = match (&plan.kind, noisy.as_slice()) {
        (PlanKind::Mean { lower, upper, .. }, [sums, counts]) => {
            means(sums, counts, (*lower, *upper))
        }
        (PlanKind::Share { .. } | PlanKind::PriorContact { .. }, [counts]) => shares(counts),
        (PlanKind::Quantiles { edges, per_mille, .. }, [counts]) => {
            quantiles(counts, edges, per_mille)
        }
        (PlanKind::Entries { .. }, [counts]) => return trees(counts, price.half_width()),
        (_, [only]) => return counts(only),
        _ => Err(Error::Mismatch("the price is of another kind of answer")),
    }?;
    Ok(Answer { cells, non_negative: None })
}

/// A vector after the draw.
type Noisy<'a> = (Vec<i64>, &'a Noise);

/// Counts or sums, each with the interval of its noise.
fn counts((values, noise): &Noisy<'_>) -> Result<Answer, Error> {
    let cells =
        values.iter().map(|own| whole(*own, noise.half_width())).collect::<Result<_, _>>()?;
    Ok(Answer { cells, non_negative: Some(consistency::plain(values)?) })
}

/// Every interval is that after the adjustment, as told before the charge.
fn with_margins(adjusted: &[AdjustedCell]) -> Result<Answer, Error> {
    let cells = adjusted.iter().map(|own| whole(own.value, own.half_width));
    let cells = cells.collect::<Result<_, _>>()?;
    let non_negative = adjusted.iter().map(|own| own.non_negative).collect();
    Ok(Answer { cells, non_negative: Some(non_negative) })
}

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
fn trees((counts, _): &Noisy<'_>, told: HalfWidth) -> Result<Answer, Error> {
    let HalfWidth::Exact { half_width } = told else {
        return Err(Error::Mismatch("the price is of another kind of answer"));
    };
    let (trees, _) = counts.as_chunks::<{ tree::NODES }>();
    let mut values = Vec::with_capacity(counts.len());
    for tree in trees {
        values.extend(tree::consistent(*tree)?);
    }
    let cells = values.iter().map(|own| whole(*own, half_width)).collect::<Result<_, _>>()?;
    Ok(Answer { cells, non_negative: Some(consistency::trees(&values)?) })
}
