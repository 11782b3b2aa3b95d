//! The figures themselves, read anew for each look.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::Context;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use store::witness;

use crate::api;
use crate::witness::Log;

/// Answers by class of their status, counted since the start.
#[derive(Default)]
pub(crate) struct Counted([AtomicU64; 6]);

impl Counted {
    /// Counts an answer with this status.
    pub(crate) fn add(&self, status: u16) {
        let class = usize::from(status / 100);
        if let Some(own) = self.0.get(class) {
            own.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Class and number, such as `("2xx", 17)`.
    fn classes(&self) -> impl Iterator<Item = (&'static str, u64)> {
        const NAMES: [&str; 6] = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx"];
        NAMES
            .into_iter()
            .zip(&self.0)
            .skip(2)
            .map(|(name, own)| (name, own.load(Ordering::Relaxed)))
    }
}

/// What the figures are read from.
#[derive(Clone)]
pub(crate) struct Watched {
    log: Log,
    counted: Arc<Counted>,
    folder: Option<PathBuf>,
    since: Instant,
}

impl Watched {
    /// `folder` is where the database lies, if in a file.
    pub(crate) fn new(log: Log, counted: Arc<Counted>, folder: Option<PathBuf>) -> Self {
        Self { log, counted, folder, since: Instant::now() }
    }
}

/// One label, by its name.
type One = [(&'static str, String); 1];
type Two = [(&'static str, String); 2];

/// OpenMetrics 1.0 text.
pub(crate) async fn figures(own: &Watched) -> anyhow::Result<String> {
    let mut registry = Registry::with_prefix("milchglas");
    process(&mut registry, own);
    log(&mut registry, own).await?;
    if let Some(folder) = &own.folder {
        disk(&mut registry, folder)?;
    }
    let mut text = String::new();
    encode(&mut text, &registry).context("writing the figures")?;
    Ok(text)
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge = Gauge::<i64>::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn whole(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn process(registry: &mut Registry, own: &Watched) {
    let unit = own.log.db.unit().as_str().to_owned();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    registry.register(
        "build",
        "Program and unit",
        Info::new([("version", version), ("unit", unit)]),
    );
    let up = Gauge::<i64>::default();
    up.set(whole(own.since.elapsed().as_secs()));
    registry.register_with_unit("up", "Time since the start", Unit::Seconds, up);
    let answers = Family::<One, Counter>::default();
    for (class, number) in own.counted.classes() {
        answers.get_or_create(&[("class", class.to_owned())]).inc_by(number);
    }
    registry.register("responses", "Answers since the start, by class of status", answers);
}

async fn log(registry: &mut Registry, own: &Watched) -> anyhow::Result<()> {
    let (db, now) = (&own.log.db, own.log.clock.now());
    let standing = witness::standing(db).await?;
    gauge(registry, "log_sequence", "Newest entry of the log", whole(standing.head.sequence));
    if let Some(receipt) = witness::newest_receipt(db).await? {
        let help = "Newest entry of the log that the other unit has witnessed";
        gauge(registry, "log_witnessed_sequence", help, whole(receipt.head.sequence));
        let age = now.saturating_sub(receipt.at).max(0);
        gauge(registry, "log_witnessed_age_seconds", "Since when nothing was witnessed", age);
    }
    let late = api::late_days(&own.log).await?.unwrap_or(0);
    let help = "Days by which the officer's countersignature is late; 0 where it is not";
    gauge(registry, "countersignature_late_days", help, late);
    let spent = Family::<Two, Gauge>::default();
    for line in &standing.spent {
        let labels = [("project", line.project.clone()), ("year", line.year.to_string())];
        spent.get_or_create(&labels).set(whole(line.price.rho));
    }
    let help = "Budget spent per project and event year, in 1e-9 rho";
    registry.register("budget_spent_nano_rho", help, spent);
    Ok(())
}

fn disk(registry: &mut Registry, folder: &Path) -> anyhow::Result<()> {
    let shown = || format!("looking at the disk of {}", folder.display());
    let state = rustix::fs::statvfs(folder).with_context(shown)?;
    let free = state.f_bavail.saturating_mul(state.f_frsize);
    gauge(registry, "disk_free_bytes", "Room left where the database lies", whole(free));
    Ok(())
}
