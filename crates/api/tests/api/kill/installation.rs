use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use sea_orm::Condition;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QuerySelect,
    QueryTrait, TransactionTrait,
};
use tempfile::TempDir;
use tintype_api::config::Config;
use tintype_api::maintenance::audit_installation;
use tintype_core::audit::Options;
use tintype_core::db::{self, image, upload};
use tintype_core::secret::Secret;
use uuid::Uuid;

use super::changes;
use crate::client::{Answer, Client};
use crate::program::Program;
use crate::server::{On, new_postgres_database};
use crate::stores::{settings_of_store, use_store};

/// A start takes no longer, whatever the process was killed at.
const READY_WITHIN: Duration = Duration::from_secs(3);
/// Longer than a lease, and than what a worker claims.
pub const A_LEASE: TimeDelta = TimeDelta::seconds(130);

/// Where the objects are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objects {
    Embedded,
    /// The one that `TINTYPE_TEST_S3_*` names. It has to be empty.
    Elsewhere,
}

/// A data folder, a database and a bucket that outlive the process.
pub struct Installation {
    _folder: TempDir,
    on: On,
    pub config: Config,
    pub db: DatabaseConnection,
    settings: Vec<(&'static str, String)>,
    program: Option<Program>,
    /// The longest time from a start to the first `200` of `/readyz`.
    pub slowest_start: Duration,
    pub starts: u32,
}

impl Installation {
    pub async fn new(on: On, objects: Objects) -> Self {
        let database = if on == On::Postgres {
            Some(new_postgres_database().await)
        } else {
            None
        };
        Self::in_folder(TempDir::new().unwrap(), database, objects, &[]).await
    }

    /// In this folder, with this database (SQLite in the folder where none is given) and these settings beside the usual ones.
    pub async fn in_folder(
        folder: TempDir,
        database: Option<String>,
        objects: Objects,
        more: &[(&'static str, String)],
    ) -> Self {
        let on = if database
            .as_ref()
            .is_some_and(|url| url.starts_with("postgres"))
        {
            On::Postgres
        } else {
            On::Sqlite
        };
        let mut config = Config {
            data_dir: folder.path().into(),
            ..Config::default()
        };
        config.server.app_addr.set_port(free_port());
        config.server.media_addr.set_port(free_port());
        let mut settings = vec![
            (
                "TINTYPE_SERVER__APP_ADDR",
                config.server.app_addr.to_string(),
            ),
            (
                "TINTYPE_SERVER__MEDIA_ADDR",
                config.server.media_addr.to_string(),
            ),
            ("TINTYPE_RATES__REGISTRATIONS_PER_ADDRESS", "10000".into()),
        ];
        settings.extend_from_slice(more);
        if let Some(url) = database {
            settings.push(("DATABASE_URL", url.clone()));
            config.database.url = Some(Secret::from(url));
        }
        if objects == Objects::Elsewhere {
            use_store(&mut config);
            settings.extend(settings_of_store(&config));
        }
        let db = db::open(&config.database_url(), 4).await.unwrap();
        changes::note(&db, on).await;
        Self {
            _folder: folder,
            on,
            config,
            db,
            settings,
            program: None,
            slowest_start: Duration::ZERO,
            starts: 0,
        }
    }

    pub fn client(&self) -> Client {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        Client {
            http,
            api: format!("http://{}/api/v1", self.config.server.app_addr),
            session: None,
        }
    }

    /// Starts it, and sees that it is ready in time.
    pub async fn start(&mut self) {
        let start = Instant::now();
        self.try_start(&[]).unwrap();
        let answer = self.readiness().await;
        assert_eq!(
            answer.status,
            200,
            "{}",
            String::from_utf8_lossy(&answer.body)
        );
        let took = start.elapsed();
        assert!(took < READY_WITHIN, "ready after {took:?}");
        self.slowest_start = self.slowest_start.max(took);
    }

    /// What `/readyz` says.
    pub async fn readiness(&self) -> Answer {
        let ready = format!("{}/readyz", self.program.as_ref().unwrap().ops_url);
        self.client()
            .send_to(Method::GET, &ready, |request| request)
            .await
    }

    /// Starts it so that it kills itself at a failpoint. `Err`: it did so before it was ready.
    pub fn start_doomed(&mut self, failpoints: &str) -> Result<(), ExitStatus> {
        self.try_start(&[("FAILPOINTS", failpoints)])
            .map_err(|(status, said)| {
                assert_eq!(status.signal(), Some(9), "{status}: {said}");
                status
            })
    }

    fn try_start(&mut self, more: &[(&str, &str)]) -> Result<(), (ExitStatus, String)> {
        assert!(self.program.is_none(), "it runs already");
        self.starts += 1;
        let settings = self
            .settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .chain(more.iter().copied());
        self.program = Some(Program::try_start_as(
            "serve",
            &self.config.data_dir,
            &settings.collect::<Vec<_>>(),
        )?);
        Ok(())
    }

    /// SIGKILL at this moment.
    pub fn kill(&mut self) {
        drop(self.program.take());
    }

    /// Whether it dies of a SIGKILL of its own within this time.
    pub async fn dies_within(&mut self, time: Duration) -> bool {
        let Some(program) = &mut self.program else {
            return true;
        };
        let deadline = Instant::now() + time;
        loop {
            if let Some(status) = program.child.try_wait().unwrap() {
                assert_eq!(status.signal(), Some(9), "{status}");
                self.program = None;
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Lets time pass for all rows or those of one id: due times move back by this much. Nothing else changes.
    pub async fn pass(&self, time: TimeDelta, only: Option<Uuid>) {
        let transaction = self.db.begin().await.unwrap();
        let earlier = |at: Option<DateTime<Utc>>| at.map(|at| at - time);
        let due = upload::Entity::find().filter(upload::Column::DueAt.is_not_null());
        let due = due.apply_if(only, |due, id| due.filter(upload::Column::Id.eq(id)));
        for row in due.all(&transaction).await.unwrap() {
            let update = upload::Entity::update_many()
                .col_expr(
                    upload::Column::PutExpiresAt,
                    Expr::value(row.put_expires_at - time),
                )
                .col_expr(
                    upload::Column::ExpiresAt,
                    Expr::value(row.expires_at - time),
                )
                .col_expr(upload::Column::DueAt, Expr::value(earlier(row.due_at)))
                .col_expr(
                    upload::Column::LeaseUntil,
                    Expr::value(earlier(row.lease_until)),
                );
            update
                .filter(upload::Column::Id.eq(row.id))
                .exec(&transaction)
                .await
                .unwrap();
        }
        let due = image::Entity::find().filter(image::Column::DueAt.is_not_null());
        let due = due.apply_if(only, |due, id| due.filter(image::Column::Id.eq(id)));
        for row in due.all(&transaction).await.unwrap() {
            let update = image::Entity::update_many()
                .col_expr(image::Column::DueAt, Expr::value(earlier(row.due_at)))
                .col_expr(
                    image::Column::ExpiresAt,
                    Expr::value(earlier(row.expires_at)),
                );
            update
                .filter(image::Column::Id.eq(row.id))
                .exec(&transaction)
                .await
                .unwrap();
        }
        // What a dead worker has claimed.
        image::Entity::update_many()
            .col_expr(
                image::Column::ManifestDueAt,
                Expr::value(Some(DateTime::<Utc>::UNIX_EPOCH)),
            )
            .filter(image::Column::ManifestDueAt.is_not_null())
            .exec(&transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }

    /// Waits until the worker has finished all due work, and no file is being checked.
    pub async fn quiet(&self) {
        let idle = async {
            while self.is_busy().await {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), idle)
            .await
            .expect("the worker comes to an end");
    }

    async fn is_busy(&self) -> bool {
        // On PostgreSQL a worker that has taken a row on moves its time by 30 s; one that waits for its file is due within 15 s.
        let now = Utc::now();
        let claimed = if self.on == On::Postgres {
            now + TimeDelta::seconds(31)
        } else {
            now
        };
        let waits = Condition::all()
            .add(upload::Column::State.eq(upload::State::Pending))
            .add(upload::Column::DueAt.gt(now))
            .add(upload::Column::DueAt.lte(now + TimeDelta::seconds(16)));
        let due = Condition::any()
            .add(upload::Column::State.eq(upload::State::Processing))
            .add(
                Condition::all()
                    .add(upload::Column::DueAt.lte(claimed))
                    .add(waits.not()),
            );
        let uploads = upload::Entity::find()
            .filter(due)
            .limit(1)
            .all(&self.db)
            .await
            .unwrap();
        let due = Condition::any()
            .add(image::Column::DueAt.lte(claimed))
            .add(image::Column::ManifestDueAt.is_not_null())
            .add(image::Column::State.eq(image::State::Deleting));
        let images = image::Entity::find()
            .filter(due)
            .limit(1)
            .all(&self.db)
            .await
            .unwrap();
        !uploads.is_empty() || !images.is_empty()
    }

    /// Forgets connections to a database that has been down.
    pub async fn reconnect(&mut self) {
        self.db = db::connect(&self.config.database_url(), 4).await.unwrap();
    }

    /// Gives back the space that SQLite keeps for its next writes, so that these need more.
    pub async fn shrink(&self) {
        if self.on == On::Sqlite {
            self.db
                .execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)")
                .await
                .unwrap();
        }
    }

    /// What `tintype audit --grace 0 --hashes` finds.
    pub async fn audit(&self) -> Vec<String> {
        let report = audit_installation(
            &self.config,
            Options {
                grace: TimeDelta::zero(),
                hashes: true,
            },
        )
        .await
        .unwrap();
        report
            .findings
            .iter()
            .map(|finding| format!("{:?}", finding.fault))
            .collect()
    }
}

/// A port that keeps its number over restarts: not one that the system hands out to others meanwhile.
pub fn free_port() -> u16 {
    loop {
        let port = rand::random_range(20_000..32_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
