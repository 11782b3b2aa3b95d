//! Caps, compared in checked integers before a charge is written.

use super::before::Before;
use super::reserve::{self, Held};
use super::{NewCharge, Price, Quarter, Reserved, spent};
use crate::witness;
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

/// How much may be charged to one purpose within a calendar quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quarterly<'a> {
    /// The cap, in nano-rho.
    pub rho: u64,
    /// Charges made under this name do not count: they were approved beforehand.
    pub apart: &'a str,
}

/// What a charge is compared with. The policy states it; the store only compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps<'a> {
    /// Cap of each lineage (project, event year): the guarantee for that year.
    pub lineage: Price,
    /// Cap of every run of consecutive years; `None` where the policy states none.
    pub horizon: Option<Horizon>,
    /// Cap of the purpose in the quarter of charging; `None` where the policy states none or the
    /// charge does not count.
    pub quarter: Option<Quarterly<'a>>,
    /// Cap of the purpose, in nano-rho.
    pub purpose_rho: u64,
    /// Cap of the analyst, in nano-rho; `None` for a charge that is nobody's own.
    pub analyst_rho: Option<u64>,
    /// What may be charged to a lineage while the witness gives no receipts; `None` while it does.
    pub unwitnessed: Option<Price>,
    /// What of lineages, horizons and purpose this charge must leave to others, all of its project.
    pub reserved: &'a [Reserved],
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
    /// rho of the purpose in one quarter of charging.
    Quarter(Quarter),
    /// rho of the purpose.
    Purpose,
    /// rho of the analyst.
    Analyst,
    /// rho of one event year that the other unit has not witnessed.
    UnwitnessedRho {
        /// The event year.
        year: u16,
    },
    /// Threshold delta of one event year that the other unit has not witnessed.
    UnwitnessedDelta {
        /// The event year.
        year: u16,
    },
}

/// Why a charge was refused: `spent + reserved + asked > cap`, in nano-rho or 1e-15 delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Which cap.
    pub which: Cap,
    /// Its value.
    pub cap: u64,
    /// What was spent before.
    pub spent: u64,
    /// What is kept for others.
    pub reserved: u64,
    /// What this charge would add.
    pub asked: u64,
}

/// What the lineages of a charge come to with it.
pub(super) type NewSums = BTreeMap<u16, Price>;

/// Compares all caps; `Ok(Err(_))` names the first one exceeded.
pub(super) async fn check(
    tx: &mut Tx,
    new: &NewCharge,
    caps: &Caps<'_>,
    before: &Before,
) -> Result<Result<NewSums, Exceeded>, Error> {
    let sums = &before.sums.lineages;
    let held = reserve::held_in(tx, caps.reserved).await?;
    let charged = match check_lineages(sums, &held, new, caps.lineage) {
        Ok(charged) => charged,
        Err(exceeded) => return Ok(Err(exceeded)),
    };
    if let Some(horizon) = caps.horizon
        && let Err(exceeded) = check_horizon(sums, &held, new, horizon)?
    {
        return Ok(Err(exceeded));
    }
    let asked = new.price.rho;
    let reserved = held.purposes.get(&new.purpose).copied().unwrap_or(0);
    let purpose = Standing { spent: before.sums.purpose.rho, reserved };
    if let Err(exceeded) = add(Cap::Purpose, caps.purpose_rho, purpose, asked) {
        return Ok(Err(exceeded));
    }
    let analyst = Standing { spent: before.sums.analyst.rho, reserved: 0 };
    if let Some(cap) = caps.analyst_rho
        && let Err(exceeded) = add(Cap::Analyst, cap, analyst, asked)
    {
        return Ok(Err(exceeded));
    }
    if let Some(Quarterly { rho, apart }) = caps.quarter {
        let spent = spent::quarter_of(&before.in_quarter, apart)?;
        let standing = Standing { spent, reserved: 0 };
        if let Err(exceeded) = add(Cap::Quarter(before.quarter), rho, standing, asked) {
            return Ok(Err(exceeded));
        }
    }
    if let Some(tranche) = caps.unwitnessed
        && let Err(exceeded) = check_unwitnessed(tx, new, tranche).await?
    {
        return Ok(Err(exceeded));
    }
    Ok(Ok(charged))
}

/// What was charged since the newest receipt, with this charge.
async fn check_unwitnessed(
    tx: &mut Tx,
    new: &NewCharge,
    tranche: Price,
) -> Result<Result<(), Exceeded>, Error> {
    let since = witness::unwitnessed_in(tx).await?;
    for &year in &new.years {
        let own = since.iter().find(|own| own.project == new.project && own.year == year);
        let spent = own.map_or(Price::NOTHING, |own| own.price);
        let (which, delta) = (Cap::UnwitnessedRho { year }, Cap::UnwitnessedDelta { year });
        let before = Standing { spent: spent.rho, reserved: 0 };
        if let Err(exceeded) = add(which, tranche.rho, before, new.price.rho) {
            return Ok(Err(exceeded));
        }
        let before = Standing { spent: spent.delta, reserved: 0 };
        if let Err(exceeded) = add(delta, tranche.delta, before, new.price.delta) {
            return Ok(Err(exceeded));
        }
    }
    Ok(Ok(()))
}

/// What stands before an amount that is asked for.
#[derive(Clone, Copy)]
struct Standing {
    spent: u64,
    reserved: u64,
}

/// What `asked` makes of the spent sum. A sum that would overflow is above every cap.
fn add(which: Cap, cap: u64, before: Standing, asked: u64) -> Result<u64, Exceeded> {
    let Standing { spent, reserved } = before;
    let all = spent.checked_add(reserved).and_then(|sum| sum.checked_add(asked));
    match (spent.checked_add(asked), all) {
        (Some(sum), Some(all)) if all <= cap => Ok(sum),
        _ => Err(Exceeded { which, cap, spent, reserved, asked }),
    }
}

fn check_lineages(
    sums: &BTreeMap<u16, Price>,
    held: &Held,
    new: &NewCharge,
    cap: Price,
) -> Result<NewSums, Exceeded> {
    let mut charged = NewSums::new();
    for &year in &new.years {
        let spent = sums.get(&year).copied().unwrap_or(Price::NOTHING);
        let reserved = held.years.get(&year).copied().unwrap_or(0);
        let before = Standing { spent: spent.rho, reserved };
        let rho = add(Cap::LineageRho { year }, cap.rho, before, new.price.rho)?;
        let before = Standing { spent: spent.delta, reserved: 0 };
        let delta = add(Cap::LineageDelta { year }, cap.delta, before, new.price.delta)?;
        charged.insert(year, Price { rho, delta });
    }
    Ok(charged)
}

/// Every run of `horizon.years` years that holds a charged year.
fn check_horizon(
    sums: &BTreeMap<u16, Price>,
    held: &Held,
    new: &NewCharge,
    horizon: Horizon,
) -> Result<Result<(), Exceeded>, Error> {
    let reach = horizon.years.saturating_sub(1);
    for &year in &new.years {
        for from in year.saturating_sub(reach)..=year {
            let to = from.saturating_add(reach);
            let spent = sum(sums.range(from..=to).map(|(_, price)| price.rho))?;
            let reserved = sum(held.years.range(from..=to).map(|(_, rho)| *rho))?;
            let asked = sum(new.years.range(from..=to).map(|_| new.price.rho))?;
            let before = Standing { spent, reserved };
            if let Err(exceeded) = add(Cap::Horizon { from, to }, horizon.rho, before, asked) {
                return Ok(Err(exceeded));
            }
        }
    }
    Ok(Ok(()))
}

fn sum(mut amounts: impl Iterator<Item = u64>) -> Result<u64, Error> {
    amounts.try_fold(0_u64, u64::checked_add).ok_or(Error::Overflow)
}
