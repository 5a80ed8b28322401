//! The choice of who can see a picture.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Image, UpdateImage, Visibility};

use crate::api::use_api;
use crate::library::use_library;
use crate::text;
use crate::toasts::use_toasts;

/// Who can see a picture: changed at once.
#[component]
pub fn VisibilityChoice(image: Memo<Image>) -> impl IntoView {
    let (api, library, toasts) = (StoredValue::new(use_api()), use_library(), use_toasts());
    let current = Memo::new(move |_| image.with(|image| image.visibility));
    // The choice while the response is pending.
    let chosen = RwSignal::new(None::<Visibility>);
    let choose = move |visibility: Visibility| {
        chosen.set(Some(visibility));
        let (id, api) = (image.with_untracked(|image| image.id), api.get_value());
        spawn_local(async move {
            match api
                .update_image(
                    id,
                    &UpdateImage {
                        visibility: Some(visibility),
                        ..UpdateImage::default()
                    },
                )
                .await
            {
                Ok(image) => library.put(image),
                Err(error) => toasts.show(error.message()),
            }
            chosen.try_set(None);
        });
    };
    let option = move |one: Visibility, label: &'static str| {
        let is_this = move || chosen.get().unwrap_or_else(|| current.get()) == one;
        view! {
            <label>
                <input type="radio" name="visibility" prop:checked=is_this on:change=move |_| choose(one) />
                {label}
            </label>
        }
    };
    view! {
        <fieldset class="visibility">
            <legend>{text::VISIBILITY}</legend>
            <div class="choices">{option(Visibility::Unlisted, text::UNLISTED)} {option(Visibility::Private, text::PRIVATE)}</div>
            <p class="hint" hidden=move || current.get() != Visibility::Private>
                {text::PRIVATE_HINT}
            </p>
        </fieldset>
    }
}
