//! Requests that are sent again because their answer was lost (`Idempotency-Key`).

use chrono::TimeDelta;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use sha2::Digest;
use tintype_core::db::{idempotency_key, image, upload};
use tintype_dto::{Image, Upload, UploadState, UploadedImages};

use crate::client::{Answer, Client};
use crate::pictures::{jpeg, png};
use crate::server::{TestServer, on_both_databases};

fn announcement(bytes: &[u8]) -> Value {
    json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": bytes.len()})
}

impl Client {
    async fn announce_once(&self, key: &str, body: &Value) -> Answer {
        self.send_with(
            Method::POST,
            "/uploads",
            ("idempotency-key", key),
            Some(body),
        )
        .await
    }

    /// Files in one request.
    async fn upload_once(&self, key: &str, query: &str, files: &[(&str, Vec<u8>)]) -> Answer {
        let part = |(name, bytes): &(&str, Vec<u8>)| {
            Part::bytes(bytes.clone()).file_name((*name).to_owned())
        };
        let form = files
            .iter()
            .fold(Form::new(), |form, file| form.part("file", part(file)));
        let token = &self.session.as_ref().unwrap().token;
        let url = format!("{}/images{query}", self.api);
        self.send_to(Method::POST, &url, |r| {
            r.bearer_auth(token)
                .header("idempotency-key", key)
                .multipart(form)
        })
        .await
    }
}

async fn uploads(server: &TestServer) -> u64 {
    upload::Entity::find().count(server.db()).await.unwrap()
}

on_both_databases! {
    async fn an_announcement_that_is_repeated_reserves_nothing_twice(server: TestServer) {
        let ada = server.user().await;
        let (bytes, body) = (jpeg(1), announcement(&jpeg(1)));
        let first = ada.announce_once("k1", &body).await;
        assert_eq!(first.status, 201);
        let first: Upload = first.ok();
        let again = ada.announce_once("\"k1\"", &body).await;
        assert_eq!(again.status, 201);
        let again: Upload = again.ok();
        assert_eq!((again.id, again.state), (first.id, UploadState::Pending));
        assert_eq!(uploads(&server).await, 1);
        assert_eq!(ada.put(&again, &bytes).await.status, 200);
        let image: Image = ada.confirm(first.id).await.ok();
        let done: Upload = ada.announce_once("k1", &body).await.ok();
        assert_eq!((done.state, done.image), (UploadState::Ready, Some(image)));
        let longer = announcement(&[bytes.as_slice(), b"x"].concat());
        ada.announce_once("k1", &longer).await.problem("idempotency_key_reused");
        let other: Upload = ada.announce_once("k2", &body).await.ok();
        assert_ne!(other.id, first.id);
        let eve: Upload = server.user().await.announce_once("k1", &body).await.ok();
        assert_ne!(eve.id, first.id, "keys are one's own");
        assert_eq!(uploads(&server).await, 3);
    }

    async fn of_the_same_announcement_many_times_at_once_one_is_made(server: TestServer) {
        let ada = server.user().await;
        let body = announcement(&jpeg(1));
        let all = futures::future::join_all((0..6).map(|_| ada.announce_once("k", &body))).await;
        let mut ids: Vec<_> = all.iter().map(|answer| answer.ok::<Upload>().id).collect();
        ids.dedup();
        assert_eq!((ids.len(), uploads(&server).await), (1, 1));
    }

    async fn a_key_is_forgotten_after_a_day(server: TestServer) {
        let ada = server.user().await;
        let body = announcement(&jpeg(1));
        let first: Upload = ada.announce_once("k", &body).await.ok();
        server.clock.advance(TimeDelta::hours(24));
        let second: Upload = ada.announce_once("k", &json!({"filename": "b.jpg", "content_type": "image/jpeg", "size_bytes": 5})).await.ok();
        assert_ne!(first.id, second.id);
        server.clock.advance(TimeDelta::hours(24));
        server.work().await;
        assert_eq!(idempotency_key::Entity::find().count(server.db()).await.unwrap(), 0);
    }

    async fn odd_keys_are_refused(server: TestServer) {
        let ada = server.user().await;
        let body = announcement(&jpeg(1));
        for odd in ["", "\"\"", "two words", &"x".repeat(256), "caf\u{e9}"] {
            let problem = ada.announce_once(odd, &body).await.problem("validation_failed");
            assert_eq!(problem.errors[0].field, "Idempotency-Key", "{odd}");
        }
        assert_eq!(ada.announce_once(&"x".repeat(255), &body).await.status, 201);
    }

    async fn an_announcement_whose_image_is_deleted_says_no_more_than_that_it_was_published(server: TestServer) {
        let ada = server.user().await;
        let bytes = jpeg(1);
        let upload: Upload = ada.announce_once("k", &announcement(&bytes)).await.ok();
        assert_eq!(ada.put(&upload, &bytes).await.status, 200);
        let image: Image = ada.confirm(upload.id).await.ok();
        assert_eq!(ada.delete(&format!("/images/{}", image.id)).await.status, 204);
        let again: Upload = ada.announce_once("k", &announcement(&bytes)).await.ok();
        assert_eq!((again.state, again.image), (UploadState::Ready, None));
    }

    async fn an_announcement_that_was_refused_may_be_tried_again(server: TestServer) {
        let ada = server.user().await;
        let body = json!({"filename": "a.pdf", "content_type": "application/pdf", "size_bytes": 5});
        for _ in 0..2 {
            ada.announce_once("k", &body).await.problem("unsupported_media");
        }
        assert_eq!(ada.announce_once("k", &announcement(&jpeg(1))).await.status, 201, "the key is free");
    }

    async fn files_that_are_sent_again_are_answered_as_the_first_time(server: TestServer) {
        let ada = server.user().await;
        let program = ada.program(&["upload"]).await;
        let files = [("a.jpg", jpeg(1)), ("b.png", png(2)), ("again.jpg", jpeg(1))];
        let first: UploadedImages = program.upload_once("k", "?title=Two", &files).await.ok();
        assert_eq!((first.images.len(), first.success), (3, true));
        assert_eq!(first.images[0], first.images[2], "a file that comes twice is one picture");
        assert_eq!(ada.list("").await.items.len(), 2);
        let again: UploadedImages = program.upload_once("k", "?title=Two", &files).await.ok();
        assert_eq!(again, first);
        assert_eq!(image::Entity::find().count(server.db()).await.unwrap(), uploads(&server).await);
        let reused = program.upload_once("k", "?title=Three", &files).await;
        let reused: Value = reused.json();
        assert_eq!((&reused["code"], &reused["success"]), (&json!("idempotency_key_reused"), &json!(false)));
        let fewer: Value = program.upload_once("k", "?title=Two", &files[..2]).await.json();
        assert_eq!(fewer["code"], "idempotency_key_reused");
    }

    async fn what_was_there_already_is_not_changed_nor_made_again(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        let path = format!("/images/{}", image.id);
        let files = [("a.jpg", jpeg(1))];
        let first: UploadedImages = ada.upload_once("k", "?visibility=unlisted&title=One", &files).await.ok();
        assert_eq!(first.id, Some(image.id));
        ada.send(Method::PATCH, &path, Some(&json!({"visibility": "private", "title": "Two"}))).await.ok::<Image>();
        let again: UploadedImages = ada.upload_once("k", "?visibility=unlisted&title=One", &files).await.ok();
        let now: Image = ada.get(&path).await.ok();
        assert_eq!((again.image, now.title.as_deref()), (Some(now.clone()), Some("Two")), "nothing of it is done twice");
        let hash = hex::encode(sha2::Sha256::digest(jpeg(1)));
        let mut body = announcement(&jpeg(1));
        body["sha256"] = json!(hash);
        assert_eq!(ada.announce_once("a", &body).await.status, 200);
        assert_eq!(ada.delete(&format!("{path}?permanent=true")).await.status, 204);
        let gone: Value = ada.upload_once("k", "?visibility=unlisted&title=One", &files).await.json();
        assert_eq!(gone["code"], "not_found");
        let gone = ada.announce_once("a", &body).await;
        assert_eq!((gone.status.as_u16(), gone.ok::<Upload>().image), (200, None));
        assert_eq!(ada.list("").await.items, []);
    }

    async fn what_is_refused_is_refused_again_and_what_was_published_is_named(server: TestServer) {
        let ada = server.user().await;
        let mut damaged = png(3);
        damaged.truncate(damaged.len() / 2);
        let files = [("a.jpg", jpeg(1)), ("broken.png", damaged)];
        let first: Value = ada.upload_once("k", "", &files).await.json();
        let again: Value = ada.upload_once("k", "", &files).await.json();
        assert_eq!(first["code"], "image_damaged");
        for field in ["code", "detail", "result", "images"] {
            assert_eq!(first[field], again[field], "{field}");
        }
        assert_eq!(ada.list("").await.items.len(), 1);
    }

    async fn the_same_files_many_times_at_once_are_published_once(server: TestServer) {
        let ada = server.user().await;
        let files = [("a.jpg", jpeg(1)), ("b.png", png(2))];
        let all = futures::future::join_all((0..4).map(|_| ada.upload_once("k", "", &files))).await;
        for answer in &all {
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
            assert_eq!(answer.json::<UploadedImages>().result, all[0].json::<UploadedImages>().result);
        }
        assert_eq!(ada.list("").await.items.len(), 2);
    }
}
