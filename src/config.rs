//! What an operator writes down for one unit.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use access::Identity;
use anyhow::{Context, bail};
use policy::Name;
use serde::Deserialize;
use submission::VerifyingKey;

/// Which unit a configuration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitName {
    /// Holds encodings.
    Linkage,
    /// Holds measures, ledger and releases.
    Statistics,
}

/// The configuration of one unit; paths are relative to the file. Holds no secret.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitConfig {
    /// Which unit this is.
    pub unit: UnitName,
    /// Name of the installation; stands in the log's first hash.
    pub installation: String,
    /// Where to listen. Anything but loopback needs a TLS proxy in front.
    pub listen: SocketAddr,
    /// The SQLite file.
    pub database: PathBuf,
    /// The parties' agreement.
    pub policies: PathBuf,
    /// File with this unit's signing key (0600).
    pub signing_key: PathBuf,
    /// The other unit's public key.
    pub peer_public_key: VerifyingKey,
    /// File with 32 random bytes from which snapshots' rank keys are derived (statistics unit).
    #[serde(default)]
    pub rank_key: Option<PathBuf>,
    /// How the units are separated, as every release states it (statistics unit).
    #[serde(default)]
    pub separation: Option<String>,
    /// Whether the start page marks its numbers as synthetic.
    #[serde(default)]
    pub synthetic: bool,
    /// The projects that are served.
    #[serde(rename = "project")]
    pub projects: Vec<ProjectEntry>,
    /// Who is who.
    #[serde(rename = "identity", default)]
    pub identities: Vec<Identity>,
}

/// A project of a unit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectEntry {
    /// Its name.
    pub name: Name,
    /// The linkage schema that its departments encode by.
    pub schema: Name,
}

impl UnitConfig {
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
        let own = [&mut config.database, &mut config.policies, &mut config.signing_key];
        for place in own.into_iter().chain(config.rank_key.as_mut()) {
            *place = base.join(&place);
        }
        config.check().with_context(|| format!("in {}", path.display()))?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        if self.projects.is_empty() {
            bail!("name at least one [[project]]");
        }
        let statistics = self.unit == UnitName::Statistics;
        if self.rank_key.is_some() != statistics || self.separation.is_some() != statistics {
            bail!("rank_key and separation belong to the statistics unit and only to it");
        }
        Ok(())
    }
}
