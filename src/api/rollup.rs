//! Sums and means of released cells, for whoever may read releases; nothing is charged.

use access::Action;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Json, Response};
use policy::Name;
use publication::{Document, RollupText};
use statistics_unit::{ReleaseFilter, StatisticsUnit};
use submission::ProblemCode;
use tracing::error;

use super::answer::Refusal;
use super::caller::caller;

/// `?indicator=&years=&sum=&group=&group_by=&purpose=` say what is rolled up.
pub(super) async fn rollup(
    State(unit): State<StatisticsUnit>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let reader = caller(&unit, &headers, Action::ReadReleases)?;
    let malformed = |detail: &str| Refusal::new(ProblemCode::MalformedRequest, detail);
    let text = Query::<RollupText>::try_from_uri(&uri).map_err(|_| {
        malformed(
            "name an indicator and what is added up, such as \
             ?indicator=overlap&years=2024,2025&sum=municipality",
        )
    })?;
    let request = text.read().map_err(|e| malformed(&e.to_string()))?;
    let indicator =
        Name::new(&request.indicator).map_err(|_| malformed("the indicator is no short name"))?;
    let filter = ReleaseFilter { indicator: Some(indicator), ..ReleaseFilter::default() };
    let released = unit.releases_of(&reader.project, &filter).await?;
    let documents = released.iter().map(|bytes| Document::read(bytes));
    let documents: Vec<Document> = documents.collect::<Result<_, _>>().map_err(|e| {
        error!(error = %e, "a stored release cannot be read");
        Refusal::new(ProblemCode::Internal, "the operator finds the cause in the log")
    })?;
    let rolled = publication::rollup(&documents, &request)
        .map_err(|e| Refusal::new(ProblemCode::QueryRefused, e.to_string()))?;
    Ok(Json(rolled).into_response())
}
