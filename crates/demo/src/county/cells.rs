//! The identifying cells of a record as a department writes them when nothing goes wrong.

use super::calendar::{Day, Month};
use super::conventions::{Convention, StreetStyle, TownStyle};
use super::draw::Draw;
use super::people::{Address, Person};
use super::tables::Tables;
use super::towns::spellings;

/// Cells that belong to the person.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Master {
    pub(super) surname: String,
    pub(super) birth_name: String,
    pub(super) given: String,
    pub(super) birth: String,
    pub(super) sex: String,
}

/// Cells that belong to the address.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) street: String,
    pub(super) number: String,
    pub(super) postcode: String,
    pub(super) town: String,
    pub(super) ags: &'static str,
    pub(super) area: String,
}

/// A day as `dd.mm.yyyy`.
pub(super) fn date(day: Day) -> String {
    format!("{:02}.{:02}.{:04}", day.day, day.month, day.year)
}

impl Master {
    /// The person as the department knows them at the end of a month.
    pub(super) fn clean(
        person: &Person,
        convention: &Convention,
        cutoff: Month,
        draw: &mut Draw,
    ) -> Self {
        let surname = person.surname_at(cutoff);
        let known = draw.per_mille(convention.birth_name_per_mille);
        let changed = surname != person.birth_name;
        Self {
            surname: surname.written(),
            birth_name: if changed && known { person.birth_name.written() } else { String::new() },
            given: person.given.join(" "),
            birth: date(person.birth),
            sex: convention.sex.of(person.sex).to_owned(),
        }
    }
}

impl Place {
    /// An address in the department's style.
    pub(super) fn clean(
        tables: &Tables,
        address: &Address,
        convention: &Convention,
        draw: &mut Draw,
    ) -> Self {
        let municipality = &tables.municipalities[usize::from(address.municipality)];
        let letter = address.letter.map(String::from).unwrap_or_default();
        let mut number = format!("{}{letter}", address.number);
        let mut street = address.street.to_owned();
        if convention.street != StreetStyle::Full {
            street = street.replace("straße", "str.").replace("Straße", "Str.");
        }
        if convention.street == StreetStyle::WithNumber {
            street = format!("{street} {number}");
            number.clear();
        }
        if convention.line_breaks && draw.per_mille(12) {
            street.push_str("\nHinterhaus");
        }
        Self {
            street,
            number,
            postcode: address.postcode.to_owned(),
            town: town(tables, address, convention.town, draw),
            ags: if convention.ags { municipality.ags } else { "" },
            area: area(municipality.ags),
        }
    }
}

/// The county's own key for a social area: two or three neighbouring municipalities each.
fn area(ags: &str) -> String {
    let (county, number) = ags.split_at(ags.len().min(5));
    let number: u32 = number.parse().unwrap_or(0);
    let prefix = if county == "06432" { "DADI" } else { "WETT" };
    format!("{prefix}-{:02}", number.div_ceil(2))
}

fn town(tables: &Tables, address: &Address, style: TownStyle, draw: &mut Draw) -> String {
    let municipality = &tables.municipalities[usize::from(address.municipality)];
    let locality = address.locality.and_then(|at| municipality.localities.get(usize::from(at)));
    let by_locality = match style {
        TownStyle::Municipality => false,
        TownStyle::Locality => true,
        TownStyle::Either => draw.per_mille(350),
    };
    let name = match locality.filter(|_| by_locality) {
        Some(locality) => {
            let [bare, joined, of] = municipality.locality_names(locality);
            match draw.below(100) {
                ..75 => bare,
                75..92 => joined,
                _ => of,
            }
        }
        None => {
            let names = municipality.own_names();
            let other = names.len() > 1 && draw.per_mille(400);
            let at = if other { 1 + draw.below(names.len() as u32 - 1) as usize } else { 0 };
            names[at].clone()
        }
    };
    let forms = spellings(&name);
    let at = if draw.per_mille(110) { draw.below(forms.len() as u32) as usize } else { 0 };
    forms[at].clone()
}
