//! The months beside the wall: which one is in the window, and a handle that leads to any other.

use std::time::Duration;

use chrono::Datelike;
use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::ImageDay;

use super::focus::Wall;
use super::jump::{Target, use_jump};
use crate::api::use_api;
use crate::dates;
use crate::library::{Order, use_library};
use crate::text;
use crate::watch::{watch, watch_since};

/// How long the month is shown after the wall has moved.
const SHOWN: Duration = Duration::from_millis(1200);
/// So few pictures are seen at a glance.
const FEW: usize = 60;

/// A month with pictures.
#[derive(Clone, PartialEq, Eq)]
struct Month {
    year: i32,
    /// From 1.
    of_year: u32,
    /// The number of its newest picture among all, from 0.
    first: usize,
}

/// The months, the newest first, and how many pictures there are.
#[derive(Clone, Default, PartialEq, Eq)]
struct Months {
    months: Vec<Month>,
    total: usize,
}

impl Months {
    /// Of days, the newest first.
    fn of(days: &[ImageDay]) -> Self {
        let mut all = Self::default();
        for ImageDay { day, count } in days {
            let (year, month) = (day.year(), day.month());
            let is_last = |last: &Month| (last.year, last.of_year) == (year, month);
            if !all.months.last().is_some_and(is_last) {
                all.months.push(Month {
                    year,
                    of_year: month,
                    first: all.total,
                });
            }
            all.total += usize::try_from(*count).unwrap_or_default();
        }
        all
    }

    /// The month of a picture, as a position among the months.
    fn at(&self, number: usize) -> usize {
        let later = self.months.partition_point(|month| month.first <= number);
        later.saturating_sub(1)
    }

    fn name(&self, number: usize) -> String {
        let month = self.months.get(self.at(number));
        month.map_or_else(String::new, |month| {
            dates::month_name(month.year, month.of_year)
        })
    }
}

/// The handle, where there is enough to lead through.
#[component]
pub fn Scrubber(wall: Wall) -> impl IntoView {
    let here = Memo::new(move |_| wall.first_row_in_window());
    let (months, jump, library) = (watch_months(wall), use_jump(), use_library());
    let drawn = RwSignal::new(None::<usize>);
    let number = move || drawn.get().unwrap_or_else(|| here.get());
    let name = Memo::new(move |_| months.with(|months| months.name(number())));
    let is_needed = Memo::new(move |_| {
        library.order() == Order::NewestFirst
            && months.with(|months| months.total > FEW && months.months.len() > 1)
    });
    let moves = moves(here);
    let read = |event: &ev::Event| event_target_value(event).parse().unwrap_or_default();
    let go = move |event: ev::Event| {
        jump.to(Target::Number(read(&event)));
        drawn.set(None);
    };
    // A step is a month: one picture would be too little.
    let step = move |event: ev::KeyboardEvent| {
        let to = months.with_untracked(|months| {
            let at = months.at(here.get_untracked());
            match event.key().as_str() {
                "ArrowDown" | "ArrowRight" => months.months.get(at + 1),
                "ArrowUp" | "ArrowLeft" => months.months.get(at.saturating_sub(1)),
                _ => return None,
            }
            .map(|month| month.first)
        });
        if let Some(to) = to {
            event.prevent_default();
            jump.to(Target::Number(to));
        }
    };
    let last = move || months.with(|months| months.total.saturating_sub(1));
    let part = move || {
        #[expect(clippy::cast_precision_loss, reason = "a list is not that long")]
        let part = number() as f64 / last().max(1) as f64;
        crate::components::number(part * 100.0) + "%"
    };
    view! {
        <div class="scrubber" class:moves=move || moves.get() || drawn.with(Option::is_some) hidden=move || !is_needed.get()>
            <input
                type="range"
                min="0"
                max=move || last().to_string()
                aria-label=text::MONTHS
                aria-valuetext=name
                prop:value=move || number().to_string()
                on:input=move |event| drawn.set(Some(read(&event)))
                on:change=go
                on:keydown=step
            />
            <span aria-hidden="true">
                <span style:top=part>{name}</span>
            </span>
        </div>
    }
}

/// The months of what is listed, read when the wall is scrolled first, and anew with every search.
fn watch_months(wall: Wall) -> RwSignal<Months> {
    let (library, api) = (use_library(), StoredValue::new(use_api()));
    let months = RwSignal::new(Months::default());
    let is_scrolled = Memo::new(move |before: Option<&bool>| {
        before == Some(&true) || wall.visible.get().from > 0.0
    });
    watch(move || {
        if !is_scrolled.get() {
            return;
        }
        let filter = library.filter();
        // An album has an order of its own.
        if filter.album().is_some() {
            return;
        }
        let api = api.get_value();
        spawn_local(async move {
            if let Ok(days) = api.list_days(&filter.days()).await {
                months.try_set(Months::of(&days.days));
            }
        });
    });
    months
}

/// Whether the wall has just moved.
fn moves(here: Memo<usize>) -> RwSignal<bool> {
    let moves = RwSignal::new(false);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    watch_since(move |before: Option<usize>| {
        let here = here.get();
        if before.is_some_and(|before| before != here) {
            stop();
            moves.set(true);
            let still = move || {
                moves.try_set(false);
            };
            timer.set_value(set_timeout_with_handle(still, SHOWN).ok());
        }
        here
    });
    on_cleanup(stop);
    moves
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use tintype_dto::ImageDay;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::Months;

    #[wasm_bindgen_test]
    fn days_are_added_up_to_months() {
        let day = |year, month, day, count| ImageDay {
            day: NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default(),
            count,
        };
        let months = Months::of(&[day(2026, 3, 9, 4), day(2026, 3, 1, 6), day(2025, 3, 1, 90)]);
        assert_eq!((months.total, months.months.len()), (100, 2));
        assert_eq!(
            [0, 9, 10, 99, 500].map(|number| months.at(number)),
            [0, 0, 1, 1, 1]
        );
        assert_eq!(
            (months.name(0).as_str(), months.name(10).as_str()),
            ("March 2026", "March 2025")
        );
        assert_eq!(Months::default().name(3), "");
    }
}
