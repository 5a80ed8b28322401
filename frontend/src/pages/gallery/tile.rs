use std::sync::Arc;

use chrono::{DateTime, Utc};
use leptos::{html, prelude::*, task::spawn_local};
use tintype_dto::{Image, Visibility};
use tintype_imaging::{PREVIEW_SIDE, THUMB_SIDE};
use uuid::Uuid;

use super::{layout::Place, placeholder, selection::use_selection, wall::length};
use crate::{
    api::{Authed, use_api},
    components::{CopyLabel, Icon, copy_with_notice},
    library::{Library, use_library},
    router::image_address,
    text,
    toasts::use_toasts,
};

/// One picture on the wall: a link to its view, and a button that copies its address.
#[component]
pub fn Tile(image: Arc<Image>, place: Memo<Place>) -> impl IntoView {
    let pixels = move |of: fn(&Place) -> f64| move || place.with(|place| length(of(place)));
    let name = image.title.clone().unwrap_or_else(|| image.filename.clone());
    let facts = format!("{} · {}", text::dimensions(image.width, image.height), text::file_size(image.size_bytes));
    let private = image.visibility == Visibility::Private;
    let selection = use_selection();
    let (label, toasts) = (CopyLabel::new(text::COPY_LINK), use_toasts());
    let (id, link) = (image.id, image.links.original.clone());
    let copy = move |_| copy_with_notice(link.clone(), label, toasts, || ());
    view! {
        <li
            class="tile"
            class:selected=move || selection.has(id)
            class:selecting=move || !selection.is_empty()
            class:narrow=move || place.with(|place| place.width < 220.0)
            style:left=pixels(|place| place.left)
            style:top=pixels(|place| place.top)
            style:width=pixels(|place| place.width)
            style:height=pixels(|place| place.height)
        >
            <a href=image_address(id) id=format!("tile-{id}")>
                <Picture image name=name.clone() place />
            </a>
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
        </li>
    }
}

/// The thumbnail, over a blur of itself until it is there.
#[component]
fn Picture(image: Arc<Image>, name: String, place: Memo<Place>) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    let (loaded, broken) = (RwSignal::new(false), RwSignal::new(false));
    if let Some(hash) = image.placeholder.clone() {
        Effect::new(move |_| canvas.get().map(|canvas| placeholder::paint(&canvas, &hash)));
    }
    let Image { id, width, height, .. } = *image;
    let links = image.links.clone();
    let small = move || place.with(|place| f64::from(width) < place.width && f64::from(height) < place.height);
    let blurred = image.placeholder.is_some();
    let (library, api, expires_at) = (use_library(), StoredValue::new(use_api()), links.expires_at);
    let srcset = srcset(&image);
    // A rendition that does not arrive gives way to the original.
    let src = move || links.thumb.clone().filter(|_| !broken.get()).unwrap_or_else(|| links.original.clone());
    view! {
        {blurred
            .then(|| {
                view! { <canvas node_ref=canvas width="32" height="32" aria-hidden="true" class:gone=move || loaded.get()></canvas> }
            })}
        <img
            class:small=small
            src=src
            srcset=move || srcset.clone().filter(|_| !broken.get())
            sizes=move || place.with(|place| length(place.width.round()))
            width=width
            height=height
            alt=name
            loading="lazy"
            decoding="async"
            on:load=move |_| loaded.set(true)
            on:error=move |_| {
                renew(id, expires_at, library, api.get_value());
                broken.set(true);
            }
        />
    }
}

/// The links of a private picture work for some minutes: it is read again for fresh ones.
fn renew(id: Uuid, expires_at: Option<DateTime<Utc>>, library: Library, api: Authed) {
    if expires_at.is_some_and(|expires_at| expires_at <= Utc::now()) {
        spawn_local(async move {
            if let Ok(image) = api.get_image(id).await {
                library.put(image);
            }
        });
    }
}

/// The thumbnail and the preview with their widths, where both exist. A thumbnail may be stretched to twice its pixels before the preview,
/// which is ten times as heavy, is worth its bytes: on a phone a tile is as wide as the screen.
fn srcset(image: &Image) -> Option<String> {
    let (thumb, preview) = (image.links.thumb.as_ref()?, image.links.preview.as_ref()?);
    let longest = image.width.max(image.height).max(1);
    let fitted = |side: u32| (u64::from(image.width) * u64::from(side.min(longest)) / u64::from(longest)).max(1);
    Some(format!("{thumb} {}w, {preview} {}w", 2 * fitted(THUMB_SIDE), fitted(PREVIEW_SIDE)))
}
