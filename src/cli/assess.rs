//! `milchglas link assess`: which threshold, when nobody knows the truth.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Args;
use linkage::{Assessment, Kernel, Limits, Progress, Rule, assess_sources};
use serde::Serialize;

use super::link_files::{MeasureName, measure};
use crate::own_files::{NewFile, check_together, read};

/// Recommend a threshold for files of one's own.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas link assess --input a.json --input b.json --json \
                        assessment.json\n\nWhat the figures mean and their limits: docs/assess.md")]
pub(crate) struct Assess {
    /// A file of encodings (clkhash JSON or Arrow) or a batch folder; the first is source 0
    #[arg(long, value_name = "PATH", required = true)]
    input: Vec<PathBuf>,
    /// How similarity is measured; without it dice for clkhash JSON, hamming for Arrow
    #[arg(long)]
    measure: Option<MeasureName>,
    /// Look for duplicates within this source too; may be repeated
    #[arg(long, value_name = "SOURCE")]
    deduplicate: Vec<u32>,
    /// Most candidate pairs to look at
    #[arg(long, value_name = "PAIRS", default_value_t = 50_000_000)]
    most_pairs: u64,
    /// Print the report as JSON, or write it to FILE if one is named
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    json: Option<Option<PathBuf>>,
    /// Replace a report that exists
    #[arg(long)]
    overwrite: bool,
}

/// The report; `docs/assess.md` says what its figures mean.
#[derive(Serialize)]
struct Report {
    format: &'static str,
    recommended: Option<String>,
    plateau: Option<[String; 2]>,
    floor: String,
    matches: f64,
    warnings: Vec<String>,
    figures: Vec<Figure>,
    between: Vec<Between>,
    /// Estimated pairs by thousandth from 0 to 1.
    sampled: Vec<f64>,
    sample_pairs: u64,
}

#[derive(Serialize)]
struct Figure {
    threshold: String,
    pairs: u64,
    best: u64,
    second: u64,
    taken: u64,
    matches: f64,
    strangers: f64,
    precision: f64,
    recall: f64,
    f1: f64,
}

#[derive(Serialize)]
struct Between {
    sources: [u32; 2],
    records: [u32; 2],
    matches: f64,
    pairs: f64,
}

impl From<Assessment> for Report {
    fn from(told: Assessment) -> Self {
        let figure = |own: linkage::Figure| Figure {
            threshold: own.threshold.to_string(),
            pairs: own.pairs,
            best: own.best,
            second: own.second,
            taken: own.taken,
            matches: own.matches,
            strangers: own.strangers,
            precision: own.precision,
            recall: own.recall,
            f1: own.f1,
        };
        let between = |own: linkage::Between| Between {
            sources: [own.left, own.right],
            records: [own.records.0, own.records.1],
            matches: own.matches,
            pairs: own.pairs,
        };
        Self {
            format: "milchglas/assessment/v1",
            recommended: told.recommended.map(|own| own.to_string()),
            plateau: told.plateau.map(|(low, high)| [low.to_string(), high.to_string()]),
            floor: told.floor.to_string(),
            matches: told.matches,
            warnings: told.warnings.iter().map(ToString::to_string).collect(),
            figures: told.figures.into_iter().map(figure).collect(),
            between: told.between.into_iter().map(between).collect(),
            sampled: told.sampled.iter().map(|own| own.pairs).collect(),
            sample_pairs: told.sample_pairs,
        }
    }
}

impl Assess {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        ensure!(
            self.input.len() > 1 || !self.deduplicate.is_empty(),
            "one input is compared with nothing: give a second --input, or look for duplicates \
             within it by --deduplicate 0"
        );
        let file = match &self.json {
            Some(Some(path)) => Some(NewFile::create(path, self.overwrite)?),
            _ => None,
        };
        let (mut inputs, mut sources) = (Vec::new(), Vec::new());
        for path in &self.input {
            let (about, source) = read(path)?;
            inputs.push(about);
            sources.push(source);
        }
        check_together(&inputs)?;
        let measure = measure(self.measure, &inputs)?;
        let number = u32::try_from(sources.len()).context("too many sources")?;
        let rule = self
            .deduplicate
            .iter()
            .fold(Rule::between_all(number), |rule, source| rule.and_within(*source));
        let limits = Limits { pairs: self.most_pairs };
        let kernel = Kernel::detect();
        let told = assess_sources(&sources, &rule, measure, limits, kernel, &Progress::new())?;
        let report = Report::from(told);
        if matches!(self.json, Some(None)) {
            println!("{}", serde_json::to_string_pretty(&report)?);
            return Ok(());
        }
        print(&report);
        if let Some(mut file) = file {
            file.write_all(&serde_json::to_vec_pretty(&report)?)?;
            file.publish()?;
        }
        Ok(())
    }
}

fn print(report: &Report) {
    match (&report.recommended, &report.plateau) {
        (Some(threshold), Some([low, high])) => {
            println!("recommended threshold  {threshold} ({low} to {high} are about as good)");
        }
        _ => println!("recommended threshold  none"),
    }
    println!("estimated matches      {:.0}", report.matches);
    let chosen =
        report.figures.iter().find(|own| Some(&own.threshold) == report.recommended.as_ref());
    if let Some(own) = chosen {
        let Figure { precision, recall, f1, .. } = own;
        println!("predicted              precision {precision:.3}, recall {recall:.3}, F1 {f1:.3}");
        println!(
            "                       recall at most: matches as unlike as strangers are not seen"
        );
    }
    for warning in &report.warnings {
        println!("warning: {warning}");
    }
}
