//! Files in one request that last for some time, or are put into an album.

use chrono::TimeDelta;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use tintype_core::db::upload;
use tintype_dto::{Album, Image, UploadedImages};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Answer, Client};
use crate::pictures::{jpeg, png};
use crate::server::on_both_databases;

impl Client {
    /// POST of one file, with more said about it.
    async fn send_file(
        &self,
        query: &str,
        seed: u8,
        more: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Answer {
        let token = self.session.as_ref().unwrap().token.clone();
        let url = format!("{}/images{query}", self.api);
        self.send_to(Method::POST, &url, |r| {
            more(r.bearer_auth(token).body(jpeg(seed)))
        })
        .await
    }

    /// POST of a form with these fields, and two files behind them.
    async fn send_form(&self, fields: &[(&'static str, String)]) -> Answer {
        let file = |bytes| Part::bytes(bytes).file_name("a");
        let form = fields.iter().fold(Form::new(), |form, (name, value)| {
            form.text(*name, value.clone())
        });
        let form = form.part("file", file(jpeg(1))).part("file", file(png(2)));
        let token = self.session.as_ref().unwrap().token.clone();
        let url = format!("{}/images", self.api);
        self.send_to(Method::POST, &url, |r| r.bearer_auth(token).multipart(form))
            .await
    }
}

on_both_databases! {
    async fn a_file_in_one_request_lasts_as_long_as_it_says_however_it_says_it(server: TestServer) {
        let ada = server.user().await;
        let before = server.clock.now();
        let by_query: UploadedImages = ada.send_file("?expires_in=3600", 1, |r| r).await.ok();
        let by_header: UploadedImages = ada.send_file("", 3, |r| r.header("x-tintype-expires-in", "3600")).await.ok();
        let by_form: UploadedImages = server.user().await.send_form(&[("expires_in", "3600".into())]).await.ok();
        let images = [by_query, by_header, by_form].map(|uploaded| uploaded.images).concat();
        assert_eq!(images.len(), 4);
        let hour = TimeDelta::hours(1);
        for image in &images {
            assert!((before + hour..=server.clock.now() + hour).contains(&image.expires_at.unwrap()), "{image:?}");
        }
        for (bad, field) in [("59", "expires_in"), ("315619201", "expires_in"), ("-1", "expires_in"), ("1.5", "expires_in"), ("", "expires_in"), ("99999999999", "expires_in")] {
            let problem = ada.send_file(&format!("?expires_in={bad}"), 4, |r| r).await.problem("validation_failed");
            assert_eq!(problem.errors[0].field, field, "{bad}");
        }
        ada.send_file("?expires_in=60&expires_in=61", 4, |r| r).await.problem("validation_failed");
        ada.send_file("?expires_at=2099-01-01T00:00:00Z", 4, |r| r).await.problem("validation_failed");
        server.clock.advance(hour);
        assert_eq!(ada.list("").await.items, []);
    }

    async fn a_picture_that_is_there_already_ends_as_the_options_say(server: TestServer) {
        let ada = server.user().await;
        let endless = ada.upload("a.jpg", &jpeg(1)).await;
        let uploaded: UploadedImages = ada.send_file("", 1, |r| r).await.ok();
        assert_eq!(uploaded.images, std::slice::from_ref(&endless));
        let uploaded: UploadedImages = ada.send_file("?expires_in=3600", 1, |r| r).await.ok();
        let image = uploaded.image.unwrap();
        assert_eq!(image, Image { expires_at: image.expires_at, ..endless });
        assert!(image.expires_at.is_some());
        // With a key, a request that was answered changes nothing when it is sent again.
        let once = async || -> UploadedImages { ada.send_file("?expires_in=60", 1, |r| r.header("idempotency-key", "k")).await.ok() };
        let first = once().await.image.unwrap();
        assert!(first.expires_at < image.expires_at);
        server.clock.advance(TimeDelta::seconds(20));
        assert_eq!(once().await.image.unwrap(), first);
        ada.send_file("?expires_in=61", 1, |r| r.header("idempotency-key", "k")).await.problem("idempotency_key_reused");
        // What has ended is uploaded anew.
        server.clock.advance(TimeDelta::seconds(40));
        let anew: UploadedImages = ada.send_file("?expires_in=60", 1, |r| r).await.ok();
        assert_ne!(anew.id, Some(first.id));
    }

    async fn files_in_one_request_are_put_into_the_album_that_they_name(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let first = ada.upload("z.jpg", &jpeg(9)).await;
        let album = ada.album(&[first.id]).await;
        let one: UploadedImages = ada.send_file(&format!("?album={}", album.id), 3, |r| r).await.ok();
        let two: UploadedImages = ada.send_form(&[("album", album.slug.clone())]).await.ok();
        let four: UploadedImages = ada.send_file("", 4, |r| r.header("x-tintype-album", &album.slug)).await.ok();
        let ids: Vec<_> = [first.id].into_iter().chain([one, two, four].iter().flat_map(|uploaded| &uploaded.images).map(|image| image.id)).collect();
        assert_eq!((ids.len(), ada.images_of(album.id, 200).await), (5, ids.clone()), "in the order of the files, behind the others");
        // What is yours already keeps its place, or comes in.
        let known = ada.upload("k.jpg", &jpeg(5)).await;
        for seed in [3, 5] {
            ada.send_file(&format!("?album={}", album.slug), seed, |r| r).await.ok::<UploadedImages>();
        }
        assert_eq!(ada.images_of(album.id, 200).await, [ids, vec![known.id]].concat());
        let program = ada.program(&["upload"]).await;
        program.send_file(&format!("?album={}", album.slug), 6, |r| r).await.ok::<UploadedImages>();
        assert_eq!(ada.images_of(album.id, 200).await.len(), 7);
        // Who may read but not write changes nothing of what others uploaded.
        let reader = ada.program(&["upload", "read"]).await;
        reader.send_file(&format!("?album={}", album.slug), 5, |r| r).await.problem("insufficient_scope");

        let uploads = async || upload::Entity::find().count(server.db()).await.unwrap();
        let before = uploads().await;
        let hers = eve.album(&[]).await;
        for unknown in [hers.slug.as_str(), &hers.id.to_string(), "nothing", "", "%00", "%E2%98%83"] {
            let problem = ada.send_file(&format!("?album={unknown}"), 7, |r| r).await.problem("validation_failed");
            assert_eq!(problem.errors[0].field, "album", "{unknown}");
        }
        ada.send_form(&[("album", hers.slug.clone())]).await.problem("validation_failed");
        assert_eq!(uploads().await, before, "nothing was kept");
        assert!(eve.images_of(hers.id, 200).await.is_empty());
    }

    async fn an_unknown_album_is_refused_before_a_byte_is_read(server: TestServer) {
        let ada = server.user().await;
        let address = server.listens_on().trim_start_matches("http://").to_owned();
        let mut connection = TcpStream::connect(&address).await.unwrap();
        let token = &ada.session.as_ref().unwrap().token;
        let head = format!("POST /api/v1/images?album=nothing HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ncontent-length: 1000000\r\n\r\n");
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        connection.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 422");
    }

    async fn a_request_that_is_sent_again_with_its_key_fills_the_album_once(server: TestServer) {
        let ada = server.user().await;
        let album = ada.album(&[]).await;
        let query = format!("?album={}", album.slug);
        let once = async || -> Answer { ada.send_file(&query, 1, |r| r.header("idempotency-key", "k")).await };
        let image = once().await.ok::<UploadedImages>().image.unwrap();
        assert_eq!(ada.images_of(album.id, 200).await, [image.id]);
        // Taken out since, it stays out; and the album may be gone.
        ada.in_album(album.id, "remove", json!({"ids": [image.id]})).await;
        assert_eq!(once().await.ok::<UploadedImages>().id, Some(image.id));
        assert!(ada.images_of(album.id, 200).await.is_empty());
        assert_eq!(ada.delete(&format!("/albums/{}", album.id)).await.status, 204);
        assert_eq!(once().await.ok::<UploadedImages>().id, Some(image.id));
        let other = async |query: &str| ada.send_file(query, 2, |r| r.header("idempotency-key", "other")).await;
        for _ in 0..2 {
            other(&query).await.problem("validation_failed");
        }
        // Nothing came of it, so the key is free.
        let album: Album = ada.album(&[]).await;
        let added: UploadedImages = other(&format!("?album={}", album.slug)).await.ok();
        assert_eq!(ada.images_of(album.id, 200).await, [added.id.unwrap()]);
    }

    async fn what_does_not_go_into_a_full_album_is_published_and_named(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        let album = ada.album(&[]).await;
        crate::albums::copy_images(&server, album.id, image.id, 10_000).await;
        let query = format!("?album={}", album.slug);
        let answer = ada.send_file(&query, 2, |r| r.header("idempotency-key", "k")).await;
        answer.problem("album_full");
        let refusal: Value = answer.json();
        let published: Image = serde_json::from_value(refusal["images"][0].clone()).unwrap();
        assert_eq!(server.fetch(&published.links.original).await.status, 200);
        // With room again, the same request does what is left of it.
        let some = ada.images_of(album.id, 200).await;
        ada.in_album(album.id, "remove", json!({"ids": &some[..2]})).await;
        let again: UploadedImages = ada.send_file(&query, 2, |r| r.header("idempotency-key", "k")).await.ok();
        assert_eq!(again.id, Some(published.id));
        assert_eq!(ada.images_of(album.id, 200).await.last(), Some(&published.id));
    }
}
