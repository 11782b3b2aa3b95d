//! Four years of a family, month by month: births, deaths, moves, weddings, separations.
//!
//! The chances are round numbers near those of official statistics, per year in per mille unless
//! stated; they shape the demo and are no estimate of anything.

use super::calendar::Month;
use super::draw::Draw;
use super::founding::Land;
use super::kin::{add_child, born_in, marry, newcomer};
use super::naming::draw_origin;
use super::people::{Family, Household, Role, Sex, Stay};

/// More people or households than this a family does not grow to; indices stay in one byte.
const FULL: usize = 40;

/// Lives through the window.
pub(super) fn live(land: &Land<'_>, draw: &mut Draw, family: &mut Family) {
    for month in Month::window(Month::LAST) {
        if family.people.iter().all(|person| !person.present(month)) {
            continue;
        }
        depart(draw, family, month);
        for household in 0..family.households.len() as u8 {
            live_household(land, draw, family, household, month);
        }
    }
}

/// A chance per year in per mille, drawn for one month.
fn happens(draw: &mut Draw, per_year: u32) -> bool {
    draw.per_million(per_year * 1000 / 12)
}

/// Deaths and objections.
fn depart(draw: &mut Draw, family: &mut Family, month: Month) {
    for person in family.people.iter_mut().filter(|person| person.present(month)) {
        if draw.per_million(death_per_million(person.age(month))) && person.from < month {
            person.until = month;
            person.died = true;
            // Half of the departments' records are erased at once; the rest wait for their term.
            if draw.per_mille(500) {
                person.withdrawn = month;
            }
        } else if happens(draw, 6) && person.withdrawn == Month::NEVER {
            person.withdrawn = month;
        }
    }
}

/// Chance to die within a month: 0.03 % a year below 35, 0.1 % at 40, doubling every 7.5 years.
fn death_per_million(age: i16) -> u32 {
    let doublings = u32::from((age - 40).clamp(0, 60).unsigned_abs()) * 10;
    let (whole, rest) = (doublings / 75, doublings % 75);
    let base: u32 = if age < 35 { 300 } else { 1_100 };
    let yearly = (base << whole) * (75 + rest) / 75;
    yearly.min(600_000) / 12
}

fn live_household(
    land: &Land<'_>,
    draw: &mut Draw,
    family: &mut Family,
    household: u8,
    month: Month,
) {
    let members: Vec<u8> = family.members(household, month).collect();
    let role = |index: &u8| family.person(*index).last_stay(month).role;
    let adults: Vec<u8> = members.iter().copied().filter(|i| role(i) == Role::Adult).collect();
    let children = members.iter().filter(|i| role(i) == Role::Child).count();
    let grown: Option<u8> = members
        .iter()
        .copied()
        .find(|i| role(i) == Role::Child && family.person(*i).age(month) >= 18);
    let Some(&first) = adults.first() else {
        promote(family, &members, household, month);
        return;
    };
    if family.people.len() < FULL && family.households.len() < FULL {
        if children < 5 {
            give_birth(land, draw, family, &adults, household, month);
        }
        if let Some(grown) = grown.filter(|_| happens(draw, 130)) {
            leave_home(land, draw, family, grown, month);
        }
        if let [_, second] = adults[..] {
            if happens(draw, 14) {
                leave_home(land, draw, family, second, month);
                part(family, first, second);
            }
        } else if happens(draw, 45) && (20..48).contains(&family.person(first).age(month)) {
            join(land, draw, family, first, household, month);
        }
    }
    wed(land, draw, family, &adults, month);
    let age = family.person(first).age(month);
    let restless = if age < 35 {
        110
    } else if age < 60 {
        45
    } else {
        14
    };
    if happens(draw, restless) {
        relocate(land, draw, family, household, month);
    }
}

/// Where no adult is left, the eldest runs the household from now on.
fn promote(family: &mut Family, members: &[u8], household: u8, month: Month) {
    let eldest = members.iter().copied().min_by_key(|&index| family.person(index).birth);
    if let Some(eldest) = eldest.filter(|&index| family.person(index).age(month) >= 16) {
        let stay = Stay { from: month, household, role: Role::Adult };
        family.people[usize::from(eldest)].stays.push(stay);
    }
}

fn give_birth(
    land: &Land<'_>,
    draw: &mut Draw,
    family: &mut Family,
    adults: &[u8],
    household: u8,
    month: Month,
) {
    let woman = adults.iter().copied().find(|&index| family.person(index).sex == Sex::Female);
    let Some(woman) = woman else { return };
    let chance = match (family.person(woman).age(month), adults.len()) {
        (18..24, 2) => 120,
        (24..36, 2) => 210,
        (36..43, 2) => 65,
        (18..40, _) => 14,
        _ => 0,
    };
    let recent = family
        .people
        .iter()
        .any(|person| person.mother == Some(woman) && person.birth.month() > month.plus(-11));
    if chance == 0 || recent || !happens(draw, chance) {
        return;
    }
    let birth = born_in(draw, month);
    let twins = if draw.per_mille(17) { 2 } else { 1 };
    for _ in 0..twins {
        add_child(land, draw, family, birth, month, household);
    }
}

/// Somebody moves out: half of them leave the county, the others found a household of their own.
fn leave_home(land: &Land<'_>, draw: &mut Draw, family: &mut Family, index: u8, month: Month) {
    if draw.per_mille(400) {
        family.people[usize::from(index)].until = month;
        return;
    }
    let last = family.person(index).last_stay(month).household;
    let (_, old) = family.households[usize::from(last)].address_at(month);
    let stays = draw.per_mille(550);
    let town = if stays { old.municipality } else { land.destinations.pick(draw) };
    let address = land.streets.address(land.tables, draw, town);
    let household = family.households.len() as u8;
    family.households.push(Household { addresses: vec![(month, address)] });
    let stay = Stay { from: month, household, role: Role::Adult };
    family.people[usize::from(index)].stays.push(stay);
}

fn part(family: &mut Family, one: u8, other: u8) {
    for index in [one, other] {
        let person = &mut family.people[usize::from(index)];
        person.partner = None;
        person.married = false;
    }
}

/// A partner from elsewhere moves in.
fn join(
    land: &Land<'_>,
    draw: &mut Draw,
    family: &mut Family,
    single: u8,
    household: u8,
    month: Month,
) {
    let person = family.person(single);
    let same = draw.per_mille(850);
    let origin = if same { person.origin } else { draw_origin(draw) };
    let alike = draw.per_mille(25);
    let sex = match (person.sex, alike) {
        (Sex::Male, false) | (Sex::Female, true) => Sex::Female,
        _ => Sex::Male,
    };
    let age = (person.age(month) + draw.between(-4, 4) as i16).max(18);
    let birth = born_in(draw, month.plus(-12 * age - 6));
    let name = land.tables.surname(draw, origin);
    let place = (month, household, Role::Adult);
    let mut partner = newcomer(land.tables, draw, origin, sex, birth, name, place);
    partner.partner = Some(single);
    let index = family.people.len() as u8;
    family.people.push(partner);
    family.people[usize::from(single)].partner = Some(index);
}

fn wed(land: &Land<'_>, draw: &mut Draw, family: &mut Family, adults: &[u8], month: Month) {
    if let [one, other] = *adults {
        let free = |index| {
            let person: &super::people::Person = family.person(index);
            !person.married && person.present(month)
        };
        let couple = family.person(one).partner == Some(other);
        if couple && free(one) && free(other) && happens(draw, 150) {
            marry(land.tables, draw, family, one, other, month);
        }
    }
}

/// The whole household moves: within the municipality, within the county, or away.
fn relocate(land: &Land<'_>, draw: &mut Draw, family: &mut Family, household: u8, month: Month) {
    if draw.per_mille(270) {
        let members: Vec<u8> = family.members(household, month).collect();
        for index in members {
            family.people[usize::from(index)].until = month;
        }
        return;
    }
    let home = &mut family.households[usize::from(household)];
    let (_, old) = home.address_at(month);
    let near = draw.per_mille(620);
    let town = if near { old.municipality } else { land.destinations.pick(draw) };
    home.addresses.push((month, land.streets.address(land.tables, draw, town)));
}
