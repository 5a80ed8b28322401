//! `/images/:id`: one picture, its links and its details.

mod gestures;
mod links;
mod opened;
mod panel;
mod picture;
mod stage;
mod visibility;
mod zoom;

use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::{ev, html};
use tintype_dto::{Image, ProblemCode};
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use self::opened::Opened;
use self::panel::{Panel, delete_and_go_on};
use self::stage::Stage;
pub use self::zoom::TALL;
use crate::api::ApiError;
use crate::components::{is_over_page, is_typing, page_title};
use crate::library::{Library, use_library};
use crate::pages::gallery::use_wall_focus;
use crate::router::{image_address, use_router};
use crate::text;
use crate::watch::watch;

/// A picture over the gallery.
#[component]
pub fn ImageView(id: Memo<Uuid>) -> impl IntoView {
    let library = use_library();
    let opened = Opened::new(id);
    let image = opened.image;
    page_title(move || match image.get() {
        Some(Ok(image)) => Some(image.title.unwrap_or(image.filename)),
        Some(Err(_)) => Some(text::IMAGE_GONE.into()),
        None => None,
    });
    follow_keys(library, image, id);
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
    keep_focus(viewer, state);
    let broken = Callback::new(move |()| opened.look_again());
    view! {
        <section node_ref=viewer class="viewer" tabindex="-1" role="dialog" aria-label=name>
            {move || match state.get() {
                None => view! { <Stage image=None broken /><aside class="panel" aria-busy="true"></aside> }.into_any(),
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
                                <Stage image=Some(image) broken />
                                <Panel image />
                            }
                        })
                        .into_any()
                }
            }}
        </section>
    }
}

/// Escape closes, the arrows lead to the neighbours, Del deletes; not while the user types or moves between tabs.
fn follow_keys(library: Library, image: Memo<Option<Result<Image, ApiError>>>, id: Memo<Uuid>) {
    let router = use_router();
    let delete = delete_and_go_on();
    let listener = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if event.alt_key() || event.ctrl_key() || event.meta_key() || takes_keys(&event) {
            return;
        }
        let (newer, older) = untrack(|| library.neighbours(id.get()));
        let neighbour = match event.key().as_str() {
            "Escape" => {
                event.prevent_default();
                return router.close();
            }
            "ArrowLeft" => newer,
            "ArrowRight" => older,
            "Delete" => {
                if let Some(Ok(image)) = image.get_untracked() {
                    event.prevent_default();
                    delete(image);
                }
                return;
            }
            _ => return,
        };
        // Of two radio buttons, the other one is above or below.
        event.prevent_default();
        if let Some(id) = neighbour {
            router.replace(&image_address(id));
        }
    });
    on_cleanup(move || listener.remove());
}

/// Whether a key means something where it is pressed.
fn takes_keys(event: &KeyboardEvent) -> bool {
    let tab = || {
        let target = event.target()?.dyn_into::<Element>().ok()?;
        target.closest("[role=tab]").ok()?
    };
    let moves = event.key().starts_with("Arrow");
    event.default_prevented()
        || is_typing(event)
        || is_over_page(event)
        || (moves && tab().is_some())
}

/// The focus is in the view from the start, and stays there when what had it is gone.
fn keep_focus(viewer: NodeRef<html::Section>, state: Memo<Option<Result<Uuid, ApiError>>>) {
    watch(move || {
        state.track();
        let Some(viewer) = viewer.get() else { return };
        request_animation_frame(move || {
            let focused = document().active_element();
            let is_inside = focused.is_some_and(|focused| {
                viewer.contains(Some(&focused))
                    || focused.closest("dialog, .dock").ok().flatten().is_some()
            });
            if !is_inside {
                viewer.focus().ok();
            }
        });
    });
}

/// Back in the gallery, focuses the picture that was open, wherever it is.
fn give_focus_back(id: Memo<Uuid>) {
    let focus = use_wall_focus();
    on_cleanup(move || {
        if let Some(id) = id.try_get_untracked() {
            focus.lead_to(id);
        }
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
            <a class="button primary" href="/" data-close="">
                {text::CLOSE}
            </a>
        </div>
    }
}
