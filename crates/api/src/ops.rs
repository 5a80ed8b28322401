//! The ops listener: liveness, readiness and metrics. Not for the public.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use sea_orm::{DbErr, EntityTrait, Set, TransactionTrait};
use serde::Serialize;
use tintype_storage::embedded;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::config::Config;
use crate::layers::check_inner_host;
use crate::problems::{ApiError, write_problems};
use tintype_core::db::{self, rate_count, schema};
use tintype_core::metrics::{Metrics, Pool};

/// How long one check may take.
const CHECK: Duration = Duration::from_secs(2);

/// The routes for a process with a database.
pub fn of_app(app: App) -> Router {
    guarded(
        Router::new()
            .route("/healthz", get(alive))
            .route("/readyz", get(app_ready))
            .route("/metrics", get(app_metrics))
            .with_state(app),
    )
}

/// The routes for a process that is a store.
pub fn of_store(config: Config, metrics: Arc<Metrics>, stopping: CancellationToken) -> Router {
    let folder = config.data_dir.clone();
    let ready = async move || {
        let mut report = Ready::new(&stopping);
        report.note(
            "disk",
            disk(&config.data_dir, config.storage.min_free_bytes),
        );
        report.note("folder", within(writable(config.objects_dir())).await);
        report
    };
    let metrics = async move || {
        note_free(&metrics, &folder);
        written(&metrics)
    };
    guarded(
        Router::new()
            .route("/healthz", get(alive))
            .route("/readyz", get(ready))
            .route("/metrics", get(metrics)),
    )
}

/// Keeps pages in the operator's browser from reading this listener, which is for machines only.
fn guarded(routes: Router) -> Router {
    routes
        .layer(middleware::from_fn(check_inner_host))
        .layer(middleware::from_fn(write_problems))
}

async fn alive() -> &'static str {
    "alive\n"
}

async fn app_metrics(State(app): State<App>) -> Result<Response, ApiError> {
    let (idle, used) = db::connections(&app.db);
    app.metrics.connections(idle, used);
    let (working, waiting) = app.passwords.load();
    app.metrics.pool(Pool::Passwords, working, waiting);
    let (working, waiting) = app.pipeline.load();
    app.metrics.pool(Pool::Pictures, working, waiting);
    if app.config.has_embedded_store() {
        note_free(&app.metrics, &app.config.data_dir);
    }
    written(&app.metrics)
}

/// A value that can't be read is left out: readiness reports what is wrong with the disk.
fn note_free(metrics: &Metrics, folder: &Path) {
    if let Ok(bytes) = free(folder) {
        metrics.free(bytes);
    }
}

fn written(metrics: &Metrics) -> Result<Response, ApiError> {
    let text = metrics.text().map_err(ApiError::internal)?;
    Ok((
        [(
            header::CONTENT_TYPE,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        )],
        text,
    )
        .into_response())
}

async fn app_ready(State(app): State<App>) -> Ready {
    let mut report = Ready::new(&app.shutdown.draining);
    let (database, schema, storage) = tokio::join!(
        within(write(&app)),
        within(current(&app)),
        within(reached(&app))
    );
    report.note("database", database);
    report.note("schema", schema);
    report.note("storage", storage);
    if app.config.has_embedded_store() {
        report.note(
            "disk",
            disk(&app.config.data_dir, app.config.storage.min_free_bytes),
        );
        report.note("folder", within(writable(app.config.objects_dir())).await);
    }
    report
}

/// What is wrong, if anything.
type Finding = Result<(), String>;

async fn within(check: impl Future<Output = Finding>) -> Finding {
    tokio::time::timeout(CHECK, check)
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {} s", CHECK.as_secs())))
}

/// Writes a row and rolls back.
async fn write(app: &App) -> Finding {
    let attempt = async {
        let transaction = app.db.begin().await?;
        let row = rate_count::ActiveModel {
            key: Set("readyz".into()),
            count: Set(0),
            started_at: Set(app.clock.now()),
        };
        rate_count::Entity::insert(row)
            .exec_without_returning(&transaction)
            .await?;
        transaction.rollback().await
    };
    attempt.await.map_err(|error: DbErr| error.to_string())
}

async fn current(app: &App) -> Finding {
    match schema::pending(&app.db).await {
        Ok(pending) if pending.is_empty() => Ok(()),
        Ok(pending) => Err(format!(
            "{} changes are missing: run tintype migrate up",
            pending.len()
        )),
        Err(error) => Err(error.to_string()),
    }
}

async fn reached(app: &App) -> Finding {
    app.store
        .head("readyz")
        .await
        .map(drop)
        .map_err(|error| error.to_string())
}

/// Writes a file into the folder of the objects, and removes it.
async fn writable(objects: PathBuf) -> Finding {
    let probed = tokio::task::spawn_blocking(move || embedded::probe(&objects)).await;
    probed
        .map_err(std::io::Error::other)
        .flatten()
        .map_err(|error| format!("the objects' folder can't be written: {error}"))
}

/// Free bytes of the folder's disk.
fn free(folder: &Path) -> rustix::io::Result<u64> {
    rustix::fs::statvfs(folder).map(|stat| stat.f_bavail.saturating_mul(stat.f_frsize))
}

fn disk(folder: &Path, floor: u64) -> Finding {
    let free = free(folder).map_err(|error| error.to_string())?;
    if free < floor {
        Err(format!("{free} bytes are free, at least {floor} should be"))
    } else {
        Ok(())
    }
}

/// Readiness: 200, or 503 with what is wrong.
#[derive(Serialize)]
struct Ready {
    ready: bool,
    checks: BTreeMap<&'static str, String>,
}

impl Ready {
    fn new(stopping: &CancellationToken) -> Self {
        let mut report = Self {
            ready: true,
            checks: BTreeMap::new(),
        };
        report.note(
            "process",
            if stopping.is_cancelled() {
                Err("stopping".into())
            } else {
                Ok(())
            },
        );
        report
    }

    fn note(&mut self, check: &'static str, finding: Finding) {
        self.ready &= finding.is_ok();
        self.checks
            .insert(check, finding.err().unwrap_or_else(|| "ok".into()));
    }
}

impl IntoResponse for Ready {
    fn into_response(self) -> Response {
        let status = if self.ready {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        (status, [(header::CACHE_CONTROL, "no-store")], Json(self)).into_response()
    }
}
