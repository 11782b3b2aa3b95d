//! What a start compares: this database with everything that others know of it.

use std::path::Path;

use anyhow::{Context, bail};
use audit::{Anchor, Countersignature, PublicKey, UnitKind};
use policy::Oversight;
use store::witness::LineageTotal;
use store::{Db, Head};
use submission::{SpentLine, WitnessAnswer, WitnessStatement};
use tracing::warn;

/// What to do about a database that is older than what others know of it, in both languages.
const WHAT_TO_DO: &str = "Die Stelle startet nicht, weil sonst ausgegebenes Budget noch einmal ausgegeben würde. Spielen \
     Sie den neuesten Stand der Datenbank ein; gibt es keinen, folgt die Wiederherstellung zu \
     zweit: `milchglas audit restore request --help`.\n\
     The unit does not start, because spent budget would be spent again. Put back the newest state \
     of the database; where there is none, two people restore it: `milchglas audit restore request \
     --help`.";

fn older(seen: &str, head: Head, who: &str) -> String {
    format!(
        "das Protokoll dieser Stelle {seen} ist nicht das, dessen Eintrag {} {who} kennt. / this \
         unit's log {seen} is not the one whose entry {} {who} knows ({head}).\n{WHAT_TO_DO}",
        head.sequence, head.sequence
    )
}

/// Compares with an anchor that somebody kept outside.
///
/// # Errors
/// Where the file is none of this log, or this log does not hold its head.
pub(crate) async fn check_anchor(db: &Db, path: &Path) -> anyhow::Result<()> {
    let shown = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?.len();
    if size > 4096 {
        bail!("{shown} is too long for an anchor");
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    let anchor = Anchor::from_json(&text).with_context(|| format!("in {shown}"))?;
    if anchor.unit != db.unit() || anchor.installation != *db.installation() {
        bail!("{shown} is an anchor of another unit or installation; name this unit's own");
    }
    if store::witness::hash_at(db, anchor.head.sequence).await? != Some(anchor.head.hash) {
        let lost = store::witness::lost_since(db, anchor.generation).await?;
        if lost.is_some_and(|first| anchor.head.sequence >= first) {
            bail!("{shown} was taken before this log was restored; take a new anchor of it");
        }
        bail!(older(&ends(db).await?, anchor.head, &format!("{shown}")));
    }
    Ok(())
}

/// Compares the log with the receipts and countersignatures in its own database.
///
/// # Errors
/// Where one of them is about an entry that is not there any more.
pub(crate) async fn check_own(db: &Db) -> anyhow::Result<()> {
    let receipt = store::witness::newest_receipt(db).await?.map(|own| own.head);
    let signed = store::witness::newest_countersigned(db, db.unit()).await?.map(|own| own.head);
    for head in [receipt, signed].into_iter().flatten() {
        if store::witness::hash_at(db, head.sequence).await? != Some(head.hash) {
            bail!(older(&ends(db).await?, head, "die eigene Datenbank / this very database"));
        }
    }
    Ok(())
}

async fn ends(db: &Db) -> anyhow::Result<String> {
    let sequence = store::chain::head(db).await?.sequence;
    Ok(format!("(Ende: Eintrag / end: entry {sequence})"))
}

/// Compares the log with what the witness keeps. Why it is another one, or nothing.
pub(crate) async fn contradiction(
    db: &Db,
    oversight: &Oversight,
    answer: &WitnessAnswer,
) -> anyhow::Result<Option<String>> {
    if let Some(newest) = answer.newest.as_ref().map(|own| &own.document)
        && let Some(why) = behind(db, newest).await?
    {
        return Ok(Some(why));
    }
    let Some(document) = &answer.countersigned else { return Ok(None) };
    let Some(signed) = countersigned(oversight, db.unit(), document) else {
        warn!("the witness keeps a countersignature whose signature no policy knows; left aside");
        return Ok(None);
    };
    let head = signed.countersigned.head;
    let lost = store::witness::lost_since(db, signed.countersigned.generation).await?;
    // Two people approved that this entry is gone.
    let passed = lost.is_some_and(|first| head.sequence >= first);
    if passed || store::witness::hash_at(db, head.sequence).await? == Some(head.hash) {
        return Ok(None);
    }
    let who = "der Datenschutz (Gegenzeichnung) / the data protection officer (countersignature)";
    Ok(Some(older(&ends(db).await?, head, who)))
}

async fn behind(db: &Db, newest: &WitnessStatement) -> anyhow::Result<Option<String>> {
    let own = store::witness::standing(db).await?;
    let head = Head { sequence: newest.sequence, hash: *newest.head.as_bytes() };
    let who = "die andere Stelle / the other unit";
    // The witness does not know yet of a restore that two people approved.
    if newest.generation < own.generation {
        return Ok(None);
    }
    let same = store::witness::hash_at(db, head.sequence).await? == Some(head.hash);
    if newest.generation > own.generation || !same {
        return Ok(Some(older(&ends(db).await?, head, who)));
    }
    let less = newest.spent.iter().find(|line| {
        let kept = own.spent.iter().find(|own| is_of(own, line));
        kept.is_none_or(|own| own.price.rho < line.rho || own.price.delta < line.delta)
    });
    Ok(less.map(|line| {
        let SpentLine { project, year, rho, .. } = line;
        format!(
            "laut der anderen Stelle hat {project} für {year} schon {rho} nano-rho ausgegeben, diese \
             Datenbank weiß von weniger. / the other unit knows that {project} has spent {rho} \
             nano-rho of {year}, this database knows of less.\n{WHAT_TO_DO}"
        )
    }))
}

pub(crate) fn is_of(own: &LineageTotal, line: &SpentLine) -> bool {
    own.project == line.project.as_str() && own.year == line.year
}

/// A countersignature of that log by somebody whom the policies name, with a signature that
/// verifies.
pub(crate) fn countersigned(
    oversight: &Oversight,
    unit: UnitKind,
    document: &str,
) -> Option<Countersignature> {
    let read = Countersignature::from_json(document).ok()?;
    let signer = oversight.signer(&read.countersigned.officer)?;
    let key = PublicKey::from_bytes(*signer.public_key.as_bytes());
    let good = signer.role.is_officer() && read.countersigned.unit == unit;
    (good && read.is_signed_by(&key)).then_some(read)
}
