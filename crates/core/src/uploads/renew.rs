//! Images made by an older cleaner are cleaned and rendered again. Their links stay, their objects change, and the old objects are swept
//! like those of a dead attempt.

use chrono::TimeDelta;
use tintype_dto::RemovedBy;
use tintype_imaging::CLEANER;

use super::finish::put_all;
use super::queries;
use super::turn::weight_of;
use crate::Failure;
use crate::db::{MediaType, image, upload};
use crate::images;
use crate::keys::FinalKeys;
use crate::metrics::UploadOutcome;
use crate::pipeline::Weight;
use crate::pipeline::{Announced, Checked, Outcome};
use crate::services::Services;

/// How long one attempt may take before its objects are swept. The old objects stay as long after it: a client may just have been
/// redirected to them.
const SWEEP_AFTER: TimeDelta = TimeDelta::minutes(5);

/// Cleans an image again, unless another process does. If this cleaner refuses it, the image stays as it is and audits count it.
pub async fn renew(services: &Services, image: image::Model) -> Result<(), Failure> {
    let Some(upload) =
        queries::begin_again(&services.db, image.id, services.clock.now() + SWEEP_AFTER).await?
    else {
        return Ok(());
    };
    match checked(services, &image).await? {
        Outcome::Passed(checked) => publish(services, &upload, image, *checked).await,
        Outcome::Refused(problem) => {
            tracing::warn!(image = %image.id, code = problem.code.name(), "an image can't be renewed: it stays as an older cleaner made it");
            Ok(images::queries::stays(&services.db, &image).await?)
        }
        // It had a slot for long work.
        Outcome::TooHeavy { .. } => Err(Failure::Overloaded { seconds: 5 }),
    }
}

async fn checked(services: &Services, image: &image::Model) -> Result<Outcome, Failure> {
    let announced = || Announced {
        size_bytes: image.size_bytes.cast_unsigned(),
        sha256: Some(image.sha256),
    };
    let (mut weight, mut cost) = (
        weight_of(image.size_bytes),
        crate::pipeline::estimated_ms(image.size_bytes.cast_unsigned()).unsigned_abs(),
    );
    loop {
        let slot = services
            .pipeline
            .slot(image.user_id, weight, cost)
            .await
            .map_err(Failure::unexpected)?;
        let bytes = services
            .store
            .get(&image.original_key, image.size_bytes.cast_unsigned())
            .await?;
        let bytes = bytes.ok_or_else(|| Failure::MissingObject(image.original_key.clone()))?;
        match services.pipeline.check(slot, bytes, announced()).await? {
            Outcome::TooHeavy { ms } if weight == Weight::Light => {
                (weight, cost) = (Weight::Heavy, ms.into());
            }
            outcome => return Ok(outcome),
        }
    }
}

async fn publish(
    services: &Services,
    upload: &upload::Model,
    image: image::Model,
    checked: Checked,
) -> Result<(), Failure> {
    // The type is part of the address.
    if image.content_type != MediaType(checked.content_type) {
        return Ok(images::queries::stays(&services.db, &image).await?);
    }
    let keys = put_all(
        services,
        FinalKeys::of(upload.id, upload.attempts),
        &checked,
    )
    .await?;
    let renewed = image::Model {
        size_bytes: i64::try_from(checked.original.len()).map_err(Failure::unexpected)?,
        width: i32::try_from(checked.width).map_err(Failure::unexpected)?,
        height: i32::try_from(checked.height).map_err(Failure::unexpected)?,
        sha256: checked.sha256,
        removed: image
            .removed
            .clone()
            .with(&checked.removed, RemovedBy::Server),
        placeholder: checked.placeholder,
        original_key: keys.original,
        preview_key: keys.preview,
        thumb_key: keys.thumb,
        animated: checked.animated,
        cleaner: CLEANER,
        ..image.clone()
    };
    if queries::publish_again(
        &services.db,
        upload,
        &image,
        renewed,
        services.clock.now() + SWEEP_AFTER,
    )
    .await?
    {
        services.metrics.upload(UploadOutcome::Renewed);
    }
    Ok(())
}
