//! How a call to the store fails.

use std::error::Error;
use std::fmt;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

/// Why a call to a store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It can't be reached, does not answer in time, or fails: try again later.
    #[error("the storage is unavailable")]
    Unavailable(#[source] Cause),
    /// It has no space left.
    #[error("the storage is full")]
    Full,
    /// The object is larger than the caller wants.
    #[error("the object is too large")]
    TooLarge,
    /// It refused: wrong key, region, bucket or request. Trying again does not help.
    #[error("the storage refused the request")]
    Refused(#[source] Cause),
}

/// What was attempted, what the store answered, and the error below.
#[derive(Debug)]
pub struct Cause {
    action: &'static str,
    status: Option<u16>,
    code: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Cause {
    pub(crate) fn new(
        action: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            action,
            status: None,
            code: None,
            source: Some(source.into()),
        }
    }

    /// The HTTP status that came back, when one came back.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The S3 error code that came back, such as `AccessDenied`. Answers to HEAD carry none.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.action)?;
        if let Some(status) = self.status {
            write!(f, ": {status}")?;
        }
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        Ok(())
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl StoreError {
    /// Classifies an error of the SDK. It keeps only the status and the code of the response, and for a failed connection the error below.
    pub(crate) fn from_sdk<E>(action: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let status = error
            .raw_response()
            .map(|response| response.status().as_u16());
        let code = error
            .as_service_error()
            .and_then(|e| e.code())
            .map(str::to_owned);
        let service = matches!(error, SdkError::ServiceError(_));
        let built = !matches!(error, SdkError::ConstructionFailure(_));
        let source = if service {
            None
        } else {
            error.into_source().ok()
        };
        let cause = Cause {
            action,
            status,
            code,
            source,
        };
        match status {
            Some(507) => Self::Full,
            Some(501) if service => Self::Refused(cause),
            Some(408 | 429 | 500..) => Self::Unavailable(cause),
            _ if service || !built => Self::Refused(cause),
            _ => Self::Unavailable(cause),
        }
    }
}
