//! What each unit keeps so that the other's log cannot be set back unnoticed.
//!
//! `docs/formats/witness.md` is normative. Of the own log: [`due`], [`keep_receipt`],
//! [`spent_unwitnessed`]. As witness of the other's: [`hold`], [`newest_held`]. Both:
//! [`countersign`]. After a backup was put back: [`burn`]. The documents themselves are texts here;
//! whoever calls has checked their signatures.

mod countersigned;
mod held;
mod own;
mod restored;

pub use countersigned::{Countersigned, countersign, newest_countersigned};
pub use held::{HeldStatement, Holding, NewStatement, hold, newest_held};
pub(crate) use own::unwitnessed_in;
pub use own::{
    NewReceipt, ReceiptLine, Standing, due, hash_at, keep_receipt, newest_receipt,
    spent_unwitnessed, standing,
};
pub use restored::{Burnt, Ceremony, Restored, burn, burnt, lost_since, newest_restored};

use crate::ledger::Price;
use crate::sql::Row;
use crate::{Error, Tx};

/// What a lineage (project, event year) comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineageTotal {
    /// The project.
    pub project: String,
    /// The event year.
    pub year: u16,
    /// The amount.
    pub price: Price,
}

impl LineageTotal {
    /// Reads project, year, rho and delta from the first four columns.
    fn read(row: &Row) -> Result<Self, Error> {
        let year = u16::try_from(row.int(1)?).map_err(|_| Error::Damaged("a lineage"))?;
        let price = Price { rho: row.count(2)?, delta: row.count(3)? };
        Ok(Self { project: row.text(0)?, year, price })
    }
}

/// How often this log was restored.
async fn generation(tx: &mut Tx) -> Result<u64, Error> {
    let row = tx.row("SELECT MAX(generation) FROM restored", &[]).await?;
    let newest = row.map(|row| row.maybe_int(0)).transpose()?.flatten().unwrap_or(0);
    u64::try_from(newest).map_err(|_| Error::Damaged("restored.generation"))
}
