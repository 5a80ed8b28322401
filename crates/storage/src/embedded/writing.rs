//! Writing objects.

use std::io::{self, Write};
use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use s3s::crypto::{Checksum, Md5};
use s3s::{S3Error, S3ErrorCode, S3Result, StdError, s3_error};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::blocking::blocking;
use super::folder::{Folder, Published, Replace, Temp};
use super::pace::Pace;
use super::record::Record;
use super::turns::Turn;
use crate::failpoint;

/// Bytes gathered before they are handed to the disk.
const BATCH: usize = 256 * 1024;

/// What a PUT announces.
pub struct Announced {
    pub key: String,
    pub content_type: String,
    pub size: u64,
    pub sha256: Option<[u8; 32]>,
    pub md5: Option<[u8; 16]>,
    pub replace: Replace,
}

/// Stores a body if it is exactly what was announced. Returns its SHA-256.
pub async fn store(
    folder: Arc<Folder>,
    announced: Announced,
    pace: Pace,
    mut body: impl Stream<Item = Result<Bytes, StdError>> + Unpin,
) -> S3Result<[u8; 32]> {
    let announced = Arc::new(announced);
    let turn =
        (announced.replace == Replace::Refused).then(|| folder.turns().begin(&announced.key));
    let mut writer = None;
    let (mut batch, mut gathered, mut received) = (Vec::new(), 0, 0);
    // `None`: later than any time that can be represented.
    let end = Instant::now().checked_add(pace.limit(announced.size));
    loop {
        let piece = tokio::select! {
            piece = next(&mut body, pace, end) => piece?,
            () = over(turn.as_ref()) => return Err(superseded(&folder, &announced.key).await?),
        };
        let Some(piece) = piece else { break };
        gathered += piece.len();
        received += piece.len() as u64;
        batch.push(piece);
        if received > announced.size {
            return Err(s3_error!(
                IncompleteBody,
                "the body is longer than announced"
            ));
        }
        if gathered >= BATCH {
            let (folder, announced, full) =
                (folder.clone(), announced.clone(), mem::take(&mut batch));
            writer = Some(
                blocking("write to a file", move || {
                    write(&folder, &announced, writer, full)
                })
                .await??,
            );
            gathered = 0;
        }
    }
    if received != announced.size {
        return Err(s3_error!(
            IncompleteBody,
            "the body is shorter than announced"
        ));
    }
    // Writes the rest in one go on a blocking thread; for a small object that is everything.
    let (folder, announced) = (folder.clone(), announced.clone());
    let published = blocking("store an object", move || {
        match write(&folder, &announced, writer, batch)? {
            Ok(writer) => finish(&folder, &announced, writer),
            Err(refusal) => Ok(Err(refusal)),
        }
    });
    published.await?
}

/// When a PUT that may not replace an object has lost its turn.
async fn over(turn: Option<&Turn<'_>>) {
    match turn {
        Some(turn) => turn.over().await,
        None => std::future::pending().await,
    }
}

/// The response to a PUT that has lost its turn: to a finished PUT or to a running one.
async fn superseded(folder: &Arc<Folder>, key: &str) -> S3Result<S3Error> {
    let (folder, key) = (folder.clone(), key.to_owned());
    let is_there = blocking("look for an object", move || folder.holds(&key)).await?;
    Ok(if is_there {
        taken()
    } else {
        s3_error!(OperationAborted, "Another PUT to this key has begun.")
    })
}

/// The response to `If-None-Match: *` for a key that has an object.
fn taken() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::PreconditionFailed,
        "There is an object with this key already.",
    )
}

/// A file and its checksums so far.
struct Writer {
    temp: Temp,
    sha256: Sha256,
    md5: Option<Md5>,
}

/// Writes to the file, created on first use: the disk's failures are the outer error, refusals the inner one.
fn write(
    folder: &Folder,
    announced: &Announced,
    writer: Option<Writer>,
    pieces: Vec<Bytes>,
) -> io::Result<S3Result<Writer>> {
    let mut writer = if let Some(writer) = writer {
        writer
    } else {
        if announced.replace == Replace::Refused && folder.holds(&announced.key)? {
            return Ok(Err(taken()));
        }
        let temp = folder.create()?;
        failpoint("store.file-made");
        Writer {
            temp,
            sha256: Sha256::new(),
            md5: announced.md5.map(|_| Md5::new()),
        }
    };
    for piece in pieces {
        writer.temp.file.write_all(&piece)?;
        writer.sha256.update(&piece);
        if let Some(md5) = &mut writer.md5 {
            md5.update(&piece);
        }
    }
    Ok(Ok(writer))
}

/// Publishes the file as an object if its checksums are the announced ones.
fn finish(
    folder: &Folder,
    announced: &Announced,
    writer: Writer,
) -> io::Result<S3Result<[u8; 32]>> {
    failpoint("store.body-written");
    let sha256: [u8; 32] = writer.sha256.finalize().into();
    let md5_differs = match (writer.md5, announced.md5) {
        (Some(found), Some(expected)) => found.finalize().as_ref() != expected,
        _ => false,
    };
    if md5_differs || announced.sha256.is_some_and(|expected| expected != sha256) {
        return Ok(Err(s3_error!(
            BadDigest,
            "the checksum differs from the announced one"
        )));
    }
    let record = Record {
        bucket: folder.bucket().to_owned(),
        key: announced.key.clone(),
        content_type: announced.content_type.clone(),
        size: announced.size,
        sha256,
    };
    record.write(&writer.temp.file)?;
    failpoint("store.record-written");
    let published = folder.publish(&writer.temp, &record, announced.replace)?;
    folder.turns().end(&announced.key);
    Ok(match published {
        Published::Stored => Ok(record.sha256),
        Published::Taken => Err(taken()),
    })
}

async fn next(
    body: &mut (impl Stream<Item = Result<Bytes, StdError>> + Unpin),
    pace: Pace,
    end: Option<Instant>,
) -> S3Result<Option<Bytes>> {
    let wait = Instant::now() + pace.pause;
    match tokio::time::timeout_at(end.map_or(wait, |end| end.min(wait)), body.next()).await {
        Ok(piece) => piece.transpose().map_err(|error| {
            let mut incomplete = s3_error!(
                IncompleteBody,
                "the body broke off, or is not the signed one"
            );
            incomplete.set_source(error);
            incomplete
        }),
        Err(_elapsed) => Err(s3_error!(RequestTimeout, "the body comes too slowly")),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::time::Duration;

    use futures::stream;

    use super::*;

    /// Announces 6 bytes and sends `pieces`; answers the error's code, and whether any file is left.
    async fn sent(pieces: Vec<Result<&'static str, StdError>>) -> (Option<S3ErrorCode>, bool) {
        sent_at(
            Pace::default(),
            6,
            stream::iter(pieces.into_iter().map(|piece| piece.map(Bytes::from))),
        )
        .await
    }

    async fn sent_at(
        pace: Pace,
        size: u64,
        body: impl Stream<Item = Result<Bytes, StdError>> + Unpin,
    ) -> (Option<S3ErrorCode>, bool) {
        let root = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::prepare(root.path(), "pictures").unwrap());
        let announced = Announced {
            key: "a".into(),
            content_type: "image/png".into(),
            size,
            sha256: None,
            md5: None,
            replace: Replace::Allowed,
        };
        let stored = store(folder.clone(), announced, pace, body).await;
        let left = folder.open("a").unwrap().is_some()
            || root.path().join("tmp").read_dir().unwrap().count() > 0;
        (stored.err().map(|error| error.code().clone()), left)
    }

    #[tokio::test]
    async fn only_a_body_of_the_announced_size_is_stored() {
        assert_eq!(sent(vec![Ok("pix"), Ok("els")]).await, (None, true));
        for body in [
            vec![],
            vec![Ok("pix")],
            vec![Ok("pixels"), Ok("!")],
            vec![Ok("pix"), Err("cut".into())],
        ] {
            assert_eq!(sent(body).await, (Some(S3ErrorCode::IncompleteBody), false));
        }
    }

    fn new(key: &str, replace: Replace, size: u64) -> Announced {
        Announced {
            key: key.into(),
            content_type: "image/png".into(),
            size,
            sha256: None,
            md5: None,
            replace,
        }
    }

    /// A PUT that may not replace an object and has begun its body of 6 bytes, and the means to continue it.
    struct Begun {
        more: tokio::sync::mpsc::UnboundedSender<Bytes>,
        put: tokio::task::JoinHandle<S3Result<[u8; 32]>>,
    }

    impl Begun {
        async fn at(folder: &Arc<Folder>, key: &'static str) -> Self {
            let (more, pieces) = tokio::sync::mpsc::unbounded_channel();
            let asked = Arc::new(tokio::sync::Notify::new());
            let body = stream::unfold((pieces, asked.clone()), async |(mut pieces, asked)| {
                asked.notify_one();
                let piece: Bytes = pieces.recv().await?;
                Some((Ok(piece), (pieces, asked)))
            });
            let folder = folder.clone();
            let put = tokio::spawn(async move {
                store(
                    folder,
                    new(key, Replace::Refused, 6),
                    Pace::default(),
                    Box::pin(body),
                )
                .await
            });
            asked.notified().await;
            more.send(Bytes::from_static(b"pix")).unwrap();
            asked.notified().await;
            Self { more, put }
        }

        /// The code that refuses it.
        async fn refusal(self) -> Option<S3ErrorCode> {
            self.put
                .await
                .unwrap()
                .err()
                .map(|error| error.code().clone())
        }
    }

    #[tokio::test]
    async fn a_put_that_began_before_its_key_was_emptied_lands_nowhere_and_keeps_nothing_on_the_disk()
     {
        let root = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::prepare(root.path(), "pictures").unwrap());
        let begun = Begun::at(&folder, "a").await;
        let empty = stream::empty::<Result<Bytes, StdError>>();
        store(
            folder.clone(),
            new("a", Replace::Allowed, 0),
            Pace::default(),
            empty,
        )
        .await
        .unwrap();
        // Not a byte more has to come for that.
        assert_eq!(begun.refusal().await, Some(S3ErrorCode::PreconditionFailed));
        assert_eq!(folder.open("a").unwrap().unwrap().record.size, 0);
        assert_eq!(root.path().join("tmp").read_dir().unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_url_is_never_written_by_more_than_one_put_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::prepare(root.path(), "pictures").unwrap());
        let (older, other) = (Begun::at(&folder, "a").await, Begun::at(&folder, "b").await);
        let newer = Begun::at(&folder, "a").await;
        assert_eq!(older.refusal().await, Some(S3ErrorCode::OperationAborted));
        for begun in [newer, other] {
            begun.more.send(Bytes::from_static(b"els")).unwrap();
            drop(begun.more);
            assert!(begun.put.await.unwrap().is_ok());
        }
    }

    #[tokio::test]
    async fn a_body_that_pauses_or_trickles_ends_in_time_and_leaves_nothing() {
        let slow = Pace {
            pause: Duration::from_millis(20),
            least: Duration::from_millis(50),
            bytes_per_second: u64::MAX,
        };
        let silent = stream::pending::<Result<Bytes, StdError>>();
        assert_eq!(
            sent_at(slow, 6, silent).await,
            (Some(S3ErrorCode::RequestTimeout), false)
        );
        // Never a pause, and never an end.
        let trickle = || {
            Box::pin(stream::repeat(()).then(async |()| {
                tokio::task::yield_now().await;
                Ok(Bytes::from_static(b"."))
            }))
        };
        let slow = Pace {
            pause: Duration::from_mins(1),
            ..slow
        };
        assert_eq!(
            sent_at(slow, u64::MAX / 2, trickle()).await,
            (Some(S3ErrorCode::RequestTimeout), false)
        );
        assert_eq!(
            sent_at(Pace::default(), 1000, trickle().take(1000).boxed()).await,
            (None, true)
        );
    }
}
