//! What the last release reads stays: its programs go on while those of this version come up, and can be started again.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use tintype_core::db::schema;
use tintype_migrations::is_for;

use super::{dumped, versions};
use crate::server::{On, new_postgres_database};

/// What a schema has for programs, each by its place (`images.title`): a column with its kind, or a rule that rows have to keep.
#[derive(Debug, Default)]
struct Schema {
    columns: BTreeMap<String, Column>,
    rules: BTreeMap<String, String>,
}

#[derive(Debug, PartialEq)]
struct Column {
    kind: String,
    nullable: bool,
    has_default: bool,
}

const SQLITE_COLUMNS: &str = "SELECT m.name AS \"table\", p.name AS \"column\", lower(p.type) AS kind, \
    p.\"notnull\" = 0 AND p.pk = 0 AS nullable, p.dflt_value IS NOT NULL AS has_default \
    FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
const SQLITE_RULES: &str = "SELECT m.name AS \"table\", i.name AS name, \
    (SELECT group_concat(coalesce(c.name, 'expression')) FROM pragma_index_info(i.name) c) AS rule \
    FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND i.\"unique\"";
const POSTGRES_COLUMNS: &str = "SELECT table_name::text AS \"table\", column_name::text AS \"column\", udt_name::text AS kind, \
    is_nullable = 'YES' AS nullable, column_default IS NOT NULL AS has_default \
    FROM information_schema.columns WHERE table_schema = 'public'";
const POSTGRES_RULES: &str = "SELECT conrelid::regclass::text AS \"table\", conname::text AS name, pg_get_constraintdef(oid) AS rule \
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace \
    UNION ALL SELECT tablename::text, indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '%UNIQUE%'";

impl Schema {
    async fn read(db: &DatabaseConnection) -> Self {
        let backend = db.get_database_backend();
        let (columns, rules) = match backend {
            DbBackend::Postgres => (POSTGRES_COLUMNS, POSTGRES_RULES),
            _ => (SQLITE_COLUMNS, SQLITE_RULES),
        };
        let mut schema = Self::default();
        for row in db
            .query_all_raw(Statement::from_string(backend, columns))
            .await
            .unwrap()
        {
            let text = |name| row.try_get::<String>("", name).unwrap();
            let flag = |name| row.try_get::<bool>("", name).unwrap();
            let column = Column {
                kind: text("kind"),
                nullable: flag("nullable"),
                has_default: flag("has_default"),
            };
            schema
                .columns
                .insert(format!("{}.{}", text("table"), text("column")), column);
        }
        for row in db
            .query_all_raw(Statement::from_string(backend, rules))
            .await
            .unwrap()
        {
            let text = |name| row.try_get::<String>("", name).unwrap();
            schema
                .rules
                .insert(format!("{}.{}", text("table"), text("name")), text("rule"));
        }
        schema
    }

    fn has_table(&self, place: &str) -> bool {
        let (table, _) = place.split_once('.').unwrap();
        self.columns
            .keys()
            .any(|column| column.split_once('.').is_some_and(|(has, _)| has == table))
    }

    /// What a program that was written for this schema can't do any more with the other: reading what it names, and writing rows without what it
    /// does not know.
    fn broken_by(&self, after: &Self) -> Vec<String> {
        let mut broken = Vec::new();
        for (place, before) in &self.columns {
            let fault = match after.columns.get(place) {
                None => "is gone".to_owned(),
                Some(now) if now.kind != before.kind => {
                    format!("was {}, and is {}", before.kind, now.kind)
                }
                Some(now) if now.nullable && !before.nullable => "may be null".into(),
                Some(now) if before.nullable && !now.nullable => "may not be null".into(),
                Some(now) if before.has_default && !now.has_default => "has no default".into(),
                Some(_) => continue,
            };
            broken.push(format!("{place} {fault}"));
        }
        for (place, column) in &after.columns {
            let is_new = !self.columns.contains_key(place) && self.has_table(place);
            if is_new && !column.nullable && !column.has_default {
                broken.push(format!(
                    "{place} is new, and may neither be null nor has a default"
                ));
            }
        }
        for (place, rule) in &after.rules {
            if self.has_table(place) && self.rules.get(place) != Some(rule) {
                broken.push(format!("{place} is a new rule: {rule}"));
            }
        }
        broken
    }
}

async fn connect(on: On, folder: &tempfile::TempDir) -> (String, DatabaseConnection) {
    let url = match on {
        On::Sqlite => format!(
            "sqlite://{}?mode=rwc",
            folder.path().join("released.db").display()
        ),
        On::Postgres => new_postgres_database().await,
    };
    let db = Database::connect(&url).await.unwrap();
    (url, db)
}

/// `unread.txt` of a release: what its programs don't read or write any more.
fn unread(release: &std::path::Path) -> Vec<String> {
    let lines = std::fs::read_to_string(release.join("unread.txt")).unwrap_or_default();
    lines
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_the_last_release_reads_is_taken_away() {
    let release = versions().pop().unwrap();
    let version = release.file_name().unwrap().to_str().unwrap();
    let unread = unread(&release);
    for on in [On::Sqlite, On::Postgres] {
        let folder = tempfile::TempDir::new().unwrap();
        let (url, db) = connect(on, &folder).await;
        db.execute_unprepared(&dumped(on, &release)).await.unwrap();
        let (before, new) = (Schema::read(&db).await, schema::pending(&db).await.unwrap());
        assert!(
            before.columns.len() > 80 && before.rules.len() > 10,
            "{before:?}"
        );
        schema::up(&url).await.unwrap();
        let is_unread = |found: &String| {
            unread.iter().any(|place| {
                found
                    .strip_prefix(place.as_str())
                    .is_some_and(|rest| rest.starts_with(' '))
            })
        };
        let (known, broken): (Vec<_>, Vec<_>) = before
            .broken_by(&Schema::read(&db).await)
            .into_iter()
            .partition(is_unread);
        assert!(
            broken.is_empty(),
            "programs of {version} can't work on {on:?} any more:\n{}",
            broken.join("\n")
        );
        // What older ones still read is gone, and they have to know.
        let says_so = new.iter().any(|change| change.contains("_needs_"));
        assert!(
            known.is_empty() || says_so,
            "the name of a migration has to end with _needs_{}: {known:?}",
            version.replace('.', "_")
        );
        for change in new {
            assert!(
                is_for(&change, version),
                "{change}: the last release could not start on it"
            );
        }
        db.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_change_that_older_programs_trip_over_is_found() {
    let both = [
        (
            "ALTER TABLE images DROP COLUMN placeholder",
            "images.placeholder is gone",
        ),
        (
            "ALTER TABLE images RENAME COLUMN title TO name",
            "images.title is gone",
        ),
        (
            "ALTER TABLE sessions RENAME TO logins",
            "sessions.id is gone",
        ),
        ("DROP TABLE rate_counts", "rate_counts.key is gone"),
        (
            "CREATE UNIQUE INDEX one_title ON images (user_id, title)",
            "images.one_title is a new rule",
        ),
    ];
    let postgres = [
        (
            "ALTER TABLE images ADD COLUMN tags text NOT NULL",
            "images.tags is new",
        ),
        (
            "ALTER TABLE images ALTER COLUMN alt SET NOT NULL",
            "images.alt may not be null",
        ),
        (
            "ALTER TABLE images ALTER COLUMN filename DROP NOT NULL",
            "images.filename may be null",
        ),
        (
            "ALTER TABLE images ALTER COLUMN width TYPE bigint",
            "images.width was int4, and is int8",
        ),
        (
            "ALTER TABLE images ALTER COLUMN cleaner DROP DEFAULT",
            "images.cleaner has no default",
        ),
        (
            "ALTER TABLE images ADD CONSTRAINT wide CHECK (width > 9)",
            "images.wide is a new rule",
        ),
    ];
    let harmless = [
        "ALTER TABLE images ADD COLUMN tags text",
        "ALTER TABLE images ADD COLUMN stars integer NOT NULL DEFAULT 0",
        "CREATE TABLE tags (id integer PRIMARY KEY, name text NOT NULL UNIQUE)",
        "CREATE INDEX images_title_idx ON images (title)",
    ];
    for on in [On::Sqlite, On::Postgres] {
        let more: &[_] = if on == On::Postgres { &postgres } else { &[] };
        let harmful = both
            .iter()
            .chain(more)
            .map(|(sql, found)| (*sql, Some(*found)));
        for (sql, expected) in harmful.chain(harmless.map(|sql| (sql, None))) {
            let folder = tempfile::TempDir::new().unwrap();
            let (url, db) = connect(on, &folder).await;
            schema::up(&url).await.unwrap();
            let before = Schema::read(&db).await;
            db.execute_unprepared(sql).await.unwrap();
            let found = before.broken_by(&Schema::read(&db).await);
            let is_expected = expected.map_or(found.is_empty(), |expected| {
                found.iter().any(|found| found.contains(expected))
            });
            assert!(is_expected, "{on:?}: {sql}: {found:?}");
            db.close().await.unwrap();
        }
    }
}

/// Nothing would be tested by a dump without data.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dumps_of_the_last_release_hold_something_in_every_column() {
    let release = versions().pop().unwrap();
    for on in [On::Sqlite, On::Postgres] {
        let folder = tempfile::TempDir::new().unwrap();
        let (_, db) = connect(on, &folder).await;
        db.execute_unprepared(&dumped(on, &release)).await.unwrap();
        let mut empty = Vec::new();
        for place in Schema::read(&db).await.columns.keys() {
            let (table, column) = place.split_once('.').unwrap();
            let sql = format!("SELECT count(\"{column}\") AS held FROM {table}");
            let row = db
                .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
                .await
                .unwrap()
                .unwrap();
            if row.try_get::<i64>("", "held").unwrap() == 0 {
                empty.push(place.clone());
            }
        }
        assert!(empty.is_empty(), "{on:?}: {empty:?}");
        db.close().await.unwrap();
    }
}
