//! A file as it leaves this machine: looked at, cleaned and hashed. The server repeats all of it.

use sha2::{Digest, Sha256};
use tintype_dto::{CreateUpload, Limits, Problem, RemovedCode, Visibility};
use tintype_imaging::clean;

use crate::error::Error;

/// See the module.
pub struct Prepared {
    /// What is sent.
    pub bytes: Vec<u8>,
    /// What was cut from it.
    pub removed: Vec<RemovedCode>,
    /// Its announcement.
    pub announcement: CreateUpload,
}

/// Prepares a file; refuses what the server would refuse.
pub fn prepare(
    name: &str,
    bytes: Vec<u8>,
    limits: &Limits,
    private: bool,
) -> Result<Prepared, Error> {
    let limits = tintype_imaging::Limits {
        max_bytes: limits.max_bytes,
        max_pixels: limits.max_pixels,
        max_side: limits.max_side,
        ..tintype_imaging::Limits::default()
    };
    let refused = |refusal: tintype_imaging::Refusal| {
        Error::Refused(Box::new(Problem::new(refusal.code(), refusal.detail())))
    };
    let cleaned = clean(&bytes, &limits).map_err(refused)?;
    let removed = if cleaned.bytes == bytes {
        Vec::new()
    } else {
        cleaned.removed
    };
    drop(bytes);
    Ok(Prepared {
        announcement: CreateUpload {
            filename: name.into(),
            content_type: cleaned.inspection.content_type.media_type().into(),
            size_bytes: cleaned.bytes.len() as u64,
            sha256: Some(hex::encode(Sha256::digest(&cleaned.bytes))),
            removed_by_client: removed.clone(),
            visibility: private.then_some(Visibility::Private),
            created_at: None,
            expires_at: None,
        },
        bytes: cleaned.bytes,
        removed,
    })
}
