//! Papers made from what this unit has: policies, ledger, releases and log.

use access::Action;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use policy::Name;
use serde_json::Value;
use statistics_unit::{ReleaseFilter, StatisticsUnit};

use super::reports;
use crate::api::answer::Refusal;
use crate::api::staff::compared::fault;
use crate::api::staff::{Door, Member, Turned, show};
use crate::api::{audit as audit_routes, log as log_routes};
use crate::pages::staff::oversight::papers::{PaperPage, PapersPage};
use crate::papers::{self, Facts, ReadLog};
use crate::witness::Log;

pub(super) async fn list(
    State(unit): State<StatisticsUnit>,
    headers: HeaderMap,
    door: Door,
) -> Result<Response, Turned> {
    let member = reader(&unit, &headers, &door)?;
    let title = member.language.say("Papiere", "Papers");
    show(&PapersPage {
        frame: member.frame(&unit, &door, title, "/aufsicht/papiere"),
        papers: papers::TITLES.iter().map(|(name, title)| (*name, (*title).to_owned())).collect(),
    })
}

/// A paper as a page, or with the ending `.md` as a file.
pub(super) async fn one(
    State(unit): State<StatisticsUnit>,
    Path(wanted): Path<String>,
    headers: HeaderMap,
    (door, log): (Door, Log),
) -> Result<Response, Turned> {
    let member = reader(&unit, &headers, &door)?;
    let name = wanted.strip_suffix(".md").unwrap_or(&wanted);
    if !papers::TITLES.iter().any(|own| own.0 == name) {
        return Err(Turned::NotThere(member.language));
    }
    let facts = facts(&unit, &member.identity.project, &log).await?;
    let all = papers::all(&facts).map_err(|error| fault(&error))?;
    let found = all.into_iter().find(|own| own.0 == name);
    let (name, paper) = found.ok_or(Turned::NotThere(member.language))?;
    if wanted.ends_with(".md") {
        let place = format!("attachment; filename=\"{name}.md\"");
        let heads = [
            (header::CONTENT_TYPE, "text/markdown; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        return Ok(
            (heads, [(header::CONTENT_DISPOSITION, place)], paper.to_markdown()).into_response()
        );
    }
    let title = paper.title().to_owned();
    let here = format!("/aufsicht/papiere/{name}");
    show(&PaperPage { frame: member.frame(&unit, &door, &title, &here), name, paper })
}

/// Whoever reads log, ledger and releases: papers are made of all three.
fn reader(unit: &StatisticsUnit, headers: &HeaderMap, door: &Door) -> Result<Member, Turned> {
    let member = door.member(unit, headers, Action::ReadLog)?;
    let needed = [Action::ReadLedger, Action::ReadReleases];
    match needed.into_iter().all(|own| unit.desk().may(&member.identity, own, None)) {
        true => Ok(member),
        false => Err(Turned::NotThere(member.language)),
    }
}

async fn facts(unit: &StatisticsUnit, project: &Name, log: &Log) -> Result<Facts, Refusal> {
    let json = |error: serde_json::Error| fault(&error.into());
    let budget = unit.budget(project).await?;
    let mut releases = Vec::new();
    for release in unit.releases_of(project, &ReleaseFilter::default()).await? {
        releases.push(serde_json::from_slice::<Value>(&release).map_err(json)?);
    }
    let exported = log_routes::exported(unit).await?;
    Ok(Facts {
        project: project.clone(),
        policies: unit.policies(),
        budget: serde_json::to_value(budget).map_err(json)?,
        releases,
        logs: vec![ReadLog::verified(&exported).map_err(|error| fault(&error))?],
        audit: audit_routes::stands(log).await?,
        attack: Some(reports::attack().map_err(|error| fault(&error))?),
        uniqueness: None,
        made: unit.now(),
    })
}
