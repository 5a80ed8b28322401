//! Exports of accounts, for the command line: the archives that their owners can take away, too.

use std::io::{self, Write};
use std::pin::pin;

use futures::StreamExt;
use sea_orm::DbErr;
use tintype_core::accounts::queries::find_by_login;

use crate::config::Config;
use crate::delivery::{Broken, everything_of};
use crate::maintenance::{MaintenanceError, services_beside};

/// Why there is no whole archive.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The installation can't be opened.
    #[error(transparent)]
    Installation(#[from] MaintenanceError),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// There is no such account.
    #[error("there is no account {0}")]
    NoAccount(String),
    /// Something was deleted meanwhile, or can't be read.
    #[error(
        "the archive broke off: run it again; if it breaks off again, `tintype audit --hashes` names what is wrong"
    )]
    Broken(#[source] Broken),
    /// There is no room for it, or nobody reads it any more.
    #[error("the archive can't be written: make room, or name another place")]
    Unwritten(#[source] io::Error),
}

/// Writes all that this account has, as one archive; whether the installation runs or not. How many bytes it has.
///
/// # Errors
/// See [`ExportError`]. What has been written until then is no whole archive.
pub async fn export(
    config: &Config,
    username: &str,
    into: &mut impl Write,
) -> Result<u64, ExportError> {
    let (services, _lock) = services_beside(config).await?;
    let user = find_by_login(&services.db, username).await?;
    let user = user.ok_or_else(|| ExportError::NoAccount(username.to_owned()))?;
    let owner = (user.id, user.username);
    let contents = everything_of(&services, owner, &config.spool_dir()).await;
    let contents = contents.map_err(ExportError::Broken)?;
    let size = contents.size();
    let pieces = contents.begin().await.map_err(ExportError::Broken)?;
    let mut pieces = pin!(pieces);
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(ExportError::Broken)?;
        into.write_all(&piece).map_err(ExportError::Unwritten)?;
    }
    into.flush().map_err(ExportError::Unwritten)?;
    services.db.close().await?;
    Ok(size)
}
