//! Addresses of the API, relative to the page's own origin.

use js_sys::encode_uri_component;
use uuid::Uuid;

use crate::library::Filter;

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

pub fn change_password() -> String {
    format!("{BASE}/me/password")
}

pub fn log_out_everywhere() -> String {
    format!("{BASE}/me/logout-everywhere")
}

pub fn delete_account() -> String {
    format!("{BASE}/me/delete")
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

pub fn images(filter: &Filter, cursor: Option<&str>, limit: u32) -> String {
    let mut url = format!("{BASE}/images?limit={limit}");
    // All of the day: up to the last moment that can be told.
    let before = if filter.until.is_empty() {
        String::new()
    } else {
        format!("{}T23:59:59.999999Z", filter.until)
    };
    for (name, value) in [
        ("q", filter.text.as_str()),
        ("before", &before),
        ("cursor", cursor.unwrap_or_default()),
    ] {
        if !value.is_empty() {
            url.extend(["&", name, "=", &String::from(encode_uri_component(value))]);
        }
    }
    url
}

pub fn bulk(action: &str) -> String {
    format!("{BASE}/images/bulk/{action}")
}

pub fn image(id: Uuid) -> String {
    format!("{BASE}/images/{id}")
}
