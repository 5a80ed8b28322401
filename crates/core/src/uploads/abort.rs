//! Aborting an upload.

use sea_orm::DbErr;
use tintype_storage::failpoint;
use tracing::Instrument;

use super::finish::{empty, holding, take};
use super::queries;
use super::state_machine::{Decision, Event, decide};
use crate::Failure;
use crate::accounts::{SessionError, SessionKey};
use crate::db::ImageId;
use crate::db::upload::Model;
use crate::metrics::UploadOutcome;
use crate::services::Services;

/// Why an upload was not aborted.
#[derive(Debug, thiserror::Error)]
pub enum AbortError {
    /// The account has no such upload.
    #[error("there is no such upload")]
    NotFound,
    /// It is an image already.
    #[error("the upload is an image already")]
    AlreadyReady,
    /// It is being checked.
    #[error("the file is being checked")]
    Busy,
    /// The session does not work.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// It could not be done.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<DbErr> for AbortError {
    fn from(error: DbErr) -> Self {
        Self::Failure(error.into())
    }
}

/// Aborts an upload: its URL stops working, and a landed file is dropped. An upload that ended without an image stays as it is.
pub async fn abort(
    services: &Services,
    mut session: SessionKey,
    id: ImageId,
) -> Result<(), AbortError> {
    let upload = queries::find_for(&services.db, &mut session, id).await?;
    let upload = upload.ok_or(AbortError::NotFound)?;
    match decide(&upload, Event::Abort, services.clock.now()) {
        Decision::AlreadyReady => Err(AbortError::AlreadyReady),
        Decision::InProgress => Err(AbortError::Busy),
        Decision::Abort => {
            // In its own task, so that it finishes when the client hangs up.
            let work = services.shutdown.tasks.spawn({
                let services = services.clone();
                async move { take_and_end(&services, &upload).await }.in_current_span()
            });
            if work.await.map_err(Failure::unexpected)?? {
                Ok(())
            } else {
                Err(AbortError::Busy)
            }
        }
        _ => Ok(()),
    }
}

/// Takes the lease first, then makes the URL useless, then releases the quota: until then the URL can still write. `false`: it is being
/// checked. If the store or the database fails nothing is released, and the abort can be tried again.
async fn take_and_end(services: &Services, upload: &Model) -> Result<bool, Failure> {
    let Some(taken) = take(services, upload, services.clock.now()).await? else {
        return Ok(false);
    };
    let upload = &taken.upload;
    holding(services, upload, Box::pin(end(services, upload))).await
}

async fn end(services: &Services, upload: &Model) -> Result<bool, Failure> {
    empty(services, upload).await?;
    failpoint("abort.emptied");
    let is_ours = queries::abort(&services.db, upload).await?;
    failpoint("abort.ended");
    if is_ours {
        services.metrics.upload(UploadOutcome::Aborted);
    }
    Ok(is_ours)
}
