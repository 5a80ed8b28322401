//! The main job: from a file to a link, and what becomes of it.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use image::ImageFormat;
use reqwest::Method;
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use serde_json::{Value, json};
use tintype_core::pipeline::Weight;
use tintype_dto::{Image, Upload, UploadState};

use crate::backups::drill::Elsewhere;
use crate::pictures::{jpeg, pattern, picture, png, sized};
use crate::server::{On, TestServer, on_both_databases};

on_both_databases! {
    async fn a_picture_goes_from_a_file_to_a_link_that_anyone_can_open(server: TestServer) {
        let alice = server.user().await;
        let bytes = jpeg(1);
        let upload = alice.announce("summer.jpg", &bytes).await;
        assert_eq!(upload.state, UploadState::Pending);
        assert_eq!(alice.put(&upload, &bytes).await.status, 200);
        let image: Image = alice.confirm(upload.id).await.ok();
        assert_eq!((image.id, image.width, image.height, image.filename.as_str()), (upload.id, 1640, 8, "summer.jpg"));

        let original = server.fetch(&image.links.original).await;
        assert_eq!(original.status, 200);
        assert_eq!(original.header("content-type"), "image/jpeg");
        assert_eq!(image::load_from_memory(&original.body).unwrap().width(), 1640);
        for (rendition, url, width) in [("thumb", &image.links.thumb, 400), ("preview", &image.links.preview, 1600)] {
            assert_eq!(*url, format!("{}/i/{}/{rendition}.webp", server.media_url(), image.slug));
            let answer = server.fetch(url).await;
            assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/webp"));
            assert_eq!(image::load_from_memory(&answer.body).unwrap().width(), width);
        }

        let page = server.fetch(image.links.page.as_ref().unwrap()).await;
        assert!(String::from_utf8_lossy(&page.body).contains(&image.links.original));
        assert_eq!(alice.list("").await.items, std::slice::from_ref(&image));
        let me: tintype_dto::User = alice.get("/me").await.ok();
        assert_eq!((me.usage.images, me.usage.bytes), (1, image.size_bytes));
        assert!(server.objects().await.iter().all(|key| key.starts_with("images/")), "staging is dropped");
    }

    async fn a_small_picture_serves_as_its_own_preview_and_thumbnail(server: TestServer) {
        let alice = server.user().await;
        for (name, bytes, is_thumb) in [
            ("icon.png", sized(32, 32, 1, ImageFormat::Png), true),
            ("photo.jpg", sized(800, 533, 1, ImageFormat::Jpeg), false),
        ] {
            let image = alice.upload(name, &bytes).await;
            assert_eq!(image.links.preview, image.links.original, "{name}");
            assert_eq!(image.links.thumb == image.links.original, is_thumb, "{name}");
            assert!(image.placeholder.is_some(), "{name}");
            let keys = server.app().store.list(&format!("images/{}/", image.id), None).await.unwrap().items;
            assert_eq!(keys.len(), if is_thumb { 2 } else { 3 }, "{name}: nothing else is made of it than its manifest");
        }
    }

    async fn what_is_made_of_a_picture_is_never_larger_than_that(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("pattern.png", &pattern(1700)).await;
        assert_eq!(image.links.preview, image.links.original);
        let page = server.app().store.list("images/", None).await.unwrap();
        assert!(page.items.iter().all(|object| object.size_bytes <= image.size_bytes), "{:?}", page.items);
        assert!(image.placeholder.is_some());
    }

    async fn a_large_picture_gets_a_preview_and_a_thumbnail_that_fit_their_boxes(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("wide.jpg", &sized(2000, 500, 1, ImageFormat::Jpeg)).await;
        let mut tags = Vec::new();
        for (url, size) in [(&image.links.preview, (1600, 400)), (&image.links.thumb, (400, 100))] {
            let answer = server.fetch(url).await;
            let picture = image::load_from_memory(&answer.body).unwrap();
            assert_eq!((picture.width(), picture.height()), size);
            tags.push(answer.header("etag").to_owned());
            let part = alice.send_to(Method::GET, url, |r| r.header("range", "bytes=0-3")).await;
            assert_eq!((part.status.as_u16(), part.body.as_slice()), (206, b"RIFF".as_slice()));
        }
        assert_ne!(tags[0], tags[1]);
        let me: tintype_dto::User = alice.get("/me").await.ok();
        assert_eq!(me.usage.bytes, image.size_bytes, "renditions cost the owner nothing");
    }

    async fn an_image_from_before_there_were_previews_is_shown_as_it_is_and_deleted_whole(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("a.jpg", &jpeg(1)).await;
        let preview = image.links.preview;
        let row = tintype_core::db::image::Entity::find_by_id(image.id).one(server.db()).await.unwrap().unwrap();
        server.app().store.delete(row.preview_key.as_ref().unwrap()).await.unwrap();
        tintype_core::db::image::ActiveModel { preview_key: Set(None), ..row.into() }.update(server.db()).await.unwrap();
        let image: Image = alice.get(&format!("/images/{}", image.id)).await.ok();
        assert_eq!(image.links.preview, image.links.original);
        assert_ne!(image.links.thumb, image.links.original);
        assert_eq!(server.fetch(&preview).await.header("content-type"), "image/jpeg", "old links show the image itself");
        alice.delete(&format!("/images/{}?permanent=true", image.id)).await;
        server.work().await;
        assert!(server.objects().await.is_empty());
    }

    async fn every_format_is_accepted_and_typed_by_its_bytes(server: TestServer) {
        let alice = server.user().await;
        for (name, format, media_type) in [
            ("a.jpg", ImageFormat::Jpeg, "image/jpeg"),
            ("a.png", ImageFormat::Png, "image/png"),
            ("a.gif", ImageFormat::Gif, "image/gif"),
            ("a.webp", ImageFormat::WebP, "image/webp"),
        ] {
            let image = alice.upload(name, &picture(7, format)).await;
            assert_eq!(server.fetch(&image.links.original).await.header("content-type"), media_type);
        }
        // A PNG that is announced as a JPEG is published as what it is.
        let image = alice.upload("lie.jpg", &png(9)).await;
        assert!(std::path::Path::new(&image.links.original).extension().is_some_and(|e| e == "png"), "{}", image.links.original);
    }

    async fn confirming_again_gets_the_same_answer(server: TestServer) {
        let alice = server.user().await;
        let bytes = jpeg(2);
        let upload = alice.announce("a.jpg", &bytes).await;
        alice.put(&upload, &bytes).await;
        let first: Image = alice.confirm(upload.id).await.ok();
        assert_eq!(alice.confirm(upload.id).await.ok::<Image>(), first);
    }

    async fn confirming_64_times_at_once_publishes_once_and_answers_alike(server: TestServer) {
        let alice = server.user().await;
        let bytes = jpeg(3);
        let upload = alice.announce("a.jpg", &bytes).await;
        alice.put(&upload, &bytes).await;
        let tasks: Vec<_> = (0..64).map(|_| { let alice = alice.clone(); tokio::spawn(async move { alice.confirm(upload.id).await }) }).collect();
        let mut images = Vec::new();
        for task in tasks {
            images.push(task.await.unwrap().ok::<Image>());
        }
        assert!(images.iter().all(|image| *image == images[0]));
        assert_eq!(server.objects().await.len(), 3, "one original, one preview and one thumbnail");
    }

    async fn confirming_before_the_put_says_what_is_missing(server: TestServer) {
        let alice = server.user().await;
        let bytes = jpeg(4);
        let upload = alice.announce("a.jpg", &bytes).await;
        alice.confirm(upload.id).await.problem("not_uploaded");
        alice.put(&upload, &bytes).await;
        alice.confirm(upload.id).await.ok::<Image>();
    }

    async fn confirming_after_the_url_has_expired_with_nothing_landed_is_gone(server: TestServer) {
        let alice = server.user().await;
        let upload = alice.announce("a.jpg", &jpeg(5)).await;
        server.clock.advance(TimeDelta::minutes(16));
        alice.confirm(upload.id).await.problem("upload_expired");
        server.clock.advance(TimeDelta::hours(1));
        server.work().await;
        assert_eq!(alice.get(&format!("/uploads/{}", upload.id)).await.ok::<Upload>().state, UploadState::Expired);
        alice.confirm(upload.id).await.problem("upload_expired");
    }

    async fn what_landed_in_time_is_published_however_late_it_is_confirmed(server: TestServer) {
        let alice = server.user().await;
        let bytes = jpeg(6);
        let upload = alice.announce("a.jpg", &bytes).await;
        alice.put(&upload, &bytes).await;
        server.clock.advance(TimeDelta::minutes(40));
        alice.confirm(upload.id).await.ok::<Image>();
    }

    async fn what_landed_without_a_confirm_is_published_by_the_worker(server: TestServer) {
        let alice = server.user().await;
        let bytes = jpeg(7);
        let upload = alice.announce("a.jpg", &bytes).await;
        alice.put(&upload, &bytes).await;
        server.clock.advance(TimeDelta::seconds(60));
        server.work().await;
        let upload: Upload = alice.get(&format!("/uploads/{}", upload.id)).await.ok();
        assert_eq!(upload.state, UploadState::Ready);
        assert_eq!(alice.list("").await.items.len(), 1);
    }

    async fn a_picture_that_is_mine_already_is_answered_at_once(server: TestServer) {
        let (alice, bob) = (server.user().await, server.user().await);
        let bytes = jpeg(8);
        let image = alice.upload("a.jpg", &bytes).await;
        let again = alice.announce("b.jpg", &bytes).await;
        assert_eq!((again.state, again.put.is_none(), again.image), (UploadState::Ready, true, Some(image.clone())));
        assert!(bob.announce("b.jpg", &bytes).await.put.is_some(), "what others have is not told");
        alice.delete(&format!("/images/{}", image.id)).await;
        assert!(alice.announce("b.jpg", &bytes).await.put.is_some(), "what is in the trash does not count");
    }

    async fn an_aborted_upload_is_over_and_leaves_nothing(server: TestServer) {
        let alice = server.user().await;
        let bytes = jpeg(9);
        let upload = alice.announce("a.jpg", &bytes).await;
        alice.put(&upload, &bytes).await;
        let path = format!("/uploads/{}", upload.id);
        assert_eq!(alice.delete(&path).await.status, 204);
        assert_eq!(alice.delete(&path).await.status, 204);
        alice.confirm(upload.id).await.problem("upload_aborted");
        assert!(server.objects().await.is_empty());
        let image = alice.upload("b.jpg", &bytes).await;
        alice.delete(&format!("/uploads/{}", image.id)).await.problem("already_ready");
    }

    async fn a_deleted_image_is_gone_at_once_and_comes_back_whole(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("a.jpg", &jpeg(10)).await;
        let path = format!("/images/{}", image.id);
        assert_eq!(alice.delete(&path).await.status, 204);
        for url in [&image.links.original, &image.links.preview, &image.links.thumb, image.links.page.as_ref().unwrap()] {
            server.fetch(url).await.problem("not_found");
        }
        alice.get(&path).await.problem("not_found");
        alice.delete(&path).await.problem("not_found");
        assert!(alice.list("").await.items.is_empty());
        let restored: Image = alice.post(&format!("{path}/restore"), &json!({})).await.ok();
        assert_eq!(restored, image);
        assert_eq!(server.fetch(&image.links.original).await.status, 200);
    }

    async fn what_stays_in_the_trash_is_purged_with_its_objects_and_its_upload(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("a.jpg", &jpeg(11)).await;
        let path = format!("/images/{}", image.id);
        alice.delete(&path).await;
        server.clock.advance(TimeDelta::days(8));
        let mut alice = alice;
        alice.post(&format!("{path}/restore"), &json!({})).await.problem("unauthenticated");
        let login = json!({"username": alice.session.as_ref().unwrap().user.username, "password": "correct horse"});
        alice.session = Some(alice.post("/auth/login", &login).await.ok());
        alice.post(&format!("{path}/restore"), &json!({})).await.problem("not_found");
        server.work().await;
        assert!(server.objects().await.is_empty());
        alice.confirm(image.id).await.problem("not_found");
    }

    async fn a_permanent_deletion_leaves_nothing(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("a.jpg", &jpeg(12)).await;
        assert_eq!(alice.delete(&format!("/images/{}?permanent=true", image.id)).await.status, 204);
        alice.post(&format!("/images/{}/restore", image.id), &json!({})).await.problem("not_found");
        server.work().await;
        assert!(server.objects().await.is_empty());
    }

    async fn a_title_can_be_set_and_taken_away(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("a.jpg", &jpeg(13)).await;
        let path = format!("/images/{}", image.id);
        let change = async |body: Value| alice.send(Method::PATCH, &path, Some(&body)).await;
        assert_eq!(change(json!({"title": "  Summer <Palace>  "})).await.ok::<Image>().title.as_deref(), Some("Summer <Palace>"));
        let page = String::from_utf8(server.fetch(image.links.page.as_ref().unwrap()).await.body).unwrap();
        assert!(page.contains("Summer &lt;Palace&gt;") && !page.contains("<Palace>"));
        assert_eq!(change(json!({})).await.ok::<Image>().title.as_deref(), Some("Summer <Palace>"));
        assert_eq!(change(json!({"title": null})).await.ok::<Image>().title, None);
        change(json!({"title": "x".repeat(201)})).await.problem("validation_failed");
        change(json!({"title": "a\nb"})).await.problem("validation_failed");
    }

    async fn pages_of_the_list_follow_each_other_without_gap_or_overlap(server: TestServer) {
        let alice = server.user().await;
        let mut uploaded = Vec::new();
        for seed in 0..7 {
            uploaded.push(alice.upload("a.png", &png(seed)).await.id);
        }
        uploaded.reverse();
        let (mut listed, mut query) = (Vec::new(), String::from("?limit=3"));
        loop {
            let page = alice.list(&query).await;
            listed.extend(page.items.iter().map(|image| image.id));
            let Some(cursor) = page.next_cursor else { break };
            query = format!("?limit=3&cursor={cursor}");
        }
        assert_eq!(listed, uploaded);
    }

    async fn a_restart_between_put_and_confirm_loses_nothing(server: TestServer) {
        let mut server = server;
        let alice = server.user().await;
        let bytes = jpeg(14);
        let upload = alice.announce("a.jpg", &bytes).await;
        alice.put(&upload, &bytes).await;
        server.restart().await;
        alice.confirm(upload.id).await.ok::<Image>();
    }

    async fn a_confirm_that_takes_long_is_told_to_come_back(server: TestServer) {
        let alice = server.user().await;
        let bytes = jpeg(16);
        let upload = alice.announce("a.jpg", &bytes).await;
        alice.put(&upload, &bytes).await;
        let other = alice.announce_as("b.jpg", &bytes, false).await;
        alice.put(&other, &bytes).await;
        let mut busy = Vec::new();
        for _ in 0..std::thread::available_parallelism().unwrap().get().max(2) {
            busy.push(server.app().pipeline.slot(upload.id.into(), Weight::Light, 1).await.unwrap());
        }
        let (answer, _) = tokio::join!(alice.confirm(upload.id), alice.confirm(other.id));
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (202, "1"));
        assert_eq!(answer.ok::<Upload>().state, UploadState::Processing);
        assert_eq!(alice.get(&format!("/uploads/{}", upload.id)).await.ok::<Upload>().state, UploadState::Processing);
        // Nothing is held while it waits: neither does a lease run out, nor is it too late to give up.
        server.clock.advance(TimeDelta::minutes(10));
        assert_eq!(alice.delete(&format!("/uploads/{}", other.id)).await.status, 204);
        drop(busy);
        assert_eq!(alice.confirm(upload.id).await.ok::<Image>().id, upload.id);
        alice.confirm(other.id).await.problem("upload_aborted");
        let row = tintype_core::uploads::queries::find(server.db(), alice.session.as_ref().unwrap().user.id.into(), upload.id.into()).await.unwrap().unwrap();
        assert_eq!((row.attempts, row.lapses), (1, 0));
    }

    async fn nobody_else_is_kept_waiting_while_many_wait(server: TestServer) {
        let alice = server.user().await;
        let bytes = jpeg(17);
        let upload = alice.announce("a.jpg", &bytes).await;
        alice.put(&upload, &bytes).await;
        let mut busy = Vec::new();
        for _ in 0..std::thread::available_parallelism().unwrap().get().max(2) {
            busy.push(server.app().pipeline.slot(upload.id.into(), Weight::Light, 1).await.unwrap());
        }
        let pipeline = &server.app().pipeline;
        let waiting: Vec<_> = std::iter::from_fn(|| pipeline.patience()).collect();
        assert_eq!(waiting.len(), 64);
        let start = Instant::now();
        let answer = alice.confirm(upload.id).await;
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (202, "1"));
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
        // It stands in line all the same.
        while pipeline.load().1 == 0 {
            tokio::task::yield_now().await;
        }
        drop((busy, waiting));
        assert_eq!(alice.confirm(upload.id).await.ok::<Image>().id, upload.id);
    }

    async fn a_lease_that_ran_out_returns_the_work(server: TestServer) {
        let alice = server.user().await;
        let bytes = jpeg(15);
        let upload = alice.announce("a.jpg", &bytes).await;
        alice.put(&upload, &bytes).await;
        // A process took the lease and died.
        let row = tintype_core::uploads::queries::find(server.db(), alice.session.as_ref().unwrap().user.id.into(), upload.id.into()).await.unwrap().unwrap();
        let taken = tintype_core::uploads::queries::leased(&row, server.clock.now());
        assert!(tintype_core::uploads::queries::take(server.db(), &row, &taken, server.clock.now()).await.unwrap().is_some());
        server.clock.advance(TimeDelta::minutes(3));
        server.work().await;
        assert_eq!(alice.confirm(upload.id).await.ok::<Image>().id, upload.id);
        server.clock.advance(TimeDelta::hours(2));
        server.work().await;
        assert_eq!(server.objects().await.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_on_postgres_and_a_store_elsewhere_and_keeps_nothing_of_its_own() {
    let store = Elsewhere::start();
    let server = TestServer::start_with(On::Postgres, |config| store.is_used_by(config)).await;
    let image = server.user().await.upload("a.jpg", &jpeg(1)).await;
    assert!(image.links.original.starts_with(&server.media_url()));
    assert_eq!(server.fetch(&image.links.original).await.status, 200);
    let keys = store.keys().await;
    let parts = keys.iter().filter(|key| key.starts_with("images/"));
    assert_eq!(
        parts.count(),
        4,
        "the bytes are in the other store: {keys:?}"
    );
    assert_eq!(
        std::fs::read_dir(server.folder.path()).unwrap().count(),
        0,
        "the data folder stays empty"
    );
}
