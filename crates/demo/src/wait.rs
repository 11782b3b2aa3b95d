//! The demo waits, as everybody in a county does, and shows how far things are.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use linkage_unit::{PeriodStage, PeriodState, ScheduleState};
use milchglas::{Client, UnitName};
use policy::Name;
use publication::Document;
use submission::SnapshotId;

use crate::installation::{Installation, Project};
use crate::run::Running;

/// How long the demo waits for one delivery before it gives up.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// How often it asks how far things are.
const LOOK: Duration = Duration::from_millis(50);

/// What one delivery of one county came to.
pub(crate) struct Settled {
    pub(crate) snapshot: SnapshotId,
    pub(crate) documents: Vec<(Document, Vec<u8>)>,
}

/// Both counties on their way to the tables of a period.
pub(crate) struct Wait<'a> {
    period: &'a Name,
    started: Instant,
    counties: Vec<Waiting<'a>>,
    /// Tables that the release plans make of this period; none where it has no run.
    planned: Vec<usize>,
}

struct Waiting<'a> {
    project: &'a Project,
    operator: Client,
    analyst: Client,
    bar: ProgressBar,
}

impl<'a> Wait<'a> {
    pub(crate) fn new(
        installation: &'a Installation,
        running: &Running,
        bars: &MultiProgress,
        period: &'a Name,
    ) -> anyhow::Result<Self> {
        let style = ProgressStyle::with_template("  {prefix:<18} {bar:30} {pos}/{len} {msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let mut counties = Vec::new();
        let mut planned = Vec::new();
        for project in &installation.projects {
            let bar = bars.add(ProgressBar::new(project.offices.len() as u64));
            let bar = bar.with_style(style.clone()).with_prefix(project.county.to_owned());
            counties.push(Waiting {
                project,
                operator: project.client("operator", &running.url(UnitName::Linkage))?,
                analyst: project.client("analyst", &running.url(UnitName::Statistics))?,
                bar,
            });
            let plans = installation.policies.release_plans.values();
            let own = plans.filter(|plan| {
                plan.purpose == project.purpose && plan.runs.iter().any(|run| run.period == *period)
            });
            planned.push(own.map(|plan| plan.releases.len()).sum());
        }
        Ok(Self { period, started: Instant::now(), counties, planned })
    }

    /// Waits until the period of every county has come so far.
    pub(crate) fn until(&self, far: impl Fn(PeriodStage) -> bool) -> anyhow::Result<()> {
        for county in &self.counties {
            while !far(self.look(county)?.state) {
                std::thread::sleep(LOOK);
            }
        }
        Ok(())
    }

    fn look(&self, county: &Waiting<'_>) -> anyhow::Result<PeriodState> {
        if self.started.elapsed() > PATIENCE {
            bail!("nothing came of the delivery of {} within an hour", county.project.county);
        }
        for office in &county.project.offices {
            office.check_nothing_refused()?;
        }
        let state: ScheduleState = county.operator.get("/v1/schedule")?;
        let of_period = |own: &PeriodState| own.period == *self.period;
        let run = state.run.as_ref().map(|run| (run.compared, run.total));
        let own =
            state.periods.into_iter().find(of_period).context("the schedule has the period")?;
        if let Some(problem) = &own.problem {
            bail!("linking failed: {}", problem.detail);
        }
        let arrived = own.deliveries.iter().filter(|own| own.arrived.is_some()).count();
        let (position, length, what) = match (own.state, run) {
            (PeriodStage::Linking, Some((compared, total))) => (compared, total, "links"),
            (PeriodStage::Frozen, _) => (1, 1, "releases"),
            _ => (arrived as u64, own.deliveries.len() as u64, "delivers"),
        };
        county.bar.set_length(length);
        county.bar.set_position(position);
        county.bar.set_message(what);
        Ok(own)
    }

    /// Waits until the release plans of all counties have run, and reads their tables.
    pub(crate) fn for_tables(self) -> anyhow::Result<Vec<Settled>> {
        let mut settled = Vec::new();
        for (county, planned) in self.counties.iter().zip(&self.planned) {
            let snapshot = self.look(county)?.snapshot.context("a frozen period has a snapshot")?;
            let documents = loop {
                let documents = tables(&county.analyst, snapshot)?;
                if documents.len() >= *planned {
                    break documents;
                }
                self.look(county)?;
                std::thread::sleep(LOOK);
            };
            county.bar.finish_and_clear();
            settled.push(Settled { snapshot, documents });
        }
        Ok(settled)
    }
}

/// The released tables of a snapshot.
fn tables(analyst: &Client, snapshot: SnapshotId) -> anyhow::Result<Vec<(Document, Vec<u8>)>> {
    let lines = analyst.get_bytes("/v1/releases")?;
    let mut found = Vec::new();
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let document = Document::read(line)?;
        if document.snapshot == snapshot.to_string() {
            found.push((document, line.to_vec()));
        }
    }
    Ok(found)
}
