//! How somebody becomes a member of a family: by moving in, by birth, by marriage.

use super::calendar::{Day, Month, days_in};
use super::draw::Draw;
use super::founding::Land;
use super::people::{Family, Person, Role, Sex, Stay, Surname};
use super::tables::{Origin, Tables};

/// A day of birth in a month.
pub(super) fn born_in(draw: &mut Draw, month: Month) -> Day {
    let days = days_in(month.year(), month.number());
    Day { day: 1 + draw.below(u32::from(days)) as u8, ..month.day(1) }
}

/// A person with nothing but a name, a birthday and a place to live.
pub(super) fn newcomer(
    tables: &Tables,
    draw: &mut Draw,
    origin: Origin,
    sex: Sex,
    birth: Day,
    birth_name: Surname,
    (from, household, role): (Month, u8, Role),
) -> Person {
    Person {
        sex,
        birth,
        origin,
        given: tables.given_names(draw, origin, sex, birth.year),
        birth_name,
        surnames: Vec::new(),
        mother: None,
        father: None,
        partner: None,
        married: false,
        impaired: draw.per_mille(if birth.year >= 2004 { 48 } else { 30 }),
        stays: vec![Stay { from, household, role }],
        from,
        until: Month::NEVER,
        died: false,
        withdrawn: Month::NEVER,
    }
}

/// Marries two people of a family and gives them their names from that month on.
pub(super) fn marry(
    tables: &Tables,
    draw: &mut Draw,
    family: &mut Family,
    one: u8,
    other: u8,
    month: Month,
) {
    let husband_first = draw.per_mille(940);
    let first_is_male = family.person(one).sex == Sex::Male;
    let (one, other) = if first_is_male == husband_first { (one, other) } else { (other, one) };
    let names = [one, other].map(|index| family.person(index).surname_at(month));
    let (first, second) = tables.wedding_names(draw, names[0], names[1]);
    for (index, name, before) in [(one, first, names[0]), (other, second, names[1])] {
        let person = &mut family.people[usize::from(index)];
        person.married = true;
        if name != before {
            person.surnames.push((month, name));
        }
    }
}

/// A child of the adults of a household, with the family name.
pub(super) fn add_child(
    land: &Land<'_>,
    draw: &mut Draw,
    family: &mut Family,
    birth: Day,
    from: Month,
    household: u8,
) {
    let at = from.max(Month::FIRST);
    let adults: Vec<u8> = family
        .members(household, at)
        .filter(|&index| family.person(index).last_stay(at).role == Role::Adult)
        .collect();
    let Some(&first) = adults.first() else { return };
    let mother = adults.iter().copied().find(|&index| family.person(index).sex == Sex::Female);
    let father = adults.iter().copied().find(|&index| Some(index) != mother);
    let married = family.person(first).married;
    let after_mother = !married && draw.per_mille(700);
    let [one, other] = if after_mother { [mother, father] } else { [father, mother] };
    let name_giver = one.or(other).unwrap_or(first);
    let mut name = family.person(name_giver).surname_at(at);
    if married && name.second.is_some() {
        // A child of a couple with a double name carries the family name alone.
        let partner = other.map_or(name, |index| family.person(index).surname_at(at));
        name = if partner.second.is_none() { partner } else { Surname { second: None, ..name } };
    }
    let sex = match (draw.per_mille(513), draw.per_mille(1)) {
        (_, true) => Sex::Diverse,
        (true, _) => Sex::Male,
        (false, _) => Sex::Female,
    };
    let origin = family.person(name_giver).origin;
    let mut child =
        newcomer(land.tables, draw, origin, sex, birth, name, (from, household, Role::Child));
    child.mother = mother;
    child.father = father;
    family.people.push(child);
}
