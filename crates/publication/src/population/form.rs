//! The normal form: `docs/formats/population.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;

use super::{Ages, Population, Row, Sex, Source, fault};
use crate::Error;

/// Name and version of the form.
const FORMAT: &str = "milchglas/population/v1";
/// The columns, in their order.
const HEADER: &str = "year;municipality;age;sex;persons";
/// What the lines above the columns may say.
const MEMBERS: [&str; 8] =
    ["format", "source", "publisher", "licence", "attribution", "table", "retrieved", "status"];

impl Population {
    /// Reads a table of residents in the normal form.
    ///
    /// # Errors
    /// [`Error::Population`] with the line and what to do.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(fault(
                0,
                format!("more than {} bytes; cut out your territory", Self::MAX_BYTES),
            ));
        }
        let text =
            std::str::from_utf8(bytes).map_err(|_| fault(0, "not UTF-8; save it as UTF-8"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = (1..).zip(text.lines());
        let mut members = BTreeMap::new();
        for (line, text) in lines.by_ref() {
            // A spreadsheet fills a line up to the width of the table.
            let text = text.trim_end_matches(';').trim_end();
            let Some(member) = text.strip_prefix('#') else {
                if text != HEADER {
                    return Err(fault(
                        line,
                        format!("the columns are {HEADER}, below lines with #"),
                    ));
                }
                break;
            };
            let (name, value) = member.split_once(':').ok_or_else(|| {
                fault(line, "write `# name: value`, such as `# licence: dl-de/by-2-0`")
            })?;
            let (name, value) = (name.trim(), value.trim());
            if !MEMBERS.contains(&name) {
                return Err(fault(
                    line,
                    format!("`{}` is not known; known are {}", shown(name), MEMBERS.join(", ")),
                ));
            }
            if members.insert(name, (line, value)).is_some() {
                return Err(fault(line, format!("`{name}` stands there twice")));
            }
        }
        let source = source(&members)?;
        let rows = lines.filter(|(_, text)| !text.trim_end_matches([';', ' ']).is_empty());
        let rows: Vec<Row> = rows.map(|(line, text)| row(line, text)).collect::<Result<_, _>>()?;
        Self::new(source, rows)
    }

    /// The table in the normal form, ordered by year, municipality, sex and age.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let source = &self.source;
        let mut csv = format!("# format: {FORMAT}\n");
        let texts = [
            ("source", &source.title),
            ("publisher", &source.publisher),
            ("licence", &source.licence),
            ("attribution", &source.attribution),
            ("table", &source.table),
        ];
        // A String takes everything that is written to it.
        for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            let _ = writeln!(csv, "# {name}: {text}");
        }
        let _ = writeln!(csv, "# retrieved: {}", source.retrieved);
        if let Some(status) = source.status {
            let _ = writeln!(csv, "# status: {status}");
        }
        let _ = writeln!(csv, "{HEADER}");
        for (year, of_year) in &self.years {
            for (place, entries) in &of_year.places {
                let mut entries = entries.clone();
                entries.sort_by_key(|entry| (entry.sex, entry.ages.stretches()));
                for entry in entries {
                    let sex = entry.sex.map_or("*", Sex::key);
                    let _ = writeln!(csv, "{year};{place};{};{sex};{}", entry.ages, entry.persons);
                }
            }
        }
        csv
    }
}

fn source(members: &BTreeMap<&str, (usize, &str)>) -> Result<Source, Error> {
    let text = |name: &str| members.get(name).map_or("", |(_, value)| *value);
    if text("format") != FORMAT {
        return Err(fault(
            1,
            format!("begin with `# format: {FORMAT}`; `milchglas population import` writes it"),
        ));
    }
    let day = |name: &str| -> Result<Option<Date>, Error> {
        let Some((line, value)) = members.get(name) else { return Ok(None) };
        let day = value
            .parse()
            .map_err(|_| fault(*line, format!("`{name}` is a day such as 2026-01-31")))?;
        Ok(Some(day))
    };
    let retrieved = day("retrieved")?
        .ok_or_else(|| fault(0, "`retrieved` is missing: the day of the download"))?;
    let texts = ["source", "publisher", "licence", "attribution"].map(text);
    Source::new(texts, text("table"), retrieved, day("status")?)
}

fn row(line: usize, text: &str) -> Result<Row, Error> {
    let cells: Vec<&str> = text.split(';').map(str::trim).collect();
    let [year, place, ages, sex, persons] = cells.as_slice() else {
        return Err(fault(line, format!("a row has five cells: {HEADER}")));
    };
    Ok(Row {
        year: year.parse().map_err(|_| fault(line, "the year has four digits, such as 2024"))?,
        place: (*place).to_owned(),
        ages: Ages::read(ages).ok_or_else(|| {
            fault(line, "an age class is 7, 6-14, 75+ or * for all ages, at most 120")
        })?,
        sex: match *sex {
            "*" => None,
            key => Some(Sex::read(key).ok_or_else(|| fault(line, "sex is m, w, x or * for all"))?),
        },
        persons: whole(persons).ok_or_else(|| {
            fault(line, "persons are a whole number without points; leave out rows without one")
        })?,
        line,
    })
}

/// Digits only: no sign, no point, no comma.
pub(super) fn whole(digits: &str) -> Option<u64> {
    let plain = (1..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// A piece of somebody's file for a message.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
