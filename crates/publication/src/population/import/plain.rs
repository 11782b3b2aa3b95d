//! A table with a header line, such as a register of residents or a spreadsheet writes.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord};

use super::super::form::{shown, whole};
use super::super::{Ages, Sex, fault};
use super::{Candidate, Found, municipality, number};
use crate::Error;

/// What a column may be called, in lower case.
const NAMES: [(&str, &[&str]); 5] = [
    ("year", &["year", "jahr", "stichtag", "berichtsjahr"]),
    (
        "municipality",
        &["municipality", "gemeinde", "ags", "ars", "gemeindeschluessel", "gemeindeschlüssel"],
    ),
    ("age", &["age", "alter", "altersgruppe", "altersklasse", "age_group"]),
    ("sex", &["sex", "geschlecht"]),
    ("persons", &["persons", "personen", "einwohner", "bevoelkerung", "bevölkerung", "anzahl"]),
];

pub(super) fn read(text: &str, year: Option<u16>) -> Result<Found, Error> {
    let header = text.lines().next().unwrap_or_default();
    let parts = |mark: &char| header.matches(*mark).count();
    let delimiter = [';', '\t', ','].into_iter().max_by_key(parts).unwrap_or(';');
    let delimiter = u8::try_from(delimiter).unwrap_or(b';');
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(text.as_bytes());
    let mut found = Found::default();
    let mut columns: Option<BTreeMap<&str, usize>> = None;
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            fault(
                usize::try_from(line).unwrap_or(usize::MAX),
                "has another number of cells than the header",
            )
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        match &columns {
            None => columns = Some(self::columns(&record, year)?),
            Some(columns) => found.rows.push(candidate(&record, columns, year, line)?),
        }
    }
    if found.rows.is_empty() {
        return Err(fault(0, "no row below the header"));
    }
    Ok(found)
}

fn columns(
    header: &StringRecord,
    year: Option<u16>,
) -> Result<BTreeMap<&'static str, usize>, Error> {
    let mut columns = BTreeMap::new();
    for (place, own) in header.iter().enumerate() {
        let own = own.trim().to_lowercase();
        let Some((name, _)) = NAMES.iter().find(|(_, names)| names.contains(&own.as_str())) else {
            return Err(fault(
                1,
                format!(
                    "column `{}` is not known; leave it out, or call it one of {}",
                    shown(&own),
                    NAMES.map(|(_, names)| names.join(", ")).join("; ")
                ),
            ));
        };
        if columns.insert(*name, place).is_some() {
            return Err(fault(1, format!("two columns mean `{name}`; leave one out")));
        }
    }
    for needed in ["municipality", "persons"] {
        if !columns.contains_key(needed) {
            return Err(fault(1, format!("no column for `{needed}`")));
        }
    }
    if columns.contains_key("year") == year.is_some() {
        return Err(fault(1, "the year stands either in a column or in --year"));
    }
    Ok(columns)
}

fn candidate(
    record: &StringRecord,
    columns: &BTreeMap<&str, usize>,
    year: Option<u16>,
    line: usize,
) -> Result<Candidate, Error> {
    let cell = |name: &str| columns.get(name).and_then(|at| record.get(*at)).map(str::trim);
    let year = match (year, cell("year")) {
        (Some(year), _) => Some(year),
        (None, Some(text)) => self::year(text),
        (None, None) => None,
    };
    Ok(Candidate {
        year: year
            .ok_or_else(|| fault(line, "the year is such as 2024, 2024-12-31 or 31.12.2024"))?,
        place: municipality(cell("municipality").unwrap_or_default()).ok_or_else(|| {
            fault(line, "a municipality has 8 (AGS) or 12 digits (ARS); keep leading zeros")
        })?,
        ages: cell("age").map_or(Ok(None), |text| ages(text, line))?,
        sex: cell("sex").map_or(Ok(None), |text| sex(text, line))?,
        persons: number(cell("persons").unwrap_or_default(), line)?,
        line,
    })
}

fn year(text: &str) -> Option<u16> {
    let year = text.strip_suffix("-12-31").or_else(|| text.strip_prefix("31.12.")).unwrap_or(text);
    whole(year).filter(|_| year.len() == 4).and_then(|year| u16::try_from(year).ok())
}

fn is_all(text: &str) -> bool {
    matches!(text, "" | "*" | "insgesamt" | "gesamt" | "total")
}

/// `7`, `06-14`, `65+`, `unter 3`, `3 bis 5`, `3 bis unter 6`, `ab 65`, `75 und mehr`, `75 und älter`;
/// „Jahre“ may follow.
fn ages(text: &str, line: usize) -> Result<Option<Ages>, Error> {
    let text = text.to_lowercase();
    let plain = text.trim_end_matches("jahren").trim_end_matches("jahre").trim_end_matches("jahr");
    if is_all(plain.trim()) {
        return Ok(None);
    }
    let words: Vec<&str> = plain.split_whitespace().filter(|word| *word != "jahre").collect();
    let age = |digits: &str| whole(digits).and_then(|age| u8::try_from(age).ok());
    let read = || match words.as_slice() {
        [class] => Ages::read(class),
        ["unter", below] => Ages::between(0, age(below)?.checked_sub(1)?),
        ["ab", from] | [from, "und", "mehr" | "älter" | "aelter"] => Ages::starting(age(from)?),
        [from, "bis", "unter", below] => Ages::between(age(from)?, age(below)?.checked_sub(1)?),
        [from, "bis", to] => Ages::between(age(from)?, age(to)?),
        _ => None,
    };
    read().map(Some).ok_or_else(|| {
        fault(
            line,
            format!("age `{}` is not known; write 7, 6-14, 75+ or `3 bis unter 6`", shown(&text)),
        )
    })
}

fn sex(text: &str, line: usize) -> Result<Option<Sex>, Error> {
    match text.to_lowercase().as_str() {
        all if is_all(all) => Ok(None),
        "m" | "männlich" | "maennlich" => Ok(Some(Sex::Male)),
        "w" | "f" | "weiblich" => Ok(Some(Sex::Female)),
        "x" | "d" | "divers" | "ohne angabe" | "divers oder ohne angabe" => Ok(Some(Sex::Other)),
        other => Err(fault(
            line,
            format!("sex `{}` is not known; write m, w, x or nothing for all", shown(other)),
        )),
    }
}
