//! Coming need: a model, from releases and public numbers only.

use access::Action;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use policy::{PolicySet, Purpose, Rate};
use publication::{
    Amount, Counted, Demand, DemandRow, DemandRule, Document, Kind, Outlook, Population, demand,
};

use super::builder::choice;
use super::fields::Fields;
use super::{Desk, look};
use crate::api::staff::{Turned, show};
use crate::pages::staff::analysis::{Need, NeedCell, NeedPage, NeedRow};
use crate::rates::rate_rule;

/// Years ahead.
const YEARS: u16 = Population::MAX_STEPS;

pub(super) async fn need(
    State(desk): State<Desk>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Turned> {
    let member = desk.door.member(&desk.unit, &headers, Action::ReadReleases)?;
    let language = member.language;
    let pairs = query.and_then(|own| serde_html_form::from_str(&own).ok()).unwrap_or_default();
    let wanted = Fields::new(pairs).one("tabelle").map(str::to_owned);
    let shelf = look::shelf(&desk, &member).await?;
    let (policies, names) = (desk.unit.policies(), look::labels(&desk.unit));
    let able = able(&policies, &look::purposes(&policies, &member).collect::<Vec<_>>(), &shelf);
    let value = |own: &Document| format!("{}/{}", own.ledger.sequence, own.file_stem());
    let found = able.iter().find(|own| wanted.as_deref() == Some(value(own.0).as_str()));
    let chosen = found.or_else(|| able.first());
    let mut why = language
        .say(
            "Noch ist keine Anzahl von Personen freigegeben, die durch Einwohner geteilt wird.",
            "No count of persons that is divided by residents was released yet.",
        )
        .to_owned();
    let mut need = None;
    match (chosen, desk.site.population.as_ref()) {
        (Some((document, purpose, rate)), Some(residents)) => {
            let rule = rate_rule(&policies.catalogue, purpose, *rate);
            let tolerance = desk.site.tolerance;
            let outlook = Outlook::Cohorts;
            let rule = DemandRule { rate: &rule, residents, outlook, years: YEARS, tolerance };
            match demand(document, &rule, &names) {
                Ok(own) => need = Some(shown(&own, document, residents)),
                Err(error) => {
                    tracing::warn!(%error, "no model of a released table");
                    language
                        .say(
                            "Für diese Tabelle lässt sich das Modell nicht rechnen.",
                            "The model cannot be computed for this table.",
                        )
                        .clone_into(&mut why);
                }
            }
        }
        (Some(_), None) => {
            language
                .say(
                    "Dieser Statistikstelle fehlt die Datei der Einwohner. Der Betrieb kann sie mit \
                     „milchglas population“ einlesen.",
                    "This unit lacks the file of residents. The operator can import it with \
                     “milchglas population”.",
                )
                .clone_into(&mut why);
        }
        (None, _) => {}
    }
    let now = chosen.map(|own| value(own.0));
    let tables = able.iter().map(|(own, ..)| {
        let label = format!(
            "{}, {}, {}",
            own.label,
            own.year,
            look::grouping(own, &names, crate::api::Language::German)
        );
        choice(value(own), label, now.as_deref() == Some(value(own).as_str()))
    });
    show(&NeedPage {
        tables: tables.collect(),
        need,
        why,
        frame: member.frame(
            &desk.unit,
            &desk.door,
            language.say("Bedarf", "Need"),
            "/auswertung/bedarf",
        ),
    })
}

/// The newest counts of persons that have a rate.
fn able<'a>(
    policies: &PolicySet,
    purposes: &[&'a Purpose],
    shelf: &'a crate::api::public::Shelf,
) -> Vec<(&'a Document, &'a Purpose, Rate)> {
    let mut found: Vec<(&Document, &Purpose, Rate)> = Vec::new();
    for purpose in purposes {
        for document in shelf.newest(purpose) {
            let counts = document.kind == Kind::Persons && document.counted == Counted::Persons;
            if document.purpose != purpose.id.as_str() || !counts || document.is_thresholded() {
                continue;
            }
            let own = purpose.indicators.iter().find(|own| own.id.as_str() == document.indicator);
            let Some(rate) = own.and_then(|own| own.per) else { continue };
            // Later years come first; an earlier year of the same table says nothing new.
            let known = found.iter().any(|(own, ..)| {
                own.indicator == document.indicator && own.dimensions == document.dimensions
            });
            if !known && policies.purposes.contains_key(&purpose.id) {
                found.push((document, purpose, rate));
            }
        }
    }
    found
}

fn shown(own: &Demand, document: &Document, residents: &Population) -> Need {
    let register = residents.years().last().unwrap_or_default();
    Need {
        title: own.title(),
        year: own.year,
        years: own.years.iter().map(|year| (*year, *year <= register)).collect(),
        rows: own.rows.iter().map(row).collect(),
        assumptions: own.assumptions.clone(),
        address: look::table_address(document),
    }
}

fn row(own: &DemandRow) -> NeedRow {
    let texts = |numbers: publication::Numbers| {
        [numbers.value, numbers.low, numbers.high].map(Amount::german)
    };
    let residents =
        |count: u64| i64::try_from(count).map_or(String::new(), |n| Amount::Whole(n).german());
    NeedRow {
        row: own.row.clone(),
        is_total: own.is_total,
        known: own.known,
        released: own.released.map(texts),
        coming: match &own.coming {
            Ok(years) => Ok(years
                .iter()
                .map(|own| NeedCell {
                    numbers: texts(own.numbers),
                    residents: residents(own.residents),
                })
                .collect()),
            Err(gap) => Err(gap.german()),
        },
    }
}
