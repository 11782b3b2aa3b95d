//! Amounts: sums, means, and persons per class of an amount.

use policy::{Name, PlanScale};

use super::{Question, tally::Tally};
use crate::{
    Error,
    attribute::Attribute,
    bounds::Centre,
    household::Households,
    members::Presence,
    value::{Amount, Total},
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
    let add = |[sums, counts]: &mut [Tally; 2], person: usize, value: i64| {
        let group = groups.of(person);
        sums.add(group, 0, centre.centred(value)?)?;
        counts.add(group, 0, 1)
    };
    if question.plan.unit.is_person() {
        let amounts = Amount::new(table, dataset, position, bounds, year)?;
        return question.tally(|tallies, person| {
            amounts.of(person).map_or(Ok(()), |value| add(tallies, person, value))
        });
    }
    let households = Households::with_amounts(table, dataset, position, bounds, year)?;
    question.tally_each(households.as_slice(), |tallies, household| {
        household.amount.map_or(Ok(()), |value| add(tallies, household.reference, value))
    })
}

/// The sum over persons of their totals of the year.
pub(super) fn sum(
    question: &Question<'_>,
    dataset: &Name,
    position: usize,
    bounds: (bool, i64),
) -> Result<Vec<Vec<i64>>, Error> {
    let totals = Total::new(question.table, dataset, position, bounds, question.year)?;
    let groups = question.groups()?;
    question.tally(|[sums], person| match totals.of(person) {
        0 => Ok(()),
        total => sums.add(groups.of(person), 0, total),
    })
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
    let amounts = Amount::new(question.table, dataset, position, bounds, question.year)?;
    let groups = question.groups()?;
    question.tally(|[counts], person| {
        let class = amounts.of(person).and_then(|value| class_of(edges, value));
        class.map_or(Ok(()), |class| counts.add(groups.of(person), class, 1))
    })
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
    let presence = Presence::new(table, std::slice::from_ref(dataset), year)?;
    let attribute = Attribute::new(table, question.catalogue, dimension, &[year])?;
    let groups = question.groups()?;
    question.tally(|[counts], person| {
        if !presence.any(person) {
            return Ok(());
        }
        // An unknown code is beyond every class.
        counts.add(groups.of(person), usize::from(attribute.of(person)), 1)
    })
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
