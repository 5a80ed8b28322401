//! Everything of an account in one archive.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tintype_dto::{Album, EXPORT_FORMAT, Export, ExportManifest, Visibility};

use crate::archives::{names, read};
use crate::client::Client;
use crate::pictures::{jpeg, png};
use crate::server::on_both_databases;

impl Client {
    async fn export(&self) -> Export {
        self.post("/me/export", &json!({})).await.ok()
    }

    async fn change_to(&self, id: uuid::Uuid, change: Value) {
        let path = format!("/images/{id}");
        let answer = self.send(Method::PATCH, &path, Some(&change)).await;
        assert_eq!(answer.status, 200);
    }
}

on_both_databases! {
    async fn an_account_takes_with_it_all_that_it_has_and_nothing_else(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        eve.upload("eve.jpg", &jpeg(9)).await;
        let lake = ada.upload("IMG_1.JPG", &jpeg(1)).await;
        let secret = ada.upload("b.png", &png(2)).await;
        let gone = ada.upload("c.png", &png(3)).await;
        ada.change_to(lake.id, json!({"title": "../Lake", "alt": "Water"})).await;
        ada.change_to(secret.id, json!({"visibility": "private"})).await;
        let album = ada.album(&[secret.id, gone.id, lake.id]).await;
        ada.album(&[]).await;
        ada.change_album(album.id, json!({"title": "Spring", "cover": lake.id})).await.ok::<Album>();
        ada.delete(&format!("/images/{}", gone.id)).await;

        let export = ada.export().await;
        let answer = server.fetch(&export.url).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/zip"));
        assert!(answer.header("content-disposition").starts_with("attachment; filename=\""));
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        let files = read(&answer.body);
        assert_eq!(names(&files), ["manifest.json", "images/b.png", "images/_Lake.jpg"]);
        let manifest: ExportManifest = serde_json::from_slice(&files[0].bytes).unwrap();
        assert_eq!((&*manifest.format, manifest.version), (EXPORT_FORMAT, 1));
        assert!(server.clock.now() - manifest.exported_at < TimeDelta::minutes(1));
        assert_eq!(manifest.username, ada.session.as_ref().unwrap().user.username);
        for (image, file) in manifest.images.iter().zip(&files[1..]) {
            let hash = hex::encode(Sha256::digest(&file.bytes));
            assert_eq!((&image.file, &image.sha256, image.size_bytes), (&file.name, &hash, file.bytes.len() as u64));
        }
        let [first, second] = &manifest.images[..] else { panic!("{manifest:?}") };
        assert_eq!((first.id, first.visibility, &*first.filename), (secret.id, Visibility::Private, "b.png"));
        assert_eq!((second.id, second.title.as_deref(), second.alt.as_deref()), (lake.id, Some("../Lake"), Some("Water")));
        assert_eq!((&second.slug, second.created_at, second.width), (&lake.slug, lake.created_at, lake.width));
        let [empty, spring] = &manifest.albums[..] else { panic!("{manifest:?}") };
        assert!(empty.images.is_empty());
        assert_eq!((spring.id, &spring.slug, spring.title.as_deref()), (album.id, &album.slug, Some("Spring")));
        assert_eq!((spring.cover, &spring.images), (Some(lake.id), &vec![secret.id, lake.id]));

        let nothing = server.user().await.export().await;
        let archive = server.fetch(&nothing.url).await;
        assert_eq!(names(&read(&archive.body)), ["manifest.json"]);
    }

    async fn an_export_is_for_whoever_has_its_link_for_some_minutes(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let image = ada.upload("a.png", &png(1)).await;
        ada.change_to(image.id, json!({"visibility": "private"})).await;
        let gone = async |url: &str| assert_eq!(server.fetch(url).await.status, 404, "{url}");
        let Export { url, expires_at } = ada.export().await;
        let (address, query) = url.split_once('?').unwrap();
        gone(address).await;
        gone(&format!("{address}?{}", query.replace("sig=", "sig=x"))).await;
        // It opens nothing else, and nothing else opens it.
        let hers = eve.export().await.url;
        gone(&format!("{}?{query}", hers.split_once('?').unwrap().0)).await;
        let original = image.links.original.split_once('?').map_or(&*image.links.original, |(path, _)| path);
        gone(&format!("{original}?{query}")).await;
        ada.program(&["read", "write", "delete", "upload"]).await.post("/me/export", &json!({})).await.problem("insufficient_scope");
        server.anonymous().post("/me/export", &json!({})).await.problem("unauthenticated");

        assert_eq!(server.fetch(&url).await.status, 200);
        server.clock.advance(expires_at - server.clock.now());
        gone(&url).await;
        let again = ada.export().await.url;
        server.clock.advance(TimeDelta::seconds(1));
        assert_eq!(server.fetch(&again).await.status, 200);
        assert_eq!(ada.send(Method::POST, "/me/logout-everywhere", None).await.status, 204);
        gone(&again).await;
    }
}
