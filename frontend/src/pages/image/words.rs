//! A picture's title and alternative text, edited in place.

use js_sys::JsString;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};
use tintype_dto::{Image, RuleError, UpdateImage, check_alt, check_title};

use crate::api::{Authed, use_api};
use crate::library::{Library, use_library};
use crate::text;

#[derive(Clone, PartialEq, Eq)]
enum Note {
    None,
    Said(&'static str),
    Wrong(String),
}

/// What its owner says about a picture.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Words {
    Title,
    Alt,
}

impl Words {
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

    fn change(self, words: Option<String>) -> UpdateImage {
        match self {
            Self::Title => UpdateImage {
                title: Some(words),
                ..UpdateImage::default()
            },
            Self::Alt => UpdateImage {
                alt: Some(words),
                ..UpdateImage::default()
            },
        }
    }
}

/// By the browser's tables.
fn nfc(text: &str) -> String {
    JsString::from(text).normalize("NFC").into()
}

/// Words that are being edited.
#[derive(Clone, Copy)]
struct Edit {
    words: Words,
    image: Memo<Image>,
    field: NodeRef<html::Textarea>,
    note: RwSignal<Note>,
    api: StoredValue<Authed>,
    library: Library,
}

impl Edit {
    fn new(words: Words, image: Memo<Image>) -> Self {
        Self {
            words,
            image,
            field: NodeRef::new(),
            note: RwSignal::new(Note::None),
            api: StoredValue::new(use_api()),
            library: use_library(),
        }
    }

    fn saved(self) -> Option<String> {
        self.image.with_untracked(|image| self.words.of(image))
    }

    /// Saves what was typed, if it is new and may be said.
    fn save(self) {
        // A field that leaves the page with the focus is blurred too, after its signals are gone.
        let Some(typed) = self
            .field
            .try_get_untracked()
            .flatten()
            .map(|field| field.value())
        else {
            return;
        };
        match self.words.check(&typed) {
            Ok(typed) if typed == self.saved() => self.note.set(Note::None),
            Ok(typed) => self.send(typed),
            Err(message) => self.note.set(Note::Wrong(message.into())),
        }
    }

    fn send(self, typed: Option<String>) {
        let Self {
            words,
            note,
            library,
            ..
        } = self;
        note.set(Note::Said(text::SAVING));
        let id = self.image.with_untracked(|image| image.id);
        let api = self.api.get_value();
        spawn_local(async move {
            match api.update_image(id, &words.change(typed)).await {
                Ok(image) => {
                    library.put(image);
                    note.try_set(Note::Said(text::SAVED));
                }
                Err(error) => {
                    note.try_set(Note::Wrong(
                        error.field(words.name()).unwrap_or_else(|| error.message()),
                    ));
                }
            }
        });
    }

    /// Enter leaves the field, Escape takes back first.
    fn on_key(self, event: &ev::KeyboardEvent) {
        let Some(field) = self.field.get_untracked() else {
            return;
        };
        match event.key().as_str() {
            "Enter" if !event.is_composing() => field.blur().ok(),
            "Escape" => {
                field.set_value(&self.saved().unwrap_or_default());
                self.note.set(Note::None);
                field.blur().ok()
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
    }
}

/// Words edited in their place: Enter or leaving the field saves, Escape takes back.
#[component]
pub fn InPlace(words: Words, image: Memo<Image>) -> impl IntoView {
    let edit = Edit::new(words, image);
    let note = edit.note;
    let (label, invitation) = if words == Words::Title {
        (text::TITLE, text::ADD_TITLE)
    } else {
        (text::ALT, text::ADD_ALT)
    };
    let note_id = format!("{}-note", words.name());
    view! {
        <textarea
            node_ref=edit.field
            class=words.name()
            rows="1"
            maxlength="1000"
            aria-label=label
            aria-describedby=note_id.clone()
            aria-invalid=move || matches!(note.get(), Note::Wrong(_)).then_some("true")
            placeholder=invitation
            prop:value=move || image.with(|image| words.of(image).unwrap_or_default())
            on:keydown=move |event| edit.on_key(&event)
            on:blur=move |_| edit.save()
        />
        <p class="hint" id=note_id role="status" class:bad=move || matches!(note.get(), Note::Wrong(_))>
            {move || match note.get() {
                Note::None => String::new(),
                Note::Said(words) => words.into(),
                Note::Wrong(words) => words,
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
