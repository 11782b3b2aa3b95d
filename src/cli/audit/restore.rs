//! The restore ceremony, step by step.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use audit::{Approval, RestoreRequest};
use clap::{Args, Subcommand};
use policy::PolicySet;
use store::Db;
use store::seal::Sealing;
use submission::Clock;

use crate::serve::watched;
use crate::witness::{Log, Way, restore};
use crate::{UnitConfig, keys};

/// Go on after a backup was put back.
#[derive(Subcommand)]
#[command(
    after_help = "A unit whose database is older than what the other unit has witnessed does not \
                  start. With the unit stopped and the backup in place:\n  \
                  1. operator: milchglas audit restore request --config statistics.toml --output request.json\n  \
                  2. operator: milchglas audit restore approve request.json --name betrieb --key betrieb.key \
                  --output betrieb.json\n  \
                  3. officer:  milchglas-audit approve request.json --name datenschutz --key datenschutz.key \
                  --output datenschutz.json\n  \
                  4. operator: milchglas audit restore apply request.json --config statistics.toml \
                  --approval betrieb.json --approval datenschutz.json"
)]
pub(crate) enum RestoreCommand {
    /// Say what was lost and what is burnt for it
    Request(Request),
    /// Approve a request with an operator's key
    Approve(Approve),
    /// Carry out a request that an operator and an officer approved
    Apply(Apply),
}

impl RestoreCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Request(command) => command.run(),
            Self::Approve(command) => command.run(),
            Self::Apply(command) => command.run(),
        }
    }
}

/// Say what was lost.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas audit restore request --config statistics.toml \
                  --output request.json")]
pub(crate) struct Request {
    /// Configuration of the stopped unit (TOML)
    #[arg(long)]
    config: PathBuf,
    /// The new file
    #[arg(long)]
    output: PathBuf,
    /// The witness was never away since the backup, so nothing was spent without it: burn the
    /// difference alone. Whoever approves, approves that statement
    #[arg(long)]
    witness_was_never_away: bool,
}

impl Request {
    fn run(self) -> anyhow::Result<()> {
        let with_tranche = !self.witness_was_never_away;
        let request = at_unit(&self.config, async |log, way, policies| {
            restore::request(log, way, policies, with_tranche).await
        })?;
        write_new(&self.output, &request.to_json()?)?;
        show(&request);
        println!("written to {}; have it approved", self.output.display());
        Ok(())
    }
}

/// Approve a request.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas audit restore approve request.json --name betrieb \
                  --key betrieb.key --output betrieb.json")]
pub(crate) struct Approve {
    /// The request
    request: PathBuf,
    /// Your name in oversight.toml
    #[arg(long)]
    name: String,
    /// Your signing key (0600), from `milchglas keygen signing`
    #[arg(long)]
    key: PathBuf,
    /// The new file
    #[arg(long)]
    output: PathBuf,
}

impl Approve {
    fn run(self) -> anyhow::Result<()> {
        let request = read(&self.request, RestoreRequest::from_json)?;
        show(&request);
        let key = keys::signing_key(&self.key)?;
        let approval = request.approve(self.name, Clock::System.now(), key.key_pair())?;
        write_new(&self.output, &approval.to_json()?)?;
        println!("approved in {}", self.output.display());
        Ok(())
    }
}

/// Carry out a request.
#[derive(Args)]
#[command(
    after_help = "Example:\n  milchglas audit restore apply request.json --config statistics.toml \
                  --approval betrieb.json --approval datenschutz.json"
)]
pub(crate) struct Apply {
    /// The request
    request: PathBuf,
    /// Configuration of the stopped unit (TOML)
    #[arg(long)]
    config: PathBuf,
    /// An approval of it; one by an operator, one by an officer
    #[arg(long, required = true)]
    approval: Vec<PathBuf>,
}

impl Apply {
    fn run(self) -> anyhow::Result<()> {
        let request = read(&self.request, RestoreRequest::from_json)?;
        let approvals: Vec<Approval> = self
            .approval
            .iter()
            .map(|path| read(path, Approval::from_json))
            .collect::<anyhow::Result<_>>()?;
        let restored = at_unit(&self.config, async move |log, way, policies| {
            restore::apply(log, way, policies, request, approvals).await
        })?;
        println!(
            "restored: log entry {}, generation {}; start the unit, and have the log countersigned",
            restored.sequence, restored.generation
        );
        Ok(())
    }
}

fn show(request: &RestoreRequest) {
    println!("unit        {} of {}", request.unit, request.installation);
    println!("put back    entry {}", request.restored);
    match request.witnessed {
        Some(own) => println!("witnessed   entry {}", own.head),
        None => println!("witnessed   nothing"),
    }
    for own in &request.burn {
        println!(
            "burn        {} {}: {} nano-rho, {} femto-delta",
            own.project, own.year, own.rho, own.delta
        );
    }
    if request.with_tranche {
        println!("            with what may have been spent while the witness was away");
    }
}

/// Opens the database of a stopped unit and the way to its witness.
fn at_unit<T>(
    config: &Path,
    work: impl AsyncFnOnce(&Log, &Way, &PolicySet) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let config = UnitConfig::read(config)?;
    let policies = PolicySet::load(&config.policies)?;
    let post = config.witness.as_ref().context("the configuration names no witness")?;
    let way = watched::way(post)?;
    let key = std::sync::Arc::new(keys::signing_key(&config.signing_key)?);
    if let Some(path) = config.database.as_ref().filter(|path| !path.exists()) {
        bail!("{} is not there; put the backup back first", path.display());
    }
    let (location, installation) = (config.location()?, config.installation.parse()?);
    let unit_key = keys::read_data_key(&config.data_key)?;
    let sealing = Sealing { key_store: config.key_store, unit_key };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let db = Db::open(&location, watched::kind(config.unit), &installation, &sealing).await?;
        let log = watched::log(&db, &key, &Clock::System, config.peer_public_key, &policies);
        let done = work(&log, &way, &policies).await;
        db.close().await;
        done
    })
}

fn read<T>(path: &Path, as_what: impl Fn(&str) -> Result<T, audit::Error>) -> anyhow::Result<T> {
    let shown = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?.len();
    if size > audit::DOCUMENT_LIMIT as u64 {
        bail!("{shown} is too long");
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    as_what(text.trim()).with_context(|| format!("in {shown}"))
}

fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let mut file =
        file.with_context(|| format!("cannot create {}: name a new file", path.display()))?;
    writeln!(file, "{text}")?;
    Ok(file.sync_all()?)
}
