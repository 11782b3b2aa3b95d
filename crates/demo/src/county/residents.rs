//! The register of residents that an invented county would publish.

use std::collections::BTreeMap;

use super::calendar::Month;
use super::people::Sex;
use super::world::County;

/// From this age on the register has one class.
pub const OPEN_AGE: u8 = 90;

impl County {
    /// Residents on 31 December of a simulated year by municipality key, completed years up to
    /// [`OPEN_AGE`] and sex; every cell is there, also with nobody.
    #[must_use]
    pub fn register(&self, year: i16) -> BTreeMap<(&'static str, u8, Sex), u64> {
        let end = Month::of(year, 12);
        let mut cells = BTreeMap::new();
        for place in self.tables.municipalities.iter().filter(|own| own.ags.starts_with(self.ags()))
        {
            for age in 0..=OPEN_AGE {
                for sex in [Sex::Male, Sex::Female, Sex::Diverse] {
                    cells.insert((place.ags, age, sex), 0);
                }
            }
        }
        for life in &self.lives {
            for person in &life.family.people {
                let Some(stay) = person.stay_at(end) else { continue };
                let (_, address) =
                    life.family.households[usize::from(stay.household)].address_at(end);
                let place = self.tables.municipalities[usize::from(address.municipality)].ags;
                let age = u8::try_from(person.age(end)).unwrap_or(0).min(OPEN_AGE);
                *cells.entry((place, age, person.sex)).or_default() += 1;
            }
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Settings, World};
    use super::*;

    #[test]
    fn everybody_present_stands_in_the_register_once() {
        let settings = Settings { persons: 2_000, seed: 5, dirty_per_mille: 0, quarters: 1 };
        let world = World::generate(&settings).unwrap();
        for county in world.counties() {
            for year in [2022, 2025] {
                let register = county.register(year);
                let all: u64 = register.values().sum();
                assert_eq!(all, county.residents(Month::of(year, 12)) as u64);
                assert!(register.keys().all(|(place, _, _)| place.starts_with(county.ags())));
            }
        }
    }
}
