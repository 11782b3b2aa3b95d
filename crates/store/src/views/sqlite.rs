//! Releases as one SQLite file, which is replaced as a whole.

use std::fs::File;
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, QueryBuilder, Sqlite};

use super::sql::{self, Spelling};
use super::{ColumnKind, Content, Value, ViewError, Written};

const SPELLING: Spelling = Spelling {
    kind: |kind| match kind {
        ColumnKind::Text | ColumnKind::Date => "TEXT",
        ColumnKind::Whole | ColumnKind::Truth => "INTEGER",
        // Whole numbers stay whole, which REAL would not leave them.
        ColumnKind::Number => "NUMERIC",
    },
    prefix: "",
};

/// Values of one statement; SQLite takes 32766.
const VALUES: usize = 8_000;

/// Writes a new file beside `path`, flushes it and puts it in the place of an older one: a reader
/// has the old releases or the new ones, and after a crash one of them is there.
///
/// # Errors
/// [`ViewError`]; then what stood at `path` is as it was.
pub async fn write_sqlite(path: &Path, content: Content<'_>) -> Result<Written, ViewError> {
    sql::check(&content)?;
    let beside = beside(path)?;
    let refused = |error: std::io::Error| ViewError::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    remove(&beside).map_err(refused)?;
    let written = fill(&beside, content).await;
    let placed = match written {
        Ok(written) => place(&beside, path).map(|()| written).map_err(refused),
        Err(error) => Err(error),
    };
    if placed.is_err() {
        // Of no use any more; the next attempt removes it where this one cannot.
        let _ = remove(&beside);
    }
    placed
}

/// `.releases.sqlite.new` for `releases.sqlite`: one name, so that nothing piles up after crashes.
fn beside(path: &Path) -> Result<PathBuf, ViewError> {
    let name = path.file_name().and_then(|own| own.to_str());
    let name = name.ok_or_else(|| ViewError::File {
        path: path.display().to_string(),
        reason: "it is no name of a file".to_owned(),
    })?;
    Ok(path.with_file_name(format!(".{name}.new")))
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn place(beside: &Path, path: &Path) -> std::io::Result<()> {
    File::open(beside)?.sync_all()?;
    std::fs::rename(beside, path)?;
    let folder = path.parent().filter(|own| !own.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

async fn fill(path: &Path, content: Content<'_>) -> Result<Written, ViewError> {
    // Nobody reads it before it is flushed and renamed, so it needs no journal of its own.
    let mut connection: SqliteConnection = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .connect()
        .await?;
    let views = sql::views(&content, &SPELLING, "INTEGER");
    let mut statements = vec!["BEGIN".to_owned()];
    statements.push(sql::create_table(&content.columns, &SPELLING));
    for own in &views {
        statements.push(format!("CREATE VIEW \"{}\" AS {}", own.name, own.select));
    }
    run(&mut connection, &statements).await?;
    let names: Vec<String> =
        content.columns.iter().map(|own| format!("\"{}\"", sql::own_name(own))).collect();
    let head = format!("INSERT INTO {} ({}) ", sql::TABLE, names.join(", "));
    let (at_once, mut rows) = ((VALUES / names.len().max(1)).max(1), 0);
    let mut source = content.rows;
    loop {
        let piece: Vec<Vec<Value<'_>>> = source.by_ref().take(at_once).collect();
        if piece.is_empty() {
            break;
        }
        rows += piece.len() as u64;
        insert(&mut connection, &head, piece).await?;
    }
    let index = format!("CREATE INDEX by_indicator ON {} (indicator_id)", sql::TABLE);
    run(&mut connection, &[index, "COMMIT".to_owned()]).await?;
    connection.close().await?;
    Ok(Written { rows, views: views.into_iter().map(|own| own.name).collect() })
}

async fn run(connection: &mut SqliteConnection, statements: &[String]) -> Result<(), ViewError> {
    for own in statements {
        sqlx::raw_sql(AssertSqlSafe(own.clone())).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn insert(
    connection: &mut SqliteConnection,
    head: &str,
    piece: Vec<Vec<Value<'_>>>,
) -> Result<(), ViewError> {
    let mut query = QueryBuilder::<Sqlite>::new(head);
    query.push_values(piece, |mut row, values| {
        for value in values {
            match value {
                Value::Nothing => row.push_bind(None::<i64>),
                Value::Text(own) => row.push_bind(own.to_owned()),
                Value::Date(own) => row.push_bind(own),
                Value::Whole(own) => row.push_bind(own),
                Value::Number(own) => row.push_bind(own),
                Value::Truth(own) => row.push_bind(own),
            };
        }
    });
    query.build().persistent(false).execute(connection).await?;
    Ok(())
}
