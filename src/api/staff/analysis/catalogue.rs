//! What may be asked and what is known already.

use access::Action;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use policy::{Indicator, Purpose, Topic};
use publication::{Document, Names};

use super::fields::query_string;
use super::question::Subject;
use super::{Desk, look};
use crate::api::Language;
use crate::api::staff::{Member, Turned, show};
use crate::pages::staff::analysis::{
    CataloguePage, Chapter, Entry, Purse, Released, Words, share_of,
};

pub(super) async fn catalogue(
    State(desk): State<Desk>,
    headers: HeaderMap,
) -> Result<Response, Turned> {
    let member = desk.door.member(&desk.unit, &headers, Action::ReadReleases)?;
    let language = member.language;
    let title = language.say("Auswertung", "Analysis");
    let policies = desk.unit.policies();
    let shelf = look::shelf(&desk, &member).await?;
    let names = look::labels(&desk.unit);
    let mut chapters = chapters(language);
    for purpose in look::purposes(&policies, &member) {
        let words = Words { catalogue: &policies.catalogue, purpose, language };
        let documents = shelf.newest(purpose);
        for own in &purpose.indicators {
            let place = own.topic.map_or(Topic::ALL.len(), |topic| topic as usize);
            if let Some(chapter) = chapters.get_mut(place) {
                chapter.entries.push(entry(own, &words, &documents, &names));
            }
        }
    }
    chapters.retain(|own| !own.entries.is_empty());
    let report = look::budget(&desk, &member).await?;
    let purses = report.map(|own| Purse::all(&own, member.identity.name.as_str(), language));
    show(&CataloguePage {
        county: look::county(&policies, &member),
        purses: purses.unwrap_or_default(),
        chapters,
        own_question: own_question(&desk, &member),
        frame: member.frame(&desk.unit, &desk.door, title, "/auswertung"),
    })
}

/// Those of the topics, and a last one for what has none.
fn chapters(language: Language) -> Vec<Chapter> {
    let topic = |own: &Topic| {
        let id = match own {
            Topic::Population => "bevoelkerung",
            Topic::Work => "arbeit",
            Topic::Benefits => "leistungen",
            Topic::Help => "hilfen",
        };
        let title = language.say(own.german(), own.english());
        Chapter { id, title, entries: Vec::new() }
    };
    let title = language.say("Über die Daten", "About the data");
    let last = Chapter { id: "weitere", title, entries: Vec::new() };
    Topic::ALL.iter().map(topic).chain([last]).collect()
}

fn entry(own: &Indicator, words: &Words<'_>, documents: &[&Document], names: &Names) -> Entry {
    let purpose = words.purpose;
    let is_own = |document: &&&Document| {
        document.indicator == own.id.as_str() && document.purpose == purpose.id.as_str()
    };
    let mut released: Vec<&Document> = documents.iter().filter(is_own).copied().collect();
    released.sort_by_key(|own| std::cmp::Reverse(own.year));
    let year = released.first().map_or(2_000, |own| own.year);
    let plan = purpose.plan(&own.query, words.catalogue);
    Entry {
        label: own.label.clone(),
        counts: words.counts(&own.query),
        grouping: words.grouping(&own.query.group_by),
        others: own.groupings.len(),
        released: released
            .into_iter()
            .map(|document| Released {
                address: look::table_address(document),
                year: document.year,
                grouping: look::grouping(document, names, words.language),
            })
            .collect(),
        share: share_of(
            own.rho_nano.get(),
            purpose.budget.lineage_cap_nano_rho.get(),
            words.language,
        ),
        years: plan.map_or(1, |plan| plan.event_years(year).len()),
        address: builder(purpose, own.id.as_str()),
    }
}

/// The query builder for an indicator or a question of one's own.
fn builder(purpose: &Purpose, subject: &str) -> String {
    let pairs = [("zweck", purpose.id.as_str()), ("kennzahl", subject)];
    format!("/auswertung/frage?{}", query_string(pairs))
}

fn own_question(desk: &Desk, member: &Member) -> Option<String> {
    let policies = desk.unit.policies();
    let mut all = look::purposes(&policies, member);
    all.find(|own| own.ad_hoc.is_some()).map(|own| builder(own, Subject::OWN))
}
