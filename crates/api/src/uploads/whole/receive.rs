//! Files on their way in: hashed as they come, small ones in memory and larger ones in a file without a name, which goes with the process.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use futures::{Stream, StreamExt, TryStreamExt, pin_mut};
use sha2::{Digest, Sha256};
use tintype_core::accounts::SessionKey;
use tintype_core::db;
use tintype_core::uploads::{Content, Whole, WholeFile, give_up, store_whole};
use tintype_dto::{MAX_WHOLE_FILES, ProblemCode};
use tintype_imaging::{Refusal, sniff};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::options::Options;
use crate::app::App;
use crate::problems::ApiError;

/// How long sending may take.
const MOST_TIME: Duration = Duration::from_mins(10);
/// What is kept in memory of a file.
const IN_MEMORY: usize = 1024 * 1024;
/// What its type is told by.
const HEAD: usize = 64;
/// The longest field of a form that is no file, bytes.
const FIELD: usize = 4096;
/// How many there may be.
const FIELDS: usize = 20;

/// What became of a file: it is stored, or refused for itself alone.
pub type Stored = Result<Whole, ApiError>;

/// A file of a request.
pub struct Received {
    pub name: String,
    pub stored: Stored,
}

/// Receives the files of a request and stores them. When the request itself is wrong or breaks off, nothing of it stays.
pub async fn receive(
    app: &App,
    session: SessionKey,
    request: Request,
    options: &mut Options,
) -> Result<Vec<Received>, ApiError> {
    let mut received = Vec::new();
    let taken = timeout(
        MOST_TIME,
        take_all(app, session, request, options, &mut received),
    );
    match taken.await.unwrap_or_else(|_| Err(late())) {
        Ok(()) if !received.is_empty() => Ok(received),
        result => {
            for file in received {
                if let Ok(Whole::Stored(id)) = file.stored {
                    give_up(app, session, id).await;
                }
            }
            Err(result.err().unwrap_or_else(|| {
                ApiError::field(
                    "file",
                    "Send a file: its bytes, or a form with a part that has a file name.",
                )
            }))
        }
    }
}

async fn take_all(
    app: &App,
    session: SessionKey,
    request: Request,
    options: &mut Options,
    received: &mut Vec<Received>,
) -> Result<(), ApiError> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.map_or(&b""[..], |value| value.as_bytes());
    if content_type.starts_with(b"application/json") {
        return Err(ApiError::new(
            ProblemCode::UnsupportedContentType,
            "Send the bytes of a file, or a form with files: JSON has neither.",
        ));
    }
    if !content_type.starts_with(b"multipart/form-data") {
        let name = options.filename.clone().unwrap_or_default();
        let body = request.into_body();
        if body.is_end_stream() {
            return Ok(());
        }
        let arrived = Arrived::read(app, chunks(body)).await?;
        received.push(store(app, session, name, arrived).await);
        return Ok(());
    }
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| ApiError::new(ProblemCode::BadRequest, "The form has no boundary."))?;
    let mut fields = 0;
    while let Some(part) = form.next_field().await.map_err(|e| broken(&e))? {
        let name = part.file_name().map(str::to_owned);
        match name {
            Some(_) if received.len() == MAX_WHOLE_FILES => {
                return Err(ApiError::field("file", "Send at most 20 files at once."));
            }
            Some(name) => {
                let name = options.filename.clone().unwrap_or(name);
                let arrived = Arrived::read(app, part.map_err(|e| broken(&e))).await?;
                received.push(store(app, session, name, arrived).await);
            }
            None if fields == FIELDS => {
                return Err(ApiError::field("file", "The form has too many fields."));
            }
            None => {
                fields += 1;
                let name = part.name().unwrap_or_default().to_owned();
                options.set(&name, &text(&name, part).await?)?;
            }
        }
    }
    Ok(())
}

fn late() -> ApiError {
    ApiError::new(
        ProblemCode::RequestTimeout,
        "Send the files faster, or fewer of them.",
    )
}

fn chunks(body: Body) -> impl Stream<Item = Result<Bytes, ApiError>> {
    body.into_data_stream().map_err(|_| broke_off())
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
    while let Some(chunk) = part.chunk().await.map_err(|e| broken(&e))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > FIELD {
            return Err(ApiError::field(name, "This is too long for an option."));
        }
    }
    String::from_utf8(bytes).map_err(|_| ApiError::field(name, "This is no text in UTF-8."))
}

async fn store(app: &App, session: SessionKey, name: String, arrived: Arrived) -> Received {
    let stored = try_store(app, session, name.clone(), arrived).await;
    Received { name, stored }
}

async fn try_store(app: &App, session: SessionKey, filename: String, arrived: Arrived) -> Stored {
    if arrived.size_bytes == 0 {
        return Err(ApiError::field("file", "The file is empty."));
    }
    let content_type = sniff(&arrived.head).map_err(|refusal| match refusal {
        Refusal::Unsupported(detail) => ApiError::new(ProblemCode::UnsupportedMedia, detail),
        other => ApiError::new(ProblemCode::UnsupportedMedia, other.to_string()),
    })?;
    let file = WholeFile {
        filename,
        content_type,
        size_bytes: arrived.size_bytes,
        sha256: arrived.sha256,
        content: arrived.content,
    };
    Ok(store_whole(app, session, file).await?)
}

/// A file that has arrived.
struct Arrived {
    head: Vec<u8>,
    size_bytes: u64,
    sha256: db::Sha256,
    content: Content,
}

impl Arrived {
    async fn read(
        app: &App,
        chunks: impl Stream<Item = Result<Bytes, ApiError>>,
    ) -> Result<Self, ApiError> {
        let most = app.config.limits.max_bytes;
        let (mut hash, mut size_bytes) = (Sha256::new(), 0);
        let (mut memory, mut spool) = (Vec::new(), None);
        let mut head = Vec::new();
        pin_mut!(chunks);
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            size_bytes += chunk.len() as u64;
            if size_bytes > most {
                let detail = format!(
                    "The file is larger than {most} bytes, the most that is accepted. Save it smaller."
                );
                return Err(ApiError::new(ProblemCode::FileTooLarge, detail));
            }
            hash.update(&chunk);
            head.extend_from_slice(&chunk[..chunk.len().min(HEAD - head.len())]);
            if spool.is_none() && memory.len() + chunk.len() > IN_MEMORY {
                let mut file = spooled(app).await?;
                file.write_all(&memory).await.map_err(unspooled)?;
                (memory, spool) = (Vec::new(), Some(file));
            }
            match &mut spool {
                Some(file) => file.write_all(&chunk).await.map_err(unspooled)?,
                None => memory.extend_from_slice(&chunk),
            }
        }
        let content = match spool {
            Some(mut file) => {
                file.flush().await.map_err(unspooled)?;
                Content::File(Arc::new(file.into_std().await))
            }
            None => Content::Memory(memory.into()),
        };
        Ok(Self {
            head,
            size_bytes,
            sha256: db::Sha256(hash.finalize().into()),
            content,
        })
    }
}

/// A file without a name: whatever ends the process, nothing of it is left.
async fn spooled(app: &App) -> Result<tokio::fs::File, ApiError> {
    let folder = app.config.spool_dir();
    let made = tokio::task::spawn_blocking(move || -> std::io::Result<File> {
        std::fs::create_dir_all(&folder)?;
        tempfile::tempfile_in(&folder)
    });
    let file = made.await.map_err(ApiError::internal)?;
    Ok(tokio::fs::File::from_std(file.map_err(unspooled)?))
}

fn unspooled(error: std::io::Error) -> ApiError {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return ApiError::new(
            ProblemCode::StorageFull,
            "The server has no space left. Tell the operator.",
        )
        .caused_by(error);
    }
    ApiError::internal(error)
}
