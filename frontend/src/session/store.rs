//! The token's place in `localStorage`. Without storage (a strict privacy mode) the session lives as long as the tab.

use web_sys::Storage;

/// The key in `localStorage`. The start-up script reads it too.
pub const KEY: &str = "tintype.session";

pub fn load() -> Option<String> {
    storage()?.get_item(KEY).ok().flatten().filter(|token| !token.is_empty())
}

pub fn save(token: &str) {
    if let Some(storage) = storage() {
        storage.set_item(KEY, token).ok();
    }
}

pub fn clear() {
    if let Some(storage) = storage() {
        storage.remove_item(KEY).ok();
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
