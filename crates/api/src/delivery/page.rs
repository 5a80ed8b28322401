//! The files of the built page.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

use crate::app::App;
use crate::config::Delivery;
use crate::problems::ApiError;

/// The page: files of the built folder, and its index for every other address that a person may open.
pub fn router() -> Router<App> {
    Router::new().fallback(serve)
}

async fn serve(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(ApiError::not_found());
    }
    let path = request.uri().path();
    let is_file = path
        .rsplit('/')
        .next()
        .is_some_and(|last| last.contains('.'));
    if path.starts_with("/api/") {
        return Err(ApiError::not_found());
    }
    let cache = if path.starts_with("/assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let folder = &app.config.server.page_dir;
    let response = if is_file {
        ServeDir::new(folder)
            .precompressed_br()
            .precompressed_gzip()
            .oneshot(request)
            .await
            .into_response()
    } else {
        ServeFile::new(folder.join("index.html"))
            .precompressed_br()
            .precompressed_gzip()
            .oneshot(request)
            .await
            .into_response()
    };
    if response.status() == StatusCode::NOT_FOUND {
        return Err(ApiError::not_found());
    }
    let mut response = response;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy(&app)?);
    if !is_file {
        // The pictures come from there: the connection is made while the page is still on its way.
        let preconnect = format!("<{}>; rel=preconnect", app.urls.media());
        response.headers_mut().insert(
            header::LINK,
            HeaderValue::try_from(preconnect).map_err(ApiError::internal)?,
        );
    }
    Ok(response)
}

/// What the page may load, and from where. Nothing else has a policy like it.
fn policy(app: &App) -> Result<HeaderValue, ApiError> {
    let (media, storage) = (app.urls.media(), app.urls.storage());
    let redirected = if app.config.server.delivery == Delivery::Redirect {
        format!(" {storage}")
    } else {
        String::new()
    };
    HeaderValue::try_from(format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self' {storage}; \
         img-src 'self' blob: data: {media}{redirected}; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    ))
    .map_err(ApiError::internal)
}
