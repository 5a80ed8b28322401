use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};

use crate::{library::use_library, text};

/// So long after the last letter the server is asked.
const PAUSE: Duration = Duration::from_millis(250);

/// Words to look for. They are looked for while one types.
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
        let look = move || library.look_for(value.trim().to_owned());
        due.set_value(set_timeout_with_handle(look, PAUSE).ok());
    };
    on_cleanup(stop);
    view! {
        <div class="search" role="search" hidden=hidden>
            <input
                type="search"
                name="search"
                maxlength="100"
                autocomplete="off"
                aria-label=text::SEARCH
                placeholder=text::SEARCH
                prop:value=move || library.search()
                on:input:target=move |event| typed(event.target().value())
            />
        </div>
    }
}
