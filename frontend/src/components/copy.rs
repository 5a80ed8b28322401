//! The behaviour of all copy buttons.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::toasts::Toasts;
use crate::{clipboard, text};

const SHOWN: Duration = Duration::from_secs(2);

/// The label of a copy button: its name, or "copied" for two seconds.
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

/// Copies `content` and announces it in `label` and to screen readers. `fallback` runs if the browser refuses to copy.
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
