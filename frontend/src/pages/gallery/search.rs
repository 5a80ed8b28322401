//! The gallery's search field, and the day to jump to. Both stand in the address.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::{ev, html};
use tintype_dto::SortOrder;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::jump::day_address;
use crate::components::Icon;
use crate::library::{Field, use_library};
use crate::router::{GALLERY, use_router};
use crate::text;
use crate::watch::watch;

/// How long after the last keystroke the search starts.
const PAUSE: Duration = Duration::from_millis(250);

/// A search as you type, and a day to jump to. On a phone both are buttons until they are wanted.
#[component]
pub fn Search(hidden: Signal<bool>) -> impl IntoView {
    let (library, router) = (use_library(), use_router());
    let open = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    let unfold = move |_| {
        if open.get_untracked() {
            return open.set(false);
        }
        window().scroll_to_with_x_and_y(0.0, 0.0);
        if let Some(field) = field.get_untracked() {
            field.focus().ok();
        }
    };
    view! {
        <div class="search" class:open=move || open.get() || !library.filter().is_all() role="search" hidden=hidden on:focusin=move |event| open.update(|open| *open |= !is_button(&event))>
            <button
                type="button"
                class="round unfold"
                aria-expanded=move || open.get().to_string()
                aria-label=text::SEARCH_OPEN
                on:click=unfold
            >
                {Icon::Search.view()}
            </button>
            <Words field />
            <label class="until" hidden=move || library.filter().sort() != SortOrder::Newest>
                {text::UNTIL}
                <input
                    type="date"
                    name="until"
                    aria-label=text::UNTIL
                    prop:value=move || router.param("day").unwrap_or_default()
                    on:change:target=move |event| router.go(&day_address(&library.filter_untracked(), &event.target().value()))
                />
            </label>
            <Choice field=Field::Visibility name=text::VISIBILITY options=&text::VISIBILITIES />
            <Choice field=Field::ContentType name=text::TYPE options=&text::TYPES />
            <Choice field=Field::Sort name=text::SORT options=&text::SORTS />
            <button type="button" class="link-button" hidden=move || library.filter().is_all() on:click=move |_| router.go(GALLERY)>
                {text::CLEAR_SEARCH}
            </button>
        </div>
    }
}

/// One of the values of a field.
#[component]
fn Choice(
    field: Field,
    name: &'static str,
    options: &'static [(&'static str, &'static str)],
) -> impl IntoView {
    let (library, router) = (use_library(), use_router());
    let choose = move |event: ev::Event| {
        let filter = library.filter_untracked();
        router.go(&filter.with(field, event_target_value(&event)).address());
    };
    let option = move |(value, name): &'static (&str, &str)| {
        let selected = move || library.filter().get(field) == *value;
        view! { <option value=*value prop:selected=selected>{*name}</option> }
    };
    view! {
        <select aria-label=name on:change=choose>
            {options.iter().map(option).collect_view()}
        </select>
    }
}

fn is_button(event: &ev::FocusEvent) -> bool {
    let element = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.tag_name() == "BUTTON")
}

#[component]
fn Words(field: NodeRef<html::Input>) -> impl IntoView {
    let (library, router) = (use_library(), use_router());
    let due = StoredValue::new_local(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(due) = due.try_update_value(Option::take).flatten() {
            due.clear();
        }
    };
    on_cleanup(stop);
    // What was searched for by this field.
    let sought = StoredValue::new(String::new());
    let typed = move |value: String| {
        stop();
        let look = move || {
            let before = library.filter_untracked();
            let is_first = before.get(Field::Words).is_empty();
            let text = value.trim().to_owned();
            sought.set_value(text.clone());
            let address = before.with(Field::Words, text).address();
            // One way back leads out of a search, however long one typed.
            if is_first {
                router.go(&address);
            } else {
                router.replace(&address);
            }
        };
        due.set_value(set_timeout_with_handle(look, PAUSE).ok());
    };
    // Another search than its own, by an address or the way back, is what it shows; what somebody is typing stays as it is typed.
    watch(move || {
        let text = library.filter().get(Field::Words).to_owned();
        let Some(field) = field.get() else { return };
        if sought.with_value(|sought| *sought != text) {
            field.set_value(&text);
            sought.set_value(text);
        }
    });
    view! {
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
    }
}
