//! Lists cost the same at any depth: the plan is an index seek, on both databases.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QuerySelect, QueryTrait,
    Statement, TransactionTrait,
};
use tintype_core::accounts::queries::costs_from_the_dearest;
use tintype_core::accounts::{By, SessionKey};
use tintype_core::albums;
use tintype_core::api_tokens::with_hash;
use tintype_core::db::image::Column;
use tintype_core::db::{ImageId, SessionId, Sha256, TokenId, UserId, image};
use tintype_core::images::queries::{Filter, by_day, by_hash, page, published, trash};
use tintype_core::keyset::{Cursor, Place};
use tintype_dto::SortOrder::{self, Name, Newest, Oldest, Size};
use tintype_dto::{ContentType, Visibility};
use uuid::Uuid;

use crate::server::on_both_databases;

const ROWS: u32 = 100_000;

on_both_databases! {
    async fn a_page_of_50_from_100_000_images_is_an_index_seek_at_any_depth(server: TestServer) {
        let user = server.user().await.session.unwrap().user.id;
        let db = server.db();
        let newest = Utc::now();
        insert_images(db, user, newest).await;
        let private = Some(Visibility::Private);
        let jpeg = Some(ContentType::Jpeg);
        for (q, visibility, content_type, order, index, seek) in [
            (None, None, None, Newest, "images_list_idx", "(created_at,id)<(?,?)"),
            (None, None, None, Oldest, "images_list_idx", "(created_at,id)>(?,?)"),
            (None, None, None, Name, "images_name_list_idx", "(search_name,id)>(?,?)"),
            (None, None, None, Size, "images_size_list_idx", "(size_bytes,id)<(?,?)"),
            (None, private, None, Newest, "images_visibility_list_idx", "(created_at,id)<(?,?)"),
            (None, None, jpeg, Newest, "images_type_list_idx", "(created_at,id)<(?,?)"),
            // Words that many have are looked for along the index: as many rows are read as it takes to find 51.
            (Some("JPG"), None, None, Newest, "images_list_idx", "(created_at,id)<(?,?)"),
            (Some("jpg a"), private, None, Newest, "images_visibility_list_idx", "(created_at,id)<(?,?)"),
        ] {
            let filter = Filter::check(q, visibility, content_type).unwrap();
            for depth in [None, Some(10), Some(50_000), Some(99_900)] {
                let after = depth.map(|n| Cursor { place: place(order, newest, n), id: Uuid::nil() });
                let sql = page((user.into(), newest), &filter, order, after, 51).build(db.get_database_backend()).to_string();
                let plan = explain(db, &sql).await;
                assert!(plan.contains(index), "{q:?} {order:?} {depth:?}: {plan}");
                if db.get_database_backend() == DbBackend::Postgres {
                    assert!(!plan.contains("Sort") && !plan.contains("Seq Scan") && !plan.contains("Rows Removed"), "{q:?} {order:?} {depth:?}: {plan}");
                } else {
                    assert!(plan.contains("SEARCH") && !plan.contains("TEMP B-TREE"), "{q:?} {order:?} {depth:?}: {plan}");
                    assert_eq!(plan.contains(seek), depth.is_some(), "{q:?} {order:?} {depth:?}: {plan}");
                }
            }
        }
        if db.get_database_backend() == DbBackend::Postgres {
            let rare = Filter::check(Some("9999.JPG 09"), None, None).unwrap();
            let sql = page((user.into(), newest), &rare, Newest, None, 51).build(DbBackend::Postgres).to_string();
            let plan = explain(db, &sql).await;
            assert!(plan.contains("images_words_idx"), "words that few have are found by their own index: {plan}");
        }
        for (column, index) in [(Column::Sha256, "images_sha256_idx"), (Column::SourceSha256, "images_source_sha256_idx")] {
            let sql = by_hash((user.into(), newest), column, Sha256::of(b"h5")).limit(1).build(db.get_database_backend()).to_string();
            let plan = explain(db, &sql).await;
            assert!(plan.contains(index) && !plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
        let plan = explain(db, &published("s5", newest).build(db.get_database_backend()).to_string()).await;
        assert!(plan.contains("slug") && !plan.contains("SCAN") && !plan.contains("Rows Removed"), "an image and its owner by keys: {plan}");
        if db.get_database_backend() == DbBackend::Sqlite {
            let sql = by_day(DbBackend::Sqlite, (user.into(), newest), &Filter::default()).build(DbBackend::Sqlite).to_string();
            let plan = explain(db, &sql).await;
            assert!(plan.contains("SEARCH") && plan.contains("COVERING INDEX"), "days are counted from an index alone: {plan}");
        }
        fill_trash(db, user, server.user().await.session.unwrap().user.id).await;
        for depth in [None, Some(10), Some(50_000)] {
            let after = depth.map(|n| Cursor { place: place(SortOrder::Newest, newest, n), id: Uuid::nil() });
            let sql = trash(user.into(), &Filter::default(), after, 51).build(db.get_database_backend()).to_string();
            let plan = explain(db, &sql).await;
            assert!(plan.contains("images_trash_idx"), "{depth:?}: {plan}");
            assert!(!plan.contains("Sort") && !plan.contains("Rows Removed") && !plan.contains("TEMP B-TREE"), "{depth:?}: {plan}");
        }
    }
}

on_both_databases! {
    async fn a_page_of_albums_and_of_one_album_is_an_index_seek_at_any_depth(server: TestServer) {
        let user = server.user().await.session.unwrap().user.id;
        let db = server.db();
        let (newest, album) = (Utc::now(), Uuid::now_v7());
        insert_images(db, user, newest).await;
        insert_albums(db, user, album, newest).await;
        let backend = db.get_database_backend();
        let made = |n| Place::Time(newest - TimeDelta::seconds(n));
        for depth in [None, Some(10), Some(19_900)] {
            let after = depth.map(|n| Cursor { place: made(n), id: Uuid::nil() });
            let of_account = albums::queries::page((user.into(), newest), after, 51).build(backend).to_string();
            let after = depth.map(|n| Cursor { place: Place::Position(n / 2), id: Uuid::nil() });
            let of_album = albums::queries::images((user.into(), newest), album.into(), after, 51).build(backend).to_string();
            let after = depth.map(|n| Cursor { place: Place::Position(n / 2), id: Uuid::nil() });
            let open_page = albums::tiles(album.into(), after, newest).limit(501).build(backend).to_string();
            // Every other image is private: those are looked past on the way.
            for (sql, index, seek, is_all) in [
                (open_page, "album_images_list_idx", "(position,image_id)>(?,?)", false),
                (of_account, "albums_list_idx", "(created_at,id)<(?,?)", true),
                (of_album, "album_images_list_idx", "(position,image_id)>(?,?)", true),
            ] {
                let plan = explain(db, &sql).await;
                assert!(plan.contains(index), "{depth:?}: {plan}");
                if backend == DbBackend::Postgres {
                    assert!(!plan.contains("Sort") && !plan.contains("Seq Scan"), "{depth:?}: {plan}");
                    assert!(!is_all || !plan.contains("Rows Removed"), "{depth:?}: {plan}");
                } else {
                    assert!(!plan.contains("SCAN a") && !plan.contains("SCAN i") && !plan.contains("TEMP B-TREE"), "{depth:?}: {plan}");
                    assert_eq!(plan.contains(seek), depth.is_some(), "{depth:?}: {plan}");
                }
            }
        }
        let of_archive = albums::original(album.into(), ImageId::generate(), Utc::now());
        let of_archive = of_archive.build(backend).to_string();
        let plan = explain(db, &of_archive).await;
        assert!(!plan.contains("Seq Scan") && !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "one of many by keys: {plan}");
    }
}

on_both_databases! {
    async fn the_dearest_password_is_found_without_reading_every_account(server: TestServer) {
        server.user().await;
        let transaction = server.db().begin().await.unwrap();
        let is_postgres = transaction.get_database_backend() == DbBackend::Postgres;
        if is_postgres {
            // It would rather read a table of one row.
            transaction.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
        }
        let sql = costs_from_the_dearest().to_string(sea_orm::sea_query::PostgresQueryBuilder);
        let plan = explain(&transaction, &sql).await;
        assert!(plan.contains("users_password_cost_idx") && !plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

on_both_databases! {
    async fn what_stands_for_an_account_is_found_by_keys(server: TestServer) {
        let user = UserId(server.user().await.session.unwrap().user.id);
        let transaction = server.db().begin().await.unwrap();
        let is_postgres = transaction.get_database_backend() == DbBackend::Postgres;
        if is_postgres {
            transaction.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
        }
        let session = By::Session { id: SessionId::generate() };
        let token = By::Token { id: TokenId::generate(), sees_all: true, writes: true };
        let image = || image::Entity::find_by_id(ImageId::generate());
        let of = |by| SessionKey { user_id: user, version: 1, by }.guard(image()).build(transaction.get_database_backend());
        let by_secret = with_hash(Sha256::of(b"tt_")).build(transaction.get_database_backend());
        for (statement, index) in [(of(session), "sessions"), (of(token), "api_tokens"), (by_secret, "api_tokens_sha256_key")] {
            let plan = explain(&transaction, &statement.to_string()).await;
            assert!(plan.contains(index) && !plan.contains("SCAN") && !plan.contains("Seq Scan"), "{plan}");
        }
    }
}

/// The place of the image that was inserted as this one, when sorted so.
fn place(order: SortOrder, newest: DateTime<Utc>, n: i64) -> Place {
    match order {
        SortOrder::Newest | SortOrder::Oldest => Place::Time(newest - TimeDelta::seconds(n)),
        SortOrder::Name => Place::Name(format!("a{n:06}.jpg")),
        SortOrder::Size => Place::Size(n),
    }
}

/// Of every ten images, one stays, one is in its owner's trash and eight are in somebody else's.
async fn fill_trash(db: &DatabaseConnection, owner: Uuid, other: Uuid) {
    let transaction = db.begin().await.unwrap();
    let is_postgres = db.get_database_backend() == DbBackend::Postgres;
    if is_postgres {
        let patience = "SET LOCAL statement_timeout = 0";
        transaction.execute_unprepared(patience).await.unwrap();
    }
    let trashed =
        "UPDATE images SET state = 'trashed', due_at = created_at WHERE slug NOT LIKE '%0'";
    transaction.execute_unprepared(trashed).await.unwrap();
    let sql = "UPDATE images SET user_id = $1 WHERE user_id = $2 AND state = 'trashed' AND slug NOT LIKE '%1'";
    let values = [other.into(), owner.into()];
    let given = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    transaction.execute_raw(given).await.unwrap();
    if is_postgres {
        let analyze = "ANALYZE images";
        transaction.execute_unprepared(analyze).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// 20,000 albums, one a second into the past, of five images each; and this one, of 10,000.
async fn insert_albums(db: &DatabaseConnection, user: Uuid, album: Uuid, newest: DateTime<Utc>) {
    let is_postgres = db.get_database_backend() == DbBackend::Postgres;
    let (id, one, owner, time, no) = if is_postgres {
        let time = format!("TIMESTAMPTZ '{newest:?}' - n * INTERVAL '1 second'");
        let (one, owner) = (format!("'{album}'::uuid"), format!("'{user}'::uuid"));
        ("gen_random_uuid()", one, owner, time, "false")
    } else {
        let newest = newest.format("%Y-%m-%d %H:%M:%S");
        let time =
            format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', '{newest}', '-' || n || ' seconds')");
        let (one, owner) = (
            format!("x'{}'", album.simple()),
            format!("x'{}'", user.simple()),
        );
        ("randomblob(16)", one, owner, time, "0")
    };
    let number = "CAST(substr(slug, 2) AS INTEGER)";
    let numbers = format!("SELECT {number} AS n FROM images WHERE {number} <= 20001");
    let statements = [
        format!(
            "INSERT INTO albums (id, user_id, slug, visibility, version, created_at)
             SELECT CASE WHEN n = 20001 THEN {one} ELSE {id} END, {owner}, 's' || n, 'unlisted', 0, {time} FROM ({numbers}) AS numbers"
        ),
        format!(
            "INSERT INTO album_images (album_id, image_id, position, is_cover)
             SELECT albums.id, rows.id, rows.n, {no} FROM (SELECT id, {number} AS n FROM images) AS rows
             JOIN albums ON albums.slug = 's' || (1 + rows.n % 20000)"
        ),
        format!(
            "INSERT INTO album_images (album_id, image_id, position, is_cover)
             SELECT {one}, id, {number}, {no} FROM images WHERE {number} <= 10000"
        ),
    ];
    let transaction = db.begin().await.unwrap();
    if is_postgres {
        let patience = "SET LOCAL statement_timeout = 0";
        transaction.execute_unprepared(patience).await.unwrap();
    }
    for statement in statements {
        transaction.execute_unprepared(&statement).await.unwrap();
    }
    transaction.commit().await.unwrap();
    db.execute_unprepared("ANALYZE").await.unwrap();
}

/// One a second, into the past.
async fn insert_images(db: &DatabaseConnection, user: Uuid, newest: DateTime<Utc>) {
    let (rows, time, id, owner, name) = if db.get_database_backend() == DbBackend::Postgres {
        (
            format!("SELECT n FROM generate_series(1, {ROWS}) AS n"),
            format!("TIMESTAMPTZ '{newest:?}' - n * INTERVAL '1 second'"),
            "gen_random_uuid()",
            format!("'{user}'::uuid"),
            "'a' || lpad(n::text, 6, '0') || '.jpg'",
        )
    } else {
        (
            format!(
                "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {ROWS}) SELECT n FROM s"
            ),
            format!(
                "strftime('%Y-%m-%dT%H:%M:%f+00:00', '{}', '-' || n || ' seconds')",
                newest.format("%Y-%m-%d %H:%M:%S")
            ),
            "randomblob(16)",
            format!("x'{}'", user.simple()),
            "printf('a%06d.jpg', n)",
        )
    };
    let sql = format!(
        "INSERT INTO images (id, user_id, slug, state, filename, search_filename, content_type, size_bytes, width, height, sha256, source_sha256,
            visibility, removed, original_key, created_at)
         SELECT {id}, {owner}, 's' || n, 'ready', 'a.jpg', {name}, CASE WHEN n % 2 = 0 THEN 'image/jpeg' ELSE 'image/png' END, n, 10, 10, 'h' || n, 'h' || n,
            CASE WHEN n % 2 = 0 THEN 'private' ELSE 'unlisted' END, '[]', 'k' || n, {time}
         FROM ({rows}) AS rows"
    );
    // A table of one row would rather be read as a whole.
    let users = format!(
        "INSERT INTO users (id, username, email, password_hash, token_version, created_at)
         SELECT {id}, 'other' || n, 'other' || n || '@example.com', '', 0, {time} FROM ({rows}) AS rows WHERE n <= 100"
    );
    // More than a request may ask for at once.
    let transaction = db.begin().await.unwrap();
    if db.get_database_backend() == DbBackend::Postgres {
        transaction
            .execute_unprepared("SET LOCAL statement_timeout = 0")
            .await
            .unwrap();
    }
    transaction.execute_unprepared(&sql).await.unwrap();
    transaction.execute_unprepared(&users).await.unwrap();
    transaction.commit().await.unwrap();
    db.execute_unprepared("ANALYZE").await.unwrap();
}

async fn explain(db: &impl ConnectionTrait, sql: &str) -> String {
    let backend = db.get_database_backend();
    let (prefix, column) = if backend == DbBackend::Postgres {
        ("EXPLAIN ANALYZE", "QUERY PLAN")
    } else {
        ("EXPLAIN QUERY PLAN", "detail")
    };
    let rows = db
        .query_all_raw(Statement::from_string(backend, format!("{prefix} {sql}")))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get::<String>("", column).unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}
