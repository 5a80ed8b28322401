//! The page behind a `delete_url`, which programs keep for the pictures that they upload. Looking at it deletes nothing: programs and browsers
//! open addresses for many reasons. The button does, and DELETE.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use tintype_core::images::queries::{self, Deletable, Transition};
use tintype_core::manifests::marks::Mark;

use super::page::pictures;
use super::share::{document, home, stylesheet};
use crate::app::App;
use crate::extract::ApiQuery;
use crate::images::{deletion, present};
use crate::problems::ApiError;
use crate::urls::Urls;

/// What an address carries besides the image. Queries are never logged.
#[derive(Deserialize)]
struct Opener {
    secret: String,
}

/// `/d/{slug}?secret=`.
pub fn router() -> Router<App> {
    Router::new().route("/d/{slug}", get(look).post(delete).delete(delete))
}

async fn look(
    State(app): State<App>,
    Path(slug): Path<String>,
    ApiQuery(opener): ApiQuery<Opener>,
) -> Result<Response, ApiError> {
    let page = match find(&app, &slug, &opener.secret).await? {
        Some(found) => ask(&app, found).into_response(),
        None => (StatusCode::NOT_FOUND, gone(&app.urls)).into_response(),
    };
    close(&app, page)
}

async fn delete(
    State(app): State<App>,
    method: Method,
    Path(slug): Path<String>,
    ApiQuery(opener): ApiQuery<Opener>,
) -> Result<Response, ApiError> {
    let Some(Deletable { image, .. }) = find(&app, &slug, &opener.secret).await? else {
        let page = (StatusCode::NOT_FOUND, gone(&app.urls)).into_response();
        return close(&app, page);
    };
    let (from, to, due_at) = deletion(&app, false);
    let step = Transition {
        user_id: image.user_id,
        id: image.id,
        from,
        to,
        due_at: Some(due_at),
    };
    let mark = Mark::of(image.user_id, &[image.id]);
    let done = async { Ok::<_, ApiError>(queries::transition(&app.db, step).await?) };
    mark.before(&app.store, &app.clock, done).await?;
    let answer = if method == Method::DELETE {
        StatusCode::NO_CONTENT.into_response()
    } else {
        deleted(&app.urls).into_response()
    };
    close(&app, answer)
}

/// The image, if this is the secret that was made for it, and the token that uploaded it works.
async fn find(app: &App, slug: &str, secret: &str) -> Result<Option<Deletable>, ApiError> {
    let found = queries::find_deletable(&app.db, slug, app.clock.now()).await?;
    Ok(found.filter(|found| {
        let token = found.image.token_id;
        token.is_some_and(|token| app.delete_links.check(slug, token, secret))
    }))
}

/// Whoever has the address can delete: it goes nowhere else.
fn close(app: &App, mut response: Response) -> Result<Response, ApiError> {
    let policy = format!(
        "default-src 'none'; img-src {}; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        pictures(app)
    );
    let headers = [
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::try_from(policy).map_err(ApiError::internal)?,
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        (
            HeaderName::from_static("x-robots-tag"),
            HeaderValue::from_static("noindex"),
        ),
    ];
    response.headers_mut().extend(headers);
    Ok(response)
}

fn ask(app: &App, found: Deletable) -> Markup {
    let image = present(app, found.token_version, found.image);
    let name = image.title.as_deref().unwrap_or(&image.filename);
    let content = html! {
        main {
            div.picture {
                img src=(image.links.preview) width=(image.width) height=(image.height) alt=(image.alt.as_deref().unwrap_or(name));
            }
            footer {
                h1 { "Delete " (name) "?" }
                form method="post" { button.button { "Delete this picture" } }
                (home(&app.urls))
            }
        }
    };
    document("Delete", &stylesheet(), &content)
}

fn deleted(urls: &Urls) -> Markup {
    let content = html! {
        main.gone {
            h1 { "The picture is deleted" }
            p { "Its links don't work any more. Its owner can restore it for some days." }
            (home(urls))
        }
    };
    document("Deleted", &stylesheet(), &content)
}

fn gone(urls: &Urls) -> Markup {
    let content = html! {
        main.gone {
            h1 { "There is nothing to delete here" }
            p { "The picture is deleted already, or the token that uploaded it is revoked." }
            (home(urls))
        }
    };
    document("Not here", &stylesheet(), &content)
}
