//! What needs the officer now.

use access::Action;
use approval::Standing;
use audit::{ShortHead, UnitKind};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use store::witness;

use crate::api::answer::Refusal;
use crate::api::late_days;
use crate::api::staff::{Door, Language, Member, Turned, show};
use crate::api::unit::Unit;
use crate::pages::staff::oversight::overview::{OverviewPage, Task};
use crate::pages::staff::proposals::Answer;
use crate::pages::staff::when::{day, moment};
use crate::witness::Log;

const DAY: i64 = 86_400;

pub(super) async fn page<U: Unit>(
    State(unit): State<U>,
    headers: HeaderMap,
    (door, log): (Door, Log),
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::ReadLog)?;
    let language = member.language;
    let (_, countersignature) = countersigned(&log, language).await?;
    let tasks = vec![
        approvals(&unit, &member).await?,
        waiting(&unit, &member),
        rules(&unit, language),
        countersignature,
        witnessed(&log, language).await?.1,
    ];
    let (db, title) = (unit.db(), language.say("Aufsicht", "Oversight"));
    let head = store::chain::head(db).await.map_err(Refusal::from)?;
    show(&OverviewPage {
        frame: member.frame(&unit, &door, title, "/aufsicht"),
        tasks,
        head: ShortHead::of(db.unit(), db.installation(), head).to_string(),
    })
}

async fn approvals<U: Unit>(unit: &U, member: &Member) -> Result<Task, Refusal> {
    let (who, language) = (&member.identity, member.language);
    let all = unit.desk().list(&who.project).await?;
    let mine = all.iter().filter(|own| own.standing == Standing::Open).filter(|own| {
        let permitted = unit.desk().may(who, Action::Approve, Some(own.kind));
        Answer::of(own, who.name.as_str(), permitted) == Answer::Approve
    });
    let count = mine.count();
    let says = match (language, count) {
        (_, 0) => language
            .say("Kein Vorschlag wartet auf Ihre Freigabe.", "No proposal waits for your approval.")
            .to_owned(),
        (Language::German, 1) => "Ein Vorschlag wartet auf Ihre Freigabe.".into(),
        (Language::German, many) => format!("{many} Vorschläge warten auf Ihre Freigabe."),
        (Language::English, many) => format!("{many} proposals wait for your approval."),
    };
    let words = language.say("Zu den Vorschlägen", "To the proposals");
    let link = Some(("/vorschlaege".to_owned(), words));
    Ok(Task { title: language.say("Freigaben", "Approvals"), open: count > 0, says, link })
}

fn waiting<U: Unit>(unit: &U, member: &Member) -> Task {
    let language = member.language;
    let count = unit.desk().waiting(&member.identity.project).len();
    let says = match (language, count) {
        (_, 0) => language
            .say(
                "Was im Ordner dieser Stelle steht, gilt.",
                "What stands in this unit's folder is in force.",
            )
            .to_owned(),
        (Language::German, 1) => "Ein Bestandteil des Ordners ist nicht in Kraft.".into(),
        (Language::German, many) => format!("{many} Bestandteile des Ordners sind nicht in Kraft."),
        (Language::English, many) => format!("{many} pieces of the folder are not in force."),
    };
    let link =
        Some(("/aufsicht/regeln".to_owned(), language.say("Zu den Regeln", "To the policies")));
    Task { title: language.say("Regeln", "Policies"), open: count > 0, says, link }
}

fn rules<U: Unit>(unit: &U, language: Language) -> Task {
    let expired = unit.desk().expired().len();
    let says = match (language, expired) {
        (_, 0) => language
            .say(
                "Keine Zugriffsregel des Ordners ist abgelaufen.",
                "No rule of access in the folder has run out.",
            )
            .to_owned(),
        (Language::German, many) => {
            format!("Abgelaufene Zugriffsregeln: {many}. Sie erlauben nichts mehr.")
        }
        (Language::English, many) => {
            format!("Rules of access that ran out: {many}. They permit nothing.")
        }
    };
    let link =
        Some(("/aufsicht/regeln".to_owned(), language.say("Zu den Regeln", "To the policies")));
    Task { title: language.say("Zugriff", "Access"), open: expired > 0, says, link }
}

/// Who confirmed the log last, and whether that is due again.
pub(super) async fn countersigned(log: &Log, language: Language) -> Result<(bool, Task), Refusal> {
    let newest = witness::newest_countersigned(&log.db, log.db.unit()).await?;
    let late = late_days(log).await?;
    let every = i64::from(log.peer.oversight.countersign_days);
    let signers = log.peer.oversight.signers.iter().any(|own| own.role.is_officer());
    let mut says = match &newest {
        None => language.say("Noch nie.", "Never yet.").to_owned(),
        Some(own) => {
            let (who, when) = (&own.officer, moment(own.signed_at, language));
            match language {
                Language::German => {
                    format!("Zuletzt von {who}, {when}, bis Eintrag {}.", own.head.sequence)
                }
                Language::English => {
                    format!("Last by {who}, {when}, up to entry {}.", own.head.sequence)
                }
            }
        }
    };
    let since = match &newest {
        Some(own) => Some(own.signed_at),
        None => store::chain::first_at(&log.db).await?,
    };
    let rest = match (signers, late, since) {
        (false, _, _) => language
            .say(
                " In den Regeln ist niemand eingetragen, dessen Unterschrift zählt.",
                " The policies name nobody whose signature counts.",
            )
            .to_owned(),
        (true, Some(days), _) => match language {
            Language::German => format!(" Überfällig seit {days} Tagen."),
            Language::English => format!(" Late by {days} days."),
        },
        (true, None, Some(since)) => {
            let due = day(since.saturating_add(every.saturating_mul(DAY)), language);
            format!(" {} {due}.", language.say("Wieder fällig am", "Due again on"))
        }
        (true, None, None) => String::new(),
    };
    says.push_str(&rest);
    let open = late.is_some() || !signers;
    let words = language.say("Zum Protokoll", "To the log");
    let link = Some(("/aufsicht/protokoll".to_owned(), words));
    Ok((open, Task { title: language.say("Gegenzeichnung", "Countersignature"), open, says, link }))
}

/// What the other unit has of this log.
pub(super) async fn witnessed(log: &Log, language: Language) -> Result<(bool, Task), Refusal> {
    let receipt = witness::newest_receipt(&log.db).await?;
    let spent = match log.db.unit() {
        UnitKind::Statistics => witness::spent_unwitnessed(&log.db).await?,
        UnitKind::Linkage => Vec::new(),
    };
    let mut says = match &receipt {
        None => language
            .say(
                "Die andere Stelle hat von diesem Protokoll noch nichts.",
                "The other unit has nothing of this log yet.",
            )
            .to_owned(),
        Some(own) => {
            let when = moment(own.at, language);
            match language {
                Language::German => format!("Bis Eintrag {}, zuletzt {when}.", own.head.sequence),
                Language::English => format!("Up to entry {}, last on {when}.", own.head.sequence),
            }
        }
    };
    if !spent.is_empty() {
        let years: Vec<String> = spent.iter().map(|own| own.year.to_string()).collect();
        let words = language.say(
            "Ausgaben ohne Bestätigung in den Ereignisjahren",
            "Unconfirmed spending in event years",
        );
        says.push_str(&format!(" {words} {}.", years.join(", ")));
    }
    let open = receipt.is_none() || !spent.is_empty();
    let title = language.say("Bezeugung durch die andere Stelle", "Witness");
    Ok((open, Task { title, open, says, link: None }))
}
