//! Storing a file of this machine: in pieces, however large it is.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::config::Config;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::{Stream, TryStreamExt, stream};
use http_body::Frame;
use http_body_util::StreamBody;

use crate::client::{SLOWEST, quietly, timeouts};
use crate::{Store, StoreError};

const PIECE: u64 = 128 * 1024;

impl Store {
    /// Stores what is in a file, over an object that has the same key. The store refuses bytes with another SHA-256.
    pub async fn put_file(
        &self,
        key: &str,
        content_type: &str,
        sha256: [u8; 32],
        file: Arc<File>,
    ) -> Result<(), StoreError> {
        const ACTION: &str = "put file";
        let unreadable = |e: io::Error| StoreError::Refused(crate::Cause::new(ACTION, e));
        let size_bytes = file.metadata().map_err(unreadable)?.len();
        let length = i64::try_from(size_bytes).map_err(|_| StoreError::TooLarge)?;
        // Each try reads it from the beginning.
        let body = SdkBody::retryable(move || {
            let frames = pieces(file.clone(), size_bytes).map_ok(Frame::data);
            SdkBody::from_body_1_x(StreamBody::new(frames))
        });
        let more = Duration::from_secs(size_bytes / SLOWEST);
        let put = self
            .own
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            .content_length(length)
            .checksum_sha256(BASE64_STANDARD.encode(sha256))
            .body(ByteStream::new(body))
            .customize()
            .config_override(Config::builder().timeout_config(timeouts(more)))
            .send();
        quietly(put)
            .await
            .map_err(|e| StoreError::from_sdk(ACTION, e))?;
        Ok(())
    }
}

fn pieces(
    file: Arc<File>,
    size_bytes: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static {
    stream::try_unfold(0, move |offset| {
        let file = file.clone();
        async move {
            let length = PIECE.min(size_bytes - offset);
            if length == 0 {
                return Ok(None);
            }
            let read = tokio::task::spawn_blocking(move || {
                let mut piece = vec![0; usize::try_from(length).map_err(io::Error::other)?];
                file.read_exact_at(&mut piece, offset)?;
                Ok::<_, io::Error>(Bytes::from(piece))
            });
            let piece = read.await.map_err(io::Error::other)??;
            Ok(Some((piece, offset + length)))
        }
    })
}
