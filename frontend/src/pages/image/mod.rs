//! `/images/:id`: one picture, its links and what is known of it.

mod codes;
mod links;
mod panel;
mod stage;
mod title;

use leptos::{ev, html, leptos_dom::helpers::window_event_listener, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use tintype_dto::{Image, ProblemCode};
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use self::{panel::Panel, stage::Stage};
use crate::{
    api::{ApiError, use_api},
    components::page_title,
    library::{Library, use_library},
    text,
};

/// A picture over the gallery.
#[component]
pub fn ImageView() -> impl IntoView {
    let (library, params) = (use_library(), use_params_map());
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|id| id.parse::<Uuid>().ok()));
    let image = load(library, id);
    page_title(move || match image.get() {
        Some(Ok(image)) => Some(image.title.unwrap_or(image.filename)),
        Some(Err(_)) => Some(text::IMAGE_GONE.into()),
        None => None,
    });
    follow_keys(library, id);
    give_focus_back(id);
    let name = move || image.get().and_then(Result::ok).map_or(text::UNTITLED.into(), |image| image.title.unwrap_or(image.filename));
    // Another picture is another view; a changed one stays the same.
    let state =
        Memo::new(move |_| image.with(|image| image.as_ref().map(|image| image.as_ref().map(|image| image.id).map_err(Clone::clone))));
    let viewer = NodeRef::<html::Section>::new();
    Effect::new(move |_| viewer.get().map(|viewer| viewer.focus().ok()));
    view! {
        <section node_ref=viewer class="viewer" tabindex="-1" role="dialog" aria-modal="true" aria-label=name>
            {move || match state.get() {
                None => view! { <Stage image=None /><aside class="panel" aria-busy="true"></aside> }.into_any(),
                Some(Err(error)) => view! { <Missing error /> }.into_any(),
                Some(Ok(_)) => {
                    image
                        .get_untracked()
                        .and_then(Result::ok)
                        .map(|first| {
                            let image = Memo::new(move |last: Option<&Image>| {
                                image.get().and_then(Result::ok).or_else(|| last.cloned()).unwrap_or_else(|| first.clone())
                            });
                            view! {
                                <Stage image=Some(image.get_untracked()) />
                                <Panel image />
                            }
                        })
                        .into_any()
                }
            }}
        </section>
    }
}

/// The image at this address: from the list, or asked for. None while it is on its way.
fn load(library: Library, id: Memo<Option<Uuid>>) -> Memo<Option<Result<Image, ApiError>>> {
    let api = use_api();
    let asked = LocalResource::new(move || {
        let wanted = id.get().map(|id| (id, library.find_untracked(id), api.clone()));
        async move {
            match wanted? {
                (id, Some(image), _) => Some((id, Ok(image))),
                (id, None, api) => Some((id, api.get_image(id).await)),
            }
        }
    });
    Memo::new(move |_| {
        let Some(id) = id.get() else { return Some(Err(ApiError::Unexpected(404))) };
        let from_list = library.find(id).map(Ok);
        from_list.or_else(|| asked.get().flatten().filter(|(found, _)| *found == id).map(|(_, image)| image))
    })
}

/// Escape closes, the arrows lead to the neighbours; not while someone types or works in a list of tabs.
fn follow_keys(library: Library, id: Memo<Option<Uuid>>) {
    let navigate = use_navigate();
    let listener = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let busy = event.default_prevented() || event.alt_key() || event.ctrl_key() || event.meta_key() || takes_keys(&event);
        if busy {
            return;
        }
        let (newer, older) = id.get_untracked().map(|id| untrack(|| library.neighbours(id))).unwrap_or_default();
        let (to, replace) = match event.key().as_str() {
            "Escape" => (Some("/".into()), false),
            "ArrowLeft" => (newer.map(address), true),
            "ArrowRight" => (older.map(address), true),
            _ => (None, false),
        };
        if let Some(to) = to {
            event.prevent_default();
            navigate(&to, NavigateOptions { replace, scroll: false, ..Default::default() });
        }
    });
    on_cleanup(move || listener.remove());
}

fn takes_keys(event: &KeyboardEvent) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.closest("textarea, input:not([readonly]), [role=tab], [popover]").ok().flatten().is_some())
}

/// The address of an image's view.
pub fn address(id: Uuid) -> String {
    format!("/images/{id}")
}

/// Back in the gallery, the focus is on the picture that was open.
fn give_focus_back(id: Memo<Option<Uuid>>) {
    on_cleanup(move || {
        let Some(id) = id.try_get_untracked().flatten() else { return };
        let focus = move || {
            let tile = document().get_element_by_id(&format!("tile-{id}"));
            if let Some(tile) = tile.and_then(|tile| tile.dyn_into::<HtmlElement>().ok()) {
                tile.focus().ok();
            }
        };
        // The gallery takes the focus only after this view is gone.
        request_animation_frame(focus);
    });
}

#[component]
fn Missing(error: ApiError) -> impl IntoView {
    let gone = error == ApiError::Unexpected(404) || error.code() == Some(ProblemCode::NotFound);
    let (title, hint) = if gone { (text::IMAGE_GONE, text::IMAGE_GONE_HINT.into()) } else { (text::IMAGE_FAILED, error.message()) };
    view! {
        <div class="viewer-note" role="alert">
            <h1>{title}</h1>
            <p>{hint}</p>
            <a class="button primary" href="/">
                {text::CLOSE}
            </a>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use tintype_dto::{ContentType, Image, ImageLinks, Visibility};
    use uuid::Uuid;

    /// A picture with this title.
    pub fn image(title: Option<&str>) -> Image {
        Image {
            id: Uuid::from_u128(1),
            slug: "abc".into(),
            title: title.map(Into::into),
            filename: "summer.jpg".into(),
            content_type: ContentType::Jpeg,
            size_bytes: 204_800,
            width: 640,
            height: 427,
            sha256: "0".repeat(64),
            visibility: Visibility::Unlisted,
            removed: Vec::new(),
            placeholder: None,
            created_at: DateTime::from_timestamp_nanos(0),
            links: ImageLinks {
                page: "https://app.example/s/abc".into(),
                original: "https://media.example/i/abc.jpg".into(),
                preview: None,
                thumb: None,
            },
        }
    }
}
