use leptos::{ev, html, prelude::*, task::spawn_local};
use tintype_dto::{Image, UpdateImage, check_title};

use crate::{api::use_api, library::use_library, text};

#[derive(Clone, PartialEq, Eq)]
enum Note {
    None,
    Said(&'static str),
    Wrong(String),
}

/// The title, edited in its place: Enter or leaving the field saves, Escape takes back.
#[component]
pub fn Title(image: Memo<Image>) -> impl IntoView {
    let (api, library) = (StoredValue::new(use_api()), use_library());
    let field = NodeRef::<html::Textarea>::new();
    let note = RwSignal::new(Note::None);
    let saved = move || image.with_untracked(|image| image.title.clone());
    let save = move || {
        // A field that leaves the page with the focus is blurred too, after its signals are gone.
        let Some(typed) = field.try_get_untracked().flatten().map(|field| field.value()) else { return };
        let title = match check_title(&typed) {
            Ok(title) if title == saved() => return note.set(Note::None),
            Ok(title) => title,
            Err(message) => return note.set(Note::Wrong(message.into())),
        };
        note.set(Note::Said(text::SAVING));
        let (id, api) = (image.with_untracked(|image| image.id), api.get_value());
        spawn_local(async move {
            match api.update_image(id, &UpdateImage { title: Some(title), ..UpdateImage::default() }).await {
                Ok(image) => {
                    library.put(image);
                    note.try_set(Note::Said(text::SAVED));
                }
                Err(error) => {
                    note.try_set(Note::Wrong(error.field("title").unwrap_or_else(|| error.message())));
                }
            }
        });
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let Some(field) = field.get_untracked() else { return };
        match event.key().as_str() {
            "Enter" if !event.is_composing() => field.blur().ok(),
            "Escape" => {
                field.set_value(&saved().unwrap_or_default());
                note.set(Note::None);
                field.blur().ok()
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
    };
    view! {
        <div class="title-field">
            <h1>
                <textarea
                    node_ref=field
                    rows="1"
                    maxlength="400"
                    aria-label=text::TITLE
                    aria-describedby="title-note"
                    aria-invalid=move || matches!(note.get(), Note::Wrong(_)).then_some("true")
                    placeholder=text::ADD_TITLE
                    prop:value=move || image.with(|image| image.title.clone().unwrap_or_default())
                    on:keydown=on_key
                    on:blur=move |_| save()
                />
            </h1>
            <p class="hint" id="title-note" role="status" class:bad=move || matches!(note.get(), Note::Wrong(_))>
                {move || match note.get() {
                    Note::None => String::new(),
                    Note::Said(words) => words.into(),
                    Note::Wrong(words) => words,
                }}
            </p>
        </div>
    }
}
