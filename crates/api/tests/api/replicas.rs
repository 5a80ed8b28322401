//! Three servers and two workers on one PostgreSQL database and one bucket, which is a process of its own.

use std::collections::HashSet;
use std::time::Duration;

use axum::http::{StatusCode, Uri};
use chrono::TimeDelta;
use reqwest::Method;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use serde_json::json;
use tempfile::TempDir;
use tintype_api::config::Config;
use tintype_api::serve::{self, Process, Running};
use tintype_core::clock::Clock;
use tintype_core::db::{claim_due, upload};
use tintype_core::secret::Secret;
use tintype_core::worker;
use tintype_dto::{Image, Upload};

use crate::client::Client;
use crate::pictures::jpeg;
use crate::program::{Program, run};
use crate::server::new_postgres_database;

/// Everything that an installation has, each with a port of its own and one public address.
struct Installation {
    _folder: TempDir,
    config: Config,
    clock: Clock,
    _storage: Process,
    servers: Vec<Running>,
    workers: Vec<Running>,
}

const APP: &str = "http://img.example.test";

impl Installation {
    async fn start(servers: usize, workers: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let mut config = Config {
            data_dir: folder.path().into(),
            ..Config::default()
        };
        for addr in [
            &mut config.server.app_addr,
            &mut config.server.media_addr,
            &mut config.server.ops_addr,
            &mut config.storage.listen_addr,
        ] {
            addr.set_port(0);
        }
        config.server.app_url = Some(APP.parse().unwrap());
        config.server.media_url = Some("http://media.example.test".parse().unwrap());
        config.server.worker = false;
        config.auth.registration = Some(tintype_dto::Registration::Open);
        config.auth.bcrypt_cost = 4;
        config.auth.jwt_secret = Some(Secret::from("0123456789abcdefghijklmnopqrstuv".to_owned()));
        config.database.url = Some(Secret::from(new_postgres_database().await));
        config.storage.access_key_id = Some("tintype".into());
        config.storage.secret_access_key =
            Some(Secret::from("abcdefghijklmnopqrstuv0123456789".to_owned()));
        let storage = serve::start_storage(&config).await.unwrap();
        config.storage.endpoint = Some(storage.address.parse().unwrap());
        let clock = Clock::default();
        let start = |_| serve::start(config.clone(), clock.clone());
        let servers = futures::future::try_join_all((0..servers).map(start))
            .await
            .unwrap();
        let start = |_| serve::start_worker(config.clone(), clock.clone());
        let workers = futures::future::try_join_all((0..workers).map(start))
            .await
            .unwrap();
        Self {
            _folder: folder,
            config,
            clock,
            _storage: storage,
            servers,
            workers,
        }
    }

    /// A client of the nth server, as a proxy that passes the Host on would be.
    fn client(&self, n: usize) -> Client {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("host", "img.example.test".parse().unwrap());
        let proxied = reqwest::Client::builder()
            .default_headers(headers)
            .build()
            .unwrap();
        Client {
            http: proxied,
            api: format!("{}/api/v1", self.servers[n].process.listens_on),
            session: None,
        }
    }
}

/// The PUT goes to the store itself, whose host was signed.
async fn send(upload: &Upload, bytes: &[u8]) {
    let direct = Client {
        http: reqwest::Client::new(),
        api: String::new(),
        session: None,
    };
    assert_eq!(direct.put(upload, bytes).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_ends_on_every_server_at_once_without_a_worker_and_two_workers_end_it_once() {
    let all = Installation::start(3, 0).await;
    let mut ada = all.client(0);
    ada.register("ada").await;
    let on_each = [0, 1, 2].map(|n| Client {
        session: ada.session.clone(),
        ..all.client(n)
    });
    let bytes = jpeg(1);
    let upload = ada.announce_as("a.jpg", &bytes, false).await;
    send(&upload, &bytes).await;
    let image: Image = ada.confirm(upload.id).await.ok();
    let end = all.clock.now() + TimeDelta::hours(1);
    let change = json!({"expires_at": end});
    let path = format!("/images/{}", image.id);
    let changed = on_each[1].send(Method::PATCH, &path, Some(&change)).await;
    assert_eq!(changed.ok::<Image>().expires_at, Some(end));
    for (minutes, status) in [(59, 200), (1, 404)] {
        all.clock.advance(TimeDelta::minutes(minutes));
        for client in &on_each {
            let page = format!(
                "{}/s/{}",
                client.api.trim_end_matches("/api/v1"),
                image.slug
            );
            let page = client.send_to(Method::GET, &page, |request| request).await;
            let found = client.get(&path).await;
            let statuses = [page.status, found.status].map(|status| status.as_u16());
            assert_eq!(statuses, [status; 2]);
        }
    }
    let rounds = all.servers.iter().map(|server| worker::round(&server.app));
    futures::future::try_join_all(rounds).await.unwrap();
    let trashed = on_each[2].list("?state=trashed").await.items;
    assert_eq!(
        trashed
            .iter()
            .map(|image| image.expires_at)
            .collect::<Vec<_>>(),
        [Some(end)]
    );
    let back = json!({"expires_at": null});
    ada.post(&format!("{path}/restore"), &back)
        .await
        .ok::<Image>();
    assert_eq!(on_each[1].get(&path).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn confirms_on_every_replica_at_once_publish_once() {
    let all = Installation::start(3, 2).await;
    let mut ada = all.client(0);
    ada.register("ada").await;
    let on_each: Vec<_> = (0..3)
        .map(|n| Client {
            session: ada.session.clone(),
            ..all.client(n)
        })
        .collect();
    for seed in 0..4 {
        let bytes = jpeg(seed);
        let upload = on_each[usize::from(seed) % 3]
            .announce_as("a.jpg", &bytes, false)
            .await;
        send(&upload, &bytes).await;
        let answers =
            futures::future::join_all((0..24).map(|n| on_each[n % 3].confirm(upload.id))).await;
        let images: Vec<Image> = answers.iter().map(crate::client::Answer::ok).collect();
        assert!(
            images.iter().all(|image| *image == images[0]),
            "one answer for everyone"
        );
    }
    let stored = all.servers[0]
        .app
        .store
        .list("images/", None)
        .await
        .unwrap()
        .items;
    assert_eq!(
        stored.len(),
        16,
        "an original, a preview, a thumbnail and a manifest each, from one attempt each: {stored:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_revoked_on_one_replica_is_refused_on_all() {
    let all = Installation::start(3, 0).await;
    let mut ada = all.client(0);
    ada.register("ada").await;
    let on_each: Vec<_> = (0..3)
        .map(|n| Client {
            session: ada.session.clone(),
            ..all.client(n)
        })
        .collect();
    for client in &on_each {
        assert_eq!(client.get("/me").await.status, 200);
    }
    tintype_core::operator::disable_user(&all.servers[1].app.db, "ada", Clock::default().now())
        .await
        .unwrap();
    for client in &on_each {
        client.get("/me").await.problem("unauthenticated");
    }
    let mut eve = all.client(0);
    eve.register("eve").await;
    let on_each: Vec<_> = (0..3)
        .map(|n| Client {
            session: eve.session.clone(),
            ..all.client(n)
        })
        .collect();
    assert_eq!(
        on_each[2]
            .send(reqwest::Method::POST, "/me/logout-everywhere", None)
            .await
            .status,
        204
    );
    for client in &on_each {
        client.get("/me").await.problem("unauthenticated");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_ended_on_one_replica_ends_on_those_that_remember_it() {
    let all = Installation::start(3, 0).await;
    let mut ada = all.client(0);
    ada.register("ada").await;
    let mut left = all.client(0);
    left.session = Some(
        ada.post(
            "/auth/login",
            &json!({"username": "ada", "password": "correct horse battery"}),
        )
        .await
        .ok(),
    );
    let made = ada.make_token(&["read"]).await;
    let program = ada.with_secret(&made.secret);
    let on_each = |client: &Client| -> Vec<_> {
        let at = |n| Client {
            session: client.session.clone(),
            ..all.client(n)
        };
        (0..3).map(at).collect()
    };
    let ended = [on_each(&left), on_each(&program)].concat();
    for client in &ended {
        assert_eq!(client.get("/me").await.status, 200);
    }
    let log_out = ended[1].send(reqwest::Method::POST, "/auth/logout", None);
    assert_eq!(log_out.await.status, 204);
    let path = format!("/me/tokens/{}", made.token.id);
    assert_eq!(ada.delete(&path).await.status, 204);
    for client in &ended {
        for path in ["/me", "/images"] {
            client.get(path).await.problem("unauthenticated");
        }
    }
    assert_eq!(ada.get("/me").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_share_what_is_due_and_nothing_is_done_twice() {
    let all = Installation::start(1, 0).await;
    let mut ada = all.client(0);
    ada.register("ada").await;
    for seed in 0..12 {
        let bytes = jpeg(seed);
        let upload = ada.announce_as("a.jpg", &bytes, false).await;
        send(&upload, &bytes).await;
    }
    let db = &all.servers[0].app.db;
    let now = Clock::default().now() + chrono::TimeDelta::seconds(20);
    let until = now + chrono::TimeDelta::seconds(30);
    let claim = || {
        claim_due::<upload::Entity>(
            db,
            (upload::Column::Id, upload::Column::DueAt),
            now,
            until,
            4,
        )
    };
    let claims = futures::future::try_join_all((0..4).map(|_| claim()))
        .await
        .unwrap();
    let ids: Vec<_> = claims.iter().flatten().map(|upload| upload.id).collect();
    assert_eq!(
        ids.len(),
        ids.iter().collect::<HashSet<_>>().len(),
        "no row is claimed by two"
    );
    db.execute_unprepared("UPDATE uploads SET due_at = created_at")
        .await
        .unwrap();
    let mut config = all.config.clone();
    config.server.worker = true;
    let workers = [(); 2].map(|()| serve::start_worker(config.clone(), Clock::default()));
    let workers = futures::future::try_join_all(workers).await.unwrap();
    let count = || async {
        tintype_core::db::image::Entity::find()
            .count(db)
            .await
            .unwrap()
    };
    let done = async {
        while count().await < 12 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), done)
        .await
        .expect("landed files become images without a confirm");
    for worker in workers {
        worker.stop().await;
    }
    let stored = all.servers[0]
        .app
        .store
        .list("images/", None)
        .await
        .unwrap()
        .items;
    assert_eq!(stored.len(), 48, "one attempt each");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_restarts_costs_no_restart_of_ours() {
    let all = Installation::start(1, 1).await;
    let mut ada = all.client(0);
    ada.register("ada").await;
    // What a fast restart does to every connection.
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let other = sea_orm::Database::connect(all.config.database_url())
        .await
        .unwrap();
    futures::future::join_all((0..16).map(|_| ada.get("/me"))).await;
    other.execute_unprepared(sql).await.unwrap();
    let answers = futures::future::join_all((0..16).map(|_| ada.get("/me"))).await;
    for answer in answers {
        assert!(
            answer.status == 200 || answer.status == 503,
            "{}",
            answer.status
        );
    }
    for _ in 0..16 {
        assert_eq!(ada.get("/me").await.status, 200);
    }
    assert_eq!(all.workers.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_outlasts_the_drain_gives_its_lease_back() {
    let all = Installation::start(1, 0).await;
    let mut ada = all.client(0);
    ada.register("ada").await;
    // The other server's store says that the file is there, and never hands it out.
    let bytes = jpeg(1);
    let there = bytes.clone();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let answer = async move |method: Method, uri: Uri| match method {
        Method::HEAD if uri.path().contains("staging/") => Ok(there),
        Method::HEAD => Err(StatusCode::NOT_FOUND),
        _ => std::future::pending().await,
    };
    tokio::spawn(axum::serve(silent, axum::Router::new().fallback(answer)).into_future());
    let mut config = all.config.clone();
    config.storage.public_endpoint = config.storage.endpoint.take();
    config.storage.endpoint = Some(address.parse().unwrap());
    let stuck = serve::start(config, Clock::default()).await.unwrap();
    let upload = ada.announce_as("a.jpg", &bytes, false).await;
    send(&upload, &bytes).await;
    let client = Client {
        session: ada.session.clone(),
        api: format!("{}/api/v1", stuck.process.listens_on),
        http: ada.http.clone(),
    };
    let confirm = tokio::spawn(async move { client.confirm(upload.id).await });
    let row = async || {
        upload::Entity::find_by_id(upload.id)
            .one(&stuck.app.db)
            .await
            .unwrap()
            .unwrap()
    };
    let taken = async {
        while row().await.lease_id.is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), taken)
        .await
        .expect("the check begins");
    stuck.app.shutdown.run(Duration::ZERO).await;
    confirm.await.unwrap().problem("overloaded");
    let row = row().await;
    assert_eq!(
        (row.state, row.lease_id, row.lapses),
        (upload::State::Pending, None, 0)
    );
    let _: Image = ada.confirm(upload.id).await.ok();
}

/// Six processes: a store, three servers and two workers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn one_server_of_three_killed_under_load_costs_no_acknowledged_upload() {
    let folder = TempDir::new().unwrap();
    let database = new_postgres_database().await;
    let keys = [
        ("TINTYPE_STORAGE__ACCESS_KEY_ID", "tintype"),
        (
            "TINTYPE_STORAGE__SECRET_ACCESS_KEY",
            "abcdefghijklmnopqrstuv0123456789",
        ),
        ("TINTYPE_SERVER__APP_URL", APP),
        ("TINTYPE_SERVER__MEDIA_URL", "http://media.example.test"),
        ("TINTYPE_SERVER__WORKER", "false"),
        ("TINTYPE_AUTH__REGISTRATION", "open"),
        ("DATABASE_URL", &database),
    ];
    let storage = Program::start_as("storage", folder.path(), &keys);
    let settings: Vec<_> = keys
        .into_iter()
        .chain([("TINTYPE_STORAGE__ENDPOINT", storage.url.as_str())])
        .collect();
    let mut servers: Vec<_> = (0..3)
        .map(|_| Listening::start(folder.path(), &settings))
        .collect();
    let workers: Vec<_> = (0..2)
        .map(|_| Program::start_as("worker", folder.path(), &settings))
        .collect();
    let mut ada = servers[0].client();
    ada.register("ada").await;
    let on_each: Vec<_> = servers
        .iter()
        .map(|server| Client {
            session: ada.session.clone(),
            ..server.client()
        })
        .collect();

    let pictures: Vec<_> = (0..20).map(jpeg).collect();
    let uploads = pictures.iter().enumerate().map(async |(n, bytes)| {
        let upload = on_each[n % 3].announce_as("a.jpg", bytes, false).await;
        send(&upload, bytes).await;
        upload
    });
    let uploads = futures::future::join_all(uploads).await;
    let confirms = uploads
        .iter()
        .enumerate()
        .map(|(n, upload)| on_each[n % 3].try_confirm(upload.id));
    let killed = servers.remove(1);
    let (answers, ()) = tokio::join!(futures::future::join_all(confirms), async { drop(killed) });
    let acknowledged: Vec<Image> = answers
        .iter()
        .flatten()
        .map(crate::client::Answer::ok)
        .collect();
    assert!(
        acknowledged.len() >= 13,
        "those that live answer: {}",
        acknowledged.len()
    );
    let listed = ada.list("?limit=50").await.items;
    assert!(
        acknowledged.iter().all(|image| listed.contains(image)),
        "what was acknowledged is there"
    );
    // The leases of the killed one run out, and its uploads are confirmed again where somebody lives.
    let db = sea_orm::Database::connect(&database).await.unwrap();
    db.execute_unprepared("UPDATE uploads SET lease_until = created_at WHERE state = 'processing'")
        .await
        .unwrap();
    for (n, upload) in uploads.iter().enumerate() {
        let image: Image = on_each[if n % 2 == 0 { 0 } else { 2 }]
            .confirm(upload.id)
            .await
            .ok();
        assert_eq!(image.id, upload.id);
    }
    assert_eq!(ada.list("?limit=50").await.items.len(), 20);

    // Workers share and finish the unconfirmed uploads.
    for seed in 20..26 {
        let bytes = jpeg(seed);
        send(
            &on_each[0].announce_as("b.jpg", &bytes, false).await,
            &bytes,
        )
        .await;
    }
    let finished = async {
        while ada.list("?limit=50").await.items.len() < 26 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), finished)
        .await
        .expect("landed files become images without a confirm");

    let (ok, _, errors) = run(&["user", "disable", "ada"], folder.path(), &settings);
    assert!(ok, "{errors}");
    for n in [0, 2] {
        on_each[n].get("/me").await.problem("unauthenticated");
    }
    let counted = storage
        .client()
        .send_to(Method::GET, &format!("{}/metrics", storage.ops_url), |r| r)
        .await;
    let counted = String::from_utf8(counted.body).unwrap();
    assert!(
        counted.contains(r#"tintype_http_requests_total{origin="storage",route="/tintype/{*key}",method="PUT",status="200"}"#),
        "{counted}"
    );
    assert!(
        counted
            .lines()
            .any(|line| line.starts_with("tintype_store_free_bytes ")),
        "{counted}"
    );
    for program in workers {
        assert!(program.terminate(), "a worker ends well");
    }
}

/// A server whose public address is another than the one it listens on.
struct Listening {
    _program: Program,
    api: String,
}

impl Listening {
    fn start(folder: &std::path::Path, settings: &[(&str, &str)]) -> Self {
        // A proxy knows where it sends requests: so it listens on a port that was free a moment ago.
        let address = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .to_string();
        let settings: Vec<_> = settings
            .iter()
            .copied()
            .chain([("TINTYPE_SERVER__APP_ADDR", address.as_str())])
            .collect();
        let program = Program::start_as("serve", folder, &settings);
        Self {
            _program: program,
            api: format!("http://{address}/api/v1"),
        }
    }

    fn client(&self) -> Client {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("host", "img.example.test".parse().unwrap());
        Client {
            http: reqwest::Client::builder()
                .default_headers(headers)
                .build()
                .unwrap(),
            api: self.api.clone(),
            session: None,
        }
    }
}
