//! Stuck uploads.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::Audit;
use super::report::Fault;
use crate::db::upload::{Model, State};
use crate::inventory::InventoryError;
use crate::inventory::rows::{self, PAGE};
use crate::{keys, worker};

impl Audit<'_> {
    /// Every upload.
    pub(super) async fn uploads(&mut self) -> Result<(), InventoryError> {
        let mut after = None;
        loop {
            let page = rows::uploads(self.db, after).await?;
            after = page
                .last()
                .filter(|_| page.len() as u64 == PAGE)
                .map(|upload| upload.id);
            self.report.checked.uploads += page.len() as u64;
            let now = self.clock.now();
            let stuck: HashMap<_, _> = page
                .iter()
                .filter(|row| is_stuck(row, now))
                .map(|row| (row.id, row.lease_id))
                .collect();
            if !stuck.is_empty() {
                let mut again: Vec<_> = rows::uploads_of(self.db, stuck.keys().copied().collect())
                    .await?
                    .into_values()
                    .collect();
                again.retain(|row| is_stuck(row, now) && stuck.get(&row.id) == Some(&row.lease_id));
                again.sort_by_key(|row| row.id);
                for row in again {
                    self.report.add(Fault::StuckUpload {
                        upload: row.id,
                        lease_until: row.lease_until,
                    });
                }
            }
            let elsewhere = page
                .into_iter()
                .filter(|row| row.staging_key != keys::staging(row.id));
            self.shared(elsewhere.map(|row| row.staging_key).collect())
                .await?;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

fn is_stuck(upload: &Model, now: DateTime<Utc>) -> bool {
    upload.state == State::Processing && upload.lease_until.is_none_or(|until| is_over(until, now))
}

/// Whether a lease ran out more than two worker rounds ago: the first may just miss it, the second takes it.
fn is_over(until: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    until + 2 * worker::PAUSE < now
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_lease_is_over_two_rounds_of_the_worker_after_its_end() {
        let until = DateTime::UNIX_EPOCH;
        let over = |ms| is_over(until, until + TimeDelta::milliseconds(ms));
        assert_eq!([-1, 0, 4000, 4001].map(over), [false, false, false, true]);
    }
}
