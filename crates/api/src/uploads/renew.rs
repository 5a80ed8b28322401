//! Images that an older cleaner made are cleaned and rendered again. Their links stay, what they lead to changes, and the objects from before
//! go as those of an attempt that died do.

use chrono::TimeDelta;
use tintype_dto::{ContentType, Removed, RemovedBy};
use tintype_imaging::CLEANER;

use super::finish::{FinalKeys, put_all};
use super::line::Weight;
use super::queries;
use super::turn::weight_of;
use super::workshop::{Announced, Checked, Outcome};
use crate::app::App;
use crate::db::{image, upload};
use crate::images;
use crate::problems::ApiError;

/// How long one attempt may take before its objects are swept. What was published before stays as long after it: somebody may have been
/// sent there.
const SWEEP_AFTER: TimeDelta = TimeDelta::minutes(5);

/// Cleans an image again, unless somebody else does. One that this cleaner refuses stays as it is, and is counted by audits.
pub async fn renew(app: &App, image: image::Model) -> Result<(), ApiError> {
    let Some(upload) = queries::begin_again(&app.db, image.id, app.clock.now() + SWEEP_AFTER).await? else { return Ok(()) };
    match checked(app, &image).await? {
        Outcome::Passed(checked) => publish(app, &upload, image, *checked).await,
        Outcome::Refused(problem) => {
            tracing::warn!(image = %image.id, code = problem.code.name(), "an image stays as an older cleaner made it");
            Ok(images::queries::stays(&app.db, &image).await?)
        }
        // It had a place for what takes long.
        Outcome::TooHeavy { .. } => Err(ApiError::overloaded(5)),
    }
}

async fn checked(app: &App, image: &image::Model) -> Result<Outcome, ApiError> {
    let announced = || Announced { size_bytes: image.size_bytes.cast_unsigned(), sha256: Some(image.sha256.clone()) };
    let (mut weight, mut cost) =
        (weight_of(image.size_bytes), super::estimate::estimated_ms(image.size_bytes.cast_unsigned()).unsigned_abs());
    loop {
        let bench = app.workshop.bench(image.user_id, weight, cost).await.map_err(ApiError::internal)?;
        let bytes = app.store.get(&image.original_key, image.size_bytes.cast_unsigned()).await?;
        let bytes = bytes.ok_or_else(|| ApiError::storage_unavailable(format!("{} is missing", image.original_key)))?;
        match app.workshop.check(bench, bytes, announced()).await? {
            Outcome::TooHeavy { ms } if weight == Weight::Light => (weight, cost) = (Weight::Heavy, ms.into()),
            outcome => return Ok(outcome),
        }
    }
}

async fn publish(app: &App, upload: &upload::Model, image: image::Model, checked: Checked) -> Result<(), ApiError> {
    // The type is part of the address.
    if ContentType::from_media_type(&image.content_type) != Some(checked.content_type) {
        return Ok(images::queries::stays(&app.db, &image).await?);
    }
    let keys = put_all(app, FinalKeys::of(upload, upload.attempts), &checked).await?;
    let mut removed: Vec<Removed> = serde_json::from_value(image.removed.clone()).map_err(ApiError::internal)?;
    removed.extend(checked.removed.iter().map(|code| Removed { code: *code, by: RemovedBy::Server }));
    removed.sort_unstable();
    removed.dedup();
    let renewed = image::Model {
        size_bytes: i64::try_from(checked.original.len()).map_err(ApiError::internal)?,
        width: i32::try_from(checked.width).map_err(ApiError::internal)?,
        height: i32::try_from(checked.height).map_err(ApiError::internal)?,
        sha256: checked.sha256,
        removed: serde_json::to_value(removed).map_err(ApiError::internal)?,
        placeholder: checked.placeholder,
        original_key: keys.original,
        preview_key: keys.preview,
        thumb_key: keys.thumb,
        animated: checked.animated,
        cleaner: CLEANER,
        ..image.clone()
    };
    if queries::publish_again(&app.db, upload, &image, renewed, app.clock.now() + SWEEP_AFTER).await? {
        app.metrics.upload("renewed");
    }
    Ok(())
}
