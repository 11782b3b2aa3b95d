//! The other side: what a unit does as witness of the other's log.

use audit::{Approver, Ceremony, Countersignature, PublicKey};
use policy::{Digest, Oversight};
use store::witness::{Countersigned, Holding, LineageTotal, NewStatement};
use store::{Head, ledger::Price};
use submission::{
    Document, Problem, ProblemCode, Signed, WitnessAnswer, WitnessMessage, WitnessQuestion,
    WitnessReceipt, WitnessStatement,
};

use super::check::countersigned;
use super::log::Log;
use super::{other, unit_name};

/// Why nothing was kept or answered.
pub(crate) enum Refused {
    /// Not the other unit: it looks as if there were nothing here.
    Stranger,
    /// The other unit, or an officer, has to change something.
    Problem(Problem),
    /// This unit's own database failed.
    Store(store::Error),
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

fn stranger<E>(_: E) -> Refused {
    Refused::Stranger
}

fn behind(detail: impl Into<String>) -> Refused {
    Refused::Problem(Problem::new(ProblemCode::LogBehind, detail))
}

impl Log {
    fn is_others(&self, installation: &str, unit: &str) -> bool {
        installation == self.db.installation().as_str() && unit == other(self.db.unit()).as_str()
    }
}

/// Keeps a statement of the other unit and signs the receipt; the same statement again gives the
/// same receipt.
pub(crate) async fn keep(
    log: &Log,
    message: &WitnessMessage,
) -> Result<Signed<WitnessReceipt>, Refused> {
    let statement = message.statement.verify(&log.peer.key).map_err(stranger)?;
    if !log.is_others(&statement.installation, statement.unit.as_str()) {
        return Err(Refused::Stranger);
    }
    statement.check().map_err(|error| {
        Refused::Problem(Problem::new(ProblemCode::TooLarge, error.to_string()))
    })?;
    let document = serde_json::to_string(&message.statement).map_err(stranger)?;
    let after_restore = match &message.ceremony {
        Some(ceremony) => Some(approved(log, statement, ceremony)?),
        None => None,
    };
    let spent: Vec<LineageTotal> = statement.spent.iter().map(total).collect();
    let new = NewStatement {
        generation: statement.generation,
        head: Head { sequence: statement.sequence, hash: *statement.head.as_bytes() },
        spent: &spent,
        document: &document,
        after_restore,
    };
    let held = match store::witness::hold(&log.db, &new, log.clock.now()).await? {
        Holding::Held(held) => held,
        Holding::Lower(newest) => {
            return Err(behind(format!("this unit keeps a later statement: entry {newest}")));
        }
        Holding::OtherHead(kept) => {
            return Err(behind(format!("this unit keeps another head of that entry: {kept}")));
        }
        Holding::SpentLess => {
            return Err(behind("a lineage has spent less than was stated before"));
        }
        Holding::NotRestored => {
            return Err(behind(
                "the log was restored and its ceremony does not go on after what this unit keeps",
            ));
        }
    };
    let receipt = WitnessReceipt {
        format: WitnessReceipt::FORMAT.into(),
        statement: Digest::of_json(&stored(&held.document)?.document).map_err(stranger)?,
        entry: held.entry.sequence,
        entry_head: Digest::from_bytes(held.entry.hash),
        held_at: held.at,
    };
    Signed::sign(receipt, &log.key).map_err(stranger)
}

fn stored(document: &str) -> Result<Signed<WitnessStatement>, Refused> {
    let damaged = |_| Refused::Store(store::Error::Damaged("held.statement"));
    serde_json::from_str(document).map_err(damaged)
}

fn total(line: &submission::SpentLine) -> LineageTotal {
    let price = Price { rho: line.rho, delta: line.delta };
    LineageTotal { project: line.project.to_string(), year: line.year, price }
}

/// The statement after which a restored log goes on, if two people whom this unit's own policies
/// name approved it.
fn approved(
    log: &Log,
    statement: &WitnessStatement,
    ceremony: &str,
) -> Result<(u64, Head), Refused> {
    let read = Ceremony::from_json(ceremony).map_err(|error| behind(error.to_string()))?;
    let about = (read.request.installation.as_str(), read.request.unit.as_str());
    if about != (statement.installation.as_str(), statement.unit.as_str()) {
        return Err(behind("the restore is of another unit"));
    }
    let who = |name: &str| approver(&log.peer.oversight, name);
    read.approved_by(who).map_err(|error| behind(error.to_string()))?;
    Ok(read
        .request
        .witnessed
        .map_or((0, Head { sequence: 0, hash: [0; 32] }), |own| (own.generation, own.head)))
}

/// Somebody whose approval counts.
pub(crate) fn approver(oversight: &Oversight, name: &str) -> Option<Approver> {
    let signer = oversight.signer(name)?;
    let key = PublicKey::from_bytes(*signer.public_key.as_bytes());
    Some(Approver { key, officer: signer.role.is_officer() })
}

/// Answers the other unit with the newest that is kept about it.
pub(crate) async fn answer(
    log: &Log,
    asked: &Signed<WitnessQuestion>,
) -> Result<Signed<WitnessAnswer>, Refused> {
    let question = asked.verify(&log.peer.key).map_err(stranger)?;
    if !log.is_others(&question.installation, question.unit.as_str()) {
        return Err(Refused::Stranger);
    }
    let newest = store::witness::newest_held(&log.db).await?;
    let newest = newest.map(|own| stored(&own.document)).transpose()?;
    let signed = store::witness::newest_countersigned(&log.db, other(log.db.unit())).await?;
    let answer = WitnessAnswer {
        format: WitnessAnswer::FORMAT.into(),
        question: Digest::of_json(question).map_err(stranger)?,
        newest,
        countersigned: signed.map(|own| own.document),
    };
    Signed::sign(answer, &log.key).map_err(stranger)
}

/// Takes an officer's countersignature of either unit's log.
pub(crate) async fn countersign(log: &Log, document: &str) -> Result<Countersigned, Refused> {
    let malformed =
        |detail: String| Refused::Problem(Problem::new(ProblemCode::MalformedRequest, detail));
    let read = Countersignature::from_json(document).map_err(|e| malformed(e.to_string()))?;
    let unit = read.countersigned.unit;
    let known = countersigned(&log.peer.oversight, unit, document);
    let known = known.filter(|own| own.countersigned.installation == *log.db.installation());
    let Some(Countersignature { countersigned: own, .. }) = known else {
        let detail = "the signature is not of an officer or deputy whom oversight.toml names, or is \
                      about another installation";
        return Err(Refused::Problem(Problem::new(ProblemCode::SignatureInvalid, detail)));
    };
    let new = Countersigned {
        unit,
        generation: own.generation,
        head: own.head,
        officer: own.officer,
        document: read.to_json().map_err(|e| malformed(e.to_string()))?,
        signed_at: own.at,
    };
    match store::witness::countersign(&log.db, &new, log.clock.now()).await {
        Ok(()) => Ok(new),
        Err(store::Error::Conflict(_)) => {
            let unit = unit_name(unit).map_err(stranger)?;
            Err(behind(format!(
                "the {unit} unit's log does not hold the entry that was countersigned: it is \
                 another log, or an older one. Keep the countersignature and tell the operators of \
                 both units"
            )))
        }
        Err(other) => Err(Refused::Store(other)),
    }
}
