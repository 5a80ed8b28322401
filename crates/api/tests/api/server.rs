use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;
use tintype_api::app::App;
use tintype_api::config::Config;
use tintype_api::serve::{self, Running};
use tintype_core::clock::Clock;
use tintype_core::keys;
use tintype_core::operator::Place;
use tintype_core::secret::Secret;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Sqlite,
    Postgres,
}

/// Defines each test twice: `name::sqlite` and `name::postgres`.
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($server:ident: TestServer) $body:block)+) => {
        $(mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "not every test needs everything of its file")]
            use super::*;

            async fn run($server: crate::server::TestServer) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run(crate::server::TestServer::start(crate::server::On::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run(crate::server::TestServer::start(crate::server::On::Postgres).await).await;
            }
        })+
    };
}
pub(crate) use on_both_databases;

/// A server of this test's own: own database, own folder, own clock.
pub struct TestServer {
    pub folder: TempDir,
    pub clock: Clock,
    pub config: Config,
    pub running: Option<Running>,
}

impl TestServer {
    pub async fn start(on: On) -> Self {
        Self::start_with(on, |_| {}).await
    }

    /// With settings changed first.
    pub async fn start_with(on: On, change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut config = Config {
            data_dir: folder.path().into(),
            ..Config::default()
        };
        config.server.app_addr.set_port(0);
        config.server.media_addr.set_port(0);
        config.server.ops_addr.set_port(0);
        config.server.page_dir = Some(folder.path().join("page"));
        config.auth.bcrypt_cost = 4;
        // Clocks of tests jump by days.
        config.sweep.every = 0;
        if on == On::Postgres {
            config.database.url = Some(Secret::from(new_postgres_database().await));
            config.auth.jwt_secret =
                Some(Secret::from("0123456789abcdefghijklmnopqrstuv".to_owned()));
        }
        change(&mut config);
        let clock = Clock::default();
        let started = Box::pin(serve::start(config.clone(), clock.clone())).await;
        let running = Some(started.unwrap());
        let mut server = Self {
            folder,
            clock,
            config,
            running,
        };
        // Signed hosts and tokens name the origin: after a restart it has to be the same.
        server
            .config
            .server
            .app_addr
            .set_port(port(&server.app_url()));
        server
            .config
            .server
            .media_addr
            .set_port(port(&server.media_url()));
        server
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    pub fn app(&self) -> &App {
        &self.running().app
    }

    pub fn app_url(&self) -> String {
        self.app().urls.app().to_owned()
    }

    pub fn media_url(&self) -> String {
        self.app().urls.media().to_owned()
    }

    /// Where it listens itself, whatever its public address is.
    pub fn listens_on(&self) -> &str {
        &self.running.as_ref().unwrap().process.listens_on
    }

    pub fn ops_url(&self) -> &str {
        &self.running.as_ref().unwrap().process.ops_address
    }

    pub fn db(&self) -> &DatabaseConnection {
        &self.app().db
    }

    /// Where an operator's commands work.
    pub fn operators_place(&self) -> Place<'_> {
        Place {
            db: self.db(),
            store: &self.app().store,
            clock: &self.clock,
        }
    }

    /// Does what the worker would do by now.
    pub async fn work(&self) {
        while tintype_core::worker::round(self.app()).await.unwrap() > 0 {
            // Rows that are put off are due later, so this ends.
        }
    }

    pub async fn restart(&mut self) {
        self.running.take().unwrap().stop().await;
        self.restart_stopped().await;
    }

    /// The same of one that has been stopped.
    pub async fn restart_stopped(&mut self) {
        self.running = Some(
            serve::start(self.config.clone(), self.clock.clone())
                .await
                .unwrap(),
        );
    }

    /// Every object in the bucket that holds a byte of a picture.
    pub async fn objects(&self) -> Vec<String> {
        let page = self.app().store.list("", None).await.unwrap();
        assert!(page.next.is_none());
        let holding = page
            .items
            .into_iter()
            .filter(|object| object.size_bytes > 0);
        holding
            .map(|object| object.key)
            .filter(|key| key != keys::MARKER && !key.starts_with(keys::MARKS))
            .filter(|key| keys::revision_in(key).is_none())
            .collect()
    }
}

fn port(url: &str) -> u16 {
    url.rsplit(':').next().unwrap().parse().unwrap()
}

/// A new empty database in the throwaway cluster.
pub async fn new_postgres_database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let socket = std::env::var("TINTYPE_TEST_POSTGRES")
        .expect("run by `just test` or `just test-server`, which start PostgreSQL");
    let url = |name: &str| {
        format!(
            "postgres://postgres@localhost/{name}?host={}",
            socket.replace('/', "%2F")
        )
    };
    let name = format!(
        "t_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let db = Database::connect(url("postgres")).await.unwrap();
    db.execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    db.close().await.unwrap();
    url(&name)
}
