//! The rows of a family in one extract.

use super::calendar::Month;
use super::case_cells::{CaseFacts, amount, case_number};
use super::dataset::Dataset;
use super::errors::{ErrorKind, SHARES};
use super::line::Line;
use super::people::{Family, Role};
use super::record::{Desk, Record};
use super::services::{Case, Grant, PENSION_AGE, Services, Spell, composition, in_unit, unit_kind};
use super::world::Life;

/// What makes a row unacceptable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ruin {
    ImpossibleDate,
    NoName,
    UnknownCode,
}

/// Rows of some families, and what they are about.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) text: String,
    /// Number of the person and end of the row in the text.
    pub(super) rows: Vec<(u32, usize)>,
    pub(super) records: u32,
    pub(super) dirty: u32,
    /// By the order of [`SHARES`].
    pub(super) errors: [u32; SHARES.len()],
    pub(super) total: u64,
}

/// A family at a desk: its open records.
struct Clerk<'a> {
    desk: &'a Desk<'a>,
    life: &'a Life,
    records: Vec<Option<Record>>,
    ruin: Option<Ruin>,
    sheet: &'a mut Sheet,
}

impl Sheet {
    /// Appends the rows of a family, spoiled throughout if `ruin` is given.
    pub(super) fn add(&mut self, desk: &Desk<'_>, life: &Life, ruin: Option<Ruin>) {
        let records = life.family.people.iter().map(|_| None).collect();
        let services = &life.services;
        let mut clerk = Clerk { desk, life, records, ruin, sheet: self };
        match desk.convention.dataset {
            Dataset::Sgb2 => services.spells.iter().for_each(|spell| clerk.spell(spell)),
            Dataset::Wohngeld => services.grants.iter().for_each(|grant| clerk.grant(grant)),
            Dataset::But => clerk.tickets(services),
            dataset => {
                let cases = services.cases.iter().filter(|case| case.dataset() == dataset);
                cases.for_each(|case| clerk.case(case));
            }
        }
        let records: Vec<Record> = clerk.records.into_iter().flatten().collect();
        for record in records {
            self.records += 1;
            self.dirty += u32::from(!record.errors.is_empty());
            for error in record.errors {
                self.count(error);
            }
        }
    }

    fn count(&mut self, error: ErrorKind) {
        if let Some(at) = SHARES.iter().position(|share| share.kind == error) {
            self.errors[at] += 1;
        }
    }
}

impl Clerk<'_> {
    fn family(&self) -> &Family {
        &self.life.family
    }

    /// Whether the department still holds records of a person.
    fn held(&self, person: u8) -> bool {
        self.family().person(person).withdrawn > self.desk.cutoff
    }

    /// Writes one row: shared cells, case number, then whatever `own` writes.
    fn row(
        &mut self,
        person: u8,
        household: u8,
        month: Month,
        case: u32,
        amount: u32,
        own: impl FnOnce(&mut Line<'_>),
    ) {
        let (desk, family) = (self.desk, &self.life.family);
        let slot = &mut self.records[usize::from(person)];
        let record = slot.get_or_insert_with(|| {
            let mut record = desk.open(family, person);
            match self.ruin {
                Some(Ruin::ImpossibleDate) => desk.ruin(family, &mut record, false),
                Some(Ruin::NoName) => desk.ruin(family, &mut record, true),
                _ => {}
            }
            record
        });
        let out = &mut self.sheet.text;
        desk.identify(family, record, household, month, out);
        out.push_str(&case_number(desk.convention.dataset, case));
        let unknown_code = self.ruin == Some(Ruin::UnknownCode);
        own(&mut Line { out, delimiter: desk.convention.delimiter, unknown_code });
        out.push_str(desk.convention.newline);
        self.sheet.total += u64::from(amount);
        self.sheet.rows.push((self.life.first_person + u32::from(person), self.sheet.text.len()));
    }

    /// Number of a case: of the household, or of the person.
    fn household_case(&self, household: u8) -> u32 {
        self.life.first_household + u32::from(household)
    }

    fn spell(&mut self, spell: &Spell) {
        let last = spell.until.plus(-1).min(self.desk.cutoff);
        for month in Month::window(last).filter(|&month| month >= spell.from) {
            let family = &self.life.family;
            let in_household = family.members(spell.household, month);
            let unit: Vec<u8> = in_household
                .filter(|&index| in_unit(family, index, spell.household, month))
                .collect();
            for &person in &unit {
                if self.held(person) {
                    self.unit_member(spell, &unit, person, month);
                }
            }
        }
    }

    fn unit_member(&mut self, spell: &Spell, unit: &[u8], person: u8, month: Month) {
        let family = &self.life.family;
        let who = family.person(person);
        let age = who.age(month);
        let child = |index: &&u8| family.person(**index).last_stay(month).role == Role::Child;
        let children = unit.iter().filter(child).count();
        let kind = unit_kind(family, unit, month).code;
        let role = if age < 15 {
            "NEF"
        } else if age < PENSION_AGE {
            "ELB"
        } else {
            "sonst"
        };
        // Housing costs are shared by heads; the last cent goes to nobody.
        let housing = spell.housing_cents / unit.len() as u32;
        let standard = match (age, unit.len() - children) {
            (..6, _) => 35_700,
            (6..14, _) => 39_000,
            (14..18, _) => 47_100,
            (18..25, _) if child(&&person) => 45_100,
            (_, 2..) => 50_600,
            _ => 56_300,
        };
        let works = role == "ELB" && (u32::from(who.birth.day) + u32::from(person)) % 9 < 2;
        let benefit = housing + if works { standard / 2 } else { standard };
        let exit = if who.until == month.plus(1) {
            if who.died { "Tod" } else { "Umzug" }
        } else if spell.until == month.plus(1) {
            spell.exit
        } else {
            ""
        };
        let case = self.household_case(spell.household);
        self.row(person, spell.household, month, case, benefit, |line| {
            line.report_month(month);
            line.code(kind);
            line.code(role);
            line.cents(housing);
            line.cents(benefit);
            line.yes(works);
            line.day(Some(spell.from.day(1)));
            line.code(exit);
        });
    }

    fn grant(&mut self, grant: &Grant) {
        let end = grant.known_end(self.desk.cutoff);
        if grant.from > self.desk.cutoff || end < Month::FIRST || end < grant.from {
            return;
        }
        let held: Vec<u8> = grant.members.iter().copied().filter(|&p| self.held(p)).collect();
        for (at, person) in held.into_iter().enumerate() {
            // Amounts of the household stand on the first row only, so that they add up.
            let first = at == 0;
            let case = self.household_case(grant.household);
            let amount = if first { grant.amount_cents } else { 0 };
            let month = grant.from.max(Month::FIRST);
            self.row(person, grant.household, month, case, amount, |line| {
                line.month(Some(grant.from));
                line.month(Some(end));
                line.code(grant.kind);
                line.cents_if(first, grant.amount_cents);
                line.number(grant.members.len() as u32);
                line.number(u32::from(grant.children));
                line.code(grant.status);
                line.number(u32::from(grant.rent_level));
                line.cents_if(first, grant.rent_cents);
            });
        }
    }

    fn tickets(&mut self, services: &Services) {
        let cutoff = self.desk.cutoff;
        for ticket in services.tickets.iter().filter(|ticket| ticket.on.month() <= cutoff) {
            if self.held(ticket.person) {
                self.personal(ticket.person, ticket.cents, |line| {
                    line.code(ticket.kind);
                    line.code(ticket.law);
                    line.day(Some(ticket.on));
                    line.cents(ticket.cents);
                    line.code(ticket.school);
                });
            }
        }
    }

    /// A row of a benefit of one person, with the latest address.
    fn personal(&mut self, person: u8, amount: u32, own: impl FnOnce(&mut Line<'_>)) {
        let cutoff = self.desk.cutoff;
        let (household, _, _) = self.desk.home(self.family(), person, cutoff);
        let who = self.family().person(person);
        let month = cutoff.min(who.until.plus(-1)).max(who.from);
        let case = self.life.first_person + u32::from(person);
        self.row(person, household, month, case, amount, own);
    }

    fn case(&mut self, case: &Case) {
        let cutoff = self.desk.cutoff;
        if case.begin.month() > cutoff || !self.held(case.person) {
            return;
        }
        let end = case.known_end(cutoff);
        let facts = CaseFacts {
            begin: case.begin,
            end,
            town: self.town_of_day_care(case),
            situation: self.situation(case),
        };
        self.personal(case.person, amount(&case.detail), |line| facts.write(&case.detail, line));
    }

    /// Key of the municipality in whose day care a child is: mostly its own.
    fn town_of_day_care(&self, case: &Case) -> &'static str {
        let (_, _, address) = self.desk.home(self.family(), case.person, case.begin.month());
        self.desk.land.tables.municipalities[usize::from(address.municipality)].ags
    }

    fn situation(&self, case: &Case) -> &'static str {
        let month = case.begin.month().max(Month::FIRST);
        let family = self.family();
        let stay = family.person(case.person).last_stay(month);
        let (adults, _) = composition(family, stay.household, month);
        let parents = [family.person(case.person).mother, family.person(case.person).father];
        match adults.len() {
            0 => "unbekannt",
            1 => "alleinerziehend",
            _ if adults.iter().any(|&adult| !parents.contains(&Some(adult))) => "Patchwork",
            _ => "zusammenlebend",
        }
    }
}
