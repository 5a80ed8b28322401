//! An S3 endpoint over a folder, for installations without an S3 store.
//!
//! `s3s` speaks the protocol and verifies signatures, a guard refuses requests with unsigned parts first, and a folder keeps the objects.
//! Success means that the object survives a power cut.

mod blocking;
mod drain;
mod folder;
mod guard;
mod index;
mod pace;
mod reading;
mod record;
mod service;
mod turns;
mod writing;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use drain::SharedBody;
use folder::Folder;
pub use folder::{Unfinished, probe, unfinished, unreadable};
use guard::Guard;
use http::header::{
    CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, EXPECT, IF_NONE_MATCH,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Method, StatusCode};
pub use pace::Pace;
use s3s::S3Error;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use service::Objects;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

/// The folder of the objects and the access to it.
#[derive(Clone)]
pub struct EmbeddedConfig {
    /// The folder, created if it is missing. Only one process at a time may use it.
    pub folder: PathBuf,
    /// The only bucket: 3 to 63 of `a-z 0-9 . -`.
    pub bucket: String,
    /// The region that requests must be signed for.
    pub region: String,
    /// The only access key's id.
    pub access_key_id: String,
    /// Its secret. Left out of `Debug`.
    pub secret_access_key: String,
    /// The origin of the page, such as `http://127.0.0.1:8080`: the only one from which browsers may send.
    pub allowed_origin: String,
    /// The largest object, bytes.
    pub max_object_bytes: u64,
    /// The slowest rate for sending an object.
    pub pace: Pace,
}

impl fmt::Debug for EmbeddedConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedConfig")
            .field("folder", &self.folder)
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .field("access_key_id", &self.access_key_id)
            .field("allowed_origin", &self.allowed_origin)
            .field("max_object_bytes", &self.max_object_bytes)
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}

/// Routes `/{bucket}` and `/{bucket}/{*key}`, to be merged into the media router (not nested: the path is signed).
///
/// It supports `PutObject` (with `If-None-Match: *`), `GetObject` (with a range), `HeadObject`, `DeleteObject` and `ListObjectsV2`, signed
/// by header or query with Signature Version 4.
///
/// # Errors
/// The folder can't be prepared; `InvalidInput` for an invalid bucket or origin.
pub async fn router(config: EmbeddedConfig) -> io::Result<Router> {
    let invalid = |message: &str| io::Error::new(io::ErrorKind::InvalidInput, message);
    if !s3s::path::check_bucket_name(&config.bucket) {
        return Err(invalid("the bucket's name is not 3 to 63 of a-z 0-9 . -"));
    }
    let origin = HeaderValue::from_str(&config.allowed_origin)
        .map_err(|_| invalid("the origin is not a header value"))?;
    let folder = {
        let (root, bucket) = (config.folder, config.bucket.clone());
        tokio::task::spawn_blocking(move || Folder::prepare(&root, &bucket))
            .await
            .map_err(io::Error::other)??
    };
    let mut s3 = S3ServiceBuilder::new(Objects {
        folder: Arc::new(folder),
        pace: config.pace,
    });
    s3.set_auth(SimpleAuth::from_single(
        config.access_key_id.clone(),
        config.secret_access_key,
    ));
    let (bucket, keys) = (
        format!("/{}", config.bucket),
        format!("/{}/{{*key}}", config.bucket),
    );
    let endpoint = Endpoint {
        s3: s3.build(),
        guard: Guard {
            bucket: config.bucket,
            region: config.region,
            access_key_id: config.access_key_id,
            max_object_bytes: config.max_object_bytes,
        },
    };
    Ok(Router::new()
        .route(&bucket, any(answer))
        .route(&format!("{bucket}/"), any(answer))
        .route(&keys, any(answer))
        .route_layer(cors(origin))
        .with_state(Arc::new(endpoint)))
}

fn cors(origin: HeaderValue) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::list([origin]))
        .allow_methods([Method::PUT, Method::GET, Method::HEAD])
        .allow_headers([
            CONTENT_TYPE,
            IF_NONE_MATCH,
            HeaderName::from_static("x-amz-checksum-sha256"),
        ])
        .expose_headers([ETAG])
        .max_age(Duration::from_mins(10))
}

struct Endpoint {
    s3: S3Service,
    guard: Guard,
}

async fn answer(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response {
    let declared = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok());
    let most = declared
        .unwrap_or(u64::MAX)
        .min(endpoint.guard.max_object_bytes);
    let waits = request.headers().contains_key(EXPECT);
    let (parts, body) = request.into_parts();
    let body = SharedBody::new(body);
    let mut response = match endpoint
        .guard
        .check(&parts.method, &parts.uri, &parts.headers)
    {
        Ok(()) => {
            endpoint
                .serve(Request::from_parts(parts, body.clone()))
                .await
        }
        Err(refusal) => refused(refusal.into()),
    };
    // A client that waits for "100 Continue" sends nothing before it, so there is nothing to drain.
    if !response.status().is_success() && (body.started() || !waits) {
        body.drain(most).await;
    }
    // A presigned GET is on the media origin: uploads must never run there.
    response
        .headers_mut()
        .insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response.headers_mut().insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    response
}

impl Endpoint {
    async fn serve(&self, request: http::Request<SharedBody>) -> Response {
        // `s3s` writes whole requests to its debug log, and a presigned query is a secret.
        let call = self
            .s3
            .call(request.map(s3s::Body::http_body_unsync))
            .with_subscriber(Dispatch::none());
        match call.await {
            Ok(response) => response.map(Body::new),
            Err(_) => failed(),
        }
    }
}

fn refused(error: S3Error) -> Response {
    error
        .to_http_response()
        .map_or_else(|_| failed(), |response| response.map(Body::new))
}

fn failed() -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
