//! What an operator takes out of the installation that the settings describe.

use tintype_core::clock::Clock;
use tintype_core::db;
use tintype_core::operator::{self, OperatorError, Place};

use crate::config::Config;
use crate::maintenance::{MaintenanceError, store_of_running};

/// Why nothing was removed.
#[derive(Debug, thiserror::Error)]
pub enum RemovalError {
    /// The store can't be opened.
    #[error(transparent)]
    Store(#[from] MaintenanceError),
    /// The database can't be opened.
    #[error("the database can't be opened: `tintype doctor` says what is wrong")]
    Database(#[from] sea_orm::DbErr),
    /// A rule forbids it, or the work failed.
    #[error(transparent)]
    Operator(#[from] OperatorError),
}

/// Deletes an account with everything in it, whether a server runs or not.
///
/// # Errors
/// See [`RemovalError`].
pub async fn delete_user(config: &Config, name: &str) -> Result<(), RemovalError> {
    let (store, _lock) = store_of_running(config).await?;
    let place = Place {
        db: &db::connect_beside(&config.database_url()).await?,
        store: &store,
        clock: &Clock::default(),
    };
    Ok(operator::delete_user(place, name).await?)
}

/// Deletes an image for good, the same.
///
/// # Errors
/// See [`RemovalError`].
pub async fn remove_image(config: &Config, slug: &str) -> Result<(), RemovalError> {
    let (store, _lock) = store_of_running(config).await?;
    let place = Place {
        db: &db::connect_beside(&config.database_url()).await?,
        store: &store,
        clock: &Clock::default(),
    };
    Ok(operator::remove_image(place, slug).await?)
}
