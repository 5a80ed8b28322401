//! The restore drill: backed up under load, everything destroyed, restored to another database and another store.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tintype_api::config::Config;
use tintype_core::db::image;
use tintype_core::secret::Secret;
use tintype_dto::Image;
use tintype_storage::{Store, StoreConfig};
use tokio::task::JoinHandle;
use url::Url;

use super::whole::{HASHES, again};
use super::{Empty, damage, settings};
use crate::client::Client;
use crate::pictures::sized;
use crate::program::{Program, run};
use crate::server::{On, TestServer};

/// So long a backup waits between its rows and its objects: some rounds of the worker.
const WINDOW: &str = "backup.rows-written=sleep(8000)";

/// An S3 store as a process of its own.
pub struct Elsewhere {
    program: Program,
    _folder: TempDir,
}

impl Elsewhere {
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let settings = [
            ("TINTYPE_STORAGE__ACCESS_KEY_ID", "tintype"),
            ("TINTYPE_STORAGE__SECRET_ACCESS_KEY", SECRET),
            ("TINTYPE_STORAGE__BUCKET", "pictures"),
            ("TINTYPE_SERVER__APP_URL", "http://127.0.0.1:8080"),
        ];
        Self {
            program: Program::start_as("storage", folder.path(), &settings),
            _folder: folder,
        }
    }

    pub fn is_used_by(&self, config: &mut Config) {
        config.storage.endpoint = Some(self.program.url.parse().unwrap());
        config.storage.bucket = "pictures".into();
        config.storage.access_key_id = Some("tintype".into());
        config.storage.secret_access_key = Some(Secret::from(SECRET.to_owned()));
    }
}

impl Elsewhere {
    /// What a backup into one of its buckets is told.
    pub fn settings_of_backup(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TINTYPE_BACKUP__ENDPOINT", self.program.url.clone()),
            ("TINTYPE_BACKUP__ACCESS_KEY_ID", "tintype".into()),
            ("TINTYPE_BACKUP__SECRET_ACCESS_KEY", SECRET.into()),
        ]
    }

    /// What is in it.
    pub async fn keys(&self) -> Vec<String> {
        let endpoint: Url = self.program.url.parse().unwrap();
        let store = Store::new(StoreConfig {
            public_endpoint: endpoint.clone(),
            endpoint,
            region: "auto".into(),
            bucket: "pictures".into(),
            access_key_id: "tintype".into(),
            secret_access_key: SECRET.into(),
        });
        let page = store.list("", None).await.unwrap();
        page.items.into_iter().map(|object| object.key).collect()
    }
}

const SECRET: &str = "abcdefghijklmnopqrstuv0123456789";

fn picture(number: u32) -> Vec<u8> {
    let seed = u8::try_from(number % 256).unwrap();
    sized(1640 + number / 256, 8, seed, ::image::ImageFormat::Jpeg)
}

/// Uploads and deletes until it is told to stop. How often. A server that has too much to do may put it off.
pub async fn load(client: Client, first: u32, stop: Arc<AtomicBool>) -> u32 {
    let (mut images, mut number) = (Vec::<Image>::new(), first);
    while !stop.load(Ordering::Relaxed) {
        let answer = client.try_upload("load.jpg", &picture(number)).await;
        if answer.status == 200 {
            images.push(answer.json());
        }
        number += 1;
        if images.len() > 5 {
            let gone = images.remove(0);
            client
                .delete(&format!("/images/{}?permanent=true", gone.id))
                .await;
        }
    }
    number - first
}

/// How many images wait for a backup before their objects go: longer than a worker claims them for.
async fn waiting(server: &TestServer) -> u64 {
    let is_deleting = image::Column::State.eq(image::State::Deleting);
    let waits = image::Column::DueAt.gt(Utc::now() + TimeDelta::seconds(60));
    image::Entity::find()
        .filter(is_deleting.and(waits))
        .count(server.db())
        .await
        .unwrap()
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A backup that was taken while others uploaded and deleted.
struct UnderLoad {
    /// Who has an account.
    clients: Vec<Client>,
    /// What was there all along, and what was there until just after the moment of the backup.
    images: Vec<Image>,
}

impl UnderLoad {
    async fn back_up(server: &TestServer, place: &Path) -> Self {
        let ada = server.user().await;
        let (mut images, mut doomed) = (Vec::new(), Vec::new());
        for number in 0..12 {
            images.push(ada.upload("kept.jpg", &picture(number)).await);
            doomed.push(ada.upload("doomed.jpg", &picture(100 + number)).await);
            ada.announce("waits.jpg", &picture(200 + number)).await;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let (mut clients, mut loads) = (Vec::new(), Vec::new());
        for first in [1000, 2000, 3000] {
            let client = server.user().await;
            clients.push(client.clone());
            loads.push(tokio::spawn(load(client, first, stop.clone())));
        }
        let backup = server.begin(place);
        until("the rows are read", async || place.join("rows").exists()).await;
        for image in &doomed {
            let path = format!("/images/{}?permanent=true", image.id);
            assert_eq!(ada.delete(&path).await.status, 204);
        }
        let all_wait = async || waiting(server).await >= doomed.len() as u64;
        until("what is deleted waits for the backup", all_wait).await;
        let (ok, told, errors) = backup.await.unwrap();
        stop.store(true, Ordering::Relaxed);
        for load in loads {
            assert!(load.await.unwrap() > 0, "there was a load");
        }
        assert!(ok, "{told}{errors}");
        images.extend(doomed);
        clients.push(ada);
        Self { clients, images }
    }
}

impl TestServer {
    /// `tintype backup`, beside everything else.
    fn begin(&self, place: &Path) -> JoinHandle<(bool, String, String)> {
        let (folder, place) = (self.folder.path().to_owned(), place.to_owned());
        let settings = settings(&self.config);
        tokio::task::spawn_blocking(move || {
            let own = settings.iter().map(|(name, value)| (*name, value.as_str()));
            let settings: Vec<_> = own.chain([("FAILPOINTS", WINDOW)]).collect();
            run(&["backup", place.to_str().unwrap()], &folder, &settings)
        })
    }

    /// Nothing is left of it but what is somewhere else.
    async fn destroy(mut self) {
        self.running.take().unwrap().stop().await;
        let folder = self.folder.path().to_owned();
        drop(self);
        assert!(!folder.exists());
    }
}

/// Whoever had an account logs in, and every link of every image opens and has the bytes that it says.
async fn opens(restored: &TestServer, clients: &[Client]) -> Vec<Image> {
    let mut images = Vec::new();
    for client in clients {
        let client = again(client, restored).await;
        images.extend(client.list("?limit=200").await.items);
    }
    for image in &images {
        let links = &image.links;
        let original = restored.fetch(&links.original).await;
        assert_eq!(hex::encode(Sha256::digest(&original.body)), image.sha256);
        let page = links.page.as_ref().unwrap();
        for link in [&links.preview, &links.thumb, page] {
            assert_eq!(restored.fetch(link).await.status, 200, "{link}");
        }
    }
    images
}

/// Backs up `server` under load, destroys it, and restores it into what is empty, with this store.
async fn drill(server: TestServer, on: On, store: Option<Elsewhere>) {
    let place = TempDir::new().unwrap();
    let (app, media) = (server.app_url(), server.media_url());
    let under_load = UnderLoad::back_up(&server, place.path()).await;
    let url = server.config.database_url();
    server.destroy().await;
    assert_eq!(damage(place.path()).await, Vec::<String>::new());

    let mut empty = Empty::new(on).await;
    if let Some(store) = &store {
        store.is_used_by(&mut empty.config);
    }
    let (ok, told, errors) = empty.run(place.path(), &[]);
    assert!(ok, "{told}{errors}");
    let restored = empty.start(on).await;
    let report = restored.audit(HASHES).await;
    assert!(report.is_balanced(), "{report}");
    let images = opens(&restored, &under_load.clients).await;
    assert_eq!(report.checked.hashes, images.len() as u64);
    for image in &under_load.images {
        assert!(images.iter().any(|it| it.id == image.id), "{image:?}");
        let link = image.links.original.replace(&media, &restored.media_url());
        assert_eq!(
            restored.fetch(&link).await.status,
            200,
            "a link given out before"
        );
    }
    assert_ne!(
        (app, url),
        (restored.app_url(), restored.config.database_url())
    );
    restored.work().await;
    let report = restored.audit(HASHES).await;
    assert!(report.is_balanced(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_backed_up_under_load_on_sqlite_and_destroyed_comes_back_on_postgres_and_s3() {
    let server = TestServer::start(On::Sqlite).await;
    Box::pin(drill(server, On::Postgres, Some(Elsewhere::start()))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_backed_up_under_load_on_postgres_and_s3_and_destroyed_comes_back_on_sqlite() {
    let store = Elsewhere::start();
    let server = TestServer::start_with(On::Postgres, |config| store.is_used_by(config)).await;
    Box::pin(drill(server, On::Sqlite, None)).await;
}
