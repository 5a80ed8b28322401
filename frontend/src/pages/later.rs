//! Parts of the page that few open, in a module of their own: it is loaded when one of them is opened for the first time.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Image, Visibility};
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::image::TALL;
use crate::api::first_image;
use crate::components::{length, number};
use crate::library::use_library;
use crate::text;

/// How long the gallery's own requests have the network for themselves.
const SOON: Duration = Duration::from_millis(1500);

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LaterPart {
    /// What stands above the pictures of an album.
    AlbumHead,
    /// The list of albums.
    Albums,
    /// The open picture.
    Image(Memo<Uuid>),
    /// The settings.
    Settings,
    /// The trash.
    Trash,
}

impl LaterPart {
    /// The title of a page.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::AlbumHead | Self::Image(_) => text::PICTURES,
            Self::Albums => text::albums::ALBUMS,
            Self::Settings => text::SETTINGS,
            Self::Trash => text::TRASH,
        }
    }
}

type Waiting<T> = Pin<Box<dyn Future<Output = T>>>;

/// The other module. Nothing of it is named here but by the program that is cut in two: what this library exports would be in the worker too.
#[derive(Clone, Copy)]
pub struct LaterModule {
    /// Loads it, unless it is there. Whether it is there now.
    pub load: fn() -> Waiting<bool>,
    /// A part of it: ready at once when it is there.
    pub draw: fn(LaterPart) -> Waiting<Option<AnyView>>,
}

/// Loads the other module while there is nothing else to do, so that what is opened first opens at once.
pub fn load_soon() {
    let module: LaterModule = expect_context();
    set_timeout(
        move || {
            spawn_local(async move {
                (module.load)().await;
            });
        },
        SOON,
    );
}

/// A part of the other module, once that is there.
#[component]
pub fn Later(part: LaterPart) -> impl IntoView {
    let module: LaterModule = expect_context();
    let loaded = RwSignal::new(None::<bool>);
    if matches!(part, LaterPart::Image(_)) {
        keep_the_width_of_what_is_below();
    }
    spawn_local(async move {
        loaded.try_set(Some((module.load)().await));
    });
    move || match loaded.get() {
        None => waiting(part),
        Some(true) => {
            now((module.draw)(part)).unwrap_or_else(|| view! { <NotLoaded /> }.into_any())
        }
        Some(false) => view! { <NotLoaded /> }.into_any(),
    }
}

/// Nothing scrolls below an open picture: the place of the scrollbar is kept, so that no row moves.
fn keep_the_width_of_what_is_below() {
    let (Ok(inner), Some(body)) = (window().inner_width(), document().body()) else {
        return;
    };
    let bar = inner.as_f64().unwrap_or_default() - f64::from(body.offset_width());
    let root = document().document_element();
    if let Some(root) = root.and_then(|root| root.dyn_into::<HtmlElement>().ok()) {
        let width = length(bar.max(0.0));
        root.style().set_property("--scrollbar", &width).ok();
    }
}

/// What stands there until then: an open picture has its place from the beginning, so that nothing moves.
fn waiting(part: LaterPart) -> AnyView {
    if let LaterPart::Image(id) = part {
        let picture = known(id.get_untracked()).map(whole);
        view! {
            <section class="viewer" aria-busy="true">
                {picture}
            </section>
        }
        .into_any()
    } else {
        view! {
            <div class="grid-footer">
                <span class="spinner" role="status" aria-label=text::LOADING_PAGE></span>
            </div>
        }
        .into_any()
    }
}

/// An image that is known, and whose preview is shown whole. A private one is not cached, and would be loaded twice.
fn known(id: Uuid) -> Option<Image> {
    let listed = use_library().find_untracked(id);
    let known = listed.or_else(|| first_image().filter(|image| image.id == id));
    known.filter(|image| {
        let (width, height) = (f64::from(image.width), f64::from(image.height));
        image.visibility != Visibility::Private && !image.animated && height <= TALL * width
    })
}

/// A picture as it is going to stand there.
fn whole(image: Image) -> impl IntoView {
    let ratio = number(f64::from(image.width.max(1)) / f64::from(image.height.max(1)));
    view! {
        <div class="stage" style=("--ratio", ratio)>
            <div class="frame">
                <img class="soon" src=image.links.preview width=image.width height=image.height alt="" />
            </div>
        </div>
    }
}

/// There is nothing to wait for any more; what a view provides belongs to who asks for it here.
fn now<T>(mut ready: Waiting<Option<T>>) -> Option<T> {
    match ready.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => None,
    }
}

/// There is no network, or the server has another page by now.
#[component]
fn NotLoaded() -> impl IntoView {
    let again = move |_| {
        window().location().reload().ok();
    };
    view! {
        <section class="empty error" role="alert">
            <h2>{text::PAGE_NOT_LOADED}</h2>
            <p>{text::PAGE_NOT_LOADED_HINT}</p>
            <button type="button" class="button" on:click=again>
                {text::LOAD_AGAIN}
            </button>
        </section>
    }
}
