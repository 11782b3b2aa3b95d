//! The education package (Bildung und Teilhabe) of a child whose household is in need.

use super::calendar::Month;
use super::draw::Draw;
use super::people::Family;
use super::services::{Means, Services, Ticket};

/// Draws the benefits of a child, month by month.
pub(super) fn receive(family: &Family, draw: &mut Draw, services: &mut Services, index: u8) {
    let person = family.person(index);
    if person.birth.month().plus(12 * 18) <= Month::FIRST {
        return;
    }
    // A quarter of those entitled never ask.
    let asks = draw.per_mille(760);
    let track = draw.weighted([
        (34, "Gesamtschule"),
        (26, "Haupt-/Realschule"),
        (32, "Gymnasium"),
        (8, "Förderschule"),
    ]);
    for month in Month::window(Month::LAST).filter(|_| asks) {
        let age = person.age(month);
        if !(1..18).contains(&age) || !person.present(month) {
            continue;
        }
        let law = match services.means_of(family, index, month) {
            Means::Own => continue,
            Means::Sgb2 => "SGBII",
            Means::Asylum => "AsylbLG",
            Means::Wohngeld if index % 5 == 4 => "BKGG-KiZ",
            Means::Wohngeld => "BKGG-WoG",
        };
        let school = match age {
            ..6 => "Kita",
            6..10 => "Grundschule",
            10..16 => track,
            _ if track == "Gymnasium" => track,
            _ => "Berufsschule",
        };
        for (kind, chance, cents) in offers(age, month.number()) {
            if draw.per_mille(chance) {
                let cents = cents + draw.below(cents / 400 + 1) * 100;
                let on = month.day(draw.day());
                services.tickets.push(Ticket { person: index, on, kind, law, cents, school });
            }
        }
    }
}

/// Benefits asked for at an age in a calendar month: kind, chance per mille, least cents.
fn offers(age: i16, month: u8) -> Vec<(&'static str, u32, u32)> {
    let at_school = age >= 6;
    let mut all = vec![("Ausflug", if age >= 3 { 22 } else { 4 }, 2_500)];
    match month {
        2 if at_school => all.push(("Schulbedarf", 880, 6_500)),
        3 if age >= 4 => all.push(("Teilhabe", 290, 15_000)),
        8 if at_school => {
            all.push(("Schulbedarf", 880, 13_000));
            if age >= 10 {
                all.push(("Beförderung", 160, 20_000));
            }
        }
        9 if age >= 2 => all.push(("Mittagessen", 560, 24_000)),
        10 if at_school => all.push(("Lernförderung", 110, 18_000)),
        _ => {}
    }
    all
}
