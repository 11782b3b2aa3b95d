//! What must hold whenever the process ended.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use statistics::FAILED_ANSWER;
use store::ledger::{self, Charge, State};
use store::{Db, chain};

use super::place::{CAP, PROJECT};

/// What was seen in the lives of one database.
#[derive(Default)]
pub(super) struct Seen {
    /// Key → what was printed under it, first.
    printed: BTreeMap<String, String>,
    /// Charges that were found being drawn after a death: void from then on.
    interrupted: BTreeSet<String>,
    /// Charges whose stored answer was found not printed, once.
    unheard: BTreeSet<String>,
}

/// What a death left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Found {
    /// A charge that was paid and not drawn.
    Committed,
    /// A charge that was being drawn.
    Drawing,
    /// A stored answer that was not printed.
    Stored,
    /// Nothing was under way.
    Nothing,
}

impl Found {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Drawing => "drawing",
            Self::Stored => "stored",
            Self::Nothing => "nothing",
        }
    }
}

impl Seen {
    /// Takes the whole lines of a life; `true` where there was nothing left to ask.
    pub(super) fn listen(&mut self, output: &str) -> anyhow::Result<bool> {
        let mut exhausted = false;
        // What follows the last line feed was cut off by the death.
        let whole = output.rsplit_once('\n').map_or("", |(whole, _)| whole);
        for line in whole.lines() {
            exhausted |= line == "exhausted";
            let Some((key, body)) =
                line.strip_prefix("answer ").and_then(|own| own.split_once(' '))
            else {
                continue;
            };
            let first = self.printed.entry(key.to_owned()).or_insert_with(|| body.to_owned());
            ensure!(first == body, "`{key}` was answered with other bytes the second time");
        }
        Ok(exhausted)
    }

    /// Compares ledger, log and what was printed, before anything recovers.
    pub(super) async fn check(&mut self, db: &Db) -> anyhow::Result<Found> {
        let charges = ledger::charges(db, PROJECT, 0, 1_000).await?;
        sums_agree(db, &charges).await?;
        log_agrees(db, &charges).await?;
        let by_key: BTreeMap<&str, &Charge> =
            charges.iter().map(|charge| (charge.idempotency_key.as_str(), charge)).collect();
        ensure!(by_key.len() == charges.len(), "a key was charged twice");
        for (key, body) in &self.printed {
            let charge = by_key.get(key.as_str());
            let charge = charge.with_context(|| format!("`{key}` was answered and not charged"))?;
            let same = charge.answer.as_deref() == Some(body.as_bytes());
            ensure!(same, "what is stored under `{key}` is not what was printed");
        }
        for id in &self.interrupted {
            let charge = charges.iter().find(|charge| charge.charge == *id);
            let state = charge.context("a charge is gone")?.state;
            let void = matches!(state, State::Void | State::Drawing);
            ensure!(void, "a draw that was interrupted became {state:?}");
        }
        let mut found = Found::Nothing;
        for charge in &charges {
            found = found.min(self.look(charge)?);
        }
        Ok(found)
    }

    fn look(&mut self, charge: &Charge) -> anyhow::Result<Found> {
        let printed = self.printed.contains_key(&charge.idempotency_key);
        Ok(match charge.state {
            State::Committed => Found::Committed,
            State::Drawing => {
                self.interrupted.insert(charge.charge.clone());
                Found::Drawing
            }
            State::Released => {
                released(charge)?;
                let first = !printed && self.unheard.insert(charge.charge.clone());
                if first { Found::Stored } else { Found::Nothing }
            }
            State::Failed | State::Void => {
                let uniform = charge.answer.as_deref() == Some(FAILED_ANSWER.as_bytes());
                ensure!(uniform, "a failure has an answer of its own");
                Found::Nothing
            }
        })
    }
}

/// A release tells the charge that paid for it.
fn released(charge: &Charge) -> anyhow::Result<()> {
    let [document] = charge.documents().collect::<Vec<_>>()[..] else {
        bail!("a single question has one document");
    };
    let document: Value = serde_json::from_slice(document)?;
    let sequence = document["ledger"]["sequence"].as_u64();
    ensure!(sequence == Some(charge.head.sequence), "a release names another charge");
    ensure!(document["rho_nano"].as_u64() == Some(charge.price.rho), "released above the charge");
    Ok(())
}

/// Totals are the sums of the charges, and below the cap.
async fn sums_agree(db: &Db, charges: &[Charge]) -> anyhow::Result<()> {
    let mut sums: BTreeMap<u16, u64> = BTreeMap::new();
    for charge in charges {
        for year in &charge.years {
            *sums.entry(*year).or_default() += charge.price.rho;
        }
    }
    let totals = ledger::spent_by_year(db, PROJECT).await?;
    let totals: BTreeMap<u16, u64> =
        totals.into_iter().map(|(year, price)| (year, price.rho)).collect();
    ensure!(totals == sums, "the totals {totals:?} are not the sums {sums:?}");
    ensure!(sums.values().all(|sum| *sum <= CAP), "above the cap: {sums:?}");
    Ok(())
}

/// The log verifies, and names each charge and each answer once.
async fn log_agrees(db: &Db, charges: &[Charge]) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    let sink = |line: &str| {
        lines.push(line.to_owned());
        Ok(())
    };
    chain::export(db, sink).await?;
    if let Err(broken) = audit::verify(&lines, None, Vec::new()) {
        bail!("the log breaks at entry {}", broken.sequence);
    }
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for line in &lines {
        let line: Value = serde_json::from_str(line)?;
        if let Some(kind) = line["entry"]["kind"].as_str() {
            *kinds.entry(kind.to_owned()).or_default() += 1;
        }
    }
    let logged = |kind: &str| kinds.get(kind).copied().unwrap_or(0);
    let stored =
        |state: State| charges.iter().filter(|charge| charge.state == state).count() as u64;
    ensure!(logged("charge.committed") == charges.len() as u64, "charges are missing in the log");
    for (kind, state) in [
        ("release.stored", State::Released),
        ("charge.failed", State::Failed),
        ("charge.void", State::Void),
    ] {
        ensure!(logged(kind) == stored(state), "the log has another number of {kind}");
    }
    Ok(())
}
