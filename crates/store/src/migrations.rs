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
    Step {
        version: 3,
        name: "latest",
        sqlite: include_str!("../migrations/linkage/sqlite/0003_latest.sql"),
        postgres: include_str!("../migrations/linkage/postgres/0003_latest.sql"),
    },
    Step {
        version: 4,
        name: "sealed",
        sqlite: include_str!("../migrations/linkage/sqlite/0004_sealed.sql"),
        postgres: include_str!("../migrations/linkage/postgres/0004_sealed.sql"),
    },
    Step {
        version: 5,
        name: "witness",
        sqlite: include_str!("../migrations/linkage/sqlite/0005_witness.sql"),
        postgres: include_str!("../migrations/linkage/postgres/0005_witness.sql"),
    },
    Step {
        version: 6,
        name: "proposals",
        sqlite: include_str!("../migrations/linkage/sqlite/0006_proposals.sql"),
        postgres: include_str!("../migrations/linkage/postgres/0006_proposals.sql"),
    },
];

const STATISTICS: &[Step] = &[
    Step {
        version: 1,
        name: "first",
        sqlite: include_str!("../migrations/statistics/sqlite/0001_first.sql"),
        postgres: include_str!("../migrations/statistics/postgres/0001_first.sql"),
    },
    Step {
        version: 2,
        name: "parts",
        sqlite: include_str!("../migrations/statistics/sqlite/0002_parts.sql"),
        postgres: include_str!("../migrations/statistics/postgres/0002_parts.sql"),
    },
    Step {
        version: 3,
        name: "totals",
        sqlite: include_str!("../migrations/statistics/sqlite/0003_totals.sql"),
        postgres: include_str!("../migrations/statistics/postgres/0003_totals.sql"),
    },
    Step {
        version: 4,
        name: "sealed",
        sqlite: include_str!("../migrations/statistics/sqlite/0004_sealed.sql"),
        postgres: include_str!("../migrations/statistics/postgres/0004_sealed.sql"),
    },
    Step {
        version: 5,
        name: "witness",
        sqlite: include_str!("../migrations/statistics/sqlite/0005_witness.sql"),
        postgres: include_str!("../migrations/statistics/postgres/0005_witness.sql"),
    },
    Step {
        version: 6,
        name: "proposals",
        sqlite: include_str!("../migrations/statistics/sqlite/0006_proposals.sql"),
        postgres: include_str!("../migrations/statistics/postgres/0006_proposals.sql"),
    },
];

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

    #[tokio::test]
    async fn a_ledger_of_the_first_version_is_taken_over() {
        use crate::ledger::{Caps, NewCharge, NewPart, Outcome, Price, commit};
        use crate::{Db, Location};
        use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("unit.sqlite");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let pool = SqlitePool::connect_with(options).await.unwrap();
        let mut steps = migrator(UnitKind::Statistics, Dialect::Sqlite);
        steps.migrations.to_mut().truncate(1);
        steps.run(&pool).await.unwrap();
        for sql in [
            "INSERT INTO installation VALUES (1, 'statistics', 'test')",
            "INSERT INTO snapshot VALUES ('s', 'p', '2026', '{}', x'', zeroblob(32), 0, 1)",
            "INSERT INTO charge VALUES ('c', 'p', 's', 'early-help', 'planner', zeroblob(32), 'k', \
             '{}', 30, 2, 'released', 2, zeroblob(32), x'72656c65617365', 0)",
            "INSERT INTO charge_lineage VALUES ('c', 'p', 2025, 30, 2)",
        ] {
            sqlx::query(sql).execute(&pool).await.unwrap();
        }
        pool.close().await;

        let location = Location::Sqlite(path);
        let key_store = directory.path().join("unit.keys");
        let unit_key = crate::seal::UnitKey::take(&mut [6; 32]);
        let sealing = crate::seal::Sealing { key_store, unit_key };
        let db = Db::open(&location, UnitKind::Statistics, &"test".parse().unwrap(), &sealing)
            .await
            .unwrap();
        let price = Price { rho: 30, delta: 2 };
        let new = NewCharge {
            charge: "d".into(),
            project: "p".into(),
            snapshot: "s".into(),
            purpose: "early-help".into(),
            analyst: "other".into(),
            query_digest: [0; 32],
            idempotency_key: "k".into(),
            request: "{}".into(),
            price,
            years: [2025].into(),
            datasets: [].into(),
            parts: vec![NewPart { query_digest: [0; 32], question: [1; 32], price }],
        };
        let caps = Caps {
            lineage: price,
            horizon: None,
            quarter: None,
            purpose_rho: 30,
            analyst_rho: None,
            unwitnessed: None,
            reserved: &[],
        };
        let found = commit(&db, &new, &caps, 1).await.unwrap();
        let Outcome::Existing(charge) = found else { panic!("charged a second time") };
        assert_eq!(charge.documents().collect::<Vec<_>>(), [b"release"]);
        let sql = "SELECT SUM(rho), SUM(delta) FROM charge_part";
        let row = db.read().await.unwrap().row(sql, &[]).await.unwrap().unwrap();
        assert_eq!((row.count(0).unwrap(), row.count(1).unwrap()), (30, 2));
    }
}
