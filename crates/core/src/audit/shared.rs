//! Keys that more than one row names.
//!
//! A row's key is in a folder named after the row's id, so only a key outside that folder can also be another row's.

use std::collections::{BTreeMap, HashSet};

use super::Audit;
use super::report::Fault;
use crate::inventory::{InventoryError, Row, rows};

/// How many keys one query looks up.
const BATCH: usize = 1000;

impl Audit<'_> {
    /// Reports those of these keys that stand in the database more than once.
    pub(super) async fn shared(&mut self, keys: Vec<String>) -> Result<(), InventoryError> {
        let keys: Vec<_> = keys
            .into_iter()
            .filter(|key| !self.shared.contains(key))
            .collect();
        for batch in keys.chunks(BATCH) {
            let suspects = self
                .named_twice(batch.iter().map(String::as_str).collect())
                .await?;
            let still = self
                .named_twice(suspects.keys().map(String::as_str).collect())
                .await?;
            for (key, rows) in still {
                self.shared.insert(key.clone());
                self.report.add(Fault::SharedKey { key, rows });
            }
        }
        Ok(())
    }

    async fn named_twice(
        &self,
        keys: HashSet<&str>,
    ) -> Result<BTreeMap<String, Vec<Row>>, InventoryError> {
        let mut all = BTreeMap::<_, Vec<_>>::new();
        if !keys.is_empty() {
            for (key, row) in rows::naming(self.db, &keys).await? {
                all.entry(key).or_default().push(row);
            }
        }
        all.retain(|_, rows| rows.len() > 1);
        for rows in all.values_mut() {
            rows.sort_unstable();
        }
        Ok(all)
    }
}
