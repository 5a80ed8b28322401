//! Short notices at the bottom of the page, some with an action, all announced to screen readers.

use std::time::Duration;

use leptos::prelude::*;

const STAYS: Duration = Duration::from_secs(6);
const STAYS_FOR_UNDO: Duration = Duration::from_secs(10);
const MOST: usize = 3;

/// One notice.
#[derive(Clone)]
pub struct Toast {
    pub id: u32,
    pub text: String,
    pub action: Option<Action>,
    pub stays: Duration,
}

/// The action of a notice.
#[derive(Clone, Copy)]
pub struct Action {
    pub label: &'static str,
    pub run: Callback<()>,
}

/// The notices. Copies are the same notices.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    spoken: RwSignal<String>,
    next: StoredValue<u32>,
}

/// Provides the notices to everything below.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts {
        shown: RwSignal::default(),
        spoken: RwSignal::default(),
        next: StoredValue::new(0),
    };
    provide_context(toasts);
    toasts
}

/// The notices.
pub fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Shows a notice.
    pub fn show(self, text: impl Into<String>) {
        self.push(text.into(), None, STAYS);
    }

    /// Shows a notice with an undo action.
    pub fn undoable(
        self,
        text: impl Into<String>,
        label: &'static str,
        run: impl Fn() + Send + Sync + 'static,
    ) {
        let action = Action {
            label,
            run: Callback::new(move |()| run()),
        };
        self.push(text.into(), Some(action), STAYS_FOR_UNDO);
    }

    /// Announces something to screen readers only, because it is visible already.
    pub fn announce(self, text: impl Into<String>) {
        self.spoken.set(text.into());
    }

    /// Removes a notice.
    pub fn dismiss(self, id: u32) {
        self.shown
            .update(|shown| shown.retain(|toast| toast.id != id));
    }

    /// The visible notices, tracked.
    pub fn shown(self) -> Vec<Toast> {
        self.shown.get()
    }

    /// The announcement for screen readers, tracked.
    pub fn spoken(self) -> String {
        self.spoken.get()
    }

    fn push(self, text: String, action: Option<Action>, stays: Duration) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.announce(text.clone());
        self.shown.update(|shown| {
            shown.push(Toast {
                id,
                text,
                action,
                stays,
            });
            let extra = shown.len().saturating_sub(MOST);
            shown.drain(..extra);
        });
    }
}
