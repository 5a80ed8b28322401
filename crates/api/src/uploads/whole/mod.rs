//! Uploads in one request, as programs send them that know nothing of presigned URLs: a form with files, or the bytes of one.

mod album;
mod answer;
mod intake;
mod options;
mod places;
mod receive;

use std::collections::HashSet;
use std::fmt::Write;

use axum::extract::{DefaultBodyLimit, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use tintype_core::accounts::SessionKey;
use tintype_core::db::{AlbumId, ImageId, image};
use tintype_core::images::{Change, queries};
use tintype_core::uploads::{
    AnnounceError, ConfirmError, Confirmed, Whole, WholeFile, confirm_whole, resume_whole,
    store_whole,
};
use tintype_dto::{
    FileBytes, ProblemCode, UploadForm, UploadOptions, UploadRefusal, UploadedImages, paths,
};
use tintype_imaging::sniff;
use tower_http::request_id::RequestId;
use tracing::Instrument;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::answer::Answer;
use self::intake::Arrived;
use self::options::Options;
use self::receive::{Received, receive};
use super::repeat::{Plan, has_key};
use crate::accounts::{Checked, ToUpload, in_address};
use crate::app::App;
use crate::problems::ApiError;

pub use self::places::WholePlaces;

/// How many files of one request are on their way to the store or in line at once.
const STORED_AT_ONCE: usize = 20;

/// The routes, whose bodies are bounded by what a file may be.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(upload_images))
        .routes(routes!(put_image))
        .route(paths::IMAGES, axum::routing::options(preflight))
        .layer(DefaultBodyLimit::disable())
}

/// Upload files in one request
///
/// A form (`multipart/form-data`) in which each part with a file name is a file, whatever the part is called, up to 20; or the bytes of one
/// file. Their type is found in the bytes. Answers when they are published. A picture that is yours already is not kept twice, unless two requests
/// bring it at the same moment: it is changed as the options say and answered with what it is. Options may also be fields of the form or headers
/// `X-Tintype-...`. Each file is answered on its own: when some are refused, the status and the words are those of the first refusal, and what
/// was published is named beside it.
#[utoipa::path(
    post, path = paths::IMAGES, tag = "uploads",
    params(UploadOptions, ("Idempotency-Key" = Option<String>, Header, description = "A key of your own, for 24 hours: a request that is sent again with it makes nothing twice.")),
    request_body(content((UploadForm = "multipart/form-data"), (inline(FileBytes) = "application/octet-stream")), description = "The files."),
    responses(
        (status = 200, description = "They are published.", content((UploadedImages = "application/json"), (String = "text/plain"))),
        (status = 202, description = "Some are still being checked after a minute: confirm those in `pending` after `Retry-After`, and add them to the album.", content((UploadedImages = "application/json"), (String = "text/plain"))),
    ),
    security(("session" = []), ("token" = ["upload"]), ("key" = ["upload"])),
    extensions(("x-problem-codes" = json!([
        "unsupported_media", "file_too_large", "quota_exceeded", "too_many_unfinished", "image_too_large", "image_damaged", "size_mismatch",
        "hash_mismatch", "request_timeout", "bad_request", "unsupported_content_type", "validation_failed", "upload_aborted", "upload_expired", "not_uploaded", "not_found", "storage_unavailable", "storage_full", "idempotency_key_reused", "album_full"
    ]))),
)]
async fn upload_images(State(app): State<App>, request: Request) -> Response {
    whole(app, request).await
}

/// Upload a file in one request
///
/// As `upload_images` does, for `curl -T`.
#[utoipa::path(
    put, path = paths::IMAGES, tag = "uploads",
    params(UploadOptions, ("Idempotency-Key" = Option<String>, Header, description = "A key of your own, for 24 hours: a request that is sent again with it makes nothing twice.")),
    request_body(content((inline(FileBytes) = "application/octet-stream")), description = "The bytes of the file."),
    responses(
        (status = 200, description = "It is published.", content((UploadedImages = "application/json"), (String = "text/plain"))),
        (status = 202, description = "It is still being checked after a minute: confirm what is in `pending` after `Retry-After`.", content((UploadedImages = "application/json"), (String = "text/plain"))),
    ),
    security(("session" = []), ("token" = ["upload"]), ("key" = ["upload"])),
    extensions(("x-problem-codes" = json!([
        "unsupported_media", "file_too_large", "quota_exceeded", "too_many_unfinished", "image_too_large", "image_damaged", "size_mismatch",
        "hash_mismatch", "request_timeout", "bad_request", "unsupported_content_type", "validation_failed", "upload_aborted", "upload_expired", "not_uploaded", "not_found", "storage_unavailable", "storage_full", "idempotency_key_reused", "album_full"
    ]))),
)]
async fn put_image(State(app): State<App>, request: Request) -> Response {
    whole(app, request).await
}

/// What browsers ask before they let the script of another origin send a file. A token in a header is no cookie: no origin can use what is
/// not its own.
async fn preflight() -> Response {
    let allowed = "authorization, content-type, idempotency-key, x-tintype-album, x-tintype-alt, x-tintype-expires-in, x-tintype-filename, x-tintype-format, x-tintype-title, x-tintype-visibility";
    let headers = [
        (header::ALLOW, "GET, HEAD, POST, PUT, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST, PUT"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, allowed),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    for_every_origin((StatusCode::NO_CONTENT, headers).into_response())
}

fn for_every_origin(mut response: Response) -> Response {
    response.headers_mut().insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    response.headers_mut().insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("ratelimit, ratelimit-policy, retry-after, x-request-id"),
    );
    response
}

async fn whole(app: App, request: Request) -> Response {
    let request_id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok())
        .map(str::to_owned);
    // In its own task, so that what was begun ends when the client hangs up: published as it was asked for, or given up.
    let work = app
        .shutdown
        .tasks
        .clone()
        .spawn(async move { upload(&app, request).await }.in_current_span());
    let answer = work
        .await
        .unwrap_or_else(|error| Err((ApiError::internal(error), Vec::new())));
    for_every_origin(match answer {
        Ok(answer) => answer.into_response(),
        Err((error, published)) => refuse(error, published, request_id),
    })
}

/// Who was refused, and what was published all the same.
type Refused = (ApiError, Vec<tintype_dto::Image>);

async fn upload(app: &App, request: Request) -> Result<Answer, Refused> {
    let alone = |error: ApiError| (error, Vec::new());
    let (parts, body) = request.into_parts();
    let mut options = Options::of(&parts).map_err(alone)?;
    let key = options.key.take();
    let session = who(app, parts.clone(), key.as_deref())
        .await
        .map_err(alone)?;
    // What was answered before is answered again, whatever has become of the album.
    if !has_key(&parts.headers) {
        let album = album::find(app, session, options.album.as_deref()).await;
        album.map_err(alone)?;
    }
    let place = app.whole_places.enter(session.user_id).await;
    let place = place.map_err(alone)?;
    let request = Request::from_parts(parts.clone(), body);
    let files = receive(app, request, &mut options).await.map_err(alone)?;
    // Whoever sends slowly may have lost the right meanwhile.
    let session = session.checked(&app.db).await;
    let session = session.map_err(|error| alone(error.into()))?;
    let change = options.change(app.clock.now());
    let change = change.map_err(|errors| alone(ApiError::fields(errors)))?;
    let sent = fingerprint(&options, &files);
    let operation = (paths::IMAGES, sent.as_bytes());
    let plan = Plan::make(app, session, &parts.headers, operation, files.len()).await;
    let plan = plan.map_err(alone)?;
    let album = options.album.as_deref().filter(|_| !plan.answered);
    let into_album = match album::find(app, session, album).await {
        Ok(album) => album,
        Err(error) => {
            plan.release(app).await;
            return Err(alone(error));
        }
    };
    let wish = Wish { change, into_album };
    let ends = all_ends(app, session, &plan, files, &wish).await;
    drop(place);
    let ids = ends.iter().zip(&plan.ids).map(|(end, id)| match end {
        Ok(Confirmed::Published(image)) => image.id,
        Ok(Confirmed::InProgress(_)) | Err(_) => *id,
    });
    let ids = ids.collect();
    let filled = match into_album {
        Some(id) => album::fill(app, session, id, &ends).await,
        None => Ok(()),
    };
    if filled.is_ok() {
        plan.answer(app, ids).await;
    }
    finish(app, session, ends, filled, &options)
}

/// What is to become of each file besides an image.
struct Wish {
    change: Change,
    into_album: Option<AlbumId>,
}

/// What becomes of all files, in their order.
async fn all_ends(
    app: &App,
    session: SessionKey,
    plan: &Plan,
    files: Vec<Received>,
    wish: &Wish,
) -> Vec<Result<Confirmed, ApiError>> {
    let many = files.len() > 1;
    let planned = files.into_iter().zip(plan.ids.clone()).enumerate();
    // A file that comes twice is one picture: the second time it is there already.
    let mut seen = HashSet::new();
    let (firsts, again): (Vec<_>, Vec<_>) =
        planned.partition(|(_, (file, _))| seen.insert(file.arrived.sha256));
    let mut ends = Vec::with_capacity(plan.ids.len());
    for files in [firsts, again] {
        let work = files.into_iter().map(async |(at, (file, id))| {
            let Received { name, arrived } = file;
            let end = end(app, session, (id, plan), name.clone(), arrived, wish).await;
            let about = |error: ApiError| if many { error.about(&name) } else { error };
            (at, end.map_err(about))
        });
        let work = futures::stream::iter(work).buffered(STORED_AT_ONCE);
        ends.extend(work.collect::<Vec<_>>().await);
    }
    ends.sort_by_key(|(at, _)| *at);
    ends.into_iter().map(|(_, end)| end).collect()
}

/// What becomes of a file that has arrived: an image, as the options say.
async fn end(
    app: &App,
    mut session: SessionKey,
    (id, plan): (ImageId, &Plan),
    name: String,
    arrived: Arrived,
    wish: &Wish,
) -> Result<Confirmed, ApiError> {
    let file = whole_file(name, arrived)?;
    if plan.answered {
        return again(app, session, id, &file).await;
    }
    let image = match store(app, session, (id, plan), file, &wish.change).await? {
        Whole::Yours(image) => image,
        Whole::Stored(id) => return Ok(confirm_whole(app, &mut session, id).await?),
    };
    if wish.change.is_empty() && wish.into_album.is_none() {
        return Ok(Confirmed::Published(image));
    }
    if !session.by.may_change(image.token_id) {
        return Err(ApiError::new(
            ProblemCode::InsufficientScope,
            "This picture is yours already. To change it, send it with a token that has the scope `write`, or leave the options out.",
        ));
    }
    let now = app.clock.now();
    let changed = queries::change(&app.db, session.user_id, image.id, &wish.change, now).await?;
    Ok(Confirmed::Published(changed.map_or(image, Box::new)))
}

/// What has become of a file of the same request that was answered before. Its options are not applied again: others may have changed it since.
async fn again(
    app: &App,
    mut session: SessionKey,
    id: ImageId,
    file: &WholeFile,
) -> Result<Confirmed, ApiError> {
    let now = app.clock.now();
    if let Some(image) = queries::find(&app.db, session.user_id, id, now).await? {
        return Ok(Confirmed::Published(Box::new(image)));
    }
    let is_gone = || {
        let detail = "What was sent with this idempotency key has been deleted since. Send it with another to upload it again.";
        ApiError::new(ProblemCode::NotFound, detail)
    };
    match resume_whole(app, session, id, file).await? {
        Some(_) => match confirm_whole(app, &mut session, id).await {
            Err(ConfirmError::NotFound) => Err(is_gone()),
            confirmed => Ok(confirmed?),
        },
        None => Err(is_gone()),
    }
}

/// Stores a file, or goes on with what the same request has begun before.
async fn store(
    app: &App,
    session: SessionKey,
    (id, plan): (ImageId, &Plan),
    file: WholeFile,
    change: &Change,
) -> Result<Whole, AnnounceError> {
    if !plan.may_repeat() {
        return store_whole(app, session, id, file, change).await;
    }
    if let Some(begun) = resume_whole(app, session, id, &file).await? {
        return Ok(begun);
    }
    let stored = store_whole(app, session, id, file.clone(), change).await;
    if stored.is_ok() {
        return stored;
    }
    // The same request may have been first at this very moment.
    if let Some(begun) = resume_whole(app, session, id, &file).await? {
        return Ok(begun);
    }
    plan.release(app).await;
    stored
}

/// What a request says, for telling whether another says the same.
fn fingerprint(options: &Options, files: &[Received]) -> String {
    let mut text = options.fingerprint();
    for Received { name, arrived } in files {
        let _ = write!(text, "\0{name}\0{}", arrived.sha256);
    }
    text
}

fn whole_file(filename: String, arrived: Arrived) -> Result<WholeFile, ApiError> {
    if arrived.size_bytes == 0 {
        return Err(ApiError::field("file", "The file is empty."));
    }
    let content_type = sniff(&arrived.head)
        .map_err(|refusal| ApiError::new(refusal.code(), refusal.to_string()))?;
    Ok(WholeFile {
        filename,
        content_type,
        size_bytes: arrived.size_bytes,
        sha256: arrived.sha256,
        created_at: None,
        content: arrived.content,
    })
}

/// Who asks, by the header or by a key in the address.
async fn who(app: &App, mut parts: Parts, key: Option<&str>) -> Result<SessionKey, ApiError> {
    match key {
        Some(_) if parts.headers.contains_key(header::AUTHORIZATION) => Err(ApiError::new(
            ProblemCode::BadRequest,
            "Send one token: in the header or in the address.",
        )),
        Some(key) => {
            let standings = parts.extensions.get().cloned().unwrap_or_default();
            in_address(app, key, &standings).await
        }
        None => {
            let Checked(session, ..) =
                Checked::<ToUpload>::from_request_parts(&mut parts, app).await?;
            Ok(session)
        }
    }
}

fn finish(
    app: &App,
    session: SessionKey,
    ends: Vec<Result<Confirmed, ApiError>>,
    filled: Result<(), ApiError>,
    options: &Options,
) -> Result<Answer, Refused> {
    let (mut images, mut pending, mut refusal) = (Vec::new(), Vec::new(), None);
    let mut delete_url = None;
    for end in ends {
        match end {
            Ok(Confirmed::Published(image)) => {
                // One that was there already may be another's: it is its token's link that counts.
                if images.is_empty() && image.token_id == session.by.token() {
                    delete_url = image.token_id.map(|token| {
                        let secret = app.delete_links.secret(&image.slug.0, token);
                        app.urls.delete(&image.slug.0, &secret)
                    });
                }
                images.push(present(app, session, *image));
            }
            Ok(Confirmed::InProgress(upload)) => pending.push(upload.id.0),
            Err(error) => {
                refusal.get_or_insert(error);
            }
        }
    }
    match refusal.or(filled.err()) {
        Some(error) => Err((error, images)),
        None => Ok(Answer {
            retry_after: app.pipeline.ask_again_in(session.user_id),
            uploaded: UploadedImages {
                delete_url,
                ..UploadedImages::of(images, pending)
            },
            format: options.format,
        }),
    }
}

fn present(app: &App, session: SessionKey, image: image::Model) -> tintype_dto::Image {
    crate::images::present(app, session.version, image)
}

/// A problem that says it in the words of many programs too.
fn refuse(error: ApiError, images: Vec<tintype_dto::Image>, id: Option<String>) -> Response {
    let response = error.into_response();
    let (mut parts, _) = response.into_parts();
    let Some(mut problem) = parts.extensions.remove::<tintype_dto::Problem>() else {
        return parts.status.into_response();
    };
    problem.request_id = id;
    let refusal = UploadRefusal::of(problem, images);
    parts.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    let json = serde_json::to_vec(&refusal).unwrap_or_default();
    Response::from_parts(parts, json.into())
}
