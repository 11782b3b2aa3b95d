//! Caps, compared in checked integers before a charge is written.

use super::{NewCharge, Price, spent};
use crate::{Error, Tx};
use std::collections::BTreeMap;

/// How much a project may lose over consecutive event years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// How many consecutive years are summed, from 1.
    pub years: u16,
    /// Cap of the sum, in nano-rho.
    pub rho: u64,
}

/// What a charge is compared with. The policy states it; the store only compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Cap of each lineage (project, event year): the guarantee for that year.
    pub lineage: Price,
    /// Cap of every run of consecutive years; `None` where the policy states none.
    pub horizon: Option<Horizon>,
    /// Cap of the purpose, in nano-rho.
    pub purpose_rho: u64,
    /// Cap of the analyst, in nano-rho.
    pub analyst_rho: u64,
}

/// Which cap stood in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    /// rho of one event year.
    LineageRho {
        /// The event year.
        year: u16,
    },
    /// Threshold delta of one event year.
    LineageDelta {
        /// The event year.
        year: u16,
    },
    /// rho of a run of event years.
    Horizon {
        /// First year of the run.
        from: u16,
        /// Last year of the run.
        to: u16,
    },
    /// rho of the purpose.
    Purpose,
    /// rho of the analyst.
    Analyst,
}

/// Why a charge was refused: `spent + asked > limit`, in nano-rho or 1e-15 delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Which cap.
    pub which: Cap,
    /// Its value.
    pub cap: u64,
    /// What was spent before.
    pub spent: u64,
    /// What this charge would add.
    pub asked: u64,
}

/// What the lineages of a charge come to with it.
pub(super) type NewSums = BTreeMap<u16, Price>;

/// Compares all caps; `Ok(Err(_))` names the first one exceeded.
pub(super) async fn check(
    tx: &mut Tx,
    new: &NewCharge,
    caps: &Caps,
) -> Result<Result<NewSums, Exceeded>, Error> {
    let sums = spent::by_year(tx, &new.project).await?;
    let zero = Price { rho: 0, delta: 0 };
    let mut charged = NewSums::new();
    for &year in &new.years {
        let before = sums.get(&year).copied().unwrap_or(zero);
        let which = Cap::LineageRho { year };
        let rho = match add(which, caps.lineage.rho, before.rho, new.price.rho) {
            Ok(sum) => sum,
            Err(exceeded) => return Ok(Err(exceeded)),
        };
        let which = Cap::LineageDelta { year };
        let delta = match add(which, caps.lineage.delta, before.delta, new.price.delta) {
            Ok(sum) => sum,
            Err(exceeded) => return Ok(Err(exceeded)),
        };
        charged.insert(year, Price { rho, delta });
    }
    if let Some(horizon) = caps.horizon
        && let Err(exceeded) = check_horizon(&sums, new, horizon)?
    {
        return Ok(Err(exceeded));
    }
    let purpose = spent::of_purpose(tx, &new.project, &new.purpose).await?;
    let analyst = spent::of_analyst(tx, &new.project, &new.analyst).await?;
    for (which, cap, before) in [
        (Cap::Purpose, caps.purpose_rho, purpose.rho),
        (Cap::Analyst, caps.analyst_rho, analyst.rho),
    ] {
        if let Err(exceeded) = add(which, cap, before, new.price.rho) {
            return Ok(Err(exceeded));
        }
    }
    Ok(Ok(charged))
}

/// A sum that would overflow is above every cap.
fn add(which: Cap, cap: u64, spent: u64, asked: u64) -> Result<u64, Exceeded> {
    match spent.checked_add(asked) {
        Some(sum) if sum <= cap => Ok(sum),
        _ => Err(Exceeded { which, cap, spent, asked }),
    }
}

/// Every run of `horizon.years` years that holds a charged year.
fn check_horizon(
    sums: &BTreeMap<u16, Price>,
    new: &NewCharge,
    horizon: Horizon,
) -> Result<Result<(), Exceeded>, Error> {
    let reach = horizon.years.saturating_sub(1);
    for &year in &new.years {
        for from in year.saturating_sub(reach)..=year {
            let to = from.saturating_add(reach);
            let before = sums.range(from..=to).map(|(_, price)| price.rho);
            let spent = sum(before)?;
            let asked = sum(new.years.range(from..=to).map(|_| new.price.rho))?;
            if let Err(exceeded) = add(Cap::Horizon { from, to }, horizon.rho, spent, asked) {
                return Ok(Err(exceeded));
            }
        }
    }
    Ok(Ok(()))
}

fn sum(mut amounts: impl Iterator<Item = u64>) -> Result<u64, Error> {
    amounts.try_fold(0_u64, u64::checked_add).ok_or(Error::Overflow)
}
