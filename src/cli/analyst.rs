//! What an analyst does: price, ask, read.

use clap::{Args, Subcommand};
use policy::Name;
use publication::{Document, Names};
use serde_json::Value;
use statistics_unit::QueryRequest;
use submission::SnapshotId;

use super::UnitArgs;

/// Price or ask.
#[derive(Subcommand)]
pub(crate) enum QueryCommand {
    /// Tell price and interval width of an answer; spends nothing
    Price(Question),
    /// Ask; charged before it is drawn, the same question again is free
    Run(Run),
}

/// An indicator for one year.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas query price --url http://127.0.0.1:8702 \
                  --token-file analyst.token \\\n    --purpose sozialmonitoring-06432 \
                  --indicator children-in-benefits --year 2025")]
pub(crate) struct Question {
    #[command(flatten)]
    unit: UnitArgs,
    /// The purpose that allows it
    #[arg(long)]
    purpose: Name,
    /// The indicator
    #[arg(long)]
    indicator: Name,
    /// The event year
    #[arg(long)]
    year: u16,
    /// The snapshot; the newest where none is named
    #[arg(long)]
    snapshot: Option<SnapshotId>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A question with its idempotency key.
#[derive(Args)]
pub(crate) struct Run {
    #[command(flatten)]
    question: Question,
    /// Your own name for this request: after a lost answer, ask again with the same one
    #[arg(long)]
    idempotency_key: String,
}

impl Question {
    fn request(&self) -> QueryRequest {
        QueryRequest {
            purpose: self.purpose.clone(),
            indicator: self.indicator.clone(),
            year: self.year,
            snapshot: self.snapshot,
        }
    }
}

impl QueryCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Price(question) => price(&question),
            Self::Run(run) => ask(&run),
        }
    }
}

fn price(question: &Question) -> anyhow::Result<()> {
    let priced: Value = question.unit.client()?.post("/v1/queries/price", &question.request())?;
    if question.json {
        println!("{}", serde_json::to_string_pretty(&priced)?);
        return Ok(());
    }
    let (price, width) = (&priced["price"], &priced["price"]["half_width"]);
    println!("price       {} nano-rho", price["rho_nano"]);
    println!(
        "spent       {} of {} nano-rho in event year {}",
        priced["spent_nano_rho"], priced["cap_nano_rho"], question.year
    );
    match width["assumed_count"].as_u64() {
        None => println!("half-width  ±{} persons at 95 %", width["half_width"]),
        Some(count) => {
            println!("half-width  ±{} at 95 %, if a cell has {count} persons", width["half_width"]);
        }
    }
    Ok(())
}

fn ask(run: &Run) -> anyhow::Result<()> {
    let question = &run.question;
    let headers = [("idempotency-key", run.idempotency_key.as_str())];
    let body = question.unit.client()?.post_bytes("/v1/queries", &question.request(), &headers)?;
    if question.json {
        println!("{}", String::from_utf8_lossy(&body));
        return Ok(());
    }
    let document = Document::read(&body)?;
    print!("{}", String::from_utf8_lossy(&publication::csv(&document, &Names::default())?));
    Ok(())
}

/// Print releases.
#[derive(Args)]
pub(crate) struct Releases {
    #[command(flatten)]
    unit: UnitArgs,
}

impl Releases {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let lines = self.unit.client()?.get_bytes("/v1/releases")?;
        print!("{}", String::from_utf8_lossy(&lines));
        Ok(())
    }
}

/// Show spending.
#[derive(Args)]
pub(crate) struct LedgerCommand {
    #[command(flatten)]
    unit: UnitArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl LedgerCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let report: Value = self.unit.client()?.get("/v1/budget")?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
            return Ok(());
        }
        println!(
            "project {}: {} charges",
            report["project"].as_str().unwrap_or_default(),
            report["charges"]
        );
        for line in report["lineages"].as_array().into_iter().flatten() {
            println!("  event year {}: {} nano-rho", line["year"], line["spent"]);
        }
        for line in report["purposes"].as_array().into_iter().flatten() {
            println!(
                "  purpose {}: {} of {} nano-rho, at most {} per event year",
                line["purpose"].as_str().unwrap_or_default(),
                line["spent"],
                line["cap"],
                line["lineage_cap"]
            );
        }
        Ok(())
    }
}
