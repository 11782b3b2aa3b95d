//! Youth welfare and day care of a young person.

use super::calendar::Month;
use super::draw::Draw;
use super::people::Family;
use super::services::{Case, Detail, Means, Services, composition};
use super::tables::Origin;

/// Draws what a young person receives.
pub(super) fn receive(family: &Family, draw: &mut Draw, services: &mut Services, index: u8) {
    let birth = family.person(index).birth.month();
    if birth.plus(12 * 21) > Month::FIRST {
        welfare(family, draw, services, index);
    }
    if birth.plus(12 * 7 + 6) > Month::FIRST {
        day_care(family, draw, services, index);
    }
}

fn welfare(family: &Family, draw: &mut Draw, services: &mut Services, index: u8) {
    let person = family.person(index);
    let mut free = Month(-24);
    for month in (-24..48).map(Month) {
        let age = person.age(month);
        let seen = month.max(Month::FIRST);
        if !(0..21).contains(&age) || month < free || !person.present(seen) || person.from > month {
            continue;
        }
        let stay = person.last_stay(seen);
        let mut yearly = match age {
            0..6 => 8,
            6..16 => 13,
            _ => 10,
        };
        if matches!(services.means_of(family, index, seen), Means::Sgb2 | Means::Asylum) {
            yearly *= 4;
        }
        let (adults, _) = composition(family, stay.household, seen);
        yearly = if adults.len() == 1 { yearly * 18 / 10 } else { yearly };
        yearly = if person.impaired { yearly * 2 } else { yearly };
        if !draw.per_million(yearly * 1000 / 12) {
            continue;
        }
        let until = month.plus(draw.between(3, 26) as i16);
        free = until.plus(2);
        if until <= Month::FIRST {
            continue;
        }
        let end = person.until.min(until).plus(-1);
        let end = (end < Month::LAST).then(|| end.max(month).last_day());
        let detail = assistance(draw, age, person.impaired);
        services.cases.push(Case { person: index, begin: month.day(1), end, detail });
    }
}

/// Kind, reason and price of an assistance.
fn assistance(draw: &mut Draw, age: i16, impaired: bool) -> Detail {
    let kind = match (age, impaired) {
        (18.., _) => draw.weighted([(70, "§41"), (15, "§30"), (15, "§35a")]),
        (6.., true) => draw.weighted([(65, "§35a"), (15, "§31"), (10, "§32"), (10, "§30")]),
        (6.., false) => draw.weighted([
            (30, "§28"),
            (8, "§29"),
            (14, "§30"),
            (18, "§31"),
            (7, "§32"),
            (6, "§33"),
            (8, "§34"),
            (1, "§35"),
            (8, "§42"),
        ]),
        _ => draw.weighted([(25, "§28"), (45, "§31"), (14, "§33"), (4, "§34"), (12, "§42")]),
    };
    let (from, spread, tenths) = match kind {
        "§28" => (18_000, 250, 10),
        "§29" => (35_000, 300, 30),
        "§30" | "§41" => (65_000, 700, 50),
        "§31" => (90_000, 900, 80),
        "§32" => (190_000, 900, 200),
        "§33" => (95_000, 500, 0),
        "§35a" => (110_000, 1400, 150),
        _ => (430_000, 4200, 0),
    };
    Detail::Hze {
        kind,
        reason: draw.weighted([
            (22, "Erziehungskompetenz"),
            (18, "Belastung Familie"),
            (17, "Auffälligkeit"),
            (14, "Entwicklung"),
            (13, "Schule"),
            (9, "Gefährdung"),
            (7, "Unversorgtheit"),
        ]),
        origin: draw.weighted([
            (32, "Eltern"),
            (25, "Schule"),
            (22, "ASD"),
            (8, "Gericht"),
            (7, "Kita"),
            (6, "Arzt"),
        ]),
        risk: kind == "§42" || draw.per_mille(140),
        cents: from + draw.below(spread) * 100,
        tenth_hours: tenths + if tenths > 0 { draw.below(20) * 5 } else { 0 },
    }
}

/// Age in months at which day care begins; `None` if never. About 35 % of those below three are
/// in day care at any time, and 93 % of those from three to five.
fn entry(draw: &mut Draw) -> Option<i16> {
    let (from, to) = match draw.below(1000) {
        ..25 => (6, 11),
        25..390 => (12, 17),
        390..590 => (18, 26),
        590..740 => (27, 34),
        740..935 => (35, 39),
        935..960 => (40, 54),
        _ => return None,
    };
    Some(draw.between(from, to) as i16)
}

fn day_care(family: &Family, draw: &mut Draw, services: &mut Services, index: u8) {
    let person = family.person(index);
    let birth = person.birth.month();
    let Some(entry) = entry(draw) else { return };
    // School begins in August after the sixth birthday until June.
    let school_year = person.birth.year + if person.birth.month <= 6 { 6 } else { 7 };
    let school = Month::of(school_year, 8);
    let nursery_ends = Month::of(person.birth.year + 3, 8).max(birth.plus(36));
    let begin = birth.plus(entry).max(person.from);
    let hours = draw.weighted([(12, 20), (20, 25), (26, 30), (22, 35), (12, 40), (8, 45)]);
    let rise = draw.among([0, 5, 5, 10]);
    let childminder = draw.per_mille(270);
    let other_language = person.origin != Origin::German && draw.per_mille(720);
    let starts = [begin, nursery_ends.max(begin), nursery_ends.plus(12).max(begin)];
    let third = draw.per_mille(150);
    let ends = [starts[1], if third { starts[2] } else { school }, school];
    for part in 0..if third { 3 } else { 2 } {
        let (from, until) = (starts[part], ends[part].min(school).min(person.until));
        if from >= until || until <= Month::FIRST || from > Month::LAST {
            continue;
        }
        let means = services.means_of(family, index, from);
        let detail = Detail::Kita {
            childminder: childminder && part == 0,
            // Hours never fall, so that the last contract of a year is also the largest.
            hours: (hours + rise * part as u8).min(50),
            covered: means != Means::Own,
            other_language,
            integration: person.impaired && part > 0,
        };
        let end = (until <= Month::LAST).then(|| until.plus(-1).last_day());
        services.cases.push(Case { person: index, begin: from.day(1), end, detail });
    }
}
