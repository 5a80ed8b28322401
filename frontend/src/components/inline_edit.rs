//! Texts edited in place.

use std::pin::Pin;
use std::time::Duration;

use js_sys::JsString;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};
use tintype_dto::{Nfc, RuleError};

use crate::api::ApiError;
use crate::text;

/// How long it says that a text is saved.
const SHOWN: Duration = Duration::from_secs(3);

#[derive(Clone, PartialEq, Eq)]
enum Note {
    None,
    Said(&'static str),
    Wrong(String),
}

/// What saves a text.
pub type Saving = Pin<Box<dyn Future<Output = Result<(), ApiError>>>>;

/// A text that its owner edits in place.
#[derive(Clone, Copy)]
pub struct InlineText {
    /// Its name in the API.
    pub name: &'static str,
    /// Its name, for people.
    pub label: &'static str,
    /// What stands where there is none.
    pub invitation: &'static str,
    pub check: fn(&str, Nfc) -> Result<Option<String>, RuleError>,
    pub value: Signal<Option<String>>,
    pub save: Callback<Option<String>, Saving>,
}

/// Normalizes to NFC with the browser's Unicode tables.
fn nfc(text: &str) -> String {
    JsString::from(text).normalize("NFC").into()
}

fn forget(note: RwSignal<Note>) {
    if note.try_with_untracked(|note| *note == Note::Said(text::SAVED)) == Some(true) {
        note.set(Note::None);
    }
}

/// The state of one inline editor.
#[derive(Clone, Copy)]
struct Edit {
    text: InlineText,
    input: NodeRef<html::Textarea>,
    note: RwSignal<Note>,
}

impl Edit {
    fn saved(self) -> Option<String> {
        self.text.value.get_untracked()
    }

    /// Saves the typed text if it is valid and has changed.
    fn save(self) {
        // A field that leaves the page with the focus is blurred too, after its signals are gone.
        let Some(typed) = self
            .input
            .try_get_untracked()
            .flatten()
            .map(|input| input.value())
        else {
            return;
        };
        match (self.text.check)(&typed, nfc) {
            Ok(typed) if typed == self.saved() => self.note.set(Note::None),
            Ok(typed) => self.send(typed),
            Err(message) => self.note.set(Note::Wrong(message.into())),
        }
    }

    fn send(self, typed: Option<String>) {
        let Self { text, note, .. } = self;
        note.set(Note::Said(text::SAVING));
        let saving = text.save.run(typed);
        spawn_local(async move {
            match saving.await {
                Ok(()) => {
                    note.try_set(Note::Said(text::SAVED));
                    set_timeout(move || forget(note), SHOWN);
                }
                Err(error) => {
                    let words = error.field(text.name);
                    note.try_set(Note::Wrong(words.unwrap_or_else(|| error.message())));
                }
            }
        });
    }

    /// Enter leaves the field; Escape reverts it first.
    fn on_key(self, event: &ev::KeyboardEvent) {
        let Some(input) = self.input.get_untracked() else {
            return;
        };
        match event.key().as_str() {
            // One line is all there is; what follows is still meant for it.
            "Enter" if event.shift_key() => Some(()),
            "Enter" if !event.is_composing() => input.blur().ok(),
            "Escape" => {
                input.set_value(&self.saved().unwrap_or_default());
                self.note.set(Note::None);
                input.blur().ok()
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
    }
}

/// A text edited in place: Enter or leaving the field saves, Escape reverts.
#[component]
pub fn InlineEdit(
    text: InlineText,
    /// Whoever wants to lead the focus there.
    #[prop(default = NodeRef::new())]
    input: NodeRef<html::Textarea>,
) -> impl IntoView {
    let edit = Edit {
        text,
        input,
        note: RwSignal::new(Note::None),
    };
    let note = edit.note;
    let note_id = format!("{}-note", text.name);
    view! {
        <textarea
            node_ref=edit.input
            class=text.name
            rows="1"
            maxlength="1000"
            aria-label=text.label
            aria-describedby=note_id.clone()
            aria-invalid=move || matches!(note.get(), Note::Wrong(_)).then_some("true")
            placeholder=text.invitation
            prop:value=move || text.value.get().unwrap_or_default()
            on:keydown=move |event| edit.on_key(&event)
            on:blur=move |_| edit.save()
        />
        <p class="hint" id=note_id role="status" class:bad=move || matches!(note.get(), Note::Wrong(_))>
            {move || match note.get() {
                Note::None => String::new(),
                Note::Said(note) => note.into(),
                Note::Wrong(note) => note,
            }}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use tintype_dto::{Nfc, check_alt, check_filename, check_title};
    use wasm_bindgen_test::wasm_bindgen_test;

    include!("../../../crates/dto/fixtures/names.rs");

    #[wasm_bindgen_test]
    fn names_are_judged_in_the_page_as_on_the_server() {
        judge_all(super::nfc);
    }
}
