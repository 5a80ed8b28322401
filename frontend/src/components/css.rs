//! Numbers as styles have them.

/// A CSS length.
pub fn length(pixels: f64) -> String {
    number(pixels) + "px"
}

/// A CSS number, formatted by the browser: Rust's float formatting weighs as much as the rest of the gallery.
pub fn number(number: f64) -> String {
    let number = js_sys::Number::from(number).to_string_with_radix(10);
    number.map(String::from).unwrap_or_default()
}
