//! What was asked and released.

use access::Action;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use policy::{PolicySet, Purpose};
use publication::Document;
use statistics_unit::{AskedBy, PastCharge};

use super::fields::Fields;
use super::{Desk, look};
use crate::api::Language;
use crate::api::staff::{Turned, show};
use crate::pages::staff::analysis::{HistoryLine, HistoryPage, Outcome, rho, share_of};

/// Charges on one page.
const ON_A_PAGE: usize = 50;

pub(super) async fn history(
    State(desk): State<Desk>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Turned> {
    let member = desk.door.member(&desk.unit, &headers, Action::ReadLedger)?;
    let language = member.language;
    let pairs = query.and_then(|own| serde_html_form::from_str(&own).ok()).unwrap_or_default();
    let wanted = Fields::new(pairs).one("seite").and_then(|own| own.parse::<usize>().ok());
    let only = (!look::sees_names(&member)).then_some(&member.identity.name);
    let all = desk.unit.history(&member.identity.project, only).await;
    let all = all.map_err(|error| Turned::refused(error, language))?;
    let pages = all.len().div_ceil(ON_A_PAGE).max(1);
    let page = wanted.unwrap_or(1).clamp(1, pages);
    let policies = desk.unit.policies();
    let shown = all.iter().skip((page - 1) * ON_A_PAGE).take(ON_A_PAGE);
    show(&HistoryPage {
        lines: shown.map(|own| line(own, &policies, language)).collect(),
        page,
        pages,
        frame: member.frame(
            &desk.unit,
            &desk.door,
            language.say("Verlauf", "History"),
            "/auswertung/verlauf",
        ),
    })
}

fn line(own: &PastCharge, policies: &PolicySet, language: Language) -> HistoryLine {
    let purpose = policies.purposes.values().find(|purpose| purpose.id.as_str() == own.purpose);
    let cap = purpose.map_or(0, |purpose| purpose.budget.lineage_cap_nano_rho.get());
    let years: Vec<String> = own.years.iter().map(u16::to_string).collect();
    HistoryLine {
        sequence: own.sequence,
        when: match own.asked_by {
            AskedBy::Other(None) => look::month(own.at, language),
            _ => look::day(own.at, language),
        },
        who: who(&own.asked_by, language),
        outcome: outcome(own, purpose, language),
        share: share_of(own.rho_nano, cap, language),
        rho: rho(own.rho_nano, language),
        years: years.join(", "),
    }
}

/// Who asked, in words.
pub(super) fn who(by: &AskedBy, language: Language) -> String {
    match by {
        AskedBy::Reader => language.say("Sie", "you").to_owned(),
        AskedBy::Plan => language.say("Freigabeplan", "release plan").to_owned(),
        AskedBy::Other(None) => language.say("jemand anders", "somebody else").to_owned(),
        AskedBy::Other(Some(name)) => name.clone(),
    }
}

fn outcome(own: &PastCharge, purpose: Option<&Purpose>, language: Language) -> Outcome {
    let tables: Vec<(String, String)> = own
        .documents
        .iter()
        .filter_map(|bytes| Document::read(bytes).ok())
        .map(|own| (format!("{}, {}", own.label, own.year), look::table_address(&own)))
        .collect();
    if !tables.is_empty() {
        return Outcome::Tables(tables);
    }
    let asked = own.request.as_ref().and_then(|own| own.indicator.as_ref());
    let named = asked.and_then(|id| purpose?.indicator(id).ok());
    let label = named.map_or_else(
        || language.say("eigene Frage", "a question of one's own").to_owned(),
        |own| own.label.clone(),
    );
    let why = match own.state {
        store::ledger::State::Committed | store::ledger::State::Drawing => {
            language.say("wird berechnet", "being computed")
        }
        _ => language.say("bezahlt, ohne Antwort", "paid, without an answer"),
    };
    Outcome::None(label, why.to_owned())
}
