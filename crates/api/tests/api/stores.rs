//! The whole way of a picture on a real S3 store: `just test-s3` starts one, or names yours.

use reqwest::Method;
use tintype_api::config::{Config, Storage};
use tintype_api::doctor::{Outcome, examine};
use tintype_core::secret::Secret;
use tintype_dto::Image;
use tintype_storage::{Store, StoreConfig};

use crate::pictures::jpeg;
use crate::server::{On, TestServer};

/// What the environment says of the store.
pub fn use_store(config: &mut Config) {
    let variable = |name: &str| std::env::var(format!("TINTYPE_TEST_S3_{name}")).expect(name);
    config.storage.endpoint = Some(variable("ENDPOINT").parse().unwrap());
    config.storage.region = variable("REGION");
    config.storage.bucket = variable("BUCKET");
    config.storage.access_key_id = Some(variable("ACCESS_KEY_ID"));
    config.storage.secret_access_key = Some(Secret::from(variable("SECRET_ACCESS_KEY")));
}

/// That store itself.
pub fn store() -> Store {
    let mut config = Config::default();
    use_store(&mut config);
    let Storage {
        endpoint,
        region,
        bucket,
        access_key_id,
        secret_access_key,
        ..
    } = config.storage;
    let endpoint = endpoint.unwrap();
    Store::new(StoreConfig {
        public_endpoint: endpoint.clone(),
        endpoint,
        region,
        bucket,
        access_key_id: access_key_id.unwrap(),
        secret_access_key: secret_access_key.unwrap().expose().to_owned(),
    })
}

/// The same for a process that is started: none for the embedded store.
pub fn settings_of_store(config: &Config) -> Vec<(&'static str, String)> {
    let storage = &config.storage;
    let Some(endpoint) = &storage.endpoint else {
        return Vec::new();
    };
    vec![
        ("TINTYPE_STORAGE__ENDPOINT", endpoint.to_string()),
        ("TINTYPE_STORAGE__REGION", storage.region.clone()),
        ("TINTYPE_STORAGE__BUCKET", storage.bucket.clone()),
        (
            "TINTYPE_STORAGE__ACCESS_KEY_ID",
            storage.access_key_id.clone().unwrap(),
        ),
        (
            "TINTYPE_STORAGE__SECRET_ACCESS_KEY",
            storage
                .secret_access_key
                .as_ref()
                .unwrap()
                .expose()
                .to_owned(),
        ),
    ]
}

fn lacks(feature: &str) -> bool {
    std::env::var("TINTYPE_TEST_S3_LACKS")
        .is_ok_and(|lacked| lacked.split(',').any(|name| name == feature))
}

async fn server() -> TestServer {
    TestServer::start_with(On::Sqlite, use_store).await
}

/// What the bucket, which other tests use too, has of this image.
async fn objects_of(server: &TestServer, id: uuid::Uuid) -> Vec<String> {
    let mut objects = Vec::new();
    for prefix in ["images/", "staging/"] {
        let page = server
            .app()
            .store
            .list(&format!("{prefix}{id}"), None)
            .await
            .unwrap();
        objects.extend(page.items.into_iter().map(|object| object.key));
    }
    objects
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs TINTYPE_TEST_S3_*"]
async fn a_picture_goes_from_a_file_to_a_link_and_away_again() {
    let server = server().await;
    let alice = server.user().await;
    let bytes = jpeg(1);
    let upload = alice.announce("summer.jpg", &bytes).await;
    assert!(
        upload
            .put
            .as_ref()
            .unwrap()
            .headers
            .contains_key("x-amz-checksum-sha256")
    );
    let put = alice.put(&upload, &bytes).await;
    assert_eq!(put.status, 200, "{}", String::from_utf8_lossy(&put.body));
    let image: Image = alice.confirm(upload.id).await.ok();

    let original = server.fetch(&image.links.original).await;
    assert_eq!(
        (original.status.as_u16(), original.header("content-type")),
        (200, "image/jpeg")
    );
    assert_eq!(original.body.len() as u64, image.size_bytes);
    let part = alice
        .send_to(Method::GET, &image.links.original, |r| {
            r.header("range", "bytes=2-9")
        })
        .await;
    assert_eq!(
        (part.status.as_u16(), &part.body[..]),
        (206, &original.body[2..=9])
    );
    for url in [&image.links.thumb, &image.links.preview] {
        let answer = server.fetch(url).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, "image/webp")
        );
    }
    let objects = objects_of(&server, image.id).await;
    assert!(
        objects.len() >= 3 && objects.iter().all(|key| key.starts_with("images/")),
        "staging is dropped: {objects:?}"
    );

    assert_eq!(
        alice
            .delete(&format!("/images/{}?permanent=true", image.id))
            .await
            .status,
        204
    );
    assert_eq!(server.fetch(&image.links.original).await.status, 404);
    server.work().await;
    assert_eq!(objects_of(&server, image.id).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs TINTYPE_TEST_S3_*"]
async fn a_put_that_is_repeated_after_the_confirm_changes_nothing_that_is_served() {
    let server = server().await;
    let alice = server.user().await;
    let bytes = jpeg(2);
    let upload = alice.announce_as("a.jpg", &bytes, false).await;
    assert_eq!(alice.put(&upload, &bytes).await.status, 200);
    let image: Image = alice.confirm(upload.id).await.ok();
    let before = server.fetch(&image.links.original).await.body;

    let mut other = bytes.clone();
    let last = other.len() - 3;
    other[last] ^= 0xff;
    // Staging has been dropped, so that the key is free again: every store lets this PUT through.
    assert_eq!(alice.put(&upload, &other).await.status, 200);
    server.work().await;
    assert_eq!(server.fetch(&image.links.original).await.body, before);
    assert_eq!(alice.confirm(upload.id).await.ok::<Image>(), image);
    server
        .app()
        .store
        .delete(&format!("staging/{}", upload.id))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs TINTYPE_TEST_S3_*"]
async fn bytes_of_another_size_or_hash_than_announced_are_refused() {
    let server = server().await;
    let alice = server.user().await;
    let bytes = jpeg(3);
    for with_hash in [false, true] {
        let upload = alice.announce_as("a.jpg", &bytes, with_hash).await;
        for wrong in [&bytes[1..], &[&bytes[..], b"x"].concat()] {
            assert_eq!(alice.put(&upload, wrong).await.status, 403);
        }
        alice.confirm(upload.id).await.problem("not_uploaded");
    }
    let upload = alice.announce("a.jpg", &bytes).await;
    let mut other = bytes.clone();
    other[100] ^= 1;
    assert_eq!(alice.put(&upload, &other).await.status, 400);
    alice.confirm(upload.id).await.problem("not_uploaded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs TINTYPE_TEST_S3_*"]
async fn the_doctor_finds_a_new_bucket_wanting_and_mends_it() {
    let server = server().await;
    let report = examine(server.config.clone(), false).await;
    let preflight = report.outcome("preflight");
    assert!(
        matches!(preflight, Some(Outcome::Failed { fix, .. }) if fix.contains("tintype doctor --fix")),
        "{report}"
    );

    let report = examine(server.config.clone(), true).await;
    assert!(report.is_healthy(), "{report}");
    let again = examine(server.config.clone(), false).await;
    for step in &again.steps {
        match &step.outcome {
            Outcome::Warning { .. } if step.name == "put once" && lacks("if-none-match") => {}
            Outcome::Ok { .. } => {}
            other => panic!("{}: {other:?}\n{again}", step.name),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs TINTYPE_TEST_S3_*"]
async fn the_doctor_tells_the_faults_of_a_real_store_apart() {
    let server = server().await;
    for (step, setting, break_it) in [
        (
            "storage key",
            "ACCESS_KEY_ID",
            (|c| c.storage.access_key_id = Some("GK0123456789abcdef01234567".into()))
                as fn(&mut Config),
        ),
        ("storage key", "SECRET_ACCESS_KEY", |c| {
            c.storage.secret_access_key = Some(Secret::from("0".repeat(64)));
        }),
        ("storage key", "TINTYPE_STORAGE__REGION", |c| {
            c.storage.region = "mars-north-1".into();
        }),
        ("bucket", "TINTYPE_STORAGE__BUCKET", |c| {
            c.storage.bucket = "tintype-of-nobody-9f2c".into();
        }),
    ] {
        let mut config = server.config.clone();
        break_it(&mut config);
        let report = examine(config, false).await;
        assert!(
            matches!(report.outcome(step), Some(Outcome::Failed { fix, .. }) if fix.contains(setting)),
            "{report}"
        );
    }
}
