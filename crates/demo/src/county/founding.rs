//! The families of a municipality as they stand at the start, or when they arrive.

use super::calendar::{Day, Month};
use super::draw::{Draw, Purpose, Weighted};
use super::dwelling::{Destinations, Streets};
use super::kin::{add_child, born_in, marry, newcomer};
use super::naming::draw_origin;
use super::people::{Family, Household, Person, Role, Sex};
use super::tables::{Arrangement, Origin, Tables};

/// Long before the window: for those who have always lived here.
pub(super) const EVER: Month = Month(-2400);

/// What all families of a county share.
pub(super) struct Land<'a> {
    pub(super) tables: &'a Tables,
    pub(super) streets: &'a Streets,
    pub(super) destinations: &'a Destinations,
}

/// A family that is about to be founded.
pub(super) struct Seedling {
    pub(super) id: u64,
    pub(super) municipality: u8,
    pub(super) arrangement: Arrangement,
    /// First month in the county.
    pub(super) from: Month,
    pub(super) asylum: bool,
}

/// Fills a municipality with exactly `residents` people and lets further families arrive, about
/// 1.6 % of the residents a year, one in eight of them as asylum seekers.
pub(super) fn settle(
    tables: &Tables,
    seed: u64,
    municipality: u8,
    residents: u32,
) -> Vec<Seedling> {
    let mut draw = Draw::new(seed, Purpose::Founding, 0, u64::from(municipality));
    let mut seedlings = Vec::new();
    let mut plant = |arrangement, from, asylum| {
        let id = (u64::from(municipality) << 32) | seedlings.len() as u64;
        seedlings.push(Seedling { id, municipality, arrangement, from, asylum });
    };
    let mut left = residents;
    while left > 0 {
        let mut arrangement = tables.arrangements.pick(&mut draw);
        if arrangement.size() > left {
            arrangement = Arrangement { kind: 0, children: 0 };
        }
        left -= arrangement.size();
        let asylum = arrangement.kind != 2 && arrangement.kind != 3 && draw.per_mille(9);
        plant(arrangement, EVER, asylum);
    }
    for month in Month::window(Month::LAST) {
        let mut arriving = residents * 16 / 12;
        while arriving > 0 {
            let arrangement = tables.arrangements.pick(&mut draw);
            let size = arrangement.size() * 1000;
            // A last household that does not fit comes with the chance that keeps the mean.
            if size <= arriving || draw.below(size) < arriving {
                plant(arrangement, month, draw.per_mille(125));
            }
            arriving = arriving.saturating_sub(size);
        }
    }
    seedlings
}

/// Day of birth of somebody of an age (completed years) at the start of a month.
fn born(draw: &mut Draw, start: Month, age: i32) -> Day {
    let age = i16::try_from(age).unwrap_or(0);
    let month = start.plus(-12 * age - 1 - draw.below(12) as i16);
    born_in(draw, month)
}

impl Seedling {
    /// The first month as far as ages are concerned: those who were always here count from 2022.
    fn start(&self) -> Month {
        self.from.max(Month::FIRST)
    }

    /// Founds the family.
    pub(super) fn found(&self, land: &Land<'_>, draw: &mut Draw) -> Family {
        let origin = if self.asylum { Origin::Arabic } else { draw_origin(draw) };
        let address = land.streets.address(land.tables, draw, self.municipality);
        let household = Household { addresses: vec![(EVER, address)] };
        let mut family = Family {
            id: self.id,
            people: Vec::new(),
            households: vec![household],
            asylum: self.asylum,
        };
        let mut kind = self.arrangement.kind;
        let mut children = self.arrangement.children;
        let mut elder = false;
        if children >= 2 && draw.per_mille(70) {
            children -= 1;
            elder = true;
        } else if children == 0 && kind == 1 && draw.per_mille(20) {
            kind = 0;
            elder = true;
        }
        let ages = self.child_ages(land.tables, draw, children);
        self.add_adults(land, draw, &mut family, origin, kind, ages.first().copied());
        if elder {
            self.add_elder(land, draw, &mut family);
        }
        for (at, &age) in ages.iter().enumerate() {
            let twin = at.checked_sub(1).filter(|&before| ages[before] == age);
            let before = family.people.last().map(|person| person.birth);
            let birth =
                before.filter(|_| twin.is_some()).unwrap_or_else(|| born(draw, self.start(), age));
            add_child(land, draw, &mut family, birth, self.from, 0);
        }
        family
    }

    /// Ages of the children, eldest first; equal ages are twins.
    fn child_ages(&self, tables: &Tables, draw: &mut Draw, children: u8) -> Vec<i32> {
        let mut ages: Vec<i32> = Vec::new();
        if children == 0 {
            return ages;
        }
        let least = i32::from(children - 1) * 3;
        let mut eldest = least;
        for _ in 0..12 {
            eldest = draw.between(least, 34);
            let home = &tables.at_home[usize::from(draw.per_mille(490))];
            let stays = usize::try_from(eldest - 14).ok().and_then(|at| home.get(at));
            if eldest < 14 || stays.is_some_and(|&share| draw.per_mille(share)) {
                break;
            }
        }
        ages.push(eldest);
        for at in 1..usize::from(children) {
            let last = ages[at - 1];
            let spacing = tables.spacing[(at - 1).min(tables.spacing.len() - 1)].pick(draw);
            let twin = draw.per_mille(17) || last == 0;
            let younger = last - i32::from(spacing);
            ages.push(match (twin, younger) {
                (true, _) => last,
                (false, 0..) => younger,
                // The spacing would put the birth after the start: closer siblings then.
                _ => draw.between(0, last - 1),
            });
        }
        ages
    }

    fn add_adults(
        &self,
        land: &Land<'_>,
        draw: &mut Draw,
        family: &mut Family,
        origin: Origin,
        kind: u8,
        eldest_child: Option<i32>,
    ) {
        let tables = land.tables;
        let couple = matches!(kind, 1..=6);
        let age = match eldest_child {
            Some(eldest) => eldest + i32::from(tables.first_birth.pick(draw)),
            // Those who flee are younger than those who live alone or as a couple here.
            None if self.asylum => draw.between(19, 52),
            None if couple => childless_age(&tables.couple_age[usize::from(kind) - 1], draw),
            None => childless_age(&tables.single_age, draw),
        };
        let sexes = match kind {
            2 | 5 => [Sex::Male, Sex::Male],
            3 | 6 => [Sex::Female, Sex::Female],
            7 => [Sex::Male, Sex::Male],
            0 => [single_sex(draw, age), Sex::Male],
            _ => [Sex::Female, Sex::Male],
        };
        let first = self.adult(tables, draw, origin, sexes[0], age);
        family.people.push(first);
        if couple {
            self.add_partner(land, draw, family, sexes[1], age);
            if kind <= 3 {
                marry(tables, draw, family, 0, 1, EVER);
            }
            return;
        }
        let once_married = match age {
            ..30 => 30,
            30..60 => 330,
            _ => 800,
        };
        let person = &mut family.people[0];
        if person.sex == Sex::Female && draw.per_mille(once_married) {
            let name = tables.surname(draw, origin);
            person.surnames.push((EVER, name));
        }
    }

    fn add_partner(
        &self,
        land: &Land<'_>,
        draw: &mut Draw,
        family: &mut Family,
        sex: Sex,
        age: i32,
    ) {
        let mixed = !self.asylum && draw.per_mille(120);
        let origin = if mixed { draw_origin(draw) } else { family.people[0].origin };
        let years = i32::from(land.tables.spouse_difference.pick(draw));
        let younger = draw.per_mille(190);
        let age = (if younger { age - years } else { age + years }).clamp(18, 99);
        let mut partner = self.adult(land.tables, draw, origin, sex, age);
        partner.partner = Some(0);
        family.people.push(partner);
        family.people[0].partner = Some(1);
    }

    fn adult(
        &self,
        tables: &Tables,
        draw: &mut Draw,
        origin: Origin,
        sex: Sex,
        age: i32,
    ) -> Person {
        let birth = born(draw, self.start(), age);
        let surname = tables.surname(draw, origin);
        newcomer(tables, draw, origin, sex, birth, surname, (self.from, 0, Role::Adult))
    }

    /// A parent of the first adult, often with the first adult's birth name.
    fn add_elder(&self, land: &Land<'_>, draw: &mut Draw, family: &mut Family) {
        let child = &family.people[0];
        let (origin, name) = (child.origin, child.birth_name);
        let age = i32::from(child.age(self.start())) + draw.between(22, 36);
        let sex = if draw.per_mille(720) { Sex::Female } else { Sex::Male };
        let birth = born(draw, self.start(), age.min(99));
        let birth_name = if sex == Sex::Female { land.tables.surname(draw, origin) } else { name };
        let place = (self.from, 0, Role::Elder);
        let mut elder = newcomer(land.tables, draw, origin, sex, birth, birth_name, place);
        if sex == Sex::Female {
            elder.surnames.push((EVER, name));
        }
        let index = family.people.len() as u8;
        family.people.push(elder);
        match sex {
            Sex::Female => family.people[0].mother = Some(index),
            _ => family.people[0].father = Some(index),
        }
    }
}

/// Sex of somebody who lives alone: of the old mostly widows.
fn single_sex(draw: &mut Draw, age: i32) -> Sex {
    let female = match age {
        ..65 => 420,
        65..75 => 620,
        _ => 830,
    };
    match (draw.per_mille(female), draw.per_mille(1)) {
        (_, true) => Sex::Diverse,
        (true, _) => Sex::Female,
        (false, _) => Sex::Male,
    }
}

/// Age of an adult without children from a table of age groups. The household tables are of 2020
/// and of the whole country, the age pyramid is that of Hesse in the census: too many old and too
/// few young households would come out, so some of the old ones are drawn again.
fn childless_age(groups: &Weighted<u8>, draw: &mut Draw) -> i32 {
    let mut age = 18;
    for _ in 0..3 {
        let group = groups.pick(draw);
        age = i32::from(group) + draw.between(0, if group == 18 { 6 } else { 9 });
        let kept = match age {
            ..50 => 1000,
            50..65 => 900,
            65..75 => 850,
            _ => 500,
        };
        if draw.per_mille(kept) {
            break;
        }
    }
    age
}
