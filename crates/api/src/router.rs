//! The route table: what each origin serves.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use serde_json::Value;
use tower::ServiceBuilder;
use tower::util::MapResponseLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{
    MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use url::Url;
use utoipa_axum::router::OpenApiRouter;

use crate::admission::{self, admit};
use crate::app::App;
use crate::layers::{
    Hosts, bound_time, check_host, count, guard_app, guard_media, keep_nowhere, one_host,
    read_body, whole_for_head,
};
use crate::problems::{ApiError, write_problems};
use crate::request_limits::tell;
use crate::{accounts, albums, clients, delivery, docs, images, openapi, traces, uploads};
use tintype_core::metrics::{Metrics, Origin};
use tintype_dto::paths;

fn api() -> OpenApiRouter<App> {
    let library = images::router().merge(albums::router());
    let v1 = OpenApiRouter::new()
        .merge(accounts::router())
        .merge(clients::router())
        .merge(admit(admission::ANNOUNCE, uploads::announce_router()))
        .merge(admit(admission::CONFIRM, uploads::router()))
        .merge(admit(admission::LIBRARY, library));
    OpenApiRouter::with_openapi(openapi::base()).nest(paths::BASE, v1)
}

/// What takes files, with limits of body and time of its own.
fn files() -> OpenApiRouter<App> {
    OpenApiRouter::new().nest(paths::BASE, uploads::whole_router())
}

/// The published description of the API.
///
/// # Errors
/// Never, unless an example can't be written as JSON.
pub fn document() -> serde_json::Result<Value> {
    openapi::complete(api().merge(files()).get_openapi())
}

/// Everything on the app origin.
pub fn app_origin(app: App, hosts: Hosts) -> serde_json::Result<Router> {
    let (api, files) = (Router::from(api()), Router::from(files()));
    let document = document()?;
    let docs = docs::router(&document, &app.urls);
    let https = https_from_now_on(hosts.origin());
    // From the outermost to the innermost. One stack, because a router clones each of its layers for every request.
    let layers = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(hosts, check_host))
        .layer(https)
        .layer(middleware::from_fn_with_state(
            (app.metrics.clone(), Origin::App),
            count,
        ))
        .layer(middleware::from_fn(guard_app))
        .map_request(whole_for_head)
        // An answer with both a secret and an attacker's words would need the token, and who has that needs no more.
        .layer(CompressionLayer::new());
    let for_api = ServiceBuilder::new()
        .map_response(keep_nowhere)
        .layer(middleware::from_fn(read_body));
    let (api, files) = (
        api.layer(middleware::from_fn(tell)),
        files.layer(middleware::from_fn(tell)),
    );
    let routes = api
        .method_not_allowed_fallback(method_not_allowed)
        .layer(for_api)
        .route("/openapi.json", get(move || async move { Json(document) }))
        .merge(delivery::share_router())
        .merge(delivery::album_router())
        .merge(delivery::oembed_router())
        .merge(delivery::delete_link_router())
        .merge(docs)
        .merge(delivery::installed_router())
        .merge(delivery::page_router())
        .layer(middleware::from_fn(bound_time))
        .merge(files.layer(MapResponseLayer::new(keep_nowhere)))
        .layer(layers)
        .with_state(app);
    Ok(outermost(routes))
}

/// Everything on the media origin; `embedded` are the routes of the embedded store, which speak S3 and not problem+json.
pub fn media_origin(app: App, hosts: Hosts, embedded: Option<Router>) -> Router {
    let metrics = app.metrics.clone();
    let layers = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(
            (metrics.clone(), Origin::Media),
            count,
        ))
        .layer(middleware::from_fn(guard_media))
        .layer(middleware::from_fn(bound_time))
        .map_request(whole_for_head);
    let pictures = delivery::media_router().merge(delivery::archive_router());
    let pictures = admit(admission::MEDIA, pictures.into());
    let routes = Router::from(pictures)
        .fallback(async || ApiError::not_found())
        .method_not_allowed_fallback(method_not_allowed)
        .layer(layers)
        .with_state(app);
    let routes = match embedded {
        Some(store) => counted_store(store, metrics).fallback_service(routes),
        None => routes,
    };
    let routes = routes.layer(https_from_now_on(hosts.origin()));
    outermost(routes.layer(middleware::from_fn_with_state(hosts, check_host)))
}

/// The embedded store alone: as the whole of a process, or for the calls of its own process. `url` is where clients reach it.
pub fn store_origin(store: Router, metrics: Arc<Metrics>, url: Option<&Url>) -> Router {
    let routes = counted_store(store, metrics);
    outermost(match url {
        Some(url) => routes.layer(https_from_now_on(url)),
        None => routes,
    })
}

/// Tells browsers to come by https alone, where that is the origin's own address.
fn https_from_now_on(origin: &Url) -> SetResponseHeaderLayer<Option<HeaderValue>> {
    let a_year = (origin.scheme() == "https").then(|| HeaderValue::from_static("max-age=31536000"));
    SetResponseHeaderLayer::overriding(header::STRICT_TRANSPORT_SECURITY, a_year)
}

fn counted_store(store: Router, metrics: Arc<Metrics>) -> Router {
    store.layer(middleware::from_fn_with_state(
        (metrics, Origin::Storage),
        count,
    ))
}

/// What a path takes is said by `Allow`, which the router adds: to whoever asks, and to whoever errs.
async fn method_not_allowed(method: Method) -> StatusCode {
    if method == Method::OPTIONS {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::METHOD_NOT_ALLOWED
    }
}

/// Request ids, log lines, panics and the bodies of problems. No query is ever logged: presigned ones are secrets.
fn outermost(routes: Router) -> Router {
    let span = |request: &Request<_>| {
        let id = request
            .extensions()
            .get::<RequestId>()
            .and_then(|id| id.header_value().to_str().ok())
            .unwrap_or_default();
        let path = request.uri().path();
        let span = tracing::info_span!("request", id, method = %request.method(), path, otel.kind = "server");
        traces::asked(&span, request.method(), path);
        span
    };
    let answered = |response: &Response, took: Duration, span: &tracing::Span| {
        let status = response.status();
        traces::answered(span, status);
        tracing::info!(
            status = status.as_u16(),
            took_ms = took.as_millis(),
            "answered"
        );
    };
    let id = HeaderName::from_static("x-request-id");
    let layers = ServiceBuilder::new()
        // Ours alone: what a client sends is not to stand in our log.
        .map_request(move |mut request: axum::extract::Request| {
            request.headers_mut().remove("x-request-id");
            request
        })
        .layer(SetRequestIdLayer::new(id.clone(), MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(id))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_request(())
                .on_response(answered)
                .on_failure(()),
        )
        .layer(middleware::from_fn(write_problems))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(one_host));
    routes.layer(layers)
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    ApiError::internal("a handler panicked").into_response()
}
