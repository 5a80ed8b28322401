use tintype_storage::failpoint;

use super::finish::{empty, holding, take};
use super::queries;
use crate::Failure;
use crate::db::upload::Model;
use crate::services::Services;

/// Gives an upload up. First nobody else may touch it, then its URL dies, and only then its room is free for another file: until then
/// the URL may still land what it was made for. `false`: somebody is checking it. When the store or the database fails nothing is given
/// back, and it can be tried again.
pub async fn abort(services: &Services, upload: &Model) -> Result<bool, Failure> {
    let Some(taken) = take(services, upload, services.clock.now()).await? else {
        return Ok(false);
    };
    holding(services, &taken, Box::pin(end(services, &taken))).await
}

async fn end(services: &Services, upload: &Model) -> Result<bool, Failure> {
    empty(services, upload).await?;
    failpoint("abort.emptied");
    let is_ours = queries::abort(&services.db, upload).await?;
    failpoint("abort.ended");
    if is_ours {
        services.metrics.upload("aborted");
    }
    Ok(is_ours)
}
