//! Commands of operator, custodian, analyst and data protection officer.

mod analyst;
mod assess;
mod audit;
mod bi;
mod carry;
mod correct;
mod custodian;
mod init;
mod ledger;
mod link;
mod link_files;
mod operation;
mod operator;
mod papers;
mod password;
mod plan;
mod policy;
mod population;
mod proposals;
mod query;
mod rollup;
mod schedule;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::{Client, ClientError, keys};

/// Server and tools of Milchglas: two units that link and count without seeing a name.
#[derive(Parser)]
#[command(
    name = "milchglas",
    version,
    about,
    after_help = "Example:\n  milchglas serve --config linkage.toml\n  \
                  milchglas query price --url http://127.0.0.1:8702 --token-file analyst.token \\\n    \
                  --purpose sozialmonitoring-06432 --indicator children-in-benefits --year 2025\n\n\
                  Exit codes: 0 done, 1 failed, 2 wrong arguments, 6 refused by the unit, \
                  7 unit not reachable"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the folder of a new county: policies, configurations, what is still to be done
    Init(init::Init),
    /// Start one unit and serve until interrupted
    Serve(operator::Serve),
    /// Create a signing, rank or unit data key, or a bearer token, in a new file
    Keygen(operator::Keygen),
    /// Copy a unit's database while it works (operator)
    Backup(operation::Backup),
    /// Put a backup back (operator)
    Restore(operation::Restore),
    /// Look over an installation (operator)
    Doctor(operation::Doctor),
    /// Hash a password with which somebody signs in to a unit's pages (operator)
    Password(password::Password),
    /// Open an epoch with its schema and key-check value (custodian)
    Epoch(custodian::OpenEpochCommand),
    /// Close an epoch and destroy its keys, encodings and scored pairs (custodian)
    CloseEpoch(custodian::CloseEpochCommand),
    /// Link an epoch and freeze a snapshot (operator), or link files of encodings without a unit
    Link(Box<link::Link>),
    /// Carry the link map of a snapshot from the linkage unit to the statistics unit (operator)
    Transfer(carry::Transfer),
    /// Carry link maps as snapshots are frozen, until interrupted (operator)
    Carry(carry::Carry),
    /// Show which period waits for which delivery (operator)
    Schedule(schedule::Schedule),
    /// Price or ask an indicator (analyst)
    #[command(subcommand)]
    Query(query::QueryCommand),
    /// Print the stored releases, one JSON document per line (analyst, officer)
    Releases(analyst::Releases),
    /// Correct a released overlap for missed and wrong links, by a model (analyst)
    Correct(correct::Correct),
    /// Show the release plans and where their runs stand (analyst, officer)
    Plan(plan::PlanCommand),
    /// Show what was spent and what is left, by purpose, analyst, dataset or time (analyst, officer)
    Ledger(ledger::LedgerCommand),
    /// Export the audit log, countersign it, restore it (officer, operator)
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Write the papers that an officer files: record of processing, annex, lists (officer)
    Papers(papers::PapersCommand),
    /// Check, explain, compare or try out a folder of policies
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Propose what a second person has to approve
    Propose(proposals::Propose),
    /// Show what waits for approval
    Proposals(proposals::Proposals),
    /// Approve what somebody else proposed (approver, officer)
    Approve(proposals::Approve),
    /// Write the releases where BI tools read them
    #[command(subcommand)]
    Bi(bi::BiCommand),
    /// Import or check public numbers of residents (operator)
    #[command(subcommand)]
    Population(population::PopulationCommand),
}

/// The unit to talk to.
#[derive(Args)]
pub(crate) struct UnitArgs {
    /// Address of the unit, such as http://127.0.0.1:8701
    #[arg(long)]
    url: String,
    /// File with the bearer token (0600); a token is never an argument
    #[arg(long)]
    token_file: PathBuf,
}

impl UnitArgs {
    fn client(&self) -> anyhow::Result<Client> {
        Ok(Client::new(&self.url, keys::token(&self.token_file)?)?)
    }
}

/// A progress bar on a terminal, with the time that is left; nothing elsewhere.
pub(crate) fn progress_bar() -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new(0);
    match indicatif::ProgressStyle::with_template("{wide_bar} {percent:>3} %, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Init(command) => command.run(),
        Command::Serve(command) => command.run(),
        Command::Keygen(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Restore(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::Password(command) => command.run(),
        Command::Epoch(command) => command.run(),
        Command::CloseEpoch(command) => command.run(),
        Command::Link(command) => command.run(),
        Command::Transfer(command) => command.run(),
        Command::Carry(command) => command.run(),
        Command::Schedule(command) => command.run(),
        Command::Query(command) => command.run(),
        Command::Releases(command) => command.run(),
        Command::Correct(command) => command.run(),
        Command::Plan(command) => command.run(),
        Command::Ledger(command) => command.run(),
        Command::Audit(command) => command.run(),
        Command::Papers(command) => command.run(),
        Command::Policy(command) => command.run(),
        Command::Propose(command) => command.run(),
        Command::Proposals(command) => command.run(),
        Command::Approve(command) => command.run(),
        Command::Bi(command) => command.run(),
        Command::Population(command) => command.run(),
    };
    let Err(error) = done else { return ExitCode::SUCCESS };
    eprintln!("milchglas: {error:#}");
    match error.downcast_ref::<ClientError>() {
        Some(ClientError::Refused(_)) => ExitCode::from(6),
        Some(ClientError::Unreachable { .. } | ClientError::Foreign { .. }) => ExitCode::from(7),
        Some(ClientError::PlainHttp { .. }) => ExitCode::from(2),
        Some(ClientError::Authority) | None => ExitCode::FAILURE,
    }
}
