//! Cells of private keys: what passed the threshold, and nothing about the rest.

use policy::Plan;

use crate::{
    Error,
    answer::{Number, Numbers},
    exact::Exact,
    price::{HalfWidth, Price},
};

/// Draws the counts of a plan of kind `sparse`. A cell that did not pass has no numbers and is left
/// out of the release, as if its key did not exist.
///
/// A shown count stands on the side of the noise that lifted it over the threshold, so it has a low
/// end and no interval around it. The low end is at least 1: a key of nobody is never shown.
pub(crate) fn numbers(
    vectors: Vec<Exact<Vec<i64>>>,
    plan: &Plan,
    price: &Price,
) -> Result<Vec<Numbers>, Error> {
    const OTHER: Error = Error::Mismatch("the price is of another kind of answer");
    let HalfWidth::Threshold { lower_width, .. } = price.half_width() else { return Err(OTHER) };
    let mut vectors = vectors.into_iter();
    let (Some(vector), None, [noise]) = (vectors.next(), vectors.next(), price.noise()) else {
        return Err(OTHER);
    };
    let drawn = noise.law().threshold().ok_or(OTHER)?.draw(vector)?;
    if drawn.len() != plan.cells.len() {
        return Err(Error::Mismatch("the answer has other cells than its plan"));
    }
    drawn.into_iter().map(|own| own.map(|value| shown(value, lower_width)).transpose()).collect()
}

fn shown(value: i64, lower_width: u64) -> Result<[Number; 3], Error> {
    let low = value.checked_sub_unsigned(lower_width).ok_or(Error::Overflow)?.max(1);
    Ok([Number::Whole(value), Number::Whole(low), Number::Open])
}
