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

/// The end of a day such as `2026-11-24`, local time; `None` if it is none.
pub fn end_of_day(day: &str) -> Option<DateTime<Utc>> {
    // Without an offset it is local time.
    let end = Date::new(&JsValue::from_str(&[day, "T00:00:00"].concat()));
    end.set_date(end.get_date() + 1);
    let time = end.get_time();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds since 1970 fit"
    )]
    let time = (!time.is_nan()).then_some(time as i64)?;
    DateTime::from_timestamp_millis(time)
}

/// The day so many days from today as fields for days have it: `2026-11-24`.
pub fn input_day(days: u32) -> String {
    let date = Date::new_0();
    date.set_date(date.get_date() + days);
    let (year, month, day) = (date.get_full_year(), date.get_month() + 1, date.get_date());
    format!("{year:04}-{month:02}-{day:02}")
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

/// `Today`, `Yesterday`, `Saturday, 21 November` or in short `Sat, 21 Nov`; with the year when it is another one.
pub fn day_name(time: DateTime<Utc>, short: bool) -> String {
    match today() - day(time) {
        0 => text::TODAY.into(),
        1 => text::YESTERDAY.into(),
        _ => named_day(time, if short { "short" } else { "long" }),
    }
}

/// `March 2026`; months count from 1.
pub fn month_name(year: i32, month: u32) -> String {
    let year = u32::try_from(year).unwrap_or_default();
    let date = Date::new_with_year_month(year, i32::try_from(month).unwrap_or(1) - 1);
    format(&date, &[("month", "long"), ("year", "numeric")])
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

fn named_day(time: DateTime<Utc>, names: &str) -> String {
    let date = date(time);
    let mut fields = vec![("weekday", names), ("day", "numeric"), ("month", names)];
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
