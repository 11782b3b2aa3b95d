//! What can go wrong between a department and its own database.

use thiserror::Error;

use super::SqlSource;
use crate::error::Error as DepartmentError;

/// A failure, without a value of a row and without the password.
#[derive(Debug, Error)]
pub enum SqlFault {
    /// No connection, or none that is trusted.
    #[error("the database is not reachable: {0}; check url, authority and the network")]
    Unreachable(String),
    /// The database refuses user or password.
    #[error("the database refuses the user ({0}); check user and password_file")]
    Refused(String),
    /// The database does not understand or permit the query.
    #[error("the database refuses the query: {0}")]
    Query(String),
    /// The query has no result.
    #[error("the query gives no columns; write one SELECT")]
    NoColumns,
    /// The query waits for values.
    #[error("the query has parameters; write the values into it")]
    Parameters,
    /// Two columns of one name.
    #[error("the query gives two columns named `{0}`; name one otherwise with AS")]
    ColumnTwice(String),
    /// A column that is no cell.
    #[error(
        "column `{column}` has the type {kind}, which is no cell of a table; leave it out or \
        CAST it to text"
    )]
    ColumnType {
        /// Its name.
        column: String,
        /// Its type.
        kind: String,
    },
    /// A value that has no text.
    #[error(
        "row {row}, column `{column}`: the value is no {kind} that a table could hold; CAST \
        it to text or correct it"
    )]
    Value {
        /// From 1.
        row: u64,
        /// Its name.
        column: String,
        /// What it should have been.
        kind: &'static str,
    },
    /// Something failed while rows were read.
    #[error("the database stopped after {rows} rows ({code}); look into its log")]
    Broken {
        /// Rows read before.
        rows: u64,
        /// The database's code of the error, or its kind.
        code: String,
    },
    /// More rows than expected.
    #[error("the query gives more than {0} rows; narrow it or raise most_rows")]
    TooManyRows(u64),
    /// Took too long.
    #[error("the query took longer than {0} seconds; narrow it or raise timeout_seconds")]
    Timeout(u32),
    /// The file cannot be written.
    #[error("cannot write the file: {0}; check the folder, its permissions and the free space")]
    Write(String),
}

impl SqlFault {
    pub(super) fn of(self, source: &SqlSource) -> DepartmentError {
        DepartmentError::Sql { path: source.path.clone(), reason: self }
    }

    /// A failure before any row was read: only the query and the connection can be quoted.
    pub(super) fn before(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => match error.code().as_deref() {
                // SQLSTATE class 28 and MySQL's access denied.
                Some(code) if code.starts_with("28") => Self::Refused(error.message().to_owned()),
                _ => Self::Query(error.message().to_owned()),
            },
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Self::Query("its columns cannot be told".into())
            }
            other => Self::Unreachable(other.to_string()),
        }
    }

    /// A failure while connecting.
    pub(super) fn connecting(error: &sqlx::Error) -> Self {
        match Self::before(error) {
            Self::Query(message) => Self::Unreachable(message),
            other => other,
        }
    }

    /// A failure while rows are read: its message may quote a value, its code does not.
    pub(super) fn after(error: &sqlx::Error, rows: u64) -> Self {
        let code = match error {
            sqlx::Error::Database(error) => {
                error.code().map_or_else(|| "no code".into(), |code| format!("code {code}"))
            }
            sqlx::Error::Io(error) => error.kind().to_string(),
            sqlx::Error::Tls(_) => "TLS".into(),
            sqlx::Error::Protocol(_) => "protocol".into(),
            _ => "driver".into(),
        };
        Self::Broken { rows, code }
    }
}
