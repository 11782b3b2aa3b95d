//! The counties' public numbers of residents, as a file that a statistics unit reads.

use std::collections::BTreeMap;

use anyhow::Context;
use publication::{Ages, Population, Row, Sex, Source};

use crate::county::{self, County, OPEN_AGE, World};

/// Simulated years.
const YEARS: std::ops::RangeInclusive<u16> = 2022..=2025;

/// Both counties' registers in the normal form.
pub(crate) fn population(world: &World) -> anyhow::Result<Population> {
    let source = Source::new(
        [
            "Melderegister zweier erfundener Landkreise",
            "milchglas-demo",
            "EUPL-1.2",
            "Erfundene Einwohnerzahlen",
        ],
        "",
        "2026-01-31".parse()?,
        None,
    )?;
    let mut rows = Vec::new();
    for year in YEARS {
        for county in world.counties() {
            for ((place, age, sex), persons) in county.register(i16::try_from(year)?) {
                let ages =
                    if age == OPEN_AGE { Ages::starting(age) } else { Ages::between(age, age) };
                rows.push(Row {
                    year,
                    place: place.to_owned(),
                    ages: ages.context("an age of the register")?,
                    sex: Some(key(sex)),
                    persons,
                    line: 0,
                });
            }
        }
    }
    Ok(Population::new(source, rows)?)
}

/// One county's register in other places, some years later.
pub(crate) fn moved(
    county: &County,
    later: i32,
    place: impl Fn(&str) -> String,
) -> anyhow::Result<Population> {
    let texts = [
        "Melderegister eines erfundenen Landkreises",
        "milchglas-demo",
        "EUPL-1.2",
        "Erfundene Einwohnerzahlen",
    ];
    let source = Source::new(texts, "", "2026-01-31".parse()?, None)?;
    let mut cells: BTreeMap<(u16, String, u8, county::Sex), u64> = BTreeMap::new();
    for year in YEARS {
        let then = u16::try_from(i32::from(year) + later)?;
        for ((own, age, sex), persons) in county.register(i16::try_from(year)?) {
            *cells.entry((then, place(own), age, sex)).or_default() += persons;
        }
    }
    let row = |((year, place, age, sex), persons): ((u16, String, u8, county::Sex), u64)| {
        let ages = if age == OPEN_AGE { Ages::starting(age) } else { Ages::between(age, age) };
        let ages = ages.context("an age of the register")?;
        Ok(Row { year, place, ages, sex: Some(key(sex)), persons, line: 0 })
    };
    let rows: anyhow::Result<Vec<Row>> = cells.into_iter().map(row).collect();
    Ok(Population::new(source, rows?)?)
}

fn key(sex: county::Sex) -> Sex {
    match sex {
        county::Sex::Male => Sex::Male,
        county::Sex::Female => Sex::Female,
        county::Sex::Diverse => Sex::Other,
    }
}
