//! The page of a department: its own deliveries at this unit.

use std::collections::BTreeMap;

use access::Action;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::civil::Date;
use policy::{LastMonth, Name, PolicySet, Schedule};
use store::UnitKind;
use store::batches::{self, BatchKey, Delivered};
use submission::Half;

use super::{Door, Language, Member, Turned, show};
use crate::api::answer::Refusal;
use crate::api::unit::Unit;
use crate::pages::staff::deliveries::{DeliveriesPage, Delivery, Due, Refused};
use crate::pages::staff::when::date;

/// Most deliveries on the page.
const MOST: u64 = 200;

pub(crate) fn routes<U: Unit>(door: &Door) -> Router<U> {
    let (door, receipts) = (door.clone(), door.clone());
    Router::new()
        .route("/lieferungen", get(move |unit, headers| page::<U>(unit, headers, door)))
        .route(
            "/lieferungen/{batch}/quittung.json",
            get(move |unit, path, headers| receipt::<U>(unit, path, headers, receipts)),
        )
}

async fn page<U: Unit>(
    State(unit): State<U>,
    headers: HeaderMap,
    door: Door,
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::Submit)?;
    let language = member.language;
    let (project, name) = (&member.identity.project, &member.identity.name);
    let own = batches::of_department(unit.db(), project.as_str(), name.as_str(), MOST).await;
    let own = own.map_err(Refusal::from)?;
    let policies = unit.policies();
    let label = |dataset: &str| label(&policies, dataset);
    let refused = unit.intake().refused(project, name);
    let title = language.say("Lieferungen", "Deliveries");
    show(&DeliveriesPage {
        frame: member.frame(&unit, &door, title, "/lieferungen"),
        half: match unit.db().unit() {
            UnitKind::Linkage => Half::Linkable,
            UnitKind::Statistics => Half::Measures,
        },
        due: due(&unit, &member, &policies).await?,
        more: own.len() as u64 == MOST,
        deliveries: own
            .into_iter()
            .map(|own| {
                let label = label(&own.dataset);
                Delivery::of(own, label, language)
            })
            .collect(),
        refused: refused.iter().map(|own| Refused::of(own, language)).collect(),
    })
}

/// The receipt as the unit signed it; of the department's own deliveries alone.
async fn receipt<U: Unit>(
    State(unit): State<U>,
    Path(batch): Path<String>,
    headers: HeaderMap,
    door: Door,
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::Submit)?;
    let key = BatchKey {
        project: member.identity.project.to_string(),
        department: member.identity.name.to_string(),
        batch,
    };
    let status = batches::status(unit.db(), &key).await.map_err(Refusal::from)?;
    let receipt = status.and_then(|own| own.receipt).ok_or_else(Refusal::not_found)?;
    let name = format!("attachment; filename=\"quittung-{}.json\"", key.batch);
    let heads = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((heads, [(header::CONTENT_DISPOSITION, name)], receipt).into_response())
}

fn label(policies: &PolicySet, dataset: &str) -> String {
    let name = Name::new(dataset).ok();
    let own = name.and_then(|name| policies.catalogue.datasets.get(&name));
    own.map_or_else(|| dataset.to_owned(), |own| own.label.clone())
}

async fn due<U: Unit>(
    unit: &U,
    member: &Member,
    policies: &PolicySet,
) -> Result<Vec<Due>, Refusal> {
    let (project, name) = (&member.identity.project, &member.identity.name);
    let Some(schedule) = policies.schedules.get(project) else { return Ok(Vec::new()) };
    let mut here = batches::delivered(unit.db(), project.as_str()).await?;
    // The unit knows everybody's; a department sees its own.
    here.retain(|own| own.department == name.as_str());
    let today = jiff::Timestamp::from_second(unit.now()).unwrap_or_default();
    let today = today.to_zoned(jiff::tz::TimeZone::UTC).date();
    let own = schedule.expected.iter().filter(|own| own.department == *name);
    let own = own.map(|own| {
        let reached = reached(schedule, &own.dataset, &here);
        let label = label(policies, own.dataset.as_str());
        next(schedule, label, reached, today, member.language)
    });
    Ok(own.collect())
}

/// How many periods of a schedule a department has delivered for: up to the newest one that a
/// delivery reaches.
fn reached(schedule: &Schedule, dataset: &Name, here: &[Delivered]) -> usize {
    let mut last: BTreeMap<&str, LastMonth> = BTreeMap::new();
    for own in here.iter().filter(|own| own.dataset == dataset.as_str()) {
        let month = own.period.split_once('/').map(|(_, last)| last.to_owned());
        let Some(month) = month.and_then(|own| LastMonth::try_from(own).ok()) else { continue };
        let known = last.entry(own.epoch.as_str()).or_insert(month);
        *known = (*known).max(month);
    }
    let covers = |period: &policy::SchedulePeriod| {
        last.get(period.epoch.as_str()).is_some_and(|month| *month >= period.last_month)
    };
    schedule.periods.iter().rposition(covers).map_or(0, |position| position + 1)
}

fn next(
    schedule: &Schedule,
    dataset: String,
    reached: usize,
    today: Date,
    language: Language,
) -> Due {
    let Some(period) = schedule.periods.get(reached) else {
        let says = language.say(
            "Alle Zeiträume des Lieferplans sind geliefert.",
            "Every period of the schedule is delivered.",
        );
        return Due { dataset, says: says.to_owned(), late: false };
    };
    let late = period.link_on.is_some_and(|day| day < today);
    let until = String::from(period.last_month);
    let mut says = match language {
        Language::German => format!("Zeitraum {}: Daten bis einschließlich {until}, ", period.id),
        Language::English => format!("Period {}: data up to and including {until}, ", period.id),
    };
    says.push_str(&match period.link_on {
        None => language
            .say(
                "ohne Stichtag; verknüpft wird, wenn alle Ämter geliefert haben.",
                "without a date; it is linked once every department delivered.",
            )
            .to_owned(),
        Some(day) if late => {
            let word = language.say("war fällig am", "was due on");
            format!("{word} {}.", date(day, language))
        }
        Some(day) => {
            let word = language.say("fällig am", "due on");
            format!("{word} {}.", date(day, language))
        }
    });
    Due { dataset, says, late }
}

#[cfg(test)]
mod tests {
    use std::path::Path as FilePath;

    use super::*;

    fn schedule() -> Schedule {
        let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("policies");
        PolicySet::load(&folder).unwrap().schedules.into_values().next().unwrap()
    }

    fn delivered(dataset: &str, period: &str) -> Delivered {
        Delivered {
            epoch: "2026".into(),
            department: "d".into(),
            dataset: dataset.into(),
            batch: "b".into(),
            period: period.into(),
            received_at: 1,
        }
    }

    #[test]
    fn what_is_due_follows_the_newest_period_that_was_reached() {
        let (mut schedule, kita) = (schedule(), Name::new("kita").unwrap());
        assert_eq!(reached(&schedule, &kita, &[]), 0);
        let here = [delivered("kita", "2022-07/2023-06"), delivered("hze", "2022-07/2025-12")];
        assert_eq!(reached(&schedule, &kita, &here), 2, "the third period is next");
        let said = |schedule: &Schedule, reached| {
            next(schedule, "Kita".into(), reached, jiff::civil::date(2026, 1, 1), Language::German)
        };
        let due = said(&schedule, 2);
        assert!(due.says.contains("2023-q3") && due.says.contains("ohne Stichtag") && !due.late);
        schedule.periods[2].link_on = Some(jiff::civil::date(2023, 11, 15));
        let due = said(&schedule, 2);
        assert!(due.late && due.says.contains("war fällig am 15.11.2023"), "{}", due.says);
        let all = schedule.periods.len();
        assert!(said(&schedule, all).says.starts_with("Alle Zeiträume"));
    }
}
