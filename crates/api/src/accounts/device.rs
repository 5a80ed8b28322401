//! What a request was sent with.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use tintype_core::accounts::device;

/// The device, as a person would call it.
pub struct Device(pub String);

impl<S: Sync> FromRequestParts<S> for Device {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let agent = parts.headers.get(header::USER_AGENT);
        Ok(Self(device(agent.and_then(|agent| agent.to_str().ok()))))
    }
}
