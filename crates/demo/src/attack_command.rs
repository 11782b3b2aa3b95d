//! `milchglas-demo attack`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use demo::{AttackSettings, ENCODINGS, Extent, FrontSettings, attack, front};

/// What is attacked, and how.
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  milchglas-demo attack --encoding default\n  milchglas-demo attack \
                  --records 10000 --page docs/attack.md\n  milchglas-demo attack --encoding \
                  plain,t2,low-k,default --pairs 500\n  milchglas-demo attack front --image \
                  docs/images/leakage-front.svg"
)]
pub(crate) struct Attack {
    #[command(subcommand)]
    part: Option<Part>,
    /// plain, folded, salted, t2 to t32, low-k, default, strict, or a choice such as
    /// k=8;t=6;salt=apart; those of the usual report where none is named
    #[arg(long, value_delimiter = ',')]
    encoding: Vec<String>,
    #[command(flatten)]
    extent: OwnExtent,
    /// Leave the decoder over GF(2) out, which takes longest
    #[arg(long)]
    without_parity: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write a page for the data protection impact assessment
    #[arg(long)]
    page: Option<PathBuf>,
}

#[derive(Args)]
struct OwnExtent {
    /// Records that are attacked
    #[arg(long, default_value_t = 600)]
    records: usize,
    /// Further people in the attacker's register, per thousand attacked
    #[arg(long, default_value_t = 1000)]
    strangers: usize,
    /// Known pairs; several numbers with commas between
    #[arg(long, value_delimiter = ',', default_value = "500,2000,5000")]
    pairs: Vec<usize>,
    /// Seed of the people and of the attacker's dice
    #[arg(long, default_value_t = 5)]
    seed: u64,
    /// Most pairs against unsalted encodings, which take time by the square of the pairs
    #[arg(long, default_value_t = 20_000)]
    most_unsalted: usize,
    /// Take all pairs from one department, such as kita, and attack the others' people
    #[arg(long)]
    insider: Option<String>,
}

#[derive(Subcommand)]
enum Part {
    /// Draw leakage against F1 over a grid of choices
    Front(Front),
}

#[derive(Args)]
struct Front {
    /// Choices such as k=8;t=6;salt=apart, default or strict; a usual grid where none is named
    #[arg(long, value_delimiter = ',')]
    choices: Vec<String>,
    #[command(flatten)]
    extent: OwnExtent,
    /// Residents of both counties together, for F1
    #[arg(long, default_value_t = 20_000)]
    persons: u32,
    /// Seeds of the worlds for F1
    #[arg(long, value_delimiter = ',', default_value = "2")]
    seeds: Vec<u64>,
    /// Leave the graph attack out
    #[arg(long)]
    without_graph: bool,
    /// The picture
    #[arg(long)]
    image: Option<PathBuf>,
    /// Figures as JSON
    #[arg(long)]
    json: Option<PathBuf>,
}

impl OwnExtent {
    fn extent(self, parity: bool) -> Extent {
        Extent {
            records: self.records,
            strangers_per_mille: self.strangers,
            pairs: self.pairs,
            seed: self.seed,
            parity,
            insider: self.insider,
            most_unsalted: self.most_unsalted,
        }
    }
}

impl Attack {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        if let Some(Part::Front(own)) = self.part {
            return own.run();
        }
        let words: Vec<String> = std::env::args().skip(1).collect();
        let encodings = match self.encoding.as_slice() {
            [] => ENCODINGS.map(str::to_owned).to_vec(),
            some => some.to_vec(),
        };
        attack(&AttackSettings {
            encodings,
            extent: self.extent.extent(!self.without_parity),
            json: self.json,
            page: self.page,
            command: format!("milchglas-demo {}", words.join(" ")),
        })
        .map(drop)
    }
}

impl Front {
    fn run(self) -> anyhow::Result<()> {
        front(&FrontSettings {
            choices: self.choices,
            extent: self.extent.extent(false),
            persons: self.persons,
            seeds: self.seeds,
            graph: !self.without_graph,
            image: self.image,
            json: self.json,
        })
        .map(drop)
    }
}
