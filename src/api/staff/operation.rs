//! The pages of operators: what runs, what it waits for, what became of it.

use access::{Action, ProposalKind};
use approval::Standing;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use linkage_unit::{LinkOrder, LinkageUnit, SnapshotLine};
use serde::Deserialize;
use statistics_unit::{RunState, StatisticsUnit};
use submission::ProblemCode;

use super::{Door, Language, Member, Turned, show};
use crate::api::answer::Refusal;
use crate::pages::staff::deliveries::short;
use crate::pages::staff::operation::{
    DiagnosticsPage, LinkagePage, Period, PlanRun, Run, Snapshot, StatisticsPage, facts,
    plan_state, similarities, sizes,
};
use crate::pages::staff::when::{moment, number};

const HERE: &str = "/betrieb";
/// Most snapshots and accepted link maps on a page.
const MOST: usize = 50;

/// At the linkage unit.
pub(crate) fn linkage(door: &Door) -> Router<LinkageUnit> {
    let (page, figures, start) = (door.clone(), door.clone(), door.clone());
    Router::new()
        .route(HERE, get(move |unit, headers| runs(unit, headers, page)))
        .route("/betrieb/diagnose", get(move |unit, headers| diagnostics(unit, headers, figures)))
        .route(
            "/betrieb/verknuepfen",
            post(move |unit, headers, body| link(unit, headers, body, start)),
        )
}

/// At the statistics unit.
pub(crate) fn statistics(door: &Door) -> Router<StatisticsUnit> {
    let door = door.clone();
    Router::new().route(HERE, get(move |unit, headers| plans(unit, headers, door)))
}

async fn runs(
    State(unit): State<LinkageUnit>,
    headers: HeaderMap,
    door: Door,
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::Link)?;
    shown(&unit, &door, &member, None).await
}

async fn shown(
    unit: &LinkageUnit,
    door: &Door,
    member: &Member,
    problem: Option<String>,
) -> Result<Response, Turned> {
    let (who, language) = (&member.identity, member.language);
    let state = unit.schedule(who).await.map_err(Refusal::from)?;
    let lines = unit.snapshots(who).await.map_err(Refusal::from)?;
    let snapshot = |own: &SnapshotLine| Snapshot {
        short: short(&own.snapshot.to_string()),
        epoch: own.epoch.to_string(),
        period: own
            .period
            .as_ref()
            .map_or_else(|| language.say("von Hand", "by hand").to_owned(), ToString::to_string),
        frozen: moment(own.frozen_at, language),
        transfers: number(own.transfers, language),
    };
    let title = language.say("Betrieb", "Operation");
    show(&LinkagePage {
        frame: member.frame(unit, door, title, HERE),
        run: state.run.as_ref().map(|own| Run::of(own, language)),
        scheduled: state.scheduled,
        unregistered: state
            .unregistered
            .iter()
            .map(|own| format!("{} ({})", own.department, own.dataset))
            .collect(),
        periods: state.periods.iter().rev().map(|own| Period::of(own, language)).collect(),
        snapshots: lines.iter().rev().take(MOST).map(snapshot).collect(),
        diagnostics: unit.desk().may(who, Action::ReadDiagnostics, None),
        ready: if state.run.is_some() { Vec::new() } else { ready(unit, member).await? },
        problem,
    })
}

/// Epochs for which a run by hand was approved as agreed, without another threshold or solver.
async fn ready(unit: &LinkageUnit, member: &Member) -> Result<Vec<String>, Refusal> {
    let who = &member.identity;
    let mut epochs = Vec::new();
    for own in unit.desk().list(&who.project).await? {
        if own.kind != ProposalKind::Snapshot || own.standing != Standing::Approved {
            continue;
        }
        let Some(epoch) = own.about.get("epoch").and_then(|own| own.as_str()) else { continue };
        let about = serde_json::json!({ "epoch": epoch });
        let bound = unit.bound(&who.project, ProposalKind::Snapshot, about).await?;
        // Only what is exactly as it was approved can begin.
        if bound.canonical()?.1 == own.digest && !epochs.contains(&epoch.to_owned()) {
            epochs.push(epoch.to_owned());
        }
    }
    Ok(epochs)
}

#[derive(Deserialize)]
struct Ordered {
    epoch: String,
}

async fn link(
    State(unit): State<LinkageUnit>,
    headers: HeaderMap,
    body: Bytes,
    door: Door,
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::Link)?;
    let form: Ordered = door.form(&member, &headers, &body)?;
    let epoch = form.epoch.parse().map_err(|_| Refusal::not_found())?;
    let order = LinkOrder { epoch, threshold: None, solver: None };
    match unit.start_link(&member.identity, &order).await.map_err(Refusal::from) {
        Ok(_) => Ok(Redirect::to(HERE).into_response()),
        Err(refusal) if refusal.problem().code == ProblemCode::Internal => {
            Err(Turned::refused(refusal, member.language))
        }
        Err(refusal) => {
            let why = why(&refusal, member.language);
            shown(&unit, &door, &member, Some(why)).await
        }
    }
}

fn why(refusal: &Refusal, language: Language) -> String {
    let problem = refusal.problem();
    let german = match problem.code {
        ProblemCode::ApprovalNeeded => {
            "Dafür gibt es keine Freigabe (mehr): Jemand muss den Stand vorschlagen und jemand anderes \
             ihn freigeben, so wie die Lieferungen jetzt hier liegen."
        }
        ProblemCode::EpochUnknown => "Diese Epoche ist nicht eröffnet.",
        ProblemCode::Busy => "Eine Verknüpfung dieses Vorhabens läuft schon.",
        _ => "Die Stelle hat den Auftrag abgelehnt.",
    };
    match language {
        Language::German => german.to_owned(),
        Language::English => problem.detail.clone(),
    }
}

/// Exact figures, for whoever a rule of access lets see them.
async fn diagnostics(
    State(unit): State<LinkageUnit>,
    headers: HeaderMap,
    door: Door,
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::ReadDiagnostics)?;
    let language = member.language;
    let found = unit.diagnostics(&member.identity).await.map_err(Refusal::from)?;
    let report = found.as_ref().and_then(|own| own.report.as_ref());
    let without = found.as_ref().filter(|own| own.similarities.is_none()).map(|_| {
        language.say(
            "Zu diesem Stand sind keine Paare mehr aufbewahrt: Sie wurden durch einen neueren Vergleich ersetzt oder mit ihrer Epoche vernichtet.",
            "No pairs of this snapshot are kept any more: a newer comparison replaced them, or they were destroyed with their epoch.",
        )
    });
    let title = language.say("Genaue Zahlen der Verknüpfung", "Exact figures of the linkage");
    show(&DiagnosticsPage {
        frame: member.frame(&unit, &door, title, HERE),
        title: title.to_owned(),
        facts: found.as_ref().map(|own| facts(own, language)).unwrap_or_default(),
        sources: report
            .map(|own| {
                let line = |own: &linkage_unit::SourceReport| {
                    (format!("{} ({})", own.department, own.dataset), number(own.records, language))
                };
                own.sources.iter().map(line).collect()
            })
            .unwrap_or_default(),
        sizes: report.map(|own| sizes(own, language)).unwrap_or_default(),
        similarities: found.as_ref().map(|own| similarities(own, language)).unwrap_or_default(),
        without,
    })
}

/// Accepted link maps and where plans stand. Amounts are for whoever reads the ledger.
async fn plans(
    State(unit): State<StatisticsUnit>,
    headers: HeaderMap,
    door: Door,
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::TransferMap)?;
    let (project, language) = (&member.identity.project, member.language);
    let accepted = unit.snapshots(project).await.map_err(Refusal::from)?;
    let plans = unit.plans(project).await.map_err(Refusal::from)?;
    let reads_ledger = unit.desk().may(&member.identity, Action::ReadLedger, None);
    let runs = plans.iter().flat_map(|plan| plan.runs.iter().map(move |run| (&plan.plan, run)));
    let runs: Vec<PlanRun> = runs
        .map(|(plan, run)| {
            let (state, tone) = plan_state(run.state, language);
            let because = run.because.clone().filter(|_| reads_ledger).unwrap_or_default();
            let (plan, period) = (plan.to_string(), run.period.to_string());
            PlanRun { plan, period, year: run.event_year, state, tone, because }
        })
        .collect();
    let title = language.say("Betrieb", "Operation");
    let at_work = [RunState::Due, RunState::Paid, RunState::Drawing];
    show(&StatisticsPage {
        frame: member.frame(&unit, &door, title, HERE),
        busy: plans.iter().flat_map(|own| &own.runs).any(|own| at_work.contains(&own.state)),
        accepted: accepted.into_iter().rev().take(MOST).collect(),
        runs,
    })
}
