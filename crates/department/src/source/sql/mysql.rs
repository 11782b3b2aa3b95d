//! MySQL and MariaDB.

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions, Executor, MySql, SqlSafeStr, Statement, TypeInfo,
};

use super::SqlSource;
use super::fault::SqlFault;
use super::place::{Server, Way};
use super::stream;
use super::table::Table;
use super::values::{Column, Kind, check_names};

pub(super) async fn read(
    source: &SqlSource,
    server: &Server,
    table: &mut Table<'_>,
) -> Result<(), SqlFault> {
    let connecting = options(source, server).connect().await;
    let mut connection = connecting.map_err(|e| SqlFault::connecting(&e))?;
    let seconds = source.timeout_seconds;
    // Each of the two products knows one of them; the time is kept on this side too.
    for limit in [
        format!("SET SESSION max_execution_time = {}", u64::from(seconds) * 1000),
        format!("SET SESSION max_statement_time = {seconds}"),
    ] {
        let _ = sqlx::raw_sql(AssertSqlSafe(limit)).execute(&mut connection).await;
    }
    for begin in ["SET SESSION TRANSACTION READ ONLY", "START TRANSACTION READ ONLY"] {
        let begun = sqlx::raw_sql(begin).execute(&mut connection).await;
        begun.map_err(|e| SqlFault::before(&e))?;
    }
    let columns = columns(&mut connection, &source.query).await?;
    stream::rows::<MySql>(&mut connection, &source.query, &columns, table).await
}

/// The server's own time zone and modes stay as they are: the query was written for them.
fn options(source: &SqlSource, server: &Server) -> MySqlConnectOptions {
    let mut options = MySqlConnectOptions::new()
        .username(&source.user)
        .password(&source.password)
        .database(&server.database)
        .timezone(None)
        .pipes_as_concat(false)
        .no_engine_substitution(false);
    options = match &server.way {
        Way::Socket(file) => options.socket(file),
        Way::Network { host, port } => options.host(host).port(*port),
    };
    let mode = match (&server.way, server.is_remote() || source.authority.is_some()) {
        (Way::Socket(_), _) => MySqlSslMode::Disabled,
        (_, true) => MySqlSslMode::VerifyIdentity,
        (_, false) => MySqlSslMode::Preferred,
    };
    options = options.ssl_mode(mode);
    match &source.authority {
        Some(authority) => options.ssl_ca_from_pem(authority.clone()),
        None => options,
    }
}

/// Preparing refuses a second statement and tells the types.
async fn columns(connection: &mut MySqlConnection, query: &str) -> Result<Vec<Column>, SqlFault> {
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
        let (name, own) = (column.name().to_owned(), column.type_info().name());
        match kind(own) {
            Some(kind) => Ok(Column { name, kind }),
            None => Err(SqlFault::ColumnType { column: name, kind: own.to_owned() }),
        }
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    check_names(&columns)?;
    Ok(columns)
}

fn kind(own: &str) -> Option<Kind> {
    Some(match own {
        "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" | "SET"
        | "TIME" | "NULL" => Kind::Text,
        "FLOAT" | "DOUBLE" | "DECIMAL" | "YEAR" => Kind::Number,
        "BOOLEAN" => Kind::Truth,
        "DATE" => Kind::Date,
        "DATETIME" | "TIMESTAMP" => Kind::Moment,
        _ => {
            let own = own.trim_end_matches(" UNSIGNED");
            let whole = ["TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT"].contains(&own);
            return whole.then_some(Kind::Number);
        }
    })
}
