//! Images in albums.

use super::Audit;
use super::report::Fault;
use crate::inventory::InventoryError;
use crate::inventory::rows::{self, PAGE};

impl Audit<'_> {
    /// Every image in every album. One statement reads it with both rows that it names, so there is no second look.
    pub(super) async fn albums(&mut self) -> Result<(), InventoryError> {
        let mut after = None;
        loop {
            let page = rows::album_images(self.db, after).await?;
            after = page
                .last()
                .filter(|_| page.len() as u64 == PAGE)
                .map(|entry| (entry.album_id, entry.image_id));
            self.report.checked.album_images += page.len() as u64;
            let stray = page.into_iter().filter(|entry| !entry.is_sound());
            for entry in stray {
                self.report.add(Fault::StrayAlbumImage {
                    album: entry.album_id,
                    image: entry.image_id,
                });
            }
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

impl rows::AlbumEntry {
    fn is_sound(&self) -> bool {
        self.album_owner.is_some() && self.album_owner == self.image_owner
    }
}
