//! What keeps an installation in hand: quotas, limits on tries, disabled and deleted accounts, removed images.

use prometheus_client::metrics::histogram::Histogram;
use reqwest::Method;
use serde_json::json;
use tintype_api::config::Delivery;
use tintype_core::accounts::NewAccount;
use tintype_core::operator;
use tintype_core::passwords::Passwords;
use tintype_dto::User;

use crate::client::{Answer, Client};
use crate::pictures::{jpeg, png};
use crate::server::{On, TestServer, on_both_databases};

fn passwords() -> Passwords {
    Passwords::new(4, Histogram::new([]))
}

async fn used(client: &Client) -> u64 {
    client.get("/me").await.ok::<User>().usage.bytes
}

fn name(client: &Client) -> String {
    client.session.as_ref().unwrap().user.username.clone()
}

async fn log_in(server: &TestServer, name: &str, password: &str) -> Answer {
    server
        .anonymous()
        .post(
            "/auth/login",
            &json!({"username": name, "password": password}),
        )
        .await
}

async fn quota_holds(on: On) {
    let server =
        TestServer::start_with(on, |config| config.limits.quota_bytes = Some(10_000)).await;
    let ada = server.user().await;
    let announce = json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": 3000});
    let answers = futures::future::join_all((0..16).map(|_| ada.post("/uploads", &announce))).await;
    let (accepted, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(
        accepted.len(),
        3,
        "three of 3,000 fit into 10,000, however many ask at once"
    );
    for answer in refused {
        answer.problem("quota_exceeded");
    }
    assert_eq!(used(&ada).await, 9000);
    // A failed upload releases its quota.
    let upload: tintype_dto::Upload = accepted[0].ok();
    assert_eq!(
        ada.delete(&format!("/uploads/{}", upload.id)).await.status,
        204
    );
    assert_eq!(
        ada.delete(&format!("/uploads/{}", upload.id)).await.status,
        204
    );
    assert_eq!(used(&ada).await, 6000, "once, however often it is aborted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_announced_at_once_never_go_over_the_quota_on_sqlite() {
    quota_holds(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_announced_at_once_never_go_over_the_quota_on_postgres() {
    quota_holds(On::Postgres).await;
}

on_both_databases! {
    async fn usage_follows_every_way_that_an_upload_can_end(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        assert_eq!(used(&ada).await, image.size_bytes);
        // Refused: the announced type is a picture, the bytes are none.
        ada.try_upload("b.jpg", b"<html>no picture</html>").await.problem("unsupported_media");
        assert_eq!(used(&ada).await, image.size_bytes);
        // Never sent: it expires.
        ada.announce("c.jpg", &jpeg(2)).await;
        assert!(used(&ada).await > image.size_bytes);
        server.clock.advance(chrono::TimeDelta::hours(2));
        server.work().await;
        assert_eq!(used(&ada).await, image.size_bytes);
        // In the trash it still takes up room; once it is gone it does not.
        assert_eq!(ada.delete(&format!("/images/{}", image.id)).await.status, 204);
        assert_eq!(used(&ada).await, image.size_bytes);
        server.clock.advance(chrono::TimeDelta::days(6));
        server.work().await;
        assert_eq!(used(&ada).await, image.size_bytes);
        assert_eq!(ada.delete(&format!("/images/{}?permanent=true", image.id)).await.status, 204);
        server.work().await;
        assert_eq!(used(&ada).await, 0);
    }

    async fn guessing_is_stopped_and_the_owner_gets_in_when_the_time_is_over(server: TestServer) {
        let ada = server.user().await;
        let name = name(&ada);
        for _ in 0..5 {
            assert_eq!(log_in(&server, &name, "correct horse").await.status, 200, "what succeeds does not count");
        }
        for _ in 0..10 {
            log_in(&server, &name, "wrong horse").await.problem("invalid_credentials");
        }
        let refused = log_in(&server, &name, "correct horse").await;
        refused.problem("rate_limited");
        let wait: i64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=900).contains(&wait), "{wait}");
        // Another account from the same address is not held up, and neither is a session that is open.
        let eve = server.user().await;
        assert_eq!(log_in(&server, &self::name(&eve), "correct horse").await.status, 200);
        assert_eq!(ada.get("/me").await.status, 200);
        server.clock.advance(chrono::TimeDelta::minutes(16));
        assert_eq!(log_in(&server, &name, "correct horse").await.status, 200);
    }

    async fn a_disabled_account_is_shut_at_once_and_can_be_opened_again(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &jpeg(3)).await;
        operator::disable_user(server.db(), &name(&ada), server.clock.now()).await.unwrap();
        ada.get("/me").await.problem("unauthenticated");
        log_in(&server, &name(&ada), "wrong horse").await.problem("invalid_credentials");
        log_in(&server, &name(&ada), "correct horse").await.problem("account_disabled");
        assert_eq!(server.fetch(&image.links.original).await.status, 200, "its images stay");
        operator::enable_user(server.db(), &name(&ada)).await.unwrap();
        assert_eq!(log_in(&server, &name(&ada), "correct horse").await.status, 200);
        assert!(operator::disable_user(server.db(), "nobody", server.clock.now()).await.is_err());
    }

    async fn a_new_password_ends_every_session(server: TestServer) {
        let ada = server.user().await;
        assert!(operator::reset_password(server.db(), &passwords(), &name(&ada), "short").await.is_err());
        operator::reset_password(server.db(), &passwords(), &name(&ada), "battery staple").await.unwrap();
        ada.get("/me").await.problem("unauthenticated");
        log_in(&server, &name(&ada), "correct horse").await.problem("invalid_credentials");
        assert_eq!(log_in(&server, &name(&ada), "battery staple").await.status, 200);
    }

    async fn a_deleted_account_takes_its_images_along_and_frees_its_name(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let (gone, stays) = (ada.upload("a.jpg", &jpeg(4)).await, eve.upload("b.jpg", &jpeg(5)).await);
        ada.announce("c.jpg", &jpeg(6)).await;
        operator::delete_user(server.operators_place(), &name(&ada)).await.unwrap();
        ada.get("/me").await.problem("unauthenticated");
        log_in(&server, &name(&ada), "correct horse").await.problem("invalid_credentials");
        server.fetch(&gone.links.original).await.problem("not_found");
        // The name can be had again at once, and is another account.
        let email = format!("{}@example.com", name(&ada));
        let again = NewAccount { username: &name(&ada), email: &email, password: "another horse" };
        operator::add_user(server.db(), &passwords(), again, server.clock.now()).await.unwrap();
        server.clock.advance(chrono::TimeDelta::days(8));
        server.work().await;
        server.work().await;
        let kept = server.objects().await;
        assert_eq!(kept.len(), 3, "{kept:?}");
        assert_eq!(server.fetch(&stays.links.original).await.status, 200);
        assert_eq!(accounts(&server).await, 2, "eve and the new one");
    }

    async fn a_check_that_runs_while_its_account_is_deleted_publishes_nothing(server: TestServer) {
        use tintype_core::uploads::queries;
        let ada = server.user().await;
        let announced = ada.announce("a.jpg", &jpeg(9)).await;
        let user_id = ada.session.as_ref().unwrap().user.id;
        let upload = queries::find(server.db(), user_id.into(), announced.id.into()).await.unwrap().unwrap();
        let taken = queries::leased(&upload, server.clock.now());
        assert!(queries::take(server.db(), &upload, &taken, server.clock.now()).await.unwrap().is_some());
        operator::delete_user(server.operators_place(), &name(&ada)).await.unwrap();
        let found = tintype_dto::Problem::new(tintype_dto::ProblemCode::ImageDamaged, "damaged");
        assert!(!queries::reject(server.db(), &taken, &found).await.unwrap(), "the lease is gone");
    }

    async fn an_image_is_removed_whoever_it_belongs_to(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &jpeg(7)).await;
        operator::remove_image(server.operators_place(), &image.slug).await.unwrap();
        server.fetch(&image.links.original).await.problem("not_found");
        server.work().await;
        assert!(server.objects().await.is_empty());
        assert!(operator::remove_image(server.operators_place(), "nothing").await.is_err());
    }
}

async fn accounts(server: &TestServer) -> u64 {
    use sea_orm::{EntityTrait, PaginatorTrait};
    tintype_core::db::user::Entity::find()
        .count(server.db())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registrations_are_counted_by_address_and_slips_are_not() {
    let server = TestServer::start_with(On::Sqlite, |config| {
        config.rates.registrations_per_address = 2;
    })
    .await;
    server
        .anonymous()
        .post(
            "/auth/register",
            &json!({"username": "x", "email": "x", "password": "x"}),
        )
        .await
        .problem("validation_failed");
    server.user().await;
    server.user().await;
    let third =
        json!({"username": "third", "email": "third@example.com", "password": "correct horse"});
    server
        .anonymous()
        .post("/auth/register", &third)
        .await
        .problem("rate_limited");
    server.clock.advance(chrono::TimeDelta::minutes(61));
    assert_eq!(
        server
            .anonymous()
            .post("/auth/register", &third)
            .await
            .status,
        201
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forwarded_address_is_believed_from_a_trusted_proxy_alone() {
    for (trusted, statuses) in [("127.0.0.0/8", [201, 201]), ("10.0.0.0/8", [201, 429])] {
        let server = TestServer::start_with(On::Sqlite, |config| {
            config.rates.registrations_per_address = 1;
            config.server.trusted_proxies = serde_json::from_value(json!(trusted)).unwrap();
        })
        .await;
        let url = format!("{}/api/v1/auth/register", server.app_url());
        for (n, status) in statuses.into_iter().enumerate() {
            let body = json!({"username": format!("user{n}"), "email": format!("u{n}@example.com"), "password": "correct horse"});
            // The client's own words stand on the left; the proxy adds what it sees on the right.
            let hops = format!("8.8.8.8, 203.0.113.{n}");
            let answer = server
                .anonymous()
                .send_to(Method::POST, &url, |r| {
                    r.json(&body).header("x-forwarded-for", hops)
                })
                .await;
            assert_eq!(answer.status, status, "{trusted} {n}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redirected_delivery_sends_people_to_the_store_for_a_short_time() {
    let server = TestServer::start_with(On::Sqlite, |config| {
        config.server.delivery = Delivery::Redirect;
    })
    .await;
    let ada = server.user().await;
    let image = ada.upload("a.png", &png(8)).await;
    let answer = server.fetch(&image.links.original).await;
    assert_eq!(answer.status, 302);
    assert_eq!(answer.header("cache-control"), "public, max-age=30");
    let bytes = server.fetch(answer.header("location")).await;
    assert_eq!(
        (bytes.status.as_u16(), bytes.header("content-type")),
        (200, "image/png")
    );
    assert_eq!(
        hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes.body)),
        image.sha256
    );
    // A policy is asked about where a redirect leads, too.
    let page = server.fetch(image.links.page.as_ref().unwrap()).await;
    let sources = format!(
        "img-src {} {}; ",
        server.media_url(),
        server.app().urls.storage()
    );
    let policy = page.header("content-security-policy");
    assert!(policy.contains(&sources), "{policy}");
    // HEAD and downloads are answered here: a presigned address is for one method, and has no file name.
    let head = server
        .anonymous()
        .send_to(Method::HEAD, &image.links.original, |r| r)
        .await;
    assert_eq!(
        (head.status.as_u16(), head.header("content-type")),
        (200, "image/png")
    );
    let download = server
        .fetch(&format!("{}?download=1", image.links.original))
        .await;
    assert!(
        download.status == 200
            && download
                .header("content-disposition")
                .starts_with("attachment")
    );
    ada.delete(&format!("/images/{}", image.id)).await;
    server
        .fetch(&image.links.original)
        .await
        .problem("not_found");
}
