//! All releases of a project in one file, in every format.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use policy::Name;
use publication::{About, BookStyle, Error, Language, LongTable, json_stat, json_stat_collection};
use statistics_unit::StatisticsUnit;

use super::downloads::{CSV, XLSX, attachment};
use super::released::Released;
use super::shelf::projects_of;
use super::{Site, fault};
use crate::api::answer::Refusal;
use crate::api::caller::segment;

const JSON: &str = "application/json";
const PARQUET: &str = "application/vnd.apache.parquet";

/// `/projects/{name}/{file}`.
pub(super) async fn file(
    State(unit): State<StatisticsUnit>,
    Path((name, file)): Path<(String, String)>,
    headers: HeaderMap,
    site: Arc<Site>,
) -> Result<Response, Refusal> {
    let project: Name = segment(&name)?;
    let projects = projects_of(&unit.policies());
    let purpose = projects.get(&project).ok_or_else(Refusal::not_found)?;
    let kind = kind_of(&file).ok_or_else(Refusal::not_found)?;
    let released = site.released(&unit).await?;
    let asked = Asked {
        file: file.clone(),
        project,
        title: purpose.territory.label.clone(),
        address: site.address(&headers)?,
        made: unit.now(),
    };
    // Writing a million rows takes seconds, which other callers need not wait for.
    let written = tokio::task::spawn_blocking(move || asked.written(&released)).await;
    let bytes = written.map_err(|e| fault(&e))?.map_err(|e| fault(&e))?;
    Ok(attachment(&file, kind, bytes))
}

fn kind_of(file: &str) -> Option<&'static str> {
    Some(match file {
        "freigaben.csv" | "freigaben-excel.csv" | "releases.csv" => CSV,
        "freigaben.parquet" | "releases.parquet" => PARQUET,
        "Sozialmonitoring.xlsx" => XLSX,
        "freigaben.jsonstat" | "long-table.json" | "datapackage.json" => JSON,
        "freigaben.csv-metadata.json" | "releases.csv-metadata.json" => "application/csvm+json",
        _ => return None,
    })
}

struct Asked {
    file: String,
    project: Name,
    title: String,
    address: String,
    made: i64,
}

impl Asked {
    fn written(&self, released: &Released) -> Result<Vec<u8>, Error> {
        let project = self.project.as_str();
        let title = &self.title;
        if self.file == "freigaben.jsonstat" {
            let documents = released.documents(&self.project);
            return json_stat_collection(title, &documents, &released.names);
        }
        let table: LongTable = released.table.of_project(project);
        let about = About { name: project, title, made: self.made };
        let book = BookStyle { title, address: &self.address, project, made: self.made };
        let (german, english) = (Language::German, Language::English);
        match self.file.as_str() {
            "freigaben.csv" => table.plain_csv(german),
            "freigaben-excel.csv" => table.excel_csv(german),
            "releases.csv" => table.plain_csv(english),
            "freigaben.parquet" => table.parquet(german),
            "releases.parquet" => table.parquet(english),
            "Sozialmonitoring.xlsx" => table.workbook(book),
            "freigaben.csv-metadata.json" => table.csvw("freigaben.csv", about, german),
            "releases.csv-metadata.json" => table.csvw("releases.csv", about, english),
            "datapackage.json" => {
                table.data_package(&[("freigaben.csv", german), ("releases.csv", english)], about)
            }
            _ => table.json(),
        }
    }
}

/// One table as a cube: `{indicator}.{year}[.{dimension}…].jsonstat` below the number of its charge.
pub(super) async fn cube(
    unit: &StatisticsUnit,
    (sequence, stem): (u64, &str),
    site: &Site,
) -> Result<Response, Refusal> {
    let released = site.released(unit).await?;
    let dated = released.find(sequence, stem).ok_or_else(Refusal::not_found)?;
    let bytes = json_stat(&dated, &released.names).map_err(|e| fault(&e))?;
    Ok(attachment(&format!("{stem}.jsonstat"), JSON, bytes))
}

impl Site {
    /// Where readers reach this unit, without a slash at the end: what the operator wrote down, else
    /// what the caller called it.
    pub(super) fn address(&self, headers: &HeaderMap) -> Result<String, Refusal> {
        if let Some(own) = &self.public_address {
            return Ok(own.clone());
        }
        let host = headers.get(header::HOST).and_then(|own| own.to_str().ok());
        // It comes back in links, so nothing else than a host goes in.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        let host = host.filter(|own| !own.is_empty() && own.len() <= 255 && own.chars().all(plain));
        let host = host.ok_or_else(Refusal::not_found)?;
        let scheme = if self.behind_tls_proxy { "https" } else { "http" };
        Ok(format!("{scheme}://{host}"))
    }

    /// All released cells.
    pub(super) async fn released(&self, unit: &StatisticsUnit) -> Result<Arc<Released>, Refusal> {
        self.kept.of(unit).await.map_err(|e| fault(e.as_ref()))
    }
}
