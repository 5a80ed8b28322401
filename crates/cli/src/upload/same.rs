//! Which pictures are on their way: the same one under another name waits for the first, and then is there already.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// See the module.
#[derive(Default)]
pub struct Same {
    sent: Mutex<HashSet<String>>,
    ended: Condvar,
}

/// A picture is on its way until this is dropped.
pub struct Turn<'a> {
    same: &'a Same,
    hash: &'a str,
}

impl Same {
    /// Waits until no picture with this hash is on its way.
    pub fn wait<'a>(&'a self, hash: &'a str) -> Turn<'a> {
        let mut sent = self
            .ended
            .wait_while(self.sent(), |sent| sent.contains(hash))
            .unwrap_or_else(PoisonError::into_inner);
        sent.insert(hash.to_owned());
        Turn { same: self, hash }
    }

    /// A set is whole at any time, also after a panic.
    fn sent(&self) -> MutexGuard<'_, HashSet<String>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.same.sent().remove(self.hash);
        self.same.ended.notify_all();
    }
}
