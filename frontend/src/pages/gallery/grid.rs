//! The grid: only pictures near the window are in the document, however long the list.

use leptos::prelude::*;
use leptos::{ev, html};
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::focus::{Wall, picture_of, use_wall_focus};
use super::frame_queue::provide_frame_queue;
use super::jump::use_jump;
use super::layout::{Day, Item, Layout, Measures, Place, justify};
use super::pointer::WallPointer;
use super::reorder::Carry;
use super::scrubber::Scrubber;
use super::selection::use_selection;
use super::tick::Tick;
use super::tile::Tile;
use super::viewport::{VerticalRange, watch_viewport};
use crate::components::{ListRow, length, on_resize, rows};
use crate::library::{Library, ListedImage, Loading, Order, use_library};
use crate::watch::watch;
use crate::{dates, text};

/// The next page is loaded when the end is this close to the window, in CSS pixels.
const APPROACH: f64 = 2400.0;

/// Below this width a day has a short name, in CSS pixels.
const NARROW: f64 = 300.0;

/// All loaded pictures.
#[component]
pub fn Grid() -> impl IntoView {
    let (library, selection, focus) = (use_library(), use_selection(), use_wall_focus());
    let grid = NodeRef::<html::Div>::new();
    let width = watch_width(grid);
    let (visible, rendered) = watch_viewport(grid);
    provide_frame_queue();
    let layout =
        Memo::new(move |_| library.with(|images| arrange(images, width.get(), library.order())));
    load_on_approach(library, layout, visible);
    let wall = Wall {
        grid,
        layout,
        rendered,
        visible,
        library,
    };
    wall.follow_focus();
    wall.follow_jumps(use_jump());
    let (tab_stop, pointer) = (wall.tab_stop(), WallPointer::new());
    let days = rows(move || {
        let VerticalRange { from, to } = rendered.get();
        let row = |day: &Day| {
            let date = day.date;
            ListRow::new(
                date.cast_unsigned(),
                move || view! { <DaySection date wall tab_stop /> },
            )
        };
        layout.with(|layout| {
            let days = &layout.days[layout.days_between(from, to)];
            days.iter().map(row).collect()
        })
    });
    let focused = move |event: ev::FocusEvent| {
        if let Some(id) = picture_of(event.target().as_ref()) {
            focus.is_on(id);
        }
    };
    view! {
        <div
            node_ref=grid
            class="grid"
            class:selecting=move || !selection.is_empty()
            style:height=move || layout.with(|layout| length(layout.height))
            on:keydown=wall.keys(&pointer.carry)
            on:focusin=focused
            on:click=move |event| pointer.click(&event)
            on:pointerdown=move |event| pointer.down(&event)
            on:pointermove=move |event| pointer.moved(&event)
            on:touchmove=move |event| {
                if pointer.is_at_work() {
                    event.prevent_default();
                }
            }
            on:contextmenu=move |event| {
                if pointer.is_pressing() {
                    event.prevent_default();
                }
            }
        >
            <div node_ref=days></div>
            <DropMark wall carry=pointer.carry />
        </div>
        <Scrubber wall />
    }
}

/// Where the picture that is carried would stand.
#[component]
fn DropMark(wall: Wall, carry: Carry) -> impl IntoView {
    let mark = Memo::new(move |_| carry.mark(wall));
    let pixels = move |of: fn(&(Place, bool)) -> f64| {
        move || mark.with(|mark| length(mark.as_ref().map_or(0.0, of)))
    };
    view! {
        <div
            class="drop-mark"
            hidden=move || mark.with(Option::is_none)
            style:left=pixels(|(place, behind)| place.left + if *behind { place.width } else { 0.0 })
            style:top=pixels(|(place, _)| place.top)
            style:height=pixels(|(place, _)| place.height)
        ></div>
    }
}

/// One day: its heading and its pictures near the window.
#[component]
fn DaySection(date: i64, wall: Wall, tab_stop: Memo<Option<Uuid>>) -> impl IntoView {
    let library = use_library();
    let Wall {
        layout, rendered, ..
    } = wall;
    let place = Memo::new(move |_| {
        layout.with(|layout| layout.days.iter().find(|found| found.date == date).cloned())
    });
    let tile = move |first: &ListedImage| {
        let first = first.clone();
        ListRow::new(first.image.id.as_u128(), move || {
            let image = first.image.clone();
            let place = Memo::new(move |_| {
                let at = library.position(&image);
                layout.with(|layout| {
                    at.and_then(|at| layout.places.get(at).copied())
                        .unwrap_or_default()
                })
            });
            view! { <Tile first place tab_stop /> }
        })
    };
    let tiles = rows(move || {
        let Some(day) = place.get() else {
            return Vec::new();
        };
        let VerticalRange { from, to } = rendered.get();
        let range = layout.with(|layout| layout.items_between(&day, from, to));
        library.with(|images| {
            images
                .get(range)
                .unwrap_or_default()
                .iter()
                .map(tile)
                .collect()
        })
    });
    let narrow = Memo::new(move |_| {
        place.with(|place| place.as_ref().is_some_and(|day| day.width < NARROW))
    });
    let pixels = move |of: fn(&Day) -> f64| move || place.get().map(|day| length(of(&day)));
    view! {
        <section
            class="day"
            class:narrow=narrow
            style:left=pixels(|day| day.left)
            style:top=pixels(|day| day.top)
            style:width=pixels(|day| day.width)
            style:height=pixels(|day| day.height)
        >
            <Heading place narrow />
            <ul node_ref=tiles></ul>
        </section>
    }
}

/// A day's name, how many pictures it has, and a tick that selects them.
#[component]
fn Heading(place: Memo<Option<Day>>, narrow: Memo<bool>) -> impl IntoView {
    let (library, selection) = (use_library(), use_selection());
    let name = Memo::new(move |_| {
        let first = place.get()?.items.start;
        library.with(|images| {
            images
                .get(first)
                .map(|listed| dates::day_name(listed.image.created_at, narrow.get()))
        })
    });
    // The last day may continue on the next page.
    let is_whole = Memo::new(move |_| {
        let end = place.get().map_or(0, |day| day.items.end);
        library.loading() == Loading::Done || library.with(|images| end < images.len())
    });
    let count = move || {
        let items = place.get()?.items;
        is_whole.get().then(|| text::pictures(items.len()))
    };
    let ids = move || {
        let items = place.get().map(|day| day.items).unwrap_or_default();
        library.with(|images| {
            let day = images.get(items).unwrap_or_default();
            day.iter().map(|listed| listed.image.id).collect::<Vec<_>>()
        })
    };
    let checked = Signal::derive(move || {
        let ids = ids();
        match ids.iter().filter(|id| selection.has(**id)).count() {
            0 => "false",
            some if some < ids.len() => "mixed",
            _ => "true",
        }
    });
    let wants_rest = RwSignal::new(false);
    let toggle = move |event: ev::MouseEvent| {
        let is_tick = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .is_some_and(|target| target.closest(".tick").ok().flatten().is_some());
        if is_tick {
            let select = checked.get_untracked() != "true";
            selection.set(&untrack(ids), select);
            wants_rest.set(select && !is_whole.get_untracked());
        }
    };
    select_rest(wants_rest, is_whole, move || {
        selection.set(&untrack(ids), true);
    });
    view! {
        <h2 on:click=toggle hidden=move || !has_days(library.order())>
            {move || {
                let name = name.get();
                let select = format!("{}: {}", text::SELECT, name.as_deref().unwrap_or_default());
                view! {
                    <Tick checked name=select />
                    <span class="name">{name}</span>
                }
            }}
            " "
            <span class="count">{count}</span>
        </h2>
    }
}

/// What is still to come of a day that is selected belongs to it.
fn select_rest(wanted: RwSignal<bool>, is_whole: Memo<bool>, select: impl Fn() + 'static) {
    let library = use_library();
    watch(move || match (wanted.get(), library.loading()) {
        (true, _) if is_whole.get() => {
            select();
            wanted.set(false);
        }
        (true, Loading::More(_)) => library.load_more(),
        (true, Loading::Failed(..)) => wanted.set(false),
        _ => {}
    });
}

/// Tracks the grid's width in CSS pixels.
fn watch_width(grid: NodeRef<html::Div>) -> RwSignal<f64> {
    let width = RwSignal::new(0.0);
    watch(move || {
        let Some(element) = grid.get() else { return };
        width.set(element.get_bounding_client_rect().width());
        let measured = element.clone();
        on_resize(&element, move || {
            let now = measured.get_bounding_client_rect().width();
            let before = width.try_get_untracked();
            if before.is_some_and(|before| (before - now).abs() > 0.5) {
                width.set(now);
            }
        });
    });
    width
}

fn load_on_approach(library: Library, layout: Memo<Layout>, visible: Memo<VerticalRange>) {
    let near =
        Memo::new(move |_| visible.get().to + APPROACH > layout.with(|layout| layout.height));
    watch(move || {
        if near.get() && matches!(library.loading(), Loading::More(_)) {
            library.load_more();
        }
    });
}

/// By name and by size, and in an album, pictures of all days stand together.
fn has_days(order: Order) -> bool {
    order != Order::Other
}

fn arrange(images: &[ListedImage], width: f64, order: Order) -> Layout {
    if width <= 0.0 {
        return Layout::default();
    }
    let has_days = has_days(order);
    let items: Vec<Item> = images
        .iter()
        .map(|ListedImage { image, day }| Item {
            ratio: f64::from(image.width) / f64::from(image.height.max(1)),
            day: if has_days { *day } else { 0 },
        })
        .collect();
    let row = if width < 600.0 { 132.0 } else { 216.0 };
    justify(
        &items,
        &Measures {
            width,
            row,
            gap: 6.0,
            heading: if has_days { 44.0 } else { 8.0 },
            between: 12.0,
            beside: 24.0,
            least: 150.0,
        },
    )
}
