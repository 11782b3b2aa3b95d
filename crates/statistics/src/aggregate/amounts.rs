//! Amounts: sums, means, and persons per class of an amount.

use policy::{Name, PlanScale};

use super::Question;
use crate::{
    Error,
    attribute::attribute,
    bounds::Centre,
    household::Households,
    members::presence,
    value::{amount, total},
};

/// Sums of distances from the middle of the bounds, and the persons or households behind them.
pub(super) fn mean(
    question: &Question<'_>,
    dataset: &Name,
    position: usize,
    bounds: (i64, i64),
) -> Result<Vec<Vec<i64>>, Error> {
    let (table, year) = (question.table, question.year);
    let centre = Centre::of(bounds.0, bounds.1)?;
    let groups = question.groups()?;
    let (mut sums, mut counts) = (question.tally()?, question.tally()?);
    let mut add = |group: Option<usize>, value: i64| -> Result<(), Error> {
        sums.add(group, 0, centre.centred(value)?)?;
        counts.add(group, 0, 1)
    };
    if question.plan.unit.is_person() {
        let amounts = amount(table, dataset, position, bounds, year)?;
        for (value, group) in amounts.into_iter().zip(groups) {
            if let Some(value) = value {
                add(group, value)?;
            }
        }
    } else {
        let households = Households::with_amounts(table, dataset, position, bounds, year)?;
        for household in households.iter() {
            if let Some(value) = household.amount {
                add(groups.get(household.reference).copied().flatten(), value)?;
            }
        }
    }
    Ok(vec![sums.cells, counts.cells])
}

/// The sum over persons of their totals of the year.
pub(super) fn sum(
    question: &Question<'_>,
    dataset: &Name,
    position: usize,
    bounds: (bool, i64),
) -> Result<Vec<Vec<i64>>, Error> {
    let totals = total(question.table, dataset, position, bounds, question.year)?;
    let mut tally = question.tally()?;
    for (total, group) in totals.into_iter().zip(question.groups()?) {
        tally.add(group, 0, total)?;
    }
    Ok(tally.only())
}

/// Persons per class of their amount.
pub(super) fn histogram(
    question: &Question<'_>,
    dataset: &Name,
    position: usize,
    edges: &[i64],
) -> Result<Vec<Vec<i64>>, Error> {
    let ends = edges.first().copied().zip(edges.last().copied());
    let bounds = ends.ok_or(Error::Plan("its grid has no class"))?;
    let amounts = amount(question.table, dataset, position, bounds, question.year)?;
    let mut tally = question.tally()?;
    for (value, group) in amounts.into_iter().zip(question.groups()?) {
        let Some(class) = value.and_then(|value| class_of(edges, value)) else { continue };
        tally.add(group, class, 1)?;
    }
    Ok(tally.only())
}

/// The class of a value between the ends; the last class has its upper end too.
fn class_of(edges: &[i64], value: i64) -> Option<usize> {
    let last = edges.len().checked_sub(2)?;
    let begun = edges.partition_point(|edge| *edge <= value);
    Some(begun.checked_sub(1)?.min(last))
}

/// The histogram that quantiles are read off.
pub(super) fn grid(
    question: &Question<'_>,
    dataset: &Name,
    of: &PlanScale,
    edges: &[i64],
) -> Result<Vec<Vec<i64>>, Error> {
    let dimension = match of {
        PlanScale::Measure { position } => {
            return histogram(question, dataset, *position, edges);
        }
        PlanScale::Classes { dimension } => dimension,
    };
    let (table, year) = (question.table, question.year);
    let masks = presence(table, std::slice::from_ref(dataset), year)?;
    let codes = attribute(table, question.catalogue, dimension, &[year])?;
    let mut tally = question.tally()?;
    for ((mask, code), group) in masks.into_iter().zip(codes).zip(question.groups()?) {
        if mask != 0 {
            // An unknown code is beyond every class.
            tally.add(group, usize::from(code), 1)?;
        }
    }
    Ok(tally.only())
}

#[cfg(test)]
mod tests {
    use super::class_of;

    #[test]
    fn classes_include_their_lower_end_and_the_last_one_both() {
        let edges = [0, 10, 20, 50];
        let classes = [0, 9, 10, 19, 20, 49, 50].map(|value| class_of(&edges, value));
        assert_eq!(classes, [0, 0, 1, 1, 2, 2, 2].map(Some));
        assert_eq!(class_of(&edges, -1), None);
        assert_eq!(class_of(&[0], 0), None);
    }
}
