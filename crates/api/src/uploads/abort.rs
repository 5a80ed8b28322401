use tintype_storage::failpoint;

use super::finish::{empty, holding, take};
use super::queries;
use crate::app::App;
use crate::db::upload::Model;
use crate::problems::ApiError;

/// Gives an upload up. First nobody else may touch it, then its URL dies, and only then its room is free for another file: until then
/// the URL may still land what it was made for. `false`: somebody is checking it. When the store or the database fails nothing is given
/// back, and it can be tried again.
pub async fn abort(app: &App, upload: &Model) -> Result<bool, ApiError> {
    let Some(taken) = take(app, upload, app.clock.now()).await? else { return Ok(false) };
    holding(app, &taken, Box::pin(end(app, &taken))).await
}

async fn end(app: &App, upload: &Model) -> Result<bool, ApiError> {
    empty(app, upload).await?;
    failpoint("abort.emptied");
    let is_ours = queries::abort(&app.db, upload).await?;
    failpoint("abort.ended");
    if is_ours {
        app.metrics.upload("aborted");
    }
    Ok(is_ours)
}
