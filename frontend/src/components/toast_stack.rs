//! The view of the notices.

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::{Icon, ListRow, rows};
use crate::focus;
use crate::text;
use crate::toasts::{Toast, use_toasts};

/// What screen readers say of the notices, and of what is visible anyway. One region that stays, whatever page shows the notices.
#[component]
pub fn Announcements() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="unseen" role="status" aria-live="polite">
            {move || toasts.spoken()}
        </div>
    }
}

/// The visible notices.
#[component]
pub fn ToastStack() -> impl IntoView {
    let toasts = use_toasts();
    let list = rows(move || {
        let row = |toast: Toast| ListRow::new(toast.id, move || view! { <Notice toast /> });
        toasts.shown().into_iter().map(row).collect()
    });
    view! {
        <div node_ref=list class="toasts"></div>
    }
}

/// One notice. It stays while the pointer or the focus is on it.
#[component]
fn Notice(toast: Toast) -> impl IntoView {
    let toasts = use_toasts();
    let Toast {
        id,
        text,
        action,
        stays,
    } = toast;
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(handle) = timer.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    let start = move || {
        stop();
        timer.try_update_value(|timer| {
            *timer = set_timeout_with_handle(move || toasts.dismiss(id), stays).ok();
        });
    };
    start();
    on_cleanup(stop);
    let dismiss = move || {
        toasts.dismiss(id);
        focus::keep();
    };
    let action = action.map(|action| {
        let act = move |_| {
            dismiss();
            action.run.run(());
        };
        view! {
            <button type="button" on:click=act>
                {action.label}
            </button>
        }
    });
    view! {
        <div
            class="toast"
            on:mouseenter=move |_| stop()
            on:mouseleave=move |_| start()
            on:focusin=move |_| stop()
            on:focusout=move |_| start()
        >
            <p>{text}</p>
            {action}
            <button type="button" class="dismiss" aria-label=text::DISMISS on:click=move |_| dismiss()>
                {Icon::Close.view()}
            </button>
        </div>
    }
}
