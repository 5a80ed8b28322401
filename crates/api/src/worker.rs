//! Finishes what no client finishes: looks for files that landed, expires what never did, sweeps, deletes.

use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::problems::ApiError;
use crate::{images, uploads};

/// How often the worker looks for what is due.
const PAUSE: Duration = Duration::from_secs(2);
const BATCH: u64 = 50;
/// How long a row waits that failed, so that those which keep failing don't crowd out the others.
const PUT_OFF: TimeDelta = TimeDelta::seconds(15);

/// Goes round until it is stopped.
pub async fn run(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let more = match round(&app).await {
            Ok(found) => found == BATCH,
            Err(error) => {
                tracing::warn!(%error, "the worker tries again later");
                false
            }
        };
        if !more {
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

/// Does what is due at this moment, and says how much of one kind there was at most. One failing row does not hold up the others.
pub async fn round(app: &App) -> Result<u64, ApiError> {
    let now = app.clock.now();
    let due_uploads = uploads::queries::due(&app.db, now, BATCH).await?;
    for upload in &due_uploads {
        if let Err(error) = uploads::visit(app, upload).await {
            tracing::warn!(%error, upload = %upload.id, "an upload is put off");
            uploads::queries::look_again(&app.db, upload, Some(app.clock.now() + PUT_OFF)).await?;
        }
    }
    let due_images = images::queries::due(&app.db, now, BATCH).await?;
    for image in &due_images {
        if let Err(error) = images::visit(app, image).await {
            tracing::warn!(%error, image = %image.id, "an image is put off");
            images::queries::put_off(&app.db, image.id, app.clock.now() + PUT_OFF).await?;
        }
    }
    Ok(due_uploads.len().max(due_images.len()) as u64)
}
