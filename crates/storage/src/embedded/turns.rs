//! One writer per key at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Running PUTs that may not replace an object: one per key, so that one URL never uses more disk than it was made for. The newest one
/// wins, as the connection of an older one may be dead without anyone noticing.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<String, Arc<Notify>>>);

/// The turn of one PUT. It ends when this is dropped.
pub struct Turn<'a> {
    turns: &'a Turns,
    key: &'a str,
    over: Arc<Notify>,
}

impl Turns {
    /// Starts a PUT, and ends the running one for the same key.
    pub fn begin<'a>(&'a self, key: &'a str) -> Turn<'a> {
        let over = Arc::new(Notify::new());
        if let Some(older) = self.lock().insert(key.to_owned(), over.clone()) {
            older.notify_one();
        }
        Turn {
            turns: self,
            key,
            over,
        }
    }

    /// There is an object now: the running PUT can't succeed any more.
    pub fn end(&self, key: &str) {
        if let Some(under_way) = self.lock().remove(key) {
            under_way.notify_one();
        }
    }

    /// A panic elsewhere leaves the map consistent, so a poisoned lock is fine.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Resolves when the turn ends early.
    pub async fn over(&self) {
        self.over.notified().await;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut turns = self.turns.lock();
        if turns
            .get(self.key)
            .is_some_and(|current| Arc::ptr_eq(current, &self.over))
        {
            turns.remove(self.key);
        }
    }
}
