//! What the papers are made of: policies and what the units answered an officer.

use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::Timestamp;
use policy::{Name, PolicySet, Purpose};
use serde::Deserialize;
use serde_json::Value;

/// Everything that is said about one project.
pub(crate) struct Facts {
    pub(crate) project: Name,
    pub(crate) policies: Arc<PolicySet>,
    /// `GET /v1/budget`.
    pub(crate) budget: Value,
    /// `GET /v1/releases`, one document per line.
    pub(crate) releases: Vec<Value>,
    /// The logs that were exported: of the statistics unit, and of the linkage unit where it was
    /// asked.
    pub(crate) logs: Vec<ReadLog>,
    /// `GET /v1/audit` of the statistics unit.
    pub(crate) audit: Value,
    pub(crate) attack: Option<Attack>,
    pub(crate) uniqueness: Option<Uniqueness>,
    /// When the papers are made, in Unix seconds.
    pub(crate) made: i64,
}

/// A log that verified.
pub(crate) struct ReadLog {
    pub(crate) unit: String,
    pub(crate) head: String,
    pub(crate) entries: Vec<Value>,
}

/// An attack report as somebody filed it.
pub(crate) struct Attack {
    /// The name of the file.
    pub(crate) file: String,
    /// Its SHA-256.
    pub(crate) digest: String,
    /// The day on which it was made, as whoever files it says.
    pub(crate) made_on: String,
    /// Heads and rows of its table of what was found.
    pub(crate) table: Vec<Vec<String>>,
}

/// How many of made-up people are alone with what travels about them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Uniqueness {
    /// How it was made.
    pub(crate) source: String,
    /// The day.
    pub(crate) made_on: jiff::civil::Date,
    /// How many people were looked at.
    pub(crate) persons: u64,
    /// Per combination of columns, how many in a thousand are alone with it.
    pub(crate) shares: Vec<UniqueShare>,
}

/// One combination of columns.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UniqueShare {
    /// The columns, in words.
    pub(crate) columns: String,
    /// How many in a thousand.
    pub(crate) unique_per_mille: u64,
}

impl ReadLog {
    /// Reads and verifies an exported log.
    pub(crate) fn verified(export: &str) -> anyhow::Result<Self> {
        let report = audit::verify(export.lines().map(str::as_bytes), None, Vec::new())
            .context("the log does not verify; papers are not made of it")?;
        let entry = |line: &str| {
            let mut line: Value = serde_json::from_str(line).ok()?;
            Some(line.get_mut("entry")?.take())
        };
        let entries = export.lines().filter_map(entry).collect();
        Ok(Self { unit: report.unit.to_string(), head: report.head.to_string(), entries })
    }
}

impl Attack {
    /// Takes the table of what was found out of a report in the form of `docs/attack.md`.
    pub(crate) fn read(file: String, text: &str, made_on: String) -> anyhow::Result<Self> {
        let lines = text.lines().skip_while(|line| *line != "## Was er gefunden hat");
        let lines = lines.skip_while(|line| !line.starts_with('|'));
        let cells = |line: &str| {
            let inner = line.trim().trim_matches('|');
            inner.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
        };
        let table: Vec<Vec<String>> =
            lines.take_while(|line| line.starts_with('|')).map(cells).collect();
        let table: Vec<Vec<String>> =
            table.into_iter().filter(|row| !row.iter().all(|cell| cell == "---")).collect();
        let same = table.first().is_some_and(|head| table.iter().all(|r| r.len() == head.len()));
        if table.len() < 2 || table.len() > 100 || !same {
            bail!(
                "{file} holds no table of what was found; name the report of `milchglas-demo attack`"
            );
        }
        let digest = policy::Digest::of(text.as_bytes()).to_string();
        Ok(Self { file, digest, made_on, table })
    }
}

impl Facts {
    /// What stands under the title of every paper.
    pub(crate) fn stand(&self) -> String {
        let head = self.audit["head"].as_str().unwrap_or_default();
        format!(
            "Vorhaben {}. Erzeugt am {} aus den Regeln {} und dem Protokoll der Statistikstelle bis \
             {head}. Rechtsgrundlagen sind die der Regeln; dies ist keine Rechtsberatung.",
            self.project,
            day(self.made),
            self.policies.digest
        )
    }

    /// The purposes of the project.
    pub(crate) fn purposes(&self) -> impl Iterator<Item = &Purpose> {
        self.policies.purposes.values().filter(|own| own.project == self.project)
    }

    /// Whose project it is, as its purposes call it.
    pub(crate) fn controller(&self) -> String {
        let mut names: Vec<String> = self
            .purposes()
            .map(|own| format!("{} ({})", own.territory.label, own.controller))
            .collect();
        names.sort();
        names.dedup();
        names.join(", ")
    }

    /// The entries of all logs that are about this project or about none.
    pub(crate) fn entries<'a>(
        &'a self,
        kinds: &'a [&'a str],
    ) -> impl Iterator<Item = (&'a ReadLog, &'a Value)> {
        self.logs.iter().flat_map(move |log| {
            let own = log.entries.iter().filter(move |entry| {
                let kind = entry["kind"].as_str().unwrap_or_default();
                let project = entry["body"]["project"].as_str();
                kinds.contains(&kind) && project.is_none_or(|own| own == self.project.as_str())
            });
            own.map(move |entry| (log, entry))
        })
    }
}

/// A day in UTC.
pub(crate) fn day(at: i64) -> String {
    let at = Timestamp::from_second(at).unwrap_or_default();
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// An amount of rho, from nano-rho.
pub(crate) fn rho(nano: u64) -> String {
    let text = format!("{},{:09}", nano / 1_000_000_000, nano % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches(',').to_owned()
}
