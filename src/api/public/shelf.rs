//! A project's released documents, and what readers see for their short names.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use policy::{Catalogue, Name, PolicySet, Purpose};
use publication::{Document, Names};
use statistics_unit::StatisticsUnit;

use super::{Site, fault};
use crate::api::answer::Refusal;
use crate::pages::{Budget, Cost, Lineage};
use crate::rates;

/// All documents that a project ever released, oldest first, with rates where its purposes ask for
/// some.
pub(crate) struct Shelf(Vec<Document>);

impl Shelf {
    pub(crate) async fn of(
        unit: &StatisticsUnit,
        project: &Name,
        site: &Site,
    ) -> Result<Self, Refusal> {
        let released = unit.releases(project).await?;
        let policies = unit.policies();
        let documents = released.iter().map(|bytes| {
            let document = Document::read(bytes)?;
            Ok(rates::with_rates(document, &policies, site.population.as_ref()))
        });
        let documents: Result<_, publication::Error> = documents.collect();
        Ok(Self(documents.map_err(|e| fault(&e))?))
    }

    /// The newest document of each question, in the order of the purpose's indicators, coarse
    /// groupings first, later years first.
    pub(crate) fn newest(&self, purpose: &Purpose) -> Vec<&Document> {
        let mut newest = BTreeMap::new();
        for document in &self.0 {
            let is_asked = |own: &policy::Indicator| own.id.as_str() == document.indicator;
            let place = purpose.indicators.iter().position(is_asked).unwrap_or(usize::MAX);
            let grouping = (document.dimensions.len(), &document.dimensions);
            newest.insert((place, &document.indicator, grouping, Reverse(document.year)), document);
        }
        newest.into_values().collect()
    }

    /// All documents, oldest first.
    pub(crate) fn all(&self) -> &[Document] {
        &self.0
    }

    /// The event years of all documents, as often as there are documents.
    pub(crate) fn years(&self) -> impl Iterator<Item = u16> {
        self.0.iter().map(|own| own.year)
    }

    /// The newest documents of each question of [`Shelf::newest`], one per event year, later years
    /// first.
    pub(super) fn questions(&self, purpose: &Purpose) -> Vec<Vec<&Document>> {
        let mut questions: Vec<Vec<&Document>> = Vec::new();
        for document in self.newest(purpose) {
            let is_same = |own: &Vec<&Document>| own.iter().any(|own| same_question(own, document));
            match questions.iter_mut().find(|own| is_same(own)) {
                Some(question) => question.push(document),
                None => questions.push(vec![document]),
            }
        }
        questions
    }

    /// The document at an address.
    pub(crate) fn find(&self, sequence: u64, stem: &str) -> Option<&Document> {
        let is_wanted =
            |own: &&Document| own.ledger.sequence == sequence && own.file_stem() == stem;
        self.0.iter().find(is_wanted)
    }

    /// What was spent, and on what.
    pub(super) async fn budget(
        &self,
        unit: &StatisticsUnit,
        purpose: &Purpose,
    ) -> Result<Budget, Refusal> {
        let report = unit.budget(&purpose.project).await?;
        let lineage = |own: &statistics_unit::LineageReport| Lineage {
            year: own.year,
            spent: own.spent,
            reserved: own.reserved,
            cap: purpose.budget.lineage_cap_nano_rho.get(),
            costs: self.costs(own.year, purpose),
        };
        Ok(Budget { lineages: report.lineages.iter().rev().map(lineage).collect() })
    }

    fn costs(&self, year: u16, purpose: &Purpose) -> Vec<Cost> {
        let newest = self.newest(purpose);
        let same = |a: &Document, b: &Document| same_question(a, b) && a.year == b.year;
        let cost = |document: &&Document| {
            let all = || self.0.iter().filter(|other| same(document, other));
            Cost {
                label: document.label.clone(),
                releases: all().count(),
                rho: all().map(|own| own.rho_nano).sum(),
            }
        };
        newest.iter().filter(|document| document.year == year).map(cost).collect()
    }
}

/// Whether two documents answer the same question, of whatever year.
fn same_question(a: &Document, b: &Document) -> bool {
    a.indicator == b.indicator && a.dimensions == b.dimensions
}

/// Each project with its first purpose, in the order of their names.
pub(super) fn projects_of(policies: &PolicySet) -> BTreeMap<Name, Purpose> {
    let mut found: BTreeMap<Name, Purpose> = BTreeMap::new();
    for purpose in policies.purposes.values() {
        found.entry(purpose.project.clone()).or_insert_with(|| purpose.clone());
    }
    found
}

/// What readers see for the short names of catalogue and purposes.
pub(crate) fn names(policies: &PolicySet) -> Names {
    let catalogue = &policies.catalogue;
    let dimension =
        |(name, own): (&Name, &policy::Dimension)| (name.to_string(), own.label.clone());
    let dataset = |(name, own): (&Name, &policy::Dataset)| (name.to_string(), own.label.clone());
    let pooled = policies.purposes.values().flat_map(|purpose| {
        purpose.poolings.iter().map(|(name, own)| (name.to_string(), own.label.clone()))
    });
    let dimensions = catalogue.dimensions.iter().map(dimension).chain(pooled);
    Names::new(dimensions, catalogue.datasets.iter().map(dataset))
        .with_units(policies.purposes.values().flat_map(|purpose| units(purpose, catalogue)))
}

/// The unit of each measure that a purpose allows.
fn units(purpose: &Purpose, catalogue: &Catalogue) -> Vec<((String, String), String)> {
    let unit = |indicator: &policy::Indicator| {
        let (dataset, measure) = indicator.query.compute.measure()?;
        let (_, measure) = catalogue.dataset(dataset).ok()?.measure(measure)?;
        let asked = (purpose.id.to_string(), indicator.id.to_string());
        Some((asked, measure.unit.clone()))
    };
    purpose.indicators.iter().filter_map(unit).collect()
}
