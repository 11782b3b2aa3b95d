//! The table `[station]` of the department's settings.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::period::PeriodRule;
use super::schedule::Schedule;

/// Where a station looks, where it works, and how patient it is.
pub struct StationSettings {
    /// The folder that clerks see; `Eingang`, `Erledigt` and `Abgelehnt` lie in it.
    pub share: PathBuf,
    /// Local folder for journal and private copies.
    pub work: PathBuf,
    /// Folder of mappings, `*.toml`.
    pub mappings: PathBuf,
    /// Between two looks.
    pub interval: Duration,
    /// Seconds for which a file must stay as it is before it is taken.
    pub settle: i64,
    /// Months of a delivery whose file name does not tell them.
    pub period: PeriodRule,
    /// Whether rejected rows, contents included, are laid beside the report.
    pub quarantine_to_share: bool,
    /// Days after which rejected rows are deleted from the work folder.
    pub quarantine_days: u16,
    /// Databases that are asked on a schedule.
    pub databases: Vec<DatabaseSettings>,
}

/// A database that is asked on a schedule.
pub struct DatabaseSettings {
    /// How it is reached and what it is asked.
    pub source: PathBuf,
    /// File name of the mapping, without `.toml`.
    pub mapping: String,
    /// When.
    pub at: Schedule,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawStation {
    share: PathBuf,
    work: PathBuf,
    mappings: PathBuf,
    #[serde(default = "five")]
    interval_seconds: u64,
    #[serde(default = "ten")]
    settle_seconds: u32,
    #[serde(default)]
    period: PeriodRule,
    #[serde(default)]
    quarantine_to_share: bool,
    #[serde(default = "month")]
    quarantine_days: u16,
    #[serde(default)]
    database: Vec<RawDatabase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDatabase {
    source: PathBuf,
    mapping: String,
    at: Schedule,
}

fn five() -> u64 {
    5
}

fn ten() -> u32 {
    10
}

fn month() -> u16 {
    30
}

impl RawStation {
    /// The settings with their paths made whole by `at`.
    pub(crate) fn resolve(
        self,
        at: &dyn Fn(PathBuf) -> PathBuf,
    ) -> Result<StationSettings, String> {
        if !(1..=3600).contains(&self.interval_seconds) {
            return Err("station.interval_seconds must be 1 to 3600".into());
        }
        if self.settle_seconds > 3600 {
            return Err("station.settle_seconds must be 0 to 3600".into());
        }
        if self.quarantine_days == 0 {
            return Err("station.quarantine_days must be at least 1".into());
        }
        let mut databases = Vec::new();
        for database in self.database {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if database.mapping.is_empty() || !database.mapping.chars().all(plain) {
                return Err(
                    "station.database: mapping is a file name without folder and .toml".into()
                );
            }
            databases.push(DatabaseSettings {
                source: at(database.source),
                mapping: database.mapping,
                at: database.at,
            });
        }
        Ok(StationSettings {
            share: at(self.share),
            work: at(self.work),
            mappings: at(self.mappings),
            interval: Duration::from_secs(self.interval_seconds),
            settle: i64::from(self.settle_seconds),
            period: self.period,
            quarantine_to_share: self.quarantine_to_share,
            quarantine_days: self.quarantine_days,
            databases,
        })
    }
}
