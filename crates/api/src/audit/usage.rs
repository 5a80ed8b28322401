//! What accounts are said to use, and what they do.

use super::report::Fault;
use super::rows::{self, USERS_PAGE};
use super::{Audit, AuditError};

impl Audit<'_> {
    /// Every account.
    pub(super) async fn usage(&mut self) -> Result<(), AuditError> {
        let mut after = None;
        loop {
            let page = rows::usage(self.db, after).await?;
            after = page.last().filter(|_| page.len() as u64 == USERS_PAGE).map(|account| account.id);
            self.report.checked.users += page.len() as u64;
            let suspects: Vec<_> = page.iter().filter(|account| !account.adds_up()).map(|account| account.id).collect();
            if !suspects.is_empty() {
                for account in rows::usage_again(self.db, suspects).await? {
                    if !account.adds_up() {
                        let rows::Usage { id: user, username, used_bytes, held_bytes: expected_bytes } = account;
                        self.report.add(Fault::WrongUsage { user, username, used_bytes, expected_bytes });
                    }
                }
            }
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

impl rows::Usage {
    fn adds_up(&self) -> bool {
        self.used_bytes == self.held_bytes
    }
}
