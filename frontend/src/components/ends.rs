//! The choice of when something ends.

use chrono::{DateTime, TimeDelta, Utc};
use leptos::ev;
use leptos::prelude::*;

use crate::api::server_now;
use crate::{dates, text};

/// A day is chosen in a field of its own.
const ON_A_DAY: &str = "day";

/// When something ends: never, after some time, or with a day.
#[component]
pub fn Ends(
    #[prop(into)] end: Signal<Option<DateTime<Utc>>>,
    choose: Callback<Option<DateTime<Utc>>>,
) -> impl IntoView {
    let picks_day = RwSignal::new(false);
    let chosen = move |event: ev::Event| {
        let value = event_target_value(&event);
        picks_day.set(value == ON_A_DAY);
        match value.parse() {
            Ok(seconds) => choose.run(after(seconds)),
            Err(_) if value.is_empty() => choose.run(None),
            Err(_) => {}
        }
    };
    let day = move |event: ev::Event| {
        let end = dates::end_of_day(&event_target_value(&event));
        if end.is_some() {
            picks_day.set(false);
            choose.run(end);
        }
    };
    let options = move || {
        let end = end.get();
        let option =
            |(value, name): &'static (&str, &str)| view! { <option value=*value>{*name}</option> };
        view! {
            {end.map(|end| view! { <option selected>{text::ends(&dates::moment(end))}</option> })}
            {text::ENDS.iter().map(option).collect_view()}
        }
    };
    view! {
        <select class="ends" aria-label=text::END on:change=chosen>
            {options}
        </select>
        <input type="date" class="ends" aria-label=text::END_DAY hidden=move || !picks_day.get() on:change=day />
    }
}

fn after(seconds: i64) -> Option<DateTime<Utc>> {
    let now = DateTime::from_timestamp(server_now(), 0)?;
    now.checked_add_signed(TimeDelta::seconds(seconds))
}
