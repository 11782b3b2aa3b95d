//! Releases in a PostgreSQL database of their own.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::str::FromStr as _;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::sql::{self, Spelling, View};
use super::{Column, ColumnKind, Content, SCHEMA, Value, ViewError, Written, role};

const SPELLING: Spelling = Spelling {
    kind: |kind| match kind {
        ColumnKind::Text => "text",
        ColumnKind::Whole => "bigint",
        ColumnKind::Number => "double precision",
        ColumnKind::Truth => "boolean",
        ColumnKind::Date => "date",
    },
    prefix: "milchglas_release.",
};

/// Bytes that go to the server at once.
const PIECE: usize = 1 << 20;

/// Fills the schema [`SCHEMA`] of the database behind `url` in one transaction, with the role
/// [`role::ROLE`](super::ROLE) that may read its views and nothing else in this database. Readers
/// have the old releases until the new ones are all there. Tables and views are made anew only
/// where their columns changed.
///
/// # Errors
/// [`ViewError`]; then the database is as it was.
pub async fn write_postgres(url: &str, content: Content<'_>) -> Result<Written, ViewError> {
    sql::check(&content)?;
    let options = PgConnectOptions::from_str(url).map_err(|_| ViewError::Address)?;
    let here = options.get_socket().is_some() || is_here(options.get_host());
    let verified = matches!(options.get_ssl_mode(), PgSslMode::VerifyFull | PgSslMode::VerifyCa);
    if !here && !verified {
        return Err(ViewError::Plain);
    }
    let mut connection = options.connect().await?;
    let written = within(&mut connection, content).await;
    match written {
        Ok(written) => {
            run(&mut connection, "COMMIT").await?;
            connection.close().await?;
            Ok(written)
        }
        Err(error) => {
            // Closing without COMMIT takes everything back.
            let _ = connection.close().await;
            Err(error)
        }
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost"
        || host.starts_with('/')
        || host.parse::<IpAddr>().is_ok_and(|own| own.is_loopback())
}

async fn within(connection: &mut PgConnection, content: Content<'_>) -> Result<Written, ViewError> {
    run(connection, "BEGIN").await?;
    // Two units that write at once would make the same things.
    run(connection, "SELECT pg_advisory_xact_lock(7160244931)").await?;
    role::refuse_a_units_database(connection).await?;
    run(connection, &format!("CREATE SCHEMA IF NOT EXISTS {SCHEMA}")).await?;
    let views = sql::views(&content, &SPELLING, "bigint");
    if table_columns(connection, sql::TABLE).await? == wanted(&content.columns) {
        run(connection, &format!("DELETE FROM {SCHEMA}.{}", sql::TABLE)).await?;
    } else {
        drop_views(connection, |_| true).await?;
        run(connection, &format!("DROP TABLE IF EXISTS {SCHEMA}.{}", sql::TABLE)).await?;
        run(connection, &sql::create_table(&content.columns, &SPELLING)).await?;
        let index = format!("CREATE INDEX by_indicator ON {SCHEMA}.{} (indicator_id)", sql::TABLE);
        run(connection, &index).await?;
    }
    let names: Vec<String> =
        content.columns.iter().map(|own| format!("\"{}\"", sql::own_name(own))).collect();
    let rows = copy(connection, &names, content.rows).await?;
    place_views(connection, &views).await?;
    role::grant(connection, &views).await?;
    Ok(Written { rows, views: views.into_iter().map(|own| own.name).collect() })
}

async fn run(connection: &mut PgConnection, statement: &str) -> Result<(), ViewError> {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(connection).await?;
    Ok(())
}

fn wanted(columns: &[Column]) -> Vec<(String, String)> {
    let own = |own: &Column| (sql::own_name(own).to_owned(), (SPELLING.kind)(own.kind).to_owned());
    columns.iter().map(own).collect()
}

/// Name and type of each column of a table or view; none where it is not there.
async fn table_columns(
    connection: &mut PgConnection,
    name: &str,
) -> Result<Vec<(String, String)>, ViewError> {
    let found = sqlx::query_as(
        "SELECT column_name::text, data_type::text FROM information_schema.columns \
         WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position",
    );
    Ok(found.bind(SCHEMA).bind(name).fetch_all(connection).await?)
}

/// Takes away the views of the schema that `is_old` names.
async fn drop_views(
    connection: &mut PgConnection,
    is_old: impl Fn(&str) -> bool,
) -> Result<(), ViewError> {
    let found = "SELECT viewname::text FROM pg_views WHERE schemaname = $1";
    let names: Vec<String> =
        sqlx::query_scalar(found).bind(SCHEMA).fetch_all(&mut *connection).await?;
    for name in names.iter().filter(|own| is_old(own)) {
        let quoted = name.replace('"', "\"\"");
        run(connection, &format!("DROP VIEW {SCHEMA}.\"{quoted}\"")).await?;
    }
    Ok(())
}

/// Makes the views, and takes away those of indicators that are no more. What somebody else put
/// into the schema under another name goes too: the schema is ours alone.
async fn place_views(connection: &mut PgConnection, views: &[View]) -> Result<(), ViewError> {
    drop_views(connection, |name| !views.iter().any(|own| own.name == name)).await?;
    for own in views {
        let columns: Vec<String> =
            table_columns(connection, &own.name).await?.into_iter().map(|own| own.0).collect();
        if !columns.is_empty() && columns != own.columns {
            run(connection, &format!("DROP VIEW {SCHEMA}.\"{}\"", own.name)).await?;
        }
        let create = format!("CREATE OR REPLACE VIEW {SCHEMA}.\"{}\" AS {}", own.name, own.select);
        let replaced = run(connection, &format!("SAVEPOINT view; {create}")).await;
        if replaced.is_err() {
            // The type of a column changed: an indicator has decimals now.
            let anew = format!(
                "ROLLBACK TO SAVEPOINT view; DROP VIEW {SCHEMA}.\"{}\"; {create}",
                own.name
            );
            run(connection, &anew).await?;
        }
    }
    Ok(())
}

async fn copy(
    connection: &mut PgConnection,
    names: &[String],
    rows: Box<dyn Iterator<Item = Vec<Value<'_>>> + Send + '_>,
) -> Result<u64, ViewError> {
    let statement = format!("COPY {SCHEMA}.{} ({}) FROM STDIN", sql::TABLE, names.join(", "));
    let mut stream = connection.copy_in_raw(&statement).await?;
    let mut text = String::new();
    for row in rows {
        line(&mut text, &row);
        if text.len() >= PIECE {
            stream.send(std::mem::take(&mut text).into_bytes()).await?;
        }
    }
    stream.send(text.into_bytes()).await?;
    Ok(stream.finish().await?)
}

/// A row in PostgreSQL's text format of COPY.
fn line(text: &mut String, row: &[Value<'_>]) {
    for (at, value) in row.iter().enumerate() {
        if at > 0 {
            text.push('\t');
        }
        // A String takes everything that is written to it.
        let _ = match value {
            Value::Nothing => write!(text, "\\N"),
            Value::Whole(own) => write!(text, "{own}"),
            Value::Number(own) => write!(text, "{own}"),
            Value::Truth(own) => write!(text, "{own}"),
            Value::Date(own) => write!(text, "{own}"),
            Value::Text(own) => {
                for c in own.chars() {
                    match c {
                        '\\' => text.push_str("\\\\"),
                        '\t' => text.push_str("\\t"),
                        '\n' => text.push_str("\\n"),
                        '\r' => text.push_str("\\r"),
                        c => text.push(c),
                    }
                }
                Ok(())
            }
        };
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_part_a_line_is_escaped() {
        let mut text = String::new();
        line(&mut text, &[Value::Text("a\tb\n\\N"), Value::Nothing, Value::Number(-1.5)]);
        assert_eq!(text, "a\\tb\\n\\\\N\t\\N\t-1.5\n");
    }

    #[test]
    fn only_this_machine_is_reached_without_tls() {
        for host in ["localhost", "127.0.0.1", "::1", "/var/run/postgresql"] {
            assert!(is_here(host), "{host}");
        }
        for host in ["db.example", "10.0.0.1", "127.0.0.1.example"] {
            assert!(!is_here(host), "{host}");
        }
    }
}
