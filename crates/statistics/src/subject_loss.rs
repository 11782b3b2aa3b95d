//! What a sum over subjects may reveal, whatever linkage did.

use policy::{NanoRho, Plan, PlanKind};
use serde::Serialize;

use crate::Error;

/// Losses of a sum whose bounds hold before linkage, in nano-rho.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct SubjectLosses {
    /// One person added or removed with all its subjects, at most the stated number per dataset.
    person: u64,
    /// One subject added or removed, of the dataset where that changes most.
    subject: u64,
    /// A person with twice as many subjects per dataset as was stated.
    twice_the_subjects: u64,
}

/// The losses of a plan of kind `subject_sum`; `None` for any other.
///
/// A person changes the sum by Σ subjects·rows·cap over the datasets, which the charge covers. One
/// subject changes it by rows·cap of one dataset, a part of that; k times as much costs k² times
/// the rho (Bun and Steinke 2016, proposition 1.9).
pub(crate) fn subject_losses(plan: &Plan, rho: NanoRho) -> Result<Option<SubjectLosses>, Error> {
    let PlanKind::SubjectSum { parts } = &plan.kind else { return Ok(None) };
    let (mut whole, mut largest) = (0_u128, 0_u128);
    for part in parts {
        let amount =
            |own: Option<i64>| own.and_then(|own| u128::try_from(own).ok()).ok_or(Error::Overflow);
        whole = whole.checked_add(amount(part.most())?).ok_or(Error::Overflow)?;
        largest = largest.max(amount(part.most_of_subject())?);
    }
    let square = |own: u128| own.checked_mul(own).ok_or(Error::Overflow);
    // Rounded up: rho · (largest / whole)².
    let subject = square(largest)?
        .checked_mul(u128::from(rho.get()))
        .ok_or(Error::Overflow)?
        .div_ceil(square(whole)?.max(1));
    let subject = u64::try_from(subject).map_err(|_| Error::Overflow)?;
    let twice_the_subjects = rho.get().checked_mul(4).ok_or(Error::Overflow)?;
    Ok(Some(SubjectLosses { person: rho.get(), subject, twice_the_subjects }))
}
