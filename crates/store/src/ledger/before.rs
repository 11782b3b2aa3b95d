//! What the ledger holds before a charge: everything its decision needs, read at once.

use super::commit::KNOWN;
use super::parts::ASKED;
use super::spent::{self, IN_QUARTER, SUMS, Sums};
use super::{NewCharge, Quarter};
use crate::batch::Batch;
use crate::chain::{self, LAST, Last};
use crate::sql::{Row, Value};
use crate::{Error, Tx};

/// Read inside the transaction that charges.
pub(super) struct Before {
    /// What [`KNOWN`] answered.
    pub(super) known: Row,
    /// What [`ASKED`] answered.
    pub(super) asked: Option<Row>,
    /// The end of the log.
    pub(super) last: Last,
    /// Lineages, purpose and analyst.
    pub(super) sums: Sums,
    /// The quarter of charging.
    pub(super) quarter: Quarter,
    /// What [`IN_QUARTER`] answered.
    pub(super) in_quarter: Vec<Row>,
}

impl Before {
    pub(super) async fn read(
        tx: &mut Tx,
        new: &NewCharge,
        quarter: Quarter,
    ) -> Result<Self, Error> {
        let (project, snapshot) = (Value::Text(&new.project), Value::Text(&new.snapshot));
        let (purpose, analyst) = (Value::Text(&new.purpose), Value::Text(&new.analyst));
        let query = Value::Bytes(&new.query_digest);
        let (key, charge) = (Value::Text(&new.idempotency_key), Value::Text(&new.charge));
        let mut batch = Batch::default();
        batch.push(KNOWN, [analyst, key, snapshot, project, query, charge]);
        batch.push(ASKED, [snapshot, query]);
        batch.push(LAST, []);
        batch.push(SUMS, [project, purpose, analyst]);
        batch.push(IN_QUARTER, [project, purpose, Value::Int(quarter.stored())]);
        let answers: [Vec<Row>; 5] =
            tx.run(&batch).await?.try_into().map_err(|_| Error::Damaged("an answer"))?;
        let [known, asked, last, sums, in_quarter] = answers;
        Ok(Self {
            known: known.into_iter().next().ok_or(Error::Damaged("charge"))?,
            asked: asked.into_iter().next(),
            last: chain::last_of(tx, last.first())?,
            sums: spent::sums_of(&sums)?,
            quarter,
            in_quarter,
        })
    }
}
