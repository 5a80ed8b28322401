//! The grid: only pictures near the window are in the document, however long the list.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

use super::frame_queue::provide_frame_queue;
use super::layout::{Day, Item, Layout, Measures, justify};
use super::selection::use_selection;
use super::tile::Tile;
use super::viewport::{VerticalRange, watch_viewport};
use crate::library::{Library, ListedImage, Loading, use_library};
use crate::{dates, text};

/// The next page is loaded when the end is this close to the window, in CSS pixels.
const APPROACH: f64 = 2400.0;

/// All loaded pictures.
#[component]
pub fn Grid() -> impl IntoView {
    let (library, selection) = (use_library(), use_selection());
    let grid = NodeRef::<html::Div>::new();
    let width = watch_width(grid);
    let (visible, rendered) = watch_viewport(grid);
    provide_frame_queue();
    let layout = Memo::new(move |_| library.with(|images| arrange(images, width.get())));
    load_on_approach(library, layout, visible);
    let days = move || {
        let VerticalRange { from, to } = rendered.get();
        layout.with(|layout| layout.days[layout.days_between(from, to)].to_vec())
    };
    view! {
        <div node_ref=grid class="grid" class:selecting=move || !selection.is_empty() style:height=move || layout.with(|layout| length(layout.height))>
            <For each=days key=|day| day.date children=move |day| view! { <DaySection date=day.date layout rendered /> } />
        </div>
    }
}

/// One day: its heading and its pictures near the window.
#[component]
fn DaySection(
    date: i64,
    layout: Memo<Layout>,
    rendered: ReadSignal<VerticalRange>,
) -> impl IntoView {
    let library = use_library();
    let place = Memo::new(move |_| {
        layout.with(|layout| layout.days.iter().find(|found| found.date == date).cloned())
    });
    let name = move || {
        let first = place.get()?.items.start;
        library.with(|images| {
            images
                .get(first)
                .map(|listed| dates::day_name(listed.image.created_at))
        })
    };
    // The last day may continue on the next page, so its count could be wrong.
    let count = move || {
        let items = place.get()?.items;
        let whole =
            library.loading() == Loading::Done || library.with(|images| items.end < images.len());
        whole.then(|| text::pictures(items.len()))
    };
    let tiles = move || {
        let Some(day) = place.get() else {
            return Vec::new();
        };
        let VerticalRange { from, to } = rendered.get();
        let range = layout.with(|layout| layout.items_between(&day, from, to));
        library.with(|images| {
            images
                .get(range)
                .map(<[ListedImage]>::to_vec)
                .unwrap_or_default()
        })
    };
    let pixels = move |of: fn(&Day) -> f64| move || place.get().map(|day| length(of(&day)));
    view! {
        <section class="day" style:top=pixels(|day| day.top) style:height=pixels(|day| day.height)>
            <h2>{name} <span>{count}</span></h2>
            <ul>
                <For
                    each=tiles
                    key=|ListedImage { image, .. }| (image.id, image.title.clone(), image.links.original.clone())
                    children=move |ListedImage { image, .. }| {
                        let place = Memo::new({
                            let image = image.clone();
                            move |_| {
                                let at = library.position(&image);
                                layout.with(|layout| at.and_then(|at| layout.places.get(at).copied()).unwrap_or_default())
                            }
                        });
                        view! { <Tile image place /> }
                    }
                />
            </ul>
        </section>
    }
}

/// Tracks the grid's width in CSS pixels.
fn watch_width(grid: NodeRef<html::Div>) -> RwSignal<f64> {
    let width = RwSignal::new(0.0);
    Effect::new(move |_| {
        let Some(element) = grid.get() else { return };
        width.set(element.get_bounding_client_rect().width());
        let measure = {
            let element = element.clone();
            Closure::<dyn Fn()>::new(move || {
                let now = element.get_bounding_client_rect().width();
                if width
                    .try_get_untracked()
                    .is_some_and(|before| (before - now).abs() > 0.5)
                {
                    width.set(now);
                }
            })
        };
        let Ok(observer) = ResizeObserver::new(measure.as_ref().unchecked_ref()) else {
            return;
        };
        observer.observe(&element);
        let held = StoredValue::new_local((observer, measure));
        on_cleanup(move || held.with_value(|(observer, _)| observer.disconnect()));
    });
    width
}

fn load_on_approach(library: Library, layout: Memo<Layout>, visible: Memo<VerticalRange>) {
    let near =
        Memo::new(move |_| visible.get().to + APPROACH > layout.with(|layout| layout.height));
    Effect::new(move |_| {
        if near.get() && matches!(library.loading(), Loading::More(_)) {
            library.load_more();
        }
    });
}

/// A CSS length, formatted by the browser: Rust's float formatting weighs as much as the rest of the gallery.
pub fn length(pixels: f64) -> String {
    let number = js_sys::Number::from(pixels)
        .to_string_with_radix(10)
        .map(String::from);
    number.unwrap_or_default() + "px"
}

fn arrange(images: &[ListedImage], width: f64) -> Layout {
    if width <= 0.0 {
        return Layout::default();
    }
    let items: Vec<Item> = images
        .iter()
        .map(|ListedImage { image, day }| Item {
            ratio: f64::from(image.width) / f64::from(image.height.max(1)),
            day: *day,
        })
        .collect();
    let row = if width < 600.0 { 132.0 } else { 216.0 };
    justify(
        &items,
        &Measures {
            width,
            row,
            gap: 6.0,
            heading: 44.0,
            between: 12.0,
        },
    )
}
