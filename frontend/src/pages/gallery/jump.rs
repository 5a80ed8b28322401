//! Jumps in the wall: to a day, or to a place among all pictures. What lies between is loaded first.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use tintype_dto::Image;

use super::focus::{Wall, use_wall_focus};
use crate::dates;
use crate::library::{Filter, Loading, use_library};
use crate::text;
use crate::watch::watch;

/// So many pictures are loaded behind the one that is jumped to.
const AHEAD: usize = 20;

/// Where to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// The newest picture that was uploaded before this time.
    Before(DateTime<Utc>),
    /// The picture with this number, from 0.
    Number(usize),
}

/// The jump that has not arrived. Copies are the same.
#[derive(Clone, Copy)]
pub struct Jump(RwSignal<Option<Target>>);

/// Provides it to everything below.
pub fn provide_jump() -> Jump {
    let jump = Jump(RwSignal::new(None));
    provide_context(jump);
    jump
}

/// The jump.
pub fn use_jump() -> Jump {
    expect_context()
}

/// The gallery's address at a day such as `2026-11-24`.
pub fn day_address(filter: &Filter, day: &str) -> String {
    let address = filter.address();
    if day.is_empty() {
        return address;
    }
    let joint = if address.contains('?') { "&" } else { "?" };
    [&address, joint, "day=", day].concat()
}

impl Jump {
    /// Begins a jump.
    pub fn to(self, target: Target) {
        self.0.set(Some(target));
    }

    /// Begins a jump to a day such as `2026-11-24`; to the start, when it is none.
    pub fn to_day(self, day: &str) {
        self.to(dates::end_of_day(day).map_or(Target::Number(0), Target::Before));
    }

    /// Ends it where it is.
    pub fn stop(self) {
        self.0.set(None);
    }
}

impl Wall {
    /// Loads until a jump can arrive, and scrolls there.
    pub fn follow_jumps(self, jump: Jump) {
        let (library, focus) = (use_library(), use_wall_focus());
        watch(move || {
            let Some(target) = jump.0.get() else { return };
            let loading = library.loading();
            let found = library.with(|images| {
                let found = position(images.iter().map(|listed| &*listed.image), target);
                // What is loaded next moves the rows at the end.
                let is_settled = |at: &usize| loading == Loading::Done || at + AHEAD < images.len();
                let found = found.filter(is_settled);
                // Older than all there are: the last one.
                found.or_else(|| {
                    images
                        .len()
                        .checked_sub(1)
                        .filter(|_| loading == Loading::Done)
                })
            });
            let place = found.and_then(|at| self.layout.with(|layout| layout.day_of(at)));
            match (found.zip(place), loading) {
                (Some((at, top)), _) => {
                    // The grid is as long as that in the next frame.
                    request_animation_frame(move || self.scroll_to_top(top));
                    library.with(|images| {
                        if let Some(listed) = images.get(at) {
                            focus.is_on(listed.image.id);
                        }
                    });
                    jump.stop();
                }
                (None, Loading::More(_)) => library.load_more(),
                (None, Loading::Failed(..)) => jump.stop(),
                (None, Loading::Busy | Loading::Done) => {}
            }
        });
    }

    /// Scrolls this place of the grid to the top of the window, below the bar.
    fn scroll_to_top(self, top: f64) {
        let Some(grid) = self.grid.get_untracked() else {
            return;
        };
        let bar = document().query_selector(".topbar").ok().flatten();
        let bar = bar.map_or(0.0, |bar| bar.get_bounding_client_rect().height());
        let by = grid.get_bounding_client_rect().top() + top - bar;
        window().scroll_by_with_x_and_y(0.0, by);
    }
}

fn position<'a>(
    mut images: impl ExactSizeIterator<Item = &'a Image>,
    target: Target,
) -> Option<usize> {
    match target {
        Target::Before(time) => images.position(|image| image.created_at < time),
        Target::Number(at) => (at < images.len()).then_some(at),
    }
}

/// What is said while a jump loads what lies between.
#[component]
pub fn OnTheWay() -> impl IntoView {
    let (jump, library) = (use_jump(), use_library());
    let words = move || {
        let is_far = jump.0.with(Option::is_some) && library.loading() == Loading::Busy;
        is_far.then(|| text::jumping(library.with(<[_]>::len)))
    };
    view! {
        {move || {
            words()
                .map(|words| {
                    view! {
                        <div class="on-the-way" role="status">
                            <span class="spinner" aria-hidden="true"></span>
                            <span>{words}</span>
                            <button type="button" class="link-button" on:click=move |_| jump.stop()>
                                {text::STOP}
                            </button>
                        </div>
                    }
                })
        }}
    }
}
