//! Bytes on their way in: bounded in number, in time and in memory. Small files stay in memory and larger ones in a file without a name, which goes
//! with the process.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tintype_core::db;
use tintype_core::uploads::Content;
use tintype_dto::ProblemCode;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout_at};

use crate::app::App;
use crate::problems::ApiError;
use crate::spool;

/// What is kept in memory of the files of a request together.
const IN_MEMORY: usize = 1024 * 1024;
/// What the type of a file is told by.
const HEAD: usize = 64;
/// How many times the bytes of the largest file those of a request may have together.
const FILES: u64 = 4;
/// How far a sender may fall behind the slowest pace.
const GRACE: Duration = Duration::from_secs(30);

/// A piece of a body.
pub type Piece = Result<Bytes, ApiError>;

/// What one request may still send.
pub struct Intake<'a> {
    app: &'a App,
    memory: usize,
    taken: u64,
    begun: Instant,
}

/// A file that has arrived.
pub struct Arrived {
    /// Its first bytes.
    pub head: Vec<u8>,
    pub size_bytes: u64,
    pub sha256: db::Sha256,
    pub content: Content,
}

impl<'a> Intake<'a> {
    pub fn new(app: &'a App) -> Self {
        Self {
            app,
            memory: IN_MEMORY,
            taken: 0,
            begun: Instant::now(),
        }
    }

    /// Until when the next piece has to be there.
    pub fn deadline(&self) -> Instant {
        let slowest = self.app.config.server.slowest_bytes_per_second.max(1);
        self.begun + GRACE + Duration::from_secs(self.taken / slowest)
    }

    /// One file, to its end.
    pub async fn take(
        &mut self,
        mut pieces: Pin<&mut (dyn Stream<Item = Piece> + Send)>,
    ) -> Result<Arrived, ApiError> {
        let (mut hash, mut size_bytes) = (Sha256::new(), 0);
        let (mut head, mut memory, mut spool) = (Vec::new(), Vec::new(), None);
        while let Some(piece) = self.next(&mut pieces).await? {
            size_bytes += piece.len() as u64;
            self.check(size_bytes)?;
            hash.update(&piece);
            head.extend_from_slice(&piece[..piece.len().min(HEAD - head.len())]);
            if spool.is_none() && piece.len() > self.memory {
                let mut file = spooled(self.app).await?;
                file.write_all(&memory).await.map_err(spool::failed)?;
                self.memory += memory.len();
                (memory, spool) = (Vec::new(), Some(file));
            }
            if let Some(file) = &mut spool {
                file.write_all(&piece).await.map_err(spool::failed)?;
            } else {
                self.memory -= piece.len();
                memory.extend_from_slice(&piece);
            }
        }
        let content = match spool {
            Some(mut file) => {
                file.flush().await.map_err(spool::failed)?;
                Content::File(Arc::new(file.into_std().await))
            }
            None => Content::Memory(memory.into()),
        };
        Ok(Arrived {
            head,
            size_bytes,
            sha256: db::Sha256(hash.finalize().into()),
            content,
        })
    }

    async fn next(
        &mut self,
        pieces: &mut Pin<&mut (dyn Stream<Item = Piece> + Send)>,
    ) -> Result<Option<Bytes>, ApiError> {
        let next = timeout_at(self.deadline(), pieces.next());
        let piece = next.await.map_err(|_| late())?.transpose()?;
        self.taken += piece.as_ref().map_or(0, Bytes::len) as u64;
        Ok(piece)
    }

    pub fn check(&self, size_bytes: u64) -> Result<(), ApiError> {
        let most = self.app.config.limits.max_bytes;
        let detail = if size_bytes > most {
            format!(
                "The file is larger than {most} bytes, the most that is accepted. Save it smaller."
            )
        } else if self.taken > most * FILES {
            format!(
                "The files of one request have more than {} bytes together. Send fewer at once.",
                most * FILES
            )
        } else {
            return Ok(());
        };
        Err(ApiError::new(ProblemCode::FileTooLarge, detail))
    }
}

/// The sender is too slow.
pub fn late() -> ApiError {
    ApiError::new(
        ProblemCode::RequestTimeout,
        "Send the files faster, or fewer of them.",
    )
}

async fn spooled(app: &App) -> Result<tokio::fs::File, ApiError> {
    let folder = app.config.spool_dir();
    let made = tokio::task::spawn_blocking(move || spool::file(&folder)).await;
    let file = made.map_err(ApiError::internal)?;
    Ok(tokio::fs::File::from_std(file.map_err(spool::failed)?))
}
