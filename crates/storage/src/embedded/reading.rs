//! Reading objects.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use bytes::Bytes;
use futures::{Stream, stream};
use sha2::{Digest, Sha256};

use super::blocking::{Failure, blocking};
use super::folder::Opened;

/// The memory that a stalled reader holds, besides what was handed to its connection.
const PIECE: u64 = 128 * 1024;

/// The bytes of `range`. If that is the whole object its SHA-256 is checked before the last piece is sent, so that a damaged object ends in
/// an error and never looks complete; a small one does not even start.
pub async fn read(
    opened: Opened,
    range: Range<u64>,
) -> Result<impl Stream<Item = Result<Bytes, Failure>> + Send + Sync + 'static, Failure> {
    let whole = range == (0..opened.record.size);
    let reader = Reader {
        file: opened.file,
        at: range.start,
        end: range.end,
        check: whole.then(|| (Sha256::new(), opened.record.sha256)),
    };
    let first = next(reader).await?;
    Ok(stream::try_unfold((first, None), |(ready, reader)| async {
        match (ready, reader) {
            (Some((piece, reader)), _) => Ok(Some((piece, (None, Some(reader))))),
            (None, Some(reader)) => Ok(next(reader)
                .await?
                .map(|(piece, reader)| (piece, (None, Some(reader))))),
            (None, None) => Ok(None),
        }
    }))
}

async fn next(mut reader: Reader) -> Result<Option<(Bytes, Reader)>, Failure> {
    if reader.at == reader.end {
        return Ok(None);
    }
    blocking("read an object", move || {
        let piece = reader.next()?;
        Ok(Some((piece, reader)))
    })
    .await
}

struct Reader {
    file: File,
    at: u64,
    end: u64,
    check: Option<(Sha256, [u8; 32])>,
}

impl Reader {
    fn next(&mut self) -> io::Result<Bytes> {
        let length = PIECE.min(self.end - self.at);
        let mut piece = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.file.read_exact_at(&mut piece, self.at)?;
        self.at += length;
        if let Some((hash, _)) = &mut self.check {
            hash.update(&piece);
        }
        if self.at == self.end
            && let Some((hash, expected)) = self.check.take()
            && <[u8; 32]>::from(hash.finalize()) != expected
        {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "an object's bytes are damaged",
            ));
        }
        Ok(piece.into())
    }
}
