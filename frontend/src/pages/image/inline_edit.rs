//! A picture's title and alternative text, edited in place.

use std::time::Duration;

use js_sys::JsString;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};
use tintype_dto::{Image, RuleError, UpdateImage, check_alt, check_title};

use crate::api::{Authed, use_api};
use crate::library::{Library, use_library};
use crate::text;

/// How long it says that a text is saved.
const SHOWN: Duration = Duration::from_secs(3);

#[derive(Clone, PartialEq, Eq)]
enum Note {
    None,
    Said(&'static str),
    Wrong(String),
}

/// A text of an image that its owner can edit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TextField {
    Title,
    Alt,
}

impl TextField {
    fn name(self) -> &'static str {
        if self == Self::Title { "title" } else { "alt" }
    }

    fn of(self, image: &Image) -> Option<String> {
        if self == Self::Title {
            image.title.clone()
        } else {
            image.alt.clone()
        }
    }

    fn check(self, typed: &str) -> Result<Option<String>, RuleError> {
        if self == Self::Title {
            check_title(typed, nfc)
        } else {
            check_alt(typed, nfc)
        }
    }

    fn change(self, value: Option<String>) -> UpdateImage {
        match self {
            Self::Title => UpdateImage {
                title: Some(value),
                ..UpdateImage::default()
            },
            Self::Alt => UpdateImage {
                alt: Some(value),
                ..UpdateImage::default()
            },
        }
    }
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
    field: TextField,
    image: Memo<Image>,
    input: NodeRef<html::Textarea>,
    note: RwSignal<Note>,
    api: StoredValue<Authed>,
    library: Library,
}

impl Edit {
    fn new(field: TextField, image: Memo<Image>) -> Self {
        Self {
            field,
            image,
            input: NodeRef::new(),
            note: RwSignal::new(Note::None),
            api: StoredValue::new(use_api()),
            library: use_library(),
        }
    }

    fn saved(self) -> Option<String> {
        self.image.with_untracked(|image| self.field.of(image))
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
        match self.field.check(&typed) {
            Ok(typed) if typed == self.saved() => self.note.set(Note::None),
            Ok(typed) => self.send(typed),
            Err(message) => self.note.set(Note::Wrong(message.into())),
        }
    }

    fn send(self, typed: Option<String>) {
        let Self {
            field,
            note,
            library,
            ..
        } = self;
        note.set(Note::Said(text::SAVING));
        let id = self.image.with_untracked(|image| image.id);
        let api = self.api.get_value();
        spawn_local(async move {
            match api.update_image(id, &field.change(typed)).await {
                Ok(image) => {
                    library.put(image);
                    note.try_set(Note::Said(text::SAVED));
                    set_timeout(move || forget(note), SHOWN);
                }
                Err(error) => {
                    note.try_set(Note::Wrong(
                        error.field(field.name()).unwrap_or_else(|| error.message()),
                    ));
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
pub fn InlineEdit(field: TextField, image: Memo<Image>) -> impl IntoView {
    let edit = Edit::new(field, image);
    let note = edit.note;
    let (label, invitation) = if field == TextField::Title {
        (text::TITLE, text::ADD_TITLE)
    } else {
        (text::ALT, text::ADD_ALT)
    };
    let note_id = format!("{}-note", field.name());
    view! {
        <textarea
            node_ref=edit.input
            class=field.name()
            rows="1"
            maxlength="1000"
            aria-label=label
            aria-describedby=note_id.clone()
            aria-invalid=move || matches!(note.get(), Note::Wrong(_)).then_some("true")
            placeholder=invitation
            prop:value=move || image.with(|image| field.of(image).unwrap_or_default())
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

    include!("../../../../crates/dto/fixtures/names.rs");

    #[wasm_bindgen_test]
    fn names_are_judged_in_the_page_as_on_the_server() {
        judge_all(super::nfc);
    }
}
