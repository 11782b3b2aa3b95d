//! Tables to take away: CSV and XLSX.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use policy::Purpose;
use publication::{Document, Names, WorkbookStyle, csv, workbook};
use statistics_unit::StatisticsUnit;

use super::shelf::{Shelf, names, projects_of};
use super::{POLICY, Site, everything, fault, page};
use crate::api::answer::Refusal;
use crate::api::caller::segment;

pub(super) const CSV: &str = "text/csv; charset=utf-8";
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// One table: `{indicator}.{year}[.{dimension}…].csv`, `.xlsx` or `.jsonstat` below the number of
/// its charge; without an ending its page.
pub(super) async fn table(
    State(unit): State<StatisticsUnit>,
    Path((sequence, name)): Path<(String, String)>,
    site: Arc<Site>,
) -> Result<Response, Refusal> {
    let sequence: u64 = segment(&sequence)?;
    let (stem, ending) = name.rsplit_once('.').ok_or_else(Refusal::not_found)?;
    if ending == "jsonstat" {
        return everything::cube(&unit, (sequence, stem), &site).await;
    }
    let policies = unit.policies();
    for (project, purpose) in projects_of(&policies) {
        let shelf = Shelf::of(&unit, &project, &site).await?;
        let Some(document) = shelf.find(sequence, stem) else { continue };
        let names = names(&policies);
        let (kind, bytes) = match ending {
            "csv" => (CSV, csv(document, &names).map_err(|e| fault(&e))?),
            "xlsx" => (XLSX, book(&[document], &purpose, &names, &unit, &site)?),
            _ => break,
        };
        return Ok(attachment(&name, kind, bytes));
    }
    // Without an ending it is the table's own page.
    page::release(&unit, sequence, &name, &site).await?.ok_or_else(Refusal::not_found)
}

/// All newest tables of a county.
pub(super) async fn county(
    unit: &StatisticsUnit,
    purpose: &Purpose,
    site: &Site,
) -> Result<Response, Refusal> {
    let shelf = Shelf::of(unit, &purpose.project, site).await?;
    let documents = shelf.newest(purpose);
    if documents.is_empty() {
        return Err(Refusal::not_found());
    }
    let bytes = book(&documents, purpose, &names(&unit.policies()), unit, site)?;
    Ok(attachment(&format!("{}.xlsx", purpose.project), XLSX, bytes))
}

fn book(
    documents: &[&Document],
    purpose: &Purpose,
    names: &Names,
    unit: &StatisticsUnit,
    site: &Site,
) -> Result<Vec<u8>, Refusal> {
    let title = &purpose.territory.label;
    let style = WorkbookStyle {
        title,
        names,
        tolerance: site.tolerance,
        calibrations: &site.calibrations,
        made: unit.now(),
    };
    workbook(documents, &style).map_err(|e| fault(&e))
}

/// `name` consists of what stands in addresses: letters, digits, `-`, `_` and points.
pub(super) fn attachment(name: &str, kind: &str, bytes: Vec<u8>) -> Response {
    let heads = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (POLICY, heads, bytes).into_response()
}
