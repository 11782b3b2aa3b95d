//! The log: read, verified, exported, countersigned.

use access::Action;
use audit::ShortHead;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::Value;
use store::chain::{self, Logged};
use submission::ProblemCode;

use super::overview::{countersigned, witnessed};
use super::verified::verified;
use crate::api::answer::Refusal;
use crate::api::staff::{Door, Language, Member, Turned, show};
use crate::api::unit::Unit;
use crate::api::{audit as audit_routes, log as log_routes};
use crate::pages::staff::deliveries::short;
use crate::pages::staff::oversight::log::{Entry, Group, LogPage};
use crate::pages::staff::oversight::words::{GROUPS, sentence};
use crate::pages::staff::when::moment;
use crate::witness::{self, Log};

const HERE: &str = "/aufsicht/protokoll";
/// Entries on a page.
const PAGE: u64 = 50;

#[derive(Deserialize)]
pub(super) struct Choice {
    /// How the kind begins.
    #[serde(default)]
    art: String,
    /// Only entries before this one.
    vor: Option<u64>,
    #[serde(default)]
    pruefen: String,
    #[serde(default)]
    gegengezeichnet: String,
}

pub(super) async fn page<U: Unit>(
    State(unit): State<U>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
    (door, log): (Door, Log),
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::ReadLog)?;
    let done = (choice.gegengezeichnet == "ja").then(|| {
        member.language.say("Sie steht im Protokoll.", "It stands in the log.").to_owned()
    });
    listed(&unit, (&door, &log), &member, (&choice, done, None)).await
}

type Told<'a> = (&'a Choice, Option<String>, Option<String>);

async fn listed<U: Unit>(
    unit: &U,
    (door, log): (&Door, &Log),
    member: &Member,
    (choice, done, problem): Told<'_>,
) -> Result<Response, Turned> {
    let language = member.language;
    let group = GROUPS.iter().find(|own| own.0 == choice.art);
    let begins = group.map_or("", |own| own.0);
    let before = choice.vor.unwrap_or(u64::MAX);
    let found = chain::newest(unit.db(), before, begins, PAGE + 1).await.map_err(Refusal::from)?;
    let more = found.len() as u64 > PAGE;
    let entries: Vec<Entry> = found
        .iter()
        .take(usize::try_from(PAGE).unwrap_or(50))
        .map(|own| entry(own, language))
        .collect();
    let older = entries
        .last()
        .filter(|_| more)
        .map(|own| format!("{HERE}?art={begins}&vor={}", own.sequence));
    let head = chain::head(unit.db()).await.map_err(Refusal::from)?;
    let (late, signed) = countersigned(log, language).await?;
    let (unwitnessed, witness) = witnessed(log, language).await?;
    let title = language.say("Protokoll", "Log");
    show(&LogPage {
        frame: member.frame(unit, door, title, HERE),
        verified: verified(unit, choice.pruefen == "alles", language).await?,
        head: ShortHead::of(unit.db().unit(), unit.db().installation(), head).to_string(),
        countersigned: signed.says,
        late,
        witness: witness.says,
        unwitnessed,
        groups: GROUPS
            .iter()
            .map(|own| Group {
                begins: own.0,
                label: language.say(own.1, own.2),
                chosen: own.0 == begins,
            })
            .collect(),
        entries,
        older,
        newest: choice.vor.map(|_| format!("{HERE}?art={begins}")),
        may_sign: unit.desk().may(&member.identity, Action::Countersign, None),
        done,
        problem,
    })
}

fn entry(own: &Logged, language: Language) -> Entry {
    let read: Value = serde_json::from_str(&own.entry).unwrap_or_default();
    let kind = read.get("kind").and_then(Value::as_str).unwrap_or("–");
    let body = read.get("body").unwrap_or(&Value::Null);
    Entry {
        sequence: own.sequence,
        when: read
            .get("at")
            .and_then(Value::as_i64)
            .map_or_else(|| "–".into(), |at| moment(at, language)),
        says: sentence(kind, body, language),
        kind: kind.to_owned(),
        hash: short(&data_encoding::HEXLOWER.encode(&own.hash)),
    }
}

pub(super) async fn export<U: Unit>(
    State(unit): State<U>,
    headers: HeaderMap,
    (door, _): (Door, Log),
) -> Result<Response, Turned> {
    door.member(&unit, &headers, Action::ReadLog)?;
    let lines = log_routes::exported(&unit).await?;
    let name = format!("attachment; filename=\"protokoll-{}.jsonl\"", unit.db().unit().as_str());
    let heads = [(header::CONTENT_TYPE, "application/jsonl"), (header::CACHE_CONTROL, "no-store")];
    Ok((heads, [(header::CONTENT_DISPOSITION, name)], lines).into_response())
}

#[derive(Deserialize)]
struct Signed {
    document: String,
}

pub(super) async fn countersign<U: Unit>(
    State(unit): State<U>,
    headers: HeaderMap,
    body: Bytes,
    (door, log): (Door, Log),
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::Countersign)?;
    let form: Signed = door.form(&member, &headers, &body)?;
    let text = form.document.trim();
    let kept = if text.starts_with('{') {
        witness::countersign(&log, text).await.map_err(Refusal::from)
    } else {
        audit_routes::typed(&log, member.identity.name.as_str(), text).await
    };
    match kept {
        Ok(_) => Ok(Redirect::to(&format!("{HERE}?gegengezeichnet=ja")).into_response()),
        Err(refusal) if refusal.problem().code == ProblemCode::Internal => {
            Err(Turned::refused(refusal, member.language))
        }
        Err(refusal) => {
            let choice = Choice {
                art: String::new(),
                vor: None,
                pruefen: String::new(),
                gegengezeichnet: String::new(),
            };
            let why = why(&refusal, member.language);
            listed(&unit, (&door, &log), &member, (&choice, None, Some(why))).await
        }
    }
}

fn why(refusal: &Refusal, language: Language) -> String {
    let problem = refusal.problem();
    let german = match problem.code {
        ProblemCode::LogBehind => {
            "Dieses Protokoll hat keinen solchen Eintrag. Vergleichen Sie die Buchstaben; stimmen sie, \
             ist es ein anderes oder älteres Protokoll: Dann melden Sie das den Betrieben beider Stellen."
        }
        ProblemCode::SignatureInvalid | ProblemCode::NotFound => {
            "Die Unterschrift passt zu keinem Schlüssel, der in den Regeln eingetragen ist."
        }
        _ => "Das ist weder der Inhalt einer Gegenzeichnung noch Nummer und sechzehn Buchstaben.",
    };
    match language {
        Language::German => german.to_owned(),
        Language::English => problem.detail.clone(),
    }
}
