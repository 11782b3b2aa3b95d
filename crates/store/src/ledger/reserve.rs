//! Budget that is kept for charges that were approved and have not been made yet.

use crate::sql::Value;
use crate::{Db, Error, Tx, UnitKind};
use std::collections::{BTreeMap, BTreeSet};

/// Budget kept for one charge to come, named by the key under which it will be made. From the
/// commit of that charge on it is spent and no longer reserved, whatever it cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    /// Under whose name the charge will be made.
    pub analyst: String,
    /// The key of that charge.
    pub idempotency_key: String,
    /// The purpose that will pay it.
    pub purpose: String,
    /// The event years that will pay it, each in full.
    pub years: BTreeSet<u16>,
    /// The most it may cost, in nano-rho.
    pub rho: u64,
}

/// What is reserved now, in nano-rho.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Held {
    /// By event year.
    pub years: BTreeMap<u16, u64>,
    /// By purpose.
    pub purposes: BTreeMap<String, u64>,
}

/// What of `reserved` waits for its charge still. All of it is of one project.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit, [`Error::Overflow`].
pub async fn held(db: &Db, reserved: &[Reserved]) -> Result<Held, Error> {
    db.only(UnitKind::Statistics)?;
    held_in(&mut db.read().await?, reserved).await
}

pub(super) async fn held_in(tx: &mut Tx, reserved: &[Reserved]) -> Result<Held, Error> {
    let mut held = Held::default();
    let mut made = BTreeMap::new();
    for own in reserved {
        let analyst = own.analyst.as_str();
        if !made.contains_key(analyst) {
            made.insert(analyst, keys(tx, analyst, reserved).await?);
        }
        if !made.get(analyst).is_some_and(|keys| keys.contains(&own.idempotency_key)) {
            for year in &own.years {
                add(held.years.entry(*year).or_default(), own.rho)?;
            }
            add(held.purposes.entry(own.purpose.clone()).or_default(), own.rho)?;
        }
    }
    Ok(held)
}

pub(super) const KEYS: &str = "SELECT idempotency_key FROM charge WHERE analyst = $1 \
     AND idempotency_key >= $2 AND idempotency_key <= $3";

/// The keys under which `analyst` was charged, from the first to the last that is reserved.
async fn keys(tx: &mut Tx, analyst: &str, all: &[Reserved]) -> Result<BTreeSet<String>, Error> {
    let own = || all.iter().filter(|own| own.analyst == analyst).map(|own| &own.idempotency_key);
    let (Some(first), Some(last)) = (own().min(), own().max()) else { return Ok([].into()) };
    let values = [Value::Text(analyst), Value::Text(first), Value::Text(last)];
    tx.rows(KEYS, &values).await?.iter().map(|row| row.text(0)).collect()
}

fn add(sum: &mut u64, rho: u64) -> Result<(), Error> {
    *sum = sum.checked_add(rho).ok_or(Error::Overflow)?;
    Ok(())
}
