use std::{io::Write, mem, sync::Arc};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use s3s::{
    S3Error, S3ErrorCode, S3Result, StdError,
    crypto::{Checksum, Md5},
    s3_error,
};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::{
    blocking::blocking,
    folder::{Folder, Published, Replace, Temp},
    pace::Pace,
    record::Record,
};
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

/// Stores a body if it is exactly what was announced, and nothing otherwise. Answers the SHA-256 in hex.
pub async fn store(
    folder: Arc<Folder>,
    announced: Announced,
    pace: Pace,
    mut body: impl Stream<Item = Result<Bytes, StdError>> + Unpin,
) -> S3Result<String> {
    let mut writer = {
        let folder = folder.clone();
        let with_md5 = announced.md5.is_some();
        blocking("create a file", move || Ok(Writer::new(folder.create()?, with_md5))).await?
    };
    failpoint("store.file-made");
    let mut batch = Vec::new();
    let mut gathered = 0;
    // None: later than there is a time for.
    let end = Instant::now().checked_add(pace.limit(announced.size));
    while let Some(piece) = next(&mut body, pace, end).await? {
        gathered += piece.len();
        batch.push(piece);
        if writer.size + gathered as u64 > announced.size {
            return Err(s3_error!(IncompleteBody, "the body is longer than announced"));
        }
        if gathered >= BATCH {
            writer = write(writer, mem::take(&mut batch)).await?;
            gathered = 0;
        }
    }
    let writer = write(writer, batch).await?;
    failpoint("store.body-written");
    let (record, replace, temp) = writer.check(folder.bucket(), announced)?;
    let sha256 = record.sha256.clone();
    let published = blocking("store an object", move || {
        record.write(&temp.file)?;
        failpoint("store.record-written");
        folder.publish(&temp, &record, replace)
    });
    match published.await? {
        Published::Stored => Ok(sha256),
        Published::Taken => Err(taken()),
    }
}

/// The answer to `If-None-Match: *` for a key that has an object.
pub fn taken() -> S3Error {
    S3Error::with_message(S3ErrorCode::PreconditionFailed, "There is an object with this key already.")
}

struct Writer {
    temp: Temp,
    size: u64,
    sha256: Sha256,
    md5: Option<Md5>,
}

impl Writer {
    fn new(temp: Temp, with_md5: bool) -> Self {
        Self { temp, size: 0, sha256: Sha256::new(), md5: with_md5.then(Md5::new) }
    }

    fn check(self, bucket: &str, announced: Announced) -> S3Result<(Record, Replace, Temp)> {
        if self.size != announced.size {
            return Err(s3_error!(IncompleteBody, "the body is shorter than announced"));
        }
        let sha256: [u8; 32] = self.sha256.finalize().into();
        let md5_differs = match (self.md5, announced.md5) {
            (Some(found), Some(expected)) => found.finalize().as_ref() != expected,
            _ => false,
        };
        if md5_differs || announced.sha256.is_some_and(|expected| expected != sha256) {
            return Err(s3_error!(BadDigest, "the checksum differs from the announced one"));
        }
        let record = Record {
            bucket: bucket.to_owned(),
            key: announced.key,
            content_type: announced.content_type,
            size: self.size,
            sha256: hex::encode(sha256),
        };
        Ok((record, announced.replace, self.temp))
    }
}

async fn write(mut writer: Writer, batch: Vec<Bytes>) -> S3Result<Writer> {
    let written = blocking("write to a file", move || {
        for piece in batch {
            writer.temp.file.write_all(&piece)?;
            writer.size += piece.len() as u64;
            writer.sha256.update(&piece);
            if let Some(md5) = &mut writer.md5 {
                md5.update(&piece);
            }
        }
        Ok(writer)
    });
    Ok(written.await?)
}

async fn next(
    body: &mut (impl Stream<Item = Result<Bytes, StdError>> + Unpin),
    pace: Pace,
    end: Option<Instant>,
) -> S3Result<Option<Bytes>> {
    let wait = Instant::now() + pace.pause;
    match tokio::time::timeout_at(end.map_or(wait, |end| end.min(wait)), body.next()).await {
        Ok(piece) => piece.transpose().map_err(|error| {
            let mut incomplete = s3_error!(IncompleteBody, "the body broke off, or is not the signed one");
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
        sent_at(Pace::default(), 6, stream::iter(pieces.into_iter().map(|piece| piece.map(Bytes::from)))).await
    }

    async fn sent_at(pace: Pace, size: u64, body: impl Stream<Item = Result<Bytes, StdError>> + Unpin) -> (Option<S3ErrorCode>, bool) {
        let root = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::prepare(root.path(), "pictures").unwrap());
        let announced =
            Announced { key: "a".into(), content_type: "image/png".into(), size, sha256: None, md5: None, replace: Replace::Allowed };
        let stored = store(folder.clone(), announced, pace, body).await;
        let left = folder.open("a").unwrap().is_some() || root.path().join("tmp").read_dir().unwrap().count() > 0;
        (stored.err().map(|error| error.code().clone()), left)
    }

    #[tokio::test]
    async fn only_a_body_of_the_announced_size_is_stored() {
        assert_eq!(sent(vec![Ok("pix"), Ok("els")]).await, (None, true));
        for body in [vec![], vec![Ok("pix")], vec![Ok("pixels"), Ok("!")], vec![Ok("pix"), Err("cut".into())]] {
            assert_eq!(sent(body).await, (Some(S3ErrorCode::IncompleteBody), false));
        }
    }

    #[tokio::test]
    async fn a_body_that_pauses_or_trickles_ends_in_time_and_leaves_nothing() {
        let slow = Pace { pause: Duration::from_millis(20), least: Duration::from_millis(50), bytes_per_second: u64::MAX };
        let silent = stream::pending::<Result<Bytes, StdError>>();
        assert_eq!(sent_at(slow, 6, silent).await, (Some(S3ErrorCode::RequestTimeout), false));
        // Never a pause, and never an end.
        let trickle = || {
            Box::pin(stream::repeat(()).then(async |()| {
                tokio::task::yield_now().await;
                Ok(Bytes::from_static(b"."))
            }))
        };
        let slow = Pace { pause: Duration::from_mins(1), ..slow };
        assert_eq!(sent_at(slow, u64::MAX / 2, trickle()).await, (Some(S3ErrorCode::RequestTimeout), false));
        assert_eq!(sent_at(Pace::default(), 1000, trickle().take(1000).boxed()).await, (None, true));
    }
}
