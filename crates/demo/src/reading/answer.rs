//! What a person adds to the cells of a plan, kind by kind.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use policy::{MonthSpan, Name, Plan, PlanKind, PlanScale, UNKNOWN_CODE};

use super::{Reading, Row, window};

/// Per group and division: how many, and the sum of their amounts.
pub(crate) struct Exact {
    /// Persons, or households.
    pub(crate) counts: Vec<i64>,
    /// Sums of amounts; zero where none are asked for.
    pub(crate) sums: Vec<i64>,
}

/// Division of a group, and an amount.
type Part = (usize, i64);

impl Reading<'_> {
    /// The exact vectors of a plan about a year, in the plan's order.
    pub(crate) fn answer(&self, plan: &Plan, year: u16) -> anyhow::Result<Exact> {
        let per_group = plan.kind.noised_per_group().context("a plan has cells")?;
        let size = plan.groups().context("a plan has groups")? * per_group;
        let mut exact = Exact { counts: vec![0; size], sums: vec![0; size] };
        let mut add = |group: usize, (inner, amount): Part| {
            exact.counts[group * per_group + inner] += 1;
            exact.sums[group * per_group + inner] += amount;
        };
        if !plan.unit.is_person() {
            for (reference, part) in self.household_parts(plan, year)? {
                if let Some(group) = self.group(&self.people[reference], plan, &[year])? {
                    add(group, part);
                }
            }
            return Ok(exact);
        }
        let years = match plan.kind {
            PlanKind::Transition { years, .. } => vec![year, year - u16::from(years)],
            _ => vec![year],
        };
        for (person, rows) in self.people.iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
            let parts = self.parts((person, rows), plan, year)?;
            if parts.is_empty() {
                continue;
            }
            if let Some(group) = self.group(rows, plan, &years)? {
                parts.into_iter().for_each(|part| add(group, part));
            }
        }
        Ok(exact)
    }

    /// The first cell that counts a person, if any does.
    pub(crate) fn cell_of(
        &self,
        plan: &Plan,
        person: usize,
        year: u16,
    ) -> anyhow::Result<Option<usize>> {
        let rows = self.people.get(person).map_or(&[][..], Vec::as_slice);
        // A household is not one person's, and a quantile is nobody's cell.
        if !plan.unit.is_person() || matches!(plan.kind, PlanKind::Quantiles { .. }) {
            return Ok(None);
        }
        let Some((inner, _)) = self.parts((person, rows), plan, year)?.into_iter().next() else {
            return Ok(None);
        };
        let per_group = plan.kind.cells_per_group().context("a plan has cells")?;
        let group = self.group(rows, plan, &[year])?;
        Ok(group.map(|group| group * per_group + inner.min(per_group - 1)))
    }

    /// What the households of a plan's one dataset add, each under its reference person.
    fn household_parts(&self, plan: &Plan, year: u16) -> anyhow::Result<Vec<(usize, Part)>> {
        let datasets = plan.datasets();
        let dataset = datasets.first().context("a household plan has a dataset")?;
        let measure = match plan.kind {
            PlanKind::Mean { position, lower, upper, .. } => Some((position, lower, upper)),
            _ => None,
        };
        let mut parts = Vec::new();
        for own in self.households(dataset, year, measure)? {
            let rows = &self.people[own.reference];
            let part = match &plan.kind {
                PlanKind::Persons { .. } => Some((0, 0)),
                PlanKind::Mean { .. } => own.amount.map(|amount| (0, amount)),
                PlanKind::Share { of, with, .. } if self.is_member(rows, of, year)? => {
                    Some((usize::from(!self.is_member(rows, with, year)?), 0))
                }
                _ => None,
            };
            parts.extend(part.map(|part| (own.reference, part)));
        }
        Ok(parts)
    }

    fn parts(
        &self,
        (person, rows): (usize, &[Row]),
        plan: &Plan,
        year: u16,
    ) -> anyhow::Result<Vec<Part>> {
        Ok(match &plan.kind {
            PlanKind::Persons { datasets } => {
                let any = self.mask(rows, datasets, year, plan.months)? != 0;
                any.then_some((0, 0)).into_iter().collect()
            }
            PlanKind::Overlap { datasets } => {
                let cell = self.mask(rows, datasets, year, plan.months)?.checked_sub(1);
                cell.map(|cell| (cell, 0)).into_iter().collect()
            }
            PlanKind::LinkQuality { datasets } => {
                let class = self.classes.get(person).copied();
                let class = class
                    .filter(|_| self.mask(rows, datasets, year, None).is_ok_and(|own| own != 0));
                class.map(|class| (class, 0)).into_iter().collect()
            }
            PlanKind::Cases { dataset, dimension, codes, most } => {
                self.cases(rows, (dataset, dimension, codes), *most, year)?
            }
            PlanKind::Mean { dataset, position, lower, upper, .. } => {
                let amount = self.amount(rows, dataset, *position, year)?;
                amount.map(|own| (0, own.clamp(*lower, *upper))).into_iter().collect()
            }
            PlanKind::Sum { dataset, position, per_month, cap } => {
                let mut total = 0;
                for row in self.of_dataset(rows, dataset)?.filter(|row| row.year == year) {
                    let months = if *per_month { i64::from(row.last - row.first) + 1 } else { 1 };
                    total += row.amounts[*position].unwrap_or(0) * months;
                }
                if total > 0 { vec![(0, total.min(*cap))] } else { vec![] }
            }
            PlanKind::Histogram { dataset, position, edges } => {
                let amount = self.amount(rows, dataset, *position, year)?;
                amount.map(|own| (class(edges, own), 0)).into_iter().collect()
            }
            PlanKind::Quantiles { dataset, of, edges, .. } => match of {
                PlanScale::Measure { position } => {
                    let amount = self.amount(rows, dataset, *position, year)?;
                    amount.map(|own| (class(edges, own), 0)).into_iter().collect()
                }
                PlanScale::Classes { dimension } if self.present(rows, dataset, year)? => {
                    let code = self.value(rows, dimension, &[year])?;
                    code.map(|code| (usize::from(code), 0)).into_iter().collect()
                }
                PlanScale::Classes { .. } => vec![],
            },
            PlanKind::Transition { states, years } => {
                let state = |year| -> anyhow::Result<usize> {
                    for (place, own) in states.iter().enumerate() {
                        if self.is_member(rows, own, year)? {
                            return Ok(place);
                        }
                    }
                    Ok(states.len())
                };
                let (from, to) = (state(year - u16::from(*years))?, state(year)?);
                let all = states.len();
                if (from, to) == (all, all) { vec![] } else { vec![(from * (all + 1) + to, 0)] }
            }
            PlanKind::Share { of, with, .. } => {
                let inner = usize::from(!self.is_member(rows, with, year)?);
                if self.is_member(rows, of, year)? { vec![(inner, 0)] } else { vec![] }
            }
            PlanKind::Entries { datasets, gap_months, most } => {
                self.entries(rows, datasets, *gap_months, (*most, year))?
            }
            PlanKind::PriorContact { dataset, gap_months, before, months, .. } => {
                let own = self.months(rows, dataset)?;
                let Some(entry) = window::entry(&own, year, *gap_months) else {
                    return Ok(vec![]);
                };
                let mut had = false;
                for other in before {
                    let contacts = self.months(rows, other)?;
                    had |= contacts.range(entry - u32::from(*months)..entry).next().is_some();
                }
                vec![(usize::from(!had), 0)]
            }
            PlanKind::Series { datasets, most } => self.series(rows, datasets, (*most, year))?,
            PlanKind::Sparse { .. } | PlanKind::SubjectSum { .. } => {
                anyhow::bail!("the demo recomputes no table of this kind")
            }
        })
    }

    fn mask(
        &self,
        rows: &[Row],
        datasets: &[Name],
        year: u16,
        months: Option<MonthSpan>,
    ) -> anyhow::Result<usize> {
        let mut mask = 0;
        for (bit, dataset) in datasets.iter().enumerate() {
            let mut own = self.of_dataset(rows, dataset)?.filter(|row| row.year == year);
            mask |= usize::from(own.any(|row| within(row, months))) << bit;
        }
        Ok(mask)
    }

    /// Persons of each quarter with a row, and of the year.
    fn series(
        &self,
        rows: &[Row],
        datasets: &[Name],
        (most, year): (u8, u16),
    ) -> anyhow::Result<Vec<Part>> {
        let mut found = Vec::new();
        for (place, dataset) in datasets.iter().enumerate() {
            let own = self.of_dataset(rows, dataset)?.filter(|row| row.year == year);
            let own: Vec<&Row> = own.collect();
            let Some(rank) = own.iter().map(|row| row.rank).min() else { continue };
            let quarters = own.iter().flat_map(|row| row.first..=row.last);
            let quarters: BTreeSet<u8> = quarters.map(|month| (month - 1) / 3).collect();
            found.push((rank, place, quarters));
        }
        found.sort_unstable();
        let mut parts = Vec::new();
        for (_, place, quarters) in found.into_iter().take(usize::from(most)) {
            let first = place * PlanKind::PERIODS;
            parts.extend(quarters.into_iter().map(|quarter| (first + usize::from(quarter), 0)));
            parts.push((first + PlanKind::PERIODS - 1, 0));
        }
        Ok(parts)
    }

    /// The amount of the row that decides.
    fn amount(
        &self,
        rows: &[Row],
        dataset: &Name,
        position: usize,
        year: u16,
    ) -> anyhow::Result<Option<i64>> {
        let own = self.of_dataset(rows, dataset)?.filter(|row| row.year == year);
        Ok(own.filter_map(|row| row.amounts[position]).next())
    }

    fn cases(
        &self,
        rows: &[Row],
        (dataset, dimension, codes): (&Name, &Name, &[u16]),
        most: u8,
        year: u16,
    ) -> anyhow::Result<Vec<Part>> {
        let place = self.catalogue.dataset(dataset)?.dimension_position(dimension);
        let place = place.context("the dataset delivers the dimension")?;
        let mut least: BTreeMap<usize, u64> = BTreeMap::new();
        for row in self.of_dataset(rows, dataset)?.filter(|row| row.year == year) {
            let code = row.codes[place];
            let cell = codes.iter().position(|own| *own == code && code != UNKNOWN_CODE);
            if let Some(cell) = cell {
                let rank = least.entry(cell).or_insert(row.rank);
                *rank = row.rank.min(*rank);
            }
        }
        let mut own: Vec<(u64, usize)> =
            least.into_iter().map(|(cell, rank)| (rank, cell)).collect();
        own.sort_unstable();
        Ok(own.into_iter().take(usize::from(most)).map(|(_, cell)| (cell, 0)).collect())
    }

    fn months(&self, rows: &[Row], dataset: &Name) -> anyhow::Result<BTreeSet<u32>> {
        Ok(self.of_dataset(rows, dataset)?.flat_map(Row::months).collect())
    }

    fn entries(
        &self,
        rows: &[Row],
        datasets: &[Name],
        gap: u8,
        (most, year): (u8, u16),
    ) -> anyhow::Result<Vec<Part>> {
        let mut found = Vec::new();
        for (place, dataset) in datasets.iter().enumerate() {
            let Some(at) = window::entry(&self.months(rows, dataset)?, year, gap) else { continue };
            let own = self.of_dataset(rows, dataset)?.filter(|row| row.year == year);
            let rank = own.map(|row| row.rank).min().unwrap_or(u64::MAX);
            found.push((rank, place, (at - window::month(year, 1)) / 3));
        }
        found.sort_unstable();
        let mut parts = Vec::new();
        for (_, place, quarter) in found.into_iter().take(usize::from(most)) {
            let first = place * PlanKind::PERIODS;
            parts.push((first + quarter as usize, 0));
            parts.push((first + PlanKind::PERIODS - 1, 0));
        }
        Ok(parts)
    }
}

/// Whether a row reaches into the months that a question is about; every row where it names none.
fn within(row: &Row, months: Option<MonthSpan>) -> bool {
    months.is_none_or(|own| row.first <= own.to && row.last >= own.from)
}

/// The class of an amount; the last class has its upper end too.
fn class(edges: &[i64], amount: i64) -> usize {
    let begun = edges.partition_point(|edge| *edge <= amount);
    begun.saturating_sub(1).min(edges.len().saturating_sub(2))
}
