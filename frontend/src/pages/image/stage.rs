//! The picture itself, and the ways from it.

use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::{ev, html};
use tintype_dto::Image;
use wasm_bindgen::JsCast;
use web_sys::HtmlImageElement;

use super::gestures::{Gestures, Leads};
use super::picture::Picture;
use super::zoom::{Lens, Size};
use crate::components::{Icon, number, on_resize};
use crate::library::{Loading, use_library};
use crate::router::{image_address, use_router};
use crate::session::use_session;
use crate::text;
use crate::watch::watch;

/// The picture, the way back and links to its neighbours. Without an image: only the way back. `broken` is told when it does not load.
#[component]
pub fn Stage(image: Option<Memo<Image>>, broken: Callback<()>) -> impl IntoView {
    view! {
        {match image {
            Some(image) => view! { <Filled image broken /> }.into_any(),
            None => view! { <div class="stage"><Close /></div> }.into_any(),
        }}
    }
}

#[component]
fn Close() -> impl IntoView {
    view! {
        <a class="round close" href="/" data-close="" aria-label=text::CLOSE>
            {Icon::Close.view()}
        </a>
    }
}

#[component]
fn Filled(image: Memo<Image>, broken: Callback<()>) -> impl IntoView {
    let frame = NodeRef::<html::Div>::new();
    // Whatever else changes of it, this stays.
    let picture = image.with_untracked(|image| Size {
        width: f64::from(image.width.max(1)),
        height: f64::from(image.height.max(1)),
    });
    let size = watch_size(frame);
    let lens = Memo::new(move |_| Lens::new(size.get(), picture));
    let view = RwSignal::new(lens.get_untracked().opening());
    // Another frame is another beginning.
    watch(move || view.set(lens.get().opening()));
    let gestures = Gestures::new(frame, lens, view, leads(image));
    follow_keys(gestures);
    let zoomed = Memo::new(move |_| lens.get().is_zoomed(view.get()));
    let ratio = number(picture.width / picture.height);
    view! {
        <div
            class="stage"
            class:zoomed=zoomed
            style=("--ratio", ratio)
            on:wheel=move |event| gestures.wheel(&event)
            on:pointerdown=move |event| {
                if !is_control(&event) {
                    gestures.pointer_down(&event);
                }
            }
            on:pointermove=move |event| gestures.pointer_moved(&event)
            on:pointerup=move |event| gestures.pointer_up(&event)
            on:pointercancel=move |_| gestures.pointer_cancelled()
        >
            <div node_ref=frame class="frame">
                <Picture image lens view broken />
            </div>
            <Close />
            <Ways image />
            <button
                type="button"
                class="round zoom"
                aria-label=text::ZOOM
                aria-pressed=move || zoomed.get().to_string()
                on:click=move |_| gestures.toggle((0.0, 0.0))
            >
                {Icon::Zoom.view()}
            </button>
        </div>
    }
}

/// Where a swipe leads.
fn leads(image: Memo<Image>) -> Callback<Leads> {
    let (library, router) = (use_library(), use_router());
    Callback::new(move |leads| {
        let id = image.with_untracked(|image| image.id);
        let (newer, older) = untrack(|| library.neighbours(id));
        let to = match leads {
            Leads::Newer => newer,
            Leads::Older => older,
            Leads::Away => return router.close(),
        };
        if let Some(id) = to {
            router.replace(&image_address(id));
        }
    })
}

/// `+`, `-` and `0` zoom in, out and back; up and down move a tall picture.
fn follow_keys(gestures: Gestures) {
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || super::takes_keys(&event) {
            return;
        }
        match event.key().as_str() {
            "+" | "=" => gestures.zoom((0.0, 0.0), 1.5),
            "-" => gestures.zoom((0.0, 0.0), 1.0 / 1.5),
            "0" => gestures.view.set(gestures.lens.get_untracked().opening()),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

/// Whether a pointer is on something with a meaning of its own.
fn is_control(event: &ev::PointerEvent) -> bool {
    let element = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.is_some_and(|element| element.closest("a, button").ok().flatten().is_some())
}

/// Tracks the size of what the picture is fitted into.
fn watch_size(frame: NodeRef<html::Div>) -> RwSignal<Size> {
    let size = RwSignal::new(Size {
        width: 800.0,
        height: 600.0,
    });
    watch(move || {
        let Some(element) = frame.get() else { return };
        let measure = {
            let element = element.clone();
            move || Size {
                width: f64::from(element.client_width().max(1)),
                height: f64::from(element.client_height().max(1)),
            }
        };
        size.set(measure());
        on_resize(&element, move || {
            let now = measure();
            if size.try_get_untracked().is_some_and(|before| before != now) {
                size.set(now);
            }
        });
    });
    size
}

/// Links to the neighbours, and which of all pictures this is.
#[component]
fn Ways(image: Memo<Image>) -> impl IntoView {
    let (library, session) = (use_library(), use_session());
    let ways = Memo::new(move |_| library.neighbours(image.with(|image| image.id)));
    // Loads more near the end of the loaded images.
    watch(move || {
        if ways.get() == (ways.get().0, None) && matches!(library.loading(), Loading::More(Some(_)))
        {
            library.load_more();
        }
    });
    watch(move || {
        let (newer, older) = ways.get();
        for id in [older, newer].into_iter().flatten() {
            if let Some(image) = library.find_untracked(id) {
                load_ahead(&image);
            }
        }
    });
    // What is not listed yet, the account counts.
    let total = move || {
        let listed = || library.filter().is_all().then(|| session.user())?;
        let counted = || listed().and_then(|user| usize::try_from(user.usage.images).ok());
        library.count().or_else(counted)
    };
    let which = move || {
        let at = image.with(|image| library.position(image))?;
        Some(text::one_of(at + 1, total().filter(|total| *total > at)))
    };
    let way = |class: &'static str, name: &'static str, icon: Icon, to| {
        view! {
            <a class=class href=image_address(to) data-replace="" aria-label=name>
                {icon.view()}
            </a>
        }
    };
    view! {
        <p class="which">{which}</p>
        {move || ways.get().0.map(|to| way("round newer", text::NEWER, Icon::Left, to))}
        {move || ways.get().1.map(|to| way("round older", text::OLDER, Icon::Right, to))}
    }
}

/// The neighbours' previews are in the cache when they are wanted. Those of private pictures are not cached.
fn load_ahead(image: &Image) {
    if image.links.expires_at.is_some() || image.animated {
        return;
    }
    if let Ok(ahead) = HtmlImageElement::new() {
        ahead.set_src(&image.links.preview);
    }
}
