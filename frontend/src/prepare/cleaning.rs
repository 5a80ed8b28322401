//! Whether pictures are cleaned before they leave this device. If not, the server cleans them.

use leptos::prelude::*;

use crate::local_storage;

/// The setting. Copies are the same.
#[derive(Clone, Copy)]
struct Cleaning(RwSignal<bool>);

/// Provides the setting, stored in this browser. On by default.
pub fn provide_cleaning() {
    provide_context(Cleaning(local_storage::switch("tintype.clean", true)));
}

/// The setting, to read or to change.
pub fn use_cleaning() -> RwSignal<bool> {
    expect_context::<Cleaning>().0
}
