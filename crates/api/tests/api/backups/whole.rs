//! What a backup has, and how it comes back.

use std::os::unix::fs::PermissionsExt;

use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use tintype_core::audit::Options;
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
