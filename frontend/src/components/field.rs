//! A form field and its state.

use leptos::prelude::*;
use leptos::{ev, html};
use tintype_dto::RuleError;

use crate::text;
use crate::watch::watch;

/// The value of a field, and its error.
#[derive(Clone, Copy)]
pub struct FieldState {
    value: RwSignal<String>,
    touched: RwSignal<bool>,
    refused: RwSignal<Option<(String, String)>>,
    rule: fn(&str) -> Result<(), RuleError>,
    input: NodeRef<html::Input>,
}

impl FieldState {
    /// An empty field, checked by `rule` once it has lost the focus.
    pub fn new(rule: fn(&str) -> Result<(), RuleError>) -> Self {
        Self {
            value: RwSignal::default(),
            touched: RwSignal::new(false),
            refused: RwSignal::new(None),
            rule,
            input: NodeRef::new(),
        }
    }

    /// The value, not tracked.
    pub fn value(self) -> String {
        self.value.get_untracked()
    }

    /// Shows the server's error until the value changes.
    pub fn refuse(self, message: String) {
        self.refused.set(Some((self.value(), message)));
        self.focus();
    }

    /// Empties it.
    pub fn clear(self) {
        self.value.set(String::new());
        self.touched.set(false);
    }

    /// Focuses the field.
    pub fn focus(self) {
        if let Some(input) = self.input.get_untracked() {
            input.focus().ok();
        }
    }

    /// The error to show, tracked.
    pub fn error(self) -> Option<String> {
        let value = self.value.get();
        match self.refused.get() {
            Some((refused, message)) if refused == value => Some(message),
            _ if !self.touched.get() => None,
            _ => (self.rule)(&value).err().map(Into::into),
        }
    }

    /// Shows the errors of these fields, focuses the first one, and returns whether there are none.
    pub fn check(states: &[Self]) -> bool {
        for state in states {
            state.touched.set(true);
        }
        let wrong = states
            .iter()
            .find(|state| (state.rule)(&state.value()).is_err());
        if let Some(state) = wrong {
            state.focus();
        }
        wrong.is_none()
    }
}

/// The rule of a field that must not be empty.
pub fn required(value: &str) -> Result<(), RuleError> {
    if value.is_empty() {
        Err(text::FILL_IN)
    } else {
        Ok(())
    }
}

/// A labelled input with a hint, which its error replaces.
#[component]
pub fn Field(
    state: FieldState,
    /// The input's `name`, and part of its ids.
    name: &'static str,
    label: &'static str,
    #[prop(default = "")] hint: &'static str,
    #[prop(default = "text")] kind: &'static str,
    autocomplete: &'static str,
    #[prop(optional)] focus: bool,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let is_password = kind == "password";
    let hint_id = format!("{name}-hint");
    if focus {
        watch(move || state.focus());
    }
    let on_blur = move |_: ev::FocusEvent| {
        // Leaving an empty field is no mistake yet. A field that is removed while it has the focus is blurred too.
        if state
            .value
            .try_with_untracked(|value| !value.is_empty())
            .unwrap_or(false)
        {
            state.touched.set(true);
        }
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <div class:with-button=is_password>
                <input
                    node_ref=state.input
                    id=name
                    name=name
                    type=move || if is_password && shown.get() { "text" } else { kind }
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    aria-describedby=hint_id.clone()
                    aria-invalid=move || state.error().map(|_| "true")
                    prop:value=state.value
                    on:input:target=move |event| state.value.set(event.target().value())
                    on:blur=on_blur
                />
                {is_password.then(|| view! { <ShowPassword shown /> })}
            </div>
            <p id=hint_id class="hint" class:bad=move || state.error().is_some() aria-live="polite">
                {move || state.error().unwrap_or_else(|| hint.into())}
            </p>
        </div>
    }
}

#[component]
fn ShowPassword(shown: RwSignal<bool>) -> impl IntoView {
    let name = move || {
        if shown.get() {
            text::HIDE_PASSWORD
        } else {
            text::SHOW_PASSWORD
        }
    };
    view! {
        <button type="button" aria-label=name on:click=move |_| shown.update(|shown| *shown = !*shown)>
            {move || if shown.get() { text::HIDE } else { text::SHOW }}
        </button>
    }
}
