//! The files of a request: the parts of a form, or its whole body. All of them arrive before any is announced: what breaks off leaves nothing.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use futures::stream::poll_fn;
use futures::{Stream, StreamExt, TryStreamExt, ready};
use tintype_dto::{MAX_WHOLE_FILES, ProblemCode};
use tokio::time::timeout_at;

use super::intake::{Arrived, Intake, late};
use super::options::{Given, Options};
use crate::app::App;
use crate::problems::ApiError;

/// The longest field of a form that is no file, bytes.
const FIELD: usize = 4096;
/// How many there may be.
const FIELDS: usize = 20;
/// The most between two pieces of a form's content: headers of parts, and what stands before the first. What is more is searched through again and
/// again.
const BETWEEN: usize = 256 * 1024;

/// The most of a form that is looked at in one go: well below what may stand between two pieces.
const PIECE: usize = 64 * 1024;

/// A file of a request.
pub struct Received {
    pub name: String,
    pub arrived: Arrived,
}

/// Receives the files of a request.
pub async fn receive(
    app: &App,
    request: Request,
    options: &mut Options,
) -> Result<Vec<Received>, ApiError> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.map_or(&b""[..], |value| value.as_bytes());
    let is = |name: &str| {
        let given = content_type.get(..name.len());
        given.is_some_and(|given| given.eq_ignore_ascii_case(name.as_bytes()))
    };
    if is("application/json") {
        return Err(ApiError::new(
            ProblemCode::UnsupportedContentType,
            "Send the bytes of a file, or a form with files: JSON has neither.",
        ));
    }
    let files = if is("multipart/form-data") {
        form(app, request, options).await?
    } else {
        bytes(app, request.into_body(), options).await?
    };
    if files.is_empty() {
        let none = "Send a file: its bytes, or a form with a part that has a file name.";
        return Err(ApiError::field("file", none));
    }
    Ok(files)
}

async fn bytes(app: &App, body: Body, options: &Options) -> Result<Vec<Received>, ApiError> {
    if body.is_end_stream() {
        return Ok(Vec::new());
    }
    let mut intake = Intake::new(app);
    if let Some(announced) = body.size_hint().exact() {
        intake.check(announced)?;
    }
    let pieces = pin!(body.into_data_stream().map_err(|_| broke_off()));
    Ok(vec![Received {
        name: options.filename.clone().unwrap_or_default(),
        arrived: intake.take(pieces).await?,
    }])
}

async fn form(
    app: &App,
    request: Request,
    options: &mut Options,
) -> Result<Vec<Received>, ApiError> {
    let budget = Arc::new(AtomicUsize::new(BETWEEN));
    let mut form = Multipart::from_request(within(&budget, request), &())
        .await
        .map_err(|_| ApiError::new(ProblemCode::BadRequest, "The form has no boundary."))?;
    let (mut intake, mut files, mut fields) = (Intake::new(app), Vec::new(), 0);
    let mut given = Given::default();
    loop {
        budget.store(BETWEEN, Ordering::Relaxed);
        let next = timeout_at(intake.deadline(), form.next_field());
        let Some(part) = next.await.map_err(|_| late())?.map_err(|e| broken(&e))? else {
            return Ok(files);
        };
        let name = part.file_name().map(str::to_owned);
        match name {
            Some(_) if files.len() == MAX_WHOLE_FILES => {
                return Err(ApiError::field("file", "Send at most 20 files at once."));
            }
            Some(name) => {
                let pieces = pin!(part.map(|piece| {
                    budget.store(BETWEEN, Ordering::Relaxed);
                    piece.map_err(|e| broken(&e))
                }));
                let arrived = intake.take(pieces).await?;
                // What a browser sends of a field that nobody has filled.
                if !(name.is_empty() && arrived.size_bytes == 0) {
                    let name = options.filename.clone().unwrap_or(name);
                    files.push(Received { name, arrived });
                }
            }
            None if fields == FIELDS => {
                return Err(ApiError::field("file", "The form has too many fields."));
            }
            None => {
                fields += 1;
                let name = part.name().unwrap_or_default().to_owned();
                let text = timeout_at(intake.deadline(), text(&name, part));
                let text = text.await.map_err(|_| late())??;
                given.once(&name)?;
                options.set(&name, &text)?;
            }
        }
    }
}

/// The request, whose body breaks off when the budget is spent.
fn within(budget: &Arc<AtomicUsize>, request: Request) -> Request {
    let budget = budget.clone();
    request.map(|body| {
        Body::from_stream(one_by_one(body).map(move |piece| {
            let piece: Bytes = piece.map_err(std::io::Error::other)?;
            let left = budget.load(Ordering::Relaxed);
            let left = left
                .checked_sub(piece.len())
                .ok_or_else(|| std::io::Error::other("too much between two pieces"))?;
            budget.store(left, Ordering::Relaxed);
            Ok::<_, std::io::Error>(piece)
        }))
    })
}

/// The body in small pieces, each only when the one before has been looked at: the parser of forms reads as long as something is there, and would
/// have all of a quick sender's form in memory before it hands out any of it.
fn one_by_one(body: Body) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    let mut body = body.into_data_stream();
    let (mut rest, mut has_given) = (Bytes::new(), false);
    poll_fn(move |context| {
        if std::mem::take(&mut has_given) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        while rest.is_empty() {
            match ready!(body.poll_next_unpin(context)) {
                Some(Ok(bytes)) => rest = bytes,
                end => return Poll::Ready(end),
            }
        }
        has_given = true;
        let piece = rest.split_to(rest.len().min(PIECE));
        Poll::Ready(Some(Ok(piece)))
    })
}

fn broken(error: &MultipartError) -> ApiError {
    tracing::debug!(%error, "a form could not be read");
    broke_off()
}

fn broke_off() -> ApiError {
    ApiError::new(
        ProblemCode::BadRequest,
        "The request broke off, or is no form. Nothing of it was kept.",
    )
}

/// A field that is no file.
async fn text(name: &str, mut part: Field<'_>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(|e| broken(&e))? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > FIELD {
            return Err(ApiError::field(name, "This is too long for an option."));
        }
    }
    String::from_utf8(bytes).map_err(|_| ApiError::field(name, "This is no text in UTF-8."))
}
