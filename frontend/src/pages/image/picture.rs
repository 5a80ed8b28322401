//! The picture in layers: its blur and its thumbnail at once, then its preview, then its original when it is zoomed.

use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use tintype_dto::Image;
use tintype_imaging::PREVIEW_SIDE;

use super::zoom::{Lens, View};
use crate::components::{Blur, length, number};
use crate::text;

/// The picture where the view has it. `broken` is told when it does not load.
#[component]
pub fn Picture(
    image: Memo<Image>,
    lens: Memo<Lens>,
    view: RwSignal<View>,
    broken: Callback<()>,
) -> impl IntoView {
    let pixels = move |of: fn(Lens) -> f64| move || length(of(lens.get()));
    let transform = move || transform(view.get());
    let (loaded, failed) = (RwSignal::new(false), RwSignal::new(false));
    let first = image.get_untracked();
    // A preview is a still picture, and scales; animations and small pictures are shown as they are.
    let scales = !first.animated && first.width.max(first.height) > PREVIEW_SIDE;
    let wants_original = Memo::new(move |before: Option<&bool>| {
        before == Some(&true) || (scales && is_larger_than_preview(&lens.get(), view.get()))
    });
    let shown = move || {
        image.with(|image| {
            if scales {
                image.links.preview.clone()
            } else {
                image.links.original.clone()
            }
        })
    };
    let thumb = move || image.with(|image| image.links.thumb.clone());
    let blur = first.placeholder.clone();
    let fail = move |_| {
        failed.set(true);
        broken.run(());
    };
    let again = try_again(failed);
    view! {
        <figure class:loaded=loaded style:width=pixels(|lens| lens.fitted.width) style:height=pixels(|lens| lens.fitted.height) style:transform=transform>
            {move || {
                again.get();
                view! {
                    <img
                        class="main"
                        src=shown
                        width=first.width
                        height=first.height
                        alt=move || image.with(description)
                        decoding="async"
                        draggable="false"
                        on:load=move |_| {
                            loaded.set(true);
                            failed.set(false);
                        }
                        on:error=fail
                    />
                }
            }}
            {move || (!loaded.get()).then(|| blur.clone().map(|hash| view! { <Blur hash /> }))}
            {move || (!loaded.get() && !failed.get()).then(|| view! { <img class="thumb" src=thumb alt="" draggable="false" /> })}
            {move || {
                wants_original
                    .get()
                    .then(|| {
                        let src = move || image.with(|image| image.links.original.clone());
                        view! { <img class="original" src=src alt="" decoding="async" draggable="false" /> }
                    })
            }}
        </figure>
        <NotLoaded failed again />
    }
}

/// How the picture is moved and scaled.
fn transform(View { scale, x, y }: View) -> String {
    [
        "translate(",
        &length(x),
        ",",
        &length(y),
        ") scale(",
        &number(scale),
        ")",
    ]
    .concat()
}

/// That it did not load, and another try.
#[component]
fn NotLoaded(failed: RwSignal<bool>, again: RwSignal<u32>) -> impl IntoView {
    view! {
        <div class="not-loaded" role="status">
            {move || {
                failed
                    .get()
                    .then(|| {
                        view! {
                            <p>{text::PICTURE_NOT_LOADED}</p>
                            <button type="button" class="button" on:click=move |_| again.update(|again| *again += 1)>
                                {text::TRY_AGAIN}
                            </button>
                        }
                    })
            }}
        </div>
    }
}

/// Counts the tries: a picture that failed is asked for again when there is a network again.
fn try_again(failed: RwSignal<bool>) -> RwSignal<u32> {
    let again = RwSignal::new(0);
    let online = window_event_listener(ev::online, move |_| {
        if failed.try_get_untracked() == Some(true) {
            again.update(|again| *again += 1);
        }
    });
    on_cleanup(move || online.remove());
    again
}

fn description(image: &Image) -> String {
    let told = image.alt.as_ref().or(image.title.as_ref());
    told.unwrap_or(&image.filename).clone()
}

/// Whether the screen shows more pixels than the preview has.
fn is_larger_than_preview(lens: &Lens, view: View) -> bool {
    let longest = lens.fitted.width.max(lens.fitted.height) * view.scale;
    longest * window().device_pixel_ratio() > f64::from(PREVIEW_SIDE) * 1.1
}
