//! The whole path: extracts → departments → two units → releases, beside the truth.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use department::{Batch, Patience, Unit, Units, keys};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use milchglas::{Client, ClientError, Served, UnitName, serve};
use policy::{Catalogue, Indicator, Name, Plan};
use publication::{ChartStyle, Document, Names, Tolerance};
use rayon::prelude::*;
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use submission::{
    Clock, LinkMap, PendingMap, Period, ProblemCode, SealedLinkMap, SignedMapRequest, SnapshotId,
    SubjectId,
};

use crate::compare;
use crate::county::{County, Dataset, Extract, World};
use crate::installation::{EPOCH, Installation, Project};
use crate::office::{Delivered, Delivery, encode};
use crate::oracle::{Oracle, rank_key};
use crate::quality::{PairCounts, TrueSubjects};
use crate::summary::{
    BudgetSummary, CountySummary, LineageSummary, ReleaseSummary, Stage, Summary, peak_memory,
};

/// The event year that the tables are about.
pub(crate) const YEAR: u16 = 2025;
/// First month of the look-back window.
const FIRST_MONTH: &str = "2022-01";

/// Both units, as long as they serve.
pub(crate) struct Running {
    pub(crate) linkage: Served,
    pub(crate) statistics: Served,
}

/// What a department has delivered so far and what of it counts.
#[derive(Default)]
struct Standing {
    live: Vec<Delivered>,
}

/// The demo in progress.
pub(crate) struct Demo<'a> {
    pub(crate) installation: &'a Installation,
    pub(crate) world: &'a World,
    pub(crate) running: &'a Running,
    pub(crate) quarters: u8,
    pub(crate) bars: MultiProgress,
    stages: BTreeMap<usize, Stage>,
    standing: BTreeMap<(&'static str, Dataset), Standing>,
    releases: Vec<ReleaseSummary>,
    dirty: (u64, u64),
}

const STAGES: [&str; 6] = ["generate", "extracts", "encode", "submit", "link", "release"];

/// Starts both units from the configurations in the data directory.
pub(crate) async fn start(installation: &Installation) -> anyhow::Result<Running> {
    Ok(Running {
        linkage: serve(installation.unit_config(UnitName::Linkage)?, Clock::System).await?,
        statistics: serve(installation.unit_config(UnitName::Statistics)?, Clock::System).await?,
    })
}

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
            standing: BTreeMap::new(),
            releases: Vec::new(),
            dirty: (0, 0),
        };
        demo.took(0, generated);
        demo
    }

    /// Everything, delivery by delivery.
    pub(crate) fn run(&mut self, persons: u32, seed: u64) -> anyhow::Result<Summary> {
        self.open_epochs()?;
        let mut counties = Vec::new();
        for quarter in 1..=self.quarters {
            self.deliver(quarter)?;
            counties = self.link_and_release(quarter)?;
        }
        self.summarise(persons, seed, counties)
    }

    fn took(&mut self, stage: usize, time: Duration) {
        let name = STAGES[stage];
        self.stages.entry(stage).or_insert(Stage { name, seconds: 0.0 }).seconds +=
            time.as_secs_f64();
    }

    fn url(&self, unit: UnitName) -> String {
        let served = match unit {
            UnitName::Linkage => &self.running.linkage,
            UnitName::Statistics => &self.running.statistics,
        };
        format!("http://{}", served.address)
    }

    fn bar(&self, length: u64, what: String) -> ProgressBar {
        let style = ProgressStyle::with_template("  {msg:<28} {bar:30} {pos}/{len}");
        let bar = self.bars.add(ProgressBar::new(length));
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(what)
    }

    /// The custodian registers schema and key-check value.
    fn open_epochs(&self) -> anyhow::Result<()> {
        for project in &self.installation.projects {
            let custodian = project.client("custodian", &self.url(UnitName::Linkage))?;
            let schema = &self.installation.policies.schemas[crate::installation::SCHEMA];
            let body = json!({
                "schema": schema.digest()?,
                "key_check_value": self.installation.key_check_value(project)?,
            });
            custodian.put(&format!("/v1/epochs/{EPOCH}"), &body)?;
        }
        Ok(())
    }

    /// Every department lays its extract, encodes and submits it.
    fn deliver(&mut self, quarter: u8) -> anyhow::Result<()> {
        let world = self.world;
        for county in world.counties() {
            let started = Instant::now();
            let project = self.project(county)?;
            std::fs::create_dir_all(project.extracts())?;
            let extracts = county.extracts(quarter)?;
            let earlier =
                if quarter > 1 { Some(county.extract(Dataset::Egh, quarter - 1)?) } else { None };
            let mut deliveries = Vec::new();
            for extract in &extracts {
                self.dirty.0 += extract.dirt.dirty;
                self.dirty.1 += extract.dirt.records;
                deliveries.push(lay(extract, earlier.as_ref(), &project.extracts())?);
            }
            self.took(1, started.elapsed());
            self.encode_and_submit(county, quarter, &deliveries)?;
        }
        Ok(())
    }

    fn encode_and_submit(
        &mut self,
        county: &County,
        quarter: u8,
        deliveries: &[Delivery],
    ) -> anyhow::Result<()> {
        let project = self.project(county)?;
        let last = county.cutoff(quarter)?;
        let to = submission::Month::new(u16::try_from(last.year())?, last.number())?;
        let period = Period { from: FIRST_MONTH.parse()?, to };
        let started = Instant::now();
        let bar = self.bar(deliveries.len() as u64, format!("{} encodes", county.name()));
        let work: Vec<_> = project.offices.iter().zip(deliveries).collect();
        let encoded = work.par_iter().map(|(office, delivery)| {
            let standing = self.standing.get(&(project.ags, office.dataset));
            let earlier: Vec<PathBuf> = standing
                .map(|own| own.live.iter().map(|batch| batch.folder.clone()).collect())
                .unwrap_or_default();
            let done = encode(self.installation, project, office, delivery, &earlier, period)
                .with_context(|| format!("{} of {}", office.name, county.name()));
            bar.inc(1);
            done
        });
        let encoded: Vec<Delivered> = encoded.collect::<anyhow::Result<_>>()?;
        bar.finish_and_clear();
        self.took(2, started.elapsed());
        let started = Instant::now();
        let bar = self.bar(encoded.len() as u64, format!("{} submits", county.name()));
        project.offices.par_iter().zip(&encoded).try_for_each(|(office, batch)| {
            let units = self.units(&office.folder)?;
            department::submit(&batch.folder, &units, Patience::USUAL, &|_, _, _| ())?;
            bar.inc(1);
            anyhow::Ok(())
        })?;
        bar.finish_and_clear();
        for (office, batch) in project.offices.iter().zip(encoded) {
            let standing = self.standing.entry((project.ags, office.dataset)).or_default();
            standing.take(batch);
        }
        self.took(3, started.elapsed());
        Ok(())
    }

    fn units(&self, office: &Path) -> anyhow::Result<Units> {
        let unit = |which, public_key| {
            let token = keys::read_token(&office.join("token"))?;
            anyhow::Ok(Unit { url: self.url(which), public_key, token, authority: None })
        };
        Ok(Units {
            linkage: unit(UnitName::Linkage, self.installation.linkage_public)?,
            statistics: unit(UnitName::Statistics, self.installation.statistics_public)?,
        })
    }

    fn project(&self, county: &County) -> anyhow::Result<&'a Project> {
        let found = self.installation.projects.iter().find(|project| project.ags == county.ags());
        found.context("the county has no project")
    }

    fn link_and_release(
        &mut self,
        quarter: u8,
    ) -> anyhow::Result<Vec<(CountySummary, PairCounts)>> {
        let (installation, world) = (self.installation, self.world);
        let mut counties = Vec::new();
        for (project, county) in installation.projects.iter().zip(world.counties()) {
            let started = Instant::now();
            let snapshot = self.link(project)?;
            self.transfer(project, snapshot)?;
            self.took(4, started.elapsed());
            let map = self.open_map(project, snapshot)?;
            counties.push(self.judge(project, &map));
            let oracle = self.oracle(project, snapshot, &map)?;
            self.release(project, county, quarter, snapshot, &oracle)?;
        }
        Ok(counties)
    }

    /// The operator links and waits.
    fn link(&self, project: &Project) -> anyhow::Result<SnapshotId> {
        let operator = project.client("operator", &self.url(UnitName::Linkage))?;
        let wanted = json!({ "epoch": EPOCH });
        let started: Value = loop {
            match operator.post("/v1/snapshots", &wanted) {
                // The last delivery of a period started the unit's own run.
                Err(ClientError::Refused(problem)) if problem.code == ProblemCode::Busy => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                started => break started?,
            }
        };
        let snapshot: SnapshotId = serde_json::from_value(started["snapshot"].clone())?;
        let bar = self.bar(0, format!("{} links", project.county));
        loop {
            let state: Value = operator.get(&format!("/v1/snapshots/{snapshot}"))?;
            bar.set_length(state["total"].as_u64().unwrap_or(0));
            bar.set_position(state["compared"].as_u64().unwrap_or(0));
            match state["state"].as_str() {
                Some("running") => std::thread::sleep(Duration::from_millis(20)),
                Some("frozen") => break,
                _ => bail!("linking failed: {}", state["problem"]["detail"]),
            }
        }
        bar.finish_and_clear();
        Ok(snapshot)
    }

    /// The operator carries the sealed map from one unit to the other.
    fn transfer(&self, project: &Project, snapshot: SnapshotId) -> anyhow::Result<()> {
        let linkage = project.client("operator", &self.url(UnitName::Linkage))?;
        let statistics = project.client("operator", &self.url(UnitName::Statistics))?;
        let place = format!("/v1/link-maps/{snapshot}/request");
        let asked: SignedMapRequest = statistics.post(&place, &json!({}))?;
        let sealed: SealedLinkMap = linkage.post("/v1/link-maps", &asked)?;
        let _: Value = statistics.post("/v1/link-maps", &sealed)?;
        Ok(())
    }

    /// What nobody in a county can do: the demo holds both units' keys and opens a map itself, to
    /// measure the links against the truth.
    fn open_map(&self, project: &Project, snapshot: SnapshotId) -> anyhow::Result<LinkMap> {
        let key = self.installation.root.join("statistics-unit").join("signing.key");
        let key = keys::read_signing(&key)?;
        let (pending, asked) = PendingMap::request(snapshot, &key, &SystemRandom::new())?;
        let linkage = project.client("operator", &self.url(UnitName::Linkage))?;
        let sealed: SealedLinkMap = linkage.post("/v1/link-maps", &asked)?;
        Ok(pending.open(&sealed, &self.installation.linkage_public)?)
    }

    fn live(&self, project: &Project) -> impl Iterator<Item = (usize, &Delivered)> {
        let of = |(position, office): (usize, &crate::installation::Office)| {
            let standing = self.standing.get(&(project.ags, office.dataset));
            standing.into_iter().flat_map(move |own| own.live.iter().map(move |b| (position, b)))
        };
        project.offices.iter().enumerate().flat_map(of).collect::<Vec<_>>().into_iter()
    }

    fn judge(&self, project: &Project, map: &LinkMap) -> (CountySummary, PairCounts) {
        let mut truth = TrueSubjects::new();
        let mut office: HashMap<SubjectId, usize> = HashMap::new();
        let mut rejected = 0;
        for (position, batch) in self.live(project) {
            rejected += batch.rejected;
            truth.extend(batch.people.iter().map(|(subject, person)| (*subject, *person)));
            office.extend(batch.people.keys().map(|subject| (*subject, position)));
        }
        let counts = PairCounts::of(map, &truth, &office);
        let summary = CountySummary {
            county: project.county.to_owned(),
            project: project.name.to_string(),
            records: map.links().len() as u64,
            rejected,
            link: counts.quality(),
        };
        (summary, counts)
    }

    fn oracle(
        &self,
        project: &Project,
        snapshot: SnapshotId,
        map: &LinkMap,
    ) -> anyhow::Result<Oracle<'a>> {
        let secret = self.installation.root.join("statistics-unit").join("rank.key");
        let rank = rank_key(&milchglas::keys::read_rank_key(&secret)?, snapshot);
        let batches: Vec<Batch> = self
            .live(project)
            .map(|(_, own)| Batch::open(&own.folder))
            .collect::<Result<_, _>>()?;
        Oracle::read(&self.installation.policies.catalogue, &batches, map, &rank, YEAR)
    }

    /// The analyst prices and asks every indicator of the purpose.
    fn release(
        &mut self,
        project: &Project,
        county: &County,
        quarter: u8,
        snapshot: SnapshotId,
        oracle: &Oracle<'_>,
    ) -> anyhow::Result<()> {
        let analyst = project.client("analyst", &self.url(UnitName::Statistics))?;
        let installation = self.installation;
        let purpose = &installation.policies.purposes[&project.purpose];
        for indicator in &purpose.indicators {
            let catalogue = &installation.policies.catalogue;
            let plan = Plan::resolve(&indicator.query, catalogue, &purpose.territory)?;
            let started = Instant::now();
            let (half_width, document) = ask(&analyst, &purpose.id, indicator, snapshot, quarter)?;
            self.took(5, started.elapsed());
            let linked = oracle.answer(&plan)?;
            let truth = compare::truth(county, quarter, &plan)?;
            let folder = installation.root.join("releases").join(project.ags);
            keep(&folder, quarter, indicator, &document, &names(catalogue))?;
            let cells = compare::cells(&plan, &document.0, &linked, &truth);
            self.releases.push(ReleaseSummary {
                table: indicator.id.to_string(),
                label: indicator.label.clone(),
                county: county.name().to_owned(),
                quarter,
                year: YEAR,
                rho: document.0.rho_nano as f64 / 1e9,
                half_width,
                cells,
            });
        }
        Ok(())
    }

    fn summarise(
        &mut self,
        persons: u32,
        seed: u64,
        counties: Vec<(CountySummary, PairCounts)>,
    ) -> anyhow::Result<Summary> {
        let mut lineages = Vec::new();
        for project in &self.installation.projects {
            let reader = project.client("dpo", &self.url(UnitName::Statistics))?;
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
        let rows = self.standing.values().flat_map(|own| &own.live).map(|batch| batch.rows).sum();
        let counties: Vec<CountySummary> =
            counties.into_iter().map(|(summary, _)| summary).collect();
        Ok(Summary {
            persons,
            seed,
            dirty: self.dirty.0 as f64 / self.dirty.1.max(1) as f64,
            records: counties.iter().map(|county| county.records).sum(),
            rows,
            departments: self.installation.projects.iter().map(|p| p.offices.len()).sum(),
            quarters: self.quarters,
            link: pairs.quality(),
            counties,
            stages: std::mem::take(&mut self.stages).into_values().collect(),
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

impl Standing {
    fn take(&mut self, batch: Delivered) {
        if !batch.amends {
            self.live.clear();
        }
        for own in &mut self.live {
            own.people.retain(|subject, _| !batch.withdrawn.contains(subject));
        }
        self.live.push(batch);
    }
}

/// The integration assistance amends, everybody else delivers the whole window again.
fn lay(extract: &Extract, earlier: Option<&Extract>, folder: &Path) -> anyhow::Result<Delivery> {
    match earlier.filter(|earlier| earlier.dataset == extract.dataset) {
        Some(earlier) => Delivery::amendment(earlier, extract, folder),
        None => Delivery::full(extract, folder),
    }
}

/// A document with the bytes that were released.
type Released = (Document, Vec<u8>);

/// Prices, then asks; the width is known before a record is read.
fn ask(
    analyst: &Client,
    purpose: &Name,
    indicator: &Indicator,
    snapshot: SnapshotId,
    quarter: u8,
) -> anyhow::Result<(Option<f64>, Released)> {
    let request = json!({
        "purpose": purpose, "indicator": indicator.id, "year": YEAR, "snapshot": snapshot,
    });
    let priced: Value = analyst.post("/v1/queries/price", &request)?;
    let half_width = priced["price"]["half_width"]["half_width"].as_f64();
    let key = format!("demo-{quarter}-{}", indicator.id);
    let headers = [("idempotency-key", key.as_str())];
    let bytes = analyst.post_bytes("/v1/queries", &request, &headers)?;
    Ok((half_width, (Document::read(&bytes)?, bytes)))
}

/// Leaves the release, its table and its picture in the data directory.
fn keep(
    folder: &Path,
    quarter: u8,
    indicator: &Indicator,
    (document, bytes): &Released,
    names: &Names,
) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let place = |ending: &str| folder.join(format!("{}_{quarter}.{ending}", indicator.id));
    std::fs::write(place("json"), bytes)?;
    std::fs::write(place("csv"), publication::csv(document, names)?)?;
    let style = ChartStyle { width: 760, titled: true, names, tolerance: Tolerance::HALF };
    std::fs::write(place("svg"), publication::chart(document, &style)?)?;
    Ok(())
}

/// What a reader sees for the short names in a release.
fn names(catalogue: &Catalogue) -> Names {
    let label = |(name, label): (&Name, &String)| (name.to_string(), label.clone());
    Names::new(
        catalogue.dimensions.iter().map(|(name, own)| label((name, &own.label))),
        catalogue.datasets.iter().map(|(name, own)| label((name, &own.label))),
    )
}
