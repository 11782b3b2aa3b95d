//! Policies in words, in force and waiting.

use std::collections::BTreeSet;

use access::Action;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use policy::{Digest, Part};
use serde::Deserialize;

use crate::api::staff::compared::{compared, fault, today};
use crate::api::staff::{Door, Language, Turned, show};
use crate::api::unit::Unit;
use crate::pages::staff::deliveries::short;
use crate::pages::staff::oversight::policies::{Piece, PoliciesPage};
use crate::pages::staff::proposals::part_word;
use crate::pages::staff::when::day;
use crate::policies::{Said, explain};

#[derive(Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    fassung: String,
}

pub(super) async fn page<U: Unit>(
    State(unit): State<U>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
    door: Door,
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::ReadLog)?;
    let (project, language) = (&member.identity.project, member.language);
    let found = compared(&unit, project).await?;
    let of_folder = choice.fassung == "ordner";
    let said = match (&found.force.set, &found.force.rules) {
        _ if of_folder => Some(Said { set: &found.folder, rules: unit.desk().folder_rules() }),
        (Some(set), Some(rules)) => Some(Said { set, rules }),
        _ => None,
    };
    let sections = said.map(|own| explain(own, today(unit.now()))).transpose();
    let sections = sections.map_err(|error| fault(&error))?.unwrap_or_default();
    let parts = unit.policies().parts(project).map_err(|error| fault(&error.into()))?;
    let known = |part: &Part| {
        let kind = part.kind.word();
        found.force.parts.iter().find(|own| own.kind == kind && own.name == part.name.as_str())
    };
    let pieces: Vec<Piece> = parts
        .iter()
        .map(|part| {
            let known = known(part).map(|own| (own.digest, own.since));
            piece(part, known, language)
        })
        .collect();
    let here: BTreeSet<(&str, &str)> =
        parts.iter().map(|own| (own.kind.word(), own.name.as_str())).collect();
    let gone = found
        .force
        .parts
        .iter()
        .filter(|own| !here.contains(&(own.kind.as_str(), own.name.as_str())));
    let gone = gone.map(|own| Piece {
        kind: own.kind.clone(),
        name: own.name.clone(),
        state: language
            .say("fehlt im Ordner, gilt nicht mehr", "not in the folder, holds no more")
            .into(),
        tone: "over",
        digest: short(&own.digest.to_string()),
    });
    let wordless = found.force.parts.iter().filter(|own| !own.has_words);
    let title = language.say("Regeln", "Policies");
    show(&PoliciesPage {
        frame: member.frame(&unit, &door, title, "/aufsicht/regeln"),
        waits: pieces.iter().any(|own| own.tone == "waits"),
        wordless: wordless.map(|own| own.name.clone()).collect(),
        expired: unit.desk().expired().iter().map(ToString::to_string).collect(),
        difference: found.difference,
        of_folder,
        sections,
        pieces: pieces.into_iter().chain(gone).collect(),
    })
}

fn piece(part: &Part, known: Option<(Digest, i64)>, language: Language) -> Piece {
    let (state, tone) = match known {
        Some((digest, since)) if digest == part.digest => (
            format!("{} {}", language.say("in Kraft seit", "in force since"), day(since, language)),
            "good",
        ),
        Some(_) => (
            language
                .say(
                    "geändert; die neue Fassung wartet auf Freigabe",
                    "changed; the new version waits",
                )
                .into(),
            "waits",
        ),
        None => (
            language.say("neu; wartet auf Freigabe", "new; waits for approval").to_owned(),
            "waits",
        ),
    };
    Piece {
        kind: part_word(part.kind, language).to_owned(),
        name: part.name.to_string(),
        state,
        tone,
        digest: short(&part.digest.to_string()),
    }
}
