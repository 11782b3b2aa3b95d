use audit::UnitKind;
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// One step of the schema, in both dialects.
struct Step {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const LINKAGE: &[Step] = &[
    Step {
        version: 1,
        name: "first",
        sqlite: include_str!("../migrations/linkage/sqlite/0001_first.sql"),
        postgres: include_str!("../migrations/linkage/postgres/0001_first.sql"),
    },
    Step {
        version: 2,
        name: "by rule",
        sqlite: include_str!("../migrations/linkage/sqlite/0002_by_rule.sql"),
        postgres: include_str!("../migrations/linkage/postgres/0002_by_rule.sql"),
    },
];

const STATISTICS: &[Step] = &[Step {
    version: 1,
    name: "first",
    sqlite: include_str!("../migrations/statistics/sqlite/0001_first.sql"),
    postgres: include_str!("../migrations/statistics/postgres/0001_first.sql"),
}];

#[derive(Clone, Copy)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// The steps that bring a database of `unit` to this version.
pub(crate) fn migrator(unit: UnitKind, dialect: Dialect) -> Migrator {
    let steps = match unit {
        UnitKind::Linkage => LINKAGE,
        UnitKind::Statistics => STATISTICS,
    };
    let step = |step: &Step| {
        let sql = match dialect {
            Dialect::Sqlite => step.sqlite,
            Dialect::Postgres => step.postgres,
        };
        let kind = MigrationType::Simple;
        Migration::new(step.version, step.name.into(), kind, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(steps.iter().map(step).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Table and column → type in words both dialects share.
    fn columns(sql: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut table = None;
        for line in sql.lines() {
            if let Some(rest) = line.strip_prefix("ALTER TABLE ") {
                let (altered, rest) = rest.split_once(" ADD COLUMN ").unwrap();
                let (name, rest) = rest.trim_end_matches(';').split_once(' ').unwrap();
                found.insert(format!("{altered}.{name}"), shared(rest));
            } else if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                table = rest.strip_suffix(" (");
                assert!(table.is_some(), "a table opens on one line: {line}");
            } else if line.starts_with(')') {
                table = None;
            } else if let Some(table) = table {
                let line = line.trim().trim_end_matches(',');
                let (name, rest) = line.split_once(' ').unwrap();
                if name.starts_with(|c: char| c.is_ascii_lowercase()) {
                    found.insert(format!("{table}.{name}"), shared(rest));
                } else {
                    found.insert(format!("{table}: {line}"), String::new());
                }
            }
        }
        found
    }

    fn shared(column: &str) -> String {
        let words = column.replace("INTEGER", "BIGINT").replace("BLOB", "BYTEA");
        words.replace(" COLLATE \"C\"", "")
    }

    fn indexes(sql: &str) -> Vec<&str> {
        sql.split(';').map(str::trim).filter(|s| s.contains(" INDEX ")).collect()
    }

    #[test]
    fn both_dialects_declare_the_same_tables_columns_and_indexes() {
        for step in LINKAGE.iter().chain(STATISTICS) {
            let (sqlite, postgres) = (columns(step.sqlite), columns(step.postgres));
            let least = if step.version == 1 { 40 } else { 1 };
            assert!(sqlite.len() >= least, "the test reads the tables");
            assert_eq!(sqlite, postgres);
            assert_eq!(indexes(step.sqlite), indexes(step.postgres));
        }
    }

    #[test]
    fn text_sorts_by_bytes_in_both_dialects() {
        for step in LINKAGE.iter().chain(STATISTICS) {
            let texts = step.postgres.matches(" TEXT").count();
            assert_eq!(texts, step.postgres.matches(" TEXT COLLATE \"C\"").count());
        }
    }

    #[test]
    fn neither_unit_has_a_table_for_what_it_must_not_hold() {
        let has = |steps: &[Step], table: &str| {
            steps.iter().any(|s| s.sqlite.contains(&format!("CREATE TABLE {table} (")))
        };
        assert!(has(LINKAGE, "epoch") && has(STATISTICS, "charge"));
        assert!(!has(LINKAGE, "charge") && !has(STATISTICS, "epoch"));
        assert!(STATISTICS.iter().all(|s| !s.sqlite.contains("key_check_value")));
    }
}
