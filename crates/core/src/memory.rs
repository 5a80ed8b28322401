//! A bounded memory of this process.

use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use lru::LruCache;

/// How many entries one has: that which nobody has asked for the longest goes first.
const MOST: usize = 4096;

/// Values by their keys, some thousands of them.
pub struct Memory<K: Hash + Eq, V>(Mutex<LruCache<K, V>>);

impl<K: Hash + Eq, V> Default for Memory<K, V> {
    fn default() -> Self {
        // One that knows its bound takes the room for it at once.
        Self(Mutex::new(LruCache::unbounded()))
    }
}

impl<K: Hash + Eq, V: Clone> Memory<K, V> {
    /// What is kept under this key.
    pub fn get(&self, key: &K) -> Option<V> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(key).cloned()
    }

    /// Keeps it.
    pub fn keep(&self, key: K, value: V) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.put(key, value);
        bound(&mut entries);
    }

    /// Changes what is kept under this key, `new` when there is nothing, and returns what the change does.
    pub fn change<R>(
        &self,
        key: K,
        new: impl FnOnce() -> V,
        change: impl FnOnce(&mut V) -> R,
    ) -> R {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let result = change(entries.get_or_insert_mut(key, new));
        bound(&mut entries);
        result
    }
}

fn bound<K: Hash + Eq, V>(entries: &mut LruCache<K, V>) {
    if entries.len() > MOST {
        entries.pop_lru();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_forgets_what_nobody_asks_for() {
        let memory = Memory::default();
        for key in 0..=MOST {
            memory.keep(key, key);
            assert_eq!(memory.get(&0), Some(0));
        }
        assert_eq!((memory.get(&1), memory.get(&MOST)), (None, Some(MOST)));
    }
}
