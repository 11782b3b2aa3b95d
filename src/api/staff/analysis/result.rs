//! One released table with everything that belongs to it.

use access::Action;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use policy::{PolicySet, Purpose};
use publication::{Cell, Document, Names};
use statistics_unit::PastCharge;

use super::builder::choice;
use super::fields::Fields;
use super::{Desk, history, look, question};
use crate::api::Language;
use crate::api::public::Shelf;
use crate::api::staff::{Member, Turned, show};
use crate::pages::staff::analysis::{Choice, Citation, Published, ResultPage, Words};
use crate::pages::{Evidence, Table, TableStyle};

/// Rows that the choice of a citation offers; larger tables are cited as a whole beyond.
const ROWS: usize = 500;

pub(super) async fn result(
    State(desk): State<Desk>,
    Path((sequence, stem)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Turned> {
    let member = desk.door.member(&desk.unit, &headers, Action::ReadReleases)?;
    let language = member.language;
    let missing = || Turned::NotThere(language);
    let sequence: u64 = sequence.parse().map_err(|_| missing())?;
    let shelf = look::shelf(&desk, &member).await?;
    let document = shelf.find(sequence, &stem).ok_or_else(missing)?;
    let pairs = query.and_then(|own| serde_html_form::from_str(&own).ok()).unwrap_or_default();
    let wanted = Fields::new(pairs).one("zeile").and_then(|own| own.parse().ok()).unwrap_or(0);
    let charge = charge(&desk, &member, sequence).await?;
    let policies = desk.unit.policies();
    let purpose = look::purposes(&policies, &member)
        .find(|own| own.id.as_str() == document.purpose)
        .ok_or_else(missing)?;
    let names = look::labels(&desk.unit);
    let (rows, cell) = rows(document, &names, wanted);
    let address = look::table_address(document);
    let citation = cite(&desk, &headers, (document, cell), purpose, (&names, charge.as_ref()));
    show(&ResultPage {
        table: table(&desk, document, &shelf, purpose, &names)?,
        counts: counts(document, purpose, &policies, language),
        asked: asked(charge.as_ref(), sequence, language),
        rows,
        citation,
        others: others(document, &shelf, purpose, &names, language),
        again: again(document, purpose, charge.as_ref()),
        frame: member.frame(&desk.unit, &desk.door, &document.label, "/auswertung"),
        address,
    })
}

async fn charge(desk: &Desk, member: &Member, sequence: u64) -> Result<Option<PastCharge>, Turned> {
    let only = (!look::sees_names(member)).then_some(&member.identity.name);
    let found = desk.unit.charged_at(&member.identity.project, only, sequence).await;
    found.map_err(|error| Turned::refused(error, member.language))
}

fn table(
    desk: &Desk,
    document: &Document,
    shelf: &Shelf,
    purpose: &Purpose,
    names: &Names,
) -> Result<Table, Turned> {
    let site = &desk.site;
    let style = TableStyle { names, boundaries: &site.boundaries, tolerance: site.tolerance };
    let newest = shelf.newest(purpose);
    let evidence = Evidence { calibrations: &site.calibrations, documents: &newest, names };
    let made = Table::new(1, document, &style).and_then(|own| own.judged(document, &evidence));
    made.map_err(|error| {
        tracing::error!(%error, "a table cannot be shown");
        Turned::Fault
    })
}

fn rows<'a>(
    document: &'a Document,
    names: &Names,
    wanted: usize,
) -> (Vec<Choice>, Option<&'a Cell>) {
    let all = document.rows();
    let chosen = if wanted < all.len().min(ROWS) { wanted } else { 0 };
    let one = |(at, (_, cell)): (usize, &(Option<usize>, &Cell))| {
        choice(at.to_string(), names.row(cell), at == chosen)
    };
    let rows = all.iter().take(ROWS).enumerate().map(one).collect();
    (rows, all.get(chosen).map(|(_, cell)| *cell))
}

fn cite(
    desk: &Desk,
    headers: &HeaderMap,
    (document, cell): (&Document, Option<&Cell>),
    purpose: &Purpose,
    (names, charge): (&Names, Option<&PastCharge>),
) -> Citation {
    // The day belongs to the publication, not to who asked; a month suffices where that is hidden.
    let at = charge.map(|own| own.at);
    let day = match charge.map(|own| &own.asked_by) {
        Some(statistics_unit::AskedBy::Other(None)) => {
            look::month(at.unwrap_or_default(), Language::German)
        }
        _ => look::day(at.unwrap_or_else(|| desk.unit.now()), Language::German),
    };
    let year = look::date(at.unwrap_or_else(|| desk.unit.now())).map_or(0, jiff::civil::Date::year);
    let address = format!(
        "{}/releases/{}/{}.csv",
        look::origin(desk, headers),
        document.ledger.sequence,
        document.file_stem()
    );
    let published =
        Published { county: &purpose.territory.label, day: &day, year, address: &address };
    Citation::of(document, cell, names, &published)
}

fn counts(
    document: &Document,
    purpose: &Purpose,
    policies: &PolicySet,
    language: Language,
) -> Option<String> {
    let own = purpose.indicators.iter().find(|own| own.id.as_str() == document.indicator)?;
    let words = Words { catalogue: &policies.catalogue, purpose, language };
    Some(words.counts(&own.query))
}

fn asked(charge: Option<&PastCharge>, sequence: u64, language: Language) -> String {
    let Some(own) = charge else { return String::new() };
    let when = match own.asked_by {
        statistics_unit::AskedBy::Other(None) => look::month(own.at, language),
        _ => look::day(own.at, language),
    };
    let who = history::who(&own.asked_by, language);
    match language {
        Language::German => {
            format!("Freigabe Nr. {sequence}, {when}; gefragt: {who}. Lesen kostet nichts.")
        }
        Language::English => {
            format!("Release no. {sequence}, {when}; asked: {who}. Reading is free.")
        }
    }
}

fn others(
    document: &Document,
    shelf: &Shelf,
    purpose: &Purpose,
    names: &Names,
    language: Language,
) -> Vec<(String, String)> {
    let same = |own: &&&Document| {
        own.indicator == document.indicator
            && look::table_address(own) != look::table_address(document)
    };
    let newest = shelf.newest(purpose);
    let line = |own: &&Document| {
        let grouping = look::grouping(own, names, language);
        (format!("{}, {grouping}", own.year), look::table_address(own))
    };
    newest.iter().filter(same).map(line).collect()
}

/// The builder with this question; of others' own questions nobody knows the bricks.
fn again(document: &Document, purpose: &Purpose, charge: Option<&PastCharge>) -> Option<String> {
    if let Some(request) = charge.and_then(|own| own.request.as_ref()) {
        return Some(question::address(request));
    }
    let own = purpose.indicators.iter().find(|own| own.id.as_str() == document.indicator)?;
    let request =
        statistics_unit::QueryRequest::of(purpose.id.clone(), own.id.clone(), document.year);
    Some(question::address(&request))
}
