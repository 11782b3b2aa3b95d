//! What needs a second person: propose, look, approve.

use std::path::PathBuf;

use access::ProposalKind;
use anyhow::{Context, bail};
use approval::{Bound, ShownProposal, Standing};
use clap::{Args, ValueEnum};
use linkage_unit::{LinkOrder, Solver};
use policy::{Digest, Name, PolicySet, SimilarityThreshold};
use serde::Deserialize;
use serde_json::{Value, json};
use submission::KeyCheckValue;

use super::UnitArgs;
use super::link::solver;
use crate::{approve, propose};

/// Propose.
#[derive(Args)]
#[command(after_help = "Examples:\n  milchglas propose snapshot --url http://127.0.0.1:8701 \
                  --token-file operator.token --epoch 2026\n  milchglas propose key-release --url \
                  http://127.0.0.1:8701 --token-file custodian.token \\\n    --epoch 2026 --schema \
                  3f…a1 --key-check-value 0123456789abcdef\n  milchglas propose policy --url \
                  http://127.0.0.1:8702 --token-file dpo.token\n\nSomebody else approves, within \
                  fourteen days; then it may be done once. What is bound is exactly what lies at \
                  the unit now: a delivery that arrives later needs a new proposal.")]
pub(crate) struct Propose {
    /// What
    kind: Kind,
    #[command(flatten)]
    unit: UnitArgs,
    /// The epoch (snapshot, key-release, epoch-closing)
    #[arg(long)]
    epoch: Option<Name>,
    /// Least similarity of a link, where it shall not be the linkage schema's (snapshot)
    #[arg(long)]
    link_threshold: Option<String>,
    /// How pairs become persons, where it shall not be as agreed (snapshot)
    #[arg(long, value_parser = solver)]
    link_solver: Option<Solver>,
    /// Digest of the linkage schema (key-release)
    #[arg(long, value_parser = digest)]
    schema: Option<Digest>,
    /// Key-check value of the epoch's key (key-release)
    #[arg(long, value_parser = key_check_value)]
    key_check_value: Option<KeyCheckValue>,
    /// File with the particulars as a JSON object (deletion, restore)
    #[arg(long)]
    about: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// The folder of policies that lies at the unit
    Policy,
    /// An epoch with its key
    KeyRelease,
    /// A snapshot that no schedule leads to
    Snapshot,
    /// Deletion
    Deletion,
    /// The end of an epoch with its keys
    EpochClosing,
    /// Going on from a restored database
    Restore,
    /// Linkage over the border between two counties
    CrossCounty,
}

impl Kind {
    fn meant(self) -> ProposalKind {
        match self {
            Self::Policy => ProposalKind::Policy,
            Self::KeyRelease => ProposalKind::KeyRelease,
            Self::Snapshot => ProposalKind::Snapshot,
            Self::Deletion => ProposalKind::Deletion,
            Self::EpochClosing => ProposalKind::EpochClosing,
            Self::Restore => ProposalKind::Restore,
            Self::CrossCounty => ProposalKind::CrossCounty,
        }
    }
}

fn digest(text: &str) -> Result<Digest, policy::PolicyError> {
    Digest::try_from(text.to_owned())
}

fn key_check_value(text: &str) -> Result<KeyCheckValue, submission::SubmissionError> {
    KeyCheckValue::try_from(text.to_owned())
}

impl Propose {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let about = self.about()?;
        let made = propose(&self.unit.client()?, self.kind.meant(), &about)?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&made)?);
        } else {
            print!("{}", shown(&made));
        }
        Ok(())
    }

    fn about(&self) -> anyhow::Result<Value> {
        let epoch = || self.epoch.as_ref().context("--epoch is missing");
        Ok(match self.kind {
            Kind::Policy | Kind::CrossCounty => json!({}),
            Kind::EpochClosing => json!({ "epoch": epoch()? }),
            Kind::Snapshot => {
                let threshold = self.link_threshold.clone().map(SimilarityThreshold::try_from);
                let (epoch, threshold) = (epoch()?.clone(), threshold.transpose()?);
                serde_json::to_value(LinkOrder { epoch, threshold, solver: self.link_solver })?
            }
            Kind::KeyRelease => json!({
                "epoch": epoch()?,
                "schema": self.schema.context("--schema is missing")?,
                "key_check_value": self.key_check_value.context("--key-check-value is missing")?,
            }),
            Kind::Deletion | Kind::Restore => {
                let path = self.about.as_ref().context("--about FILE is missing")?;
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                serde_json::from_str(&text).with_context(|| format!("in {}", path.display()))?
            }
        })
    }
}

/// Look.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas proposals --url http://127.0.0.1:8702 --token-file \
                  dpo.token")]
pub(crate) struct Proposals {
    #[command(flatten)]
    unit: UnitArgs,
    /// Also those that were used or have expired
    #[arg(long)]
    all: bool,
    /// Print JSON, all of it
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct List {
    waiting: Vec<Waiting>,
    proposals: Vec<ShownProposal>,
}

#[derive(Deserialize)]
struct Waiting {
    kind: String,
    name: String,
}

impl Proposals {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let list: Value = self.unit.client()?.get("/v1/proposals")?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&list)?);
            return Ok(());
        }
        let list: List = serde_json::from_value(list)?;
        for own in &list.waiting {
            println!("not in force  {} {}", own.kind, own.name);
        }
        let live = |own: &&ShownProposal| {
            self.all || matches!(own.standing, Standing::Open | Standing::Approved)
        };
        let found: Vec<&ShownProposal> = list.proposals.iter().filter(live).collect();
        if found.is_empty() {
            println!("nothing waits");
        }
        found.iter().for_each(|own| print!("{}", shown(own)));
        Ok(())
    }
}

/// Approve.
#[derive(Args)]
#[command(after_help = "Examples:\n  milchglas approve 5f0c…91 --url http://127.0.0.1:8702 \
                  --token-file dpo.token --policies policies/\n  milchglas approve 77ab…02 --url \
                  http://127.0.0.1:8701 --token-file dpo.token\n\nA folder of policies is approved \
                  with your own copy of it at hand: `milchglas policy diff OLD NEW` says what it \
                  changes, and --policies makes sure that the unit has the very same.")]
pub(crate) struct Approve {
    /// The proposal, as `milchglas proposals` names it
    proposal: String,
    #[command(flatten)]
    unit: UnitArgs,
    /// Your own copy of the folder; needed where a folder is approved
    #[arg(long)]
    policies: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Approve {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let client = self.unit.client()?;
        let list: List = client.get("/v1/proposals")?;
        let own = list.proposals.iter().find(|own| own.proposal == self.proposal);
        let own = own.context("there is no such proposal for you; see `milchglas proposals`")?;
        if own.kind == ProposalKind::Policy {
            self.same(own)?;
        }
        let done = approve(&client, &self.proposal)?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&done)?);
        } else {
            print!("{}", shown(&done));
        }
        Ok(())
    }

    /// What is approved is what the approver has read.
    fn same(&self, own: &ShownProposal) -> anyhow::Result<()> {
        let folder = self.policies.as_ref().context(
            "a folder of policies is approved with your own copy of it: name it with --policies",
        )?;
        let set = PolicySet::load(folder)?;
        let project = Name::new(own.project.as_str())?;
        let (_, digest) = Bound::policy(&project, &set.parts(&project)?).canonical()?;
        if digest != own.digest {
            bail!(
                "the proposed folder is not the one in {}: it has digest {}, yours {digest}; \
                 nothing was approved",
                folder.display(),
                own.digest
            );
        }
        Ok(())
    }
}

fn shown(own: &ShownProposal) -> String {
    let day = |at: i64| {
        jiff::Timestamp::from_second(at).map_or_else(|_| at.to_string(), |own| own.to_string())
    };
    let by: Vec<&str> = own.approvals.iter().map(|own| own.approver.as_str()).collect();
    let standing = match own.standing {
        Standing::Open => "waits for somebody to approve it",
        Standing::Approved => "approved; may be done once",
        Standing::Used => "done",
        Standing::Expired => "expired",
    };
    format!(
        "{}  {} of {}\n    {standing}, until {}\n    proposed by {}; approved by {}\n    digest {}\n",
        own.proposal,
        own.kind.word(),
        own.project,
        day(own.expires_at),
        own.proposer.as_deref().unwrap_or("the unit, so two people approve"),
        if by.is_empty() { "nobody yet".to_owned() } else { by.join(", ") },
        own.digest
    )
}
