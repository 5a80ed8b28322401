//! Images that end by themselves: for everybody at once, in every cache in time, and for good only when their time in the trash is over.

use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tintype_api::config::Delivery;
use tintype_core::albums;
use tintype_core::db::image::{self, State};
use tintype_core::images::queries;
use tintype_dto::{
    Album, AlbumLinks, BulkImages, BulkOutcome, CreatedAlbum, CreatedUpload, CreatedUploads, Image,
    ImageDays, Upload, UploadState, User,
};
use uuid::Uuid;

use crate::client::{Answer, Client};
use crate::pictures::jpeg;
use crate::server::{On, TestServer, on_both_databases};

/// This long from now, in the words of a client.
fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

impl TestServer {
    fn after(&self, time: TimeDelta) -> DateTime<Utc> {
        self.clock.now() + time
    }

    /// How far the row of an image is, and when the worker comes by.
    async fn standing(&self, id: Uuid) -> (State, Option<DateTime<Utc>>) {
        let row = image::Entity::find_by_id(id).one(self.db()).await.unwrap();
        row.map(|row| (row.state, row.due_at)).unwrap()
    }
}

impl Client {
    async fn change(&self, id: Uuid, body: Value) -> Answer {
        let path = format!("/images/{id}");
        self.send(Method::PATCH, &path, Some(&body)).await
    }

    /// A picture that ends then.
    async fn upload_until(&self, seed: u8, end: DateTime<Utc>) -> Image {
        let image = self.upload("a.jpg", &jpeg(seed)).await;
        let end = json!({"expires_at": text(end)});
        self.change(image.id, end).await.ok()
    }

    async fn trash(&self) -> Vec<Image> {
        self.list("?state=trashed").await.items
    }
}

/// The seconds that a directive of `Cache-Control` names.
fn seconds(answer: &Answer, directive: &str) -> i64 {
    let header = answer.header("cache-control");
    let parts = header.split(", ").filter_map(|part| part.split_once('='));
    let mut named = parts.filter(|(name, _)| *name == directive);
    let (_, seconds) = named.next().unwrap_or_else(|| panic!("{header}"));
    seconds.parse().unwrap()
}

fn oembed(server: &TestServer, page: &str) -> String {
    let page: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
    format!("{}/oembed?url={page}", server.app_url())
}

on_both_databases! {
    async fn an_image_that_has_ended_is_there_for_nobody_in_no_way(server: TestServer) {
        let ada = server.user().await;
        let end = server.after(TimeDelta::hours(1));
        let (open, stays) = (ada.upload_until(1, end).await, ada.upload("b.jpg", &jpeg(2)).await);
        assert_eq!((open.expires_at, stays.expires_at), (Some(end), None));
        let private = ada.upload_until(3, end).await;
        let private: Image = ada.change(private.id, json!({"visibility": "private"})).await.ok();
        assert_eq!(private.expires_at, Some(end), "what is left out stays");
        let album = ada.album(&[open.id, stays.id, private.id]).await;
        let (page, album_page) = (open.links.page.clone().unwrap(), album.links.page.clone().unwrap());
        let addresses = [
            page.clone(), oembed(&server, &page), open.links.original.clone(), open.links.preview.clone(), open.links.thumb.clone(),
        ];
        let of_owner = [&open, &private].map(|image| [format!("/images/{}", image.id), format!("/images/by-slug/{}", image.slug)]).concat();
        let sha256 = json!({"sha256": [&open.sha256]});
        let album_path = format!("/albums/{}", album.id);
        let counts = async || {
            let days: ImageDays = ada.get("/images/days").await.ok();
            let me: User = ada.get("/me").await.ok();
            let album: tintype_dto::Album = ada.get(&album_path).await.ok();
            let of_days: u64 = days.days.iter().map(|day| day.count).sum();
            (ada.list("").await.items.len(), of_days, me.usage.images, album.count, album.cover.unwrap().id, ada.images_of(album.id, 200).await.len())
        };

        server.clock.advance(TimeDelta::minutes(59));
        for address in &addresses {
            assert_eq!(server.fetch(address).await.status, 200, "{address}");
        }
        for path in &of_owner {
            assert_eq!(ada.get(path).await.status, 200, "{path}");
        }
        let signed: Image = ada.get(&format!("/images/{}", private.id)).await.ok();
        assert_eq!(server.fetch(&signed.links.original).await.status, 200);
        assert!(signed.links.expires_at.unwrap() <= end && signed.links.expires_at.unwrap() > server.clock.now(), "{signed:?}");
        assert_eq!(counts().await, (3, 3, 3, 3, open.id, 3));
        assert!(String::from_utf8_lossy(&server.fetch(&album_page).await.body).contains("2 pictures"));

        server.clock.advance(TimeDelta::minutes(1));
        for address in addresses.iter().chain([&signed.links.original]) {
            assert_eq!(server.fetch(address).await.status, 404, "{address}");
        }
        for path in &of_owner {
            ada.get(path).await.problem("not_found");
        }
        ada.change(open.id, json!({"expires_at": null})).await.problem("not_found");
        assert_eq!(counts().await, (1, 1, 1, 1, stays.id, 1));
        let found: Value = ada.post("/images/find-by-hash", &sha256).await.ok();
        assert_eq!(found["items"][0]["image"], Value::Null);
        let html = String::from_utf8(server.fetch(&album_page).await.body).unwrap();
        assert!(html.contains("1 picture<") && !html.contains(&open.slug) && html.contains(&stays.slug), "{html}");
        assert!(String::from_utf8_lossy(&server.fetch(&page).await.body).contains("not_found"));
    }

    async fn an_image_is_there_until_the_very_moment_of_its_end(server: TestServer) {
        let ada = server.user().await;
        let user = ada.session.as_ref().unwrap().user.id.into();
        let end = server.after(TimeDelta::hours(1));
        let image = ada.upload_until(1, end).await;
        let album = ada.album(&[image.id]).await;
        let (db, id) = (server.db(), image.id.into());
        let row = image::Entity::find_by_id(image.id).one(db).await.unwrap().unwrap();
        for (now, is_there) in [(end - TimeDelta::microseconds(1), true), (end, false)] {
            let sha256 = row.sha256;
            let by_hash = queries::by_hash((user, now), image::Column::Sha256, sha256).one(db).await.unwrap();
            let shown = [
                queries::find(db, user, id, now).await.unwrap().is_some(),
                by_hash.is_some(),
                queries::find_published(db, &image.slug, now).await.unwrap().is_some(),
                !queries::these(db, user, vec![id], now).await.unwrap().is_empty(),
                !queries::days(db, user, &queries::Filter::default(), now).await.unwrap().is_empty(),
                albums::Opened::find(db, &album.slug, None, now, 1).await.unwrap().is_some(),
                row.lasts(now),
            ];
            assert_eq!(shown, [is_there; 7], "{now}");
        }
    }

    async fn no_cache_keeps_an_image_beyond_its_end(server: TestServer) {
        let ada = server.user().await;
        let end = server.after(TimeDelta::minutes(3));
        let image = ada.upload_until(1, end).await;
        let album = ada.album(&[image.id, ada.upload("b.jpg", &jpeg(2)).await.id]).await;
        let (page, album_page) = (image.links.page.clone().unwrap(), album.links.page.clone().unwrap());
        let etag = server.fetch(&image.links.original).await.header("etag").to_owned();
        for pause in [0, 150] {
            server.clock.advance(TimeDelta::seconds(pause));
            let left = (end - server.clock.now()).num_seconds();
            assert!(left > 10, "{left}");
            let media = [&image.links.original, &image.links.preview, &image.links.thumb].map(|url| server.fetch(url));
            let known = server.anonymous().send_to(Method::GET, &image.links.original, |r| r.header("if-none-match", &etag)).await;
            assert_eq!(known.status, 304);
            for answer in futures::future::join_all(media).await.into_iter().chain([known]) {
                assert!((1..=left).contains(&seconds(&answer, "max-age")), "{left} {answer:?}");
                assert!((1..=left.min(60)).contains(&seconds(&answer, "s-maxage")));
                assert!(!answer.header("cache-control").contains("immutable"));
            }
            for url in [&page, &album_page, &oembed(&server, &page), &oembed(&server, &album_page)] {
                let answer = server.fetch(url).await;
                assert_eq!((answer.status.as_u16(), seconds(&answer, "max-age")), (200, 0), "{url}");
                assert!((1..=left.min(60)).contains(&seconds(&answer, "s-maxage")), "{url}");
            }
        }
        server.clock.advance(TimeDelta::seconds(30));
        assert_eq!(server.fetch(&image.links.original).await.status, 404);
        assert_eq!(seconds(&server.fetch(&album_page).await, "s-maxage"), 60, "what is left on it does not end");
    }

    async fn the_worker_moves_what_has_ended_to_the_trash_and_leaves_what_was_given_more_time(server: TestServer) {
        let ada = server.user().await;
        let end = server.after(TimeDelta::hours(1));
        let (ends, longer, endless) = (ada.upload_until(1, end).await, ada.upload_until(2, end).await, ada.upload_until(3, end).await);
        assert_eq!(server.standing(ends.id).await, (State::Ready, Some(end)));
        let later = server.after(TimeDelta::hours(3));
        let longer: Image = ada.change(longer.id, json!({"expires_at": text(later)})).await.ok();
        let change = json!({"ids": [endless.id], "change": {"expires_at": null}});
        let changed: BulkImages = ada.post("/images/bulk/update", &change).await.ok();
        assert_eq!((longer.expires_at, changed.items[0].image.as_ref().unwrap().expires_at), (Some(later), None));
        assert_eq!(server.standing(endless.id).await, (State::Ready, None));
        server.work().await;
        assert_eq!(server.standing(ends.id).await, (State::Ready, Some(end)), "not before its time");

        server.clock.advance(TimeDelta::hours(1));
        server.work().await;
        let trashed = ada.trash().await;
        assert_eq!(trashed.iter().map(|image| (image.id, image.expires_at)).collect::<Vec<_>>(), [(ends.id, Some(end))]);
        let left = trashed[0].purge_at.unwrap() - server.clock.now();
        assert!((6..=7).contains(&left.num_days()), "{left}");
        assert_eq!(server.fetch(&trashed[0].links.thumb).await.status, 200, "its owner sees what it was");
        assert_eq!(ada.list("").await.items.len(), 2);

        server.clock.advance(TimeDelta::hours(2));
        server.work().await;
        assert_eq!(ada.list("").await.items.iter().map(|image| image.id).collect::<Vec<_>>(), [endless.id]);
        assert_eq!(server.objects().await.len(), 9, "nothing is lost yet");
        server.clock.advance(TimeDelta::days(8));
        server.work().await;
        assert_eq!(server.objects().await.len(), 3);
    }

    async fn an_end_is_a_minute_to_ten_years_ahead_wherever_it_is_given(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        let file = |end: &str| json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": 5, "expires_at": end});
        let bad = [server.after(TimeDelta::seconds(58)), server.after(TimeDelta::days(-1)), server.after(TimeDelta::days(3_654))].map(text);
        for end in bad.iter().map(String::as_str).chain(["tomorrow", "", "2099-01-01"]) {
            let change = json!({"expires_at": end});
            let many: CreatedUploads = match end.parse::<DateTime<Utc>>() {
                Ok(_) => ada.post("/uploads/bulk", &json!({"files": [file(end)]})).await.ok(),
                Err(_) => CreatedUploads { items: Vec::new() },
            };
            for item in many.items {
                let CreatedUpload::Problem(problem) = item else { panic!("{end} was taken") };
                assert_eq!((problem.code.name(), problem.errors[0].field.as_str()), ("validation_failed", "expires_at"), "{end}");
            }
            for (answer, field) in [
                (ada.change(image.id, change.clone()).await, "expires_at"),
                (ada.post("/images/bulk/update", &json!({"ids": [image.id], "change": change})).await, "expires_at"),
                (ada.post("/uploads", &file(end)).await, "expires_at"),
            ] {
                let problem = answer.problem("validation_failed");
                assert!(problem.errors.len() == 1 && problem.errors[0].field.ends_with(field), "{end}: {problem:?}");
            }
        }
        for end in [server.after(TimeDelta::seconds(75)), server.after(TimeDelta::days(3_650))] {
            // Whatever its zone; and finer than what is kept.
            let written = (end + TimeDelta::nanoseconds(7)).with_timezone(&chrono::FixedOffset::east_opt(3600).unwrap()).to_rfc3339();
            let changed: Image = ada.change(image.id, json!({"expires_at": written})).await.ok();
            assert_eq!(changed.expires_at, Some(end));
        }
        let same: Image = ada.change(image.id, json!({"title": "x"})).await.ok();
        assert!(same.expires_at.is_some());
        let endless: Image = ada.change(image.id, json!({"expires_at": null})).await.ok();
        assert_eq!(endless.expires_at, None);
    }

    async fn an_announcement_says_when_its_image_ends_and_what_is_there_already_stays(server: TestServer) {
        let ada = server.user().await;
        let end = server.after(TimeDelta::hours(1)).trunc_subsecs(0);
        let file = |seed: u8, minutes: i64| json!({
            "filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": jpeg(seed).len(), "sha256": hex::encode(Sha256::digest(jpeg(seed))),
            "expires_at": text(end + TimeDelta::minutes(minutes)),
        });
        let upload: Upload = ada.post("/uploads", &file(1, 0)).await.ok();
        assert_eq!(ada.put(&upload, &jpeg(1)).await.status, 200);
        let image: Image = ada.confirm(upload.id).await.ok();
        assert_eq!(image.expires_at, Some(end));
        let yours: Upload = ada.post("/uploads", &file(1, 30)).await.ok();
        assert_eq!(yours.image, Some(image.clone()));

        let many: CreatedUploads = ada.post("/uploads/bulk", &json!({"files": [file(1, 30), file(2, 30)]})).await.ok();
        let uploads: Vec<_> = many.items.into_iter().map(|item| match item {
            CreatedUpload::Upload(upload) => upload,
            CreatedUpload::Problem(problem) => panic!("{problem:?}"),
        }).collect();
        assert_eq!(uploads[0].image, Some(image.clone()));
        assert_eq!(ada.put(&uploads[1], &jpeg(2)).await.status, 200);
        assert_eq!(ada.confirm(uploads[1].id).await.ok::<Image>().expires_at, Some(end + TimeDelta::minutes(30)));

        // What has ended is no picture that is there already.
        server.clock.advance(TimeDelta::hours(1));
        let again: Upload = ada.post("/uploads", &file(1, 30)).await.ok();
        assert_eq!((again.state, again.image), (UploadState::Pending, None));
        assert_ne!(again.id, image.id);
        ada.get(&format!("/uploads/{}", image.id)).await.problem("not_found");
    }

    async fn an_image_whose_end_passes_before_it_is_there_ends_at_once(server: TestServer) {
        let ada = server.user().await;
        let end = server.after(TimeDelta::minutes(2));
        let file = json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": jpeg(1).len(), "expires_at": text(end)});
        let upload: Upload = ada.post("/uploads", &file).await.ok();
        assert_eq!(ada.put(&upload, &jpeg(1)).await.status, 200);
        server.clock.advance(TimeDelta::minutes(3));
        for _ in 0..2 {
            ada.confirm(upload.id).await.problem("not_found");
        }
        assert_eq!(ada.list("").await.items, []);
        server.work().await;
        let trashed = ada.trash().await;
        assert_eq!(trashed.iter().map(|image| (image.id, image.expires_at)).collect::<Vec<_>>(), [(upload.id, Some(end))]);
    }

    async fn an_end_is_part_of_what_a_client_has_read(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        let path = format!("/images/{}", image.id);
        let tag = ada.get(&path).await.header("etag").to_owned();
        let end = json!({"expires_at": text(server.after(TimeDelta::hours(1)))});
        let change = async |tag: &str, body: &Value| {
            let url = format!("{}{path}", ada.api);
            let token = ada.session.as_ref().unwrap().token.clone();
            ada.send_to(Method::PATCH, &url, |r| r.bearer_auth(token).header("if-match", tag).json(body)).await
        };
        let changed = change(&tag, &end).await;
        assert!(changed.ok::<Image>().expires_at.is_some());
        assert_ne!(changed.header("etag"), tag);
        change(&tag, &json!({"expires_at": null})).await.problem("precondition_failed");
        let back = change(changed.header("etag"), &json!({"expires_at": null})).await;
        assert_eq!((back.ok::<Image>().expires_at, back.header("etag")), (None, &*tag));
        // Somebody is quicker between the two statements of such a change.
        let row = image::Entity::find_by_id(image.id).one(server.db()).await.unwrap().unwrap();
        ada.change(image.id, end).await.ok::<Image>();
        let titled = tintype_dto::UpdateImage { title: Some(Some("x".into())), ..Default::default() };
        let titled = tintype_core::images::Change::check(&titled, server.clock.now()).unwrap();
        assert_eq!(queries::change_from(server.db(), &row, &titled, server.clock.now()).await.unwrap(), None);
    }

    async fn what_is_deleted_and_restored_ends_all_the_same(server: TestServer) {
        let ada = server.user().await;
        let end = server.after(TimeDelta::hours(1));
        let (one, many) = (ada.upload_until(1, end).await, ada.upload_until(2, end).await);
        for image in [&one, &many] {
            assert_eq!(ada.delete(&format!("/images/{}", image.id)).await.status, 204);
        }
        let restored: Image = ada.post(&format!("/images/{}/restore", one.id), &json!({})).await.ok();
        assert_eq!(restored, one);
        ada.post("/images/bulk/restore", &json!({"ids": [many.id]})).await.ok::<BulkImages>();
        for image in [&one, &many] {
            assert_eq!(server.standing(image.id).await, (State::Ready, Some(end)));
        }
        server.clock.advance(TimeDelta::hours(1));
        server.work().await;
        assert_eq!(ada.trash().await.len(), 2);
    }

    async fn what_has_ended_is_restored_with_another_end_or_with_none(server: TestServer) {
        let ada = server.user().await;
        let restore = async |id: Uuid, body: Value| ada.post(&format!("/images/{id}/restore"), &body).await;
        let end = server.after(TimeDelta::hours(1));
        let image = ada.upload_until(1, end).await;
        server.clock.advance(TimeDelta::hours(1));
        // Whether the worker has come by or not.
        for _ in 0..2 {
            let problem = restore(image.id, json!({})).await.problem("image_expired");
            assert!(problem.detail.contains("expires_at"), "{problem:?}");
            let bare = ada.send(Method::POST, &format!("/images/{}/restore", image.id), None).await;
            assert_eq!((bare.status.as_u16(), bare.problem("image_expired").status), (409, 409));
            restore(image.id, json!({"expires_at": text(end)})).await.problem("validation_failed");
            server.user().await.post(&format!("/images/{}/restore", image.id), &json!({"expires_at": null})).await.problem("not_found");
            assert_eq!(ada.list("").await.items, []);

            let later = server.after(TimeDelta::hours(1));
            let back: Image = restore(image.id, json!({"expires_at": text(later)})).await.ok();
            assert_eq!(back, Image { expires_at: Some(later), ..image.clone() });
            assert_eq!(server.standing(image.id).await, (State::Ready, Some(later)));
            assert_eq!(server.fetch(&image.links.original).await.status, 200);
            let same: Image = restore(image.id, json!({"expires_at": null})).await.ok();
            assert_eq!(same.expires_at, Some(later), "it is not deleted");
            server.clock.advance(TimeDelta::hours(1));
            server.work().await;
        }
        restore(image.id, json!(null)).await.problem("image_expired");
        let back: Image = restore(image.id, json!({"expires_at": null})).await.ok();
        assert_eq!((back.expires_at, server.standing(image.id).await), (None, (State::Ready, None)));
        restore(image.id, json!({"expires_at": 5})).await.problem("validation_failed");
        restore(image.id, json!({"end": null})).await.problem("validation_failed");
        let url = format!("{}/images/{}/restore", ada.api, image.id);
        let token = ada.session.as_ref().unwrap().token.clone();
        let words = ada.send_to(Method::POST, &url, |r| r.bearer_auth(token).body("now")).await;
        words.problem("unsupported_content_type");
    }

    async fn of_many_that_are_restored_each_is_told_whether_it_has_ended(server: TestServer) {
        let ada = server.user().await;
        let (end, later) = (server.after(TimeDelta::hours(1)), server.after(TimeDelta::hours(5)));
        let (ended, lasts, deleted) = (ada.upload_until(1, end).await, ada.upload_until(2, later).await, ada.upload("c.jpg", &jpeg(3)).await);
        for image in [&lasts, &deleted] {
            ada.delete(&format!("/images/{}", image.id)).await;
        }
        server.clock.advance(TimeDelta::hours(1));
        server.work().await;
        let ids = [ended.id, lasts.id, Uuid::nil(), deleted.id];
        let restore = async |mut body: Value| -> Vec<_> {
            body["ids"] = json!(ids);
            let restored: BulkImages = ada.post("/images/bulk/restore", &body).await.ok();
            restored.items.into_iter().map(|item| (item.outcome, item.image.map(|image| image.expires_at))).collect()
        };
        let (done, gone) = (BulkOutcome::Done, (BulkOutcome::NotFound, None));
        assert_eq!(restore(json!({})).await, [(BulkOutcome::Expired, None), (done, Some(Some(later))), gone, (done, Some(None))]);
        assert_eq!(ada.trash().await.len(), 1);
        let bad = json!({"ids": ids, "expires_at": text(end)});
        ada.post("/images/bulk/restore", &bad).await.problem("validation_failed");
        let next = server.after(TimeDelta::hours(2));
        let restored = restore(json!({"expires_at": text(next)})).await;
        assert_eq!(restored, [(done, Some(Some(next))), (done, Some(Some(later))), gone, (done, Some(None))], "those that are ready stay as they are");
        assert_eq!(server.standing(ended.id).await, (State::Ready, Some(next)));
    }

    async fn an_album_that_has_ended_is_shown_to_its_owner_alone_until_it_is_given_another_end(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        let end = server.after(TimeDelta::minutes(10));
        let made: CreatedAlbum = ada.post("/albums", &json!({"images": [image.id], "expires_at": text(end)})).await.ok();
        let endless = ada.album(&[image.id]).await;
        assert_eq!((made.album.expires_at, endless.expires_at), (Some(end), None));
        let (path, page) = (format!("/albums/{}", made.album.id), made.album.links.page.clone().unwrap());
        let addresses = [page.clone(), oembed(&server, &page)];
        server.clock.advance(TimeDelta::seconds(590));
        for address in &addresses {
            let answer = server.fetch(address).await;
            let left = (end - server.clock.now()).num_seconds();
            assert_eq!(answer.status, 200);
            assert!((left..=10).contains(&seconds(&answer, "s-maxage")), "{left}");
        }
        server.clock.advance(TimeDelta::seconds(10));
        server.work().await;
        for address in &addresses {
            assert_eq!(server.fetch(address).await.status, 404);
        }
        assert_eq!(server.fetch(endless.links.page.as_ref().unwrap()).await.status, 200);
        assert_eq!(server.fetch(image.links.page.as_ref().unwrap()).await.status, 200, "its images stay");
        let nowhere = AlbumLinks { page: None, archive: None };
        assert_eq!(ada.get(&path).await.ok::<Album>(), Album { links: nowhere, ..made.album.clone() });
        assert_eq!(ada.images_of(made.album.id, 200).await, [image.id]);
        let titled: Album = ada.change_album(made.album.id, json!({"title": "x"})).await.ok();
        assert_eq!(titled.expires_at, Some(end), "what is left out stays");
        assert_eq!(server.fetch(&page).await.status, 404);

        let later = server.after(TimeDelta::minutes(10));
        let longer: Album = ada.change_album(made.album.id, json!({"expires_at": text(later)})).await.ok();
        assert_eq!((longer.expires_at, server.fetch(&page).await.status.as_u16()), (Some(later), 200));
        let endless: Album = ada.change_album(made.album.id, json!({"expires_at": null})).await.ok();
        assert_eq!(endless.expires_at, None);
        server.clock.advance(TimeDelta::hours(1));
        assert_eq!(server.fetch(&page).await.status, 200);
        for bad in [server.after(TimeDelta::seconds(58)), server.after(TimeDelta::days(3_654))].map(text) {
            for answer in [ada.post("/albums", &json!({"expires_at": bad})).await, ada.change_album(made.album.id, json!({"expires_at": bad})).await] {
                assert_eq!(answer.problem("validation_failed").errors[0].field, "expires_at");
            }
        }
    }

    async fn an_album_ends_at_the_very_moment_and_its_end_is_part_of_what_a_client_has_read(server: TestServer) {
        let ada = server.user().await;
        let album = ada.album(&[ada.upload("a.jpg", &jpeg(1)).await.id]).await;
        let path = format!("/albums/{}", album.id);
        let tag = ada.get(&path).await.header("etag").to_owned();
        let end = server.after(TimeDelta::hours(1));
        ada.change_album(album.id, json!({"expires_at": text(end)})).await.ok::<Album>();
        assert_ne!(ada.get(&path).await.header("etag"), tag);
        for (now, is_there) in [(end - TimeDelta::microseconds(1), true), (end, false)] {
            let opened = albums::Opened::find(server.db(), &album.slug, None, now, 1).await.unwrap();
            assert_eq!(opened.map(|opened| opened.until()), is_there.then_some(Some(end)), "{now}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_sent_to_an_address_that_outlives_the_image() {
    let server = TestServer::start_with(On::Sqlite, |config| {
        config.server.delivery = Delivery::Redirect;
    })
    .await;
    let ada = server.user().await;
    let end = server.after(TimeDelta::seconds(90));
    let open = ada.upload_until(1, end).await;
    let hidden = ada.upload_until(2, end).await;
    let private = json!({"visibility": "private"});
    ada.change(hidden.id, private).await.ok::<Image>();
    server.clock.advance(TimeDelta::seconds(60));
    let hidden: Image = ada.get(&format!("/images/{}", hidden.id)).await.ok();
    let left = (end - server.clock.now()).num_seconds();
    assert!((10..=30).contains(&left), "{left}");
    for (image, is_open) in [(&open, true), (&hidden, false)] {
        let answer = server.fetch(&image.links.original).await;
        assert_eq!(answer.status, 302);
        let (_, rest) = answer
            .header("location")
            .split_once("X-Amz-Expires=")
            .unwrap();
        let lives: i64 = rest.split('&').next().unwrap().parse().unwrap();
        assert!((1..=left).contains(&lives), "{lives} of {left}");
        if is_open {
            assert!((0..=left / 2).contains(&seconds(&answer, "max-age")));
        } else {
            assert_eq!(answer.header("cache-control"), "private, no-store");
        }
    }
    server.clock.advance(TimeDelta::seconds(30));
    assert_eq!(server.fetch(&open.links.original).await.status, 404);
}
