//! Failures that any use case can have: the database, the storage, overload.

use std::error::Error;

use sea_orm::DbErr;
use tintype_storage::StoreError;

/// Why a permitted action failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// The storage failed.
    #[error("the storage failed")]
    Storage(#[from] StoreError),
    /// The storage lacks an object that a row names.
    #[error("the object {0} is missing")]
    MissingObject(String),
    /// The queue is full, or the process shuts down.
    #[error("there is too much to do: try again in {seconds} s")]
    Overloaded {
        /// When to try again.
        seconds: u32,
    },
    /// Timed out.
    #[error("there was no answer in time")]
    TimedOut,
    /// A state that the code rules out.
    #[error("something happened that should not")]
    Unexpected(#[source] Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// A state that the code rules out, with its cause.
    pub fn unexpected(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unexpected(cause.into())
    }
}

/// An error and its causes on one line. A cause that the text above it already contains is left out.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let text = error.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        source = error.source();
    }
    line
}
