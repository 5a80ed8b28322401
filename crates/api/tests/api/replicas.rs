//! Three servers and two workers on one PostgreSQL database and one bucket, which is a process of its own.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use tempfile::TempDir;
use tintype_api::clock::Clock;
use tintype_api::config::Config;
use tintype_api::db::{claim_due, upload};
use tintype_api::secret::Secret;
use tintype_api::serve::{self, Process, Running};
use tintype_dto::Image;

use crate::client::Client;
use crate::pictures::jpeg;
use crate::server::new_postgres_database;

/// Everything that an installation has, each with a port of its own and one public address.
struct Installation {
    _folder: TempDir,
    config: Config,
    _storage: Process,
    servers: Vec<Running>,
    workers: Vec<Running>,
}

const APP: &str = "http://img.example.test";

impl Installation {
    async fn start(servers: usize, workers: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let mut config = Config { data_dir: folder.path().into(), ..Config::default() };
        for addr in
            [&mut config.server.app_addr, &mut config.server.media_addr, &mut config.server.ops_addr, &mut config.storage.listen_addr]
        {
            addr.set_port(0);
        }
        config.server.app_url = Some(APP.parse().unwrap());
        config.server.media_url = Some("http://media.example.test".parse().unwrap());
        config.server.worker = false;
        config.auth.bcrypt_cost = 4;
        config.auth.jwt_secret = Some(Secret::from("0123456789abcdefghijklmnopqrstuv".to_owned()));
        config.database.url = Some(Secret::from(new_postgres_database().await));
        config.storage.access_key_id = Some("tintype".into());
        config.storage.secret_access_key = Some(Secret::from("abcdefghijklmnopqrstuv0123456789".to_owned()));
        let storage = serve::start_storage(&config).await.unwrap();
        config.storage.endpoint = Some(storage.address.parse().unwrap());
        let clock = Clock::default();
        let start = |_| serve::start(config.clone(), clock.clone());
        let servers = futures::future::try_join_all((0..servers).map(start)).await.unwrap();
        let start = |_| serve::start_worker(config.clone(), clock.clone());
        let workers = futures::future::try_join_all((0..workers).map(start)).await.unwrap();
        Self { _folder: folder, config, _storage: storage, servers, workers }
    }

    /// A client of the nth server, as a proxy that passes the Host on would be.
    fn client(&self, n: usize) -> Client {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("host", "img.example.test".parse().unwrap());
        let proxied = reqwest::Client::builder().default_headers(headers).build().unwrap();
        Client { http: proxied, api: format!("{}/api/v1", self.servers[n].process.listens_on), session: None }
    }
}

/// The PUT goes to the store itself, whose host was signed.
async fn send(upload: &tintype_dto::Upload, bytes: &[u8]) {
    let direct = Client { http: reqwest::Client::new(), api: String::new(), session: None };
    assert_eq!(direct.put(upload, bytes).await.status, 200);
}

async fn register(client: &mut Client, name: &str) {
    let body = serde_json::json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse"});
    client.session = Some(client.post("/auth/register", &body).await.ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn confirms_on_every_replica_at_once_publish_once() {
    let all = Installation::start(3, 2).await;
    let mut ada = all.client(0);
    register(&mut ada, "ada").await;
    let on_each: Vec<_> = (0..3).map(|n| Client { session: ada.session.clone(), ..all.client(n) }).collect();
    for seed in 0..4 {
        let bytes = jpeg(seed);
        let upload = on_each[usize::from(seed) % 3].announce_as("a.jpg", &bytes, false).await;
        send(&upload, &bytes).await;
        let answers = futures::future::join_all((0..24).map(|n| on_each[n % 3].confirm(upload.id))).await;
        let images: Vec<Image> = answers.iter().map(crate::client::Answer::ok).collect();
        assert!(images.iter().all(|image| *image == images[0]), "one answer for everyone");
    }
    let stored = all.servers[0].app.store.list("images/", None).await.unwrap().items;
    assert_eq!(stored.len(), 12, "an original, a preview and a thumbnail each, from one attempt each: {stored:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_revoked_on_one_replica_is_refused_on_all() {
    let all = Installation::start(3, 0).await;
    let mut ada = all.client(0);
    register(&mut ada, "ada").await;
    let on_each: Vec<_> = (0..3).map(|n| Client { session: ada.session.clone(), ..all.client(n) }).collect();
    for client in &on_each {
        assert_eq!(client.get("/me").await.status, 200);
    }
    tintype_api::operator::disable_user(&all.servers[1].app.db, "ada", Clock::default().now()).await.unwrap();
    for client in &on_each {
        client.get("/me").await.problem("unauthenticated");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_share_what_is_due_and_nothing_is_done_twice() {
    let all = Installation::start(1, 0).await;
    let mut ada = all.client(0);
    register(&mut ada, "ada").await;
    for seed in 0..12 {
        let bytes = jpeg(seed);
        let upload = ada.announce_as("a.jpg", &bytes, false).await;
        send(&upload, &bytes).await;
    }
    let db = &all.servers[0].app.db;
    let now = Clock::default().now() + chrono::TimeDelta::seconds(20);
    let until = now + chrono::TimeDelta::seconds(30);
    let claim = || claim_due::<upload::Entity>(db, (upload::Column::Id, upload::Column::DueAt), now, until, 4);
    let claims = futures::future::try_join_all((0..4).map(|_| claim())).await.unwrap();
    let ids: Vec<_> = claims.iter().flatten().map(|upload| upload.id).collect();
    assert_eq!(ids.len(), ids.iter().collect::<HashSet<_>>().len(), "no row is claimed by two");
    db.execute_unprepared("UPDATE uploads SET due_at = created_at").await.unwrap();
    let mut config = all.config.clone();
    config.server.worker = true;
    let workers = [(); 2].map(|()| serve::start_worker(config.clone(), Clock::default()));
    let workers = futures::future::try_join_all(workers).await.unwrap();
    let count = || async { tintype_api::db::image::Entity::find().count(db).await.unwrap() };
    let done = async {
        while count().await < 12 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), done).await.expect("landed files become images without a confirm");
    for worker in workers {
        worker.stop().await;
    }
    let stored = all.servers[0].app.store.list("images/", None).await.unwrap().items;
    assert_eq!(stored.len(), 36, "one attempt each");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_restarts_costs_no_restart_of_ours() {
    let all = Installation::start(1, 1).await;
    let mut ada = all.client(0);
    register(&mut ada, "ada").await;
    // What a fast restart does to every connection.
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let other = sea_orm::Database::connect(all.config.database_url()).await.unwrap();
    futures::future::join_all((0..16).map(|_| ada.get("/me"))).await;
    other.execute_unprepared(sql).await.unwrap();
    let answers = futures::future::join_all((0..16).map(|_| ada.get("/me"))).await;
    for answer in answers {
        assert!(answer.status == 200 || answer.status == 503, "{}", answer.status);
    }
    for _ in 0..16 {
        assert_eq!(ada.get("/me").await.status, 200);
    }
    assert_eq!(all.workers.len(), 1);
}
