//! Entity tags: which state of something an answer shows. A client that has it already is told so in a few bytes; one that changes what it has
//! read says which state it means.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::convert::Infallible;
use tintype_dto::{Album, Image, ImageLinks, ProblemCode};
use xxhash_rust::xxh3::xxh3_64;

use crate::problems::ApiError;

/// For the owner's own cache, which asks each time whether it is still so.
const CACHING: HeaderValue = HeaderValue::from_static("private, no-cache");

/// What has a state that a client may name.
pub trait Stateful: Serialize {
    /// The same without the links that are signed anew each minute: nothing has changed with them.
    #[must_use]
    fn unsigned(&self) -> Self;

    /// A link in it that expires, if there are any.
    fn signed_link(&self) -> Option<&str>;
}

impl Stateful for Image {
    fn unsigned(&self) -> Self {
        let links = ImageLinks {
            original: String::new(),
            preview: String::new(),
            thumb: String::new(),
            expires_at: None,
            ..self.links.clone()
        };
        Self {
            links,
            ..self.clone()
        }
    }

    fn signed_link(&self) -> Option<&str> {
        let links = &self.links;
        links.expires_at.map(|_| links.original.as_str())
    }
}

impl Stateful for Album {
    fn unsigned(&self) -> Self {
        Self {
            cover: self.cover.as_ref().map(Stateful::unsigned),
            ..self.clone()
        }
    }

    fn signed_link(&self) -> Option<&str> {
        self.cover.as_ref().and_then(Stateful::signed_link)
    }
}

/// The tags that a request names in this header.
struct Named(Vec<HeaderValue>);

impl Named {
    fn of(headers: &HeaderMap, name: &HeaderName) -> Option<Self> {
        let values: Vec<_> = headers.get_all(name).iter().cloned().collect();
        (!values.is_empty()).then_some(Self(values))
    }

    /// Whether one of them fits, or is `*`.
    fn any(&self, fits: impl Fn(&str) -> bool) -> bool {
        let texts = self.0.iter().filter_map(|value| value.to_str().ok());
        let mut tags = texts.flat_map(|text| text.split(',')).map(str::trim);
        tags.any(|tag| tag == "*" || fits(tag))
    }
}

/// What the client has already (`If-None-Match`).
pub struct Held(Option<Named>);

impl<S: Sync> FromRequestParts<S> for Held {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Named::of(&parts.headers, &header::IF_NONE_MATCH)))
    }
}

impl Held {
    /// A list, or that it is as the client has it: 304.
    pub fn list<T: Serialize>(&self, list: &T) -> Result<Response, ApiError> {
        let json = serde_json::to_vec(list).map_err(ApiError::internal)?;
        let tag = format!("\"{:016x}\"", xxh3_64(&json));
        self.answer(&tag, json)
    }

    /// The same of one thing.
    pub fn one<T: Stateful>(&self, thing: &T) -> Result<Response, ApiError> {
        let json = serde_json::to_vec(thing).map_err(ApiError::internal)?;
        self.answer(&of(thing)?, json)
    }

    fn answer(&self, tag: &str, json: Vec<u8>) -> Result<Response, ApiError> {
        let has_it = |named: &Named| named.any(|held| held.trim_start_matches("W/") == tag);
        let tag = HeaderValue::from_str(tag).map_err(ApiError::internal)?;
        let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, CACHING)];
        Ok(if self.0.as_ref().is_some_and(has_it) {
            (StatusCode::NOT_MODIFIED, headers).into_response()
        } else {
            let content_type = HeaderValue::from_static("application/json");
            (headers, [(header::CONTENT_TYPE, content_type)], json).into_response()
        })
    }
}

/// The state that the client means to change (`If-Match`).
pub struct Meant(Option<Named>);

impl<S: Sync> FromRequestParts<S> for Meant {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Named::of(&parts.headers, &header::IF_MATCH)))
    }
}

impl Meant {
    /// Whether the client means a certain state.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.0.is_some()
    }

    /// Refuses when it is not this one.
    pub fn check<T: Stateful>(&self, thing: &T) -> Result<(), ApiError> {
        let tag = of(thing)?;
        let is_meant = |named: &Named| named.any(|named| state(named) == state(&tag));
        if self.0.as_ref().is_none_or(is_meant) {
            Ok(())
        } else {
            Err(changed())
        }
    }
}

/// Somebody else has changed it since.
#[must_use]
pub fn changed() -> ApiError {
    ApiError::new(
        ProblemCode::PreconditionFailed,
        "It is not as you have read it any more. Read it again, then change it.",
    )
}

/// The tag of something: of its state, and of its links where they expire, so that nobody keeps some that have expired or ended with a session.
pub fn of<T: Stateful>(thing: &T) -> Result<String, ApiError> {
    let json = serde_json::to_vec(&thing.unsigned()).map_err(ApiError::internal)?;
    let hash = xxh3_64(&json);
    Ok(match thing.signed_link() {
        Some(link) => {
            let links = xxh3_64(link.as_bytes());
            format!("\"{hash:016x}-{links:016x}\"")
        }
        None => format!("\"{hash:016x}\""),
    })
}

/// The part of a tag that says the state. A weak one says none.
fn state(tag: &str) -> Option<&str> {
    let tag = tag.strip_prefix('"')?.strip_suffix('"')?;
    tag.split('-').next()
}
