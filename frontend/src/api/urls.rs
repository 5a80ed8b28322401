//! Addresses of the API, relative to the page's own origin.

use js_sys::encode_uri_component;
use uuid::Uuid;

const BASE: &str = "/api/v1";

pub fn register() -> String {
    format!("{BASE}/auth/register")
}

pub fn log_in() -> String {
    format!("{BASE}/auth/login")
}

pub fn me() -> String {
    format!("{BASE}/me")
}

pub fn limits() -> String {
    format!("{BASE}/limits")
}

pub fn uploads() -> String {
    format!("{BASE}/uploads")
}

pub fn upload(id: Uuid) -> String {
    format!("{BASE}/uploads/{id}")
}

pub fn confirm(id: Uuid) -> String {
    format!("{BASE}/uploads/{id}/confirm")
}

pub fn images(cursor: Option<&str>, limit: u32) -> String {
    match cursor {
        Some(cursor) => format!("{BASE}/images?limit={limit}&cursor={}", encode_uri_component(cursor)),
        None => format!("{BASE}/images?limit={limit}"),
    }
}

pub fn image(id: Uuid) -> String {
    format!("{BASE}/images/{id}")
}

pub fn image_permanently(id: Uuid) -> String {
    format!("{BASE}/images/{id}?permanent=true")
}

pub fn restore(id: Uuid) -> String {
    format!("{BASE}/images/{id}/restore")
}
