//! The whole path by itself: files in folders → stations → two units → page, beside the truth.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use access::ProposalKind;
use anyhow::Context;
use indicatif::MultiProgress;
use linkage_unit::PeriodStage;
use milchglas::{Client, Served, UnitName, serve_together};
use policy::Name;
use serde_json::{Value, json};
use submission::{Clock, Period};

use crate::county::{County, Dataset, World};
use crate::exhibit;
use crate::installation::{EPOCH, Installation};
use crate::judge::{Judge, Standing};
use crate::office::Letter;
use crate::quality::PairCounts;
use crate::summary::{
    BudgetSummary, CountySummary, LineageSummary, ReleaseSummary, Stage, Summary, peak_memory,
};
use crate::wait::{Settled, Wait};

/// The event year that the tables are about.
pub(crate) const YEAR: u16 = 2025;
/// First month of the look-back window.
pub(crate) const FIRST_MONTH: &str = "2022-01";
/// First year of the look-back window.
pub(crate) const FIRST_YEAR: u16 = 2022;

/// Both units, as long as they serve.
pub(crate) struct Running {
    pub(crate) linkage: Served,
    pub(crate) statistics: Served,
}

/// Starts both units from the configurations in the data directory.
pub(crate) async fn start(installation: &Installation) -> anyhow::Result<Running> {
    Ok(Running {
        linkage: serve_together(installation.unit_config(UnitName::Linkage)?, Clock::System)
            .await?,
        statistics: serve_together(installation.unit_config(UnitName::Statistics)?, Clock::System)
            .await?,
    })
}

impl Running {
    /// Where a unit is reached.
    pub(crate) fn url(&self, unit: UnitName) -> String {
        let served = match unit {
            UnitName::Linkage => &self.linkage,
            UnitName::Statistics => &self.statistics,
        };
        format!("http://{}", served.address)
    }
}

/// The demo in progress.
pub(crate) struct Demo<'a> {
    installation: &'a Installation,
    world: &'a World,
    running: &'a Running,
    quarters: u8,
    bars: MultiProgress,
    stages: BTreeMap<usize, Stage>,
    standings: BTreeMap<&'static str, Standing>,
    releases: Vec<ReleaseSummary>,
    dirty: (u64, u64),
    file_to_page: Vec<f64>,
}

const STAGES: [&str; 6] = ["generate", "extracts", "deliver", "link", "release", "judge"];

impl<'a> Demo<'a> {
    pub(crate) fn new(
        installation: &'a Installation,
        world: &'a World,
        running: &'a Running,
        quarters: u8,
        generated: Duration,
    ) -> Self {
        let mut demo = Self {
            installation,
            world,
            running,
            quarters,
            bars: MultiProgress::new(),
            stages: BTreeMap::new(),
            standings: BTreeMap::new(),
            releases: Vec::new(),
            dirty: (0, 0),
            file_to_page: Vec::new(),
        };
        demo.took(0, generated);
        demo
    }

    /// Everything, delivery by delivery.
    pub(crate) fn run(&mut self, persons: u32, seed: u64) -> anyhow::Result<Summary> {
        self.agree()?;
        self.open_epochs()?;
        let mut counties = Vec::new();
        for quarter in 1..=self.quarters {
            counties = self.deliver(quarter)?;
        }
        self.summarise(persons, seed, counties)
    }

    fn took(&mut self, stage: usize, time: Duration) {
        let name = STAGES[stage];
        self.stages.entry(stage).or_insert(Stage { name, seconds: 0.0 }).seconds +=
            time.as_secs_f64();
    }

    /// Each county's officer and approver bring the folder of policies into force, at both units.
    fn agree(&self) -> anyhow::Result<()> {
        for project in &self.installation.projects {
            for unit in [UnitName::Linkage, UnitName::Statistics] {
                let url = self.running.url(unit);
                milchglas::agree(
                    &project.client("dpo", &url)?,
                    &project.client("approver", &url)?,
                )?;
            }
        }
        Ok(())
    }

    /// The custodian registers schema and key-check value, as the officer approved it.
    fn open_epochs(&self) -> anyhow::Result<()> {
        for project in &self.installation.projects {
            let custodian = project.client("custodian", &self.running.url(UnitName::Linkage))?;
            let schema = &self.installation.policies.schemas[crate::installation::SCHEMA];
            let body = json!({
                "schema": schema.digest()?,
                "key_check_value": self.installation.key_check_value(project)?,
            });
            let mut about = body.clone();
            about["epoch"] = json!(EPOCH);
            let made = milchglas::propose(&custodian, ProposalKind::KeyRelease, &about)?;
            let officer = project.client("dpo", &self.running.url(UnitName::Linkage))?;
            milchglas::approve(&officer, &made.proposal)?;
            custodian.put(&format!("/v1/epochs/{EPOCH}"), &body)?;
        }
        Ok(())
    }

    /// Clerks lay their files; then nobody does anything until the page has its tables.
    fn deliver(&mut self, quarter: u8) -> anyhow::Result<Vec<(CountySummary, PairCounts)>> {
        let (installation, world) = (self.installation, self.world);
        let started = Instant::now();
        let mut letters = Vec::new();
        for county in world.counties() {
            letters.push(self.letters(county, quarter)?);
        }
        self.took(1, started.elapsed());
        let laid = Instant::now();
        for (project, letters) in installation.projects.iter().zip(&letters) {
            for (office, letter) in project.offices.iter().zip(letters) {
                letter.lay(office)?;
            }
        }
        let settled = self.wait(&self.period(quarter)?)?;
        self.see_page()?;
        self.file_to_page.push(laid.elapsed().as_secs_f64());
        let judging = Instant::now();
        let counties = self.judge(quarter, &letters, settled)?;
        self.took(5, judging.elapsed());
        Ok(counties)
    }

    /// What each department lays: the integration assistance amends, everybody else delivers the
    /// whole window again.
    fn letters(&mut self, county: &County, quarter: u8) -> anyhow::Result<Vec<Letter>> {
        let last = county.cutoff(quarter)?;
        let to = submission::Month::new(u16::try_from(last.year())?, last.number())?;
        let period = Period { from: FIRST_MONTH.parse()?, to };
        let mut letters = Vec::new();
        for extract in county.extracts(quarter)? {
            self.dirty.0 += extract.dirt.dirty;
            self.dirty.1 += extract.dirt.records;
            letters.push(if quarter > 1 && extract.dataset == Dataset::Egh {
                let earlier = county.extract(Dataset::Egh, quarter - 1)?;
                Letter::amendment(&earlier, &extract, period)?
            } else {
                Letter::full(extract, period)
            });
        }
        Ok(letters)
    }

    /// The period of the schedule that a delivery completes.
    fn period(&self, quarter: u8) -> anyhow::Result<Name> {
        let county = self.world.counties().first().context("there is a county")?;
        let last = county.cutoff(quarter)?;
        Ok(Name::new(format!("{}-q{}", last.year(), last.number().div_ceil(3)))?)
    }

    /// Waits until both counties have the snapshot of a period and its tables.
    fn wait(&mut self, period: &Name) -> anyhow::Result<Vec<Settled>> {
        let wait = Wait::new(self.installation, self.running, &self.bars, period)?;
        let delivering = Instant::now();
        wait.until(|stage| stage != PeriodStage::Waiting)?;
        self.took(2, delivering.elapsed());
        let linking = Instant::now();
        wait.until(|stage| stage == PeriodStage::Frozen)?;
        self.took(3, linking.elapsed());
        let releasing = Instant::now();
        let settled = wait.for_tables()?;
        self.took(4, releasing.elapsed());
        Ok(settled)
    }

    /// What a planner does.
    fn see_page(&self) -> anyhow::Result<()> {
        let page = format!("{}/", self.running.url(UnitName::Statistics));
        let bytes = Client::new(&page, zeroize::Zeroizing::new(String::new()))?.get_bytes("")?;
        anyhow::ensure!(!bytes.is_empty(), "the page is empty");
        Ok(())
    }

    /// Sets links and tables beside the truth, and writes the exhibit for the page.
    fn judge(
        &mut self,
        quarter: u8,
        letters: &[Vec<Letter>],
        settled: Vec<Settled>,
    ) -> anyhow::Result<Vec<(CountySummary, PairCounts)>> {
        let mut counties = Vec::new();
        let linkage = self.running.url(UnitName::Linkage);
        let both = self.installation.projects.iter().zip(self.world.counties());
        for (number, ((own, letters), settled)) in both.zip(letters).zip(settled).enumerate() {
            let standing = self.standings.entry(own.0.ags).or_default();
            standing.take(own.0, letters)?;
            let snapshot = (settled.snapshot, linkage.as_str());
            let judge = Judge::of(self.installation, own, quarter, standing, snapshot)?;
            counties.push(judge.links());
            self.releases.extend(judge.releases(&settled.documents)?);
            if number == 0 {
                let path = self.installation.exhibit();
                exhibit::write(&judge, letters, &settled.documents, &path)?;
            }
        }
        Ok(counties)
    }

    fn summarise(
        &mut self,
        persons: u32,
        seed: u64,
        counties: Vec<(CountySummary, PairCounts)>,
    ) -> anyhow::Result<Summary> {
        let mut lineages = Vec::new();
        for project in &self.installation.projects {
            let reader = project.client("dpo", &self.running.url(UnitName::Statistics))?;
            let report: Value = reader.get("/v1/budget")?;
            let cap = report["purposes"][0]["lineage_cap"].as_u64().unwrap_or(0);
            for line in report["lineages"].as_array().into_iter().flatten() {
                lineages.push(LineageSummary {
                    project: project.name.to_string(),
                    year: line["year"].as_u64().unwrap_or(0),
                    spent_nano_rho: line["spent"].as_u64().unwrap_or(0),
                    cap_nano_rho: cap,
                });
            }
        }
        let most = lineages.iter().map(|line| line.spent_nano_rho).max().unwrap_or(0);
        let cap = lineages.iter().map(|line| line.cap_nano_rho).min().unwrap_or(0);
        let pairs = counties.iter().fold(PairCounts::default(), |sum, (_, own)| sum.and(*own));
        let counties: Vec<CountySummary> =
            counties.into_iter().map(|(summary, _)| summary).collect();
        Ok(Summary {
            persons,
            seed,
            dirty: self.dirty.0 as f64 / self.dirty.1.max(1) as f64,
            records: counties.iter().map(|county| county.records).sum(),
            rows: self.standings.values().map(Standing::rows).sum(),
            departments: self.installation.projects.iter().map(|p| p.offices.len()).sum(),
            quarters: self.quarters,
            link: pairs.quality(),
            counties,
            stages: std::mem::take(&mut self.stages).into_values().collect(),
            file_to_page_seconds: std::mem::take(&mut self.file_to_page),
            releases: std::mem::take(&mut self.releases),
            budget: BudgetSummary {
                year: YEAR,
                cap: cap as f64 / 1e9,
                spent: most as f64 / 1e9,
                lineages,
            },
            peak_memory_bytes: peak_memory(),
        })
    }
}
