//! What every page of the analysis looks at: purposes, documents, names, days.

use access::Action;
use axum::http::{HeaderMap, header};
use policy::{PolicySet, Purpose};
use publication::{Document, Names};
use statistics_unit::{BudgetReport, StatisticsUnit};

use super::Desk;
use crate::api::Language;
use crate::api::public::{Shelf, names};
use crate::api::staff::{Member, Turned};

/// The purposes of somebody's project.
pub(super) fn purposes<'a>(
    policies: &'a PolicySet,
    member: &Member,
) -> impl Iterator<Item = &'a Purpose> {
    let project = member.identity.project.clone();
    policies.purposes.values().filter(move |own| own.project == project)
}

/// What the county is called.
pub(super) fn county(policies: &PolicySet, member: &Member) -> String {
    let first = purposes(policies, member).next();
    first.map_or_else(|| member.identity.project.to_string(), |own| own.territory.label.clone())
}

/// Everything that was released in somebody's project.
pub(super) async fn shelf(desk: &Desk, member: &Member) -> Result<Shelf, Turned> {
    let shelf = Shelf::of(&desk.unit, &member.identity.project, &desk.site).await;
    shelf.map_err(|refusal| Turned::refused(refusal, member.language))
}

/// What readers see for short names.
pub(super) fn labels(unit: &StatisticsUnit) -> Names {
    names(&unit.policies())
}

/// What was spent, as somebody may see it; nothing where they may not.
pub(super) async fn budget(desk: &Desk, member: &Member) -> Result<Option<BudgetReport>, Turned> {
    if !may(desk, member, Action::ReadLedger) {
        return Ok(None);
    }
    let only = (!sees_names(member)).then_some(&member.identity.name);
    let report = desk.unit.budget_seen_by(&member.identity.project, only).await;
    report.map(Some).map_err(|error| Turned::refused(error, member.language))
}

/// Who asked what is for the officer.
pub(super) fn sees_names(member: &Member) -> bool {
    member.identity.role == access::Role::Dpo
}

pub(super) fn may(desk: &Desk, member: &Member, action: Action) -> bool {
    desk.unit.desk().may(&member.identity, action, None)
}

/// Where a released table is read.
pub(super) fn table_address(document: &Document) -> String {
    address_of(document.ledger.sequence, &document.file_stem())
}

pub(super) fn address_of(sequence: u64, stem: &str) -> String {
    format!("/auswertung/ergebnis/{sequence}/{stem}")
}

/// By what a document is grouped, in words.
pub(super) fn grouping(document: &Document, names: &Names, language: Language) -> String {
    if document.dimensions.is_empty() {
        return language.say("der ganze Landkreis", "the whole county").to_owned();
    }
    let own: Vec<&str> = document.dimensions.iter().map(|own| names.dimension(own)).collect();
    format!("{} {}", language.say("nach", "by"), own.join(language.say(" und ", " and ")))
}

/// A day of Unix seconds in UTC.
pub(super) fn day(seconds: i64, language: Language) -> String {
    let Some(date) = date(seconds) else { return String::new() };
    match language {
        Language::German => format!("{}.{}.{}", date.day(), date.month(), date.year()),
        Language::English => date.to_string(),
    }
}

/// Its month only.
pub(super) fn month(seconds: i64, language: Language) -> String {
    let Some(date) = date(seconds) else { return String::new() };
    match language {
        Language::German => format!("{:02}/{}", date.month(), date.year()),
        Language::English => format!("{}-{:02}", date.year(), date.month()),
    }
}

pub(super) fn date(seconds: i64) -> Option<jiff::civil::Date> {
    let time = jiff::Timestamp::from_second(seconds).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).date())
}

/// Where this host is, as the browser named it; nothing where that is no name of a host.
pub(super) fn origin(desk: &Desk, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|own| own.to_str().ok()).unwrap_or_default();
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    if host.is_empty() || !host.bytes().all(plain) {
        return String::new();
    }
    format!("{}://{host}", if desk.door.is_secure() { "https" } else { "http" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_for_their_readers() {
        let second = 1_795_300_000;
        assert_eq!(day(second, Language::German), "21.11.2026");
        assert_eq!(day(second, Language::English), "2026-11-21");
        assert_eq!(month(second, Language::German), "11/2026");
    }
}
