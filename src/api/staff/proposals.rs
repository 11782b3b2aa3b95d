//! The pages of what needs two people; the same in both units.

use access::{Action, ProposalKind};
use approval::{ApprovalError, ShownProposal, Standing};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use policy::Name;
use serde::Deserialize;
use serde_json::json;
use store::UnitKind;
use submission::ProblemCode;

use super::compared::compared;
use super::{Door, Language, Member, Turned, show};
use crate::api::answer::Refusal;
use crate::api::unit::Unit;
use crate::pages::staff::proposals::{
    Answer, ProposalLine, ProposalPage, ProposalsPage, ProposeForm, bound, consequence, kind_word,
    part_word,
};
use crate::pages::staff::when::moment;

const HERE: &str = "/vorschlaege";

pub(crate) fn routes<U: Unit>(door: &Door) -> Router<U> {
    let (list_door, make_door, one_door) = (door.clone(), door.clone(), door.clone());
    let door = door.clone();
    Router::new()
        .route(
            HERE,
            get(move |unit, headers| list::<U>(unit, headers, list_door))
                .post(move |unit, headers, body| propose::<U>(unit, headers, body, make_door)),
        )
        .route(
            "/vorschlaege/{proposal}",
            get(move |unit, path, headers| one::<U>(unit, path, headers, one_door)),
        )
        .route(
            "/vorschlaege/{proposal}/freigabe",
            post(move |unit, path, headers, body| approve::<U>(unit, path, headers, body, door)),
        )
}

async fn list<U: Unit>(
    State(unit): State<U>,
    headers: HeaderMap,
    door: Door,
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::ReadProposals)?;
    listed(&unit, &door, &member, None).await
}

async fn listed<U: Unit>(
    unit: &U,
    door: &Door,
    member: &Member,
    problem: Option<String>,
) -> Result<Response, Turned> {
    let (who, language) = (&member.identity, member.language);
    let desk = unit.desk();
    let all = desk.list(&who.project).await.map_err(Refusal::from)?;
    let seen = |own: &&ShownProposal| desk.may(who, Action::ReadProposals, Some(own.kind));
    let (live, past): (Vec<_>, Vec<_>) = all
        .iter()
        .filter(seen)
        .partition(|own| matches!(own.standing, Standing::Open | Standing::Approved));
    let line = |own: &ShownProposal| ProposalLine::of(own, answer(unit, member, own), language);
    let waiting = desk.waiting(&who.project).into_iter();
    let title = language.say("Vorschläge", "Proposals");
    show(&ProposalsPage {
        frame: member.frame(unit, door, title, HERE),
        waiting: waiting
            .map(|(kind, name)| format!("{} {name}", part_word(kind, language)))
            .collect(),
        forms: forms(unit, member),
        live: live.into_iter().map(line).collect(),
        past: past.into_iter().map(line).collect(),
        problem,
    })
}

fn answer<U: Unit>(unit: &U, member: &Member, own: &ShownProposal) -> Answer {
    let who = &member.identity;
    Answer::of(own, who.name.as_str(), unit.desk().may(who, Action::Approve, Some(own.kind)))
}

/// What this person may propose with a form. What needs a key at hand or a file is proposed by the
/// program.
fn forms<U: Unit>(unit: &U, member: &Member) -> Vec<ProposeForm> {
    let language = member.language;
    let linkage = unit.db().unit() == UnitKind::Linkage;
    let several = unit.policies().controllers(&member.identity.project).len() > 1;
    let form = |kind: ProposalKind, says, epoch| ProposeForm {
        kind: kind.word(),
        title: kind_word(kind, language),
        says,
        epoch,
    };
    let offered = [
        (true, ProposalKind::Policy, language.say(
            "Der Ordner mit Regeln, Zwecken und Plänen, so wie er jetzt an dieser Stelle liegt.",
            "The folder of rules, purposes and plans as it lies at this unit now.",
        ), false),
        (linkage, ProposalKind::Snapshot, language.say(
            "Alle vollständigen Lieferungen der Epoche, so wie sie jetzt hier liegen, außer der Reihe verknüpfen.",
            "Link all complete deliveries of the epoch as they lie here now, outside the schedule.",
        ), true),
        (linkage, ProposalKind::EpochClosing, language.say(
            "Schlüssel, Kodierungen und verglichene Paare einer Epoche vernichten. Nicht rückgängig zu machen.",
            "Destroy the keys, encodings and compared pairs of an epoch. Cannot be undone.",
        ), true),
        (several, ProposalKind::CrossCounty, language.say(
            "Menschen mehrerer Kreise gemeinsam verknüpfen.",
            "Link people of several counties together.",
        ), false),
    ];
    let may = |kind| unit.desk().may(&member.identity, Action::Propose, Some(kind));
    let offered = offered.into_iter().filter(|own| own.0 && may(own.1));
    offered.map(|(_, kind, says, epoch)| form(kind, says, epoch)).collect()
}

#[derive(Deserialize)]
struct Wanted {
    kind: String,
    #[serde(default)]
    epoch: String,
}

async fn propose<U: Unit>(
    State(unit): State<U>,
    headers: HeaderMap,
    body: Bytes,
    door: Door,
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::Propose)?;
    let wanted: Wanted = door.form(&member, &headers, &body)?;
    let kind = ProposalKind::of_word(&wanted.kind).ok_or_else(Refusal::not_found)?;
    let offered = forms(&unit, &member).into_iter().find(|own| own.kind == kind.word());
    let form = offered.ok_or_else(Refusal::not_found)?;
    let about = match (form.epoch, Name::new(wanted.epoch.trim())) {
        (false, _) => json!({}),
        (true, Ok(epoch)) => json!({ "epoch": epoch }),
        (true, Err(_)) => {
            let say = member.language.say(
                "Nennen Sie die Epoche, zum Beispiel 2026: kleine Buchstaben, Ziffern und Striche.",
                "Name the epoch, such as 2026: small letters, digits and dashes.",
            );
            return listed(&unit, &door, &member, Some(say.to_owned())).await;
        }
    };
    let who = &member.identity;
    let bound = unit.bound(&who.project, kind, about).await?;
    let made = unit.desk().propose(who, &bound).await;
    match made {
        Ok(made) => Ok(Redirect::to(&format!("{HERE}/{}", made.proposal)).into_response()),
        Err(ApprovalError::Refused(problem)) => {
            listed(&unit, &door, &member, Some(problem.detail)).await
        }
        Err(error) => Err(Refusal::from(error).into()),
    }
}

async fn one<U: Unit>(
    State(unit): State<U>,
    Path(proposal): Path<String>,
    headers: HeaderMap,
    door: Door,
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::ReadProposals)?;
    let own = visible(&unit, &member, &proposal).await?;
    shown(&unit, &door, &member, &own, None).await
}

/// A proposal that this person may see.
async fn visible<U: Unit>(
    unit: &U,
    member: &Member,
    proposal: &str,
) -> Result<ShownProposal, Refusal> {
    let who = &member.identity;
    let own = unit.desk().visible(&who.project, proposal).await?;
    let seen = unit.desk().may(who, Action::ReadProposals, Some(own.kind));
    if seen { Ok(own) } else { Err(Refusal::not_found()) }
}

async fn shown<U: Unit>(
    unit: &U,
    door: &Door,
    member: &Member,
    own: &ShownProposal,
    problem: Option<String>,
) -> Result<Response, Turned> {
    let language = member.language;
    let (mut difference, mut no_difference) = (None, None);
    if own.kind == ProposalKind::Policy && own.standing == Standing::Open {
        (difference, no_difference) = changes(unit, own, language).await?;
    }
    let approval =
        |own: &approval::ShownApproval| format!("{} ({})", own.approver, moment(own.at, language));
    let title = kind_word(own.kind, language);
    let answer = answer(unit, member, own);
    show(&ProposalPage {
        frame: member.frame(unit, door, title, HERE),
        line: ProposalLine::of(own, answer, language),
        digest: own.digest.to_string(),
        approvals: own.approvals.iter().map(approval).collect(),
        bound: bound(own, language),
        difference,
        no_difference,
        consequence: consequence(own.kind, language),
        answer,
        problem,
    })
}

type Changes = (Option<crate::policies::Difference>, Option<&'static str>);

/// What an open folder changes; only while it is the one that lies here.
async fn changes<U: Unit>(
    unit: &U,
    own: &ShownProposal,
    language: Language,
) -> Result<Changes, Refusal> {
    let project: Name = own.project.parse().map_err(|_| Refusal::not_found())?;
    let (_, present) = unit.desk().folder(&project)?.canonical()?;
    if present != own.digest {
        let why = language.say(
            "Der Ordner an dieser Stelle wurde seither geändert. Dieser Vorschlag kann nichts mehr in Kraft setzen; geben Sie den des jetzigen Ordners frei.",
            "The folder at this unit was changed since. This proposal can bring nothing into force; approve the one of the present folder.",
        );
        return Ok((None, Some(why)));
    }
    let difference = compared(unit, &project).await?.difference;
    let why = language.say(
        "Bisher ist hier nichts in Kraft: Alles, was der Ordner erlaubt, wird erst mit dieser Freigabe möglich. Unter Aufsicht, Regeln, steht es in Worten.",
        "Nothing is in force here yet: all that the folder permits becomes possible by this approval. Oversight, policies, says it in words.",
    );
    let none = difference.is_none().then_some(why);
    Ok((difference, none))
}

#[derive(Deserialize)]
struct Approved {
    digest: String,
    #[serde(default)]
    confirmed: String,
}

async fn approve<U: Unit>(
    State(unit): State<U>,
    Path(proposal): Path<String>,
    headers: HeaderMap,
    body: Bytes,
    door: Door,
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::Approve)?;
    let form: Approved = door.form(&member, &headers, &body)?;
    let own = visible(&unit, &member, &proposal).await?;
    let who = &member.identity;
    if !unit.desk().may(who, Action::Approve, Some(own.kind)) {
        return Err(Refusal::not_found().into());
    }
    if form.confirmed != "ja" || form.digest != own.digest.to_string() {
        let say = member.language.say(
            "Bestätigen Sie mit dem Häkchen, dass Sie gelesen haben, was gebunden ist.",
            "Confirm with the check mark that you have read what is bound.",
        );
        return shown(&unit, &door, &member, &own, Some(say.to_owned())).await;
    }
    match unit.desk().approve(who, &proposal).await {
        Ok(done) => {
            if done.kind == ProposalKind::Policy {
                unit.agreed();
            }
            Ok(Redirect::to(&format!("{HERE}/{proposal}")).into_response())
        }
        Err(ApprovalError::Refused(problem)) if problem.code == ProblemCode::ApprovalRefused => {
            // Somebody else may have decided meanwhile: show how it stands now.
            let now = visible(&unit, &member, &proposal).await?;
            let why = match answer(&unit, &member, &now) {
                Answer::Own => member.language.say(
                    "Wer vorschlägt, gibt nicht frei.",
                    "Whoever proposes does not approve.",
                ),
                _ => member.language.say(
                    "Diese Freigabe zählt nicht: Es ist entschieden, abgelaufen oder der Ordner wurde geändert.",
                    "This approval does not count: it is decided, expired or the folder was changed.",
                ),
            };
            shown(&unit, &door, &member, &now, Some(why.to_owned())).await
        }
        Err(error) => Err(Refusal::from(error).into()),
    }
}
