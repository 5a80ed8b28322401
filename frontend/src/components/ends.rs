//! The choice of when something ends.

use chrono::{DateTime, TimeDelta, Utc};
use leptos::prelude::*;
use leptos::{ev, html};
use web_sys::HtmlInputElement;

use tintype_dto::LONGEST_LIFE;

use crate::api::server_now;
use crate::{dates, text};

/// Seconds.
const DAY: u32 = 86_400;
/// A day is chosen in a field of its own.
const ON_A_DAY: &str = "day";

/// When something ends: never, after some time, or with a day.
#[component]
pub fn Ends(
    #[prop(into)] end: Signal<Option<DateTime<Utc>>>,
    choose: Callback<Option<DateTime<Utc>>>,
) -> impl IntoView {
    let (picks_day, select) = (RwSignal::new(false), NodeRef::<html::Select>::new());
    let chosen = move |event: ev::Event| {
        let value = event_target_value(&event);
        picks_day.set(value == ON_A_DAY);
        match value.parse() {
            Ok(seconds) => choose.run(in_seconds(seconds)),
            Err(_) if value.is_empty() => choose.run(None),
            Err(_) => {}
        }
    };
    let day = move |event: ev::Event| {
        let input: HtmlInputElement = event_target(&event);
        let end = dates::end_of_day(&input.value());
        // A year of which half is typed was long ago.
        if end.is_some() && input.check_validity() {
            picks_day.set(false);
            // Another day can be chosen, whatever becomes of this one.
            if let Some(select) = select.get_untracked() {
                select.set_selected_index(0);
            }
            choose.run(end);
        }
    };
    let [first_day, last_day] = [0, LONGEST_LIFE / DAY].map(dates::input_day);
    let options = move || {
        let end = end.get();
        let option =
            |(value, name): &'static (&str, &str)| view! { <option value=*value>{*name}</option> };
        view! {
            {end.map(|end| view! { <option selected>{words(end)}</option> })}
            {text::ENDS.iter().map(option).collect_view()}
        }
    };
    view! {
        <select node_ref=select class="ends" aria-label=text::END on:change=chosen>
            {options}
        </select>
        <input
            type="date"
            class="ends"
            aria-label=text::END_DAY
            min=first_day
            max=last_day
            hidden=move || !picks_day.get()
            on:change=day
        />
    }
}

/// Whether that time is over, by the server's clock.
pub fn has_ended(end: Option<DateTime<Utc>>) -> bool {
    end.is_some_and(|end| end.timestamp() <= server_now())
}

fn words(end: DateTime<Utc>) -> String {
    let words = if has_ended(Some(end)) {
        text::has_ended
    } else {
        text::ends
    };
    words(&dates::moment(end))
}

/// In so many seconds, by the server's clock.
pub fn in_seconds(seconds: i64) -> Option<DateTime<Utc>> {
    let now = DateTime::from_timestamp(server_now(), 0)?;
    now.checked_add_signed(TimeDelta::seconds(seconds))
}
