//! What stands beside the CSV files so that programs know what they read: CSV on the Web
//! (<https://www.w3.org/TR/tabular-metadata/>) and a Frictionless Data Package
//! (<https://datapackage.org/standard/data-package/>).

use serde_json::{Map, Value as Json, json};

use super::{Column, ColumnKind, Language, LongTable};
use crate::Error;

/// What the metadata say of a table besides its columns.
#[derive(Clone, Copy)]
pub struct About<'a> {
    /// Short name, such as the project's.
    pub name: &'a str,
    /// Title, such as the county's name.
    pub title: &'a str,
    /// Unix seconds at which it is made.
    pub made: i64,
}

/// How to read the numbers.
const READING: &str = "Freigegebene Zahlen mit Zufallszugabe (Differential Privacy). „wert“ ist zum \
     Zeigen: ganzzahlig ab 0, Summen gehen auf, dafür verzerrt; wo die Freigabe keine solche Zahl \
     hat (Mittelwerte, Anteile, Quantile), steht dort „wert_unverzerrt“. „von“ und „bis“ gelten um \
     „wert_unverzerrt“. Zeilen verschiedener „ebene“ nicht addieren; „aktuell“ wählt die neueste \
     Freigabe jeder Tabelle.";
const READING_ENGLISH: &str = "Released numbers with noise (differential privacy). \"value\" is for \
     showing: whole, from 0 on, totals add up, and therefore biased; where the release has no such \
     number (means, shares, quantiles) it is \"value_unbiased\". \"low\" and \"high\" hold around \
     \"value_unbiased\". Do not add rows of different \"level\"; \"is_current\" selects the newest \
     release of each table.";

fn reading(language: Language) -> &'static str {
    match language {
        Language::German => READING,
        Language::English => READING_ENGLISH,
    }
}

fn tag(language: Language) -> &'static str {
    match language {
        Language::German => "de",
        Language::English => "en",
    }
}

impl LongTable {
    /// CSVW metadata of [`LongTable::plain_csv`], which stands at `file` beside it.
    ///
    /// # Errors
    /// [`Error::LongTable`].
    pub fn csvw(&self, file: &str, about: About<'_>, language: Language) -> Result<Vec<u8>, Error> {
        let column = |(_, own, name): (usize, &Column, &str)| {
            let datatype = match own.kind {
                ColumnKind::Text => "string",
                ColumnKind::Whole => "integer",
                ColumnKind::Number => "number",
                ColumnKind::Truth => "boolean",
                ColumnKind::Date => "date",
            };
            json!({
                "name": name,
                "titles": name,
                "datatype": datatype,
                "required": !own.optional,
                "dc:description": own.words(language),
            })
        };
        let columns: Vec<Json> = self.columns_in(language).map(column).collect();
        written(&json!({
            "@context": ["http://www.w3.org/ns/csvw", {"@language": tag(language)}],
            "url": file,
            "dc:title": about.title,
            "dc:description": reading(language),
            "dc:modified": instant(about.made),
            "dialect": {"delimiter": ",", "encoding": "utf-8", "lineTerminators": ["\r\n"]},
            "tableSchema": {"columns": columns, "primaryKey": "id"},
        }))
    }

    /// A Frictionless Data Package whose resources are the plain CSV files named here, each with
    /// its language.
    ///
    /// # Errors
    /// [`Error::LongTable`].
    pub fn data_package(
        &self,
        files: &[(&str, Language)],
        about: About<'_>,
    ) -> Result<Vec<u8>, Error> {
        let resource = |(file, language): &(&str, Language)| {
            let name = file.rsplit_once('.').map_or(*file, |(name, _)| name);
            json!({
                "name": name,
                "path": file,
                "title": about.title,
                "description": reading(*language),
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n"},
                "schema": self.schema(*language),
            })
        };
        let resources: Vec<Json> = files.iter().map(resource).collect();
        written(&json!({
            "profile": "tabular-data-package",
            "name": about.name,
            "title": about.title,
            "description": reading(Language::German),
            "created": instant(about.made),
            "resources": resources,
        }))
    }

    fn schema(&self, language: Language) -> Json {
        let field = |(_, own, name): (usize, &Column, &str)| {
            let kind = match own.kind {
                ColumnKind::Text => "string",
                ColumnKind::Whole => "integer",
                ColumnKind::Number => "number",
                ColumnKind::Truth => "boolean",
                ColumnKind::Date => "date",
            };
            let mut field = Map::new();
            field.insert("name".to_owned(), json!(name));
            field.insert("type".to_owned(), json!(kind));
            field.insert("description".to_owned(), json!(own.words(language)));
            if !own.optional {
                let constraints = json!({"required": true, "unique": name == "id"});
                field.insert("constraints".to_owned(), constraints);
            }
            Json::Object(field)
        };
        let fields: Vec<Json> = self.columns_in(language).map(field).collect();
        json!({"fields": fields, "primaryKey": "id", "missingValues": [""]})
    }
}

fn instant(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or_default().to_string()
}

fn written(value: &Json) -> Result<Vec<u8>, Error> {
    serde_json::to_vec_pretty(value).map_err(|_| Error::LongTable("it could not be written"))
}
