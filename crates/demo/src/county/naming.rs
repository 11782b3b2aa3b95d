//! How people get their names.

use super::draw::Draw;
use super::people::{Sex, Surname};
use super::tables::{NameList, Origin, Tables};

impl Tables {
    fn list(&self, origin: Origin) -> Option<&NameList> {
        match origin {
            Origin::German => None,
            Origin::Turkish => self.others.first(),
            Origin::Polish => self.others.get(1),
            Origin::Arabic => self.others.get(2),
        }
    }

    /// A surname as one is born with.
    pub(super) fn surname(&self, draw: &mut Draw, origin: Origin) -> Surname {
        let own = self.list(origin).and_then(|list| draw.one(&list.surnames));
        let first = own.copied().unwrap_or_else(|| self.surnames.pick(draw));
        let noble = origin == Origin::German && draw.per_mille(4);
        let particle = if noble { draw.among(["von ", "von der ", "zu "]) } else { "" };
        Surname { particle, first, second: None }
    }

    /// One given name in fashion at the time of birth.
    fn given_name(
        &self,
        draw: &mut Draw,
        origin: Origin,
        sex: Sex,
        birth_year: i16,
    ) -> &'static str {
        // Children born here often carry a name of the country.
        let assimilated = birth_year >= 1990 && draw.per_mille(180);
        let female = match sex {
            Sex::Female => true,
            Sex::Male => false,
            Sex::Diverse => draw.per_mille(500),
        };
        if let Some(list) = self.list(origin).filter(|_| !assimilated) {
            let own = draw.one(if female { &list.female } else { &list.male });
            if let Some(name) = own {
                return name;
            }
        }
        let decades = &self.given[usize::from(female)];
        // Parents' taste is older than the decade for one in five.
        let taste = birth_year - if draw.per_mille(200) { 10 } else { 0 };
        let decade = usize::try_from((taste - 1900) / 10).unwrap_or(0).min(decades.len() - 1);
        decades[decade].pick(draw)
    }

    /// All given names in the order of the register: one, often two, seldom three.
    pub(super) fn given_names(
        &self,
        draw: &mut Draw,
        origin: Origin,
        sex: Sex,
        birth_year: i16,
    ) -> Vec<&'static str> {
        let further = if origin == Origin::German { 380 } else { 90 };
        let mut count = 1;
        if draw.per_mille(further) {
            count += 1 + usize::from(draw.per_mille(90));
        }
        let mut names: Vec<&'static str> = Vec::with_capacity(count);
        while names.len() < count {
            let name = self.given_name(draw, origin, sex, birth_year);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Surnames of a couple after the wedding, from their names before: the shares of the table
    /// `marriage_name`.
    pub(super) fn wedding_names(
        &self,
        draw: &mut Draw,
        one: Surname,
        other: Surname,
    ) -> (Surname, Surname) {
        let double = |first: Surname, second: Surname| Surname {
            second: Some(second.first),
            ..Surname { second: None, ..first }
        };
        match self.marriage_name.pick(draw) {
            1 => (one, one),
            4 => (one, double(one, other)),
            5 => (one, double(other, one)),
            6 => (double(one, other), other),
            7 => (double(other, one), other),
            _ => (one, other),
        }
    }
}

/// The origin of a family: shares of the population, rounded.
pub(super) fn draw_origin(draw: &mut Draw) -> Origin {
    draw.weighted([
        (845, Origin::German),
        (60, Origin::Turkish),
        (50, Origin::Polish),
        (45, Origin::Arabic),
    ])
}
