//! What all copy buttons do: copy, and say so.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::toasts::Toasts;
use crate::{clipboard, text};

const SHOWN: Duration = Duration::from_secs(2);

/// What a copy button says: its name, or for two seconds that it has copied.
#[derive(Clone, Copy)]
pub struct CopyLabel {
    name: &'static str,
    done: RwSignal<bool>,
}

impl CopyLabel {
    /// A button with this name.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            done: RwSignal::new(false),
        }
    }

    /// The label, tracked.
    pub fn get(self) -> &'static str {
        if self.done.get() {
            text::COPIED
        } else {
            self.name
        }
    }
}

/// Copies `content`, says so in `label` and to screen readers. `fallback` runs when the browser allows no copying.
pub fn copy_with_notice(
    content: String,
    label: CopyLabel,
    toasts: Toasts,
    fallback: impl FnOnce() + 'static,
) {
    spawn_local(async move {
        if clipboard::copy(&content).await {
            label.done.try_set(true);
            toasts.announce(text::LINK_COPIED);
            set_timeout(
                move || {
                    label.done.try_set(false);
                },
                SHOWN,
            );
        } else {
            toasts.show(text::CANNOT_COPY);
            fallback();
        }
    });
}
