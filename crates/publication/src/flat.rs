//! Every released cell as one row: the table that BI tools read.
//!
//! All formats of a [`LongTable`] say the same, because they are written from the same rows:
//! [`plain_csv`](LongTable::plain_csv) and [`excel_csv`](LongTable::excel_csv),
//! [`parquet`](LongTable::parquet), [`workbook`](LongTable::workbook), the metadata beside them
//! ([`csvw`](LongTable::csvw), [`data_package`](LongTable::data_package)), the feed and the
//! databases, which take columns and rows as they stand.
//!
//! Columns have a German name, an English one, or both; a reader takes one language and gets a
//! table that is whole. What a cell's number is without its neighbours would be lost in a table, so
//! the level of each row stands beside it (`ebene`): adding rows of two levels counts people twice.

mod build;
mod columns;
mod csv;
mod json;
mod json_stat;
mod metadata;
mod parquet;
mod sheet;
mod sheet_steps;

use std::sync::Arc;

pub use build::Dated;
pub use json_stat::{json_stat, json_stat_collection};
pub use metadata::About;
pub use sheet::BookStyle;

/// In which language a table's columns are named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// German, as tables are read here.
    German,
    /// English.
    English,
}

/// What the values of a column are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A whole number.
    Whole,
    /// A number, which is written without a point where it is whole.
    Number,
    /// Yes or no.
    Truth,
    /// A day.
    Date,
}

/// A column of a [`LongTable`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Column {
    /// Name among the German columns, `a-z`, `0-9` and `_`; `None` where it is not one of them.
    pub german: Option<String>,
    /// Name among the English columns.
    pub english: Option<String>,
    /// What its values are.
    pub kind: ColumnKind,
    /// Whether a value may be missing.
    pub optional: bool,
    /// What it says, in German.
    pub words: String,
    /// What it says, in English.
    pub english_words: String,
}

impl Column {
    /// Its name in a language.
    #[must_use]
    pub fn name(&self, language: Language) -> Option<&str> {
        match language {
            Language::German => self.german.as_deref(),
            Language::English => self.english.as_deref(),
        }
    }

    /// What it says, in a language.
    #[must_use]
    pub fn words(&self, language: Language) -> &str {
        match language {
            Language::German => &self.words,
            Language::English => &self.english_words,
        }
    }
}

/// A value of a [`LongTable`].
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// None.
    Nothing,
    /// Text.
    Text(Arc<str>),
    /// A whole number.
    Whole(i64),
    /// A number that may have decimals; finite.
    Number(f64),
    /// Yes or no.
    Truth(bool),
    /// A day.
    Date(jiff::civil::Date),
}

impl Value {
    fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Arc::from(text.as_ref()))
    }
}

/// Released cells, one row each.
#[derive(Debug)]
pub struct LongTable {
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

impl LongTable {
    /// Most rows of a table: what ten releases of the greatest size have.
    pub const MAX_ROWS: usize = 1_000_000;

    /// The columns, in their order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The rows: one value per column, in the order of the columns.
    #[must_use]
    pub fn rows(&self) -> &[Vec<Value>] {
        &self.rows
    }

    /// The columns of a language, with their places.
    pub fn columns_in(&self, language: Language) -> impl Iterator<Item = (usize, &Column, &str)> {
        let named = move |(at, own)| Some((at, own, Column::name(own, language)?));
        self.columns.iter().enumerate().filter_map(named)
    }

    /// The rows of a project alone, with all columns.
    #[must_use]
    pub fn of_project(&self, project: &str) -> Self {
        let at = self.place(columns::PROJECT);
        let is_own = |row: &&Vec<Value>| {
            let value = at.and_then(|at| row.get(at));
            matches!(value, Some(Value::Text(own)) if &**own == project)
        };
        let rows = self.rows.iter().filter(is_own).cloned().collect();
        Self { columns: self.columns.clone(), rows }
    }

    /// Indicators of the table as `(id, label, whether its numbers are whole)`, by id; where a
    /// label changed the newest.
    #[must_use]
    pub fn indicators(&self) -> Vec<(String, String, bool)> {
        let places = [columns::INDICATOR_ID, columns::INDICATOR, columns::VALUE, columns::UNBIASED];
        let [Some(id), Some(label), Some(value), Some(unbiased)] =
            places.map(|name| self.place(name))
        else {
            return Vec::new();
        };
        let mut found = std::collections::BTreeMap::new();
        for row in &self.rows {
            let (Some(Value::Text(id)), Some(Value::Text(label))) = (row.get(id), row.get(label))
            else {
                continue;
            };
            let is_whole = |at: usize| !matches!(row.get(at), Some(Value::Number(_)));
            let own = found.entry(id.to_string()).or_insert_with(|| (label.to_string(), true));
            own.0 = label.to_string();
            own.1 &= is_whole(value) && is_whole(unbiased);
        }
        found.into_iter().map(|(id, (label, whole))| (id, label, whole)).collect()
    }

    /// Where the column with that English name stands.
    #[must_use]
    pub fn place(&self, english: &str) -> Option<usize> {
        self.columns.iter().position(|own| own.english.as_deref() == Some(english))
    }
}
