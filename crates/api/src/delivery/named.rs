//! Names in addresses, of images, albums and archives. Whatever stands there, a person is told in words that it names nothing.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

/// What stands in an address; empty where it is no text.
pub struct Named(pub String);

/// The name of an image or album. `None`: what stands there can be none.
pub struct Slug(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let text = Path::from_request_parts(parts, state).await;
        Ok(Self(text.map(|Path(text)| text).unwrap_or_default()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Slug {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let Named(name) = Named::from_request_parts(parts, state).await?;
        Ok(Self(is_slug(&name).then_some(name)))
    }
}

/// Whether this may be the name of an image or album, and stand in an address as it is.
pub fn is_slug(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric())
}
