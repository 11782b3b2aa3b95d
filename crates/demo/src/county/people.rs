//! Who lives where, and from when to when.

use super::calendar::{Day, Month};
use super::tables::Origin;

/// Sex as a register holds it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Sex {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Diverse.
    Diverse,
}

/// A surname, simple or double, with its particle.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Surname {
    pub(super) particle: &'static str,
    pub(super) first: &'static str,
    pub(super) second: Option<&'static str>,
}

impl Surname {
    /// The name as written in full.
    pub(super) fn written(self) -> String {
        let second = self.second.map(|second| format!("-{second}"));
        format!("{}{}{}", self.particle, self.first, second.unwrap_or_default())
    }
}

/// What somebody is in a household.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// One of at most two adults who run the household.
    Adult,
    /// Lives with a parent, at whatever age.
    Child,
    /// Parent of one of the adults.
    Elder,
}

/// From a month on in one household.
#[derive(Clone, Copy)]
pub(super) struct Stay {
    pub(super) from: Month,
    pub(super) household: u8,
    pub(super) role: Role,
}

/// An address in one of the municipalities.
#[derive(Clone, Copy)]
pub(super) struct Address {
    /// Index into the municipalities of the tables.
    pub(super) municipality: u8,
    /// Index into the localities of the municipality; `None` in the main town.
    pub(super) locality: Option<u8>,
    pub(super) postcode: &'static str,
    pub(super) street: &'static str,
    pub(super) number: u16,
    /// Letter behind the house number.
    pub(super) letter: Option<char>,
}

/// People who share a kitchen, and where.
pub(super) struct Household {
    /// Addresses by the month they begin, oldest first, never empty.
    pub(super) addresses: Vec<(Month, Address)>,
}

impl Household {
    /// The address in a month; before the first one, the first.
    pub(super) fn address_at(&self, month: Month) -> (usize, Address) {
        let at = self.addresses.partition_point(|(from, _)| *from <= month).saturating_sub(1);
        (at, self.addresses[at].1)
    }
}

/// A resident.
pub(super) struct Person {
    pub(super) sex: Sex,
    pub(super) birth: Day,
    pub(super) origin: Origin,
    /// Given names in the order of the register, one to three.
    pub(super) given: Vec<&'static str>,
    pub(super) birth_name: Surname,
    /// Surnames after the birth name, by the month they begin.
    pub(super) surnames: Vec<(Month, Surname)>,
    pub(super) mother: Option<u8>,
    pub(super) father: Option<u8>,
    /// Index of the one they live with as a couple.
    pub(super) partner: Option<u8>,
    pub(super) married: bool,
    /// Has an impairment that entitles to integration assistance.
    pub(super) impaired: bool,
    pub(super) stays: Vec<Stay>,
    /// First month in the county.
    pub(super) from: Month,
    /// First month no longer in the county (moved away or died).
    pub(super) until: Month,
    pub(super) died: bool,
    /// From this month on the departments have no record: objection, or erased after death.
    pub(super) withdrawn: Month,
}

impl Person {
    /// Whether the person lives in the county in a month.
    pub(super) fn present(&self, month: Month) -> bool {
        self.from <= month && month < self.until
    }

    /// The household of a month, if the person lives in the county then.
    pub(super) fn stay_at(&self, month: Month) -> Option<Stay> {
        self.present(month).then(|| self.last_stay(month))
    }

    /// The household of a month or the last one before.
    pub(super) fn last_stay(&self, month: Month) -> Stay {
        let at = self.stays.partition_point(|stay| stay.from <= month).saturating_sub(1);
        self.stays[at]
    }

    /// The surname of a month.
    pub(super) fn surname_at(&self, month: Month) -> Surname {
        let at = self.surnames.partition_point(|(from, _)| *from <= month);
        at.checked_sub(1).map_or(self.birth_name, |at| self.surnames[at].1)
    }

    pub(super) fn age(&self, month: Month) -> i16 {
        self.birth.age_at_end_of(month)
    }
}

/// A family and everybody who joins it: the unit of simulation. Nothing connects two families,
/// so that they can be lived in any order.
pub(super) struct Family {
    /// Number of the family in the world.
    pub(super) id: u64,
    pub(super) people: Vec<Person>,
    pub(super) households: Vec<Household>,
    /// Arrived as asylum seekers.
    pub(super) asylum: bool,
}

impl Family {
    /// Indices of those who live in a household in a month.
    pub(super) fn members(&self, household: u8, month: Month) -> impl Iterator<Item = u8> {
        let people = (0_u8..).zip(&self.people);
        people.filter_map(move |(index, person)| {
            let stay = person.stay_at(month)?;
            (stay.household == household).then_some(index)
        })
    }

    pub(super) fn person(&self, index: u8) -> &Person {
        &self.people[usize::from(index)]
    }
}
