//! SGB II and housing benefit of a household, month by month.
//!
//! Shares are per mille of households in need at any time; the chances to begin follow from them
//! and the chance to leave, so that the stock stays about level.

use super::calendar::Month;
use super::draw::Draw;
use super::people::Family;
use super::services::{Grant, Means, PENSION_AGE, Services, Spell, composition};
use super::tables::Origin;

/// Chance per month to leave SGB II, per mille.
const LEAVES_SGB2: u32 = 22;
/// Months of a housing grant.
const GRANT: i16 = 12;

/// Shares of households like this in SGB II and in housing benefit, per mille.
fn shares(family: &Family, adults: &[u8], children: u8, month: Month) -> (u32, u32) {
    let Some(&first) = adults.first() else { return (0, 0) };
    let age = family.person(first).age(month);
    if age >= PENSION_AGE {
        return (0, 38);
    }
    let (sgb2, wohngeld) = match (adults.len(), children) {
        (1, 0) => (if age < 25 { 90 } else { 105 }, 16),
        (1, _) => (330, 110),
        (_, 0) => (28, 8),
        (_, 1..=2) => (58, 32),
        _ => (110, 120),
    };
    let factor = match family.person(first).origin {
        Origin::German => 74,
        Origin::Polish => 110,
        Origin::Turkish => 150,
        Origin::Arabic => 250,
    };
    ((sgb2 * factor / 100).min(700), wohngeld)
}

/// Draws the benefits of a household over the window.
pub(super) fn receive(
    family: &Family,
    draw: &mut Draw,
    services: &mut Services,
    household: u8,
    recognised: Option<Month>,
) {
    let mut living = Living::default();
    for month in Month::window(Month::LAST) {
        let at = month.0 as usize;
        let (adults, children) = composition(family, household, month);
        if services.means[usize::from(household)][at] == Means::Asylum {
            living.known = true;
            continue;
        }
        if adults.is_empty() {
            living.end(services, month, "Umzug");
            living.known = false;
            continue;
        }
        let shares = shares(family, &adults, children, month);
        let member = House { family, household, adults: &adults, children, shares };
        if household == 0 && recognised == Some(month) && shares.0 > 0 {
            living.begin_sgb2(draw, &member, month);
        } else if living.known {
            living.step(draw, services, &member, month);
        } else {
            living.start(draw, services, &member, month);
        }
        living.known = true;
        services.means[usize::from(household)][at] = living.means();
    }
    living.end(services, Month::NEVER, "");
}

/// A household in one month.
struct House<'a> {
    family: &'a Family,
    household: u8,
    adults: &'a [u8],
    children: u8,
    shares: (u32, u32),
}

/// What a household receives just now.
#[derive(Default)]
struct Living {
    /// Whether the household was looked at before; its first month draws from the stock.
    known: bool,
    spell: Option<Spell>,
    grant: Option<Grant>,
}

impl Living {
    const fn means(&self) -> Means {
        match (&self.spell, &self.grant) {
            (Some(_), _) => Means::Sgb2,
            (None, Some(_)) => Means::Wohngeld,
            (None, None) => Means::Own,
        }
    }

    /// Ends whatever runs, before `month`.
    fn end(&mut self, services: &mut Services, month: Month, reason: &'static str) {
        if let Some(mut spell) = self.spell.take() {
            spell.until = month;
            spell.exit = reason;
            services.spells.push(spell);
        }
        if let Some(mut grant) = self.grant.take() {
            grant.to = grant.planned.min(month.plus(-1));
            services.grants.push(grant);
        }
    }

    fn start(&mut self, draw: &mut Draw, services: &mut Services, house: &House<'_>, month: Month) {
        let drawn = draw.below(1000);
        let (sgb2, wohngeld) = house.shares;
        let settled = month == Month::FIRST;
        if drawn < sgb2 {
            let since = if settled { draw.below(90) as i16 } else { 0 };
            self.begin_sgb2(draw, house, month.plus(-since));
        } else if drawn < sgb2 + wohngeld {
            let since = if settled { draw.below(GRANT as u32) as i16 } else { 0 };
            self.grant(draw, services, house, month.plus(-since), month);
        }
    }

    fn step(&mut self, draw: &mut Draw, services: &mut Services, house: &House<'_>, month: Month) {
        let (sgb2, wohngeld) = house.shares;
        if self.spell.is_some() {
            let retired = sgb2 == 0;
            if retired || draw.per_mille(LEAVES_SGB2) {
                let next = draw.weighted([
                    (55, "Arbeit"),
                    (27, "Wohngeld"),
                    (8, "Ausbildung"),
                    (10, "sonst"),
                ]);
                self.end(services, month, if retired { "Rente" } else { next });
                if next == "Wohngeld" && !retired {
                    self.grant(draw, services, house, month, month);
                }
            }
        } else if let Some(grant) = &self.grant {
            let over = grant.planned < month;
            let falls = draw.per_mille(if over { 130 } else { 7 }) && sgb2 > 0;
            let renews = over && draw.per_mille(640);
            if falls {
                self.end(services, month, "");
                self.begin_sgb2(draw, house, month);
            } else if over {
                self.end(services, month, "");
                if renews {
                    self.grant(draw, services, house, month, month);
                }
            }
        } else if draw.per_million(LEAVES_SGB2 * sgb2 * 1000 / (1000 - sgb2)) {
            self.begin_sgb2(draw, house, month);
        } else if draw.per_million(wohngeld * 26) {
            self.grant(draw, services, house, month, month);
        }
    }

    fn begin_sgb2(&mut self, draw: &mut Draw, house: &House<'_>, from: Month) {
        let people = house.adults.len() as u32 + u32::from(house.children);
        self.spell = Some(Spell {
            household: house.household,
            from,
            until: Month::NEVER,
            exit: "",
            housing_cents: (32_000 + people * 11_500 + draw.below(14_000)).min(150_000),
        });
    }

    fn grant(
        &mut self,
        draw: &mut Draw,
        services: &mut Services,
        house: &House<'_>,
        from: Month,
        month: Month,
    ) {
        self.end(services, month, "");
        let family = house.family;
        let mut members: Vec<u8> = family.members(house.household, month).collect();
        members.retain(|index| !house.adults.contains(index));
        members.splice(0..0, house.adults.iter().copied());
        members.truncate(10);
        let people = members.len() as u32;
        let owner = draw.per_mille(90);
        let old = house.shares.0 == 0;
        let status = if old {
            "Rentner"
        } else {
            draw.weighted([
                (70, "Arbeitnehmer"),
                (8, "selbst."),
                (12, "arbeitslos"),
                (10, "Student"),
            ])
        };
        self.grant = Some(Grant {
            household: house.household,
            from,
            planned: from.plus(GRANT - 1),
            to: from.plus(GRANT - 1),
            members,
            children: house.children,
            kind: if owner { "Lasten" } else { "Miet" },
            amount_cents: 9_000 + people * draw.between(4_000, 11_500).unsigned_abs() / 100 * 100,
            status,
            rent_level: 3 + draw.below(3) as u8,
            rent_cents: 34_000 + people * 12_500 + draw.below(30_000) / 100 * 100,
        });
    }
}
