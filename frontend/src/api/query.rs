//! Query strings, written by the browser.

use js_sys::{JSON, JsString};
use serde::Serialize;
use wasm_bindgen::JsCast;
use web_sys::UrlSearchParams;

/// `path` with this query, which must skip the fields that are `None`.
pub fn with_query(path: &str, query: &impl Serialize) -> String {
    let json = serde_json::to_string(query).unwrap_or_default();
    let fields = JSON::parse(&json).unwrap_or_default();
    let query = UrlSearchParams::new_with_record_from_str_to_str(fields.unchecked_ref())
        .map_or_else(|_| JsString::default(), |query| query.to_string());
    [path, "?", &String::from(query)].concat()
}
