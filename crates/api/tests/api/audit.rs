//! The audit names what does not balance, and nothing else.

use std::fs;
use std::time::{Duration, SystemTime};

use ::image::ImageFormat;
use bytes::Bytes;
use chrono::TimeDelta;
use futures::{StreamExt, stream};
use reqwest::Method;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection,
    DbBackend, EntityTrait, IntoActiveModel, QueryFilter, Set,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tintype_core::audit::{Fault, Options, Report, audit};
use tintype_core::db::{album_image, image, upload, user};
use tintype_core::inventory::{Part, Row};
use tintype_core::operator;
use tintype_dto::Image;
use uuid::Uuid;

use crate::client::Client;
use crate::pictures::{jpeg, png, sized};
use crate::program;
use crate::server::{TestServer, on_both_databases};

pub const NO_GRACE: Options = Options {
    grace: TimeDelta::zero(),
    hashes: false,
};
const HASHES: Options = Options {
    hashes: true,
    ..NO_GRACE
};

impl TestServer {
    pub async fn audit(&self, options: Options) -> Report {
        audit(self.db(), &self.app().store, &self.clock, options)
            .await
            .unwrap()
    }

    /// The findings without reading the originals.
    pub async fn faults(&self) -> Vec<Fault> {
        faults(self.audit(NO_GRACE).await)
    }

    pub async fn row(&self, id: Uuid) -> image::Model {
        image::Entity::find_by_id(id)
            .one(self.db())
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn upload_row(&self, id: Uuid) -> upload::Model {
        upload::Entity::find_by_id(id)
            .one(self.db())
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn put_object(&self, key: &str, bytes: &[u8]) {
        self.app()
            .store
            .put(key, "image/png", Bytes::copy_from_slice(bytes))
            .await
            .unwrap();
    }

    pub async fn remove_object(&self, key: &str) {
        self.app().store.delete(key).await.unwrap();
    }
}

fn faults(report: Report) -> Vec<Fault> {
    report
        .findings
        .into_iter()
        .map(|finding| finding.fault)
        .collect()
}

fn orphan(key: &str, size_bytes: u64) -> Fault {
    Fault::Orphan {
        key: key.into(),
        size_bytes,
    }
}

fn missing(row: &image::Model, part: Part) -> Fault {
    let key = match part {
        Part::Original => Some(&row.original_key),
        Part::Preview => row.preview_key.as_ref(),
        Part::Thumb => row.thumb_key.as_ref(),
        Part::Manifest => row.manifest_key.as_ref(),
    };
    Fault::Missing {
        key: key.unwrap().clone(),
        image: row.id,
        slug: row.slug.clone(),
        part,
    }
}

/// A connection by which rows may name what is not there.
async fn without_foreign_keys(server: &TestServer) -> DatabaseConnection {
    let mut options = ConnectOptions::new(server.config.database_url());
    options.map_sqlx_sqlite_opts(|sqlite| sqlite.foreign_keys(false));
    let db = Database::connect(options).await.unwrap();
    if db.get_database_backend() == DbBackend::Postgres {
        for column in ["album_id", "image_id"] {
            let drop =
                format!("ALTER TABLE album_images DROP CONSTRAINT album_images_{column}_fkey");
            db.execute_unprepared(&drop).await.unwrap();
        }
    }
    db
}

/// A picture that is large enough for every rendition.
async fn large(client: &Client) -> Image {
    client
        .upload("large.jpg", &sized(1800, 1700, 1, ImageFormat::Jpeg))
        .await
}

on_both_databases! {
    async fn whatever_users_do_bucket_and_database_balance(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        assert_eq!(server.faults().await, []);
        let kept = large(&ada).await;
        let (trashed, removed) = (ada.upload("a.png", &png(1)).await, ada.upload("b.png", &png(2)).await);
        assert_eq!(ada.delete(&format!("/images/{}", trashed.id)).await.status, 204);
        assert_eq!(ada.delete(&format!("/images/{}?permanent=true", removed.id)).await.status, 204);
        ada.announce("pending.png", &png(3)).await;
        let landed = ada.announce("landed.jpg", &jpeg(4)).await;
        ada.put(&landed, &jpeg(4)).await;
        ada.try_upload("broken.png", b"not a picture").await.problem("unsupported_media");
        let aborted = eve.announce("aborted.png", &png(5)).await;
        eve.put(&aborted, &png(5)).await;
        assert_eq!(eve.delete(&format!("/uploads/{}", aborted.id)).await.status, 204);
        // Written once more behind the confirm, while the address still works.
        let late = eve.announce_as("late.png", &png(6), false).await;
        eve.put(&late, &png(6)).await;
        eve.confirm(late.id).await.ok::<Image>();
        eve.put(&late, &png(6)).await;

        let report = server.audit(HASHES).await;
        assert!(report.is_balanced(), "{report}");
        let checked = &report.checked;
        assert!(checked.objects >= 8 && checked.images >= 3 && checked.uploads == 8 && checked.users == 2, "{checked:?}");
        assert!(checked.hashes >= 3 && checked.new_objects == 0, "{checked:?}");
        assert!(report.to_string().starts_with("Balanced: "), "{report}");

        server.work().await;
        assert_eq!(server.faults().await, []);
        ada.post(&format!("/images/{}/restore", trashed.id), &()).await.ok::<Image>();
        assert_eq!(server.faults().await, []);
        operator::delete_user(server.operators_place(), eve.session.as_ref().unwrap().user.username.as_str()).await.unwrap();
        assert_eq!(server.faults().await, [], "a deleted account is on its way");
        server.clock.advance(TimeDelta::days(1));
        server.work().await;
        let report = server.audit(HASHES).await;
        assert!(report.is_balanced(), "{report}");
        assert!(ada.get(&format!("/images/{}", kept.id)).await.status.is_success());
    }

    async fn audits_beside_uploads_and_deletions_find_nothing(server: TestServer) {
        let done = tokio_util::sync::CancellationToken::new();
        let users = async {
            let work = (0..4u8).map(async |seed| {
                let client = server.user().await;
                for round in 0..8u8 {
                    let image = client.upload("a.png", &png(seed * 8 + round)).await;
                    if round % 2 == 0 {
                        assert_eq!(client.delete(&format!("/images/{}?permanent=true", image.id)).await.status, 204);
                        server.work().await;
                    }
                }
            });
            futures::future::join_all(work).await;
            done.cancel();
        };
        let audits = async {
            let mut count = 0;
            while !done.is_cancelled() || count == 0 {
                let report = server.audit(HASHES).await;
                assert!(report.is_balanced(), "{report}");
                count += 1;
            }
        };
        tokio::join!(users, audits);
    }

    async fn what_is_in_an_album_and_not_there_or_somebody_elses_is_named(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let (mine, hers) = (ada.upload("a.png", &png(1)).await.id, eve.upload("b.png", &png(2)).await.id);
        let album = ada.album(&[mine]).await.id;
        let report = server.audit(NO_GRACE).await;
        assert!(report.is_balanced() && report.checked.album_images == 1, "{report}");
        // As a database without its foreign keys would take it.
        let nobodys = Uuid::now_v7();
        let db = without_foreign_keys(&server).await;
        for image in [hers, nobodys] {
            let row = album_image::ActiveModel { album_id: Set(album.into()), image_id: Set(image.into()), position: Set(0), is_cover: Set(false) };
            album_image::Entity::insert(row).exec_without_returning(&db).await.unwrap();
        }
        let gone = Uuid::now_v7();
        let row = album_image::ActiveModel { album_id: Set(gone.into()), image_id: Set(mine.into()), position: Set(0), is_cover: Set(false) };
        album_image::Entity::insert(row).exec_without_returning(&db).await.unwrap();
        let mut found = server.faults().await;
        let by_ids = |fault: &Fault| serde_json::to_string(fault).unwrap();
        let mut expected = [(album, hers), (album, nobodys), (gone, mine)].map(|(album, image)| Fault::StrayAlbumImage { album: album.into(), image: image.into() });
        found.sort_by_key(by_ids);
        expected.sort_by_key(by_ids);
        assert_eq!(found, expected);
    }

    async fn an_object_that_no_row_names_is_an_orphan_once_it_is_a_day_old(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        let strays = [
            format!("images/{}/9/original", image.id),
            format!("images/{}/1/original", Uuid::now_v7()),
            "images/0".into(),
            "images/zz/1/thumb".into(),
            format!("staging/{}", Uuid::now_v7()),
            "staging/zz".into(),
        ];
        for key in &strays {
            server.put_object(key, b"stray").await;
        }
        let day = Options { grace: TimeDelta::hours(24), hashes: false };
        let report = server.audit(day).await;
        assert!(report.is_balanced() && report.checked.new_objects == 6, "{report}");
        assert_eq!(report.checked.images, 1);
        let mut expected: Vec<_> = strays.iter().map(|key| orphan(key, 5)).collect();
        let by_key = |fault: &Fault| serde_json::to_value(fault).unwrap()["key"].to_string();
        expected.sort_by_key(by_key);
        server.clock.advance(TimeDelta::hours(25));
        let mut found = faults(server.audit(day).await);
        found.sort_by_key(by_key);
        assert_eq!(found, expected);
        for key in &strays {
            server.remove_object(key).await;
        }
        assert_eq!(server.faults().await, []);
    }

    async fn what_an_attempt_left_is_an_orphan_only_when_no_sweep_will_come_by(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        let (left, staged) = (format!("images/{}/2/thumb", image.id), format!("staging/{}", image.id));
        let mut row = server.upload_row(image.id).await.into_active_model();
        row.attempts = Set(2);
        let row = row.update(server.db()).await.unwrap();
        server.put_object(&left, b"left").await;
        server.put_object(&staged, b"staged").await;
        assert!(row.due_at.is_some());
        assert_eq!(server.faults().await, []);
        let mut swept = row.clone().into_active_model();
        swept.due_at = Set(None);
        swept.update(server.db()).await.unwrap();
        assert_eq!(server.faults().await, [orphan(&left, 4), orphan(&staged, 6)]);
        let mut again = row.clone().into_active_model();
        again.due_at = Set(Some(server.clock.now()));
        again.update(server.db()).await.unwrap();
        server.clock.advance(TimeDelta::hours(2));
        server.work().await;
        assert_eq!(server.faults().await, []);
        assert!(!server.objects().await.iter().any(|key| *key == left || *key == staged));
    }

    async fn an_object_that_is_not_there_is_named_with_its_image(server: TestServer) {
        let ada = server.user().await;
        let (ready, trashed, other) = (large(&ada).await, large(&ada).await, large(&ada).await);
        assert_eq!(ada.delete(&format!("/images/{}", trashed.id)).await.status, 204);
        let (ready, trashed) = (server.row(ready.id).await, server.row(trashed.id).await);
        server.remove_object(&ready.original_key).await;
        assert_eq!(server.faults().await, [missing(&ready, Part::Original)]);
        server.remove_object(ready.preview_key.as_ref().unwrap()).await;
        server.remove_object(trashed.thumb_key.as_ref().unwrap()).await;
        let expected = [missing(&ready, Part::Original), missing(&ready, Part::Preview), missing(&trashed, Part::Thumb)];
        assert_eq!(server.faults().await, expected);
        assert_eq!(faults(server.audit(HASHES).await), expected, "each is named once");

        for id in [ready.id, trashed.id] {
            assert_eq!(ada.delete(&format!("/images/{id}?permanent=true")).await.status, 204);
        }
        assert_eq!(server.faults().await, [], "what is being deleted has nothing to miss");
        server.remove_object(&server.row(other.id).await.original_key).await;
        assert_eq!(server.faults().await, [missing(&server.row(other.id).await, Part::Original)]);
    }

    async fn an_original_of_another_size_or_with_other_bytes_is_named(server: TestServer) {
        let ada = server.user().await;
        let (a, b) = (ada.upload("a.png", &png(1)).await, ada.upload("b.png", &png(2)).await);
        let (a, b) = (server.row(a.id).await, server.row(b.id).await);
        server.put_object(&a.original_key, b"short").await;
        let wrong_size = || Fault::WrongSize {
            key: a.original_key.clone(),
            image: a.id,
            slug: a.slug.clone(),
            expected_bytes: a.size_bytes,
            found_bytes: 5,
        };
        assert_eq!(server.faults().await, [wrong_size()]);
        assert_eq!(faults(server.audit(HASHES).await), [wrong_size()]);

        let other = vec![7; usize::try_from(b.size_bytes).unwrap()];
        server.put_object(&b.original_key, &other).await;
        assert_eq!(server.faults().await, [wrong_size()]);
        let wrong_hash = Fault::WrongHash {
            key: b.original_key.clone(),
            image: b.id,
            slug: b.slug.clone(),
            expected_sha256: b.sha256,
            found_sha256: tintype_core::db::Sha256::of(&other),
        };
        assert_eq!(faults(server.audit(HASHES).await), [wrong_size(), wrong_hash]);
    }

    async fn an_object_that_the_store_can_not_read_does_not_end_the_audit(server: TestServer) {
        let ada = server.user().await;
        let (a, b) = (ada.upload("a.png", &png(1)).await, ada.upload("b.png", &png(2)).await);
        let (a, b) = (server.row(a.id).await, server.row(b.id).await);
        let name = hex::encode(Sha256::digest(format!("{}\0{}", server.config.storage.bucket, a.original_key)));
        let file = server.folder.path().join("objects/objects").join(&name[..2]).join(name);
        fs::write(&file, b"damaged").unwrap();
        server.remove_object(&b.original_key).await;
        let found = faults(server.audit(HASHES).await);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.contains(&missing(&b, Part::Original)), "{found:?}");
        let unreadable = |fault: &Fault| matches!(fault, Fault::Unreadable { key, image, .. } if *key == a.original_key && *image == a.id);
        assert!(found.iter().any(unreadable), "{found:?}");
    }

    async fn a_key_that_two_rows_name_is_one_finding_with_both(server: TestServer) {
        let ada = server.user().await;
        let (a, b, c) = (ada.upload("a.png", &png(1)).await, ada.upload("b.png", &png(1)).await, ada.upload("c.png", &png(1)).await);
        let key = server.row(a.id).await.original_key;
        for id in [b.id, c.id] {
            let mut row = server.row(id).await.into_active_model();
            row.original_key = Set(key.clone());
            row.update(server.db()).await.unwrap();
        }
        let rows = vec![Row::Image(a.id.into()), Row::Image(b.id.into()), Row::Image(c.id.into())];
        assert_eq!(faults(server.audit(HASHES).await), [Fault::SharedKey { key, rows }]);

        let (first, second) = (ada.announce("d.png", &png(4)).await, ada.announce("e.png", &png(5)).await);
        let mut row = server.upload_row(first.id).await.into_active_model();
        row.staging_key = Set(format!("staging/{}", second.id));
        row.update(server.db()).await.unwrap();
        let rows = vec![Row::Upload(first.id.into()), Row::Upload(second.id.into())];
        assert_eq!(server.faults().await[1..], [Fault::SharedKey { key: format!("staging/{}", second.id), rows }]);
    }

    async fn a_key_in_another_place_is_as_good_as_any(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        let (before, place) = (server.row(image.id).await, "images/imported/a");
        let bytes = server.fetch(&image.links.original).await.body;
        let mut row = before.clone().into_active_model();
        row.original_key = Set(place.into());
        row.update(server.db()).await.unwrap();
        server.remove_object(&before.original_key).await;
        assert_eq!(server.faults().await, [missing(&server.row(image.id).await, Part::Original)]);
        server.put_object(place, &bytes).await;
        let report = server.audit(HASHES).await;
        assert!(report.is_balanced() && report.checked.hashes == 1, "{report}");
    }

    async fn used_bytes_that_do_not_add_up_are_named_with_the_account(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        ada.upload("a.png", &png(1)).await;
        ada.announce("b.png", &png(2)).await;
        eve.upload("a.png", &png(1)).await;
        let me = ada.session.as_ref().unwrap().user.clone();
        let before = user::Entity::find_by_id(me.id).one(server.db()).await.unwrap().unwrap().used_bytes;
        for more in [1, -before] {
            let used_bytes = before + more;
            let set = user::Entity::update_many().col_expr(user::Column::UsedBytes, Expr::value(used_bytes));
            set.filter(user::Column::Id.eq(me.id)).exec(server.db()).await.unwrap();
            let expected = Fault::WrongUsage { user: me.id.into(), username: me.username.clone(), used_bytes, expected_bytes: before };
            assert_eq!(server.faults().await, [expected]);
        }
    }

    async fn an_upload_is_stuck_two_rounds_after_its_lease(server: TestServer) {
        let ada = server.user().await;
        let upload = ada.announce("a.png", &png(1)).await;
        let now = server.clock.now();
        for (ago, stuck) in [(-600, false), (9, true)] {
            let until = Some(now - TimeDelta::seconds(ago));
            let mut row = server.upload_row(upload.id).await.into_active_model();
            row.state = Set(upload::State::Processing);
            row.lease_id = Set(Some(Uuid::now_v7()));
            row.lease_until = Set(until);
            row.due_at = Set(Some(now + TimeDelta::days(1)));
            row.update(server.db()).await.unwrap();
            let expected = stuck.then_some(Fault::StuckUpload { upload: upload.id.into(), lease_until: until });
            assert_eq!(server.faults().await, Vec::from_iter(expected));
        }
    }

    async fn an_image_that_ends_at_another_time_than_the_worker_comes_by_is_named(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        let (now, hour) = (server.clock.now(), TimeDelta::hours(1));
        let (past, soon) = (now - hour, now + TimeDelta::seconds(20));
        for (state, expires_at, due_at, is_wrong) in [
            (image::State::Ready, None, None, false),
            (image::State::Ready, Some(now + hour), Some(now + hour), false),
            // Claimed by a worker.
            (image::State::Ready, Some(past), Some(soon), false),
            (image::State::Trashed, Some(past), Some(now + hour), false),
            (image::State::Ready, Some(now + hour), None, true),
            (image::State::Ready, None, Some(now + hour), true),
            (image::State::Ready, Some(now + hour), Some(now + hour * 2), true),
            (image::State::Ready, Some(now + hour), Some(soon), true),
        ] {
            let mut row = server.row(image.id).await.into_active_model();
            (row.state, row.expires_at, row.due_at) = (Set(state), Set(expires_at), Set(due_at));
            row.update(server.db()).await.unwrap();
            let expected = is_wrong.then_some(Fault::UnscheduledEnd { image: image.id.into(), expires_at, due_at });
            assert_eq!(server.faults().await, Vec::from_iter(expected));
        }
    }

    async fn thousands_of_rows_and_objects_are_compared_page_by_page(server: TestServer) {
        const ROWS: u32 = 2000;
        let ada = server.user().await;
        let first = ada.upload("a.png", &png(1)).await;
        let model = server.row(first.id).await;
        let mut ids: Vec<_> = (0..ROWS).map(|_| Uuid::new_v4()).collect();
        ids.sort_unstable();
        let has_thumb = |id: &Uuid| id.as_u128().is_multiple_of(4);
        let row = |id: &Uuid| image::Model {
            id: (*id).into(),
            slug: tintype_core::db::Slug(id.to_string()),
            size_bytes: 4,
            original_key: format!("images/{id}/1/original"),
            preview_key: None,
            thumb_key: has_thumb(id).then(|| format!("images/{id}/1/thumb")),
            manifest_key: None,
            ..model.clone()
        };
        for ids in ids.chunks(500) {
            let rows = ids.iter().map(|id| row(id).into_active_model().reset_all());
            image::Entity::insert_many(rows).exec_without_returning(server.db()).await.unwrap();
        }
        let used = user::Entity::update_many().col_expr(user::Column::UsedBytes, Expr::value(model.size_bytes + 4 * i64::from(ROWS)));
        used.exec(server.db()).await.unwrap();
        // At both ends of the pages, and in the middle of one.
        let gone: Vec<_> = [0, 1, 498, 499, 500, 777, 999, 1000, 1001, 1999].map(|place| ids[place]).into();
        let strays: Vec<_> = gone.iter().map(|id| format!("images/{id}/1/stray")).collect();
        let originals = ids.iter().filter(|id| !gone.contains(id)).map(|id| format!("images/{id}/1/original"));
        let keys: Vec<_> = originals.chain(ids.iter().filter(|id| has_thumb(id)).map(|id| format!("images/{id}/1/thumb"))).chain(strays.clone()).collect();
        stream::iter(&keys).for_each_concurrent(16, |key| server.put_object(key, b"1234")).await;

        let report = server.audit(NO_GRACE).await;
        // And what keeps the URL of its upload from writing.
        let own = 2 + [&model.preview_key, &model.thumb_key, &model.manifest_key].into_iter().flatten().count();
        assert_eq!(report.checked.objects, (keys.len() + own) as u64);
        assert_eq!(report.checked.images, u64::from(ROWS) + 1);
        let (orphans, others): (Vec<_>, Vec<_>) = faults(report).into_iter().partition(|fault| matches!(fault, Fault::Orphan { .. }));
        assert_eq!(orphans, strays.iter().map(|key| orphan(key, 4)).collect::<Vec<_>>());
        assert_eq!(others, gone.iter().map(|id| missing(&row(id), Part::Original)).collect::<Vec<_>>());

        // Nothing but objects, in more than one page between two rows.
        image::Entity::delete_many().filter(image::Column::Id.ne(first.id)).exec(server.db()).await.unwrap();
        let found = server.faults().await;
        assert_eq!(found.iter().filter(|fault| matches!(fault, Fault::Orphan { .. })).count(), keys.len());
        assert_eq!(found.len(), keys.len() + 1, "and the account's bytes");
    }

    async fn the_program_says_by_its_exit_status_whether_all_balances(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        ada.send(Method::PATCH, &format!("/images/{}", image.id), Some(&serde_json::json!({"title": "Lake"}))).await.ok::<Image>();
        let media = server.config.server.media_addr.to_string();
        let database = server.config.database.url.as_ref().map(|url| ("DATABASE_URL", url.expose()));
        let settings: Vec<_> = [("TINTYPE_SERVER__MEDIA_ADDR", media.as_str())].into_iter().chain(database).collect();
        let run = |arguments: &[&str]| program::run(&[&["audit"], arguments].concat(), server.folder.path(), &settings);
        let (ok, told, errors) = run(&["--hashes", "--grace", "0"]);
        assert!(ok && errors.is_empty(), "{told}{errors}");
        assert!(told.starts_with("Balanced: ") && told.ends_with("1 images (0 made by an older cleaner), 1 uploads, 0 images in albums, 1 accounts, 1 hashes.\n"), "{told}");
        assert!(run(&[]).0);

        let unfinished = fs::File::create_new(server.config.objects_dir().join("tmp/1-1")).unwrap();
        assert!(run(&[]).0, "somebody writes it");
        unfinished.set_modified(SystemTime::now() - Duration::from_mins(61)).unwrap();
        let (ok, told, _) = run(&[]);
        assert!(!ok && told.starts_with("stale_file ") && told.contains("tmp/1-1: ") && told.contains("1 finding: "), "{told}");
        fs::remove_file(server.config.objects_dir().join("tmp/1-1")).unwrap();

        let row = server.row(image.id).await;
        server.remove_object(&row.original_key).await;
        server.put_object("images/stray", b"stray").await;
        let (ok, told, errors) = run(&["--grace", "0"]);
        assert!(!ok && errors.contains("don't balance"), "{told}{errors}");
        let lines: Vec<_> = told.lines().collect();
        assert!(lines.len() == 3 && lines[2].starts_with("2 findings: "), "{told}");
        assert!(lines[0].starts_with("orphan       images/stray: ") && lines[0].contains("`tintype sweep`"), "{told}");
        assert!(lines[1].starts_with("missing ") && lines[1].contains(&format!("`tintype image remove {}`", row.slug)), "{told}");

        let (ok, told, _) = run(&["--json"]);
        let report: Value = serde_json::from_str(&told).unwrap();
        let (finding, checked) = (&report["findings"][0], &report["checked"]);
        assert!(!ok && report["findings"].as_array().unwrap().len() == 1, "{report}");
        assert_eq!((&finding["kind"], &finding["key"], &finding["part"]), (&"missing".into(), &row.original_key.into(), &"original".into()));
        assert_eq!((&checked["images"], &checked["new_objects"]), (&1.into(), &1.into()));
    }
}

#[test]
fn an_audit_without_a_store_or_a_database_makes_neither() {
    let folder = tempfile::TempDir::new().unwrap();
    let (ok, _, errors) = program::run(&["audit"], folder.path(), &[]);
    assert!(!ok && errors.contains("`tintype serve`"), "{errors}");
    fs::write(folder.path().join("storage-secret"), "0123456789abcdef").unwrap();
    let (ok, _, errors) = program::run(&["audit"], folder.path(), &[]);
    assert!(!ok && errors.contains("`tintype doctor`"), "{errors}");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing was made"
    );
}
