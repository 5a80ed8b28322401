//! The recorded usage of accounts against their actual usage.

use super::Audit;
use super::report::Fault;
use crate::inventory::InventoryError;
use crate::inventory::rows::{self, USERS_PAGE};

impl Audit<'_> {
    /// Every account.
    pub(super) async fn usage(&mut self) -> Result<(), InventoryError> {
        let mut after = None;
        loop {
            let page = rows::usage(self.db, after).await?;
            after = page
                .last()
                .filter(|_| page.len() as u64 == USERS_PAGE)
                .map(|account| account.id);
            self.report.checked.users += page.len() as u64;
            let suspects: Vec<_> = page
                .iter()
                .filter(|account| !account.adds_up())
                .map(|account| account.id)
                .collect();
            if !suspects.is_empty() {
                for account in rows::usage_again(self.db, suspects).await? {
                    self.report_usage(account);
                }
            }
            if after.is_none() {
                return Ok(());
            }
        }
    }

    fn report_usage(&mut self, account: rows::Usage) {
        let rows::Usage {
            id: user,
            username,
            used_bytes,
            held_bytes: expected_bytes,
            said,
            found,
        } = account;
        if said != found {
            let (username, unfinished_uploads, unfinished_ms) =
                (username.clone(), said.uploads, said.ms);
            let (expected_uploads, expected_ms) = (found.uploads, found.ms);
            let fault = Fault::WrongUnfinished {
                user,
                username,
                unfinished_uploads,
                expected_uploads,
                unfinished_ms,
                expected_ms,
            };
            self.report.add(fault);
        }
        if used_bytes != expected_bytes {
            self.report.add(Fault::WrongUsage {
                user,
                username,
                used_bytes,
                expected_bytes,
            });
        }
    }
}

impl rows::Usage {
    fn adds_up(&self) -> bool {
        self.used_bytes == self.held_bytes && self.said == self.found
    }
}
