//! The gallery's search field, and the day to jump to.

use std::time::Duration;

use leptos::html;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use crate::library::{Filter, use_library};
use crate::text;

/// How long after the last keystroke the search starts.
const PAUSE: Duration = Duration::from_millis(250);

/// A search as you type, and a day to jump to.
#[component]
pub fn Search(hidden: Signal<bool>) -> impl IntoView {
    let library = use_library();
    let due = StoredValue::new_local(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(due) = due.try_update_value(Option::take).flatten() {
            due.clear();
        }
    };
    let typed = move |value: String| {
        stop();
        let look = move || {
            library.set_filter(Filter {
                text: value.trim().to_owned(),
                ..library.filter_untracked()
            });
        };
        due.set_value(set_timeout_with_handle(look, PAUSE).ok());
    };
    on_cleanup(stop);
    let field = NodeRef::<html::Input>::new();
    // A search that is cleared elsewhere leaves the field; what somebody is typing stays as it is typed.
    Effect::new(move |_| {
        let text = library.filter().text;
        let Some(field) = field.get() else { return };
        if document().active_element().as_ref() != Some(field.as_ref()) {
            field.set_value(&text);
        }
    });
    view! {
        <div class="search" role="search" hidden=hidden>
            <input
                node_ref=field
                type="search"
                name="search"
                maxlength="100"
                autocomplete="off"
                aria-label=text::SEARCH
                placeholder=text::SEARCH
                on:input:target=move |event| typed(event.target().value())
            />
            <label class="until">
                {text::UNTIL}
                <input
                    type="date"
                    name="until"
                    aria-label=text::UNTIL
                    prop:value=move || library.filter().until
                    on:change:target=move |event| {
                        library.set_filter(Filter { until: event.target().value(), ..library.filter_untracked() });
                    }
                />
            </label>
            <button
                type="button"
                class="link-button"
                hidden=move || library.filter().is_all()
                on:click=move |_| library.set_filter(Filter::default())
            >
                {text::CLEAR_SEARCH}
            </button>
        </div>
    }
}
