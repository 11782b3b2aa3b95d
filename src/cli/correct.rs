//! A released overlap beside what a model makes of it; works on released documents alone.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use policy::Name;
use publication::{Amount, Correction, Document, Kind, MODEL, correct};
use serde_json::json;

use crate::serve::site::read_calibration;

/// Correct an overlap.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas releases --url http://127.0.0.1:8702 \
                  --token-file analyst.token > releases.jsonl\n  milchglas correct \
                  --indicator overlap --calibration policies/calibration/county-2026.json \\\n    \
                  releases.jsonl\n\nSpends nothing: it reads what was released. The numbers are a \
                  model's and stand beside the released ones, not in their place.")]
pub(crate) struct Correct {
    /// Released documents, one per line, as `milchglas releases` prints them
    releases: PathBuf,
    /// The overlap; the newest one is taken that has its link quality beside it
    #[arg(long)]
    indicator: Name,
    /// About this event year only
    #[arg(long)]
    year: Option<u16>,
    /// What linkage did on synthetic counties, under the same linkage schema
    #[arg(long)]
    calibration: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Correct {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let calibration = read_calibration(&self.calibration)
            .with_context(|| format!("in {}", self.calibration.display()))?;
        let documents = read(&self.releases)?;
        let (overlap, quality) = self.pair(&documents)?;
        let correction = correct(overlap, quality, &calibration)?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&as_json(overlap, &correction))?);
            return Ok(());
        }
        println!("{MODEL}");
        print!("{}", table(overlap, &correction));
        Ok(())
    }

    /// The newest overlap that was asked for, with the link quality of its snapshot and year.
    fn pair<'a>(&self, documents: &'a [Document]) -> anyhow::Result<(&'a Document, &'a Document)> {
        let wanted = |own: &&Document| {
            own.indicator == self.indicator.as_str()
                && self.year.is_none_or(|year| year == own.year)
        };
        let found: Vec<&Document> = documents.iter().filter(wanted).collect();
        if found.is_empty() {
            bail!("no release of `{}` is in {}", self.indicator, self.releases.display());
        }
        let beside = |overlap: &Document| {
            documents.iter().rev().find(|own| {
                own.kind == Kind::LinkQuality
                    && (&own.project, &own.snapshot, own.year)
                        == (&overlap.project, &overlap.snapshot, overlap.year)
            })
        };
        let pairs = found.into_iter().rev();
        pairs.filter_map(|own| Some((own, beside(own)?))).next().context(
            "the link quality of the same snapshot and year was not released; ask for an indicator \
             of kind link_quality first",
        )
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<Document>> {
    const MOST: u64 = 256 << 20;
    let mut text = Vec::new();
    let file =
        std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    file.take(MOST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MOST {
        bail!("{} has more than 256 MiB; keep only the releases needed", path.display());
    }
    let lines = text.split(|byte| *byte == b'\n').zip(1..);
    let lines = lines.filter(|(line, _)| !line.trim_ascii().is_empty());
    lines
        .map(|(line, number)| Document::read(line).with_context(|| format!("line {number}")))
        .collect()
}

fn as_json(overlap: &Document, correction: &Correction) -> serde_json::Value {
    let cells = overlap.cells.iter().zip(&correction.cells).map(|(cell, own)| {
        let released = cell.numbers.map(|numbers| match numbers.value {
            Amount::Whole(count) => json!(count),
            Amount::Decimal(number) | Amount::Rate(number, _) => json!(number),
        });
        json!({"keys": cell.keys, "datasets": cell.datasets, "released": released,
            "corrected": own.value, "low": own.low, "high": own.high})
    });
    json!({
        "model": MODEL,
        "indicator": overlap.indicator,
        "snapshot": overlap.snapshot,
        "year": overlap.year,
        "cells": cells.collect::<Vec<_>>(),
    })
}

/// As the CSV of a release, with four more columns: semicolons between, decimal comma.
fn table(overlap: &Document, correction: &Correction) -> String {
    let mut text = String::from("schluessel;dienste;wert;bereinigt;bereinigt_von;bereinigt_bis\n");
    for (cell, own) in overlap.cells.iter().zip(&correction.cells) {
        let released = cell.numbers.map_or_else(String::new, |numbers| numbers.value.plain());
        let estimate = |number: f64| Amount::Decimal(number).plain();
        let numbers = [own.value, own.low, own.high].map(estimate).join(";");
        let (keys, datasets) = (cell.keys.join(" / "), cell.datasets.join(" + "));
        text.push_str(&format!("{keys};{datasets};{released};{numbers}\n"));
    }
    text
}
