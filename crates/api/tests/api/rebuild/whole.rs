//! What comes back, and how.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use tintype_core::accounts::NewAccount;
use tintype_core::audit::Options;
use tintype_core::keys;
use tintype_core::operator;
use tintype_dto::{Image, ImagePage, Session};

use super::passwords;
use crate::client::Client;
use crate::kill::empty_the_bucket;
use crate::pictures::{jpeg, png};
use crate::server::{On, TestServer, on_both_databases};
use crate::stores::use_store;

/// What is still staged of images that are gone is swept when it is older.
const HASHES: Options = Options {
    hashes: true,
    grace: TimeDelta::hours(1),
};

/// Opens an account that came back, and signs in.
async fn reopened(server: &TestServer, client: &Client) -> Client {
    let name = &client.session.as_ref().unwrap().user.username;
    let account = NewAccount {
        username: name,
        email: "again@example.com",
        password: "battery staple",
    };
    operator::reopen_user(server.db(), &passwords(), account)
        .await
        .unwrap();
    let mut again = server.anonymous();
    let login = json!({"username": name, "password": "battery staple"});
    again.session = Some(again.post("/auth/login", &login).await.ok::<Session>());
    again
}

/// Images of two accounts, open and hidden, before and after the database is lost.
async fn tell(server: TestServer) {
    let mut server = server;
    let (ada, eve) = (server.user().await, server.user().await);
    let open = ada.upload("Fjord \u{e9}.jpg", &jpeg(1)).await;
    let change = json!({"title": "a \"b\" \u{1f600}", "alt": "c"});
    let open: Image = ada
        .send(
            Method::PATCH,
            &format!("/images/{}", open.id),
            Some(&change),
        )
        .await
        .ok();
    let hidden = ada.upload("b.png", &png(2)).await;
    ada.send(
        Method::PATCH,
        &format!("/images/{}", hidden.id),
        Some(&json!({"visibility": "private"})),
    )
    .await
    .ok::<Image>();
    let trashed = ada.upload("c.png", &png(3)).await;
    ada.delete(&format!("/images/{}", trashed.id)).await;
    let gone = ada.upload("d.png", &png(4)).await;
    ada.delete(&format!("/images/{}?permanent=true", gone.id))
        .await;
    let of_eve = eve.upload("e.png", &png(5)).await;
    let links = [&open, &of_eve].map(|image| image.links.clone());
    let mut before = Vec::new();
    for links in &links {
        for link in [&links.original, &links.preview, &links.thumb] {
            before.push((link, server.fetch(link).await.body));
        }
    }
    server.work().await;

    let report = server.rebuild().await;
    assert_eq!(
        (
            report.images,
            report.trashed,
            report.users,
            report.fault_count
        ),
        (4, 1, 2, 0),
        "{report:?}"
    );
    for (link, body) in before {
        let found = server.fetch(link).await;
        assert!(found.status == 200 && found.body == body, "{link}");
    }
    for image in [&hidden, &trashed, &gone] {
        assert_eq!(server.fetch(&image.links.original).await.status, 404);
    }
    let report = server.audit(HASHES).await;
    assert!(
        report.is_balanced() && report.checked.hashes == 4,
        "{report}"
    );
    let login = json!({"username": ada.session.as_ref().unwrap().user.username, "password": "correct horse"});
    assert_ne!(
        server.anonymous().post("/auth/login", &login).await.status,
        200
    );
    assert_eq!(ada.get("/images").await.status, 401);
    let ada = reopened(&server, &ada).await;
    let list: ImagePage = ada.get("/images").await.ok();
    assert_eq!(
        list.items.iter().map(|image| image.id).collect::<Vec<_>>(),
        [hidden.id, open.id]
    );
    let same = Image {
        links: open.links.clone(),
        ..list.items[1].clone()
    };
    assert_eq!(same, open);
    assert_eq!(
        server.fetch(&list.items[0].links.original).await.status,
        200
    );
    let back: Image = ada
        .post(&format!("/images/{}/restore", trashed.id), &json!({}))
        .await
        .ok();
    assert_eq!(server.fetch(&back.links.original).await.status, 200);
    server.work().await;
    assert!(server.audit(HASHES).await.is_balanced());
}

/// How many objects a server has stored.
async fn puts(server: &TestServer) -> u64 {
    let answer = server.fetch(&format!("{}/metrics", server.ops_url())).await;
    let text = String::from_utf8(answer.body).unwrap();
    let name = r#"tintype_storage_call_duration_seconds_count{operation="put"} "#;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap().parse().unwrap()
}

on_both_databases! {
    async fn a_manifest_costs_a_confirm_one_object_and_names_no_address(server: TestServer) {
        let ada = server.user().await;
        let upload = ada.announce("a.jpg", &jpeg(1)).await;
        assert_eq!(ada.put(&upload, &jpeg(1)).await.status, 200);
        let before = puts(&server).await;
        let image: Image = ada.confirm(upload.id).await.ok();
        // Original, preview, thumbnail and manifest; and an empty one, after which the URL writes nothing.
        assert_eq!(puts(&server).await - before, 5);
        ada.delete(&format!("/images/{}", image.id)).await;
        let store = &server.app().store;
        let mut texts = Vec::new();
        for prefix in [keys::manifests_of(image.id.into()).as_str(), keys::MARKS] {
            for object in store.list(prefix, None).await.unwrap().items {
                let bytes = store.get(&object.key, 100_000).await.unwrap().unwrap();
                texts.push(String::from_utf8(bytes.to_vec()).unwrap());
            }
        }
        assert!(texts.len() >= 2, "{texts:?}");
        let user = &ada.session.as_ref().unwrap().user;
        assert!(texts.iter().any(|text| text.contains(&user.username)));
        for secret in ["@", "$2", "password", "token", "staging"] {
            assert!(!texts.iter().any(|text| text.contains(secret)), "{secret}: {texts:?}");
        }
    }

    async fn every_link_leads_to_the_same_bytes_and_every_account_can_be_opened_again(server: TestServer) {
        Box::pin(tell(server)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs TINTYPE_TEST_S3_*, with a bucket to itself"]
async fn every_link_leads_to_the_same_bytes_with_the_objects_elsewhere() {
    for on in [On::Sqlite, On::Postgres] {
        empty_the_bucket().await;
        Box::pin(tell(TestServer::start_with(on, use_store).await)).await;
    }
    empty_the_bucket().await;
}
