//! The files of the built page.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use crate::app::App;
use crate::config::Delivery;
use crate::problems::ApiError;

/// The page: files of the built folder, and its index for every other address that a person may open.
pub fn router() -> Router<App> {
    Router::new().fallback(serve)
}

/// Where the page's files are.
pub enum PageFiles {
    /// In the binary.
    #[cfg(feature = "page")]
    Inside,
    /// In a folder.
    Folder(PathBuf),
}

impl PageFiles {
    /// In this folder, if there is one; else where the build has put them.
    #[must_use]
    pub fn of(folder: Option<&Path>) -> Self {
        match folder {
            Some(folder) => Self::Folder(folder.into()),
            #[cfg(feature = "page")]
            None => Self::Inside,
            #[cfg(not(feature = "page"))]
            None => Self::Folder("target/dist".into()),
        }
    }

    /// The folder in which no page has been built.
    #[must_use]
    pub fn missing(&self) -> Option<&Path> {
        match self {
            #[cfg(feature = "page")]
            Self::Inside => None,
            Self::Folder(folder) => {
                Some(folder.as_path()).filter(|folder| !folder.join("index.html").is_file())
            }
        }
    }

    async fn answer(&self, request: Request) -> Response {
        let answer = match self {
            #[cfg(feature = "page")]
            Self::Inside => {
                let files = ServeDir::with_backend("", super::inside::Inside);
                let files = files.precompressed_br().precompressed_gzip();
                files
                    .oneshot(request)
                    .await
                    .map(IntoResponse::into_response)
            }
            Self::Folder(folder) => {
                let files = ServeDir::new(folder)
                    .append_index_html_on_directories(false)
                    .precompressed_br()
                    .precompressed_gzip();
                files
                    .oneshot(request)
                    .await
                    .map(IntoResponse::into_response)
            }
        };
        answer.unwrap_or_else(|never| match never {})
    }
}

pub(super) async fn serve(
    State(app): State<App>,
    mut request: Request,
) -> Result<Response, ApiError> {
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
    let cache = if is_file && path.starts_with("/assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    if !is_file {
        *request.uri_mut() = Uri::from_static("/index.html");
    }
    let files = PageFiles::of(app.config.server.page_dir.as_deref());
    let mut response = files.answer(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        return Err(ApiError::not_found());
    }
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
    let (pictures, storage) = (pictures(app), app.urls.storage());
    HeaderValue::try_from(format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self' {storage}; \
         img-src 'self' blob: data: {pictures}; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    ))
    .map_err(ApiError::internal)
}

/// The origins that pictures come from: where they are asked for, and where that leads to.
pub(super) fn pictures(app: &App) -> String {
    let media = app.urls.media();
    match app.config.server.delivery {
        Delivery::Redirect => format!("{media} {}", app.urls.storage()),
        Delivery::Proxy => media.to_owned(),
    }
}
