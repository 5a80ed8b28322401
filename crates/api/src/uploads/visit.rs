use rand::RngExt;
use tintype_dto::{Problem, ProblemCode};
use tintype_storage::failpoint;

use super::finish::{FinalKeys, empty, empty_ended, take};
use super::machine::{Asker, Decision, Event, Found, IN_LINE, REMEMBER, decide, next_look};
use super::queries;
use crate::app::App;
use crate::db::upload::{Model, State};
use crate::images;
use crate::problems::ApiError;

/// The worker comes by an upload that is due: what never landed expires, what has ended is swept. What landed is to be checked: `true`.
/// Where it has been looked already, that is told.
pub async fn visit(app: &App, upload: &Model, found: Option<Found>) -> Result<bool, ApiError> {
    let now = app.clock.now();
    match decide(upload, Event::Visit, now) {
        Decision::Look if app.workshop.is_in_line(upload.id) => leave_in_line(app, upload).await?,
        Decision::Look => return look(app, upload, found).await,
        Decision::Empty => {
            empty(app, upload).await?;
            failpoint("visit.emptied");
            queries::look_again(&app.db, upload, Some(upload.expires_at)).await?;
        }
        Decision::Sweep => sweep(app, upload).await?,
        Decision::Forget => {
            drop_objects(app, upload).await?;
            failpoint("forget.dropped");
            queries::forget(&app.db, upload.id).await?;
        }
        _ => {}
    }
    Ok(false)
}

/// It waits for its turn, or is about to have it.
async fn leave_in_line(app: &App, upload: &Model) -> Result<(), ApiError> {
    Ok(queries::look_again(&app.db, upload, Some(app.clock.now() + IN_LINE)).await?)
}

/// Whether it is to be checked.
async fn look(app: &App, upload: &Model, found: Option<Found>) -> Result<bool, ApiError> {
    let found = match found {
        Some(found) => found,
        None => Found::of(app.store.head(&upload.staging_key).await?),
    };
    failpoint("visit.looked");
    let now = app.clock.now();
    match decide(upload, Event::Looked { found, by: Asker::Worker }, now) {
        Decision::Take => {
            leave_in_line(app, upload).await?;
            return Ok(!app.workshop.is_full_for(upload.user_id));
        }
        Decision::GiveUp => give_up(app, upload).await?,
        Decision::EndAborted => end_aborted(app, upload).await?,
        Decision::Expire => {
            if queries::end(&app.db, upload, State::Expired, now).await? {
                app.metrics.upload("expired");
            }
        }
        _ => {
            let next = next_look(upload, now, rand::rng().random_range(0..1000));
            if upload.state == State::Processing {
                // Its lease ran out, with nothing to check: an abort died before it had done anything.
                queries::release(&app.db, upload, next).await?;
            } else {
                queries::look_again(&app.db, upload, Some(next)).await?;
            }
        }
    }
    Ok(false)
}

/// Rejects a file whose checking never came to an end.
pub async fn give_up(app: &App, upload: &Model) -> Result<(), ApiError> {
    let detail = "This picture could not be checked. Open it in an editor and save it again.";
    if let Some(taken) = take(app, upload, app.clock.now()).await?
        && queries::reject(&app.db, &taken, &Problem::new(ProblemCode::ImageDamaged, detail)).await?
    {
        app.metrics.upload("rejected");
        empty_ended(app, &taken).await;
    }
    Ok(())
}

/// Ends an upload whose URL an abort has ended, without coming further.
pub async fn end_aborted(app: &App, upload: &Model) -> Result<(), ApiError> {
    if queries::end(&app.db, upload, State::Aborted, app.clock.now()).await? {
        app.metrics.upload("aborted");
    }
    Ok(())
}

/// The URL has expired, so nothing can land any more: what is left in staging, or of attempts that died, goes.
async fn sweep(app: &App, upload: &Model) -> Result<(), ApiError> {
    drop_objects(app, upload).await?;
    failpoint("visit.dropped");
    if upload.state != State::Ready {
        return Ok(queries::look_again(&app.db, upload, Some(upload.expires_at + REMEMBER)).await?);
    }
    if images::queries::exists(&app.db, upload.id).await? {
        Ok(queries::look_again(&app.db, upload, None).await?)
    } else {
        Ok(queries::forget(&app.db, upload.id).await?)
    }
}

async fn drop_objects(app: &App, upload: &Model) -> Result<(), ApiError> {
    app.store.delete(&upload.staging_key).await?;
    failpoint("visit.staging-dropped");
    let published = images::queries::original_key(&app.db, upload.id).await?;
    for attempt in 1..=upload.attempts {
        let keys = FinalKeys::of(upload, attempt);
        if published.as_ref() != Some(&keys.original) {
            app.store.delete(&keys.original).await?;
            failpoint("visit.attempt-dropped");
            app.store.delete(&keys.preview).await?;
            app.store.delete(&keys.thumb).await?;
        }
    }
    Ok(())
}
