//! How many people are alone with what travels about them.

use std::collections::{BTreeMap, HashMap};

use policy::Name;

use super::{Reading, Row};

/// How many of how many.
#[derive(Clone, Copy)]
pub(crate) struct Alone {
    pub(crate) alone: u64,
    pub(crate) of: u64,
}

impl Alone {
    pub(crate) fn per_mille(self) -> u64 {
        (self.alone * 1000).checked_div(self.of).unwrap_or(0)
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self { alone: self.alone + other.alone, of: self.of + other.of }
    }
}

impl Reading<'_> {
    /// With what is known of a person in a year: the first value of each of these dimensions.
    pub(crate) fn alone_with_dimensions(&self, year: u16, names: &[&str]) -> Alone {
        self.alone(|rows| {
            let own: Vec<&Row> = rows.iter().filter(|row| row.year == year).collect();
            let value = |name: &&str| own.iter().find_map(|row| self.code(row, name));
            (!own.is_empty()).then(|| names.iter().map(value).collect::<Vec<_>>())
        })
    }

    /// With every row of a year, months and amounts included, whatever departments sent it.
    pub(crate) fn alone_with_everything(&self, year: u16) -> Alone {
        self.alone(|rows| {
            let mut own: Vec<_> = rows
                .iter()
                .filter(|row| row.year == year)
                .map(|row| {
                    (row.dataset, row.first, row.last, row.codes.clone(), row.amounts.clone())
                })
                .collect();
            own.sort_unstable();
            (!own.is_empty()).then_some(own)
        })
    }

    /// With the rows of one dataset in a year, per dataset.
    pub(crate) fn alone_by_dataset(&self, year: u16) -> BTreeMap<&Name, Alone> {
        let mut found = BTreeMap::new();
        for (place, name) in self.datasets.iter().enumerate() {
            let alone = self.alone(|rows| {
                let own =
                    rows.iter().filter(|row| row.year == year && usize::from(row.dataset) == place);
                let mut own: Vec<_> = own
                    .map(|row| (row.first, row.last, row.codes.clone(), row.amounts.clone()))
                    .collect();
                own.sort_unstable();
                (!own.is_empty()).then_some(own)
            });
            found.insert(*name, alone);
        }
        found
    }

    fn code(&self, row: &Row, name: &str) -> Option<u16> {
        let dataset = self.datasets.get(usize::from(row.dataset))?;
        let dimensions = &self.catalogue.datasets.get(*dataset)?.dimensions;
        let place = dimensions.iter().position(|own| own.as_str() == name)?;
        row.codes.get(place).copied()
    }

    fn alone<K: std::hash::Hash + Eq>(&self, of: impl Fn(&[Row]) -> Option<K>) -> Alone {
        let mut counts: HashMap<K, u64> = HashMap::new();
        for rows in &self.people {
            if let Some(key) = of(rows) {
                *counts.entry(key).or_default() += 1;
            }
        }
        let alone = counts.values().filter(|count| **count == 1).count() as u64;
        Alone { alone, of: counts.values().sum() }
    }
}
