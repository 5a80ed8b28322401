//! Short notices at the foot of the page, some with an action, all read out by screen readers.

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

/// What a notice offers to do.
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
    /// Says what happened.
    pub fn show(self, text: impl Into<String>) {
        self.push(text.into(), None, STAYS);
    }

    /// Says what happened and offers to take it back.
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

    /// Tells screen readers alone: what happened can be seen already.
    pub fn announce(self, text: impl Into<String>) {
        self.spoken.set(text.into());
    }

    /// Takes a notice away.
    pub fn dismiss(self, id: u32) {
        self.shown
            .update(|shown| shown.retain(|toast| toast.id != id));
    }

    /// What is shown, tracked.
    pub fn shown(self) -> Vec<Toast> {
        self.shown.get()
    }

    /// What screen readers are told, tracked.
    pub fn spoken(self) -> String {
        self.spoken.get()
    }

    fn push(self, text: String, action: Option<Action>, stays: Duration) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
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
