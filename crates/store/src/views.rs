//! Released cells as tables and views for BI tools, outside the units' own databases.
//!
//! What is written here was released and is public; this module gets it as rows and learns nothing
//! of the unit. [`write_sqlite`] makes a file that is whole or not there; [`write_postgres`] fills
//! the schema `milchglas_release` of a database of its own, whose role `milchglas_bi` may read
//! these views and nothing else.
//!
//! One table holds every cell; `freigaben` and `releases` show it with German and English columns,
//! `kennzahl_…` and `indicator_…` the newest rows of one indicator.

mod postgres;
mod role;
mod sql;
mod sqlite;

use thiserror::Error;

pub use postgres::write_postgres;
pub use role::ROLE;
pub use sqlite::write_sqlite;

/// The schema in PostgreSQL.
pub const SCHEMA: &str = "milchglas_release";

/// What the values of a column are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A whole number.
    Whole,
    /// A number with or without decimals.
    Number,
    /// Yes or no.
    Truth,
    /// A day, as `2025-12-31`.
    Date,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its German name, where it has one.
    pub german: Option<String>,
    /// Its English name, where it has one.
    pub english: Option<String>,
    /// What its values are.
    pub kind: ColumnKind,
}

/// A value.
#[derive(Clone, PartialEq, Debug)]
pub enum Value<'a> {
    /// None.
    Nothing,
    /// Text, borrowed from the table.
    Text(&'a str),
    /// A day, written out.
    Date(String),
    /// A whole number.
    Whole(i64),
    /// A number; finite.
    Number(f64),
    /// Yes or no.
    Truth(bool),
}

/// An indicator, which gets views of its own.
#[derive(Clone, Debug)]
pub struct Indicator {
    /// Its short name.
    pub id: String,
    /// Whether all its numbers are whole.
    pub whole: bool,
}

/// What is written.
pub struct Content<'a> {
    /// The columns; `indicator_id` and `is_current` are among their English names.
    pub columns: Vec<Column>,
    /// The indicators.
    pub indicators: Vec<Indicator>,
    /// The rows, a value per column.
    pub rows: Box<dyn Iterator<Item = Vec<Value<'a>>> + Send + 'a>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// Names of the views.
    pub views: Vec<String>,
}

/// Why nothing was written: all or nothing.
#[derive(Debug, Error)]
pub enum ViewError {
    /// A name that is no name of a column or indicator.
    #[error("a column or indicator has a name that no database takes: {0}")]
    Name(String),
    /// The file cannot be written.
    #[error("cannot write {path}: {reason}; check the folder and its permissions")]
    File {
        /// Which.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The address of the database cannot be read.
    #[error(
        "the file with the address of the database does not hold postgres://user:password@host/database"
    )]
    Address,
    /// A password would travel in clear.
    #[error(
        "a database on another machine is reached by TLS only: add ?sslmode=verify-full to its address"
    )]
    Plain,
    /// The database is one of a unit's.
    #[error(
        "this database holds more than releases ({0}); give the releases a database of their own"
    )]
    NotItsOwn(String),
    /// The role may do more than read the views.
    #[error(
        "the role milchglas_bi could do more than read the releases ({0}); take that from it, or \
         give the releases a database of their own, and start again"
    )]
    RoleReaches(String),
    /// The database refuses. The text is the server's, and holds no address or password.
    #[error("the database refuses: {0}")]
    Database(String),
}

impl From<sqlx::Error> for ViewError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(own) => Self::Database(own.message().to_owned()),
            sqlx::Error::Io(own) => Self::Database(format!("not reachable, {}", own.kind())),
            // Other texts may quote the address.
            _ => Self::Database("the connection failed".to_owned()),
        }
    }
}
