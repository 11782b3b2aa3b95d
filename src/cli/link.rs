//! `milchglas link`: at a unit (`--url`), or from files to files (`--input`).

use std::path::PathBuf;

use anyhow::Context;
use clap::{ArgGroup, Args, Subcommand};
use linkage_unit::{LinkOrder, Solver};
use policy::{Name, SimilarityThreshold};

use super::assess::Assess;
use super::link_files::{LinkFiles, ReportTo};
use super::{UnitArgs, operator};

/// Link an epoch at the linkage unit, or files of one's own.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(group = ArgGroup::new("what").args(["input", "url"]).required(true))]
#[command(after_help = "Examples:\n  milchglas link --url http://127.0.0.1:8701 \
                  --token-file operator.token --epoch 2026\n  \
                  milchglas link --input a.json --input b.json --threshold 0.80 \
                  --output groups.csv\n  \
                  milchglas link --input register.json --deduplicate 0 --threshold 0.85 \\\n    \
                  --output duplicates.csv --pairs pairs.csv --json report.json\n\n\
                  Whoever links files holds the encodings of all sources, and with their key an \
                  encoding is a name:\nlet nobody have both. Formats: docs/formats/link.md")]
pub(crate) struct Link {
    #[command(subcommand)]
    first: Option<First>,
    #[command(flatten)]
    files: LinkFiles,
    /// Address of the linkage unit, such as http://127.0.0.1:8701
    #[arg(long, requires = "token_file", requires = "epoch", help_heading = UNIT)]
    url: Option<String>,
    /// File with the bearer token (0600); a token is never an argument
    #[arg(long, requires = "url", help_heading = UNIT)]
    token_file: Option<PathBuf>,
    /// The epoch
    #[arg(long, requires = "url", help_heading = UNIT)]
    epoch: Option<Name>,
    /// Least similarity of a link, instead of the linkage schema's; from the kept pairs' floor up
    /// nothing is compared again
    #[arg(long, requires = "url", help_heading = UNIT)]
    link_threshold: Option<String>,
    /// How pairs become persons: groups (as agreed), greedy, mutual or optimal
    #[arg(long, requires = "url", help_heading = UNIT, value_parser = solver)]
    link_solver: Option<Solver>,
    /// Print the report as JSON; with files, write it to FILE if one is named
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    json: Option<Option<PathBuf>>,
}

/// What may come before linking.
#[derive(Subcommand)]
enum First {
    /// Recommend a threshold for files of one's own, without knowing the truth
    Assess(Assess),
}

const UNIT: &str = "Linkage unit";

impl Link {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        if let Some(First::Assess(assess)) = self.first {
            return assess.run();
        }
        if self.files.is_asked() {
            let report_to = match self.json {
                None => ReportTo::Text,
                Some(None) => ReportTo::Json,
                Some(Some(path)) => ReportTo::File(path),
            };
            return self.files.run(&report_to);
        }
        let url = self.url.context("--url or --input is missing")?;
        let token_file = self.token_file.context("--token-file is missing")?;
        let epoch = self.epoch.context("--epoch is missing")?;
        let json = match self.json {
            None => false,
            Some(None) => true,
            Some(Some(_)) => anyhow::bail!("--json FILE goes with --input; with --url it prints"),
        };
        let threshold = self.link_threshold.map(SimilarityThreshold::try_from).transpose()?;
        let order = LinkOrder { epoch, threshold, solver: self.link_solver };
        operator::LinkEpoch { unit: UnitArgs { url, token_file }, order, json }.run()
    }
}

pub(crate) fn solver(text: &str) -> Result<Solver, String> {
    let own = Solver::ALL.into_iter().find(|own| own.as_str() == text);
    own.ok_or_else(|| "use groups, greedy, mutual or optimal".to_owned())
}
