//! What a backup has, and how it comes back.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use reqwest::Method;
use sea_orm::{
    ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryOrder, Statement,
};
use serde_json::json;
use tempfile::TempDir;
use tintype_core::audit::Options;
use tintype_core::backup;
use tintype_core::db::{AlbumId, Sha256, Slug, album, album_image, image, known_address};
use tintype_dto::{Image, ImagePage, Session};

use super::{Empty, damage};
use crate::audit::NO_GRACE;
use crate::client::Client;
use crate::pictures::{jpeg, png};
use crate::server::{On, TestServer, on_both_databases};

pub const HASHES: Options = Options {
    hashes: true,
    ..NO_GRACE
};

/// The same link on another server.
pub fn moved(link: &str, from: &TestServer, to: &TestServer) -> String {
    link.replace(&from.media_url(), &to.media_url())
        .replace(&from.app_url(), &to.app_url())
}

/// Somebody who has an account on `from`, logged in on `to`.
pub async fn again(client: &Client, to: &TestServer) -> Client {
    let name = &client.session.as_ref().unwrap().user.username;
    let mut again = to.anonymous();
    let login = json!({"username": name, "password": "correct horse"});
    again.session = Some(again.post("/auth/login", &login).await.ok::<Session>());
    again
}

fn other(on: On) -> On {
    match on {
        On::Sqlite => On::Postgres,
        On::Postgres => On::Sqlite,
    }
}

fn on(server: &TestServer) -> On {
    if server.config.has_postgres() {
        On::Postgres
    } else {
        On::Sqlite
    }
}

on_both_databases! {
    async fn tables_of_more_rows_than_are_read_at_once_come_back_whole(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        // Three pages with the address of the test itself, two pages, and one row more than one.
        let now = server.clock.now();
        let seen = |n| known_address::Model { key: Sha256::of(format!("{n}").as_bytes()).to_string(), seen_at: now };
        let addresses = (0..1499).map(|n| seen(n).into_active_model());
        known_address::Entity::insert_many(addresses).exec_without_returning(server.db()).await.unwrap();
        let owner = ada.session.as_ref().unwrap().user.id;
        let albums: Vec<_> = (0..1000).map(|n| album::Model {
            id: AlbumId::generate(),
            user_id: owner.into(),
            slug: Slug(format!("album{n}")),
            title: None,
            description: Some(format!("{n}")),
            visibility: image::Visibility::Private,
            version: i64::MAX - n,
            created_at: now,
            expires_at: None,
        }).collect();
        for some in albums.chunks(250) {
            let rows = some.iter().cloned().map(IntoActiveModel::into_active_model);
            album::Entity::insert_many(rows).exec_without_returning(server.db()).await.unwrap();
        }
        let places: Vec<_> = albums.iter().take(501).map(|album| album_image::Model {
            album_id: album.id,
            image_id: image.id.into(),
            position: -7,
            is_cover: true,
        }).collect();
        let rows = places.iter().cloned().map(IntoActiveModel::into_active_model);
        album_image::Entity::insert_many(rows).exec_without_returning(server.db()).await.unwrap();

        let place = TempDir::new().unwrap();
        server.back_up(place.path()).await.unwrap();
        let on = other(on(&server));
        let empty = Empty::new(on).await;
        empty.restore(place.path()).await.unwrap();
        let restored = empty.start(on).await;
        assert_eq!(known_address::Entity::find().count(restored.db()).await.unwrap(), 1500);
        let found = album::Entity::find().order_by_asc(album::Column::Id).all(restored.db()).await.unwrap();
        assert!(found == albums, "every album is as it was");
        let found = album_image::Entity::find().order_by_asc(album_image::Column::AlbumId).all(restored.db()).await.unwrap();
        assert!(found == places, "and every image in one");
        assert!(restored.audit(HASHES).await.is_balanced());
    }

    async fn every_table_and_column_that_is_not_worked_out_is_in_a_backup_or_left_out_by_name(server: TestServer) {
        let sql = if server.config.has_postgres() {
            "SELECT table_name::text AS name, column_name::text AS field FROM information_schema.columns WHERE table_schema = 'public' AND is_generated = 'NEVER'"
        } else {
            "SELECT m.name AS name, p.name AS field FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        };
        let statement = Statement::from_string(server.db().get_database_backend(), sql);
        let rows = server.db().query_all_raw(statement).await.unwrap();
        let found: BTreeSet<(String, String)> = rows.iter().map(|row| (row.try_get("", "name").unwrap(), row.try_get("", "field").unwrap())).collect();
        let is_kept = |name: &str| name != "seaql_migrations" && !backup::LEFT_OUT.contains(&name);
        let found: BTreeSet<_> = found.into_iter().filter(|(name, _)| is_kept(name)).collect();
        let tables = backup::tables();
        let columns = tables.iter().flat_map(|table| table.columns.iter().map(|column| (table.name.to_owned(), column.name.clone())));
        assert_eq!(columns.collect::<BTreeSet<_>>(), found);
    }

    async fn a_backup_comes_back_in_either_database_with_every_row_and_byte(server: TestServer) {
        let ada = server.user().await;
        let (open, hidden) = (ada.upload("Fjord \u{e9}.jpg", &jpeg(1)).await, ada.upload("b.png", &png(2)).await);
        let change = json!({"visibility": "private", "title": "a \"b\" \u{1f600}", "alt": "c"});
        let hidden: Image = ada.send(Method::PATCH, &format!("/images/{}", hidden.id), Some(&change)).await.ok();
        let trashed = ada.upload("c.png", &png(3)).await;
        ada.delete(&format!("/images/{}", trashed.id)).await;
        ada.announce("never sent.png", &png(4)).await;
        let place = TempDir::new().unwrap();
        let taken = server.back_up(place.path()).await.unwrap();
        assert_eq!((taken.new, taken.manifest.missing_count), (taken.manifest.objects.count, 0));
        assert_eq!(damage(place.path()).await, Vec::<String>::new());

        for on in [on(&server), other(on(&server))] {
            let empty = Empty::new(on).await;
            empty.restore(place.path()).await.unwrap();
            let restored = empty.start(on).await;
            let report = restored.audit(HASHES).await;
            assert!(report.is_balanced() && report.checked.hashes == 3, "{report}");
            let ada = again(&ada, &restored).await;
            let list: ImagePage = ada.get("/images").await.ok();
            let ids: Vec<_> = list.items.iter().map(|image| image.id).collect();
            assert_eq!(ids, [hidden.id, open.id]);
            assert_eq!((&list.items[0].title, list.items[0].created_at), (&hidden.title, hidden.created_at));
            let page = open.links.page.as_ref().unwrap();
            for link in [&open.links.original, &open.links.preview, &open.links.thumb, page] {
                let before = server.fetch(link).await;
                let after = restored.fetch(&moved(link, &server, &restored)).await;
                assert_eq!((before.status, after.status.as_u16()), (after.status, 200), "{link}");
                assert!(link == page || before.body == after.body, "{link}");
            }
            let back: Image = ada.post(&format!("/images/{}/restore", trashed.id), &json!({})).await.ok();
            assert_eq!(restored.fetch(&back.links.original).await.body.len() as u64, back.size_bytes);
            // The upload that waited has ended, and holds nothing.
            let me: tintype_dto::User = ada.get("/me").await.ok();
            assert_eq!((me.usage.images, me.usage.bytes), (3, open.size_bytes + hidden.size_bytes + back.size_bytes));
            restored.work().await;
            assert!(restored.audit(HASHES).await.is_balanced());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_on_the_machine_can_read_a_backup() {
    let server = TestServer::start(On::Sqlite).await;
    server.user().await.upload("a.png", &png(1)).await;
    let place = TempDir::new().unwrap();
    let folder = place.path().join("new/backup");
    server.back_up(&folder).await.unwrap();
    let mut folders = vec![folder];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                files += 1;
            }
        }
    }
    assert!(files > 12, "{files}");
}
