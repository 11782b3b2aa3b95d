//! The courier: carries link maps from the linkage unit to the statistics unit, by itself.
//!
//! The units have no connection to each other. The courier runs at the operator's, has the
//! operator's two tokens and nothing else, and carries what is sealed: it can delay a link map or
//! lose it, not read, alter or replay it.

mod config;
mod patience;

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::bail;
use linkage_unit::SnapshotLine;
use policy::Name;
use serde::Deserialize;
use submission::{ProblemCode, SnapshotId};
use tracing::{info, warn};

pub use config::{CourierConfig, CourierProject, Post};
use patience::Patience;

use crate::transfer::transfer;
use crate::{Client, ClientError};

/// Carries link maps until it is stopped. Blocking.
pub struct Courier {
    interval: Duration,
    routes: Vec<Route>,
}

/// What the courier did, or could not do.
pub struct Errand {
    /// The project.
    pub project: Name,
    /// The snapshot; none where it did not come to one.
    pub snapshot: Option<SnapshotId>,
    /// The period by whose rule the snapshot was made.
    pub period: Option<Name>,
    /// The log entry of the statistics unit that recorded the map, or why there is none yet.
    pub outcome: anyhow::Result<u64>,
}

struct Route {
    project: Name,
    by_hand: bool,
    linkage: Client,
    statistics: Client,
    way: Patience,
    refused: BTreeMap<SnapshotId, Patience>,
}

#[derive(Deserialize)]
struct Frozen {
    project: Name,
    snapshots: Vec<SnapshotLine>,
}

#[derive(Deserialize)]
struct Accepted {
    project: Name,
    accepted: Vec<SnapshotId>,
}

impl Courier {
    /// Pause after the first failure on the way.
    const FIRST_PAUSE: Duration = Duration::from_secs(5);
    /// Rounds to wait after a refusal that does not heal by itself.
    const SLOWER: u32 = 4;

    /// Reads the tokens and checks the addresses; asks nobody yet.
    ///
    /// # Errors
    /// Says which file or address cannot be used.
    pub fn new(config: &CourierConfig) -> anyhow::Result<Self> {
        config.check()?;
        let mut routes = Vec::with_capacity(config.projects.len());
        for own in &config.projects {
            routes.push(Route {
                project: own.name.clone(),
                by_hand: own.by_hand,
                linkage: own.linkage.client()?,
                statistics: own.statistics.client()?,
                way: Patience::default(),
                refused: BTreeMap::new(),
            });
        }
        Ok(Self { interval: config.interval(), routes })
    }

    /// Makes a round every interval, until `stop` brings something or its sender is gone. What is
    /// being carried then is carried to its end.
    pub fn run(mut self, stop: &Receiver<()>) {
        info!(projects = self.routes.len(), "carrying link maps");
        loop {
            self.round();
            if !matches!(stop.recv_timeout(self.interval), Err(RecvTimeoutError::Timeout)) {
                info!("stopped");
                return;
            }
        }
    }

    /// Carries what is waiting, oldest first, and returns what became of each; nothing where
    /// nothing waits.
    pub fn round(&mut self) -> Vec<Errand> {
        let (now, slowly) = (Instant::now(), self.interval.saturating_mul(Self::SLOWER));
        let mut errands = Vec::new();
        for route in &mut self.routes {
            if route.way.is_over(now) {
                route.round(now, slowly, &mut errands);
            }
        }
        errands
    }
}

impl Route {
    fn round(&mut self, now: Instant, slowly: Duration, errands: &mut Vec<Errand>) {
        let waiting = match self.waiting() {
            Ok(waiting) => waiting,
            Err(error) => {
                let pause = self.way.fail(now, Courier::FIRST_PAUSE);
                let (project, again) = (&self.project, pause.as_secs());
                warn!(%project, again_in_seconds = again, "cannot ask the units: {error:#}");
                errands.push(self.errand(None, Err(error)));
                return;
            }
        };
        self.forget_all_but(&waiting);
        for line in waiting {
            if self.refused.get(&line.snapshot).is_some_and(|own| !own.is_over(now)) {
                continue;
            }
            let done = transfer(&self.linkage, &self.statistics, line.snapshot);
            let on_the_way = self.keep(&line, done.as_ref(), now, slowly);
            errands.push(self.errand(Some(&line), done.map_err(anyhow::Error::from)));
            if on_the_way {
                return;
            }
        }
        self.way.succeed();
    }

    /// The snapshots that are newer than every accepted one, oldest first. An older one is never
    /// carried: people would ask the newest and get it.
    fn waiting(&self) -> anyhow::Result<Vec<SnapshotLine>> {
        let frozen: Frozen = self.linkage.get("/v1/snapshots")?;
        self.is_own(&frozen.project, "linkage")?;
        let own = |line: &SnapshotLine| self.by_hand || line.period.is_some();
        let mut lines: Vec<SnapshotLine> = frozen.snapshots.into_iter().filter(own).collect();
        if lines.is_empty() {
            return Ok(lines);
        }
        let known: Accepted = self.statistics.get("/v1/link-maps")?;
        self.is_own(&known.project, "statistics")?;
        let newest = lines.iter().rposition(|line| known.accepted.contains(&line.snapshot));
        Ok(lines.split_off(newest.map_or(0, |place| place + 1)))
    }

    fn is_own(&self, found: &Name, unit: &str) -> anyhow::Result<()> {
        if *found != self.project {
            bail!("the token for the {unit} unit is of project `{found}`; name its own token file");
        }
        Ok(())
    }

    fn forget_all_but(&mut self, waiting: &[SnapshotLine]) {
        let project = &self.project;
        self.refused.retain(|snapshot, _| {
            let waits = waiting.iter().any(|line| line.snapshot == *snapshot);
            if !waits {
                info!(%project, %snapshot, "given up: a newer snapshot was accepted");
            }
            waits
        });
    }

    /// Says what became of a snapshot and when it is tried again; whether the way is closed, so
    /// that the others need not be tried.
    fn keep(
        &mut self,
        line: &SnapshotLine,
        done: Result<&u64, &ClientError>,
        now: Instant,
        slowly: Duration,
    ) -> bool {
        let (project, snapshot) = (&self.project, line.snapshot);
        let period = line.period.as_ref().map_or("by hand", Name::as_str);
        let error = match done {
            Ok(entry) => {
                info!(%project, %snapshot, period, entry, "accepted");
                self.refused.remove(&snapshot);
                return false;
            }
            Err(error) => error,
        };
        let (pause, closed) = match error {
            ClientError::Refused(problem) => {
                let soon = [ProblemCode::Busy, ProblemCode::Internal, ProblemCode::RequestUsed];
                let first =
                    if soon.contains(&problem.code) { Courier::FIRST_PAUSE } else { slowly };
                (self.refused.entry(snapshot).or_default().fail(now, first), false)
            }
            _ => (self.way.fail(now, Courier::FIRST_PAUSE), true),
        };
        let again = pause.as_secs();
        warn!(%project, %snapshot, period, again_in_seconds = again, "not accepted: {error}");
        closed
    }

    fn errand(&self, line: Option<&SnapshotLine>, outcome: anyhow::Result<u64>) -> Errand {
        Errand {
            project: self.project.clone(),
            snapshot: line.map(|own| own.snapshot),
            period: line.and_then(|own| own.period.clone()),
            outcome,
        }
    }
}

#[cfg(test)]
mod tests;
