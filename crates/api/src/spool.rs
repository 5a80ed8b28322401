//! Files without a name, for what is too large for memory: whatever ends the process, nothing of them is left.

use std::fs::{DirBuilder, File};
use std::io::{self, BufWriter, Read, Seek};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use bytes::{Bytes, BytesMut};
use tempfile::SpooledTempFile;
use tintype_dto::ProblemCode;

use crate::problems::ApiError;

/// What is kept in memory of what may be small, bytes.
const IN_MEMORY: usize = 256 * 1024;
/// How much is read at once, bytes.
const PIECE: usize = 64 * 1024;

/// A file in this folder, which is made if it is missing.
pub fn file(folder: &Path) -> io::Result<File> {
    make(folder)?;
    tempfile::tempfile_in(folder)
}

/// The same, of which there is none as long as little is written.
pub fn small(folder: &Path) -> io::Result<BufWriter<SpooledTempFile>> {
    make(folder)?;
    Ok(BufWriter::new(tempfile::spooled_tempfile_in(
        IN_MEMORY, folder,
    )))
}

fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// What was written, from its beginning on.
pub fn read(written: BufWriter<SpooledTempFile>) -> io::Result<SpooledTempFile> {
    let mut file = written
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

/// The next piece of it; `None` at the end.
pub fn piece(file: &mut SpooledTempFile) -> io::Result<Option<Bytes>> {
    let mut piece = BytesMut::zeroed(PIECE);
    let read = file.read(&mut piece)?;
    piece.truncate(read);
    Ok((read > 0).then(|| piece.freeze()))
}

/// What a client is told when such a file can't be written or read.
pub fn failed(error: io::Error) -> ApiError {
    if error.kind() == io::ErrorKind::StorageFull {
        return ApiError::new(
            ProblemCode::StorageFull,
            "The server has no space left. Tell the operator.",
        )
        .caused_by(error);
    }
    ApiError::internal(error)
}
