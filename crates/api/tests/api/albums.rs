//! Albums: made, listed, looked at, changed and deleted, and the order of what is in them.

use std::collections::HashSet;

use reqwest::Method;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use tintype_core::db::{album, album_image};
use tintype_dto::{
    Album, AlbumImages, AlbumPage, BulkOutcome, CreatedAlbum, HiddenBecause, Image, ImagePage,
    Visibility,
};
use uuid::Uuid;

use crate::client::{Answer, Client};
use crate::pictures::png;
use crate::server::{TestServer, on_both_databases};

impl Client {
    /// A new album of these images.
    pub async fn album(&self, images: &[Uuid]) -> Album {
        let created: CreatedAlbum = self.post("/albums", &json!({"images": images})).await.ok();
        created.album
    }

    pub async fn change_album(&self, id: Uuid, body: Value) -> Answer {
        let path = format!("/albums/{id}");
        self.send(Method::PATCH, &path, Some(&body)).await
    }

    /// What becomes of these when they are added to an album, or removed from it.
    pub async fn in_album(&self, id: Uuid, what: &str, body: Value) -> Vec<(Uuid, bool)> {
        let path = format!("/albums/{id}/images/{what}");
        let answer: AlbumImages = self.post(&path, &body).await.ok();
        let items = answer.items.into_iter();
        items
            .map(|item| (item.id, item.outcome == BulkOutcome::Done))
            .collect()
    }

    /// The images of an album in their order, page by page.
    pub async fn images_of(&self, id: Uuid, limit: u16) -> Vec<Uuid> {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/albums/{id}/images?limit={limit}{cursor}");
            let page: ImagePage = self.get(&path).await.ok();
            assert!(page.items.len() <= limit.into());
            ids.extend(page.items.iter().map(|image| image.id));
            let Some(next) = page.next_cursor else {
                return ids;
            };
            cursor = format!("&cursor={next}");
        }
    }

    pub async fn pictures(&self, count: u8) -> Vec<Uuid> {
        let mut ids = Vec::new();
        for seed in 0..count {
            ids.push(self.upload("a.png", &png(seed)).await.id);
        }
        ids
    }
}

async fn positions(server: &TestServer, id: Uuid) -> Vec<album_image::Model> {
    album_image::Entity::find()
        .filter(album_image::Column::AlbumId.eq(id))
        .all(server.db())
        .await
        .unwrap()
}

on_both_databases! {
    async fn an_album_is_made_looked_at_changed_and_deleted_and_its_images_stay(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let (mine, hers) = (ada.pictures(2).await, eve.pictures(1).await);
        let body = json!({"title": " A week \u{202e}", "description": "e\u{301}te\u{301}", "images": [mine[1], hers[0], mine[0], mine[1]]});
        let answer = ada.post("/albums", &body).await;
        assert_eq!(answer.status, 201);
        let CreatedAlbum { album, items } = answer.ok();
        let done = [true, false, true, true];
        assert_eq!(items.iter().map(|item| item.outcome == BulkOutcome::Done).collect::<Vec<_>>(), done);
        assert_eq!((album.title.as_deref(), album.description.as_deref()), (Some("A week"), Some("\u{e9}t\u{e9}")));
        assert_eq!((album.count, album.visibility), (2, Visibility::Unlisted));
        assert_eq!(album.cover.as_ref().map(|image| image.id), Some(mine[1]), "the first");
        assert_eq!(album.links.page, Some(format!("{}/a/{}", server.app_url(), album.slug)));
        assert_eq!(ada.images_of(album.id, 200).await, [mine[1], mine[0]]);

        let path = format!("/albums/{}", album.id);
        assert_eq!(ada.get(&path).await.ok::<Album>(), album);
        let changed: Album = ada.change_album(album.id, json!({"title": null, "visibility": "private"})).await.ok();
        assert_eq!((changed.title, changed.links.page), (None, None));
        assert_eq!((changed.description, changed.visibility), (album.description, Visibility::Private));

        eve.get(&path).await.problem("not_found");
        eve.delete(&path).await.problem("not_found");
        assert_eq!(ada.delete(&path).await.status, 204);
        for gone in [ada.get(&path).await, ada.delete(&path).await, ada.get(&format!("{path}/images")).await] {
            gone.problem("not_found");
        }
        assert_eq!(ada.list("").await.items.len(), 2, "the images stay");
        assert_eq!(album_image::Entity::find().count(server.db()).await.unwrap(), 0);
    }

    async fn albums_are_listed_from_the_newest_on_with_their_covers_and_counts(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let images = ada.pictures(2).await;
        let mut made = Vec::new();
        for count in [0, 1, 2, 1, 0] {
            server.clock.advance(chrono::TimeDelta::seconds(1));
            made.push(ada.album(&images[..count]).await);
        }
        made.reverse();
        let (mut listed, mut cursor) = (Vec::new(), String::new());
        loop {
            let page: AlbumPage = ada.get(&format!("/albums?limit=2{cursor}")).await.ok();
            listed.extend(page.items);
            let Some(next) = page.next_cursor else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(listed, made);
        assert_eq!(listed.iter().map(|album| album.count).collect::<Vec<_>>(), [0, 1, 2, 1, 0]);
        assert_eq!(eve.get("/albums").await.ok::<AlbumPage>().items, []);
        for limit in ["0", "201", "-1", "x"] {
            ada.get(&format!("/albums?limit={limit}")).await.problem("validation_failed");
            ada.get(&format!("/albums/{}/images?limit={limit}", made[0].id)).await.problem("validation_failed");
        }
        let of_images = ada.list("?limit=1").await.next_cursor.unwrap();
        let path = format!("/albums/{}/images", made[2].id);
        let of_album = ada.get(&format!("{path}?limit=1")).await.ok::<ImagePage>().next_cursor.unwrap();
        for cursor in ["x", "", "AAAA", &of_album] {
            ada.get(&format!("/albums?cursor={cursor}")).await.problem("bad_cursor");
        }
        for cursor in ["x", "", "AAAA", &of_images] {
            ada.get(&format!("{path}?cursor={cursor}")).await.problem("bad_cursor");
        }
    }

    async fn many_images_are_added_moved_and_removed_each_answered_on_its_own(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let ids = ada.pictures(6).await;
        let hers = eve.pictures(1).await[0];
        let nobodys = Uuid::now_v7();
        let album = ada.album(&[ids[0], ids[1]]).await.id;
        let add = json!({"ids": [ids[3], hers, ids[1], ids[2], nobodys, ids[3]]});
        let expected = [(ids[3], true), (hers, false), (ids[1], true), (ids[2], true), (nobodys, false), (ids[3], true)];
        for _ in 0..2 {
            assert_eq!(ada.in_album(album, "add", add.clone()).await, expected);
            assert_eq!(ada.images_of(album, 1).await, [ids[0], ids[1], ids[3], ids[2]], "what is in it stays in its place");
        }
        let order = async |body: Value, done: &[bool]| {
            let answer = ada.in_album(album, "move", body).await;
            assert_eq!(answer.iter().map(|(_, done)| *done).collect::<Vec<_>>(), done);
            ada.images_of(album, 3).await
        };
        assert_eq!(order(json!({"ids": [ids[2], ids[3]], "before": ids[1]}), &[true, true]).await, [ids[0], ids[2], ids[3], ids[1]]);
        assert_eq!(order(json!({"ids": [ids[0], ids[4], hers]}), &[true, false, false]).await, [ids[2], ids[3], ids[1], ids[0]]);
        assert_eq!(order(json!({"ids": [ids[0], ids[0]], "before": ids[2]}), &[true, true]).await, [ids[0], ids[2], ids[3], ids[1]]);
        assert_eq!(order(json!({"ids": [ids[1], ids[3], ids[2], ids[0]]}), &[true; 4]).await, [ids[1], ids[3], ids[2], ids[0]]);
        let path = format!("/albums/{album}/images/move");
        for before in [ids[1], ids[4], hers, nobodys] {
            let problem = ada.post(&path, &json!({"ids": [ids[1]], "before": before})).await.problem("validation_failed");
            assert_eq!(problem.errors[0].field, "before");
        }
        let remove = json!({"ids": [ids[3], hers, ids[5], nobodys]});
        let expected = [(ids[3], true), (hers, false), (ids[5], true), (nobodys, false)];
        assert_eq!(ada.in_album(album, "remove", remove).await, expected, "one that is not in it is done");
        assert_eq!(ada.images_of(album, 2).await, [ids[1], ids[2], ids[0]]);
        for what in ["add", "remove", "move"] {
            let path = format!("/albums/{album}/images/{what}");
            eve.post(&path, &json!({"ids": [hers]})).await.problem("not_found");
            for odd in [json!([]), json!(vec![nobodys; 501])] {
                assert_eq!(ada.post(&path, &json!({"ids": odd})).await.problem("validation_failed").errors[0].field, "ids");
            }
            assert_eq!(ada.in_album(album, what, json!({"ids": vec![nobodys; 500]})).await.len(), 500);
        }
        assert_eq!(ada.images_of(album, 200).await.len(), 3);
    }

    async fn what_is_private_or_in_the_trash_is_added_and_said_not_to_be_shown(server: TestServer) {
        let ada = server.user().await;
        let ids = ada.pictures(4).await;
        ada.send(Method::PATCH, &format!("/images/{}", ids[1]), Some(&json!({"visibility": "private"}))).await.ok::<Image>();
        ada.delete(&format!("/images/{}", ids[2])).await;
        ada.delete(&format!("/images/{}?permanent=true", ids[3])).await;
        let body = json!({"images": ids});
        let created: CreatedAlbum = ada.post("/albums", &body).await.ok();
        let hidden: Vec<_> = created.items.iter().map(|item| (item.outcome, item.hidden)).collect();
        let (done, gone) = (BulkOutcome::Done, BulkOutcome::NotFound);
        let expected = [(done, None), (done, Some(HiddenBecause::Private)), (done, Some(HiddenBecause::Trashed)), (gone, None)];
        assert_eq!(hidden, expected);
        let id = created.album.id;
        let again: AlbumImages = ada.post(&format!("/albums/{id}/images/add"), &json!({"ids": ids})).await.ok();
        assert_eq!(again.items, created.items);

        // For their owner, what is in the trash is not listed, and what is private is.
        let count = async || ada.get(&format!("/albums/{id}")).await.ok::<Album>().count;
        assert_eq!((ada.images_of(id, 1).await, count().await), (vec![ids[0], ids[1]], 2));
        ada.delete(&format!("/images/{}", ids[0])).await;
        assert_eq!((ada.images_of(id, 1).await, count().await), (vec![ids[1]], 1));
        let ids: [Uuid; 3] = [ids[0], ids[1], ids[2]];
        for back in [ids[0], ids[2]] {
            ada.post(&format!("/images/{back}/restore"), &json!({})).await.ok::<Image>();
        }
        assert_eq!((ada.images_of(id, 1).await, count().await), (ids.to_vec(), 3), "each is back in its place");
        ada.delete(&format!("/images/{}?permanent=true", ids[1])).await;
        server.work().await;
        assert_eq!((ada.images_of(id, 1).await, count().await), (vec![ids[0], ids[2]], 2));
        assert_eq!(positions(&server, id).await.len(), 2, "what is deleted for good leaves its albums");
    }

    async fn the_chosen_image_stands_for_an_album_while_it_is_in_it(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let (ids, hers) = (ada.pictures(4).await, eve.pictures(1).await[0]);
        let album = ada.album(&ids[..3]).await;
        let cover = async || ada.get(&format!("/albums/{}", album.id)).await.ok::<Album>().cover.map(|image| image.id);
        for chosen in [ids[2], ids[1]] {
            let changed: Album = ada.change_album(album.id, json!({"cover": chosen})).await.ok();
            assert_eq!((changed.cover.map(|image| image.id), cover().await), (Some(chosen), Some(chosen)));
        }
        for odd in [ids[3], hers, Uuid::now_v7()] {
            let refused = ada.change_album(album.id, json!({"title": "x", "cover": odd})).await.problem("validation_failed");
            assert_eq!(refused.errors[0].field, "cover");
        }
        assert_eq!(ada.get("/albums").await.ok::<AlbumPage>().items[0].title, None, "all or nothing");
        ada.delete(&format!("/images/{}", ids[1])).await;
        assert_eq!(cover().await, Some(ids[0]));
        ada.post(&format!("/images/{}/restore", ids[1]), &json!({})).await.ok::<Image>();
        assert_eq!(cover().await, Some(ids[1]));
        ada.in_album(album.id, "move", json!({"ids": [ids[2]], "before": ids[0]})).await;
        assert_eq!(cover().await, Some(ids[1]));
        ada.change_album(album.id, json!({"cover": null})).await.ok::<Album>();
        assert_eq!(cover().await, Some(ids[2]));
        ada.change_album(album.id, json!({"cover": ids[0]})).await.ok::<Album>();
        ada.in_album(album.id, "remove", json!({"ids": [ids[0]]})).await;
        ada.in_album(album.id, "add", json!({"ids": [ids[0]]})).await;
        assert_eq!(cover().await, Some(ids[2]), "whoever was away is not chosen any more");
        ada.delete(&format!("/images/{}?permanent=true", ids[2])).await;
        server.work().await;
        assert_eq!(cover().await, Some(ids[1]));
    }

    async fn odd_albums_are_refused_with_every_field_that_is_wrong(server: TestServer) {
        let ada = server.user().await;
        let long = json!({"title": "x".repeat(201), "description": "a\nb", "images": vec![Uuid::now_v7(); 501]});
        let problem = ada.post("/albums", &long).await.problem("validation_failed");
        assert_eq!(problem.errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), ["title", "description", "images"]);
        for body in [json!({"visibility": "public"}), json!({"visibility": null}), json!({"user_id": "x"}), json!({"images": ["x"]}), json!({"title": 5})] {
            ada.post("/albums", &body).await.problem("validation_failed");
        }
        let id = ada.album(&[]).await.id;
        let both = ada.change_album(id, json!({"title": "a\0b", "description": "x".repeat(1001)})).await.problem("validation_failed");
        assert_eq!(both.errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), ["title", "description"]);
        for body in [json!({"visibility": null}), json!({"slug": "mine"}), json!({"cover": "x"})] {
            ada.change_album(id, body).await.problem("validation_failed");
        }
        for path in ["/albums/no-id", "/albums/no-id/images"] {
            ada.get(path).await.problem("not_found");
        }
    }

    async fn a_change_of_an_album_that_someone_else_was_quicker_with_is_not_lost(server: TestServer) {
        let ada = server.user().await;
        let ids = ada.pictures(2).await;
        let album = ada.album(&ids[..1]).await;
        let path = format!("/albums/{}", album.id);
        let tag = async || ada.get(&path).await.header("etag").to_owned();
        let change = async |tag: &str, body: &Value| ada.send_with(Method::PATCH, &path, ("if-match", tag), Some(body)).await;
        let read = tag().await;
        let changed = change(&read, &json!({"title": "mine"})).await;
        assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, &*tag().await));
        change(&read, &json!({"title": "yours"})).await.problem("precondition_failed");
        let read = tag().await;
        ada.in_album(album.id, "add", json!({"ids": [ids[1]]})).await;
        change(&read, &json!({"title": "yours"})).await.problem("precondition_failed");
        let read = tag().await;
        let patches = (0..6).map(|n| {
            let (change, read) = (&change, &read);
            async move { change(read, &json!({"description": format!("{n}")})).await.status.as_u16() }
        });
        let mut statuses = futures::future::join_all(patches).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412]);
        assert_eq!(ada.get(&path).await.ok::<Album>().title.as_deref(), Some("mine"));
        // The minute of its cover's links is no change, but nobody keeps links that have expired.
        for id in &ids {
            ada.send(Method::PATCH, &format!("/images/{id}"), Some(&json!({"visibility": "private"}))).await.ok::<Image>();
        }
        let private = tag().await;
        server.clock.advance(chrono::TimeDelta::minutes(2));
        assert_ne!(tag().await, private);
        assert_eq!(change(&private, &json!({"title": "late"})).await.status, 200);
        assert_eq!(ada.delete(&path).await.status, 204);
        change("*", &json!({"title": "gone"})).await.problem("not_found");
    }

    async fn who_moves_one_image_changes_no_other_until_there_is_no_room_left(server: TestServer) {
        let ada = server.user().await;
        let ids = ada.pictures(5).await;
        let album = ada.album(&ids).await.id;
        ada.in_album(album, "remove", json!({"ids": [ids[0]]})).await;
        let others = async |moved: Uuid| {
            let mut rows = positions(&server, album).await;
            rows.retain(|row| row.image_id.0 != moved);
            rows.into_iter().map(|row| (row.image_id, row.position)).collect::<HashSet<_>>()
        };
        let mut numbered = Vec::new();
        let (mut moved, mut next) = (ids[3], ids[2]);
        // Each halves the room behind the first.
        for turn in 0..100 {
            let before = others(moved).await;
            ada.in_album(album, "move", json!({"ids": [moved], "before": next})).await;
            if others(moved).await != before {
                numbered.push(turn);
            }
            assert_eq!(ada.images_of(album, 200).await, [ids[1], moved, next, ids[4]], "turn {turn}");
            (moved, next) = (next, moved);
        }
        assert!((3..=4).contains(&numbered.len()) && numbered[0] > 30, "{numbered:?}");
    }

    async fn albums_images_and_their_purge_wait_for_each_other(server: TestServer) {
        let ada = server.user().await;
        let ids = ada.pictures(12).await;
        let album = ada.album(&ids[..6]).await.id;
        let (one, two) = (ada.album(&ids).await.id, ada.album(&ids).await.id);
        let calls = (0..24usize).map(|n| {
            let (ada, mut ids, server) = (ada.clone(), ids.clone(), &server);
            async move {
                ids.rotate_left(n % 12);
                if n % 2 == 0 { ids.reverse(); }
                let album = [album, one, two][n % 3];
                match n % 6 {
                    0 => drop(ada.in_album(album, "add", json!({"ids": ids})).await),
                    1 => drop(ada.in_album(album, "move", json!({"ids": ids[..5], "before": ids[7]})).await.len()),
                    2 => drop(ada.in_album(album, "remove", json!({"ids": ids[..2]})).await),
                    3 => assert_eq!(ada.post("/images/bulk/delete", &json!({"ids": ids[..1], "permanent": true})).await.status, 200),
                    4 => server.work().await,
                    _ => assert_eq!(ada.post("/images/bulk/update", &json!({"ids": ids, "change": {"title": format!("{n}")}})).await.status, 200),
                }
            }
        });
        futures::future::join_all(calls).await;
        server.work().await;
        let here: HashSet<_> = ada.list("?limit=200").await.items.into_iter().map(|image| image.id).collect();
        for album in [album, one, two] {
            let listed = ada.images_of(album, 2).await;
            let rows = positions(&server, album).await;
            assert_eq!(listed.len(), rows.len());
            assert!(listed.iter().all(|id| here.contains(id)));
            assert_eq!(rows.iter().map(|row| row.position).collect::<HashSet<_>>().len(), rows.len());
        }
        assert_eq!(server.faults().await, []);
    }

    async fn an_album_and_an_account_hold_so_much_and_no_more(server: TestServer) {
        let ada = server.user().await;
        let user = ada.session.as_ref().unwrap().user.id;
        let ids = ada.pictures(2).await;
        let album = ada.album(&[]).await.id;
        fill(&server, user, album, ids[0]).await;
        let path = format!("/albums/{album}/images/add");
        ada.post(&path, &json!({"ids": ids})).await.problem("album_full");
        assert_eq!(ada.get(&format!("/albums/{album}")).await.ok::<Album>().count, 9_999);
        assert_eq!(ada.post(&path, &json!({"ids": ids[..1]})).await.status, 200);
        ada.post(&path, &json!({"ids": ids[1..]})).await.problem("album_full");
        assert_eq!(ada.post(&path, &json!({"ids": ids[..1]})).await.status, 200, "nothing new");
        assert_eq!(album::Entity::find().count(server.db()).await.unwrap(), 9_999);
        ada.album(&ids[..1]).await;
        ada.post("/albums", &json!({})).await.problem("too_many_albums");
        server.user().await.album(&[]).await;
    }

    async fn a_deleted_account_takes_its_albums_along(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let ids = ada.pictures(2).await;
        ada.album(&ids).await;
        let hers = eve.album(&eve.pictures(1).await).await;
        assert_eq!(ada.post("/me/delete", &json!({"password": "correct horse"})).await.status, 204);
        let left = album::Entity::find().all(server.db()).await.unwrap();
        assert_eq!(left.iter().map(|row| row.id.0).collect::<Vec<_>>(), [hers.id]);
        assert_eq!(album_image::Entity::find().count(server.db()).await.unwrap(), 1);
        server.work().await;
        assert_eq!(eve.get(&format!("/albums/{}", hers.id)).await.ok::<Album>(), hers);
    }
}

/// Fills an album to one below the most that it holds, and gives the account as many albums.
async fn fill(server: &TestServer, user: Uuid, album: Uuid, image: Uuid) {
    copy_images(server, album, image, 9_999).await;
    let numbers = numbers(server, 9_998);
    let (id, user, album) = (
        random_id(server),
        literal(server, user),
        literal(server, album),
    );
    let albums = format!(
        "INSERT INTO albums (id, user_id, slug, visibility, version, created_at)
         SELECT {id}, user_id, 's' || n, visibility, 0, created_at FROM albums, {numbers} WHERE albums.id = {album} AND user_id = {user}"
    );
    server.db().execute_unprepared(&albums).await.unwrap();
}

/// Puts so many copies of an image into an album. Their slugs are `s1`, `s2`, ...
pub async fn copy_images(server: &TestServer, album: Uuid, image: Uuid, count: u32) {
    let numbers = numbers(server, count);
    let (id, album, image) = (
        random_id(server),
        literal(server, album),
        literal(server, image),
    );
    let no = if is_postgres(server) { "false" } else { "0" };
    let statements = [
        format!(
            "INSERT INTO images (id, user_id, slug, state, filename, search_filename, content_type, size_bytes, width, height, sha256, source_sha256,
                visibility, removed, placeholder, original_key, preview_key, thumb_key, created_at)
             SELECT {id}, user_id, 's' || n, state, filename, search_filename, content_type, size_bytes, width, height, sha256, source_sha256,
                visibility, removed, placeholder, 'k' || n, preview_key, thumb_key, created_at FROM images, {numbers} WHERE images.id = {image}"
        ),
        format!(
            "INSERT INTO album_images (album_id, image_id, position, is_cover)
             SELECT {album}, id, CAST(substr(original_key, 2) AS BIGINT), {no} FROM images WHERE original_key LIKE 'k%'"
        ),
    ];
    for statement in statements {
        server.db().execute_unprepared(&statement).await.unwrap();
    }
}

fn is_postgres(server: &TestServer) -> bool {
    server.db().get_database_backend() == sea_orm::DbBackend::Postgres
}

fn literal(server: &TestServer, id: Uuid) -> String {
    if is_postgres(server) {
        format!("'{id}'::uuid")
    } else {
        format!("x'{}'", id.simple())
    }
}

fn random_id(server: &TestServer) -> &'static str {
    if is_postgres(server) {
        "gen_random_uuid()"
    } else {
        "randomblob(16)"
    }
}

/// Rows with an `n` from 1 on.
fn numbers(server: &TestServer, count: u32) -> String {
    if is_postgres(server) {
        format!("(SELECT n FROM generate_series(1, {count}) AS n) AS numbers")
    } else {
        format!(
            "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s) AS numbers"
        )
    }
}
