//! Overlaps as released and as corrected, set beside the truth: does the model help?
//!
//! Counties are encoded and linked as in a calibration. Noise is a rounded normal of the sigma that
//! a budget would buy; the mechanism itself is tested where it lives.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use policy::{Name, Plan, PlanKind, PolicySet};
use publication::{Calibration, Correction, Document, correct};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use ring::rand::SystemRandom;
use serde::Serialize;
use serde_json::{Value, json};
use submission::PersonId;

use crate::calibrate::whole_window;
use crate::county::{County, Dataset, Settings, World, truth};
use crate::installation::SCHEMA;
use crate::policies_folder;
use crate::rehearsal::{Rehearsal, Workplace};
use crate::run::YEAR;

/// What the comparison is asked for: one world per seed, dirtiness by turns.
pub struct OverlapSettings {
    /// Residents of both counties together.
    pub persons: u32,
    /// Seeds of the generator; other ones than those of the calibration.
    pub seeds: Vec<u64>,
    /// Shares of person records with an error, taken by turns.
    pub dirty_per_mille: Vec<u16>,
    /// Standard deviation of the noise of a cell, in persons.
    pub sigma: f64,
    /// The calibration.
    pub calibration: PathBuf,
    /// Whether to print JSON.
    pub json: bool,
}

/// One county: how far its cells are from the truth.
#[derive(Serialize)]
struct Compared {
    county: String,
    seed: u64,
    dirty_per_mille: u16,
    cells: Vec<ComparedCell>,
}

#[derive(Serialize)]
struct ComparedCell {
    datasets: Vec<String>,
    truth: f64,
    /// Without noise, as linked.
    linked: f64,
    released: f64,
    corrected: f64,
    low: f64,
    high: f64,
}

/// Corrects overlaps of synthetic counties and prints how near they come to the truth.
///
/// # Errors
/// Where a setting is out of range, or the calibration is of another linkage schema.
pub fn overlaps(settings: &OverlapSettings) -> anyhow::Result<()> {
    let calibration = std::fs::read(&settings.calibration)
        .with_context(|| format!("cannot read {}", settings.calibration.display()))?;
    let calibration = Calibration::read(&calibration)?;
    anyhow::ensure!(!settings.dirty_per_mille.is_empty(), "name a share for --dirty");
    anyhow::ensure!((0.0..=1e6).contains(&settings.sigma), "sigma lies between 0 and 1000000");
    let folder = policies_folder();
    let policies = PolicySet::load(&folder)?;
    let place = Workplace {
        policies: &policies,
        folder: &folder,
        schema: &policies.schemas[SCHEMA],
        random: &SystemRandom::new(),
        period: whole_window()?,
        year: Some(YEAR),
    };
    let bar = ProgressBar::new(settings.seeds.len() as u64 * 15);
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} extracts, {eta} left")?);
    let mut all = Vec::new();
    for (seed, dirty) in settings.seeds.iter().zip(settings.dirty_per_mille.iter().cycle()) {
        let world = World::generate(&Settings {
            persons: settings.persons,
            seed: *seed,
            dirty_per_mille: *dirty,
            quarters: 1,
        })?;
        for county in world.counties() {
            let rehearsal = place.rehearse(county, || bar.inc(1))?;
            let mut noise = Noise(ChaCha12Rng::seed_from_u64(*seed), settings.sigma);
            let cells = compare(&place, county, &rehearsal, &calibration, &mut noise)?;
            let county = county.ags().to_owned();
            let compared = Compared { county, seed: *seed, dirty_per_mille: *dirty, cells };
            bar.suspend(|| {
                if !settings.json {
                    print(&compared);
                }
            });
            all.push(compared);
        }
    }
    bar.finish_and_clear();
    if settings.json {
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        summarise(&all);
    }
    Ok(())
}

struct Noise(ChaCha12Rng, f64);

impl Noise {
    /// Box and Muller 1958.
    fn draw(&mut self) -> i64 {
        let (a, b): (f64, f64) = (self.0.random(), self.0.random());
        let normal = (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos();
        (normal * self.1).round() as i64
    }

    fn cell(&mut self, exact: u64, address: &Value) -> Value {
        let value = exact as i64 + self.draw();
        let half = (1.96 * self.1).ceil() as i64;
        let mut cell = json!({"keys": [], "labels": [], "datasets": [], "withheld": false,
            "value": value, "low": value - half, "high": value + half});
        for (member, own) in address.as_object().into_iter().flatten() {
            cell[member.as_str()] = own.clone();
        }
        cell
    }
}

fn compare(
    place: &Workplace<'_>,
    county: &County,
    rehearsal: &Rehearsal,
    calibration: &Calibration,
    noise: &mut Noise,
) -> anyhow::Result<Vec<ComparedCell>> {
    let services = services(place.policies, county)?;
    let (linked, classes) = linked(rehearsal, &services);
    let all = (1 << services.len()) - 1;
    let names = |mask: usize| -> Vec<&str> {
        let own = services.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
        own.map(|(_, dataset)| dataset.code()).collect()
    };
    let cells: Vec<Value> =
        (1..=all).map(|mask| noise.cell(linked[mask], &json!({"datasets": names(mask)}))).collect();
    let overlap = document("overlap", &json!([]), &cells, calibration)?;
    let keys = ["single", "0", "1", "2", "3", "4", "5", "6", "7"];
    let bands: Vec<Value> = keys
        .iter()
        .zip(classes)
        .map(|(key, count)| noise.cell(count, &json!({"keys": [key], "labels": [key]})))
        .collect();
    let quality = document("link_quality", &json!(["band"]), &bands, calibration)?;
    let Correction { cells: corrected, .. } = correct(&overlap, &quality, calibration)?;
    let truth = truth::overlap(county, 1, i16::try_from(YEAR)?, &services)?;
    let compared =
        (1..=all).zip(corrected).zip(&cells).map(|((mask, own), released)| ComparedCell {
            datasets: names(mask).into_iter().map(str::to_owned).collect(),
            truth: truth.get(&(mask as u8)).copied().unwrap_or(0) as f64,
            linked: linked[mask] as f64,
            released: released["value"].as_f64().unwrap_or(0.0),
            corrected: own.value,
            low: own.low,
            high: own.high,
        });
    Ok(compared.collect())
}

/// The services whose overlap the county's purpose asks for.
fn services(policies: &PolicySet, county: &County) -> anyhow::Result<Vec<Dataset>> {
    let purpose = &policies.purposes[&Name::new(format!("sozialmonitoring-{}", county.ags()))?];
    let query = &purpose.indicator(&Name::new("overlap")?)?.query;
    let plan = Plan::resolve(query, &policies.catalogue, &purpose.territory)?;
    let PlanKind::Overlap { datasets } = plan.kind else {
        anyhow::bail!("no overlap is asked for")
    };
    Ok(datasets.iter().filter_map(|own| Dataset::from_code(own.as_str())).collect())
}

/// Persons as linked: by combination of services of the year, and by class of links.
fn linked(rehearsal: &Rehearsal, services: &[Dataset]) -> (Vec<u64>, [u64; Calibration::CLASSES]) {
    let mut persons: BTreeMap<PersonId, (u8, usize, BTreeSet<Dataset>)> = BTreeMap::new();
    for link in rehearsal.map.links() {
        let own = persons.entry(link.person).or_insert((link.band, 0, BTreeSet::new()));
        own.1 += 1;
        if rehearsal.present.contains(&link.subject) {
            own.2.extend(rehearsal.subjects.get(&link.subject).map(|(_, dataset)| *dataset));
        }
    }
    let mut cells = vec![0; 1 << services.len()];
    let mut classes = [0; Calibration::CLASSES];
    for (band, records, present) in persons.values().filter(|own| !own.2.is_empty()) {
        let bits = services.iter().enumerate().filter(|(_, own)| present.contains(own));
        cells[bits.map(|(bit, _)| 1_usize << bit).sum::<usize>()] += 1;
        classes[if *records < 2 { 0 } else { usize::from(*band) + 1 }] += 1;
    }
    (cells, classes)
}

/// A document as the statistics unit would have released it.
fn document(
    kind: &str,
    dimensions: &Value,
    cells: &[Value],
    calibration: &Calibration,
) -> anyhow::Result<Document> {
    let document = json!({
        "format": Document::FORMAT, "project": "overlaps", "purpose": "overlaps",
        "indicator": kind, "label": kind, "snapshot": "s", "year": YEAR, "kind": kind,
        "dimensions": dimensions, "cells": cells, "confidence": 0.95,
        "half_width": {"kind": "exact", "half_width": 0}, "mechanism": "normal", "rho_nano": 0,
        "eps": 0.0, "delta_conv_femto": 1, "guarantee": {"kind": "none", "text": "for comparison"},
        "linkage_schema": calibration.linkage_schema(), "policy_digest": "0".repeat(64),
        "ledger": {"sequence": 1, "head": "0".repeat(64)}, "separation": "for comparison"
    });
    Ok(Document::read(&serde_json::to_vec(&document)?)?)
}

/// Mean absolute distance from the truth: as linked, released, corrected; and cells covered.
fn distances<'a>(cells: impl Iterator<Item = &'a ComparedCell>) -> ([f64; 3], u32, u32) {
    let (mut sums, mut covered, mut number) = ([0.0; 3], 0, 0);
    for cell in cells {
        for (sum, own) in sums.iter_mut().zip([cell.linked, cell.released, cell.corrected]) {
            *sum += (own - cell.truth).abs();
        }
        covered += u32::from((cell.low..=cell.high).contains(&cell.truth));
        number += 1;
    }
    (sums.map(|sum| sum / f64::from(number.max(1))), covered, number)
}

fn print(own: &Compared) {
    let ([linked, released, corrected], covered, number) = distances(own.cells.iter());
    println!(
        "{} seed {} dirty {:.1} %: mean distance from the truth {linked:.2} as linked, \
         {released:.2} released, {corrected:.2} corrected; {covered} of {number} covered",
        own.county,
        own.seed,
        f64::from(own.dirty_per_mille) / 10.0
    );
}

fn summarise(all: &[Compared]) {
    let whole = |least: usize| {
        let cells = all.iter().flat_map(|own| &own.cells);
        distances(cells.filter(move |cell| cell.datasets.len() >= least))
    };
    for (least, name) in [(1, "all cells"), (2, "two services or more")] {
        let ([linked, released, corrected], covered, number) = whole(least);
        println!(
            "{name}: mean distance {linked:.2} as linked, {released:.2} released, {corrected:.2} \
             corrected; {covered} of {number} intervals hold the truth ({:.1} %)",
            f64::from(covered) / f64::from(number.max(1)) * 100.0
        );
    }
}
