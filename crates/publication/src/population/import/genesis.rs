//! Flat files (ffcsv) of GENESIS databases as of 2024.
//!
//! Each row has its own classification: per variable N a code (`GES`) and the code of its value
//! (`GESM`), empty for all values. Table 12411-02-03-5 of the Regionaldatenbank has residents on 31
//! December by municipality (`GEMEIN`), sex (`GES`) and seventeen classes of age, `ALT000B03` to
//! `ALT075UM`: under 3, 3-5, 6-9, 10-14, 15-17, 18-19, 20-24, in fives to 60-64, 65-74, 75 and more.

use csv::{ReaderBuilder, StringRecord};
use jiff::civil::Date;

use super::super::form::shown;
use super::super::{Ages, Sex, fault};
use super::{Candidate, Found, municipality, number};
use crate::Error;

/// Residents, as opposed to shares, averages and other variables of the same table.
const RESIDENTS: &str = "BEVSTD";

/// Where the columns are.
struct Columns {
    count: usize,
    statistic: usize,
    title: Option<usize>,
    time: usize,
    value: usize,
    variable: usize,
    /// Per variable: its code, the code of its value, its label.
    parts: Vec<[usize; 3]>,
}

pub(super) fn read(text: &str) -> Result<Found, Error> {
    let mut reader = ReaderBuilder::new()
        .delimiter(b';')
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut found = Found::default();
    let mut columns = None;
    let (mut areas, mut others, mut footer) = (0_usize, 0_usize, false);
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            fault(at(line), "not a table with semicolons; download it as flat file (ffcsv)")
        })?;
        let line = at(record.position().map_or(0, csv::Position::line));
        let Some(columns) = &columns else {
            columns = Some(Columns::of(&record)?);
            continue;
        };
        // Below the table stand a line and the copyright.
        if record.len() == 1 {
            footer = true;
            continue;
        }
        if footer || record.len() != columns.count {
            return Err(fault(
                line,
                "this row does not belong to the table above; give one complete flat file",
            ));
        }
        if found.title.is_none() {
            let cell = |at: usize| record.get(at).map(str::to_owned).filter(|own| !own.is_empty());
            found.title = columns.title.and_then(cell);
            found.table = cell(columns.statistic);
        }
        if record.get(columns.variable) != Some(RESIDENTS) {
            others += 1;
            continue;
        }
        match columns.candidate(&record, line)? {
            Kind::Municipality(row) => found.rows.push(row),
            Kind::Area => areas += 1,
            Kind::Breakdown => others += 1,
        }
    }
    if found.rows.is_empty() {
        return Err(fault(
            0,
            format!(
                "no row of a municipality with variable {RESIDENTS}; use a table such as 12411-02-03-5"
            ),
        ));
    }
    if areas > 0 {
        found.notes.push(format!("left out {areas} rows of areas that are no municipality"));
    }
    if others > 0 {
        found.notes.push(format!("left out {others} rows of other variables or finer divisions"));
    }
    Ok(found)
}

/// What a row is of.
enum Kind {
    Municipality(Candidate),
    /// A county, a Land, the country.
    Area,
    /// Divided by something that no rate asks for, such as nationality.
    Breakdown,
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, Error> {
        let place = |name: &str| header.iter().position(|own| own.trim() == name);
        if place("Statistik_Code").is_some() {
            return Err(fault(1, "a flat file as before 2024; download the table again"));
        }
        let required = |name: &str| {
            place(name).ok_or_else(|| {
                fault(1, format!("no column `{name}`; download the table as flat file (ffcsv)"))
            })
        };
        let mut parts = Vec::new();
        for variable in 1.. {
            let names = ["code", "attribute_code", "attribute_label"];
            let [code, value, label] =
                names.map(|name| place(&format!("{variable}_variable_{name}")));
            let (Some(code), Some(value), Some(label)) = (code, value, label) else { break };
            parts.push([code, value, label]);
        }
        Ok(Self {
            count: header.len(),
            statistic: required("statistics_code")?,
            title: place("statistics_label"),
            time: required("time")?,
            value: required("value")?,
            variable: required("value_variable_code")?,
            parts,
        })
    }

    fn candidate(&self, record: &StringRecord, line: usize) -> Result<Kind, Error> {
        let cell = |at: usize| record.get(at).map(str::trim).unwrap_or_default();
        let (mut place, mut ages, mut sex) = (None, None, None);
        for [code, value, label] in &self.parts {
            let (code, value) = (cell(*code), cell(*value));
            match code {
                "GES" => sex = self::sex(value, line)?,
                code if code.starts_with("ALT") => ages = self::ages(value, line)?,
                code if code.starts_with("GEMEIN") => place = municipality(value),
                "KREISE" => place = city(value, cell(*label)),
                "DINSG" | "DLAND" | "REGBEZ" | "STATRG" | "" => {}
                _ if is_all(value) => {}
                _ => return Ok(Kind::Breakdown),
            }
        }
        let Some(place) = place else { return Ok(Kind::Area) };
        let persons = number(cell(self.value), line)?;
        let year = year(cell(self.time), line)?;
        Ok(Kind::Municipality(Candidate { year, place, ages, sex, persons, line }))
    }
}

/// Cities that belong to no county have no row as a municipality.
fn city(key: &str, label: &str) -> Option<String> {
    let is_city = label.contains("kreisfreie Stadt") || label.contains("Stadtkreis");
    (is_city && key.len() == 5).then(|| municipality(&format!("{key}000"))).flatten()
}

fn is_all(value: &str) -> bool {
    matches!(value, "" | "GESAMT" | "INSGESAMT")
}

fn sex(value: &str, line: usize) -> Result<Option<Sex>, Error> {
    match value {
        value if is_all(value) => Ok(None),
        "GESM" => Ok(Some(Sex::Male)),
        "GESW" => Ok(Some(Sex::Female)),
        "GESD" | "GESO" => Ok(Some(Sex::Other)),
        other => Err(fault(
            line,
            format!("sex `{}` is not known: GESM, GESW, GESD or empty", shown(other)),
        )),
    }
}

/// `ALT003B06` ends below 6, `ALT075UM` is open, `ALT007` is one year.
fn ages(value: &str, line: usize) -> Result<Option<Ages>, Error> {
    if is_all(value) {
        return Ok(None);
    }
    let read = || {
        let age =
            |digits: &str| super::super::form::whole(digits).and_then(|age| u8::try_from(age).ok());
        let class = value.strip_prefix("ALT")?;
        if let Some(from) = class.strip_suffix("UM") {
            return Ages::starting(age(from)?);
        }
        match class.split_once('B') {
            Some((from, below)) => Ages::between(age(from)?, age(below)?.checked_sub(1)?),
            None => Ages::between(age(class)?, age(class)?),
        }
    };
    let unknown = || {
        fault(line, format!("age `{}` is not known: ALT003B06, ALT075UM or empty", shown(value)))
    };
    read().map(Some).ok_or_else(unknown)
}

/// The year of a 31 December, `2024-12-31` or `31.12.2024`.
fn year(time: &str, line: usize) -> Result<u16, Error> {
    let date: Option<Date> = match time.split('.').collect::<Vec<_>>().as_slice() {
        [day, month, year] => format!("{year}-{month}-{day}").parse().ok(),
        _ => time.parse().ok(),
    };
    let december = date.filter(|date| (date.month(), date.day()) == (12, 31));
    december.and_then(|date| u16::try_from(date.year()).ok()).ok_or_else(|| {
        fault(line, "rates need residents on a 31 December; choose that day (Stichtag)")
    })
}

fn at(line: u64) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX)
}
