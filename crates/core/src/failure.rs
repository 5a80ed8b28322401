//! What can keep any rule from being carried out, whatever it is: the database, the storage, too much to do.

use std::error::Error;

use sea_orm::DbErr;
use tintype_storage::StoreError;

/// Why something was not done that no rule is against.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database did not carry it out.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// The storage did not carry it out.
    #[error("the storage failed")]
    Storage(#[from] StoreError),
    /// The storage lacks an object that a row names.
    #[error("the object {0} is missing")]
    MissingObject(String),
    /// Too many others wait, or the process shuts down.
    #[error("there is too much to do: try again in {seconds} s")]
    Overloaded {
        /// When to come back.
        seconds: u32,
    },
    /// No answer came in time.
    #[error("there was no answer in time")]
    TimedOut,
    /// Something that the code excludes.
    #[error("something happened that should not")]
    Unexpected(#[source] Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// Something that the code excludes, and why that is known.
    pub fn unexpected(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unexpected(cause.into())
    }
}

/// An error and its causes on one line, leaving out a cause that the text above it has named.
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
