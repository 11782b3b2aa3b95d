//! PostgreSQL.

use std::path::Path;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode, PgTypeInfo, PgTypeKind};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions, Executor, Postgres, SqlSafeStr, Statement, TypeInfo,
};

use super::SqlSource;
use super::fault::SqlFault;
use super::place::{Server, Way};
use super::stream;
use super::table::Table;
use super::values::{Column, Kind, check_names};

/// A day begins at midnight in Germany, whatever the server's own zone.
const SESSION: &str = "SET TIME ZONE 'Europe/Berlin'; SET DateStyle = 'ISO'; \
    SET default_transaction_read_only = on; START TRANSACTION READ ONLY";

pub(super) async fn read(
    source: &SqlSource,
    server: &Server,
    table: &mut Table<'_>,
) -> Result<(), SqlFault> {
    let connecting = options(source, server).connect().await;
    let mut connection = connecting.map_err(|e| SqlFault::connecting(&e))?;
    let limit = format!("SET statement_timeout = '{}s'; {SESSION}", source.timeout_seconds);
    let begun = sqlx::raw_sql(AssertSqlSafe(limit)).execute(&mut connection).await;
    begun.map_err(|e| SqlFault::before(&e))?;
    let columns = columns(&mut connection, &source.query).await?;
    stream::rows::<Postgres>(&mut connection, &source.query, &columns, table).await
}

/// Everything is set, because the driver takes what is missing from its environment.
fn options(source: &SqlSource, server: &Server) -> PgConnectOptions {
    let mut options = PgConnectOptions::new_without_pgpass()
        .username(&source.user)
        .password(&source.password)
        .database(&server.database)
        .application_name("milchglas-department");
    options = match &server.way {
        Way::Socket(path) => match socket_port(path) {
            Some((folder, port)) => options.socket(folder).port(port),
            None => options.socket(path).port(5432),
        },
        Way::Network { host, port } => options.host(host).port(*port),
    };
    let mode = match (&server.way, server.is_remote() || source.authority.is_some()) {
        (Way::Socket(_), _) => PgSslMode::Disable,
        (_, true) => PgSslMode::VerifyFull,
        (_, false) => PgSslMode::Prefer,
    };
    options = options.ssl_mode(mode);
    match &source.authority {
        Some(authority) => options.ssl_root_cert_from_pem(authority.clone()),
        None => options,
    }
}

/// Where the socket itself is named instead of its folder, its name tells the port.
fn socket_port(path: &Path) -> Option<(&Path, u16)> {
    let port = path.file_name()?.to_str()?.strip_prefix(".s.PGSQL.")?.parse().ok()?;
    Some((path.parent()?, port))
}

/// Preparing refuses a second statement and tells the types.
async fn columns(connection: &mut PgConnection, query: &str) -> Result<Vec<Column>, SqlFault> {
    let query = AssertSqlSafe(query.to_owned()).into_sql_str();
    let statement = connection.prepare(query).await.map_err(|e| SqlFault::before(&e))?;
    let parameters = match statement.parameters() {
        Some(sqlx::Either::Left(types)) => types.len(),
        Some(sqlx::Either::Right(number)) => number,
        None => 0,
    };
    if parameters > 0 {
        return Err(SqlFault::Parameters);
    }
    let columns = statement.columns().iter().map(|column| {
        let (name, own) = (column.name().to_owned(), column.type_info());
        match kind(own) {
            Some(kind) => Ok(Column { name, kind }),
            None => Err(SqlFault::ColumnType { column: name, kind: own.name().to_owned() }),
        }
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    check_names(&columns)?;
    Ok(columns)
}

fn kind(own: &PgTypeInfo) -> Option<Kind> {
    match own.kind() {
        PgTypeKind::Enum(_) => return Some(Kind::Text),
        PgTypeKind::Domain(inner) => return kind(inner),
        _ => {}
    }
    Some(match own.name() {
        "TEXT" | "VARCHAR" | "CHAR" | "\"CHAR\"" | "NAME" | "UNKNOWN" | "UUID" | "citext"
        | "TIME" => Kind::Text,
        "INT2" | "INT4" | "INT8" | "FLOAT4" | "FLOAT8" | "NUMERIC" => Kind::Number,
        "BOOL" => Kind::Truth,
        "DATE" => Kind::Date,
        "TIMESTAMP" | "TIMESTAMPTZ" => Kind::Moment,
        _ => return None,
    })
}
