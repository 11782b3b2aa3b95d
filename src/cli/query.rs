//! What an analyst does: price and ask.

mod shown;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::error::ErrorKind;
use clap::{Args, Subcommand};
use policy::{Accuracy, Name, NanoRho, Query};
use publication::{Document, Names};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use statistics_unit::{Batch, QueryRequest};
use submission::SnapshotId;

use super::UnitArgs;
pub(super) use shown::half_width;

/// Largest file with a query or a batch of them.
const FILE_BYTES: u64 = 1 << 20;

/// Price or ask.
#[derive(Subcommand)]
pub(crate) enum QueryCommand {
    /// Tell price, interval width and what is left; spends nothing
    Price(PriceArgs),
    /// Ask; charged before it is drawn, what was released already is free
    Run(Run),
}

/// What to price.
#[derive(Args)]
#[command(after_help = "Examples:\n  milchglas query price --url http://127.0.0.1:8702 \
                  --token-file analyst.token \\\n    --purpose sozialmonitoring-06432 \
                  --indicator children-in-benefits --year 2025\n  milchglas query price … \
                  --half-width 10        which budget gives ±10 persons at 95 %\n  \
                  milchglas query price … --batch questions.json\n\nA batch file: {\"queries\": \
                  [{\"purpose\": \"…\", \"indicator\": \"…\", \"year\": 2025}, …]}")]
pub(crate) struct PriceArgs {
    #[command(flatten)]
    unit: UnitArgs,
    #[command(flatten)]
    question: Question,
    /// Price all questions of a file together instead: JSON, or TOML where it ends in .toml
    #[arg(long, value_name = "FILE", conflicts_with_all = ["purpose", "indicator", "query", "year",
        "snapshot", "group_by", "fresh", "rho", "half_width"])]
    batch: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A question about one year.
#[derive(Args)]
struct Question {
    /// The purpose that allows it
    #[arg(long)]
    purpose: Option<Name>,
    /// The indicator
    #[arg(long, conflicts_with = "query")]
    indicator: Option<Name>,
    /// A question of your own in a file, made of what the purpose permits: JSON, or TOML where it
    /// ends in .toml
    #[arg(long, value_name = "FILE")]
    query: Option<PathBuf>,
    /// The event year
    #[arg(long)]
    year: Option<u16>,
    /// The snapshot; the newest where none is named
    #[arg(long)]
    snapshot: Option<SnapshotId>,
    /// A permitted grouping, dimensions with commas between and nothing for no grouping; the
    /// usual one where this is missing
    #[arg(long, value_delimiter = ',', num_args = 0.., value_name = "DIMENSIONS",
          conflicts_with = "query")]
    group_by: Option<Vec<Name>>,
    /// What the answer may cost, such as 0.02; the usual price where this is missing
    #[arg(long, value_parser = rho, conflicts_with = "half_width")]
    rho: Option<NanoRho>,
    /// How wide half an interval may be, such as 10 (persons) or 0.05 (of a share); the cheapest
    /// answer that keeps to it
    #[arg(long, value_name = "WIDTH", allow_negative_numbers = true)]
    half_width: Option<Accuracy>,
    /// Pay for an own answer although a released table is as exact at least
    #[arg(long)]
    fresh: bool,
}

/// A question with its idempotency key.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas query run --url http://127.0.0.1:8702 \
                  --token-file analyst.token \\\n    --purpose sozialmonitoring-06432 \
                  --indicator children-in-benefits --year 2025 \\\n    --idempotency-key \
                  report-2026-03")]
pub(crate) struct Run {
    #[command(flatten)]
    unit: UnitArgs,
    #[command(flatten)]
    question: Question,
    /// Your own name for this request: after a lost answer, ask again with the same one
    #[arg(long)]
    idempotency_key: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A decimal amount of rho, read without a float.
fn rho(text: &str) -> Result<NanoRho, String> {
    let wrong = || "write rho as a decimal with at most nine digits behind the point, such as 0.02";
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |own: &str| !own.is_empty() && own.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 9 || whole.len() > 6 {
        return Err(wrong().into());
    }
    let nano: u64 = format!("{whole}{part:0<9}").parse().map_err(|_| wrong().to_owned())?;
    NanoRho::new(nano).map_err(|error| error.to_string())
}

/// Reads a small file as JSON, or as TOML where its name says so.
fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(FILE_BYTES + 1).read_to_string(&mut text))
        .with_context(|| format!("cannot read {}", path.display()))?;
    if text.len() as u64 > FILE_BYTES {
        bail!("{} is larger than {FILE_BYTES} bytes", path.display());
    }
    let form = || format!("{} does not have the expected form", path.display());
    if path.extension().is_some_and(|own| own == "toml") {
        toml::from_str(&text).with_context(form)
    } else {
        serde_json::from_str(&text).with_context(form)
    }
}

impl Question {
    fn request(&self) -> anyhow::Result<QueryRequest> {
        let asked = self.indicator.is_some() || self.query.is_some();
        let (Some(purpose), Some(year), true) = (self.purpose.clone(), self.year, asked) else {
            // A batch needs none of them, so the parser cannot ask for them by itself.
            let missing = "name --purpose, --year and either --indicator or --query\n";
            clap::Error::raw(ErrorKind::MissingRequiredArgument, missing).exit();
        };
        let query: Option<Query> = self.query.as_deref().map(read).transpose()?;
        Ok(QueryRequest {
            purpose,
            indicator: self.indicator.clone(),
            query,
            year,
            snapshot: self.snapshot,
            group_by: self.group_by.clone(),
            rho_nano: self.rho,
            half_width: self.half_width,
            fresh: self.fresh,
        })
    }
}

impl QueryCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Price(price) => price.run(),
            Self::Run(run) => ask(&run),
        }
    }
}

impl PriceArgs {
    fn run(&self) -> anyhow::Result<()> {
        let body = match &self.batch {
            Some(path) => json!({ "queries": read::<Batch>(path)?.queries }),
            None => json!(self.question.request()?),
        };
        let priced: Value = self.unit.client()?.post("/v1/queries/price", &body)?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&priced)?);
        } else if self.batch.is_some() {
            print!("{}", shown::batch(&priced));
        } else {
            print!("{}", shown::price(&priced));
        }
        Ok(())
    }
}

fn ask(run: &Run) -> anyhow::Result<()> {
    let headers = [("idempotency-key", run.idempotency_key.as_str())];
    let request = run.question.request()?;
    let body = run.unit.client()?.post_bytes("/v1/queries", &request, &headers)?;
    if run.json {
        println!("{}", String::from_utf8_lossy(&body));
        return Ok(());
    }
    let document = Document::read(&body)?;
    print!("{}", String::from_utf8_lossy(&publication::csv(&document, &Names::default())?));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_rho_are_read_exactly_or_refused() {
        for (text, nano) in [("0.02", 20_000_000), ("1", 1_000_000_000), ("0.000000001", 1)] {
            assert_eq!(rho(text).unwrap().get(), nano);
        }
        for bad in ["", "-1", "1e-3", "0,02", ".5", "1.", "0.0000000001", "NaN", "inf", "9999999"] {
            assert!(rho(bad).is_err(), "{bad}");
        }
    }
}
