//! Objects in quarantine.

use super::Audit;
use crate::inventory::{InventoryError, Listing};
use crate::keys;

impl Audit<'_> {
    /// Counts the objects in quarantine: no row needs them, and they are no finding.
    pub(super) async fn quarantine(&mut self) -> Result<(), InventoryError> {
        let mut listing = Listing::new(self.store, keys::QUARANTINE);
        while let Some(objects) = listing.page().await? {
            self.report.checked.quarantined += objects.len() as u64;
            self.report.checked.quarantined_bytes +=
                objects.iter().map(|object| object.size_bytes).sum::<u64>();
        }
        Ok(())
    }
}
