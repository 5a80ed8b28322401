//! Restores and rebuilds that have not come to their end. A note at the bucket's root tells of them: until it is gone, the database does not have
//! what the bucket has, and whoever believes it loses the rest.

use std::fmt;

use tintype_storage::StoreError;

use crate::keys;
use crate::objects::Objects;

/// What was broken off, or runs. The same command ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HalfDone {
    /// `tintype restore`
    Restore,
    /// `tintype rebuild`
    Rebuild,
}

impl HalfDone {
    /// What has not come to its end in this bucket.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn find(store: &Objects) -> Result<Option<Self>, StoreError> {
        let (restore, rebuild) =
            tokio::join!(store.head(keys::RESTORING), store.head(keys::REBUILDING));
        Ok(match (restore?, rebuild?) {
            (Some(_), _) => Some(Self::Restore),
            (None, Some(_)) => Some(Self::Rebuild),
            (None, None) => None,
        })
    }
}

impl fmt::Display for HalfDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Restore => "restore",
            Self::Rebuild => "rebuild",
        })
    }
}
