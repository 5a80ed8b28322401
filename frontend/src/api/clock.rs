//! The server's clock, as its answers tell it: this device's may be wrong.

use std::cell::Cell;

use js_sys::Date;

thread_local! {
    /// How far the server's clock is ahead of this device's, in milliseconds.
    static AHEAD: Cell<f64> = const { Cell::new(0.0) };
}

/// Notes the `Date` of an answer that has just arrived.
pub fn heard(date: Option<&str>) {
    let told = date.map_or(f64::NAN, Date::parse);
    if !told.is_nan() {
        AHEAD.set(told - Date::now());
    }
}

/// The server's time, in seconds since 1970.
pub fn server_now() -> i64 {
    server_now_micros() / 1_000_000
}

/// The server's time, in microseconds since 1970.
#[expect(
    clippy::cast_possible_truncation,
    reason = "they fit for 290,000 years"
)]
pub fn server_now_micros() -> i64 {
    ((Date::now() + AHEAD.get()) * 1000.0) as i64
}
