//! Confirming an upload: the client says that its file is there and waits for the outcome.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use tintype_dto::Problem;
use tintype_storage::{StoreError, failpoint};
use tokio::time::Instant;
use tracing::Instrument;

use super::finish::CheckError;
use super::queries;
use super::reconcile::{end_aborted, reject_poisoned};
use super::state_machine::{Caller, Decision, Event, Found, decide};
use super::turn::check_in_turn;
use crate::Failure;
use crate::accounts::{SessionError, SessionKey};
use crate::db::upload::{Model, State};
use crate::db::{ImageId, UserId, image};
use crate::images;
use crate::services::Services;

/// How long a confirm waits for the image.
const PATIENCE: Duration = Duration::from_secs(5);
/// The delays between two polls of another process's work, from the first to the longest.
const PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(250)];
/// How long it sleeps when the queue is full.
const FULL_PAUSE: Duration = Duration::from_secs(1);

/// The outcome so far.
pub enum Confirmed {
    /// It is published.
    Published(Box<image::Model>),
    /// It is still being checked, or waits for its turn.
    InProgress(Box<Model>),
}

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// The session does not work.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The account has no such upload.
    #[error("there is no such upload")]
    NotFound,
    /// The file has not arrived yet.
    #[error("the file has not arrived")]
    NotUploaded,
    /// The file did not arrive in time.
    #[error("the file did not arrive in time")]
    Expired,
    /// The upload was aborted.
    #[error("the upload was given up")]
    Aborted,
    /// The file is refused.
    #[error("the file is refused: {}", .0.detail)]
    Rejected(Box<Problem>),
    /// It could not be checked.
    #[error(transparent)]
    Check(#[from] CheckError),
}

impl From<DbErr> for ConfirmError {
    fn from(error: DbErr) -> Self {
        Self::Check(CheckError::Failure(error.into()))
    }
}

impl From<StoreError> for ConfirmError {
    fn from(error: StoreError) -> Self {
        Self::Check(CheckError::Failure(error.into()))
    }
}

impl From<Failure> for ConfirmError {
    fn from(failure: Failure) -> Self {
        Self::Check(CheckError::Failure(failure))
    }
}

/// Has the file checked if it is there and no other process checks it, and waits for the outcome for a short time. Repeated and concurrent
/// confirms get the same outcome.
pub async fn confirm(
    services: &Services,
    session: &mut SessionKey,
    id: ImageId,
) -> Result<Confirmed, ConfirmError> {
    let place = services.pipeline.patience();
    let patience = place.as_ref().map_or(Duration::ZERO, |_| PATIENCE);
    let deadline = Instant::now() + patience;
    let [mut pause, longest] = PAUSES;
    loop {
        let upload = queries::find_for(&services.db, session, id).await?;
        let upload = upload.ok_or(ConfirmError::NotFound)?;
        let decision = decide(&upload, Event::Confirm, services.clock.now());
        if decision == Decision::ReplyWithOutcome {
            return outcome(services, upload).await;
        }
        let is_to_check = decision == Decision::CheckStorage && !services.pipeline.is_in_line(id);
        if is_to_check && let Some(image) = check_storage(services, &upload, deadline).await? {
            return published(image, services.clock.now());
        }
        if Instant::now() >= deadline {
            return Ok(Confirmed::InProgress(Box::new(upload)));
        }
        if !is_to_check {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }
}

async fn find(services: &Services, user_id: UserId, id: ImageId) -> Result<Model, ConfirmError> {
    let found = queries::find(&services.db, user_id, id).await?;
    found.ok_or(ConfirmError::NotFound)
}

/// Starts the check if the file is there, and waits for it until the deadline. Returns the image if this check publishes it.
async fn check_storage(
    services: &Services,
    upload: &Model,
    deadline: Instant,
) -> Result<Option<image::Model>, ConfirmError> {
    failpoint("confirm.begun");
    let found = Found::of(services.store.head(&upload.staging_key).await?);
    failpoint("confirm.looked");
    let checked = Event::StorageChecked {
        found,
        by: Caller::Client,
    };
    match decide(upload, checked, services.clock.now()) {
        Decision::NotUploaded => missing(services, upload, ConfirmError::NotUploaded).await?,
        Decision::TooLate => missing(services, upload, ConfirmError::Expired).await?,
        Decision::RejectPoisoned => reject_poisoned(services, upload).await?,
        Decision::EndAborted => end_aborted(services, upload).await?,
        // The account has too many queued files: the worker, or the next confirm, finds this one again.
        Decision::Claim if services.pipeline.is_full_for(upload.user_id) => {
            tokio::time::sleep_until(deadline.min(Instant::now() + FULL_PAUSE)).await;
        }
        Decision::Claim => return check(services, upload, deadline).await,
        _ => {}
    }
    Ok(None)
}

/// Between reading the row and the lookup, another confirm may have published the file and removed it from staging: it is not missing then.
async fn missing(
    services: &Services,
    upload: &Model,
    error: ConfirmError,
) -> Result<(), ConfirmError> {
    let current = find(services, upload.user_id, upload.id).await?;
    if (current.state, current.attempts) == (upload.state, upload.attempts) {
        return Err(error);
    }
    Ok(())
}

/// In its own task, so that the work continues when the client hangs up.
async fn check(
    services: &Services,
    upload: &Model,
    deadline: Instant,
) -> Result<Option<image::Model>, ConfirmError> {
    let work = services.shutdown.tasks.spawn({
        let (services, upload) = (services.clone(), upload.clone());
        async move { check_in_turn(&services, upload).await }.in_current_span()
    });
    match tokio::time::timeout_at(deadline, work).await {
        Ok(ended) => Ok(ended.map_err(Failure::unexpected)??),
        Err(_) => Ok(None),
    }
}

/// An image whose end has passed by the time at which it is there is none any more.
fn published(image: image::Model, now: DateTime<Utc>) -> Result<Confirmed, ConfirmError> {
    if image.lasts(now) {
        Ok(Confirmed::Published(Box::new(image)))
    } else {
        Err(ConfirmError::NotFound)
    }
}

async fn outcome(services: &Services, upload: Model) -> Result<Confirmed, ConfirmError> {
    match upload.state {
        State::Ready => {
            let (db, now) = (&services.db, services.clock.now());
            let image = images::queries::find(db, upload.user_id, upload.id, now).await?;
            let image = image.ok_or(ConfirmError::NotFound)?;
            Ok(Confirmed::Published(Box::new(image)))
        }
        State::Rejected => Err(rejection(&upload).map_or_else(
            || Failure::unexpected("rejected without a reason").into(),
            |problem| ConfirmError::Rejected(Box::new(problem)),
        )),
        State::Aborted => Err(ConfirmError::Aborted),
        State::Expired => Err(ConfirmError::Expired),
        State::Pending | State::Processing => Ok(Confirmed::InProgress(Box::new(upload))),
    }
}

/// Why an upload was rejected, if it was: the same each time.
#[must_use]
pub fn rejection(upload: &Model) -> Option<Problem> {
    let detail = upload.problem_detail.clone().unwrap_or_default();
    Some(Problem::new(upload.problem_code?.0, detail))
}
