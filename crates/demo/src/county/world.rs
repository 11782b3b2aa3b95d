//! Both counties with everybody in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::calendar::Month;
use super::dataset::Dataset;
use super::draw::{Draw, Purpose};
use super::dwelling::{Destinations, Streets};
use super::extract::PersonNumber;
use super::founding::{Land, Seedling, settle};
use super::life::live;
use super::people::Family;
use super::services::Services;
use super::settings::{CountyError, Settings};
use super::tables::Tables;

/// A family, what it receives, and where its numbers begin.
pub(super) struct Life {
    pub(super) family: Family,
    pub(super) services: Services,
    pub(super) first_person: u32,
    pub(super) first_household: u32,
}

/// A county: its residents and the departments that know some of them.
pub struct County {
    ags: &'static str,
    name: &'static str,
    pub(super) seed: u64,
    pub(super) dirty_per_mille: u32,
    pub(super) quarters: u8,
    pub(super) tables: Arc<Tables>,
    pub(super) streets: Arc<Streets>,
    pub(super) destinations: Destinations,
    pub(super) lives: Vec<Life>,
}

/// The two counties.
pub struct World {
    tables: Arc<Tables>,
    counties: Vec<County>,
}

/// Keys and names of the counties.
const COUNTIES: [(&str, &str); 2] = [("06432", "Darmstadt-Dieburg"), ("06440", "Wetteraukreis")];

impl World {
    /// Generates both counties.
    ///
    /// # Errors
    /// If a setting is out of range.
    pub fn generate(settings: &Settings) -> Result<Self, CountyError> {
        settings.check()?;
        let tables = Arc::new(Tables::load()?);
        let streets = Arc::new(Streets::lay(&tables, settings.seed));
        let residents = apportion(&tables, settings.persons);
        let counties = COUNTIES.iter().map(|&(ags, name)| {
            let destinations = Destinations::of(&tables, ags)
                .ok_or(CountyError::Table { table: "municipalities.csv", line: 1 })?;
            let land = Land { tables: &tables, streets: &streets, destinations: &destinations };
            let lives = populate(&land, settings.seed, ags, &residents);
            Ok(County {
                ags,
                name,
                seed: settings.seed,
                dirty_per_mille: u32::from(settings.dirty_per_mille),
                quarters: settings.quarters,
                tables: Arc::clone(&tables),
                streets: Arc::clone(&streets),
                destinations,
                lives,
            })
        });
        let counties = counties.collect::<Result<_, CountyError>>()?;
        Ok(Self { tables, counties })
    }

    /// The counties, 06432 first.
    #[must_use]
    pub fn counties(&self) -> &[County] {
        &self.counties
    }

    /// What the counties were made from.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Writes the extracts of a delivery of both counties below `dir` and returns where.
    ///
    /// # Errors
    /// If there is no such delivery or a file cannot be written.
    pub fn write_extracts(&self, dir: &Path, quarter: u8) -> Result<Vec<PathBuf>, CountyError> {
        let mut paths = Vec::new();
        for county in &self.counties {
            paths.extend(county.write_extracts(dir, quarter)?);
        }
        Ok(paths)
    }
}

impl County {
    /// County key, 5 digits.
    #[must_use]
    pub const fn ags(&self) -> &'static str {
        self.ags
    }

    /// Name of the county.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The extracts this county delivers: the second one has none of the job centre, which there
    /// is run by the federal agency.
    pub fn datasets(&self) -> impl Iterator<Item = Dataset> {
        let without = self.ags == COUNTIES[1].0;
        Dataset::ALL.into_iter().filter(move |&dataset| !(without && dataset == Dataset::Sgb2))
    }

    /// Number of people who lived here at some time.
    #[must_use]
    pub fn people(&self) -> usize {
        self.lives.iter().map(|life| life.family.people.len()).sum()
    }

    /// Number of residents at the end of a month.
    #[must_use]
    pub fn residents(&self, month: Month) -> usize {
        let people = self.lives.iter().flat_map(|life| &life.family.people);
        people.filter(|person| person.present(month)).count()
    }

    /// Number of residents at the end of a month who are `from` to below `below` years old.
    #[must_use]
    pub fn residents_aged(&self, month: Month, from: i16, below: i16) -> usize {
        let people = self.lives.iter().flat_map(|life| &life.family.people);
        let aged = people.filter(|person| (from..below).contains(&person.age(month)));
        aged.filter(|person| person.present(month)).count()
    }

    /// Number of households with a resident at the end of a month.
    #[must_use]
    pub fn households(&self, month: Month) -> usize {
        let families = self.lives.iter().map(|life| &life.family);
        let lived_in = |family: &Family| {
            let all = 0..family.households.len() as u8;
            all.filter(|household| family.members(*household, month).next().is_some()).count()
        };
        families.map(lived_in).sum()
    }

    /// The family of a person and their place in it.
    pub(super) fn find(&self, number: PersonNumber) -> Option<(&Life, u8)> {
        let after = self.lives.partition_point(|life| life.first_person <= number.0);
        let life = self.lives.get(after.checked_sub(1)?)?;
        let index = u8::try_from(number.0 - life.first_person).ok()?;
        (usize::from(index) < life.family.people.len()).then_some((life, index))
    }
}

/// Residents of each municipality by the method of largest remainders; adds up to `persons`.
fn apportion(tables: &Tables, persons: u32) -> Vec<u32> {
    let people = |at: usize| u64::from(tables.municipalities[at].population);
    let all: u64 = (0..tables.municipalities.len()).map(people).sum();
    let quota = |at: usize| people(at) * u64::from(persons);
    let mut seats: Vec<u32> =
        (0..tables.municipalities.len()).map(|at| (quota(at) / all) as u32).collect();
    let mut order: Vec<usize> = (0..seats.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(quota(at) % all), at));
    let given: u32 = seats.iter().sum();
    for at in order.into_iter().take((persons - given) as usize) {
        seats[at] += 1;
    }
    seats
}

fn populate(land: &Land<'_>, seed: u64, ags: &str, residents: &[u32]) -> Vec<Life> {
    let places = (0_u8..).zip(&land.tables.municipalities).zip(residents);
    let here = places.filter(|((_, place), _)| place.ags.starts_with(ags));
    let seedlings: Vec<Seedling> =
        here.flat_map(|((at, _), &residents)| settle(land.tables, seed, at, residents)).collect();
    let lived = seedlings.par_iter().map(|seedling| {
        let mut draw = Draw::new(seed, Purpose::Family, 0, seedling.id);
        let mut family = seedling.found(land, &mut draw);
        live(land, &mut draw, &mut family);
        let mut draw = Draw::new(seed, Purpose::Services, 0, seedling.id);
        let services = Services::draw(&family, &mut draw);
        Life { family, services, first_person: 0, first_household: 0 }
    });
    let mut lives: Vec<Life> = lived.collect();
    let (mut people, mut households) = (0, 0);
    for life in &mut lives {
        life.first_person = people;
        life.first_household = households;
        people += life.family.people.len() as u32;
        households += life.family.households.len() as u32;
    }
    lives
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residents_are_proportional_and_exact() {
        let tables = Tables::load().unwrap();
        for persons in [100, 12_345, 20_000] {
            let seats = apportion(&tables, persons);
            assert_eq!(seats.iter().sum::<u32>(), persons);
            for (seat, place) in seats.iter().zip(&tables.municipalities) {
                let exact = f64::from(place.population) * f64::from(persons) / 617_956.0;
                assert!((f64::from(*seat) - exact).abs() < 1.0, "{}", place.name);
            }
        }
    }
}
