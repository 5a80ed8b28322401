//! How much of files is held in memory at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes. A file that needs more than all of it has it for itself.
const ALL: u64 = 100_000_000;

/// See the module.
pub struct Room {
    free: Mutex<u64>,
    given_back: Condvar,
}

/// Some of it, until this is dropped.
pub struct Place<'a> {
    room: &'a Room,
    bytes: u64,
}

impl Room {
    pub fn new() -> Self {
        Self {
            free: Mutex::new(ALL),
            given_back: Condvar::new(),
        }
    }

    /// Waits for so much.
    pub fn take(&self, bytes: u64) -> Place<'_> {
        let bytes = bytes.min(ALL);
        let mut free = self
            .given_back
            .wait_while(self.free(), |free| *free < bytes)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= bytes;
        Place { room: self, bytes }
    }

    /// A number is whole at any time, also after a panic.
    fn free(&self) -> MutexGuard<'_, u64> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.room.free() += self.bytes;
        self.room.given_back.notify_all();
    }
}
