//! What an analyst and an officer read: releases and spending.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use policy::Name;

use super::UnitArgs;
use super::rollup::Rollup;

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
