//! What SQLite ends by itself, because its file can't grow: the connection that it happened on is not used again.

use sea_orm::sqlx::sqlite::SqlitePoolOptions;
use sea_orm::sqlx::{self, Acquire, Connection, Row, SqlitePool};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};
use tempfile::TempDir;
use tintype_core::db::{Fault, connect, fault};

/// A database whose one pooled connection may add a few pages and no more.
async fn full(folder: &TempDir) -> DatabaseConnection {
    let db = connect(&url(folder), 1).await.unwrap();
    db.execute_unprepared("CREATE TABLE files (name TEXT PRIMARY KEY, bytes BLOB)")
        .await
        .unwrap();
    db.execute_unprepared("PRAGMA max_page_count = 20")
        .await
        .unwrap();
    db
}

fn url(folder: &TempDir) -> String {
    format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("full.db").display()
    )
}

async fn fill(db: &impl ConnectionTrait) -> DbErr {
    for n in 0.. {
        let insert = format!("INSERT INTO files VALUES ('filler {n}', zeroblob(20000))");
        if let Err(error) = db.execute_unprepared(&insert).await {
            return error;
        }
    }
    unreachable!("it has 20 pages")
}

#[tokio::test]
async fn what_is_committed_after_a_full_disk_is_seen_by_others() {
    let folder = TempDir::new().unwrap();
    let db = full(&folder).await;
    let transaction = db.begin().await.unwrap();
    assert_eq!(fault(&fill(&transaction).await), Some(Fault::Full));
    assert!(
        transaction.rollback().await.is_err(),
        "SQLite has rolled it back by itself"
    );
    // As `/readyz` does: it writes, and takes it back.
    let transaction = db.begin().await.unwrap();
    transaction
        .execute_unprepared("INSERT INTO files VALUES ('taken back', NULL)")
        .await
        .unwrap();
    transaction.rollback().await.unwrap();
    db.execute_unprepared("INSERT INTO files VALUES ('alone', NULL)")
        .await
        .unwrap();
    let transaction = db.begin().await.unwrap();
    transaction
        .execute_unprepared("INSERT INTO files VALUES ('together', NULL)")
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(names(&folder).await, ["alone", "together"]);
}

#[tokio::test]
async fn a_commit_that_fails_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let db = connect(&url(&folder), 2).await.unwrap();
    db.execute_unprepared("CREATE TABLE files (name TEXT PRIMARY KEY, bytes BLOB)")
        .await
        .unwrap();
    // A reader whose snapshot is old may not write: SQLITE_BUSY in the middle of a transaction.
    let late = db.begin().await.unwrap();
    late.query_all_raw(sea_orm::Statement::from_string(
        db.get_database_backend(),
        "SELECT name FROM files",
    ))
    .await
    .unwrap();
    db.execute_unprepared("INSERT INTO files VALUES ('first', NULL)")
        .await
        .unwrap();
    let refused = late
        .execute_unprepared("INSERT INTO files VALUES ('late', NULL)")
        .await
        .unwrap_err();
    assert_eq!(fault(&refused), Some(Fault::Away));
    drop(late);
    for name in ["second", "third", "fourth"] {
        db.execute_unprepared(&format!("INSERT INTO files VALUES ('{name}', NULL)"))
            .await
            .unwrap();
    }
    assert_eq!(names(&folder).await, ["first", "second", "third", "fourth"]);
}

/// What another process reads.
async fn names(folder: &TempDir) -> Vec<String> {
    let other = SqlitePool::connect(&url(folder)).await.unwrap();
    let rows = sqlx::query("SELECT name FROM files WHERE bytes IS NULL ORDER BY rowid")
        .fetch_all(&other)
        .await
        .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// The fault itself, without any code of ours, for the driver's authors: SQLite rolls back by itself when it is full, ROLLBACK fails then,
/// and the driver goes on as if it were in a transaction. The next one is a savepoint, which SQLite takes for a transaction; its rollback
/// only goes back to the savepoint, so that the real transaction stays open and what is written after it is lost. When this test fails,
/// the driver is mended, and `db::sqlite::is_sound` can go.
#[tokio::test]
async fn the_driver_takes_a_transaction_that_sqlite_has_ended_for_an_open_one() {
    let folder = TempDir::new().unwrap();
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect(&url(&folder))
        .await
        .unwrap();
    let mut connection = pool.acquire().await.unwrap();
    sqlx::raw_sql("PRAGMA journal_mode = WAL; CREATE TABLE files (name TEXT, bytes BLOB); PRAGMA max_page_count = 20")
        .execute(&mut *connection)
        .await
        .unwrap();
    let mut transaction = connection.begin().await.unwrap();
    assert!(
        sqlx::query("INSERT INTO files VALUES ('filler', zeroblob(200000))")
            .execute(&mut *transaction)
            .await
            .is_err()
    );
    assert!(transaction.rollback().await.is_err());
    assert!(connection.is_in_transaction(), "SQLite is in none");
    let transaction = connection.begin().await.unwrap();
    transaction.rollback().await.unwrap();
    sqlx::query("INSERT INTO files VALUES ('acknowledged', NULL)")
        .execute(&mut *connection)
        .await
        .unwrap();
    assert_eq!(
        names(&folder).await,
        Vec::<String>::new(),
        "it is in a transaction that nobody ends"
    );
}
