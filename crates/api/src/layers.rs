//! What happens to every request of an origin, before and after its handler.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use tintype_dto::ProblemCode;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::problems::ApiError;
use crate::traces;
use tintype_core::metrics::{Metrics, Origin};

/// The most JSON that a request may carry.
const MAX_BODY: usize = 64 * 1024;
const BODY_TIME: Duration = Duration::from_secs(10);
/// How long it may take until an answer begins: longer than any call to the store and the patience of a confirm together.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Reads the body before anything else does: bounded in size and time.
pub async fn read_body(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match read(body).await {
        Ok(bytes) => {
            next.run(Request::from_parts(parts, Body::from(bytes)))
                .await
        }
        Err(error) => error.into_response(),
    }
}

/// Keeps nobody waiting for a database that has gone silent: a connection to it may hang for a quarter of an hour before it breaks.
pub async fn bound_time(request: Request, next: Next) -> Response {
    within(ANSWER_TIME, next.run(request)).await
}

async fn within(limit: Duration, handler: impl Future<Output = Response>) -> Response {
    tokio::time::timeout(limit, handler)
        .await
        .unwrap_or_else(|_| {
            tracing::error!(
                limit_s = limit.as_secs(),
                "a handler timed out: does the database or the storage hang?"
            );
            ApiError::overloaded(5).into_response()
        })
}

async fn read(mut body: Body) -> Result<Bytes, ApiError> {
    let too_slow = || ApiError::new(ProblemCode::RequestTimeout, "Send the request faster.");
    let deadline = Instant::now() + BODY_TIME;
    let mut kept = Vec::new();
    loop {
        let frame = match timeout_at(deadline, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => {
                return Err(ApiError::new(
                    ProblemCode::BadRequest,
                    "The request's body broke off.",
                ));
            }
            Ok(None) => return Ok(kept.into()),
            Err(_) => return Err(too_slow()),
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if kept.len() + data.len() > MAX_BODY {
            return Err(too_large());
        }
        kept.extend_from_slice(&data);
    }
}

fn too_large() -> ApiError {
    ApiError::new(ProblemCode::BodyTooLarge, "Send at most 64 KiB of JSON.")
}

/// The hosts that an origin answers to.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// The origin's own address.
    origin: Url,
    /// What else it answers to.
    also: Vec<Url>,
}

impl Hosts {
    /// Answers to `origin`, and to `also`.
    #[must_use]
    pub fn new(origin: Url, also: Vec<Url>) -> Self {
        Self { origin, also }
    }

    /// The origin's own address.
    #[must_use]
    pub fn origin(&self) -> &Url {
        &self.origin
    }

    fn is_own(&self, host: &str) -> bool {
        std::iter::once(&self.origin)
            .chain(&self.also)
            .any(|url| authority(url).eq_ignore_ascii_case(host))
    }

    /// Whether it is another name of this machine, on our own port, while we are on loopback ourselves.
    fn is_alias(&self, host: &str) -> bool {
        let name = |url: &Url| url.host_str().map(str::to_owned);
        let Ok(asked) = Url::parse(&format!("http://{host}")) else {
            return false;
        };
        let loopback = |url: &Url| {
            name(url)
                .is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host.as_str()))
        };
        loopback(&self.origin)
            && loopback(&asked)
            && asked.port_or_known_default() == self.origin.port_or_known_default()
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The host that a request is for: what a proxy may have decided by has to be what is decided by here. Two of them are refused, and in
/// HTTP/1.1 none (RFC 9112, 3.2); what stands in the request's target goes before the header.
fn host(request: &Request) -> Result<Option<&str>, ApiError> {
    let unclear = || ApiError::new(ProblemCode::BadRequest, "Send one Host header.");
    let mut headers = request.headers().get_all(header::HOST).iter();
    let in_header = headers
        .next()
        .map(|host| host.to_str().map_err(|_| unclear()))
        .transpose()?;
    if headers.next().is_some() || (in_header.is_none() && request.version() == Version::HTTP_11) {
        return Err(unclear());
    }
    Ok(request
        .uri()
        .authority()
        .map(Authority::as_str)
        .or(in_header))
}

/// Refuses requests that don't say whom they are for, or say it twice.
pub async fn one_host(request: Request, next: Next) -> Response {
    match host(&request) {
        Ok(_) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// Refuses names that anyone could have registered: a page on such a name can be sent to another address, ours, and read it (DNS rebinding).
/// Addresses, `localhost` and names inside a network are what the few who may ask use.
pub async fn check_inner_host(request: Request, next: Next) -> Response {
    match host(&request) {
        Ok(host) if host.is_none_or(is_inner) => next.run(request).await,
        Ok(_) => unknown_host(),
        Err(error) => error.into_response(),
    }
}

fn is_inner(host: &str) -> bool {
    let Ok(url) = Url::parse(&format!("http://{host}")) else {
        return false;
    };
    let is_plain = url.username().is_empty() && url.password().is_none() && url.path() == "/";
    is_plain
        && match url.host() {
            Some(url::Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                // A name without a dot is a container's or a machine's; nobody can register these endings.
                !name.contains('.')
                    || [".localhost", ".local", ".internal"]
                        .iter()
                        .any(|end| name.ends_with(end))
            }
            Some(_) => true,
            None => false,
        }
}

fn unknown_host() -> Response {
    ApiError::new(
        ProblemCode::UnknownHost,
        "This server does not answer to that host name.",
    )
    .into_response()
}

/// Sends people on another loopback name to the one in the links, and refuses foreign hosts with 421.
pub async fn check_host(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    match host(&request).ok().flatten() {
        Some(host) if hosts.is_own(host) => next.run(request).await,
        Some(host) if hosts.is_alias(host) => {
            let path = request
                .uri()
                .path_and_query()
                .map_or("/", |path| path.as_str());
            let is_page = matches!(*request.method(), Method::GET | Method::HEAD)
                && !path.starts_with("/api/");
            match HeaderValue::try_from(format!(
                "{}{path}",
                hosts.origin.origin().ascii_serialization()
            )) {
                Ok(location) if is_page => (
                    StatusCode::PERMANENT_REDIRECT,
                    [(header::LOCATION, location)],
                )
                    .into_response(),
                _ => next.run(request).await,
            }
        }
        _ => unknown_host(),
    }
}

/// A range is asked of GET alone: HEAD tells of the whole (RFC 9110, 14.2).
pub fn whole_for_head(mut request: Request) -> Request {
    if *request.method() != Method::GET {
        request.headers_mut().remove(header::RANGE);
    }
    request
}

/// Answers of the API are for one person at one moment, and some hold links that open what is private.
pub fn keep_nowhere(mut response: Response) -> Response {
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Counts and times requests by the template of their route: paths hold ids, and there is no end of them.
pub async fn count(
    State((metrics, origin)): State<(Arc<Metrics>, Origin)>,
    request: Request,
    next: Next,
) -> Response {
    let route: Arc<str> = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(other)", MatchedPath::as_str)
        .into();
    let (method, start) = (request.method().clone(), Instant::now());
    traces::routed(&tracing::Span::current(), &method, &route);
    let response = next.run(request).await;
    let method = METHODS
        .iter()
        .find(|known| **known == method)
        .map_or("(other)", Method::as_str);
    metrics.request(
        origin,
        method,
        route,
        response.status().as_u16(),
        start.elapsed(),
    );
    response
}

static METHODS: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
];

/// Headers of every response on the app origin; a handler's own policies stay.
pub async fn guard_app(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}

/// The styles are those that a browser's own viewer of pictures has: without them a picture that is opened alone stands in a corner.
const MEDIA_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// Headers of every response on the media origin: whatever the bytes are, they are never run.
pub async fn guard_media(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(MEDIA_POLICY),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_handler_that_hangs_is_answered_for() {
        let answer = within(Duration::from_millis(5), std::future::pending()).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers().contains_key(header::RETRY_AFTER));
        assert_eq!(
            within(ANSWER_TIME, async {
                StatusCode::NO_CONTENT.into_response()
            })
            .await
            .status(),
            StatusCode::NO_CONTENT
        );
    }

    #[test]
    fn only_names_that_nobody_can_register_are_inner() {
        for host in [
            "127.0.0.1:9090",
            "[::1]:9090",
            "10.213.7.5:9090",
            "localhost",
            "api:9090",
            "tintype.svc.cluster.local",
            "x.internal.",
        ] {
            assert!(is_inner(host), "{host}");
        }
        for host in [
            "evil.example:9090",
            "local.evil.example",
            "127.0.0.1.nip.io",
            "",
            "evil.example@127.0.0.1",
            "evil.example@api",
            "api/x",
            "a b",
            "internal.example.",
        ] {
            assert!(!is_inner(host), "{host}");
        }
    }

    #[test]
    fn only_the_own_host_and_loopback_aliases_are_known() {
        let hosts = Hosts::new("http://127.0.0.1:8080".parse().unwrap(), Vec::new());
        assert!(
            hosts.is_own("127.0.0.1:8080")
                && !hosts.is_own("127.0.0.1:8081")
                && !hosts.is_own("evil.example")
        );
        assert!(hosts.is_alias("localhost:8080") && hosts.is_alias("[::1]:8080"));
        assert!(
            !hosts.is_alias("localhost:80")
                && !hosts.is_alias("localhost.evil.example:8080")
                && !hosts.is_alias("evil@localhost:8080x")
        );
        let public = Hosts::new("https://img.example.com".parse().unwrap(), Vec::new());
        assert!(public.is_own("IMG.example.com") && !public.is_alias("localhost"));
    }
}
