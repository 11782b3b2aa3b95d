//! What a family receives: the truth behind the extracts.

use super::calendar::{Day, Month, Months};
use super::dataset::Dataset;
use super::draw::Draw;
use super::people::{Family, Role};
use super::{asylum, care, income, school, youth};

/// What a household lives on in a month.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    Own,
    Wohngeld,
    Sgb2,
    Asylum,
}

/// A household in SGB II.
pub(super) struct Spell {
    pub(super) household: u8,
    /// First month, possibly long before the window.
    pub(super) from: Month,
    /// First month without.
    pub(super) until: Month,
    pub(super) exit: &'static str,
    /// Rent and heating of the household per month.
    pub(super) housing_cents: u32,
}

/// Housing benefit for a household, decided once.
pub(super) struct Grant {
    pub(super) household: u8,
    pub(super) from: Month,
    /// Last month as decided.
    pub(super) planned: Month,
    /// Last month as it turned out; at most `planned`.
    pub(super) to: Month,
    /// Members of the household at the decision, the applicant first.
    pub(super) members: Vec<u8>,
    pub(super) children: u8,
    pub(super) kind: &'static str,
    pub(super) amount_cents: u32,
    pub(super) status: &'static str,
    pub(super) rent_level: u8,
    pub(super) rent_cents: u32,
}

impl Grant {
    /// Last month as a delivery that reaches to `cutoff` tells it.
    pub(super) fn known_end(&self, cutoff: Month) -> Month {
        if self.to < cutoff { self.to } else { self.planned }
    }
}

/// Own facts of a benefit with beginning and end.
pub(super) enum Detail {
    Sgb12 {
        benefit: &'static str,
        cents: u32,
        in_home: bool,
        care_level: u8,
    },
    Egh {
        kind: &'static str,
        tenth_hours: u32,
        cents: u32,
        impairment: &'static str,
    },
    Hze {
        kind: &'static str,
        reason: &'static str,
        origin: &'static str,
        risk: bool,
        cents: u32,
        tenth_hours: u32,
    },
    Kita {
        childminder: bool,
        hours: u8,
        covered: bool,
        other_language: bool,
        integration: bool,
    },
    Asyl {
        benefit: &'static str,
        housing: &'static str,
        region: &'static str,
        cents: u32,
        status: &'static str,
    },
}

/// A benefit of one person with beginning and end.
pub(super) struct Case {
    pub(super) person: u8,
    pub(super) begin: Day,
    /// Last day; `None` while it goes on.
    pub(super) end: Option<Day>,
    pub(super) detail: Detail,
}

impl Case {
    pub(super) const fn dataset(&self) -> Dataset {
        match self.detail {
            Detail::Sgb12 { .. } => Dataset::Sgb12,
            Detail::Egh { .. } => Dataset::Egh,
            Detail::Hze { .. } => Dataset::Hze,
            Detail::Kita { .. } => Dataset::Kita,
            Detail::Asyl { .. } => Dataset::Asyl,
        }
    }

    /// The end as far as a delivery that reaches to `cutoff` knows it.
    pub(super) fn known_end(&self, cutoff: Month) -> Option<Day> {
        self.end.filter(|end| end.month() <= cutoff)
    }

    pub(super) fn months(&self, cutoff: Month) -> Months {
        let end = self.known_end(cutoff).map_or(cutoff, |day| day.month());
        Months::span(self.begin.month(), end)
    }
}

/// A single benefit of the education package.
pub(super) struct Ticket {
    pub(super) person: u8,
    pub(super) on: Day,
    pub(super) kind: &'static str,
    pub(super) law: &'static str,
    pub(super) cents: u32,
    pub(super) school: &'static str,
}

/// Everything a family receives in the four years.
pub(super) struct Services {
    /// Means per household and month of the window.
    pub(super) means: Vec<[Means; 48]>,
    pub(super) spells: Vec<Spell>,
    pub(super) grants: Vec<Grant>,
    pub(super) cases: Vec<Case>,
    pub(super) tickets: Vec<Ticket>,
}

impl Services {
    /// Draws what a family receives, given how it lived.
    pub(super) fn draw(family: &Family, draw: &mut Draw) -> Self {
        let mut new = Self {
            means: vec![[Means::Own; 48]; family.households.len()],
            spells: Vec::new(),
            grants: Vec::new(),
            cases: Vec::new(),
            tickets: Vec::new(),
        };
        let recognised = asylum::receive(family, draw, &mut new);
        for household in 0..family.households.len() as u8 {
            income::receive(family, draw, &mut new, household, recognised);
        }
        for index in 0..family.people.len() as u8 {
            care::receive(family, draw, &mut new, index);
            youth::receive(family, draw, &mut new, index);
            school::receive(family, draw, &mut new, index);
        }
        new
    }

    /// Means of the household somebody lives in; own means outside the county.
    pub(super) fn means_of(&self, family: &Family, index: u8, month: Month) -> Means {
        let month = month.max(Month::FIRST);
        let stay = family.person(index).stay_at(month);
        stay.map_or(Means::Own, |stay| self.means[usize::from(stay.household)][month.0 as usize])
    }

    /// Months in which a person receives a service, as a delivery up to `cutoff` tells them.
    pub(super) fn months(
        &self,
        family: &Family,
        index: u8,
        dataset: Dataset,
        cutoff: Month,
    ) -> Months {
        match dataset {
            Dataset::Sgb2 => {
                let stretch = self.spells.iter().flat_map(|spell| {
                    let last = spell.until.plus(-1).min(cutoff);
                    let months = (spell.from.max(Month::FIRST).0..=last.0).map(Month);
                    months.filter(|&month| in_unit(family, index, spell.household, month))
                });
                stretch.fold(Months::NONE, |all, month| all.with(Months::span(month, month)))
            }
            Dataset::Wohngeld => {
                let mine = self
                    .grants
                    .iter()
                    .filter(|grant| grant.members.contains(&index) && grant.from <= cutoff);
                mine.fold(Months::NONE, |all, grant| {
                    all.with(Months::span(grant.from, grant.known_end(cutoff).min(cutoff)))
                })
            }
            Dataset::But => {
                let mine = self
                    .tickets
                    .iter()
                    .filter(|ticket| ticket.person == index && ticket.on.month() <= cutoff);
                mine.fold(Months::NONE, |all, ticket| {
                    all.with(Months::span(ticket.on.month(), ticket.on.month()))
                })
            }
            _ => {
                let mine = self.cases.iter().filter(|case| {
                    case.person == index
                        && case.dataset() == dataset
                        && case.begin.month() <= cutoff
                });
                mine.fold(Months::NONE, |all, case| all.with(case.months(cutoff)))
            }
        }
    }
}

/// Whether a person belongs to the benefit unit (Bedarfsgemeinschaft) of a household in a month:
/// adults below pension age and their children below 25.
pub(super) fn in_unit(family: &Family, index: u8, household: u8, month: Month) -> bool {
    let person = family.person(index);
    let stay = person.stay_at(month).filter(|stay| stay.household == household);
    stay.is_some_and(|stay| match stay.role {
        Role::Adult => person.age(month) < PENSION_AGE,
        Role::Child => person.age(month) < 25,
        Role::Elder => false,
    })
}

/// A kind of benefit unit: key of the catalogue, code of the extract.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct UnitKind {
    pub(super) key: &'static str,
    pub(super) code: &'static str,
}

/// What kind of unit these members are in a month.
pub(super) fn unit_kind(family: &Family, unit: &[u8], month: Month) -> UnitKind {
    let child = |index: &&u8| family.person(**index).last_stay(month).role == Role::Child;
    let children = unit.iter().filter(child).count();
    let (key, code) = match (unit.len() - children, children) {
        (2.., 0) => ("couple", "Paar o.K."),
        (2.., _) => ("couple_children", "Paar m.K."),
        (_, 0) => ("single", "Single"),
        _ => ("single_parent", "Alleinerziehend"),
    };
    UnitKind { key, code }
}

/// From this age on there is no SGB II but SGB XII.
pub(super) const PENSION_AGE: i16 = 67;

/// Adults of a household in a month, and its children below 18.
pub(super) fn composition(family: &Family, household: u8, month: Month) -> (Vec<u8>, u8) {
    let mut adults = Vec::new();
    let mut children = 0;
    for index in family.members(household, month) {
        let person = family.person(index);
        match person.last_stay(month).role {
            Role::Adult => adults.push(index),
            Role::Child if person.age(month) < 18 => children += 1,
            _ => {}
        }
    }
    (adults, children)
}
