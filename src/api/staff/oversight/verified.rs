//! Whether the log can be relied on, looked at for a page.

use std::io;

use audit::{Broken, PublicKey, Report, Verifier};
use ring::signature::KeyPair;

use crate::api::answer::Refusal;
use crate::api::staff::Language;
use crate::api::unit::Unit;
use crate::pages::staff::oversight::log::Verified;
use crate::pages::staff::when::number;

/// Up to so many entries are verified whenever the page is opened; more only when asked for.
const AT_ONCE: u64 = 1_000;

/// Verifies the whole log where it is short or `all` is wanted: every link of the chain, every
/// checkpoint with the unit's own key, and the newest countersigned head as an anchor.
pub(super) async fn verified<U: Unit>(
    unit: &U,
    all: bool,
    language: Language,
) -> Result<Verified, Refusal> {
    let head = store::chain::head(unit.db()).await?;
    if head.sequence > AT_ONCE && !all {
        let says = language.say(
            "Bei diesem Aufruf nicht geprüft, das Protokoll ist lang.",
            "Not verified at this visit, the log is long.",
        );
        return Ok(Verified { says: says.to_owned(), tone: "waits", offer: true });
    }
    let (says, tone) = match verify(unit).await? {
        Ok(report) => (sound(&report, language), "good"),
        Err(broken) => (unsound(broken, language), "bad"),
    };
    Ok(Verified { says, tone, offer: false })
}

async fn verify<U: Unit>(unit: &U) -> Result<Result<Report, Broken>, Refusal> {
    let public = unit.key().key_pair().public_key().as_ref().try_into().ok();
    let signed = store::witness::newest_countersigned(unit.db(), unit.db().unit()).await?;
    let anchors = signed.into_iter().map(|own| own.head).collect();
    let mut verifier = Verifier::new(public.map(PublicKey::from_bytes), anchors);
    let mut found = None;
    let sink = |line: &str| {
        verifier.line(line.as_bytes()).map_err(|broken| {
            found = Some(broken);
            io::Error::other("the log does not verify")
        })
    };
    let exported = store::chain::export(unit.db(), sink).await;
    if let Some(broken) = found {
        return Ok(Err(broken));
    }
    exported?;
    Ok(verifier.finish())
}

fn sound(report: &Report, language: Language) -> String {
    let (all, confirmed) = (report.head.sequence, report.confirmed);
    let count = |own| number(own, language);
    match language {
        Language::German => format!(
            "Eben ganz geprüft: alle {} Einträge hängen lückenlos zusammen; bis Eintrag {} \
             bürgt eine Unterschrift der Stelle oder eine Gegenzeichnung.",
            count(all),
            count(confirmed)
        ),
        Language::English => format!(
            "All of it verified just now: all {} entries are chained without a gap; up to entry {} \
             a signature of the unit or a countersignature vouches.",
            count(all),
            count(confirmed)
        ),
    }
}

fn unsound(broken: Broken, language: Language) -> String {
    let (sequence, reason) = (broken.sequence, broken.reason);
    match language {
        Language::German => format!(
            "Nicht in Ordnung: Eintrag {sequence} ist der erste, auf den kein Verlass ist ({reason}). \
             Melden Sie das den Betrieben beider Stellen und laden Sie das Protokoll herunter."
        ),
        Language::English => format!(
            "Not sound: entry {sequence} is the first that cannot be relied on ({reason}). Tell the \
             operators of both units and download the log."
        ),
    }
}
