//! Where BI tools find the releases: a SQLite file, a PostgreSQL database, or both.

use std::path::{Path, PathBuf};

use anyhow::Context;
use publication::{ColumnKind, LongTable, Value};
use serde::{Deserialize, Serialize};
use store::views::{self, Column, Content, Indicator};

use crate::keys;

/// `[bi]` of a statistics unit's configuration.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BiConfig {
    /// The SQLite file that is replaced after each release; in a folder of its own, which a BI tool
    /// may read.
    #[serde(default)]
    pub sqlite: Option<PathBuf>,
    /// File (0600) with the address of a PostgreSQL database of the releases' own, such as
    /// `postgres://writer:password@localhost/releases`.
    #[serde(default)]
    pub postgres_url_file: Option<PathBuf>,
    /// Where readers reach this unit, such as `https://statistik.kreis.example`; stands in the feed
    /// and in workbooks. Without it they have the host that the reader asked for.
    #[serde(default)]
    pub public_address: Option<String>,
}

/// What was written where.
#[derive(Debug, Serialize)]
pub(crate) struct Written {
    /// `sqlite` or `postgres`.
    pub(crate) into: &'static str,
    /// The file, or the schema.
    pub(crate) place: String,
    /// Rows of the long table.
    pub(crate) rows: u64,
    /// Names of the views.
    pub(crate) views: Vec<String>,
}

impl BiConfig {
    /// Whether there is anything to write.
    pub(crate) fn writes(&self) -> bool {
        self.sqlite.is_some() || self.postgres_url_file.is_some()
    }

    /// Refuses an address that is none, and takes the slash from its end.
    ///
    /// # Errors
    /// Says what an address is.
    pub(crate) fn check(&mut self) -> anyhow::Result<()> {
        let Some(own) = &mut self.public_address else { return Ok(()) };
        let plain = own.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\?#".contains(&b));
        if !plain || !(own.starts_with("https://") || own.starts_with("http://")) {
            anyhow::bail!("public_address is such as \"https://statistik.kreis.example\"");
        }
        own.truncate(own.trim_end_matches('/').len());
        Ok(())
    }
}

/// Writes `table` to the file at `path`.
///
/// # Errors
/// Why nothing was written.
pub(crate) async fn write_sqlite(path: &Path, table: &LongTable) -> anyhow::Result<Written> {
    let written = views::write_sqlite(path, content(table)).await?;
    let place = path.display().to_string();
    Ok(Written { into: "sqlite", place, rows: written.rows, views: written.views })
}

/// Writes `table` into the database whose address the file at `path` holds.
///
/// # Errors
/// Why nothing was written.
pub(crate) async fn write_postgres(path: &Path, table: &LongTable) -> anyhow::Result<Written> {
    let url = keys::database_url(path).context("the address of the database")?;
    let written = views::write_postgres(&url, content(table)).await?;
    let place = views::SCHEMA.to_owned();
    Ok(Written { into: "postgres", place, rows: written.rows, views: written.views })
}

fn content(table: &LongTable) -> Content<'_> {
    let column = |own: &publication::Column| Column {
        german: own.german.clone(),
        english: own.english.clone(),
        kind: match own.kind {
            ColumnKind::Text => views::ColumnKind::Text,
            ColumnKind::Whole => views::ColumnKind::Whole,
            ColumnKind::Number => views::ColumnKind::Number,
            ColumnKind::Truth => views::ColumnKind::Truth,
            ColumnKind::Date => views::ColumnKind::Date,
        },
    };
    let indicators = table.indicators().into_iter();
    let indicators = indicators.map(|(id, _, whole)| Indicator { id, whole });
    let rows = table.rows().iter().map(|row| row.iter().map(value).collect());
    Content {
        columns: table.columns().iter().map(column).collect(),
        indicators: indicators.collect(),
        rows: Box::new(rows),
    }
}

fn value(own: &Value) -> views::Value<'_> {
    match own {
        Value::Nothing => views::Value::Nothing,
        Value::Text(own) => views::Value::Text(own),
        Value::Whole(own) => views::Value::Whole(*own),
        Value::Number(own) => views::Value::Number(*own),
        Value::Truth(own) => views::Value::Truth(*own),
        Value::Date(own) => views::Value::Date(own.to_string()),
    }
}
