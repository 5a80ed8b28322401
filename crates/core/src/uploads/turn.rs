//! Waiting for a turn to check a file.

use super::finish::{CheckError, Turned, finish, take};
use crate::Failure;
use crate::db::image;
use crate::db::upload::{Model, State};
use crate::pipeline::Weight;
use crate::services::Services;

/// Larger files may take seconds before their headers are read: 24 MB of empty blocks in a PNG of one pixel take five.
const QUICK_BYTES: i64 = 6_000_000;

/// The weight of a file whose size alone is known.
pub fn weight_of(size_bytes: i64) -> Weight {
    if size_bytes > QUICK_BYTES {
        Weight::Heavy
    } else {
        Weight::Light
    }
}

/// Waits for a landed file's turn, then checks it. Waiting holds no lease and no byte: a lease would run out, which counts against the
/// file. If this process has the file queued already, there is nothing to do. Returns the image if this check published it.
pub async fn check_in_turn(
    services: &Services,
    upload: Model,
) -> Result<Option<image::Model>, CheckError> {
    let Some(_ticket) = services.pipeline.ticket(upload.id) else {
        return Ok(None);
    };
    let mut upload = upload;
    let (mut weight, mut cost) = (
        weight_of(upload.size_bytes),
        upload.estimated_ms.unsigned_abs(),
    );
    loop {
        let slot = tokio::select! {
            slot = services.pipeline.slot(upload.user_id, weight, cost) => slot.map_err(Failure::unexpected)?,
            () = services.shutdown.aborting.cancelled() => return Err(Failure::Overloaded { seconds: 5 }.into()),
        };
        let Some(taken) = take(services, &upload, services.clock.now())
            .await
            .map_err(Failure::from)?
        else {
            return Ok(None);
        };
        match finish(services, &taken, slot).await? {
            Turned::Published(image) => return Ok(Some(*image)),
            Turned::Ended => return Ok(None),
            Turned::TooHeavy { ms } => {
                (weight, cost) = (Weight::Heavy, ms.into());
                upload = Model {
                    state: State::Pending,
                    lease_id: None,
                    lease_until: None,
                    ..taken.upload
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_never_has_the_last_place_whatever_its_header_says() {
        assert_eq!(
            [5_000_000, 24_000_000].map(weight_of),
            [Weight::Light, Weight::Heavy]
        );
    }
}
