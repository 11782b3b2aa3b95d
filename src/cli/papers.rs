//! The papers that a data protection officer files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use policy::{Name, PolicySet};
use serde_json::Value;
use submission::Clock;

use super::UnitArgs;
use crate::papers::{self, Attack, Facts, ReadLog};

/// Write the papers.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas papers --url http://127.0.0.1:8702 \
                  --token-file officer.token --policies policies/ --output papiere/ \\\n    \
                  --linkage-url http://127.0.0.1:8701 --linkage-token-file officer-linkage.token \\\n    \
                  --attack docs/attack.md --attack-on 2026-06-01\n\n\
                  Writes Markdown and a page for printing of each: record of processing, annex for \
                  the impact assessment, crypto report, deletion protocol, list of releases, templates. \
                  German.")]
pub(crate) struct PapersCommand {
    #[command(flatten)]
    unit: UnitArgs,
    /// The policies that the unit runs by
    #[arg(long)]
    policies: PathBuf,
    /// A folder; made where it is missing, files of that name are replaced
    #[arg(long)]
    output: PathBuf,
    /// Address of the linkage unit, for its part of the deletion protocol
    #[arg(long, requires = "linkage_token_file")]
    linkage_url: Option<String>,
    /// File with the officer's token there (0600)
    #[arg(long, requires = "linkage_url")]
    linkage_token_file: Option<PathBuf>,
    /// An attack report of `milchglas-demo attack`
    #[arg(long, requires = "attack_on")]
    attack: Option<PathBuf>,
    /// The day on which that report was made
    #[arg(long, requires = "attack")]
    attack_on: Option<jiff::civil::Date>,
    /// How many made-up people are alone with their attributes (`milchglas-demo unique`)
    #[arg(long)]
    uniqueness: Option<PathBuf>,
}

/// Largest file that is read.
const LARGEST: u64 = 1 << 20;

impl PapersCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let policies = PolicySet::load(&self.policies)?;
        let facts = self.facts(policies)?;
        let output = &self.output;
        std::fs::create_dir_all(output)
            .with_context(|| format!("cannot create {}", output.display()))?;
        for (name, paper) in papers::all(&facts)? {
            write(&output.join(format!("{name}.md")), &paper.to_markdown())?;
            write(&output.join(format!("{name}.html")), &paper.to_html()?)?;
            println!("{}", output.join(format!("{name}.html")).display());
        }
        Ok(())
    }

    fn facts(&self, policies: PolicySet) -> anyhow::Result<Facts> {
        let client = self.unit.client()?;
        let budget: Value = client.get("/v1/budget")?;
        let project = budget["project"].as_str().context("the answer names no project")?;
        let project = Name::new(project)?;
        if !policies.purposes.values().any(|own| own.project == project) {
            bail!("no purpose in these policies is of project `{project}`; name the unit's own");
        }
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).context("the answer is no text");
        let mut releases = Vec::new();
        for line in text(client.get_bytes("/v1/releases")?)?.lines() {
            releases.push(serde_json::from_str::<Value>(line)?);
        }
        let mut logs = vec![ReadLog::verified(&text(client.get_bytes("/v1/log")?)?)?];
        if let (Some(url), Some(token)) = (&self.linkage_url, &self.linkage_token_file) {
            let unit = UnitArgs { url: url.clone(), token_file: token.clone() };
            logs.push(ReadLog::verified(&text(unit.client()?.get_bytes("/v1/log")?)?)?);
        }
        let attack = match (&self.attack, &self.attack_on) {
            (Some(path), Some(day)) => {
                let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                Some(Attack::read(file, &read(path)?, day.to_string())?)
            }
            _ => None,
        };
        let uniqueness = match &self.uniqueness {
            Some(path) => {
                let shown = path.display();
                Some(serde_json::from_str(&read(path)?).with_context(|| format!("in {shown}"))?)
            }
            None => None,
        };
        let (audit, made) = (client.get("/v1/audit")?, Clock::System.now());
        let policies = Arc::new(policies);
        Ok(Facts { project, policies, budget, releases, logs, audit, attack, uniqueness, made })
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    let shown = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?.len();
    if size > LARGEST {
        bail!("{shown} is longer than {LARGEST} bytes");
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
