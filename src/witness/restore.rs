//! What two people do after a backup was put back: the request, and what it leads to.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use audit::{Approval, BurnLine, Ceremony, RestoreRequest, Witnessed};
use policy::{Name, PolicySet};
use store::ledger::Price;
use store::witness::{self as kept, LineageTotal, Restored, Standing};
use store::{Head, UnitKind};
use submission::{WitnessAnswer, WitnessStatement};

use super::holder::approver;
use super::log::{Log, Lost, Way};

/// Makes the request about this database: what the witness knows to be spent and it does not.
///
/// # Errors
/// Where the witness does not answer, or knows nothing that this database lacks.
pub(crate) async fn request(
    log: &Log,
    way: &Way,
    policies: &PolicySet,
    with_tranche: bool,
) -> anyhow::Result<RestoreRequest> {
    let (answer, standing) = (newest(log, way).await?, kept::standing(&log.db).await?);
    if super::check::contradiction(&log.db, &policies.oversight, &answer).await?.is_none() {
        bail!("this database is the one that the witness knows: start the unit, nothing is lost");
    }
    made(log, policies, answer, &standing, with_tranche, log.clock.now())
}

async fn newest(log: &Log, way: &Way) -> anyhow::Result<WitnessAnswer> {
    match log.ask(way).await {
        Ok(answer) => Ok(answer),
        Err(Lost::Away(why) | Lost::Contradicts(why)) => {
            bail!("the other unit does not answer ({why}); the restore needs what it keeps")
        }
        Err(Lost::Fault(error)) => Err(error),
    }
}

fn made(
    log: &Log,
    policies: &PolicySet,
    answer: WitnessAnswer,
    standing: &Standing,
    with_tranche: bool,
    at: i64,
) -> anyhow::Result<RestoreRequest> {
    let newest = answer.newest.map(|own| own.document);
    let burn = match log.db.unit() {
        UnitKind::Linkage => Vec::new(),
        UnitKind::Statistics => {
            let tranche = if with_tranche {
                tranches(policies, newest.as_ref(), standing, at)?
            } else {
                BTreeMap::new()
            };
            difference(newest.as_ref(), standing, tranche)?
        }
    };
    let witnessed = newest.as_ref().map(|own| Witnessed {
        generation: own.generation,
        head: Head { sequence: own.sequence, hash: *own.head.as_bytes() },
    });
    let whose = (log.db.unit(), log.db.installation().clone());
    Ok(RestoreRequest::new(whose, standing.head, witnessed, (burn, with_tranche), at))
}

type Lineages = BTreeMap<(String, u16), Price>;

fn lineages(newest: Option<&WitnessStatement>) -> Lineages {
    let lines = newest.map_or(&[][..], |own| own.spent.as_slice());
    let line = |own: &submission::SpentLine| {
        ((own.project.to_string(), own.year), Price { rho: own.rho, delta: own.delta })
    };
    lines.iter().map(line).collect()
}

/// What was spent and is lost, and what may have been spent beside it.
fn difference(
    newest: Option<&WitnessStatement>,
    standing: &Standing,
    tranche: Lineages,
) -> anyhow::Result<Vec<BurnLine>> {
    let own: Lineages =
        standing.spent.iter().map(|own| ((own.project.clone(), own.year), own.price)).collect();
    let mut burn = tranche;
    for (lineage, stated) in lineages(newest) {
        let kept = own.get(&lineage).copied().unwrap_or(Price { rho: 0, delta: 0 });
        let line = burn.entry(lineage).or_insert(Price { rho: 0, delta: 0 });
        line.rho = line.rho.checked_add(stated.rho.saturating_sub(kept.rho)).context("too much")?;
        let delta = stated.delta.saturating_sub(kept.delta);
        line.delta = line.delta.checked_add(delta).context("too much")?;
    }
    burn.retain(|_, price| price.rho > 0 || price.delta > 0);
    let line = |((project, year), price): ((String, u16), Price)| {
        let Price { rho, delta } = price;
        BurnLine { project, year, rho, delta }
    };
    Ok(burn.into_iter().map(line).collect())
}

/// What every lineage may have spent while nobody witnessed: the tranche of the largest cap of its
/// project, for each event year that anybody has spent of, this year and the last.
fn tranches(
    policies: &PolicySet,
    newest: Option<&WitnessStatement>,
    standing: &Standing,
    at: i64,
) -> anyhow::Result<Lineages> {
    let this = jiff::Timestamp::from_second(at)?.to_zoned(jiff::tz::TimeZone::UTC).year();
    let this = u16::try_from(this)?;
    let mut years: Vec<u16> = vec![this, this.saturating_sub(1)];
    years.extend(lineages(newest).keys().map(|(_, year)| *year));
    years.extend(standing.spent.iter().map(|own| own.year));
    let mut caps: BTreeMap<&Name, Price> = BTreeMap::new();
    for purpose in policies.purposes.values() {
        let part =
            statistics_unit::part_of_cap(&purpose.budget, policies.oversight.unwitnessed_percent);
        let cap = caps.entry(&purpose.project).or_insert(Price { rho: 0, delta: 0 });
        *cap = Price { rho: cap.rho.max(part.rho), delta: cap.delta.max(part.delta) };
    }
    let every = caps.iter().flat_map(|(project, price)| {
        years.iter().map(move |year| ((project.to_string(), *year), *price))
    });
    Ok(every.collect())
}

/// Carries out an approved request and tells the witness.
///
/// # Errors
/// Where approvals are missing or of another request, where the database or the witness has gone
/// on since, and where the witness does not answer: then the next start tells it.
pub(crate) async fn apply(
    log: &Log,
    way: &Way,
    policies: &PolicySet,
    request: RestoreRequest,
    approvals: Vec<Approval>,
) -> anyhow::Result<Restored> {
    if request.unit != log.db.unit() || request.installation != *log.db.installation() {
        bail!("the request is about another unit or installation");
    }
    let (answer, standing) = (newest(log, way).await?, kept::standing(&log.db).await?);
    let again = made(log, policies, answer, &standing, request.with_tranche, request.at)?;
    if again != request {
        bail!(
            "this database, the policies or the witness have changed since the request was made; \
             make a new one and have it approved"
        );
    }
    let ceremony = Ceremony { request, approvals };
    let approved_by = ceremony.approved_by(|name| approver(&policies.oversight, name))?;
    let Ceremony { request, .. } = &ceremony;
    let burn: Vec<LineageTotal> = request.burn.iter().map(total).collect();
    let (documents, digest) = (ceremony.to_json()?, request.digest()?);
    let done = kept::Ceremony {
        restored: request.restored,
        witnessed: request.witnessed.map(|own| (own.generation, own.head)),
        burn: &burn,
        documents: &documents,
        digest: &digest,
        approved_by: &approved_by,
    };
    let restored = kept::burn(&log.db, &done, log.clock.now()).await?;
    match log.send_due(way).await {
        Ok(_) => Ok(restored),
        Err(Lost::Away(why)) => {
            bail!("done here, but the witness was not told ({why}); the start tells it")
        }
        Err(Lost::Contradicts(why)) => bail!("done here, but the witness refuses it: {why}"),
        Err(Lost::Fault(error)) => Err(error),
    }
}

fn total(line: &BurnLine) -> LineageTotal {
    let price = Price { rho: line.rho, delta: line.delta };
    LineageTotal { project: line.project.clone(), year: line.year, price }
}
