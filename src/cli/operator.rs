//! What an operator does: run units, make keys, link.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};
use linkage_unit::LinkOrder;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};
use submission::{Clock, SigningKey};
use tracing_subscriber::EnvFilter;
use zeroize::Zeroizing;

use super::UnitArgs;
use crate::{UnitConfig, keys, serve};

/// Start one unit.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas serve --config /etc/milchglas/linkage.toml")]
pub(crate) struct Serve {
    /// Configuration of the unit (TOML)
    #[arg(long)]
    config: PathBuf,
    /// An anchor that was kept outside: without its entry in the log the unit does not start
    #[arg(long)]
    anchor: Option<PathBuf>,
    /// What to log: error, warn, info, debug
    #[arg(long, default_value = "info")]
    log: String,
}

impl Serve {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        log_to_stderr(&self.log)?;
        let mut config = UnitConfig::read(&self.config)?;
        config.anchor = self.anchor.or(config.anchor);
        crate::operation::keep_to_itself()
            .context("this process cannot keep its memory to itself")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let served = serve(config, Clock::System).await?;
            println!("listening on http://{}", served.address);
            served.until(interrupted()).await
        })
    }
}

/// Lets this process log on its standard error output.
pub(super) fn log_to_stderr(level: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(level).context("--log takes a level such as info")?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    Ok(())
}

pub(super) async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Without a handler the default action ends the process, which is what is asked.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Create a secret in a new file.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas keygen signing --output linkage.key")]
pub(crate) struct Keygen {
    /// What to create
    kind: SecretKind,
    /// The new file; never overwrites
    #[arg(long)]
    output: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum SecretKind {
    /// A unit's signing key; prints the public key for the other unit's configuration
    Signing,
    /// The statistics unit's rank key
    Rank,
    /// A unit's data key, which opens its key store
    Data,
    /// A bearer token; prints its SHA-256 for a unit's configuration
    Token,
}

impl Keygen {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let random = SystemRandom::new();
        match self.kind {
            SecretKind::Signing => {
                let pkcs8 = SigningKey::generate(&random)?;
                keys::write_new(&self.output, &keys::signing_text(&pkcs8))?;
                println!("{}", SigningKey::from_pkcs8(&pkcs8)?.public());
            }
            SecretKind::Rank => {
                let mut bytes = [0; 32];
                random.fill(&mut bytes).ok().context("no randomness from the system")?;
                keys::write_rank_key(&self.output, &bytes)?;
            }
            SecretKind::Data => {
                let mut bytes = Zeroizing::new([0; 32]);
                random.fill(&mut *bytes).ok().context("no randomness from the system")?;
                keys::write_data_key(&self.output, &bytes)?;
            }
            SecretKind::Token => {
                let token = access::new_token(&random)?;
                keys::write_new(&self.output, &format!("{token}\n"))?;
                println!("{}", String::from(access::TokenDigest::of(&token)));
            }
        }
        Ok(())
    }
}

/// Links an epoch at its unit and waits for the result.
pub(super) struct LinkEpoch {
    pub(super) unit: UnitArgs,
    pub(super) order: LinkOrder,
    /// Print the report as JSON.
    pub(super) json: bool,
}

impl LinkEpoch {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let client = self.unit.client()?;
        let started: Value = client.post("/v1/snapshots", &json!(self.order))?;
        let snapshot = started["snapshot"].as_str().unwrap_or_default().to_owned();
        let bar = super::progress_bar();
        let report = loop {
            let state: Value = client.get(&format!("/v1/snapshots/{snapshot}"))?;
            bar.set_length(state["total"].as_u64().unwrap_or(0));
            bar.set_position(state["compared"].as_u64().unwrap_or(0));
            if state["state"] != "running" {
                break state;
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        bar.finish_and_clear();
        if report["state"] == "failed" {
            let problem = &report["problem"];
            let word = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
            anyhow::bail!("{}: {}", word("title"), word("detail"));
        }
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            println!("snapshot {snapshot}");
            for source in report["report"]["sources"].as_array().into_iter().flatten() {
                println!(
                    "  {} {}: {} records",
                    source["department"].as_str().unwrap_or_default(),
                    source["dataset"].as_str().unwrap_or_default(),
                    source["records"]
                );
            }
            println!(
                "  {} candidate pairs, {} clusters",
                report["report"]["candidate_pairs"], report["report"]["clusters"]
            );
            let pairs = &report["report"]["pairs"];
            let floor = pairs["floor"].as_str().unwrap_or_default();
            match pairs["compared_from_tile"].as_u64() {
                None => println!("  nothing compared: pairs from {floor} up were kept"),
                Some(0) => println!("  pairs from {floor} up are kept for the epoch"),
                Some(tile) => println!("  went on at tile {tile}; pairs from {floor} up are kept"),
            }
        }
        Ok(())
    }
}
