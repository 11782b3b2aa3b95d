//! What everybody may see: the start page and the tables on it.
//!
//! Released documents only. A table's address is the number of its charge in the log, so that it
//! stays what it is.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use policy::{Catalogue, Name, Purpose};
use publication::{Document, Names};
use statistics_unit::StatisticsUnit;
use submission::ProblemCode;
use tracing::error;

use super::answer::Refusal;
use super::caller::segment;
use crate::pages::{Lineage, ProjectSection, STYLE, StartPage, Table};

const SEPARATED: &str = "Verknüpfung und Statistik werden getrennt betrieben; jede Veröffentlichung nennt die Trennung.";
const DEMONSTRATION: &str =
    "Vorführung: Beide Stellen laufen hier in einem Programm, nur mit erfundenen Menschen.";

/// The public routes of a statistics unit.
pub(crate) fn routes(synthetic: bool) -> Router<StatisticsUnit> {
    Router::new()
        .route("/", get(move |unit| start(unit, synthetic)))
        .route("/style.css", get(style))
        .route("/releases/{table}", get(table))
}

const POLICY: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache"),
];

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

async fn start(State(unit): State<StatisticsUnit>, synthetic: bool) -> Result<Response, Refusal> {
    let policies = unit.policies();
    let names = names(&policies.catalogue);
    let mut projects = Vec::new();
    for (project, purpose) in projects_of(&unit) {
        let mut newest: BTreeMap<(String, u16), Document> = BTreeMap::new();
        for bytes in unit.releases(&project).await? {
            let document = Document::read(&bytes).map_err(|e| fault(&e))?;
            newest.insert((document.indicator.clone(), document.year), document);
        }
        let mut tables = Vec::new();
        for document in newest.values() {
            tables.push(Table::new(number(document), document, &names).map_err(|e| fault(&e))?);
        }
        let budget = unit.budget(&project).await?;
        let cap = purpose.budget.lineage_cap_nano_rho.get();
        let lineage = |year: &statistics_unit::LineageReport| Lineage {
            year: year.year,
            spent: year.spent,
            cap,
        };
        projects.push(ProjectSection {
            label: purpose.territory.label.clone(),
            tables,
            lineages: budget.lineages.iter().map(lineage).collect(),
        });
    }
    let page = StartPage {
        title: "Sozialmonitoring".into(),
        separation: if synthetic { DEMONSTRATION } else { SEPARATED }.into(),
        synthetic,
        projects,
    };
    let html = page.render().map_err(|e| fault(&e))?;
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    Ok((POLICY, kind, html).into_response())
}

/// One table as CSV for German spreadsheets.
async fn table(
    State(unit): State<StatisticsUnit>,
    Path(table): Path<String>,
) -> Result<Response, Refusal> {
    let wanted: usize = segment(table.strip_suffix(".csv").ok_or_else(Refusal::not_found)?)?;
    for project in projects_of(&unit).keys() {
        for bytes in unit.releases(project).await? {
            let document = Document::read(&bytes).map_err(|e| fault(&e))?;
            if number(&document) != wanted {
                continue;
            }
            let csv = publication::csv(&document).map_err(|e| fault(&e))?;
            let name =
                format!("attachment; filename=\"{}-{}.csv\"", document.indicator, document.year);
            let heads = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, name),
            ];
            return Ok((POLICY, heads, csv).into_response());
        }
    }
    Err(Refusal::not_found())
}

fn number(document: &Document) -> usize {
    usize::try_from(document.ledger.sequence).unwrap_or(usize::MAX)
}

/// Each project with its first purpose, in the order of their names.
fn projects_of(unit: &StatisticsUnit) -> BTreeMap<Name, Purpose> {
    let mut found: BTreeMap<Name, Purpose> = BTreeMap::new();
    for purpose in unit.policies().purposes.values() {
        found.entry(purpose.project.clone()).or_insert_with(|| purpose.clone());
    }
    found
}

fn names(catalogue: &Catalogue) -> Names {
    let dimension =
        |(name, own): (&Name, &policy::Dimension)| (name.to_string(), own.label.clone());
    let dataset = |(name, own): (&Name, &policy::Dataset)| (name.to_string(), own.label.clone());
    Names::new(catalogue.dimensions.iter().map(dimension), catalogue.datasets.iter().map(dataset))
}

fn fault(error: &dyn std::error::Error) -> Refusal {
    error!(%error, "the page could not be made");
    Refusal::new(ProblemCode::Internal, "try again; the operator finds the cause in the log")
}
