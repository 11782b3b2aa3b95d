//! What an analyst does: price, ask, read.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use policy::Name;
use publication::{Document, Names};
use serde_json::Value;
use statistics_unit::QueryRequest;
use submission::SnapshotId;

use super::UnitArgs;
use super::rollup::Rollup;

/// Price or ask.
#[derive(Subcommand)]
pub(crate) enum QueryCommand {
    /// Tell price and interval width of an answer; spends nothing
    Price(Question),
    /// Ask; charged before it is drawn, what was released already is free
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
    /// A permitted grouping, dimensions with commas between and nothing for no grouping; the
    /// usual one where this is missing
    #[arg(long, value_delimiter = ',', num_args = 0.., value_name = "DIMENSIONS")]
    group_by: Option<Vec<Name>>,
    /// Pay for an own answer although a released table is as exact at least
    #[arg(long)]
    fresh: bool,
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
            group_by: self.group_by.clone(),
            fresh: self.fresh,
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
    if let Some(released) = priced["released"].as_object() {
        println!(
            "released    already, for {} nano-rho (log entry {}): asking costs nothing",
            released["rho_nano"], released["sequence"]
        );
        println!("half-width  {}", half_width(&released["half_width"]));
        return Ok(());
    }
    println!("price       {} nano-rho", price["rho_nano"]);
    println!(
        "spent       {} of {} nano-rho in event year {}, {} are kept for release plans",
        priced["spent_nano_rho"],
        priced["cap_nano_rho"],
        question.year,
        priced["reserved_nano_rho"]
    );
    println!("half-width  {}", half_width(width));
    if let Some(other) = price["other_mechanism"].as_object() {
        println!(
            "            ±{} with mechanism = {}, for the same rho",
            other["half_width"], other["mechanism"]
        );
    }
    Ok(())
}

/// Half the width of a cell's interval, as price and release state it.
pub(super) fn half_width(width: &Value) -> String {
    if width["kind"] == "threshold" {
        return format!(
            "up to {} persons too high at 95 %, for keys above {}; others are not shown",
            width["lower_width"], width["threshold"]
        );
    }
    match (width["assumed_count"].as_u64(), width["half_width"].as_f64()) {
        (None, _) => format!("±{} persons at 95 %", width["half_width"]),
        (Some(count), Some(half)) => format!("±{half:.2} at 95 %, if a cell has {count} persons"),
        (Some(count), None) => format!("withheld, if a cell has {count} persons only"),
    }
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
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Example:\n  milchglas releases --url http://127.0.0.1:8702 \
                  --token-file analyst.token --indicator overlap --period 2025-q4"
)]
pub(crate) struct Releases {
    #[command(subcommand)]
    command: Option<ReleasesCommand>,
    #[command(flatten)]
    unit: Option<UnitArgs>,
    /// Of this indicator only
    #[arg(long)]
    indicator: Option<Name>,
    /// About this event year only
    #[arg(long)]
    year: Option<u16>,
    /// On snapshots of this period of the schedule only
    #[arg(long)]
    period: Option<Name>,
}

#[derive(Subcommand)]
enum ReleasesCommand {
    /// Add up released cells, or take the mean of several years; costs nothing
    Rollup(Rollup),
}

impl Releases {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        if let Some(ReleasesCommand::Rollup(rollup)) = self.command {
            return rollup.run();
        }
        let unit = self.unit.context("name the unit with --url and --token-file")?;
        // Names and numbers need no escaping in an address.
        let chosen = [
            self.indicator.as_ref().map(|own| format!("indicator={own}")),
            self.year.map(|own| format!("year={own}")),
            self.period.as_ref().map(|own| format!("period={own}")),
        ];
        let chosen: Vec<String> = chosen.into_iter().flatten().collect();
        let path = format!("/v1/releases?{}", chosen.join("&"));
        let lines = unit.client()?.get_bytes(path.trim_end_matches('?'))?;
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
            println!(
                "  event year {}: {} nano-rho spent, {} kept for release plans",
                line["year"], line["spent"], line["reserved"]
            );
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
