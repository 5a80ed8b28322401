//! The token in `localStorage`. Where storage is switched off, the session lives as long as the tab.

use crate::local_storage;

/// The key in `localStorage`. The start-up script reads it too.
pub const KEY: &str = "tintype.session";

pub fn load() -> Option<String> {
    local_storage::get(KEY).filter(|token| !token.is_empty())
}

pub fn save(token: &str) {
    local_storage::set(KEY, token);
}

pub fn clear() {
    local_storage::remove(KEY);
}
