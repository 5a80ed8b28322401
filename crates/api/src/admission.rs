//! Admission: how many requests of a class are under way at once. What one class asks for leaves connections to the database and time for
//! the others, and what is too much is refused at once, with `Retry-After`, before it has cost anything.

use axum::BoxError;
use axum::error_handling::HandleErrorLayer;
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::problems::ApiError;

/// `Retry-After` of what is refused, seconds.
const RETRY_AFTER: u32 = 2;

/// How many requests of a class may be here.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    /// Under way, each with a connection to the database.
    pub at_once: usize,
    /// In line behind them.
    pub waiting: usize,
}

/// Announcements: those of one account change one row, so that more of them would only wait for each other, with a connection each.
pub const ANNOUNCE: Class = Class {
    at_once: 4,
    waiting: 28,
};
/// Confirms, most of which wait for the pipeline (`pipeline.rs` says how many) without a connection.
pub const CONFIRM: Class = Class {
    at_once: 80,
    waiting: 48,
};
/// What people see and change in their library.
pub const LIBRARY: Class = Class {
    at_once: 12,
    waiting: 244,
};
/// Pictures, until their bytes begin to flow.
pub const MEDIA: Class = Class {
    at_once: 12,
    waiting: 500,
};

/// Admits so many requests to these routes, all together.
pub fn admit<S: Clone + Send + Sync + 'static>(
    class: Class,
    routes: OpenApiRouter<S>,
) -> OpenApiRouter<S> {
    let refuse = async |_: BoxError| ApiError::overloaded(RETRY_AFTER);
    routes
        .layer(GlobalConcurrencyLimitLayer::new(class.at_once))
        .layer(
            ServiceBuilder::new()
                .layer(HandleErrorLayer::new(refuse))
                .load_shed()
                .layer(GlobalConcurrencyLimitLayer::new(
                    class.at_once + class.waiting,
                )),
        )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use axum::body::Body;
    use axum::http::{Request, StatusCode, header};
    use axum::routing::get;
    use axum::{Router, response::Response};
    use tokio::sync::{Semaphore, mpsc};
    use tower::ServiceExt;

    use super::*;

    async fn ask(routes: &Router, path: &'static str) -> Response {
        let request = Request::get(path).body(Body::empty()).unwrap();
        routes.clone().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn some_are_under_way_some_wait_and_others_are_told_when_to_come_back() {
        let gate = Arc::new(Semaphore::new(0));
        let (enter, mut inside) = mpsc::unbounded_channel();
        let handler = {
            let gate = gate.clone();
            async move || {
                enter.send(()).unwrap();
                gate.acquire().await.unwrap().forget();
            }
        };
        let class = Class {
            at_once: 1,
            waiting: 1,
        };
        let slow = Router::new()
            .route("/a", get(handler.clone()))
            .route("/b", get(handler));
        let routes = Router::from(admit(class, OpenApiRouter::from(slow)));
        let routes = routes.route("/other", get(async || "here"));

        let ahead = tokio::spawn({
            let routes = routes.clone();
            async move { ask(&routes, "/a").await.status() }
        });
        inside.recv().await.unwrap();
        let behind = tokio::spawn({
            let routes = routes.clone();
            async move { ask(&routes, "/b").await.status() }
        });
        tokio::task::yield_now().await;
        let refused = ask(&routes, "/b").await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()[header::RETRY_AFTER], "2");
        assert_eq!(ask(&routes, "/other").await.status(), StatusCode::OK);
        assert!(inside.try_recv().is_err(), "the second waits");

        gate.add_permits(2);
        assert_eq!(
            (ahead.await.unwrap(), behind.await.unwrap()),
            (StatusCode::OK, StatusCode::OK)
        );
        gate.add_permits(1);
        assert_eq!(ask(&routes, "/b").await.status(), StatusCode::OK);
    }
}
