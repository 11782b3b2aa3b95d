//! What is true, which only the generator knows: about persons, and as the tables that the demo
//! releases.
//!
//! Truth refers to a delivery: to the persons whose records have not been withdrawn by its last
//! month, to the services its extracts contain up to that month, and only to extracts the county
//! delivers at all. Errors in the extracts do not touch it.

use std::collections::BTreeMap;

use super::calendar::{Day, Month, Months};
use super::dataset::Dataset;
use super::extract::PersonNumber;
use super::people::Sex;
use super::services::{Detail, in_unit, unit_kind};
use super::settings::CountyError;
use super::world::{County, Life};

/// A person in a calendar year, as it really was.
pub struct TruePerson {
    /// Municipality key on 31 December, at the end of the delivery if that is earlier, or of the
    /// last residence.
    pub ags: &'static str,
    /// Day of birth.
    pub birth: Day,
    /// Sex.
    pub sex: Sex,
    /// Extracts of the delivery that have the person in this year, and the months.
    pub received: BTreeMap<Dataset, Months>,
    /// Weekly hours of the last day-care contract that was in force in the year; contracts never
    /// shrink, so it is also the largest.
    pub kita_hours: Option<u8>,
    /// Housing in the last month of the year with SGB II.
    pub housing: Option<Housing>,
}

/// How a person in SGB II is housed.
pub struct Housing {
    /// Costs per head and month, in cents.
    pub cents: u32,
    /// Kind of the benefit unit, as a key of the catalogue.
    pub bg_type: &'static str,
}

/// Age groups by age on 31 December: label and first age; the catalogue of the demo has the same.
pub const AGE_GROUPS: [(&str, i16); 8] = [
    ("00-02", 0),
    ("03-05", 3),
    ("06-14", 6),
    ("15-17", 15),
    ("18-20", 18),
    ("21-24", 21),
    ("25-64", 25),
    ("65+", 65),
];

/// Label of the group an age belongs to.
#[must_use]
pub fn age_group(age: i16) -> &'static str {
    let at = AGE_GROUPS.partition_point(|&(_, from)| from <= age).saturating_sub(1);
    AGE_GROUPS[at].0
}

impl County {
    /// The truth about a person; `None` if the delivery has nobody of this number: unknown,
    /// withdrawn, or not yet in the county by the end of the year.
    ///
    /// # Errors
    /// If the settings foresee no such delivery.
    pub fn truth_person(
        &self,
        number: PersonNumber,
        quarter: u8,
        year: i16,
    ) -> Result<Option<TruePerson>, CountyError> {
        let cutoff = self.cutoff(quarter)?;
        Ok(self.find(number).and_then(|(life, index)| self.tell(life, index, cutoff, year)))
    }

    /// All persons of a delivery and year, by number.
    ///
    /// # Errors
    /// If the settings foresee no such delivery.
    pub fn true_people(
        &self,
        quarter: u8,
        year: i16,
    ) -> Result<impl Iterator<Item = (PersonNumber, TruePerson)>, CountyError> {
        let cutoff = self.cutoff(quarter)?;
        Ok(self.lives.iter().flat_map(move |life| {
            let people = 0..life.family.people.len() as u8;
            people.filter_map(move |index| {
                let number = PersonNumber(life.first_person + u32::from(index));
                Some((number, self.tell(life, index, cutoff, year)?))
            })
        }))
    }

    fn tell(&self, life: &Life, index: u8, cutoff: Month, year: i16) -> Option<TruePerson> {
        let person = life.family.person(index);
        let end = Month::of(year, 12).min(cutoff);
        if person.withdrawn <= cutoff || person.from > end {
            return None;
        }
        let last = end.min(person.until.plus(-1)).max(person.from);
        let household = person.last_stay(last).household;
        let (_, address) = life.family.households[usize::from(household)].address_at(last);
        let months = |dataset| {
            let months = life.services.months(&life.family, index, dataset, cutoff).in_year(year);
            (!months.is_empty()).then_some((dataset, months))
        };
        let received: BTreeMap<Dataset, Months> = self.datasets().filter_map(months).collect();
        Some(TruePerson {
            ags: self.tables.municipalities[usize::from(address.municipality)].ags,
            birth: person.birth,
            sex: person.sex,
            kita_hours: kita_hours(life, index, cutoff, year),
            housing: received.get(&Dataset::Sgb2).and_then(|&months| housing(life, index, months)),
            received,
        })
    }
}

fn kita_hours(life: &Life, index: u8, cutoff: Month, year: i16) -> Option<u8> {
    let contracts = life.services.cases.iter().filter(|case| case.person == index);
    let last = contracts
        .filter(|case| case.begin.month() <= cutoff)
        .filter(|case| !case.months(cutoff).in_year(year).is_empty())
        .filter_map(|case| match case.detail {
            Detail::Kita { hours, .. } => Some((case.begin, hours)),
            _ => None,
        })
        .max_by_key(|&(begin, _)| begin);
    last.map(|(_, hours)| hours)
}

fn housing(life: &Life, index: u8, months: Months) -> Option<Housing> {
    let family = &life.family;
    let last = Month::window(Month::LAST).filter(|&month| months.contains(month)).last()?;
    let household = family.person(index).last_stay(last).household;
    let spells = life.services.spells.iter().filter(|spell| spell.household == household);
    let spell = spells.into_iter().find(|spell| spell.from <= last && last < spell.until)?;
    let members = family.members(household, last);
    let unit: Vec<u8> = members.filter(|&i| in_unit(family, i, household, last)).collect();
    let heads = u32::try_from(unit.len()).ok().filter(|&heads| heads > 0)?;
    let bg_type = unit_kind(family, &unit, last).key;
    Some(Housing { cents: spell.housing_cents / heads, bg_type })
}

/// Children below 15 on 31 December of the year with any of the benefits in that year, by
/// municipality of the county; municipalities without any are there with 0.
///
/// # Errors
/// If the settings foresee no such delivery.
pub fn children_in_benefits(
    county: &County,
    quarter: u8,
    year: i16,
    datasets: &[Dataset],
) -> Result<BTreeMap<&'static str, u64>, CountyError> {
    let places = county.tables.municipalities.iter().map(|place| place.ags);
    let here = places.filter(|ags| ags.starts_with(county.ags()));
    let mut cells: BTreeMap<&'static str, u64> = here.map(|ags| (ags, 0)).collect();
    for (_, person) in county.true_people(quarter, year)? {
        let child = person.birth.age_at_end_of_year(year) < 15;
        if child && datasets.iter().any(|dataset| person.received.contains_key(dataset)) {
            *cells.entry(person.ags).or_default() += 1;
        }
    }
    Ok(cells)
}

/// Persons by the exact combination of the given extracts they are in during the year. Bit i of
/// the key stands for `datasets[i]`; all combinations are there but the empty one. At most eight
/// extracts count, further ones are ignored.
///
/// # Errors
/// If the settings foresee no such delivery.
pub fn overlap(
    county: &County,
    quarter: u8,
    year: i16,
    datasets: &[Dataset],
) -> Result<BTreeMap<u8, u64>, CountyError> {
    let datasets = &datasets[..datasets.len().min(8)];
    let all = u8::try_from((1_u32 << datasets.len()) - 1).unwrap_or(u8::MAX);
    let mut cells: BTreeMap<u8, u64> = (1..=all).map(|mask| (mask, 0)).collect();
    for (_, person) in county.true_people(quarter, year)? {
        let bits =
            (0_u8..).zip(datasets).filter(|(_, dataset)| person.received.contains_key(dataset));
        let mask = bits.fold(0, |mask, (bit, _)| mask | (1 << bit));
        if mask > 0 {
            *cells.entry(mask).or_default() += 1;
        }
    }
    Ok(cells)
}

/// Sum of weekly day-care hours and number of children with a contract in the year, by age group
/// on 31 December; one value per child, that of [`TruePerson::kita_hours`].
///
/// # Errors
/// If the settings foresee no such delivery.
pub fn mean_hours(
    county: &County,
    quarter: u8,
    year: i16,
) -> Result<BTreeMap<&'static str, (u64, u64)>, CountyError> {
    let mut cells: BTreeMap<&'static str, (u64, u64)> =
        AGE_GROUPS.iter().map(|&(label, _)| (label, (0, 0))).collect();
    for (_, person) in county.true_people(quarter, year)? {
        if let Some(hours) = person.kita_hours {
            let group = age_group(person.birth.age_at_end_of_year(year));
            let (sum, count) = cells.entry(group).or_default();
            *sum += u64::from(hours);
            *count += 1;
        }
    }
    Ok(cells)
}

/// Sum of the housing costs per head in whole euros and number of persons with any in the year, by
/// kind of the benefit unit; one value per person, that of [`TruePerson::housing`].
///
/// # Errors
/// If the settings foresee no such delivery.
pub fn mean_housing(
    county: &County,
    quarter: u8,
    year: i16,
) -> Result<BTreeMap<&'static str, (u64, u64)>, CountyError> {
    let mut cells: BTreeMap<&'static str, (u64, u64)> = BTreeMap::new();
    for (_, person) in county.true_people(quarter, year)? {
        if let Some(housing) = person.housing {
            let (sum, count) = cells.entry(housing.bg_type).or_default();
            *sum += u64::from(housing.cents + 50) / 100;
            *count += 1;
        }
    }
    Ok(cells)
}
