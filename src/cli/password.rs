//! The line of a configuration with which somebody signs in to the pages by password.

use std::io::{IsTerminal as _, stdin};
use std::path::PathBuf;

use access::PasswordDigest;
use anyhow::{Context, bail};
use clap::Args;
use ring::rand::SystemRandom;
use serde_json::json;
use zeroize::Zeroizing;

use crate::keys;

/// Hash a password for an identity of a unit's configuration.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas password\n  milchglas password --password-file \
                  anna.password\n\nAsks twice, without showing what is typed, and prints the line \
                  that belongs below the person's [[identity]] in the unit's configuration. Only \
                  the hash (Argon2id) stands there. The person signs in on the unit's pages with \
                  name and password; the token goes on to work for programs.")]
pub(crate) struct Password {
    /// File with the password in one line (0600), instead of asking on the terminal; a password is
    /// never an argument
    #[arg(long)]
    password_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Password {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let password = match &self.password_file {
            Some(path) => keys::password(path)?,
            None => ask()?,
        };
        let line = PasswordDigest::line(&password, &SystemRandom::new())?;
        if self.json {
            println!("{}", json!({ "password_argon2id": line }));
        } else {
            println!("password_argon2id = \"{line}\"");
        }
        Ok(())
    }
}

fn ask() -> anyhow::Result<Zeroizing<String>> {
    if !stdin().is_terminal() {
        bail!("there is no terminal to ask on; name a file with --password-file");
    }
    let prompt = |text| rpassword::prompt_password(text).map(Zeroizing::new);
    let first = prompt("Password (at least 12 characters): ").context("cannot read from here")?;
    let second = prompt("Once more: ").context("cannot read from here")?;
    if first != second {
        bail!("the two differ; start again");
    }
    Ok(first)
}
