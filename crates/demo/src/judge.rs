//! What nobody in a county can do: set links and releases beside the truth.
//!
//! The demo holds both units' keys and every department's register, so it opens a link map itself
//! and asks the generator who is who.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use anyhow::Context;
use department::{Batch, keys};
use milchglas::Client;
use policy::{Name, Plan, PolicySet};
use publication::{ChartStyle, Document, HalfWidth, Names, Tolerance};
use ring::rand::SystemRandom;
use submission::{LinkMap, PendingMap, SealedLinkMap, SnapshotId, SubjectId};

use crate::compare;
use crate::county::County;
use crate::installation::{Installation, Project};
use crate::office::{Delivered, Letter};
use crate::oracle::{Oracle, rank_key};
use crate::quality::{PairCounts, TrueSubjects};
use crate::run::YEAR;
use crate::summary::{CountySummary, ReleaseSummary};

/// What the departments of one county have delivered and what of it counts, by office.
#[derive(Default)]
pub(crate) struct Standing {
    live: Vec<Vec<Delivered>>,
    known: BTreeSet<PathBuf>,
}

impl Standing {
    /// Takes in what came of the letters of one delivery, one letter per office.
    pub(crate) fn take(&mut self, project: &Project, letters: &[Letter]) -> anyhow::Result<()> {
        self.live.resize_with(project.offices.len(), Vec::new);
        for ((office, letter), live) in project.offices.iter().zip(letters).zip(&mut self.live) {
            let folders = office.submitted(&self.known)?;
            anyhow::ensure!(
                folders.len() == letter.batches(),
                "{} made {} batches of a delivery",
                office.name,
                folders.len()
            );
            for folder in folders {
                self.known.insert(folder.clone());
                let batch = office.open(folder, letter)?;
                if !batch.amends {
                    live.clear();
                }
                for own in live.iter_mut() {
                    own.people.retain(|subject, _| !batch.withdrawn.contains(subject));
                }
                live.push(batch);
            }
        }
        Ok(())
    }

    /// The live batches with the position of their office.
    pub(crate) fn live(&self) -> impl Iterator<Item = (usize, &Delivered)> {
        let offices = self.live.iter().enumerate();
        offices.flat_map(|(position, own)| own.iter().map(move |batch| (position, batch)))
    }

    /// Fact rows in all live batches.
    pub(crate) fn rows(&self) -> u64 {
        self.live().map(|(_, batch)| batch.rows).sum()
    }
}

/// A county after one delivery, with everything that a judge may see.
pub(crate) struct Judge<'a> {
    pub(crate) installation: &'a Installation,
    pub(crate) project: &'a Project,
    pub(crate) county: &'a County,
    pub(crate) quarter: u8,
    pub(crate) standing: &'a Standing,
    pub(crate) map: LinkMap,
    pub(crate) oracle: Oracle<'a>,
}

impl<'a> Judge<'a> {
    /// Opens the link map of a snapshot and reads every live batch.
    pub(crate) fn of(
        installation: &'a Installation,
        (project, county): (&'a Project, &'a County),
        quarter: u8,
        standing: &'a Standing,
        (snapshot, linkage): (SnapshotId, &str),
    ) -> anyhow::Result<Self> {
        let map = open_map(installation, project, snapshot, linkage)?;
        let secret = installation.root.join("statistics-unit").join("rank.key");
        let rank = rank_key(&milchglas::keys::read_rank_key(&secret)?, snapshot);
        let batches: Vec<Batch> =
            standing.live().map(|(_, own)| Batch::open(&own.folder)).collect::<Result<_, _>>()?;
        let catalogue = &installation.policies.catalogue;
        let oracle = Oracle::read(catalogue, &batches, &map, &rank, YEAR)?;
        Ok(Self { installation, project, county, quarter, standing, map, oracle })
    }

    /// How good the links are.
    pub(crate) fn links(&self) -> (CountySummary, PairCounts) {
        let mut truth = TrueSubjects::new();
        let mut office: HashMap<SubjectId, usize> = HashMap::new();
        let mut rejected = 0;
        for (position, batch) in self.standing.live() {
            rejected += batch.rejected;
            truth.extend(batch.people.iter().map(|(subject, person)| (*subject, *person)));
            office.extend(batch.people.keys().map(|subject| (*subject, position)));
        }
        let counts = PairCounts::of(&self.map, &truth, &office);
        let summary = CountySummary {
            county: self.project.county.to_owned(),
            project: self.project.name.to_string(),
            records: self.map.links().len() as u64,
            rejected,
            link: counts.quality(),
        };
        (summary, counts)
    }

    /// Sets the released tables beside the noiseless and the true ones.
    pub(crate) fn releases(
        &self,
        documents: &[(Document, Vec<u8>)],
    ) -> anyhow::Result<Vec<ReleaseSummary>> {
        let names = names(&self.installation.policies);
        documents.iter().map(|released| self.release(released, &names)).collect()
    }

    fn release(
        &self,
        (document, bytes): &(Document, Vec<u8>),
        names: &Names,
    ) -> anyhow::Result<ReleaseSummary> {
        let plan = self.plan(document)?;
        let linked = self.oracle.answer(&plan)?;
        let truth = compare::truth(self.county, self.quarter, &plan)?;
        self.keep(document, bytes, names)?;
        Ok(ReleaseSummary {
            table: document.indicator.clone(),
            label: document.label.clone(),
            county: self.county.name().to_owned(),
            quarter: self.quarter,
            year: document.year,
            rho: document.rho_nano as f64 / 1e9,
            half_width: match document.half_width {
                HalfWidth::Exact(width) | HalfWidth::Ranks(width) => Some(width as f64),
                HalfWidth::Assumed { half_width, .. } => half_width,
                HalfWidth::Threshold { .. } => None,
            },
            cells: compare::cells(&plan, document, &linked, &truth),
        })
    }

    /// The question that a document answers.
    pub(crate) fn plan(&self, document: &Document) -> anyhow::Result<Plan> {
        let policies = &self.installation.policies;
        let purpose = &policies.purposes[&self.project.purpose];
        let indicator = purpose.indicator(&Name::new(document.indicator.clone())?)?;
        // What divides a group, such as the band, is no grouping.
        let names = document.dimensions.iter().map(|own| Name::new(own.clone()));
        let mut group_by: Vec<Name> = names.collect::<Result<_, _>>()?;
        group_by.retain(|own| policies.catalogue.dimensions.contains_key(own));
        let query = indicator.grouped(Some(&group_by))?;
        Ok(Plan::resolve(&query, &policies.catalogue, &purpose.territory)?)
    }

    /// Leaves the release, its table and its picture in the data directory.
    fn keep(&self, document: &Document, bytes: &[u8], names: &Names) -> anyhow::Result<()> {
        let folder = self.installation.root.join("releases").join(self.project.ags);
        std::fs::create_dir_all(&folder)?;
        let place =
            |ending: &str| folder.join(format!("{}_{}.{ending}", document.indicator, self.quarter));
        std::fs::write(place("json"), bytes)?;
        std::fs::write(place("csv"), publication::csv(document, names)?)?;
        let style = ChartStyle { width: 760, titled: true, names, tolerance: Tolerance::HALF };
        std::fs::write(place("svg"), publication::chart(document, &style)?)?;
        Ok(())
    }
}

fn open_map(
    installation: &Installation,
    project: &Project,
    snapshot: SnapshotId,
    linkage: &str,
) -> anyhow::Result<LinkMap> {
    let key = installation.root.join("statistics-unit").join("signing.key");
    let key = keys::read_signing(&key)?;
    let (pending, asked) = PendingMap::request(snapshot, &key, &SystemRandom::new())?;
    let operator: Client = project.client("operator", linkage)?;
    let sealed: SealedLinkMap = operator.post("/v1/link-maps", &asked)?;
    pending.open(&sealed, &installation.linkage_public).context("the demo's own keys open a map")
}

/// What a reader sees for the short names in a release.
fn names(policies: &PolicySet) -> Names {
    let catalogue = &policies.catalogue;
    let label = |(name, label): (&Name, &String)| (name.to_string(), label.clone());
    let asked = policies.purposes.values().flat_map(|purpose| {
        purpose.indicators.iter().filter_map(move |indicator| {
            let (dataset, measure) = indicator.query.compute.measure()?;
            let (_, measure) = catalogue.dataset(dataset).ok()?.measure(measure)?;
            Some(((purpose.id.to_string(), indicator.id.to_string()), measure.unit.clone()))
        })
    });
    Names::new(
        catalogue.dimensions.iter().map(|(name, own)| label((name, &own.label))),
        catalogue.datasets.iter().map(|(name, own)| label((name, &own.label))),
    )
    .with_units(asked)
}
