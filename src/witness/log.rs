//! A unit's own log on its way to the witness.

use std::sync::Arc;

use anyhow::Context;
use policy::{Digest, Name, Oversight};
use ring::rand::SystemRandom;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::witness::{NewReceipt, Standing};
use store::{Db, Head};
use submission::{
    Clock, Document, Problem, Signed, SigningKey, SpentLine, VerifyingKey, WitnessAnswer,
    WitnessMessage, WitnessQuestion, WitnessReceipt, WitnessStatement,
};

use crate::{Client, ClientError};

/// A unit's log and what is needed to speak about it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) db: Db,
    pub(crate) key: Arc<SigningKey>,
    pub(crate) clock: Clock,
    pub(crate) peer: Peer,
}

/// The other unit as this one knows it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) key: VerifyingKey,
    pub(crate) oversight: Arc<Oversight>,
}

/// The way to the other unit. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Way(Arc<Client>);

/// Why a message got no receipt.
pub(crate) enum Lost {
    /// It did not arrive, or no answer did.
    Away(String),
    /// The witness keeps another log than this one.
    Contradicts(String),
    /// This unit's own database failed.
    Fault(anyhow::Error),
}

impl From<anyhow::Error> for Lost {
    fn from(error: anyhow::Error) -> Self {
        Self::Fault(error)
    }
}

impl Way {
    pub(crate) fn new(client: Client) -> Self {
        Self(Arc::new(client))
    }

    /// Posts on a thread of its own: the client blocks.
    async fn post<B, T>(&self, path: &'static str, body: B) -> Result<T, Lost>
    where
        B: Serialize + Send + 'static,
        T: DeserializeOwned + Send + 'static,
    {
        let client = Arc::clone(&self.0);
        let posted = tokio::task::spawn_blocking(move || client.post(path, &body)).await;
        posted.map_err(|_| Lost::Away("the message was given up".into()))?.map_err(lost)
    }
}

fn lost(error: ClientError) -> Lost {
    match error {
        ClientError::Refused(problem) if contradicts(&problem) => Lost::Contradicts(problem.detail),
        other => Lost::Away(other.to_string()),
    }
}

fn contradicts(problem: &Problem) -> bool {
    problem.code == submission::ProblemCode::LogBehind
}

impl Log {
    fn installation(&self) -> String {
        self.db.installation().as_str().to_owned()
    }

    /// Asks the witness for the newest that it keeps about this log.
    pub(crate) async fn ask(&self, way: &Way) -> Result<WitnessAnswer, Lost> {
        let unit = super::unit_name(self.db.unit())?;
        let question = WitnessQuestion::fresh(self.installation(), unit, &SystemRandom::new())
            .context("the question to the witness")?;
        let asked = Signed::sign(question.clone(), &self.key).context("the question")?;
        let answer: Signed<WitnessAnswer> = way.post("/v1/witness/newest", asked).await?;
        let checked = answer.is_for(&question, &self.peer.key, &self.key.public());
        // Whoever answers without the key is nobody; the witness may still be reached later.
        let foreign = |_| Lost::Away("the answer is not signed by the other unit".into());
        Ok(checked.map_err(foreign)?.clone())
    }

    /// Sends what is due and keeps the receipt; the entry up to which it vouches, or `None` where
    /// nothing is due.
    pub(crate) async fn send_due(&self, way: &Way) -> Result<Option<Head>, Lost> {
        let due = store::witness::due(&self.db).await.context("reading the log")?;
        let Some(standing) = due else { return Ok(None) };
        let (head, generation) = (standing.head, standing.generation);
        let statement = self.statement(standing)?;
        let signed = Signed::sign(statement.clone(), &self.key).context("the statement")?;
        let ceremony = self.ceremony_for(generation).await?;
        let message = WitnessMessage { statement: signed.clone(), ceremony };
        let receipt: Signed<WitnessReceipt> = way.post("/v1/witness", message).await?;
        let foreign = |_| Lost::Away("the receipt is not the other unit's, or not for this".into());
        receipt.is_for(&statement, &self.peer.key).map_err(foreign)?;
        let (statement, receipt) = (text(&signed)?, text(&receipt)?);
        let new = NewReceipt { generation, head, statement: &statement, receipt: &receipt };
        let kept = store::witness::keep_receipt(&self.db, &new, self.clock.now()).await;
        kept.context("keeping the receipt")?;
        Ok(Some(head))
    }

    fn statement(&self, standing: Standing) -> anyhow::Result<WitnessStatement> {
        let line = |own: store::witness::LineageTotal| {
            let (rho, delta) = (own.price.rho, own.price.delta);
            Ok(SpentLine { project: Name::new(own.project)?, year: own.year, rho, delta })
        };
        Ok(WitnessStatement {
            format: WitnessStatement::FORMAT.into(),
            installation: self.installation(),
            unit: super::unit_name(self.db.unit())?,
            generation: standing.generation,
            sequence: standing.head.sequence,
            head: Digest::from_bytes(standing.head.hash),
            spent: standing.spent.into_iter().map(line).collect::<anyhow::Result<_>>()?,
            at: self.clock.now(),
        })
    }

    /// The documents of the restore that the witness does not know of yet.
    async fn ceremony_for(&self, generation: u64) -> anyhow::Result<Option<String>> {
        let newest = store::witness::newest_receipt(&self.db).await?;
        if newest.is_some_and(|own| own.generation == generation) {
            return Ok(None);
        }
        Ok(store::witness::newest_restored(&self.db).await?.map(|own| own.documents))
    }
}

fn text<T: Serialize>(value: &T) -> anyhow::Result<String> {
    Ok(serde_json::to_string(value)?)
}
