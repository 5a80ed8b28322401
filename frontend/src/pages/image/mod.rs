//! `/images/:id`: one picture, its links and its details.

mod inline_edit;
mod links;
mod panel;
mod stage;
mod visibility;

use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};
use tintype_dto::{Image, ProblemCode};
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use self::panel::Panel;
use self::stage::Stage;
use crate::api::{ApiError, use_api};
use crate::components::page_title;
use crate::library::{Library, use_library};
use crate::router::{image_address, use_router};
use crate::text;

/// A picture over the gallery.
#[component]
pub fn ImageView(id: Memo<Uuid>) -> impl IntoView {
    let library = use_library();
    let image = load(library, id);
    page_title(move || match image.get() {
        Some(Ok(image)) => Some(image.title.unwrap_or(image.filename)),
        Some(Err(_)) => Some(text::IMAGE_GONE.into()),
        None => None,
    });
    follow_keys(library, id);
    give_focus_back(id);
    let name = move || {
        image
            .get()
            .and_then(Result::ok)
            .map_or(text::UNTITLED.into(), |image| {
                image.title.unwrap_or(image.filename)
            })
    };
    // Another picture gets a new view; a changed one keeps it.
    let state = Memo::new(move |_| {
        image.with(|image| {
            image
                .as_ref()
                .map(|image| image.as_ref().map(|image| image.id).map_err(Clone::clone))
        })
    });
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

/// The image of this route, from the list or from the API. `None` while it is loading.
fn load(library: Library, id: Memo<Uuid>) -> Memo<Option<Result<Image, ApiError>>> {
    let api = use_api();
    let asked = RwSignal::new(None::<(Uuid, Result<Image, ApiError>)>);
    Effect::new(move |_| {
        let id = id.get();
        if library.find_untracked(id).is_none() {
            let api = api.clone();
            spawn_local(async move {
                let answer = api.get_image(id).await;
                asked.try_set(Some((id, answer)));
            });
        }
    });
    Memo::new(move |_| {
        let id = id.get();
        let answer = || {
            asked
                .get()
                .filter(|(answered, _)| *answered == id)
                .map(|(_, answer)| answer)
        };
        library.find(id).map(Ok).or_else(answer)
    })
}

/// Escape closes, the arrows lead to the neighbours; not while the user types or moves between tabs.
fn follow_keys(library: Library, id: Memo<Uuid>) {
    let router = use_router();
    let listener = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let busy = event.default_prevented()
            || event.alt_key()
            || event.ctrl_key()
            || event.meta_key()
            || takes_keys(&event);
        if busy {
            return;
        }
        let (newer, older) = untrack(|| library.neighbours(id.get()));
        let neighbour = match event.key().as_str() {
            "Escape" => {
                event.prevent_default();
                return router.go("/");
            }
            "ArrowLeft" => newer,
            "ArrowRight" => older,
            _ => return,
        };
        if let Some(id) = neighbour {
            event.prevent_default();
            router.replace(&image_address(id));
        }
    });
    on_cleanup(move || listener.remove());
}

fn takes_keys(event: &KeyboardEvent) -> bool {
    let element = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| {
        element
            .closest("textarea, input:not([readonly]), [role=tab], [popover]")
            .ok()
            .flatten()
            .is_some()
    })
}

/// Back in the gallery, focuses the picture that was open.
fn give_focus_back(id: Memo<Uuid>) {
    on_cleanup(move || {
        let Some(id) = id.try_get_untracked() else {
            return;
        };
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
    let gone = error.code() == Some(ProblemCode::NotFound);
    let (title, hint) = if gone {
        (text::IMAGE_GONE, text::IMAGE_GONE_HINT.into())
    } else {
        (text::IMAGE_FAILED, error.message())
    };
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
