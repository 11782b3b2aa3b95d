//! Which of a file's rows are parts, and which are totals of others.

use std::collections::BTreeMap;

use super::super::{Ages, Row, Sex, fault};
use crate::Error;

/// A row before it is known whether others divide it.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) year: u16,
    pub(super) place: String,
    /// `None` for all ages.
    pub(super) ages: Option<Ages>,
    /// `None` for all sexes.
    pub(super) sex: Option<Sex>,
    /// `None` where the source has no number.
    pub(super) persons: Option<u64>,
    pub(super) line: usize,
}

/// Keeps the finest rows of each year and place, and the lines of those without a number.
///
/// A total that its parts do not add up to is an error: the file was cut or changed.
pub(super) fn settle(candidates: Vec<Candidate>) -> Result<(Vec<Row>, Vec<usize>), Error> {
    let mut groups: BTreeMap<(u16, String), Vec<Candidate>> = BTreeMap::new();
    for candidate in candidates {
        groups.entry((candidate.year, candidate.place.clone())).or_default().push(candidate);
    }
    let (mut rows, mut missing) = (Vec::new(), Vec::new());
    for ((year, place), group) in groups {
        let fineness = |own: &Candidate| (own.ages.is_some(), own.sex.is_some());
        let has = |wanted| group.iter().any(|own| fineness(own) == wanted);
        let finest = [(true, true), (true, false), (false, true)].into_iter().find(|own| has(*own));
        let finest = finest.unwrap_or((false, false));
        let (parts, others): (Vec<_>, Vec<_>) =
            group.into_iter().partition(|own| fineness(own) == finest);
        check_totals(&parts, &others)?;
        for part in parts {
            let Some(persons) = part.persons else {
                missing.push(part.line);
                continue;
            };
            let (ages, sex, line) = (part.ages.unwrap_or(Ages::ALL), part.sex, part.line);
            rows.push(Row { year, place: place.clone(), ages, sex, persons, line });
        }
    }
    missing.sort_unstable();
    Ok((rows, missing))
}

fn check_totals(parts: &[Candidate], others: &[Candidate]) -> Result<(), Error> {
    for total in others {
        let Some(told) = total.persons else { continue };
        let own = |part: &&Candidate| {
            (total.sex.is_none() || part.sex == total.sex)
                && (total.ages.is_none() || part.ages == total.ages)
        };
        // Where parts by sex but not by age are asked for their ages, nothing is comparable.
        let comparable = (total.ages.is_none() || parts.iter().all(|part| part.ages.is_some()))
            && (total.sex.is_none() || parts.iter().all(|part| part.sex.is_some()));
        let known: Option<Vec<u64>> = parts.iter().filter(own).map(|part| part.persons).collect();
        let Some(known) = known.filter(|known| comparable && !known.is_empty()) else { continue };
        let sum = known.iter().fold(0_u64, |sum, part| sum.saturating_add(*part));
        if sum != told {
            return Err(fault(
                total.line,
                format!(
                    "says {told}, but its parts add up to {sum}; download the table again, complete and unchanged"
                ),
            ));
        }
    }
    Ok(())
}
