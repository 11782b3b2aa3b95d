//! What a calibration must hold to be used.

use serde::Deserialize;

use super::{Calibration, Run};
use crate::Error;

/// Most datasets.
const MAX_DATASETS: usize = 16;
/// Fewest synthetic counties whose spread says anything.
const LEAST_RUNS: usize = 3;
/// Most synthetic counties.
const MAX_RUNS: usize = 500;
/// Greatest count: beyond it a floating-point number would round, and no county has it.
const MAX_COUNT: u64 = 1 << 40;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unchecked {
    format: String,
    schema: String,
    linkage_schema: String,
    generator: String,
    datasets: Vec<String>,
    runs: Vec<Run>,
}

impl TryFrom<Unchecked> for Calibration {
    type Error = Error;

    fn try_from(own: Unchecked) -> Result<Self, Error> {
        let Unchecked { format, schema, linkage_schema, generator, datasets, runs } = own;
        let calibration = Self { format, schema, linkage_schema, generator, datasets, runs };
        check(&calibration)?;
        Ok(calibration)
    }
}

pub(super) fn check(own: &Calibration) -> Result<(), Error> {
    let fail = |why: String| Err(Error::Calibration(why));
    if own.format != Calibration::FORMAT {
        return fail(format!("its format is not {}; make it again", Calibration::FORMAT));
    }
    let hexadecimal = |b: u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
    if own.linkage_schema.len() != 64 || !own.linkage_schema.bytes().all(hexadecimal) {
        return fail("linkage_schema has 64 lower-case hexadecimal digits".into());
    }
    let short = |text: &str| (1..=80).contains(&text.len()) && !text.contains(char::is_control);
    if ![&own.schema, &own.generator].iter().all(|text| short(text)) {
        return fail("schema and generator are texts of 1 to 80 characters".into());
    }
    let ascending = own.datasets.is_sorted_by(|a, b| a < b);
    let named = own.datasets.iter().all(|name| short(name));
    if !(2..=MAX_DATASETS).contains(&own.datasets.len()) || !ascending || !named {
        return fail(format!("datasets are 2 to {MAX_DATASETS} names, ascending"));
    }
    if !(LEAST_RUNS..=MAX_RUNS).contains(&own.runs.len()) {
        return fail(format!(
            "it needs {LEAST_RUNS} to {MAX_RUNS} runs, so that their spread is known"
        ));
    }
    for (number, run) in (1..).zip(&own.runs) {
        check_run(run, own.datasets.len())
            .map_err(|why| Error::Calibration(format!("run {number}: {why}")))?;
    }
    Ok(())
}

fn check_run(run: &Run, datasets: usize) -> Result<(), &'static str> {
    if run.classes.len() != Calibration::CLASSES {
        return Err("classes are nine: one record, then bands 0 to 7");
    }
    if run.pairs.len() != datasets * (datasets - 1) / 2 || run.repeated.len() != datasets {
        return Err("pairs and repeated have one entry per pair and per dataset");
    }
    if run.dirty_per_mille > 1_000 || !(1..=16).contains(&run.county.len()) {
        return Err("dirty_per_mille is at most 1000, county a short key");
    }
    let mut counts = vec![run.records, u64::from(run.residents)];
    counts.extend(run.classes.iter().flat_map(|own| [own.persons, own.links]));
    counts.extend(run.pairs.iter().map(|own| own.real));
    counts.extend(run.repeated.iter().map(|own| own.records));
    if counts.iter().any(|count| *count > MAX_COUNT) {
        return Err("a count is beyond every county");
    }
    let parts = run.classes.iter().all(|c| c.right <= c.persons && c.right_links <= c.links)
        && run.pairs.iter().all(|pair| pair.found <= pair.real)
        && run.repeated.iter().all(|own| own.persons <= own.records);
    if !parts {
        return Err("a part is greater than its whole");
    }
    Ok(())
}
