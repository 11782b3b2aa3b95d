//! What an operator writes down for the courier.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use policy::Name;
use serde::Deserialize;

use crate::{Client, keys};

/// The configuration of the courier; paths are relative to the file. Holds no secret.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourierConfig {
    /// Seconds between two rounds; 1 to 3600.
    #[serde(default = "usual_interval")]
    pub interval_seconds: u64,
    /// The projects whose link maps are carried.
    #[serde(rename = "project")]
    pub projects: Vec<CourierProject>,
}

/// A project of the courier.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourierProject {
    /// Its name, compared with what the tokens are for.
    pub name: Name,
    /// Whether snapshots that somebody started are carried too, not only those made by rule.
    #[serde(default)]
    pub by_hand: bool,
    /// Where the link maps come from.
    pub linkage: Post,
    /// Where they go.
    pub statistics: Post,
}

/// One of the two units.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// Its address.
    pub url: String,
    /// File with the operator's token there (0600).
    pub token_file: PathBuf,
    /// File with the certificate of the authority that vouches for the unit, where no public one
    /// does.
    #[serde(default)]
    pub authority: Option<PathBuf>,
}

fn usual_interval() -> u64 {
    15
}

impl CourierConfig {
    /// Reads a configuration and makes its paths absolute.
    ///
    /// # Errors
    /// Says which file, line and field.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration {}", path.display()))?;
        let mut config: Self =
            toml::from_str(&text).with_context(|| format!("in {}", path.display()))?;
        let base = path.parent().unwrap_or(Path::new("."));
        for post in
            config.projects.iter_mut().flat_map(|own| [&mut own.linkage, &mut own.statistics])
        {
            post.token_file = base.join(&post.token_file);
            post.authority = post.authority.take().map(|own| base.join(own));
        }
        config.check().with_context(|| format!("in {}", path.display()))?;
        Ok(config)
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        if !(1..=3600).contains(&self.interval_seconds) {
            bail!("interval_seconds lies between 1 and 3600");
        }
        if self.projects.is_empty() {
            bail!("name at least one [[project]]");
        }
        let names: BTreeSet<&Name> = self.projects.iter().map(|own| &own.name).collect();
        if names.len() < self.projects.len() {
            bail!("a [[project]] stands there twice");
        }
        Ok(())
    }

    pub(super) fn interval(&self) -> Duration {
        Duration::from_secs(self.interval_seconds)
    }
}

impl Post {
    pub(super) fn client(&self) -> anyhow::Result<Client> {
        let token = keys::token(&self.token_file)?;
        let Some(authority) = &self.authority else { return Ok(Client::new(&self.url, token)?) };
        let shown = authority.display();
        let pem = std::fs::read(authority).with_context(|| format!("cannot read {shown}"))?;
        Client::with_authority(&self.url, token, &pem).with_context(|| format!("with {shown}"))
    }
}
