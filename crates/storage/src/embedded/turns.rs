//! Writers of one key, one after the other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// PUTs under way that may not replace an object: one to a key, so that what one URL has on the disk is never more than it was made for.
/// The newest one goes on, as the connection of an older one may be dead without anybody knowing.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<String, Arc<Notify>>>);

/// The turn of one PUT. It ends when this is dropped.
pub struct Turn<'a> {
    turns: &'a Turns,
    key: &'a str,
    over: Arc<Notify>,
}

impl Turns {
    /// Begins a PUT, and ends the one that is under way to the same key.
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

    /// There is an object now: what is under way would come to nothing.
    pub fn end(&self, key: &str) {
        if let Some(under_way) = self.lock().remove(key) {
            under_way.notify_one();
        }
    }

    /// A panic elsewhere leaves the map whole, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Waits until it is over before its end.
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
