//! What the last answered request hid stays hidden, wherever the database is lost.

use chrono::TimeDelta;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::json;
use tintype_core::db::{image, installation, upload};
use tintype_core::manifests::{marks, outbox};
use tintype_core::{keys, sweep};
use tintype_dto::{Image, Visibility};
use uuid::Uuid;

use crate::client::Client;
use crate::pictures::png;
use crate::server::{On, TestServer};

/// A server whose worker works when the test says so.
async fn without_worker(on: On) -> TestServer {
    let server = TestServer::start_with(on, |config| config.server.worker = false).await;
    // Marks are cleared in one's own bucket alone.
    assert!(sweep::mark(server.app()).await);
    server
}

/// What the owner was told last of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    is_there: bool,
    visibility: Visibility,
}

/// Some images, and what is said of them.
struct Story {
    server: TestServer,
    ada: Client,
    images: Vec<(Image, Told)>,
}

impl Story {
    async fn new(on: On) -> Self {
        let server = without_worker(on).await;
        let ada = server.user().await;
        let mut images = Vec::new();
        for seed in 0..4 {
            let told = Told {
                is_there: true,
                visibility: Visibility::Unlisted,
            };
            images.push((ada.upload("a.png", &png(seed)).await, told));
        }
        Self {
            server,
            ada,
            images,
        }
    }

    async fn step(&mut self, dice: &mut StdRng) {
        let at = dice.random_range(0..self.images.len());
        let (image, told) = &mut self.images[at];
        let path = format!("/images/{}", image.id);
        let show = json!({"visibility": "unlisted"});
        match dice.random_range(0..9) {
            0 | 1 if told.is_there => {
                let hide = json!({"ids": [image.id], "change": {"visibility": "private"}});
                assert_eq!(
                    self.ada.post("/images/bulk/update", &hide).await.status,
                    200
                );
                told.visibility = Visibility::Private;
            }
            2 if told.is_there => {
                self.ada
                    .send(Method::PATCH, &path, Some(&show))
                    .await
                    .ok::<Image>();
                told.visibility = Visibility::Unlisted;
            }
            3 if told.is_there => {
                assert_eq!(self.ada.delete(&path).await.status, 204);
                told.is_there = false;
            }
            4 => {
                self.ada
                    .post(&format!("{path}/restore"), &json!({}))
                    .await
                    .ok::<Image>();
                told.is_there = true;
            }
            5 | 6 => self.server.work().await,
            7 => {
                self.server.clock.advance(TimeDelta::minutes(11));
                marks::clear(self.server.app()).await.unwrap();
            }
            _ => {
                // Some are written by a worker that stands still before it says so.
                let app = self.server.app();
                let now = self.server.clock.now();
                for due in outbox::claim(&app.db, now, now, 2).await.unwrap() {
                    outbox::write(app, &due).await.unwrap();
                }
            }
        }
    }

    async fn end(mut self, seed: u64) {
        self.server.rebuild().await;
        for (image, told) in &self.images {
            let is_open = self.server.fetch(&image.links.original).await.status == 200;
            let may_open = told.is_there && told.visibility == Visibility::Unlisted;
            assert!(may_open || !is_open, "seed {seed}: {told:?}");
        }
    }
}

async fn any_order(on: On) {
    for seed in 0..12 {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut story = Box::pin(Story::new(on)).await;
        for _ in 0..dice.random_range(1..24) {
            story.step(&mut dice).await;
        }
        Box::pin(story.end(seed)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_order_of_changes_opens_what_was_hidden_on_sqlite() {
    Box::pin(any_order(On::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_order_of_changes_opens_what_was_hidden_on_postgres() {
    Box::pin(any_order(On::Postgres)).await;
}

/// Every way to hide an image, with the manifests of before.
async fn every_way(on: On) {
    let mut server = without_worker(on).await;
    let (ada, eve) = (server.user().await, server.user().await);
    let mut links = Vec::new();
    for seed in 0..8 {
        let image = ada.upload("a.png", &png(seed)).await;
        let path = format!("/images/{}", image.id);
        let soon = (server.clock.now() + TimeDelta::hours(1)).to_rfc3339();
        let change = |body| (Method::PATCH, path.clone(), body);
        let post = |path: &str, body| (Method::POST, path.to_owned(), body);
        let bulk = json!({"ids": [image.id], "change": {"visibility": "private"}});
        let (method, path, body) = match seed {
            0 => change(json!({"visibility": "private"})),
            1 => change(json!({"expires_at": soon})),
            2 => post("/images/bulk/update", bulk),
            3 => post("/images/bulk/delete", json!({"ids": [image.id]})),
            4 => post(
                "/images/bulk/delete",
                json!({"ids": [image.id], "permanent": true}),
            ),
            5 => (Method::DELETE, path.clone(), json!({})),
            6 => (Method::DELETE, format!("{path}?permanent=true"), json!({})),
            _ => change(json!({"title": "still open"})),
        };
        let answer = ada.send(method, &path, Some(&body)).await;
        assert!(answer.status.is_success(), "{seed}: {}", answer.status);
        links.push(image.links.original);
    }
    let of_eve = eve.upload("b.png", &png(20)).await.links.original;
    let close = json!({"password": "correct horse"});
    assert_eq!(eve.post("/me/delete", &close).await.status, 204);
    let open = links.pop().unwrap();
    let report = server.rebuild().await;
    assert_eq!(
        (report.images, report.held, report.fault_count),
        (9, 8, 0),
        "{report:?}"
    );
    for link in links.iter().chain([&of_eve]) {
        assert_eq!(server.fetch(link).await.status, 404, "{link}");
    }
    assert_eq!(server.fetch(&open).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_hides_an_image_is_in_the_bucket_before_it_is_answered_on_sqlite() {
    Box::pin(every_way(On::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_hides_an_image_is_in_the_bucket_before_it_is_answered_on_postgres() {
    Box::pin(every_way(On::Postgres)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manifest_that_arrives_late_does_not_count() {
    let mut server = without_worker(On::Postgres).await;
    let ada = server.user().await;
    let image = ada.upload("a.png", &png(1)).await;
    let change = |body| (Method::PATCH, format!("/images/{}", image.id), body);
    let (method, path, titled) = change(json!({"title": "a"}));
    ada.send(method, &path, Some(&titled)).await.ok::<Image>();
    let now = server.clock.now();
    let late = outbox::claim(server.db(), now, now, 1)
        .await
        .unwrap()
        .remove(0);
    let (method, path, hide) = change(json!({"visibility": "private"}));
    ada.send(method, &path, Some(&hide)).await.ok::<Image>();
    server.work().await;
    server.clock.advance(TimeDelta::minutes(11));
    marks::clear(server.app()).await.unwrap();
    let marks = server
        .app()
        .store
        .list(tintype_core::keys::MARKS, None)
        .await
        .unwrap();
    assert_eq!(marks.items, [], "everything is in manifests");
    outbox::write(server.app(), &late).await.unwrap();
    let report = server.rebuild().await;
    assert_eq!((report.images, report.held), (1, 0));
    assert_eq!(server.fetch(&image.links.original).await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marks_of_another_installation_stay() {
    let server = without_worker(On::Sqlite).await;
    let (ada, eve) = (server.user().await, server.user().await);
    let image = ada.upload("a.png", &png(1)).await;
    eve.upload("b.png", &png(2)).await;
    let hide = json!({"visibility": "private"});
    ada.send(Method::PATCH, &format!("/images/{}", image.id), Some(&hide))
        .await
        .ok::<Image>();
    let close = json!({"password": "correct horse"});
    assert_eq!(eve.post("/me/delete", &close).await.status, 204);
    let marks = async || {
        server.clock.advance(TimeDelta::minutes(11));
        marks::clear(server.app()).await.unwrap();
        let page = server.app().store.list(keys::MARKS, None).await;
        page.unwrap().items.len()
    };
    // A database that knows nothing of them, as one by a wrong address does.
    let db = server.db();
    let own = installation::id(db).await.unwrap().unwrap();
    installation::name(db, Uuid::now_v7()).await.unwrap();
    upload::Entity::delete_many().exec(db).await.unwrap();
    image::Entity::delete_many().exec(db).await.unwrap();
    assert_eq!(marks().await, 2);
    // Nor may it, once the bucket is its own.
    let (ok, told, errors) = server.run(&["sweep", "claim"], &[]);
    assert!(ok && told.contains(&own.to_string()), "{told}{errors}");
    assert_eq!(marks().await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mark_stays_while_it_may_belong_to_a_change_that_is_still_to_come() {
    let server = without_worker(On::Sqlite).await;
    let ada = server.user().await;
    let image = ada.upload("a.png", &png(1)).await;
    let marks = async || {
        let page = server
            .app()
            .store
            .list(tintype_core::keys::MARKS, None)
            .await;
        page.unwrap().items.len()
    };
    let hide = json!({"visibility": "private"});
    ada.send(Method::PATCH, &format!("/images/{}", image.id), Some(&hide))
        .await
        .ok::<Image>();
    for (minutes, works, left) in [(0, true, 1), (9, true, 1), (2, true, 0)] {
        server.clock.advance(TimeDelta::minutes(minutes));
        if works {
            server.work().await;
        }
        marks::clear(server.app()).await.unwrap();
        assert_eq!(marks().await, left, "{minutes}");
    }
    assert_eq!(
        ada.delete(&format!("/images/{}", image.id)).await.status,
        204
    );
    server.clock.advance(TimeDelta::minutes(11));
    marks::clear(server.app()).await.unwrap();
    assert_eq!(marks().await, 1, "its manifest is not written");
    server.work().await;
    marks::clear(server.app()).await.unwrap();
    assert_eq!(marks().await, 0);
}
