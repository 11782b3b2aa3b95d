//! Proves by a solver what `milchglas policy check` tries on examples: whoever asks for whatever,
//! in whatever role and project, the rules never permit to read a single person's record.
//!
//! The rules are translated into logic by Cedar's symbolic compiler (Disselkoen et al. 2024,
//! "How we built Cedar"; Cutler et al. 2024, "Cedar: A New Language for Expressive, Fast, Safe, and
//! Analyzable Authorization", section 5) and given to cvc5.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::str::FromStr;

use anyhow::{Context, bail};
use cedar_policy::{PolicySet, Schema};
use cedar_policy_symcc::solver::LocalSolver;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicySet};
use clap::Parser;

/// What nobody may ever do.
const FORBIDDEN: &str = "ReadRecord";

/// Prove that no rules of a folder permit to read a single person's record.
#[derive(Parser)]
#[command(
    after_help = "Example:\n  cargo run --manifest-path proof/Cargo.toml -- policies/access\n\n\
                  Needs the solver cvc5 (Debian and Ubuntu: apt-get install cvc5), or the \
                  variable CVC5 that names it.\n\nExit status: 0 proved, 1 not so or not \
                  readable, 3 there is no solver."
)]
struct Arguments {
    /// Folder with *.cedar and milchglas.cedarschema
    #[arg(default_value = "policies/access")]
    folder: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let folder = Arguments::parse().folder;
    if !has_solver() {
        eprintln!("milchglas-proof: cvc5 is not here (apt-get install cvc5)");
        return ExitCode::from(3);
    }
    match prove(&folder).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("milchglas-proof: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn prove(folder: &Path) -> anyhow::Result<()> {
    let (schema, rules) = (schema(folder)?, rules(folder)?);
    if !always_denies(&schema, &rules, FORBIDDEN).await? {
        bail!("{}: the rules permit somebody to read a single person's record", folder.display());
    }
    println!(
        "Proved: {} rules in {}, and none of them, nor all together, ever permit {FORBIDDEN}.",
        rules.policies().count(),
        folder.display()
    );
    Ok(())
}

fn has_solver() -> bool {
    let path = std::env::var("CVC5").unwrap_or_else(|_| "cvc5".into());
    let found = Command::new(path).arg("--version").stdout(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
}

fn schema(folder: &Path) -> anyhow::Result<Schema> {
    let path = folder.join("milchglas.cedarschema");
    let text = fs::read_to_string(&path).with_context(|| format!("in {}", path.display()))?;
    Ok(Schema::from_cedarschema_str(&text).with_context(|| format!("in {}", path.display()))?.0)
}

fn rules(folder: &Path) -> anyhow::Result<PolicySet> {
    let mut paths = fs::read_dir(folder)
        .with_context(|| format!("in {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|own| own == "cedar"));
    paths.sort();
    let mut text = String::new();
    for path in paths {
        text.push_str(
            &fs::read_to_string(&path).with_context(|| format!("in {}", path.display()))?,
        );
        text.push('\n');
    }
    parse(&text)
}

fn parse(text: &str) -> anyhow::Result<PolicySet> {
    PolicySet::from_str(text)
        .context("the rules are not Cedar; `milchglas policy check` says where")
}

/// Whether the rules deny every request for this action, whoever asks for whatever.
async fn always_denies(schema: &Schema, rules: &PolicySet, action: &str) -> anyhow::Result<bool> {
    let (mut denied, mut seen) = (true, false);
    for env in schema.request_envs() {
        if env.action().id().unescaped() != action {
            continue;
        }
        seen = true;
        let mut compiler = CedarSymCompiler::new(LocalSolver::cvc5()?)?;
        let compiled = CompiledPolicySet::compile(rules, &env, schema)?;
        denied &= compiler.check_always_denies_opt(&compiled).await?;
    }
    if !seen {
        bail!("the schema has no action {action}, so nothing could be proved about it");
    }
    Ok(denied)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/access")
    }

    #[tokio::test]
    async fn records_are_given_to_nobody_and_the_proof_can_fail() {
        if !has_solver() {
            println!("skipped: cvc5 is not here");
            return;
        }
        let schema = schema(&folder()).unwrap();
        let all = rules(&folder()).unwrap();
        assert!(always_denies(&schema, &all, FORBIDDEN).await.unwrap());
        // The same question is answered otherwise where something is permitted.
        assert!(!always_denies(&schema, &all, "Submit").await.unwrap());
        // A rule that permits everything changes nothing, while what forbids it stands.
        let everything = "permit (principal, action, resource);";
        let opened = parse(&format!("{all}\n{everything}")).unwrap();
        assert!(always_denies(&schema, &opened, FORBIDDEN).await.unwrap());
        let bare = parse(everything).unwrap();
        assert!(!always_denies(&schema, &bare, FORBIDDEN).await.unwrap());
        assert!(always_denies(&schema, &all, "NoSuchAction").await.is_err());
    }
}
