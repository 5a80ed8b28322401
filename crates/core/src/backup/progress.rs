//! How far the work is.

use std::fmt;

/// A part of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Rows are written.
    Rows,
    /// Objects are copied.
    Objects,
    /// What is there is read and compared.
    Check,
    /// Objects are put into the bucket.
    PutBack,
    /// Rows are put into the database.
    Load,
    /// Images are put into the database by their manifests.
    Rebuild,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rows => "Writing rows",
            Self::Objects => "Copying objects",
            Self::Check => "Checking the backup",
            Self::PutBack => "Restoring objects",
            Self::Load => "Restoring rows",
            Self::Rebuild => "Bringing images back",
        })
    }
}

/// Who is told.
pub trait Progress: Send + Sync {
    /// A step begins. `total` is in bytes; of rows it is a number.
    fn begin(&self, step: Step, total: u64);
    /// So much more is done.
    fn advance(&self, done: u64);
}
