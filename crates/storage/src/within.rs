//! A store inside this process.

use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Uri};
use http_body::{Frame, SizeHint};
use tokio::task::JoinSet;
use tower::ServiceExt;
use tracing::instrument::WithSubscriber;
use tracing::{Dispatch, dispatcher};

use crate::client::client;
use crate::{Store, StoreConfig};

impl Store {
    /// As [`Store::new`], for a store with routes in this process, such as [`crate::embedded::router`]: its own calls need no socket. The
    /// endpoint is the one that the routes are mounted at.
    #[must_use]
    pub fn within(config: StoreConfig, routes: Router) -> Self {
        let own = client(&config, http_client(routes));
        Self::with_own(config, own)
    }
}

/// Sends requests to routes of this process: the same requests as over a socket, byte for byte, but without a connection and without
/// buffers.
fn http_client(routes: Router) -> SharedHttpClient {
    // Keeps the SDK out of the log, but not the store at the other end.
    let connector = SharedHttpConnector::new(Within {
        routes,
        log: dispatcher::get_default(Dispatch::clone),
    });
    http_client_fn(move |_, _| connector.clone())
}

struct Within {
    routes: Router,
    log: Dispatch,
}

impl fmt::Debug for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Within").finish_non_exhaustive()
    }
}

impl HttpConnector for Within {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (routes, log) = (self.routes.clone(), self.log.clone());
        HttpConnectorFuture::new(async move {
            let request = arriving(request)?;
            // In its own task, which ends with the call: the store's work is not part of the caller's span. A span closed where nothing is
            // logged would keep the caller's open for ever.
            let mut task = JoinSet::new();
            task.spawn(routes.oneshot(request).with_subscriber(log));
            let answer = match task.join_next().await {
                Some(Ok(Ok(answer))) => answer,
                Some(Ok(Err(never))) => match never {},
                Some(Err(error)) => return Err(ConnectorError::other(error.into(), None)),
                None => return Err(ConnectorError::other("no task was begun".into(), None)),
            };
            let (mut parts, body) = answer.into_parts();
            parts.extensions.clear();
            let answer =
                http::Response::from_parts(parts, SdkBody::from_body_1_x(Shared(Mutex::new(body))));
            HttpResponse::try_from(answer).map_err(|error| ConnectorError::user(error.into()))
        })
    }
}

/// The request as a server reads it from a socket: with a `Host`, and the path alone.
fn arriving(request: HttpRequest) -> Result<Request<Body>, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?;
    let (mut parts, body) = request.into_parts();
    if let Some(host) = parts
        .uri
        .authority()
        .and_then(|host| HeaderValue::from_str(host.as_str()).ok())
    {
        parts.headers.insert(HOST, host);
    }
    if let Some(path) = parts.uri.path_and_query().cloned() {
        parts.uri = Uri::from(path);
    }
    Ok(Request::from_parts(parts, Body::new(body)))
}

/// A response's body that is `Sync`, as the SDK wants it; only one thread ever reads it.
struct Shared(Mutex<Body>);

impl http_body::Body for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(self.0.get_mut().unwrap_or_else(PoisonError::into_inner)).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .size_hint()
    }
}
