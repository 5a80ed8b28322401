//! Dates and times for people, by the browser's clock and time zone.

use chrono::{DateTime, Utc};
use js_sys::{Date, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::text;

const LOCALE: &str = "en-GB";
const MINUTES_OF_A_DAY: i64 = 1440;

/// Days since 1 January 1970, local time.
pub fn day(time: DateTime<Utc>) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an offset is less than a day of minutes"
    )]
    let offset = date(time).get_timezone_offset() as i64;
    (time.timestamp().div_euclid(60) - offset).div_euclid(MINUTES_OF_A_DAY)
}

/// Today, as [`day`] counts.
pub fn today() -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds since 1970 fit"
    )]
    let now = DateTime::from_timestamp_millis(Date::now() as i64).unwrap_or_default();
    day(now)
}

/// `Today`, `Yesterday`, `Saturday, 21 November`; with the year when it is another one.
pub fn day_name(time: DateTime<Utc>) -> String {
    match today() - day(time) {
        0 => text::TODAY.into(),
        1 => text::YESTERDAY.into(),
        _ => long(time),
    }
}

/// `today, 09:41` or `21 November 2026, 09:41`.
pub fn moment(time: DateTime<Utc>) -> String {
    let date = date(time);
    let clock = format(&date, &[("hour", "2-digit"), ("minute", "2-digit")]);
    let day = match today() - day(time) {
        0 => text::TODAY.to_ascii_lowercase(),
        1 => text::YESTERDAY.to_ascii_lowercase(),
        _ => format(
            &date,
            &[("day", "numeric"), ("month", "long"), ("year", "numeric")],
        ),
    };
    format!("{day}, {clock}")
}

fn long(time: DateTime<Utc>) -> String {
    let date = date(time);
    let mut fields = vec![("weekday", "long"), ("day", "numeric"), ("month", "long")];
    if date.get_full_year() != Date::new_0().get_full_year() {
        fields.push(("year", "numeric"));
    }
    format(&date, &fields)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 fit in 53 bits"
)]
fn date(time: DateTime<Utc>) -> Date {
    Date::new(&JsValue::from_f64(time.timestamp_millis() as f64))
}

fn format(date: &Date, fields: &[(&str, &str)]) -> String {
    let options = Object::new();
    for (name, value) in fields {
        Reflect::set(
            &options,
            &JsValue::from_str(name),
            &JsValue::from_str(value),
        )
        .ok();
    }
    date.to_locale_string(LOCALE, &options).into()
}
