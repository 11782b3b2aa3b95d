//! The query builder: reads what was chosen, asks the unit for the price, offers the next step.

use std::collections::BTreeSet;

use access::Action;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use policy::{Indicator, Name, Purpose, QueryKind, Topic};
use publication::{Document, Unit};
use statistics_unit::{Priced, QueryRequest};

use super::fields::{Fields, coded, query_string};
use super::messages;
use super::question::{self, Subject, grouping_value, is_share};
use super::{Desk, look, own_fields};
use crate::api::Language;
use crate::api::staff::{Member, Turned, show};
use crate::pages::staff::analysis::{
    BudgetFields, Choice, Group, Message, PriceView, QuestionPage, Step, WidthUnit, Words, share_of,
};

/// Event years before the present one that may be chosen though nothing is known of them.
const BACK: u16 = 3;

pub(super) async fn builder(
    State(desk): State<Desk>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Turned> {
    let member = desk.door.member(&desk.unit, &headers, Action::Price)?;
    let pairs = query.and_then(|own| serde_html_form::from_str(&own).ok()).unwrap_or_default();
    show(&page(&desk, &member, &Fields::new(pairs)).await?)
}

/// What the fields mean, as far as they can be read.
struct Chosen<'a> {
    purpose: &'a Purpose,
    subject: Subject<'a>,
    years: Vec<u16>,
    year: u16,
}

async fn page(desk: &Desk, member: &Member, fields: &Fields) -> Result<QuestionPage, Turned> {
    let language = member.language;
    let policies = desk.unit.policies();
    let purposes: Vec<&Purpose> = look::purposes(&policies, member).collect();
    let chosen_purpose = fields
        .one("zweck")
        .and_then(|own| purposes.iter().find(|purpose| purpose.id.as_str() == own).copied());
    let Some(purpose) = chosen_purpose.or_else(|| purposes.first().copied()) else {
        return Err(Turned::NotThere(language));
    };
    let chosen = chosen(desk, member, fields, purpose).await?;
    let words = Words { catalogue: &policies.catalogue, purpose, language };
    let (message, price) = priced(desk, member, fields, &chosen).await?;
    let own = match chosen.subject {
        Subject::Own(ad_hoc) => Some(own_fields::of(fields, ad_hoc, &words)),
        Subject::Indicator(_) => None,
    };
    let (label, counts, groupings) = match chosen.subject {
        Subject::Indicator(own) => {
            (own.label.clone(), Some(words.counts(&own.query)), groupings(fields, own, &words))
        }
        Subject::Own(_) => {
            let label = language.say("Eigene Frage", "A question of your own");
            (label.to_owned(), None, Vec::new())
        }
    };
    let title = language.say("Frage stellen", "Ask a question");
    Ok(QuestionPage {
        here_coded: coded_address(purpose, subject_value(chosen.subject)),
        frame: member.frame(&desk.unit, &desk.door, title, "/auswertung/frage"),
        purpose: purpose.id.to_string(),
        subjects: subjects(purpose, chosen.subject, language),
        subject: subject_value(chosen.subject).to_owned(),
        label,
        counts,
        years: chosen
            .years
            .iter()
            .map(|own| choice(own.to_string(), own.to_string(), *own == chosen.year))
            .collect(),
        groupings,
        budget: budget_fields(fields, &chosen, language),
        fresh: fields.has("neu", "ja"),
        own,
        message,
        price,
    })
}

async fn chosen<'a>(
    desk: &Desk,
    member: &Member,
    fields: &Fields,
    purpose: &'a Purpose,
) -> Result<Chosen<'a>, Turned> {
    let wanted = fields.one("kennzahl");
    let named = purpose.indicators.iter().find(|own| Some(own.id.as_str()) == wanted);
    let subject = match (wanted, &purpose.ad_hoc, named.or_else(|| purpose.indicators.first())) {
        (Some(Subject::OWN), Some(own), _) => Subject::Own(own),
        (_, _, Some(own)) => Subject::Indicator(own),
        (_, Some(own), None) => Subject::Own(own),
        (_, None, None) => return Err(Turned::NotThere(member.language)),
    };
    let shelf = look::shelf(desk, member).await?;
    let known: BTreeSet<u16> = shelf.years().collect();
    let now = look::date(desk.unit.now()).map_or(2_000, |own| own.year().unsigned_abs());
    let newest = known.last().copied().unwrap_or_else(|| now.saturating_sub(1));
    let mut years: BTreeSet<u16> = (now.saturating_sub(BACK)..=now).collect();
    years.extend(known);
    let wanted = fields.one("jahr").and_then(|own| own.parse().ok());
    let year = wanted.filter(|own| years.contains(own)).unwrap_or(newest);
    Ok(Chosen { purpose, subject, years: years.into_iter().rev().collect(), year })
}

/// The price, or what is wrong.
async fn priced(
    desk: &Desk,
    member: &Member,
    fields: &Fields,
    chosen: &Chosen<'_>,
) -> Result<(Option<Message>, Option<PriceView>), Turned> {
    let language = member.language;
    // Nothing is wrong with a question of one's own that nobody has begun.
    if matches!(chosen.subject, Subject::Own(_)) && fields.one("art").is_none() {
        return Ok((None, None));
    }
    let request = match question::request(fields, chosen.purpose, chosen.subject, chosen.year) {
        Ok(request) => request,
        Err(error) => return Ok((Some(messages::field(error, language)), None)),
    };
    let (project, name) = (&member.identity.project, &member.identity.name);
    match desk.unit.price(project, name, request.clone()).await {
        Ok(priced) => {
            let step = step(desk, member, &priced, &request)?;
            let policies = desk.unit.policies();
            let measure = measure(&policies.catalogue, chosen, &request);
            let unit = width_unit(chosen, &request, measure.as_ref());
            let view = PriceView::new(&priced, chosen.year, unit, step, language);
            Ok((None, Some(view)))
        }
        Err(error) => Ok((Some(messages::refusal(&error.problem(), &request, language)), None)),
    }
}

fn step(
    desk: &Desk,
    member: &Member,
    priced: &Priced,
    request: &QueryRequest,
) -> Result<Step, Turned> {
    let years = u64::try_from(priced.years.len()).unwrap_or(1);
    if let Some(released) = &priced.released {
        let document = Document::read(&released.document).map_err(|_| Turned::Fault)?;
        return Ok(Step::Free { address: look::table_address(&document) });
    }
    let cost = priced.price.rho().get();
    let fits = priced.caps.iter().all(|cap| {
        let times = if cap.cap == "horizon" { years } else { 1 };
        cost.saturating_mul(times) <= cap.left
    });
    if !fits {
        return Ok(Step::TooDear);
    }
    if !look::may(desk, member, Action::Query) {
        return Ok(Step::Look);
    }
    // Exactly what was priced: neither another snapshot nor another budget comes in between.
    let pinned = QueryRequest {
        snapshot: Some(priced.snapshot),
        rho_nano: Some(priced.price.asked()),
        half_width: None,
        ..request.clone()
    };
    let fault = |_| Turned::Fault;
    Ok(Step::Ask {
        csrf: member.csrf().to_owned(),
        key: access::new_token(desk.random.as_ref()).map_err(|_| Turned::Fault)?,
        request: serde_json::to_string(&pinned).map_err(fault)?,
    })
}

fn kind<'a>(chosen: &'a Chosen<'_>, request: &'a QueryRequest) -> Option<&'a QueryKind> {
    match chosen.subject {
        Subject::Indicator(own) => Some(&own.query.compute),
        Subject::Own(_) => request.query.as_ref().map(|own| &own.compute),
    }
}

fn measure(
    catalogue: &policy::Catalogue,
    chosen: &Chosen<'_>,
    request: &QueryRequest,
) -> Option<Unit> {
    let (dataset, name) = kind(chosen, request)?.measure()?;
    let (_, measure) = catalogue.dataset(dataset).ok()?.measure(name)?;
    Some(Unit::of(&measure.unit))
}

fn width_unit<'a>(
    chosen: &Chosen<'_>,
    request: &QueryRequest,
    measure: Option<&'a Unit>,
) -> WidthUnit<'a> {
    let households = match chosen.subject {
        Subject::Indicator(own) => !own.query.unit.is_person(),
        Subject::Own(_) => false,
    };
    match (measure, kind(chosen, request)) {
        (Some(unit), _) => WidthUnit::Measure(&unit.sign),
        (None, Some(kind)) if is_share(kind) => WidthUnit::Percent,
        (None, _) if households => WidthUnit::Households,
        (None, _) => WidthUnit::Persons,
    }
}

fn budget_fields(fields: &Fields, chosen: &Chosen<'_>, language: Language) -> BudgetFields {
    let cap = chosen.purpose.budget.lineage_cap_nano_rho.get();
    let (usual, unit) = match chosen.subject {
        Subject::Indicator(own) => (own.rho_nano, unit_words(own, language)),
        Subject::Own(own) => {
            let words = language.say(
                "Personen, bei Anteilen Prozentpunkte",
                "persons; percentage points of shares",
            );
            (own.most_rho_nano, words)
        }
    };
    BudgetFields {
        how: match fields.one("wie") {
            Some("breite") => "breite",
            Some("anteil") => "anteil",
            _ => "ueblich",
        },
        width: fields.one("breite").unwrap_or_default().to_owned(),
        width_unit: unit.to_owned(),
        share: fields.one("anteil").unwrap_or_default().to_owned(),
        usual: share_of(usual.get(), cap, language),
        most: share_of(chosen.subject.most().get(), cap, language),
    }
}

fn unit_words(own: &Indicator, language: Language) -> &'static str {
    match (&own.query.compute, own.query.unit.is_person()) {
        (kind, _) if is_share(kind) => language.say("Prozentpunkte", "percentage points"),
        (kind, _) if kind.measure().is_some() => {
            language.say("in der Einheit der Werte", "in the unit of the values")
        }
        (_, true) => language.say("Personen", "persons"),
        (_, false) => language.say("Haushalte", "households"),
    }
}

fn subject_value(subject: Subject<'_>) -> &str {
    match subject {
        Subject::Indicator(own) => own.id.as_str(),
        Subject::Own(_) => Subject::OWN,
    }
}

fn coded_address(purpose: &Purpose, subject: &str) -> String {
    let query = query_string([("zweck", purpose.id.as_str()), ("kennzahl", subject)]);
    coded(&format!("/auswertung/frage?{query}"))
}

pub(super) fn choice(value: String, label: String, chosen: bool) -> Choice {
    Choice { value, label, chosen }
}

/// Everything that may be asked, by chapter.
fn subjects(purpose: &Purpose, chosen: Subject<'_>, language: Language) -> Vec<Group> {
    let now = subject_value(chosen);
    let of = |topic: Option<Topic>| {
        let own = purpose.indicators.iter().filter(move |own| own.topic == topic);
        own.map(|own| choice(own.id.to_string(), own.label.clone(), own.id.as_str() == now))
    };
    let mut groups: Vec<Group> = Topic::ALL
        .into_iter()
        .map(|topic| Group {
            label: language.say(topic.german(), topic.english()).to_owned(),
            choices: of(Some(topic)).collect(),
        })
        .collect();
    let other = language.say("Über die Daten", "About the data").to_owned();
    groups.push(Group { label: other, choices: of(None).collect() });
    if purpose.ad_hoc.is_some() {
        let label = language.say("Eigene Frage", "A question of your own").to_owned();
        let own = choice(Subject::OWN.to_owned(), label.clone(), now == Subject::OWN);
        groups.push(Group { label, choices: vec![own] });
    }
    groups.retain(|own| !own.choices.is_empty());
    groups
}

fn groupings(fields: &Fields, own: &Indicator, words: &Words<'_>) -> Vec<Choice> {
    let usual = &own.query.group_by;
    let all: Vec<&Vec<Name>> = std::iter::once(usual)
        .chain(own.groupings.iter().filter(|names| *names != usual))
        .collect();
    let wanted = fields.one("gruppe").map_or_else(|| grouping_value(usual), str::to_owned);
    let one = |names: &&Vec<Name>| {
        let value = grouping_value(names);
        let chosen = value == wanted;
        choice(value, words.grouping(names), chosen)
    };
    all.iter().map(one).collect()
}
