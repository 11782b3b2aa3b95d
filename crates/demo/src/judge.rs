//! What nobody in a county can do: set links and releases beside the truth.
//!
//! The demo holds both units' keys and every department's register, so it opens a link map itself
//! and asks the generator who is who.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use anyhow::Context;
use department::{Batch, keys};
use milchglas::Client;
use policy::{Name, Plan, PlanKind, PolicySet};
use publication::{ChartStyle, Document, HalfWidth, Names, Tolerance};
use ring::rand::SystemRandom;
use submission::{LinkMap, PendingMap, PersonId, SealedLinkMap, SnapshotId, SubjectId};

use crate::compare;
use crate::county::County;
use crate::installation::{Installation, Project};
use crate::office::{Delivered, Letter};
use crate::quality::{PairCounts, TrueSubjects};
use crate::reading::{Reading, rank_key};
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
    /// Place of each linked person in `linked`.
    persons: BTreeMap<PersonId, usize>,
    /// The facts by the links as they were found.
    linked: Reading<'a>,
    /// The facts by the persons of the generator.
    real: Reading<'a>,
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
        let mut persons: BTreeMap<PersonId, usize> = BTreeMap::new();
        let mut by_link: HashMap<SubjectId, usize> = HashMap::new();
        for link in map.links() {
            let next = persons.len();
            by_link.insert(link.subject, *persons.entry(link.person).or_insert(next));
        }
        let people = standing.live().flat_map(|(_, batch)| &batch.people);
        let truly: HashMap<SubjectId, usize> =
            people.map(|(subject, number)| (*subject, number.0 as usize)).collect();
        let linked =
            Reading::of(catalogue, &batches, &by_link, &rank)?.with_classes(&map, &by_link);
        let real = Reading::of(catalogue, &batches, &truly, &rank)?;
        Ok(Self { installation, project, county, quarter, standing, map, persons, linked, real })
    }

    /// In how many datasets a linked person has a fact of the year.
    pub(crate) fn known_in(&self, person: PersonId) -> usize {
        self.persons.get(&person).map_or(0, |own| self.linked.known_in(*own, YEAR))
    }

    /// The cell of a plan that counts a linked person, if any does.
    pub(crate) fn cell_of(&self, plan: &Plan, person: PersonId) -> anyhow::Result<Option<usize>> {
        match self.persons.get(&person) {
            Some(own) => self.linked.cell_of(plan, *own, YEAR),
            None => Ok(None),
        }
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
        let linked = compare::values(&plan, &self.linked.answer(&plan, document.year)?);
        let truth = match plan.kind {
            // How surely somebody was linked is no fact about people.
            PlanKind::LinkQuality { .. } => vec![None; plan.cells.len()],
            _ => compare::values(&plan, &self.real.answer(&plan, document.year)?),
        };
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
        let groupings = std::iter::once(&indicator.query.group_by).chain(&indicator.groupings);
        for group_by in groupings {
            let query = indicator.grouped(Some(group_by))?;
            let plan = purpose.plan(&query, &policies.catalogue)?;
            let named = plan.dimensions();
            if named.iter().map(Name::as_str).eq(document.dimensions.iter().map(String::as_str)) {
                return Ok(plan);
            }
        }
        anyhow::bail!("no permitted grouping of `{}` is that of its release", indicator.id)
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
    let pooled = policies.purposes.values().flat_map(|purpose| &purpose.poolings);
    Names::new(
        (catalogue.dimensions.iter().map(|(name, own)| label((name, &own.label))))
            .chain(pooled.map(|(name, own)| label((name, &own.label)))),
        catalogue.datasets.iter().map(|(name, own)| label((name, &own.label))),
    )
    .with_units(asked)
}
