//! Households of one dataset, as `docs/formats/release.md` counts them.

use std::collections::BTreeMap;

use policy::Name;

use super::{Reading, Row};

/// A household: the person whose values it has, and the sum of its members' amounts.
pub(super) struct Household {
    pub(super) reference: usize,
    pub(super) amount: Option<i64>,
}

impl Reading<'_> {
    /// Every person stands for the household of its latest row of the year; a household has the
    /// values of the member whose row is the latest, and the amounts of its latest month.
    pub(super) fn households(
        &self,
        dataset: &Name,
        year: u16,
        measure: Option<(usize, i64, i64)>,
    ) -> anyhow::Result<Vec<Household>> {
        let mut homes: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (person, rows) in self.people.iter().enumerate() {
            if let Some(row) = self.latest(rows, dataset, year)? {
                homes.entry(row.unit.unwrap_or_default()).or_default().push(person);
            }
        }
        let mut found = Vec::with_capacity(homes.len());
        for (unit, members) in homes {
            let mut standing = Vec::new();
            for person in &members {
                if let Some(row) = self.latest(&self.people[*person], dataset, year)? {
                    standing.push((row.order(), *person));
                }
            }
            let Some(((latest, _), reference)) = standing.into_iter().min() else { continue };
            let mut amount: Option<i64> = None;
            if let Some((position, lower, upper)) = measure {
                for person in &members {
                    let rows = self.of_dataset(&self.people[*person], dataset)?;
                    let own = rows.filter(|row| row.year == year && row.unit == Some(unit));
                    let mut known = own.filter_map(|row| Some((row, row.amounts[position]?)));
                    let Some((row, value)) = known.next() else { continue };
                    if row.order().0 == latest {
                        amount = Some(amount.unwrap_or(0) + value);
                    }
                }
                amount = amount.map(|sum| sum.clamp(lower, upper));
            }
            found.push(Household { reference, amount });
        }
        Ok(found)
    }

    fn latest<'r>(
        &self,
        rows: &'r [Row],
        dataset: &Name,
        year: u16,
    ) -> anyhow::Result<Option<&'r Row>> {
        let mut own = self.of_dataset(rows, dataset)?;
        Ok(own.find(|row| row.year == year && row.unit.is_some()))
    }
}
