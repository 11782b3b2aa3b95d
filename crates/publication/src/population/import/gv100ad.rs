//! Gemeindeverzeichnis GV100AD of Destatis: lines of 220 characters, Satzart 60 is a municipality.
//!
//! Checked against the file of 30.11.2023. It says the day of its boundaries (Gebietsstand) but not
//! that of its residents, so the year has to be named.

use jiff::civil::Date;

use super::super::form::whole;
use super::super::{Sex, fault};
use super::{Candidate, Found, municipality};
use crate::Error;

const LENGTH: usize = 220;
/// Positions from 0, end not included.
const STATUS: std::ops::Range<usize> = 2..10;
const KEY: std::ops::Range<usize> = 10..18;
const RESIDENTS: std::ops::Range<usize> = 139..150;
const MALE: std::ops::Range<usize> = 150..161;

pub(super) fn read(text: &str, year: Option<u16>) -> Result<Found, Error> {
    let year = year.ok_or_else(|| {
        fault(
            0,
            "the file does not say of which 31 December its residents are; name it with --year",
        )
    })?;
    let mut found = Found { title: Some("Gemeindeverzeichnis GV100AD".into()), ..Found::default() };
    let mut others = 0_usize;
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        // Characters, not bytes: names have umlauts.
        let characters: Vec<char> = text.chars().collect();
        if characters.len() > LENGTH || !characters.iter().take(2).all(char::is_ascii_digit) {
            return Err(fault(
                line,
                "not a line of GV100AD: two digits, then up to 220 characters",
            ));
        }
        let cell = |places: std::ops::Range<usize>| -> String {
            characters.get(places).unwrap_or_default().iter().collect::<String>().trim().to_owned()
        };
        if !text.starts_with("60") {
            others += 1;
            continue;
        }
        let place = municipality(&cell(KEY))
            .ok_or_else(|| fault(line, "positions 11 to 18 hold the key of a municipality"))?;
        let status = status(&cell(STATUS)).ok_or_else(|| {
            fault(line, "positions 3 to 10 hold the Gebietsstand, such as 20231130")
        })?;
        if found.status.is_some_and(|other| other != status) {
            return Err(fault(line, "another Gebietsstand than above; give one file"));
        }
        found.status = Some(status);
        let whole = |cell: &str| whole(cell);
        let (all, male) = (whole(&cell(RESIDENTS)), whole(&cell(MALE)));
        let (Some(all), Some(male)) = (all, male) else {
            return Err(fault(
                line,
                "positions 140 to 161 hold residents and males, eleven digits each",
            ));
        };
        let female = all.checked_sub(male).ok_or_else(|| {
            fault(line, "more males than residents; the columns are out of place")
        })?;
        for (sex, persons) in [(Sex::Male, male), (Sex::Female, female)] {
            let (place, persons) = (place.clone(), Some(persons));
            found.rows.push(Candidate { year, place, ages: None, sex: Some(sex), persons, line });
        }
    }
    if found.rows.is_empty() {
        return Err(fault(0, "no line of Satzart 60; is it the file GV100AD?"));
    }
    if others > 0 {
        found.notes.push(format!("left out {others} lines of areas that are no municipality"));
    }
    Ok(found)
}

fn status(digits: &str) -> Option<Date> {
    let number = |places: std::ops::Range<usize>| digits.get(places)?.parse::<i16>().ok();
    let day = |own: i16| i8::try_from(own).ok();
    Date::new(number(0..4)?, day(number(4..6)?)?, day(number(6..8)?)?).ok()
}
