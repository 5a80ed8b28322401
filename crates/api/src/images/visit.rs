use tintype_storage::failpoint;

use super::queries::{self, Transition};
use crate::app::App;
use crate::db::image::{Model, State};
use crate::problems::ApiError;

/// The worker comes by an image that is due: its time in the trash is up, or its objects have to go.
pub async fn visit(app: &App, image: &Model) -> Result<(), ApiError> {
    let now = app.clock.now();
    match image.state {
        State::Ready => Ok(()),
        State::Trashed => {
            let step = Transition { user_id: image.user_id, id: image.id, from: &[State::Trashed], to: State::Deleting, due_at: Some(now) };
            // A restore that came first has cleared `due_at`, and moved it out of the trash.
            if queries::transition(&app.db, step).await? { purge(app, image).await } else { Ok(()) }
        }
        State::Deleting => purge(app, image).await,
    }
}

async fn purge(app: &App, image: &Model) -> Result<(), ApiError> {
    failpoint("purge.begun");
    app.store.delete(&image.original_key).await?;
    failpoint("purge.original-removed");
    for key in [&image.preview_key, &image.thumb_key].into_iter().flatten() {
        app.store.delete(key).await?;
    }
    failpoint("purge.renditions-removed");
    Ok(queries::forget(&app.db, image, app.clock.now()).await?)
}
