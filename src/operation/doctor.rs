//! A look over a whole installation before and while it works.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use audit::Installation;
use jiff::civil::Date;
use policy::PolicySet;
use serde::Serialize;
use store::Location;
use submission::Clock;

use crate::serve::{site, watched};
use crate::{Client, UnitConfig, UnitName, keys};

/// Least room beside the database, in bytes: 2 GiB, some deliveries of a county.
const LEAST_ROOM: u64 = 2 << 30;
/// Days before something runs out from which on it is said.
const SOON: i64 = 30;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Grade {
    Ok,
    Warning,
    Error,
}

/// One thing that was looked at.
#[derive(Serialize)]
pub(crate) struct Finding {
    pub(crate) grade: Grade,
    /// What was looked at.
    pub(crate) what: &'static str,
    /// What was seen, and what to do.
    pub(crate) said: String,
}

/// All findings so far.
#[derive(Default)]
struct Chart(Vec<Finding>);

impl Chart {
    fn note(&mut self, grade: Grade, what: &'static str, said: impl Into<String>) {
        self.0.push(Finding { grade, what, said: said.into() });
    }

    /// Notes what came of something, and goes on with it where it is there.
    fn take<T>(&mut self, what: &'static str, found: anyhow::Result<T>, good: &str) -> Option<T> {
        match found {
            Ok(found) => {
                self.note(Grade::Ok, what, good);
                Some(found)
            }
            Err(error) => {
                self.note(Grade::Error, what, format!("{error:#}"));
                None
            }
        }
    }
}

/// Looks at everything that a configuration names, and changes nothing.
pub(crate) async fn examine(config: &UnitConfig, clock: &Clock) -> Vec<Finding> {
    let mut chart = Chart::default();
    let policies = PolicySet::load(&config.policies).map_err(Into::into);
    let policies = chart.take("policies", policies, "the folder reads without a contradiction");
    if let Some(policies) = &policies {
        agreements(&mut chart, config, policies, clock.today());
    }
    people(&mut chart, config, clock.today());
    secrets(&mut chart, config);
    room(&mut chart, config);
    database(&mut chart, config, clock).await;
    units(&mut chart, config).await;
    chart.0
}

fn agreements(chart: &mut Chart, config: &UnitConfig, policies: &PolicySet, today: Date) {
    for project in &config.projects {
        let name = &project.name;
        if !policies.schemas.contains_key(&project.schema) {
            let said = format!("project `{name}`: there is no linkage schema `{}`", project.schema);
            chart.note(Grade::Error, "policies", said);
        }
        for purpose in policies.purposes.values().filter(|own| own.project == *name) {
            let left = days(today, purpose.expires);
            if left < SOON {
                let said = format!("purpose `{}` ends on {}", purpose.id, purpose.expires);
                chart.note(grade_of(left), "policies", said);
            }
        }
    }
    match access::Rules::read(&policies.access) {
        Ok(rules) => {
            for fault in rules.expired(today) {
                chart.note(Grade::Warning, "rules of access", fault.to_string());
            }
        }
        Err(fault) => {
            let text = fault.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            chart.note(Grade::Error, "rules of access", text);
        }
    }
    let officers = policies.oversight.signers.iter().any(|own| own.role.is_officer());
    if !officers {
        let said = "policies/oversight.toml names no officer whose signature counts: nobody can \
                    countersign, and no restore can be approved";
        chart.note(Grade::Warning, "oversight", said);
    }
    if config.unit == UnitName::Statistics {
        let files = site::SiteFiles {
            boundaries: config.boundaries.clone(),
            population: config.population.clone(),
            exhibit: config.exhibit.clone(),
            public_address: config.bi.as_ref().and_then(|own| own.public_address.clone()),
            behind_tls_proxy: config.behind_tls_proxy,
        };
        let read = site::site(files, config.synthetic, policies, &config.policies);
        chart.take("pages", read.map(|_| ()), "boundaries, residents and calibrations read");
    }
}

fn people(chart: &mut Chart, config: &UnitConfig, today: Date) {
    let registry = access::Registry::new(config.identities.clone()).map_err(Into::into);
    let Some(registry) = chart.take("people", registry, "everybody is told apart") else { return };
    for own in registry.iter() {
        let Some(last) = own.valid_until else { continue };
        let left = days(today, last);
        if left < SOON {
            chart.note(
                grade_of(left),
                "people",
                format!("access of `{}` ends on {last}", own.name),
            );
        }
    }
    for project in &config.projects {
        let officers = registry
            .iter()
            .filter(|own| own.project == project.name && own.role == access::Role::Dpo)
            .count();
        if officers == 0 {
            let said = format!("project `{}` has no data protection officer here", project.name);
            chart.note(Grade::Warning, "people", said);
        }
    }
}

fn secrets(chart: &mut Chart, config: &UnitConfig) {
    let key = keys::signing_key(&config.signing_key).map(|_| ());
    chart.take("signing key", key, "reads, and nobody else can");
    let key = keys::read_data_key(&config.data_key).map(|_| ());
    chart.take("data key", key, "reads, and nobody else can");
    if let Some(path) = &config.rank_key {
        let key = keys::read_rank_key(path).map(|_| ());
        chart.take("rank key", key, "reads, and nobody else can");
    }
    for path in [Some(&config.key_store), config.database.as_ref()].into_iter().flatten() {
        let Ok(found) = std::fs::metadata(path) else { continue };
        if found.permissions().mode() & 0o077 != 0 {
            let shown = path.display();
            let said = format!("{shown} can be read by others; run: chmod 600 {shown}");
            chart.note(Grade::Warning, "files", said);
        }
    }
}

fn room(chart: &mut Chart, config: &UnitConfig) {
    let Some(folder) = config.database.as_deref().and_then(Path::parent) else { return };
    let Ok(state) = rustix::fs::statvfs(folder) else { return };
    let free = state.f_bavail.saturating_mul(state.f_frsize);
    let grade = if free < LEAST_ROOM { Grade::Warning } else { Grade::Ok };
    let said = format!("{} MiB are free beside the database", free >> 20);
    chart.note(grade, "disk", said);
}

/// Only reads: a second program that opened the database as a unit does would destroy keys that the
/// first has just made.
async fn database(chart: &mut Chart, config: &UnitConfig, clock: &Clock) {
    let Some(location) = chart.take("database", config.location(), "its place is named") else {
        return;
    };
    let Location::Sqlite(path) = &location else {
        let said = "PostgreSQL: whether it flushes is looked at whenever the unit starts";
        return chart.note(Grade::Ok, "database", said);
    };
    if !path.exists() {
        return chart.note(Grade::Warning, "database", "not there yet; the first start makes it");
    }
    if !config.key_store.exists() {
        let said = "the key store is missing: without it nothing that is sealed can be read";
        chart.note(Grade::Error, "key store", said);
    }
    let Ok(installation) = config.installation.parse::<Installation>() else {
        let said = format!("`{}` is no name of an installation", config.installation);
        return chart.note(Grade::Error, "database", said);
    };
    let seen = store::backup::look(path, watched::kind(config.unit), &installation).await;
    let Some(seen) = chart.take("database", seen.map_err(Into::into), "whole, and this unit's")
    else {
        return;
    };
    let ahead = seen.at.map_or(0, |at| at.saturating_sub(clock.now()));
    if ahead > 0 {
        let said = format!(
            "this machine's clock stands {ahead} seconds before the newest entry of the log; set it \
             right"
        );
        return chart.note(Grade::Error, "clock", said);
    }
    chart.note(Grade::Ok, "clock", "not before the newest entry of the log");
}

/// Whether the unit itself and the one that witnesses it answer.
async fn units(chart: &mut Chart, config: &UnitConfig) {
    let own = format!("http://{}", config.listen);
    match ready(own, None).await {
        Ok(()) => chart.note(Grade::Ok, "unit", "runs and is ready"),
        Err(why) => chart.note(Grade::Warning, "unit", format!("not ready: {why}")),
    }
    let Some(post) = &config.witness else {
        let said = "no witness is configured: a restored backup would hand back spent budget";
        return chart.note(Grade::Warning, "witness", said);
    };
    let authority = match &post.authority {
        Some(path) => match std::fs::read(path) {
            Ok(pem) => Some(pem),
            Err(error) => {
                let said = format!("cannot read {}: {error}", path.display());
                return chart.note(Grade::Error, "witness", said);
            }
        },
        None => None,
    };
    match ready(post.url.clone(), authority).await {
        Ok(()) => chart.note(Grade::Ok, "witness", "the other unit is ready"),
        Err(why) => chart.note(Grade::Warning, "witness", why),
    }
}

async fn ready(url: String, authority: Option<Vec<u8>>) -> Result<(), String> {
    let asked = tokio::task::spawn_blocking(move || {
        let client = Client::of_a_unit(&url, authority.as_deref())?;
        client.get::<serde_json::Value>("/ready")
    });
    match asked.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the question was given up".into()),
    }
}

/// Days from today on until the last day; negative where it is over.
fn days(today: Date, last: Date) -> i64 {
    today.until(last).map_or(i64::MAX, |span| i64::from(span.get_days()))
}

fn grade_of(left: i64) -> Grade {
    if left < 0 { Grade::Error } else { Grade::Warning }
}
