//! The page installed on a phone: its service worker, which the operator can switch off, and what is shared to it.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::page::serve;
use crate::app::App;
use crate::problems::ApiError;

/// A worker that ends itself, and what the one before it has kept.
const OFF: &str = "\
addEventListener(\"install\", () => skipWaiting());
addEventListener(\"activate\", (event) => {
  const forget = async () => {
    for (const name of await caches.keys()) await caches.delete(name);
    await registration.unregister();
  };
  event.waitUntil(forget());
});
";
/// How much is read of what is thrown away: a phone that still sends would see a broken connection instead of the page.
const MAX_DRAIN: usize = 64 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// Where the worker is, and where phones share pictures to.
pub fn router() -> Router<App> {
    Router::new()
        .route("/service-worker.js", get(worker))
        .route("/share", post(shared).get(serve))
}

async fn worker(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    if app.config.server.service_worker {
        return serve(State(app), request).await;
    }
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/javascript"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    Ok((headers, OFF).into_response())
}

/// The service worker takes what is shared before it comes here. Without one nothing is kept: the page says how to upload.
async fn shared(request: Request) -> impl IntoResponse {
    timeout(DRAIN_TIME, drain(request.into_body())).await.ok();
    Redirect::to("/")
}

async fn drain(mut body: Body) {
    let mut seen = 0;
    while let Some(Ok(frame)) = body.frame().await {
        seen += frame.data_ref().map_or(0, bytes::Bytes::len);
        if seen > MAX_DRAIN {
            return;
        }
    }
}
