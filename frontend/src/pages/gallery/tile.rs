//! One picture of the grid.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{ContentType, Image, ProblemCode, Visibility};
use tintype_imaging::THUMB_SIDE;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::HtmlTemplateElement;

use super::focus::link_id;
use super::frame_queue::deferred;
use super::layout::Place;
use super::selection::use_selection;
use super::tick::Tick;
use crate::api::{Authed, use_api};
use crate::components::{Blur, CopyFormat, CopyLabel, Icon, length};
use crate::library::{Library, ListedImage, use_library};
use crate::router::image_address;
use crate::sharing::use_sharing;
use crate::text;

/// One picture of the grid: a link to its view, and its controls. It stays the same while the picture changes, and keeps the focus.
#[component]
pub fn Tile(
    /// The picture as it was listed first.
    first: ListedImage,
    place: Memo<Place>,
    /// The wall's one tab stop.
    tab_stop: Memo<Option<Uuid>>,
) -> impl IntoView {
    let pixels = move |of: fn(&Place) -> f64| move || place.with(|place| length(of(place)));
    let (selection, complete, library) = (use_selection(), deferred(), use_library());
    let id = first.image.id;
    let image = Memo::new(move |_| {
        let current = library.current(&first.image);
        current.unwrap_or_else(|| first.clone()).image
    });
    view! {
        <li
            class="tile"
            data-id=id.to_string()
            class:selected=move || selection.has(id)
            class:narrow=move || place.with(|place| place.width < 220.0)
            style:left=pixels(|place| place.left)
            style:top=pixels(|place| place.top)
            style:width=pixels(|place| place.width)
            style:height=pixels(|place| place.height)
        >
            <a href=image_address(id) id=link_id(id) draggable="false" tabindex=move || if tab_stop.get() == Some(id) { "0" } else { "-1" }>
                <Picture image place complete />
            </a>
            {move || complete.get().then(|| view! { <Controls image=image.get() /> })}
        </li>
    }
}

fn name(image: &Image) -> String {
    image.title.as_ref().unwrap_or(&image.filename).clone()
}

/// The overlay of a picture: its name, its badges, a tick that selects it and a button that copies its link. The wall handles the clicks
/// on the tick.
#[component]
fn Controls(image: Arc<Image>) -> impl IntoView {
    let name = name(&image);
    let facts = format!(
        "{} · {}",
        text::dimensions(image.width, image.height),
        text::file_size(image.size_bytes)
    );
    let id = image.id;
    let private = image.visibility == Visibility::Private;
    let moves = image.animated.then(|| {
        let is_gif = image.content_type == ContentType::Gif;
        text::moves(is_gif)
    });
    let ends = image.expires_at.map(|_| text::HAS_END);
    let (selection, sharing) = (use_selection(), use_sharing());
    let label = CopyLabel::new(text::COPY_LINK);
    let select = format!("{}: {name}", text::SELECT);
    let copy_name = format!("{}: {name}", text::COPY_LINK);
    let copy = move |_| sharing.copy(std::slice::from_ref(&image), CopyFormat::LINK, label);
    view! {
        <div class="caption" aria-hidden="true">
            <span>{name}</span>
            <span class="facts">{facts}</span>
        </div>
        <div class="badges">
            {[moves, ends].map(|words| words.map(|words| view! { <span class="badge">{words}</span> }))}
            {private
                .then(|| {
                    view! {
                        <span class="badge" role="img" aria-label=text::PRIVATE title=text::PRIVATE>
                            {Icon::Lock.view()}
                        </span>
                    }
                })}
        </div>
        <Tick checked=Signal::derive(move || if selection.has(id) { "true" } else { "false" }) name=select />
        <button type="button" class="copy" tabindex="-1" aria-label=copy_name on:click=copy>
            {move || label.get()}
        </button>
    }
}

/// The thumbnail, over a blur of itself until it has loaded.
#[component]
fn Picture(
    image: Memo<Arc<Image>>,
    place: Memo<Place>,
    complete: ReadSignal<bool>,
) -> impl IntoView {
    let (loaded, broken) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let picture = NodeRef::<html::Img>::new();
    on_cleanup(move || cancel_loading(picture));
    let first = image.get_untracked();
    let (width, height) = (f64::from(first.width), f64::from(first.height));
    let small = move || place.with(|place| is_small(width, height, place));
    let (library, api) = (use_library(), StoredValue::new(use_api()));
    let hash = first.placeholder.clone();
    let blur = move || {
        let hash = hash.clone().filter(|_| complete.get() && !loaded.get());
        hash.map(|hash| view! { <Blur hash /> })
    };
    // If a rendition fails to load, the original is shown; a picture with new links begins again.
    let source = move || {
        image.with(|image| {
            let is_broken = broken.with(|broken| broken.as_deref() == Some(&*image.links.thumb));
            if is_broken {
                image.links.original.clone()
            } else {
                place.with(|place| source(image, place).to_owned())
            }
        })
    };
    let failed = move |_| {
        let image = image.get_untracked();
        broken.set(Some(image.links.thumb.clone()));
        look_again(image, library, api.get_value());
    };
    view! {
        {blur}
        <img
            node_ref=picture
            class:small=small
            src=source
            width=first.width
            height=first.height
            alt=move || image.with(|image| name(image))
            decoding="async"
            draggable="false"
            on:load=move |_| loaded.set(true)
            on:error=failed
        />
    }
}

/// Whether a picture would look coarse if it filled its place: up to this much larger it does not.
fn is_small(width: f64, height: f64, place: &Place) -> bool {
    const ENLARGED: f64 = 1.75;
    (place.width / width).max(place.height / height) > ENLARGED
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

/// The links of a private picture expire after some minutes, or with the sessions: reads it again for new ones. Within a minute they stay
/// the same, so that a broken picture is not requested for ever. One that was deleted elsewhere leaves the wall.
fn look_again(image: Arc<Image>, library: Library, api: Authed) {
    spawn_local(async move {
        match api.get_image(image.id).await {
            Ok(image) => library.put(image),
            Err(error) if error.code() == Some(ProblemCode::NotFound) => library.remove(&[&image]),
            Err(_) => {}
        }
    });
}

/// The rendition for this place, which it fills. A thumbnail may be scaled up to twice its size before the preview, ten times as heavy, is
/// worth its bytes: on a phone a tile is as wide as the screen. `srcset` would do the same, but the browser keeps a listener for each
/// picture that has one.
fn source<'a>(image: &'a Image, place: &Place) -> &'a str {
    let (width, height) = (
        f64::from(image.width.max(1)),
        f64::from(image.height.max(1)),
    );
    let thumb = (f64::from(THUMB_SIDE) / width.max(height)).min(1.0);
    let fills = (place.width / width).max(place.height / height);
    if fills * window().device_pixel_ratio() > 2.0 * thumb {
        &image.links.preview
    } else {
        &image.links.thumb
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::is_small;
    use crate::pages::gallery::layout::Place;

    #[wasm_bindgen_test]
    fn a_picture_a_little_smaller_than_its_place_fills_it() {
        let place = Place {
            width: 300.0,
            height: 216.0,
            ..Place::default()
        };
        assert!(!is_small(250.0, 180.0, &place));
        assert!(!is_small(4000.0, 330.0, &place));
        assert!(is_small(32.0, 32.0, &place));
    }
}
