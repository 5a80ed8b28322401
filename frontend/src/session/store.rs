//! The token's place in the browser. Where nothing is kept, the session lives as long as the tab.

use crate::kept;

/// The key in `localStorage`. The start-up script reads it too.
pub const KEY: &str = "tintype.session";

pub fn load() -> Option<String> {
    kept::get(KEY).filter(|token| !token.is_empty())
}

pub fn save(token: &str) {
    kept::set(KEY, token);
}

pub fn clear() {
    kept::remove(KEY);
}
