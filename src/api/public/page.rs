//! The page of a county.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use policy::{Name, Purpose};
use publication::Document;
use statistics_unit::StatisticsUnit;
use tracing::warn;

use super::shelf::{Shelf, names, projects_of};
use super::{POLICY, Site, downloads, fault};
use crate::api::answer::Refusal;
use crate::api::caller::segment;
use crate::pages::exhibit::Exhibit;
use crate::pages::{
    CountyLink, CountySection, DemandSection, Evidence, ExhibitSection, ReleasePage, StartPage,
    Table, TableStyle,
};
use crate::rates;

const SEPARATED: &str = "Verknüpfung und Statistik werden getrennt betrieben; jede Veröffentlichung nennt die Trennung.";
const DEMONSTRATION: &str =
    "Vorführung: Beide Stellen laufen hier in einem Programm, nur mit erfundenen Menschen.";

/// The first county, so that a single one needs no choice.
pub(super) async fn first(
    State(unit): State<StatisticsUnit>,
    site: Arc<Site>,
) -> Result<Response, Refusal> {
    let projects = projects_of(&unit.policies());
    show(&unit, projects.values().next(), &site).await
}

/// The page of one county, or with the ending `.xlsx` all its tables.
pub(super) async fn county(
    State(unit): State<StatisticsUnit>,
    Path(name): Path<String>,
    site: Arc<Site>,
) -> Result<Response, Refusal> {
    let (name, is_workbook) = match name.strip_suffix(".xlsx") {
        Some(name) => (name, true),
        None => (name.as_str(), false),
    };
    let project: Name = segment(name)?;
    let projects = projects_of(&unit.policies());
    let purpose = projects.get(&project).ok_or_else(Refusal::not_found)?;
    if is_workbook {
        return downloads::county(&unit, purpose, &site).await;
    }
    show(&unit, Some(purpose), &site).await
}

async fn show(
    unit: &StatisticsUnit,
    purpose: Option<&Purpose>,
    site: &Site,
) -> Result<Response, Refusal> {
    let shown = match purpose {
        Some(purpose) => Some(section(unit, purpose, site).await?),
        None => None,
    };
    let link = |(project, own): (&Name, &Purpose)| CountyLink {
        label: own.territory.label.clone(),
        address: format!("/projects/{project}"),
        current: purpose.is_some_and(|shown| shown.project == *project),
    };
    let page = StartPage {
        separation: if site.synthetic { DEMONSTRATION } else { SEPARATED }.into(),
        synthetic: site.synthetic,
        made: today(unit.now()),
        counties: projects_of(&unit.policies()).iter().map(link).collect(),
        county: shown,
    };
    let html = page.render().map_err(|e| fault(&e))?;
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    Ok((POLICY, kind, html).into_response())
}

/// The page of one release: its address without an ending. `None` where no release has it.
pub(super) async fn release(
    unit: &StatisticsUnit,
    sequence: u64,
    stem: &str,
    site: &Site,
) -> Result<Option<Response>, Refusal> {
    let policies = unit.policies();
    let names = names(&policies);
    for (project, purpose) in projects_of(&policies) {
        let shelf = Shelf::of(unit, &project, site).await?;
        let Some(document) = shelf.find(sequence, stem) else { continue };
        let (newest, questions) = (shelf.newest(&purpose), shelf.questions(&purpose));
        let is_own = |own: &&Document| own.file_stem() == document.file_stem();
        let newer = newest.iter().copied().find(is_own);
        let question = questions.iter().find(|all| all.iter().any(is_own));
        let style =
            TableStyle { names: &names, boundaries: &site.boundaries, tolerance: site.tolerance };
        let calibrations = site.calibrations.as_slice();
        let evidence = Evidence { calibrations, documents: &newest, names: &names };
        let table = Table::new(1, document, &style)
            .and_then(|own| own.judged(document, &evidence))
            .and_then(|own| {
                let all = question.map_or(&[][..], Vec::as_slice);
                own.with_history(document, all, &style, true)
            });
        let shown = (&names, site.tolerance);
        let demand = rates::with_demand(document, &policies, site.population.as_ref(), shown);
        let page = ReleasePage {
            separation: if site.synthetic { DEMONSTRATION } else { SEPARATED }.into(),
            synthetic: site.synthetic,
            made: today(unit.now()),
            county: purpose.territory.label.clone(),
            project: project.to_string(),
            newer: newer
                .filter(|own| own.ledger.sequence != sequence)
                .map(|own| format!("/releases/{}/{stem}", own.ledger.sequence)),
            table: table.map_err(|e| fault(&e))?,
            demand: demand.map_err(|e| fault(&e))?.as_ref().map(DemandSection::of),
        };
        let html = askama::Template::render(&page).map_err(|e| fault(&e))?;
        let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
        return Ok(Some((POLICY, kind, html).into_response()));
    }
    Ok(None)
}

async fn section(
    unit: &StatisticsUnit,
    purpose: &Purpose,
    site: &Site,
) -> Result<CountySection, Refusal> {
    let names = names(&unit.policies());
    let shelf = Shelf::of(unit, &purpose.project, site).await?;
    let newest = shelf.newest(purpose);
    let style =
        TableStyle { names: &names, boundaries: &site.boundaries, tolerance: site.tolerance };
    let calibrations = site.calibrations.as_slice();
    let evidence = Evidence { calibrations, documents: &newest, names: &names };
    // Of each question the latest year; its earlier years have pages of their own.
    let questions = shelf.questions(purpose);
    let latest = questions.iter().filter_map(|all| Some((*all.first()?, all)));
    let tables = latest.zip(1..).map(|((own, all), position)| {
        Table::new(position, own, &style)?
            .judged(own, &evidence)?
            .with_history(own, all, &style, false)
    });
    let tables = tables.collect::<Result<_, _>>().map_err(|e| fault(&e))?;
    let exhibit = exhibit(site, &purpose.project).await;
    let documents: Vec<&Document> = newest;
    Ok(CountySection {
        label: purpose.territory.label.clone(),
        project: purpose.project.to_string(),
        tables,
        budget: shelf.budget(unit, purpose).await?,
        exhibit: exhibit.map(|own| ExhibitSection::new(&own, &documents, &names)),
    })
}

/// The made-up person, where the file is there and of this project. A file that cannot be shown
/// costs its section, not the page.
async fn exhibit(site: &Site, project: &Name) -> Option<Exhibit> {
    let path = site.exhibit.as_ref()?;
    let file = tokio::fs::File::open(path).await.ok()?;
    let mut bytes = Vec::new();
    let most = u64::try_from(Exhibit::MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut limited = tokio::io::AsyncReadExt::take(file, most);
    if tokio::io::AsyncReadExt::read_to_end(&mut limited, &mut bytes).await.is_err() {
        warn!("the exhibit could not be read; its section is left out");
        return None;
    }
    match Exhibit::read(&bytes) {
        Ok(exhibit) => Some(exhibit).filter(|own| own.project == project.as_str()),
        Err(error) => {
            warn!(%error, "the exhibit cannot be shown; its section is left out");
            None
        }
    }
}

/// Unix seconds as German readers write a day, in UTC.
fn today(now: i64) -> String {
    const MONTHS: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    let Ok(time) = jiff::Timestamp::from_second(now) else { return String::new() };
    let date = time.to_zoned(jiff::tz::TimeZone::UTC).date();
    let month = usize::try_from(date.month()).unwrap_or(1).saturating_sub(1);
    format!("{}. {} {}", date.day(), MONTHS.get(month).unwrap_or(&""), date.year())
}

#[cfg(test)]
mod tests {
    use super::today;

    #[test]
    fn days_are_written_out() {
        assert_eq!(today(0), "1. Januar 1970");
        assert_eq!(today(1_795_300_000), "21. November 2026");
    }
}
