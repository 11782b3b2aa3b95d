//! Benefits of families that came as asylum seekers.

use super::calendar::Month;
use super::draw::Draw;
use super::people::Family;
use super::services::{Case, Detail, Means, Services};

/// Draws the months under the AsylbLG for the first household and its people. Returns the month
/// in which the family is recognised, if it is and stays in need: from then on it is in SGB II.
pub(super) fn receive(family: &Family, draw: &mut Draw, services: &mut Services) -> Option<Month> {
    if !family.asylum {
        return None;
    }
    let first = family.people.first()?;
    let assigned =
        if first.from < Month::FIRST { Month(-(draw.below(26) as i16) - 1) } else { first.from };
    let until = assigned.plus(draw.between(10, 46) as i16);
    for month in Month::window(until.plus(-1)).filter(|&month| month >= assigned) {
        services.means[0][month.0 as usize] = Means::Asylum;
    }
    // Analogous benefits follow after 18 months, since February 2024 after 36.
    let waiting = if assigned.plus(18) < Month::of(2024, 2) { 18 } else { 36 };
    let region =
        draw.weighted([(40, "Naher Osten"), (25, "Afghanistan"), (20, "Afrika"), (15, "Türkei")]);
    let housing = draw.weighted([(55, "GU"), (35, "dezentral"), (10, "privat")]);
    let status = draw.weighted([(70, "Gestattung"), (22, "Duldung"), (8, "sonst")]);
    let day = draw.day();
    for (index, person) in (0_u8..).zip(&family.people) {
        let from = assigned.max(person.birth.month());
        let leaves = person.until.min(until);
        let medical = draw.per_mille(40);
        let early = if medical { "§6" } else { "§3" };
        let stretches =
            [(from, assigned.plus(waiting), early), (assigned.plus(waiting), leaves, "§2")];
        for (begin, end, benefit) in stretches {
            let (begin, end) = (begin.max(from), end.min(leaves));
            // Whoever joins later, a partner for instance, has a status of their own.
            if begin >= end || end <= Month::FIRST || person.from > begin {
                continue;
            }
            let adult = person.age(begin) >= 18;
            let base = if adult { 41_000 } else { 31_200 };
            let cents = base + draw.below(9) * 550 + if benefit == "§2" { 8_900 } else { 0 };
            let begin = if begin == assigned { begin.day(day) } else { begin.day(1) };
            let end = (end <= Month::LAST).then(|| end.plus(-1).last_day());
            let detail = Detail::Asyl { benefit, housing, region, cents, status };
            services.cases.push(Case { person: index, begin, end, detail });
        }
    }
    draw.per_mille(650).then_some(until)
}
