//! Addresses in another spelling: they lead to the one that stands in links.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::caching::Left;
use crate::problems::ApiError;

/// To an address of ours, with what else was asked. Caches keep it as they do what it leads to, of which so much is left.
///
/// # Errors
/// What was asked can't stand in a header.
pub fn led_on(address: &str, query: Option<&str>, left: Left) -> Result<Response, ApiError> {
    let location = match query {
        Some(query) => format!("{address}?{query}"),
        None => address.to_owned(),
    };
    let location = HeaderValue::try_from(location).map_err(|_| ApiError::not_found())?;
    let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, left.of_media()?);
    Ok(response)
}

/// The same from anywhere, as pictures are shown anywhere.
pub fn led_on_openly(address: &str, query: Option<&str>, left: Left) -> Result<Response, ApiError> {
    let mut response = led_on(address, query, left)?;
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    Ok(response)
}
