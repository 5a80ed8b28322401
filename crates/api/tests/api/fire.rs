//! Three servers and two workers on PostgreSQL, each a process, restarted one after the other and killed, while requests come.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tintype_dto::{Image, Session, Upload};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};

use crate::client::{Answer, Client};
use crate::pictures::jpeg;
use crate::program::{BINARY, Program, run};
use crate::server::new_postgres_database;

const APP: &str = "img.example.test";
const MEDIA: &str = "media.example.test";
/// For a machine that runs other tests beside it.
const TEN_A_SECOND: Duration = Duration::from_millis(100);
const FIFTY_A_SECOND: Duration = Duration::from_millis(20);

/// Where a server listens, before and after a restart.
#[derive(Clone)]
struct Place {
    app: String,
    media: String,
}

struct Installation {
    /// What is started next.
    binary: PathBuf,
    folder: TempDir,
    settings: Vec<(String, String)>,
    _storage: Program,
    places: Vec<Place>,
    servers: Vec<Option<Program>>,
    workers: Vec<Option<Program>>,
}

fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string()
}

/// Waits for a process to be ready without holding up the load.
async fn start(
    binary: &Path,
    role: &'static str,
    folder: &Path,
    settings: Vec<(String, String)>,
) -> Program {
    let (binary, folder) = (PathBuf::from(binary), PathBuf::from(folder));
    let starting = move || {
        let settings: Vec<_> = settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        Program::try_start(&binary, role, &folder, &settings)
    };
    let started = tokio::task::spawn_blocking(starting).await.unwrap();
    started.unwrap_or_else(|(status, said)| panic!("{role} ended, {status}: {said}"))
}

impl Installation {
    async fn start(binary: &Path) -> Self {
        let folder = TempDir::new().unwrap();
        let database = new_postgres_database().await;
        let mut settings: Vec<_> = [
            ("TINTYPE_STORAGE__ACCESS_KEY_ID", "tintype"),
            (
                "TINTYPE_STORAGE__SECRET_ACCESS_KEY",
                "abcdefghijklmnopqrstuv0123456789",
            ),
            ("TINTYPE_SERVER__APP_URL", "http://img.example.test"),
            ("TINTYPE_SERVER__MEDIA_URL", "http://media.example.test"),
            ("TINTYPE_SERVER__WORKER", "false"),
            // The load comes from one address.
            ("TINTYPE_AUTH__REGISTRATION", "open"),
            ("DATABASE_URL", &database),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let storage = start(binary, "storage", folder.path(), settings.clone()).await;
        settings.push(("TINTYPE_STORAGE__ENDPOINT".into(), storage.url.clone()));
        let places: Vec<_> = (0..3)
            .map(|_| Place {
                app: free_address(),
                media: free_address(),
            })
            .collect();
        let mut all = Self {
            binary: binary.into(),
            folder,
            settings,
            _storage: storage,
            places,
            servers: Vec::new(),
            workers: Vec::new(),
        };
        for n in 0..3 {
            let server = all.start_server(n).await;
            all.servers.push(Some(server));
        }
        for _ in 0..2 {
            let worker = all.start_worker().await;
            all.workers.push(Some(worker));
        }
        all
    }

    async fn start_server(&self, n: usize) -> Program {
        let Place { app, media } = self.places[n].clone();
        let own = [
            ("TINTYPE_SERVER__APP_ADDR".to_owned(), app),
            ("TINTYPE_SERVER__MEDIA_ADDR".to_owned(), media),
        ];
        let settings = self.settings.iter().cloned().chain(own).collect();
        start(&self.binary, "serve", self.folder.path(), settings).await
    }

    async fn start_worker(&self) -> Program {
        start(
            &self.binary,
            "worker",
            self.folder.path(),
            self.settings.clone(),
        )
        .await
    }

    /// One after the other, as an operator does to bring a new version in.
    async fn restart_all(&mut self) {
        for n in 0..3 {
            let old = self.servers[n].take().unwrap();
            assert!(
                tokio::task::spawn_blocking(|| old.terminate())
                    .await
                    .unwrap(),
                "a server ends well"
            );
            self.servers[n] = Some(self.start_server(n).await);
        }
        for n in 0..2 {
            let old = self.workers[n].take().unwrap();
            assert!(
                tokio::task::spawn_blocking(|| old.terminate())
                    .await
                    .unwrap(),
                "a worker ends well"
            );
            self.workers[n] = Some(self.start_worker().await);
        }
    }

    /// How long it took until it was ready again.
    async fn kill(&mut self, n: usize) -> Duration {
        if n < 3 {
            drop(self.servers[n].take());
        } else {
            drop(self.workers[n - 3].take());
        }
        let begin = Instant::now();
        if n < 3 {
            self.servers[n] = Some(self.start_server(n).await);
        } else {
            self.workers[n - 3] = Some(self.start_worker().await);
        }
        begin.elapsed()
    }

    fn balances(&self) {
        let settings: Vec<_> = self
            .settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let (is_balanced, report, errors) =
            run(&["audit", "--hashes"], self.folder.path(), &settings);
        println!("{report}");
        assert!(is_balanced, "{report}{errors}");
    }

    async fn load(&self) -> Arc<Load> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(15))
            .build()
            .unwrap();
        let mut load = Load {
            http,
            places: self.places.clone(),
            token: String::new(),
            tally: Mutex::default(),
        };
        let body = json!({"username": "ada", "email": "ada@example.com", "password": "correct horse battery"});
        let session: Session = load
            .once(0, &Request::post("/auth/register", Some(body)))
            .await
            .unwrap()
            .ok();
        load.token = session.token;
        Arc::new(load)
    }
}

/// A request to whichever server.
#[derive(Clone)]
struct Request {
    method: Method,
    host: &'static str,
    path: String,
    body: Option<serde_json::Value>,
}

impl Request {
    fn get(path: &str) -> Self {
        Self {
            method: Method::GET,
            host: APP,
            path: format!("/api/v1{path}"),
            body: None,
        }
    }

    fn post(path: &str, body: Option<serde_json::Value>) -> Self {
        Self {
            method: Method::POST,
            body,
            ..Self::get(path)
        }
    }

    /// What stands behind a link.
    fn picture(image: &Image) -> Self {
        let path = image
            .links
            .original
            .strip_prefix("http://media.example.test")
            .unwrap()
            .to_owned();
        Self {
            method: Method::GET,
            host: MEDIA,
            path,
            body: None,
        }
    }
}

#[derive(Default)]
struct Tally {
    sent: usize,
    sent_again: usize,
    failed: Vec<String>,
    acknowledged: Vec<(Image, Vec<u8>)>,
}

struct Load {
    http: reqwest::Client,
    places: Vec<Place>,
    token: String,
    tally: Mutex<Tally>,
}

impl Load {
    /// `Err`: no response, or the wrong one.
    async fn once(&self, server: usize, request: &Request) -> Result<Answer, String> {
        self.tally.lock().unwrap().sent += 1;
        let place = &self.places[server % 3];
        let address = if request.host == APP {
            &place.app
        } else {
            &place.media
        };
        let url = format!("http://{address}{}", request.path);
        let with_body = |sent: RequestBuilder| {
            request
                .body
                .as_ref()
                .map(|body| sent.try_clone().unwrap().json(body))
                .unwrap_or(sent)
        };
        let sent = with_body(
            self.http
                .request(request.method.clone(), &url)
                .header("host", request.host)
                .bearer_auth(&self.token),
        );
        let failed =
            |error: reqwest::Error| format!("{} {}: {error:?}", request.method, request.path);
        let response = sent.send().await.map_err(failed)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(failed)?.to_vec();
        let answer = Answer {
            status,
            headers,
            body,
        };
        if answer.status.is_server_error() {
            return Err(format!(
                "{} {}: {} {}",
                request.method,
                request.path,
                answer.status,
                String::from_utf8_lossy(&answer.body)
            ));
        }
        Ok(answer)
    }

    /// Tried once more at the next server, as a proxy in front of them does.
    async fn ask(&self, server: usize, request: &Request) -> Option<Answer> {
        if let Ok(answer) = self.once(server, request).await {
            return Some(answer);
        }
        self.tally.lock().unwrap().sent_again += 1;
        match self.once(server + 1, request).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.tally.lock().unwrap().failed.push(error);
                None
            }
        }
    }

    /// Announcing twice leaves a row that expires; confirming twice is confirming once.
    async fn upload(&self, n: usize) -> Option<()> {
        let bytes = jpeg(u8::try_from(n % 251).unwrap());
        let body = json!({"filename": format!("{n}.jpg"), "content_type": "image/jpeg", "size_bytes": bytes.len()});
        let upload: Upload = self
            .ask(n, &Request::post("/uploads", Some(body)))
            .await?
            .ok();
        let direct = Client {
            http: self.http.clone(),
            api: String::new(),
            session: None,
        };
        assert!(
            [200, 412].contains(&direct.put(&upload, &bytes).await.status.as_u16()),
            "the store lives"
        );
        for _ in 0..20 {
            let answer = self
                .ask(
                    n,
                    &Request::post(&format!("/uploads/{}/confirm", upload.id), None),
                )
                .await?;
            if answer.status == 200 {
                self.tally
                    .lock()
                    .unwrap()
                    .acknowledged
                    .push((answer.json(), Sha256::digest(&bytes).to_vec()));
                return Some(());
            }
            assert_eq!(
                answer.status,
                202,
                "{}",
                String::from_utf8_lossy(&answer.body)
            );
            sleep(Duration::from_secs(1)).await;
        }
        self.tally
            .lock()
            .unwrap()
            .failed
            .push("still being checked after 20 s".into());
        None
    }

    async fn one_of_many(self: Arc<Self>, n: usize) {
        let some = self
            .tally
            .lock()
            .unwrap()
            .acknowledged
            .last()
            .map(|(image, _)| image.clone());
        match (n % 8, some) {
            // Three requests each.
            (0, _) => drop(self.upload(n).await),
            (1..4, Some(image)) => {
                if let Some(answer) = self.ask(n, &Request::picture(&image)).await {
                    assert_eq!(
                        (answer.status.as_u16(), answer.body.len() as u64),
                        (200, image.size_bytes)
                    );
                }
            }
            (4, _) => drop(
                self.ask(n, &Request::get("/me"))
                    .await
                    .map(|answer| assert_eq!(answer.status, 200)),
            ),
            _ => drop(
                self.ask(n, &Request::get("/images?limit=20"))
                    .await
                    .map(|answer| assert_eq!(answer.status, 200)),
            ),
        }
    }

    /// A request on every tick until `end`, whether or not the ones before are answered.
    async fn fire(self: &Arc<Self>, every: Duration, end: tokio::sync::oneshot::Receiver<()>) {
        let mut tick = interval(every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let (mut running, mut end, mut n) = (tokio::task::JoinSet::new(), std::pin::pin!(end), 0);
        loop {
            tokio::select! {
                _ = &mut end => break,
                _ = tick.tick() => drop(running.spawn(self.clone().one_of_many(n))),
            }
            n += 1;
        }
        while let Some(ended) = running.join_next().await {
            ended.unwrap();
        }
    }

    /// Every upload that was acknowledged opens, byte for byte.
    async fn all_open(&self) {
        let acknowledged = std::mem::take(&mut self.tally.lock().unwrap().acknowledged);
        for (n, (image, sha256)) in acknowledged.iter().enumerate() {
            let answer = self.once(n, &Request::picture(image)).await.unwrap();
            // These pictures hold nothing that is cut.
            assert_eq!(
                (
                    answer.status.as_u16(),
                    Sha256::digest(&answer.body).to_vec()
                ),
                (200, sha256.clone()),
                "{}",
                image.links.original
            );
        }
        let tally = self.tally.lock().unwrap();
        println!(
            "{} requests, {} sent again, {} failed, {} acknowledged uploads open",
            tally.sent,
            tally.sent_again,
            tally.failed.len(),
            acknowledged.len()
        );
        assert!(!acknowledged.is_empty());
    }
}

async fn restart_under_fire(every: Duration) {
    let now = Path::new(BINARY);
    change_under_fire(every, now, &[now]).await;
}

/// Under load, processes of one program become those of others, one program after the other.
async fn change_under_fire(every: Duration, first: &Path, others: &[&Path]) {
    let mut all = Installation::start(first).await;
    let load = all.load().await;
    let (stop, end) = tokio::sync::oneshot::channel();
    let fire = load.fire(every, end);
    let restart = async {
        for binary in others {
            sleep(Duration::from_secs(1)).await;
            all.binary = binary.into();
            all.restart_all().await;
        }
        sleep(Duration::from_secs(1)).await;
        stop.send(()).unwrap();
    };
    tokio::join!(fire, restart);
    load.all_open().await;
    assert_eq!(load.tally.lock().unwrap().failed, Vec::<String>::new());
    all.balances();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_under_load_fails_no_request() {
    restart_under_fire(TEN_A_SECOND).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "wants the machine for itself: run by `just fire`"]
async fn a_rolling_restart_under_fifty_requests_a_second_fails_no_request() {
    restart_under_fire(FIFTY_A_SECOND).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "wants the machine for itself: run by `just fire`"]
async fn an_upgrade_and_a_way_back_under_load_fail_no_request() {
    let before = std::env::var_os("TINTYPE_TEST_BEFORE").filter(|before| !before.is_empty());
    let before = before.map_or_else(|| BINARY.into(), PathBuf::from);
    // The version before is started again when the schema is this one's.
    let (before, now) = (before.as_path(), Path::new(BINARY));
    change_under_fire(TEN_A_SECOND, before, &[now, before, now]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a minute: run by `just fire`"]
async fn one_killed_every_ten_seconds_for_a_minute_loses_nothing() {
    let mut all = Installation::start(Path::new(BINARY)).await;
    let load = all.load().await;
    let (stop, end) = tokio::sync::oneshot::channel();
    let fire = load.fire(FIFTY_A_SECOND, end);
    let kill = async {
        let begin = Instant::now();
        for (n, victim) in [0, 3, 1, 4, 2, 0].into_iter().enumerate() {
            sleep_until(begin + Duration::from_secs(5 + 10 * n as u64)).await;
            let ready = all.kill(victim).await;
            println!("killed process {victim}: ready again after {ready:?}");
            assert!(ready < Duration::from_secs(3), "{ready:?}");
        }
        sleep_until(begin + Duration::from_mins(1)).await;
        stop.send(()).unwrap();
    };
    tokio::join!(fire, kill);
    for failed in &load.tally.lock().unwrap().failed {
        println!("failed: {failed}");
    }
    load.all_open().await;
    all.balances();
}
