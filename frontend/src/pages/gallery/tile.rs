//! One picture of the grid.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Image, Visibility};
use tintype_imaging::THUMB_SIDE;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::HtmlTemplateElement;

use super::frame_queue::deferred;
use super::grid::length;
use super::layout::Place;
use super::placeholder;
use super::selection::use_selection;
use crate::api::{Authed, use_api};
use crate::components::{CopyLabel, Icon, copy_with_notice};
use crate::library::{Library, use_library};
use crate::router::image_address;
use crate::text;
use crate::toasts::use_toasts;

/// One picture of the grid: a link to its view, and its controls.
#[component]
pub fn Tile(image: Arc<Image>, place: Memo<Place>) -> impl IntoView {
    let pixels = move |of: fn(&Place) -> f64| move || place.with(|place| length(of(place)));
    let (id, selection, complete) = (image.id, use_selection(), deferred());
    view! {
        <li
            class="tile"
            class:selected=move || selection.has(id)
            class:narrow=move || place.with(|place| place.width < 220.0)
            style:left=pixels(|place| place.left)
            style:top=pixels(|place| place.top)
            style:width=pixels(|place| place.width)
            style:height=pixels(|place| place.height)
        >
            <a href=image_address(id) id=format!("tile-{id}")>
                <Picture image=image.clone() place complete />
            </a>
            {move || complete.get().then(|| view! { <Controls image=image.clone() /> })}
        </li>
    }
}

fn name(image: &Image) -> String {
    image.title.as_ref().unwrap_or(&image.filename).clone()
}

/// The overlay of a picture: its name, whether it is private, a checkbox and a button that copies its link.
#[component]
fn Controls(image: Arc<Image>) -> impl IntoView {
    let name = name(&image);
    let facts = format!(
        "{} · {}",
        text::dimensions(image.width, image.height),
        text::file_size(image.size_bytes)
    );
    let private = image.visibility == Visibility::Private;
    let selection = use_selection();
    let (label, toasts) = (CopyLabel::new(text::COPY_LINK), use_toasts());
    let (id, link) = (image.id, image.links.original.clone());
    let copy = move |_| copy_with_notice(link.clone(), label, toasts, || ());
    view! {
        <div class="caption" aria-hidden="true">
            <span>{name.clone()}</span>
            <span class="facts">{facts}</span>
        </div>
        {private
            .then(|| {
                view! {
                    <span class="lock" role="img" aria-label=text::PRIVATE title=text::PRIVATE>
                        {Icon::Lock.view()}
                    </span>
                }
            })}
        <label class="select">
            <input
                type="checkbox"
                aria-label=format!("{}: {name}", text::SELECT)
                prop:checked=move || selection.has(id)
                on:click=move |event| selection.toggle(id, event.shift_key())
            />
        </label>
        <button type="button" class="copy" aria-label=format!("{}: {name}", text::COPY_LINK) on:click=copy>
            {move || label.get()}
        </button>
    }
}

/// The thumbnail, over a blur of itself until it has loaded.
#[component]
fn Picture(image: Arc<Image>, place: Memo<Place>, complete: ReadSignal<bool>) -> impl IntoView {
    let (loaded, broken) = (RwSignal::new(false), RwSignal::new(false));
    let picture = NodeRef::<html::Img>::new();
    on_cleanup(move || cancel_loading(picture));
    let Image {
        id, width, height, ..
    } = *image;
    let links = image.links.clone();
    let small = move || {
        place.with(|place| f64::from(width) < place.width && f64::from(height) < place.height)
    };
    let (library, api, expires_at) = (use_library(), StoredValue::new(use_api()), links.expires_at);
    let (name, hash) = (name(&image), image.placeholder.clone());
    let blur = move || {
        let hash = hash.clone().filter(|_| complete.get() && !loaded.get());
        hash.map(|hash| view! { <Blur hash /> })
    };
    // If a rendition fails to load, the original is shown.
    let source = move || {
        if broken.get() {
            links.original.clone()
        } else {
            place.with(|place| source(&image, place.width).to_owned())
        }
    };
    view! {
        {blur}
        <img
            node_ref=picture
            class:small=small
            src=source
            width=width
            height=height
            alt=name
            decoding="async"
            on:load=move |_| loaded.set(true)
            on:error=move |_| {
                refresh_links(id, expires_at, library, api.get_value());
                broken.set(true);
            }
        />
    }
}

/// A picture removed from the document would still be loaded, before those in the window now. In a template, which belongs to another
/// document, it is not. (Nor would it be without its `src`, but then Chromium would leak it.)
fn cancel_loading(picture: NodeRef<html::Img>) {
    if let Some(picture) = picture
        .try_get_untracked()
        .flatten()
        .filter(|picture| !picture.complete())
    {
        let template = document()
            .create_element("template")
            .ok()
            .and_then(|element| element.dyn_into::<HtmlTemplateElement>().ok());
        template.map(|template| template.content().append_child(&picture));
    }
}

#[component]
fn Blur(hash: String) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        canvas
            .get()
            .map(|canvas| placeholder::paint(&canvas, &hash))
    });
    view! { <canvas node_ref=canvas width="32" height="32" aria-hidden="true"></canvas> }
}

/// The links of a private picture expire after some minutes, or with the sessions: reads it again for new ones. Within a minute they stay
/// the same, so that a broken picture is not requested for ever.
fn refresh_links(id: Uuid, expires_at: Option<DateTime<Utc>>, library: Library, api: Authed) {
    if expires_at.is_some() {
        spawn_local(async move {
            if let Ok(image) = api.get_image(id).await {
                library.put(image);
            }
        });
    }
}

/// The rendition for this width in CSS pixels. A thumbnail may be scaled up to twice its size before the preview, ten times as heavy, is
/// worth its bytes: on a phone a tile is as wide as the screen. `srcset` would do the same, but the browser keeps a listener for each
/// picture that has one.
fn source(image: &Image, width: f64) -> &str {
    let longest = f64::from(image.width.max(image.height).max(1));
    let thumb_width = f64::from(image.width) * (f64::from(THUMB_SIDE) / longest).min(1.0);
    let wants_more = width * window().device_pixel_ratio() > 2.0 * thumb_width;
    if wants_more {
        &image.links.preview
    } else {
        &image.links.thumb
    }
}
