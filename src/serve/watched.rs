//! A unit's log before and while it is served: compared at the start, witnessed from then on.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use audit::UnitKind;
use policy::PolicySet;
use statistics_unit::Gate;
use store::Db;
use submission::{Clock, SigningKey, VerifyingKey};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::warn;

use crate::config::WitnessPost;
use crate::witness::{self, Log, Peer, Start, Way};
use crate::{Client, api};

/// A log that was compared with everything that is known of it.
pub(super) struct Watched {
    pub(super) log: Log,
    pub(super) gate: Gate,
    way: Option<(Way, Start)>,
}

impl Watched {
    /// Compares the log with its own receipts, with the anchor and with the witness.
    ///
    /// # Errors
    /// Where one of them knows a later or another log: the unit must not start.
    pub(super) async fn check(
        log: Log,
        post: Option<&WitnessPost>,
        anchor: Option<&Path>,
    ) -> anyhow::Result<Self> {
        witness::check_own(&log.db).await?;
        if let Some(anchor) = anchor {
            witness::check_anchor(&log.db, anchor).await?;
        }
        if let Some(days) = api::late_days(&log).await? {
            warn!(days, "the countersignature of this log is late; nothing stops for it");
        }
        let Some(post) = post else {
            warn!("no witness is configured: a restored backup would hand back spent budget");
            return Ok(Self { log, gate: Gate::without_witness(), way: None });
        };
        let way = way(post)?;
        let gate = Gate::closed(log.peer.oversight.unwitnessed_percent);
        let start = witness::start(&log, &way, &gate).await?;
        Ok(Self { log, gate, way: Some((way, start)) })
    }

    /// How the units are separated, with what witnesses the ledger.
    pub(super) fn separation(&self, stated: &str) -> String {
        let stated = stated.trim_end_matches('.');
        match self.way {
            Some(_) => format!("{stated}. Jede Ausgabe von Budget bestätigt die andere Stelle."),
            None => format!("{stated}. Ausgaben von Budget bestätigt keine andere Stelle."),
        }
    }

    /// Has the log witnessed until the unit ends, and ends the unit where the witness knows another
    /// log.
    pub(super) fn carry_on(self, stop: watch::Sender<bool>) -> JoinHandle<Result<(), String>> {
        let stopped = stop.subscribe();
        tokio::spawn(async move {
            let Some((way, start)) = self.way else { return Ok(()) };
            let done = witness::watch(self.log, way, self.gate, start, stopped).await;
            if done.is_err() {
                // Nobody listening any more is what is wanted.
                let _ = stop.send(true);
            }
            done
        })
    }
}

/// The way to the other unit.
pub(crate) fn way(post: &WitnessPost) -> anyhow::Result<Way> {
    let pem = match &post.authority {
        Some(path) => {
            let shown = path.display();
            Some(std::fs::read(path).with_context(|| format!("cannot read {shown}"))?)
        }
        None => None,
    };
    let client = Client::of_a_unit(&post.url, pem.as_deref()).context("witness")?;
    Ok(Way::new(client))
}

/// The log of a unit whose database is open.
pub(crate) fn log(
    db: &Db,
    key: &Arc<SigningKey>,
    clock: &Clock,
    peer: VerifyingKey,
    policies: &PolicySet,
) -> Log {
    let peer = Peer { key: peer, oversight: Arc::new(policies.oversight.clone()) };
    Log { db: db.clone(), key: Arc::clone(key), clock: clock.clone(), peer }
}

/// Whose database a configuration is about.
pub(crate) fn kind(unit: crate::UnitName) -> UnitKind {
    match unit {
        crate::UnitName::Linkage => UnitKind::Linkage,
        crate::UnitName::Statistics => UnitKind::Statistics,
    }
}
