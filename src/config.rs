//! What an operator writes down for one unit.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use access::Identity;
use anyhow::{Context, bail};
use policy::{Name, SimilarityThreshold};
use serde::Deserialize;
use store::Location;
use submission::VerifyingKey;

use crate::bi::BiConfig;
use crate::init::EXERCISE_PREFIX;
use crate::keys;

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
    /// Where to listen. The unit speaks plain HTTP, so anything but loopback needs the next line.
    pub listen: SocketAddr,
    /// Where Prometheus fetches figures about this unit, without personal data and without asking
    /// who comes: on loopback, such as `127.0.0.1:9701`. Without it there is no such door.
    #[serde(default)]
    pub metrics_listen: Option<SocketAddr>,
    /// Whether a proxy that ends TLS stands between this unit and the network.
    #[serde(default)]
    pub behind_tls_proxy: bool,
    /// The SQLite file; or, in its place, the next line.
    #[serde(default)]
    pub database: Option<PathBuf>,
    /// File (0600) with the address of a PostgreSQL database,
    /// `postgres://user:password@host/database?sslmode=verify-full`. Each unit has one of its own,
    /// and a user of its own.
    #[serde(default)]
    pub database_url_file: Option<PathBuf>,
    /// The key store: the file with the keys under which bulk lies sealed in the database. Made with
    /// the database; in no backup of it.
    pub key_store: PathBuf,
    /// File with the unit data key (0600), which opens the key store.
    pub data_key: PathBuf,
    /// The parties' agreement.
    pub policies: PathBuf,
    /// File with this unit's signing key (0600).
    pub signing_key: PathBuf,
    /// The other unit's public key.
    pub peer_public_key: VerifyingKey,
    /// The way to the other unit, which witnesses this one's log. Without it nobody does, and every
    /// release says so.
    #[serde(default)]
    pub witness: Option<WitnessPost>,
    /// An anchor that somebody kept outside: without its entry in the log the unit does not start.
    #[serde(default)]
    pub anchor: Option<PathBuf>,
    /// File with 32 random bytes from which snapshots' rank keys are derived (statistics unit).
    #[serde(default)]
    pub rank_key: Option<PathBuf>,
    /// How the units are separated, as every release states it (statistics unit).
    #[serde(default)]
    pub separation: Option<String>,
    /// Seconds between two looks at the schedules, where nobody delivers (linkage unit).
    #[serde(default)]
    pub look_every_seconds: Option<u64>,
    /// Milliseconds after which the answer to a fresh question leaves, where it has no more than a
    /// thousand cells (statistics unit); 2000 where none are named. Twice of what counting takes at
    /// least: what is counted later is refused.
    #[serde(default)]
    pub answer_slot_millis: Option<u64>,
    /// Whether the start page marks its numbers as synthetic.
    #[serde(default)]
    pub synthetic: bool,
    /// GeoJSON file with the areas of the municipalities (statistics unit); without one maps are
    /// schematic.
    #[serde(default)]
    pub boundaries: Option<PathBuf>,
    /// File with the residents of the municipalities in the form of `docs/formats/population.md`
    /// (statistics unit); without one no rates are shown.
    #[serde(default)]
    pub population: Option<PathBuf>,
    /// File with a made-up person whom the page shows from four sides (statistics unit), where
    /// `synthetic = true`. Need not exist yet.
    #[serde(default)]
    pub exhibit: Option<PathBuf>,
    /// Where BI tools find the releases (statistics unit).
    #[serde(default)]
    pub bi: Option<BiConfig>,
    /// The projects that are served.
    #[serde(rename = "project")]
    pub projects: Vec<ProjectEntry>,
    /// Who is who.
    #[serde(rename = "identity", default)]
    pub identities: Vec<Identity>,
}

/// How the other unit is reached.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessPost {
    /// Its address.
    pub url: String,
    /// File with the certificate of the authority that vouches for it, where no public one does.
    #[serde(default)]
    pub authority: Option<PathBuf>,
}

/// A project of a unit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectEntry {
    /// Its name.
    pub name: Name,
    /// The linkage schema that its departments encode by.
    pub schema: Name,
    /// Least similarity of the candidate pairs that are kept (linkage unit); .02 below the
    /// threshold where none is named. From here up another threshold needs no comparison.
    #[serde(default)]
    pub pair_floor: Option<SimilarityThreshold>,
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
        let own = [
            &mut config.key_store,
            &mut config.data_key,
            &mut config.policies,
            &mut config.signing_key,
        ];
        let others = [
            &mut config.database,
            &mut config.database_url_file,
            &mut config.rank_key,
            &mut config.boundaries,
            &mut config.population,
            &mut config.exhibit,
        ];
        let authority = config.witness.as_mut().and_then(|own| own.authority.as_mut());
        let anchor = config.anchor.as_mut();
        let bi = config.bi.as_mut();
        let bi = bi.map(|own| [&mut own.sqlite, &mut own.postgres_url_file]);
        let others = others.into_iter().chain(bi.into_iter().flatten()).flatten();
        let others = others.chain(authority).chain(anchor);
        for place in own.into_iter().chain(others) {
            *place = base.join(&place);
        }
        if let Some(own) = &mut config.bi {
            own.check().with_context(|| format!("in {}", path.display()))?;
        }
        config.check().with_context(|| format!("in {}", path.display()))?;
        Ok(config)
    }

    /// Where the unit's database is.
    ///
    /// # Errors
    /// Where the file with its address cannot be read, or others may read it.
    pub fn location(&self) -> anyhow::Result<Location> {
        match (&self.database, &self.database_url_file) {
            (Some(path), None) => Ok(Location::Sqlite(path.clone())),
            (None, Some(path)) => Ok(Location::Postgres(keys::database_url(path)?.as_str().to_owned())),
            _ => bail!("name either database (a SQLite file) or database_url_file (PostgreSQL)"),
        }
    }

    fn check(&self) -> anyhow::Result<()> {
        if self.database.is_some() == self.database_url_file.is_some() {
            bail!("name either database (a SQLite file) or database_url_file (PostgreSQL)");
        }
        if self.metrics_listen.is_some_and(|own| !own.ip().is_loopback()) {
            bail!(
                "metrics_listen has to be on loopback, such as 127.0.0.1:9701: it asks nobody who \
                 they are; let a proxy or an agent on this machine carry the figures on"
            );
        }
        if !self.listen.ip().is_loopback() && !self.behind_tls_proxy {
            bail!(
                "listen = \"{}\" would put tokens on the network in clear: listen on 127.0.0.1, or \
                 set behind_tls_proxy = true where a proxy ends TLS in front of this unit",
                self.listen
            );
        }
        if self.projects.is_empty() {
            bail!("name at least one [[project]]");
        }
        self.check_exercise()?;
        let statistics = self.unit == UnitName::Statistics;
        if self.rank_key.is_some() != statistics || self.separation.is_some() != statistics {
            bail!("rank_key and separation belong to the statistics unit and only to it");
        }
        if self.answer_slot_millis.is_some() && !statistics {
            bail!("answer_slot_millis belongs to the statistics unit and only to it");
        }
        if self.answer_slot_millis.is_some_and(|own| !(20..=600_000).contains(&own)) {
            bail!("answer_slot_millis lies between 20 and 600000");
        }
        if self.look_every_seconds.is_some() && statistics {
            bail!("look_every_seconds belongs to the linkage unit and only to it");
        }
        if self.look_every_seconds.is_some_and(|own| !(1..=86_400).contains(&own)) {
            bail!("look_every_seconds lies between 1 and 86400");
        }
        if statistics && self.projects.iter().any(|own| own.pair_floor.is_some()) {
            bail!("pair_floor belongs to the linkage unit and only to it");
        }
        let shown = [&self.boundaries, &self.population, &self.exhibit];
        if !statistics && shown.into_iter().any(Option::is_some) {
            bail!(
                "boundaries, population and exhibit belong to the statistics unit, which serves \
                 the page"
            );
        }
        if !statistics && self.bi.is_some() {
            bail!("[bi] belongs to the statistics unit and only to it");
        }
        if self.exhibit.is_some() && !self.synthetic {
            bail!(
                "exhibit shows one person from all sides, so it needs synthetic = true, and an \
                 installation without real people"
            );
        }
        Ok(())
    }
}

impl UnitConfig {
    /// Made-up people and real ones are never served by one unit: what is delivered for one project
    /// is refused in another, so the names of projects keep them apart.
    fn check_exercise(&self) -> anyhow::Result<()> {
        let exercises = |own: &&ProjectEntry| own.name.as_str().starts_with(EXERCISE_PREFIX);
        let count = self.projects.iter().filter(exercises).count();
        if count > 0 && (count < self.projects.len() || !self.synthetic) {
            bail!(
                "a project whose name begins with {EXERCISE_PREFIX} is an exercise: it is served \
                 beside no other, and with synthetic = true"
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(listen: &str, rest: &str) -> anyhow::Result<UnitConfig> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("unit.toml");
        let text = format!(
            "unit = \"linkage\"\ninstallation = \"test\"\nlisten = \"{listen}\"\n\
             database = \"a.sqlite\"\nkey_store = \"a.keys\"\ndata_key = \"d.key\"\npolicies = \"policies\"\nsigning_key = \"a.key\"\n\
             peer_public_key = \"{}\"\n{rest}\n[[project]]\nname = \"p\"\nschema = \"s\"\n",
            "00".repeat(32)
        );
        std::fs::write(&path, text)?;
        UnitConfig::read(&path)
    }

    #[test]
    fn plain_http_stays_on_the_machine_unless_a_proxy_is_named() {
        assert!(config("127.0.0.1:8701", "").is_ok());
        assert!(config("[::1]:8701", "").is_ok());
        let refused = config("0.0.0.0:8701", "").err().map(|e| format!("{e:#}"));
        assert!(refused.is_some_and(|text| text.contains("behind_tls_proxy")));
        assert!(config("0.0.0.0:8701", "behind_tls_proxy = true").is_ok());
    }

    #[test]
    fn an_exercise_is_served_alone_and_marked() {
        let project = "[[project]]\nname = \"uebung-06437\"\nschema = \"s\"\n";
        let refused = |rest: &str| config("127.0.0.1:8701", rest).err().map(|e| format!("{e:#}"));
        for rest in [project.to_owned(), format!("synthetic = true\n{project}")] {
            assert!(refused(&rest).is_some_and(|text| text.contains("exercise")), "{rest}");
        }
        assert_eq!(refused("synthetic = true"), None);
    }

    #[test]
    fn a_key_of_the_other_unit_or_an_unknown_line_is_refused() {
        for rest in [
            "rank_key = \"r.key\"",
            "separation = \"none\"",
            "boundaries = \"b.json\"",
            "population = \"p.csv\"",
            "synthetic = true\nexhibit = \"e.json\"",
            "lisen = 1",
            "look_every_seconds = 0",
            "answer_slot_millis = 2000",
            "database_url_file = \"url\"",
            "metrics_listen = \"0.0.0.0:9701\"",
            "[bi]\nsqlite = \"r.sqlite\"",
        ] {
            assert!(config("127.0.0.1:8701", rest).is_err(), "{rest}");
        }
    }
}
