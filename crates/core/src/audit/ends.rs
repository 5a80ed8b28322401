//! Images that end, and when the worker comes by.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::Audit;
use super::report::Fault;
use crate::db::image::{Model, State};
use crate::inventory::InventoryError;
use crate::inventory::rows;
use crate::worker::CLAIM;

impl Audit<'_> {
    /// A page of images.
    pub(super) async fn ends(&mut self, page: &[Model]) -> Result<(), InventoryError> {
        let now = self.clock.now();
        let suspects: HashMap<_, _> = page
            .iter()
            .filter(|image| !is_scheduled(image, now))
            .map(|image| (image.id, image.due_at))
            .collect();
        if suspects.is_empty() {
            return Ok(());
        }
        let ids = suspects.keys().copied().collect();
        let mut again: Vec<_> = rows::images_again(self.db, ids)
            .await?
            .into_values()
            .collect();
        again.retain(|image| {
            !is_scheduled(image, now) && suspects.get(&image.id) == Some(&image.due_at)
        });
        again.sort_by_key(|image| image.id);
        for image in again {
            self.report.add(Fault::UnscheduledEnd {
                image: image.id,
                expires_at: image.expires_at,
                due_at: image.due_at,
            });
        }
        Ok(())
    }
}

/// Whether the worker comes by when a ready image ends, and not otherwise. One that has ended may be claimed by now.
fn is_scheduled(image: &Model, now: DateTime<Utc>) -> bool {
    match (image.expires_at, image.due_at) {
        _ if image.state != State::Ready => true,
        (Some(end), Some(due_at)) => due_at == end || (end < due_at && due_at <= now + CLAIM),
        (end, due_at) => end == due_at,
    }
}
