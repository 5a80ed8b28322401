//! Work on files, off the executor.

use std::error::Error;
use std::io;

use s3s::{S3Error, S3ErrorCode};

/// Runs file work away from the async threads, and logs its failure there.
///
/// (The log of the async side is off while `s3s` runs, see [`super::service`].)
pub async fn blocking<T: Send + 'static>(
    action: &'static str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    let work = move || {
        work().inspect_err(|error| tracing::error!(%error, action, "the object folder failed"))
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|error| Failure { action, error }),
        Err(error) => Err(Failure {
            action,
            error: io::Error::other(error),
        }),
    }
}

/// File work that failed.
#[derive(Debug, thiserror::Error)]
#[error("could not {action}")]
pub struct Failure {
    action: &'static str,
    #[source]
    error: io::Error,
}

impl From<Failure> for S3Error {
    /// Damage is permanent: 500. A full disk is 507. Anything else may pass: 503.
    fn from(failure: Failure) -> Self {
        use io::ErrorKind::{InvalidData, QuotaExceeded, StorageFull};
        let (code, status) = match failure.error.kind() {
            InvalidData => (S3ErrorCode::InternalError, 500),
            StorageFull | QuotaExceeded => (S3ErrorCode::Custom("InsufficientStorage".into()), 507),
            _ => (S3ErrorCode::ServiceUnavailable, 503),
        };
        let mut error = Self::with_source(code, Box::<dyn Error + Send + Sync>::from(failure));
        if let Ok(status) = http::StatusCode::from_u16(status) {
            error.set_status_code(status);
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_damage_and_from_what_may_pass() {
        for (kind, status, code) in [
            (io::ErrorKind::StorageFull, 507, "InsufficientStorage"),
            (io::ErrorKind::QuotaExceeded, 507, "InsufficientStorage"),
            (io::ErrorKind::InvalidData, 500, "InternalError"),
            (io::ErrorKind::Other, 503, "ServiceUnavailable"),
        ] {
            let error = S3Error::from(Failure {
                action: "try",
                error: kind.into(),
            });
            assert_eq!(
                (
                    error.status_code().map(|s| s.as_u16()),
                    error.code().as_str()
                ),
                (Some(status), code)
            );
        }
    }
}
