//! Social assistance (SGB XII) and integration assistance (SGB IX) of a person.

use super::calendar::{Day, Month};
use super::draw::Draw;
use super::people::{Family, Person};
use super::services::{Case, Detail, Means, PENSION_AGE, Services};
use super::tables::Origin;

/// Draws what a person receives.
pub(super) fn receive(family: &Family, draw: &mut Draw, services: &mut Services, index: u8) {
    old_age(family, draw, services, index);
    reduced_capacity(family, draw, services, index);
    integration(family, draw, services, index);
}

/// Last day of a case that would run to the end of the month before `until`.
pub(super) fn end_before(person: &Person, until: Month) -> Option<Day> {
    let until = until.min(person.until);
    (until <= Month::LAST).then(|| until.plus(-1).last_day())
}

fn push(
    services: &mut Services,
    family: &Family,
    person: u8,
    begin: Day,
    until: Month,
    detail: Detail,
) {
    let who = family.person(person);
    let end = end_before(who, until);
    // Whoever left before the window or has not come yet has no case in it.
    let over = end.is_some_and(|end| end < begin || end.month() < Month::FIRST);
    if !over && begin.month() <= Month::LAST && who.until > begin.month() {
        services.cases.push(Case { person, begin, end, detail });
    }
}

/// Basic income in old age and help with care.
fn old_age(family: &Family, draw: &mut Draw, services: &mut Services, index: u8) {
    let person = family.person(index);
    let share = match person.origin {
        Origin::German => 30,
        Origin::Polish => 50,
        Origin::Turkish | Origin::Arabic => 120,
    };
    let (mut basic, mut care) = (false, false);
    for month in Month::window(Month::LAST).filter(|&month| person.present(month)) {
        let age = person.age(month);
        if age < PENSION_AGE {
            continue;
        }
        let first = month == Month::FIRST || month == person.from;
        let turned = person.birth.month().plus(12 * PENSION_AGE) == month;
        let was_in_need = turned
            && month > Month::FIRST
            && services.means_of(family, index, month.plus(-1)) == Means::Sgb2;
        let chance = match (first, was_in_need) {
            (_, true) => 700_000,
            (true, false) => share * 1000,
            _ => share * 8,
        };
        let has_grant = services.means_of(family, index, month) == Means::Wohngeld;
        if !basic && !has_grant && draw.per_million(chance) {
            basic = true;
            let since = if first { draw.below(60) as i16 } else { 0 };
            let begin = month.plus(-since).max(person.birth.month().plus(12 * PENSION_AGE)).day(1);
            let cents = 25_000 + draw.below(650) * 100;
            let benefit = "GSi-Alter";
            let detail = Detail::Sgb12 { benefit, cents, in_home: false, care_level: 0 };
            push(services, family, index, begin, Month::NEVER, detail);
        }
        let chance = if first { 35_000 } else { 900 };
        if !care && age >= 78 && draw.per_million(chance) {
            care = true;
            let level = 2 + draw.below(4) as u8;
            let in_home = draw.per_mille(800);
            let cents = if in_home {
                70_000 + draw.below(1900) * 100
            } else {
                30_000 + draw.below(700) * 100
            };
            let detail = Detail::Sgb12 { benefit: "HzP", cents, in_home, care_level: level };
            let begin = month.day(draw.day());
            push(services, family, index, begin, Month::NEVER, detail);
        }
    }
}

/// Basic income with reduced earning capacity, and subsistence.
fn reduced_capacity(family: &Family, draw: &mut Draw, services: &mut Services, index: u8) {
    let person = family.person(index);
    let start = person.from.max(Month::FIRST);
    let age = person.age(start);
    if !(18..PENSION_AGE).contains(&age) || services.means_of(family, index, start) != Means::Own {
        return;
    }
    let begin = start.plus(draw.below(48) as i16 - 30).max(person.from).max(Month(-120));
    let retires = person.birth.month().plus(12 * PENSION_AGE);
    if person.impaired && draw.per_mille(220) {
        let cents = 52_000 + draw.below(420) * 100;
        let in_home = draw.per_mille(180);
        let care_level = if draw.per_mille(300) { 1 + draw.below(4) as u8 } else { 0 };
        let detail = Detail::Sgb12 { benefit: "GSi-EM", cents, in_home, care_level };
        push(services, family, index, begin.day(1), retires, detail);
    } else if draw.per_mille(2) {
        let cents = 30_000 + draw.below(450) * 100;
        let detail = Detail::Sgb12 { benefit: "HLU", cents, in_home: false, care_level: 0 };
        let until = begin.plus(draw.between(4, 30) as i16);
        push(services, family, index, begin.day(1), until, detail);
    }
}

/// Early support, school assistance and help for adults with an impairment.
fn integration(family: &Family, draw: &mut Draw, services: &mut Services, index: u8) {
    let person = family.person(index);
    if !person.impaired {
        return;
    }
    let impairment =
        draw.weighted([(45, "seelisch"), (28, "geistig"), (17, "körperlich"), (10, "Sinnes")]);
    let early = draw.per_mille(700);
    let at_school = draw.per_mille(if early { 620 } else { 450 });
    let as_adult = draw.per_mille(540);
    let birth = person.birth.month();
    let middle = draw.per_mille(500);
    let mut give = |kind, begin: Month, until: Month, tenths, cents| {
        let begin = begin.max(person.from).day(if middle { 15 } else { 1 });
        let detail = Detail::Egh { kind, tenth_hours: tenths, cents, impairment };
        if until > Month::FIRST {
            push(services, family, index, begin, until, detail);
        }
    };
    if early {
        let begin = birth.plus(draw.between(20, 44) as i16);
        let tenths = 10 + draw.below(5) * 5;
        give("Frühförderung", begin, birth.plus(76), tenths, 28_000 + draw.below(420) * 100);
    }
    if at_school {
        let begin = birth.plus(draw.between(77, 100) as i16);
        let until = begin.plus(draw.between(24, 110) as i16);
        let kind = if draw.per_mille(680) { "Schulbegleitung" } else { "Teilhabeassistenz" };
        let tenths = 80 + draw.below(45) * 5;
        give(kind, begin, until, tenths, 95_000 + draw.below(2100) * 100);
    }
    let adult = birth.plus(12 * 18);
    if as_adult && adult <= Month::LAST {
        let begin = adult.max(Month(-(draw.below(100) as i16) + 30));
        let kind = if draw.per_mille(350) { "Hilfsmittel" } else { "sonst" };
        let tenths = draw.below(40) * 5;
        give(kind, begin, Month::NEVER, tenths, 35_000 + draw.below(3200) * 100);
    }
}
