//! The role that BI tools read with, and the proof that it can do nothing else.
//!
//! The role is made where it is missing, with no password: who runs the database gives it one, or
//! makes it a member of nothing and others members of it. After every write its rights are looked
//! at, those that everybody has included; where there are more than to read the views, the whole
//! write is taken back.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::sql::View;
use super::{SCHEMA, ViewError};

/// The role's name.
pub const ROLE: &str = "milchglas_bi";

/// A database in which a unit keeps its tables is no place for a reader from outside.
pub(super) async fn refuse_a_units_database(
    connection: &mut PgConnection,
) -> Result<(), ViewError> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relname IN ('installation', 'charge', 'batch') AND c.relkind IN ('r', 'p') \
         AND n.nspname <> $1 LIMIT 1",
    )
    .bind(SCHEMA)
    .fetch_optional(connection)
    .await?;
    found.map_or(Ok(()), |name| Err(ViewError::NotItsOwn(name)))
}

/// Gives the role the right to read `views`, takes every other one, and looks that none is left.
pub(super) async fn grant(connection: &mut PgConnection, views: &[View]) -> Result<(), ViewError> {
    make(connection).await?;
    let views = views.iter().map(|own| format!("{SCHEMA}.\"{}\"", own.name));
    let views = views.collect::<Vec<_>>().join(", ");
    let database: String = sqlx::query_scalar("SELECT quote_ident(current_database())")
        .fetch_one(&mut *connection)
        .await?;
    for statement in [
        format!("REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM PUBLIC, {ROLE}"),
        format!("REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC, {ROLE}"),
        format!("REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {ROLE}"),
        format!("REVOKE ALL ON SCHEMA public FROM PUBLIC, {ROLE}"),
        // Everybody may make large objects, whatever they may do else.
        "REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) \
         FROM PUBLIC"
            .to_owned(),
        format!("GRANT USAGE ON SCHEMA {SCHEMA} TO {ROLE}"),
        format!("GRANT SELECT ON {views} TO {ROLE}"),
    ] {
        attempt(connection, &statement).await?;
    }
    refuse_more(connection).await
}

/// Runs a statement; what the writer may not give or take shows when the rights are looked at.
async fn attempt(connection: &mut PgConnection, statement: &str) -> Result<(), ViewError> {
    let run = format!("SAVEPOINT attempt; {statement}");
    if let Err(error) = sqlx::raw_sql(AssertSqlSafe(run)).execute(&mut *connection).await {
        sqlx::raw_sql("ROLLBACK TO SAVEPOINT attempt").execute(connection).await?;
        if statement.starts_with("GRANT") {
            return Err(error.into());
        }
    }
    Ok(())
}

/// Makes the role where it is missing, and says once how its sessions begin.
async fn make(connection: &mut PgConnection) -> Result<(), ViewError> {
    let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(ROLE)
        .fetch_one(&mut *connection)
        .await?;
    if !there {
        let create = format!(
            "CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION \
             NOBYPASSRLS CONNECTION LIMIT 50"
        );
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *connection).await?;
    }
    let set: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole \
         WHERE r.rolname = $1 AND array_to_string(s.setconfig, ',') LIKE '%search_path=%')",
    )
    .bind(ROLE)
    .fetch_one(&mut *connection)
    .await?;
    if !set {
        for setting in [
            format!("search_path = {SCHEMA}"),
            "default_transaction_read_only = on".to_owned(),
            "statement_timeout = '5min'".to_owned(),
        ] {
            attempt(connection, &format!("ALTER ROLE {ROLE} SET {setting}")).await?;
        }
    }
    Ok(())
}

/// Everything that the role may do beside reading the views, its memberships and the rights of
/// everybody included. The catalogues of the system can be read by every role and name no value.
const MORE: &str = "
    SELECT 'it is more than a plain role' FROM pg_roles WHERE rolname = $1
        AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
    UNION ALL
    SELECT format('it is a member of %I', g.rolname) FROM pg_auth_members m
        JOIN pg_roles r ON r.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
        WHERE r.rolname = $1
    UNION ALL
    SELECT 'it may create schemas' WHERE has_database_privilege($1, current_database(), 'CREATE')
    UNION ALL
    SELECT 'it may create temporary tables'
        WHERE has_database_privilege($1, current_database(), 'TEMPORARY')
    UNION ALL
    SELECT format('it may use the schema %I', nspname) FROM pg_namespace
        WHERE nspname <> $2 AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
        AND (has_schema_privilege($1, oid, 'USAGE') OR has_schema_privilege($1, oid, 'CREATE'))
    UNION ALL
    SELECT format('it may create in %I', nspname) FROM pg_namespace
        WHERE nspname = $2 AND has_schema_privilege($1, oid, 'CREATE')
    UNION ALL
    SELECT format('it may write to %I', c.relname) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND has_table_privilege($1, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
    UNION ALL
    SELECT format('it may read %I.%I', n.nspname, c.relname) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND NOT (n.nspname = $2 AND c.relkind = 'v')
        AND has_table_privilege($1, c.oid, 'SELECT')
    LIMIT 5";

async fn refuse_more(connection: &mut PgConnection) -> Result<(), ViewError> {
    let more: Vec<String> =
        sqlx::query_scalar(MORE).bind(ROLE).bind(SCHEMA).fetch_all(connection).await?;
    if more.is_empty() { Ok(()) } else { Err(ViewError::RoleReaches(more.join("; "))) }
}
