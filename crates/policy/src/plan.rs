//! A query resolved against catalogue and territory: public cells and codes, nothing left to guess.

mod cells;
mod fit;
mod kind;
mod margins;
mod resolve;
mod subject;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::pooling::filters_by_key;
use crate::{
    Catalogue, CountedUnit, Mechanism, MonthSpan, Name, PolicyError, Pooling, Query, Territory,
};
pub use kind::{PlanKind, PlanMembers, PlanPart, PlanScale};

/// A resolved query. Everything in it is public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// What is computed, with positions instead of names.
    pub kind: PlanKind,
    /// What is counted.
    #[serde(skip_serializing_if = "CountedUnit::is_person")]
    pub unit: CountedUnit,
    /// From which distribution the noise comes.
    #[serde(skip_serializing_if = "Mechanism::is_gaussian")]
    pub mechanism: Mechanism,
    /// Months of the event year in which a row counts as presence; the whole year for `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<MonthSpan>,
    /// Codes to which a person's value must belong, per dimension.
    pub filter: Vec<PlanFilter>,
    /// Dimensions that form the cells, with their public codes.
    pub group_by: Vec<GroupKeys>,
    /// Grouping dimensions that have a total too, in the order of `group_by`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub margins: Vec<Name>,
    /// Names of what divides a group further, such as the quarter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inner: Vec<Name>,
    /// The cells in publication order: groups outside, what divides a group inside.
    pub cells: Vec<Cell>,
}

/// The public codes that a person's value must be among.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanFilter {
    /// The dimension.
    pub dimension: Name,
    /// Permitted codes.
    pub codes: BTreeSet<u16>,
    /// The keys of these codes in the order of the catalogue, for the release; the codes decide, so
    /// a question's digest is without them.
    #[serde(skip)]
    pub keys: Vec<String>,
}

/// The public codes of one grouping dimension, in publication order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupKeys {
    /// The dimension, or the pooling of one.
    pub dimension: Name,
    /// One code per cell: that of the catalogue, or for a pooling the place of the group in it.
    pub codes: Vec<u16>,
    /// For a pooling: what each of its groups stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pooled: Option<PooledKeys>,
}

/// The groups of a pooling that form cells. They stand in the plan, so that a question about other
/// groups of the same name is another question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PooledKeys {
    /// The dimension of the catalogue whose keys are grouped.
    pub of: Name,
    /// The groups, in publication order.
    pub groups: Vec<PooledGroup>,
}

/// One group of a pooling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PooledGroup {
    /// Its key.
    pub key: String,
    /// What a reader sees.
    pub label: String,
    /// The keys that it stands for.
    pub keys: Vec<String>,
    /// Their codes in the catalogue.
    pub codes: Vec<u16>,
}

impl GroupKeys {
    /// The dimension of the catalogue whose value decides where a person belongs.
    #[must_use]
    pub fn source(&self) -> &Name {
        self.pooled.as_ref().map_or(&self.dimension, |pooled| &pooled.of)
    }

    /// Every code of [`source`](Self::source) that belongs to a cell, with the cell's place in
    /// publication order; several codes have the same place where they are pooled.
    #[must_use]
    pub fn places(&self) -> Vec<(u16, usize)> {
        let Some(pooled) = &self.pooled else {
            return self.codes.iter().enumerate().map(|(place, code)| (*code, place)).collect();
        };
        let groups = pooled.groups.iter().enumerate();
        groups.flat_map(|(place, own)| own.codes.iter().map(move |code| (*code, place))).collect()
    }
}

/// The public address of one cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Key per grouping dimension in order of `group_by`, then per name of `inner`.
    pub keys: Vec<String>,
    /// Label per key.
    pub labels: Vec<String>,
    /// The combination of datasets, for an overlap.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<Name>,
}

impl Plan {
    /// Most cells of one plan, published or noised.
    pub const MAX_CELLS: usize = 100_000;
    /// Everything that can be computed, as in `compute.kind`.
    pub const COMPUTED: [&str; 15] = PlanKind::NAMES;

    /// Resolves `query` for a controller's territory.
    ///
    /// # Errors
    /// [`PolicyError::Query`] or [`PolicyError::Catalogue`] naming what is unknown, empty, inverted
    /// or too large.
    pub fn resolve(
        query: &Query,
        catalogue: &Catalogue,
        territory: &Territory,
    ) -> Result<Self, PolicyError> {
        Self::with_poolings(query, catalogue, territory, &BTreeMap::new())
    }

    /// As [`Plan::resolve`], where a question may also use these poolings, as
    /// [`Purpose::plan`](crate::Purpose::plan) does with its own.
    ///
    /// # Errors
    /// As [`Plan::resolve`]; also where a filter cuts through a group, or two groupings are of the
    /// same dimension.
    pub fn with_poolings(
        query: &Query,
        catalogue: &Catalogue,
        territory: &Territory,
        poolings: &BTreeMap<Name, Pooling>,
    ) -> Result<Self, PolicyError> {
        let query = &filters_by_key(query, poolings)?;
        let kind = resolve::kind(query, catalogue)?;
        fit::mechanism(query.mechanism, &kind)?;
        fit::months(query, &kind)?;
        let filter = resolve::filters(&query.filter, catalogue)?;
        let mut group_by: Vec<GroupKeys> = Vec::new();
        for dimension in &query.group_by {
            let group = match poolings.get(dimension) {
                Some(pooling) => resolve::pooled(dimension, pooling, query, catalogue, territory)?,
                None => resolve::group(dimension, query, catalogue, territory)?,
            };
            resolve::check_apart(&group, &group_by)?;
            group_by.push(group);
        }
        let dimensions = group_by.iter().map(GroupKeys::source);
        let dimensions = dimensions.chain(filter.iter().map(|filter| &filter.dimension));
        subject::rows_carry(&kind, dimensions, catalogue)?;
        let margins = margins::resolve(query, &kind, &group_by)?;
        let (inner, cells) = cells::build(query, &kind, &group_by, catalogue)?;
        let (unit, mechanism, months) = (query.unit, query.mechanism, query.months);
        Ok(Self { kind, unit, mechanism, months, filter, group_by, margins, inner, cells })
    }

    /// The datasets whose rows are read; one may stand more than once.
    #[must_use]
    pub fn datasets(&self) -> Vec<&Name> {
        self.kind.datasets()
    }

    /// Names of the keys of a cell: the grouping dimensions, then what divides a group.
    #[must_use]
    pub fn dimensions(&self) -> Vec<Name> {
        let groups = self.group_by.iter().map(|group| group.dimension.clone());
        groups.chain(self.inner.iter().cloned()).collect()
    }

    /// What the answer is called in a release.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            PlanKind::Persons { .. } if !self.unit.is_person() => "households",
            _ => self.kind.name(),
        }
    }

    /// What is counted, as a release says it.
    #[must_use]
    pub fn unit_name(&self) -> &'static str {
        match (&self.kind, self.unit) {
            (PlanKind::SubjectSum { .. }, _) => "row",
            (_, CountedUnit::Person) => "person",
            (_, CountedUnit::Household) => "household",
        }
    }

    /// What is computed, as in `compute.kind`.
    #[must_use]
    pub fn compute_name(&self) -> &'static str {
        self.kind.name()
    }

    /// Every dimension that a value is taken from, to group, to filter or to count by.
    #[must_use]
    pub fn dimensions_read(&self) -> BTreeSet<&Name> {
        let groups = self.group_by.iter().map(|group| &group.dimension);
        let filters = self.filter.iter().map(|filter| &filter.dimension);
        groups.chain(filters).chain(self.kind.dimensions()).collect()
    }

    /// Number of groups; `None` where it passes every limit.
    #[must_use]
    pub fn groups(&self) -> Option<usize> {
        self.group_by.iter().try_fold(1_usize, |size, group| size.checked_mul(group.codes.len()))
    }

    /// The event years that an answer about `year` reads, ascending. Each is charged in full.
    ///
    /// Years before the first are left out; the person table refuses what it does not cover.
    #[must_use]
    pub fn event_years(&self, year: u16) -> Vec<u16> {
        let back = |years: u16| year.checked_sub(years);
        match &self.kind {
            PlanKind::Transition { years, .. } => {
                back(u16::from(*years)).into_iter().chain([year]).collect()
            }
            kind => {
                let whole = u16::from(kind.months_before()).div_ceil(12);
                (0..=whole).rev().filter_map(back).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests;
