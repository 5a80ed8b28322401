//! Objects that no row needs.

use tintype_storage::ListedObject;

use super::Audit;
use super::report::Fault;
use crate::inventory::{InventoryError, Listing, Orphans};
use crate::keys;

impl Audit<'_> {
    /// Every object under `staging/`.
    pub(super) async fn staging(&mut self) -> Result<(), InventoryError> {
        let mut listing = Listing::new(self.store, keys::STAGING);
        while let Some(objects) = listing.page().await? {
            self.report.checked.objects += objects.len() as u64;
            self.unnamed(objects).await?;
        }
        Ok(())
    }

    /// Reports those of these objects (at most 1,000) that are orphans.
    pub(super) async fn unnamed(
        &mut self,
        objects: Vec<ListedObject>,
    ) -> Result<(), InventoryError> {
        let orphans = Orphans {
            db: self.db,
            store: self.store,
            clock: self.clock,
            grace: self.options.grace,
        };
        let found = orphans.among(objects).await?;
        self.report.checked.new_objects += found.new;
        for ListedObject {
            key, size_bytes, ..
        } in found.orphans
        {
            self.report.add(Fault::Orphan { key, size_bytes });
        }
        Ok(())
    }
}
