//! Requests, as they are sent again and again.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

/// Which listener a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The page and the API.
    App,
    /// Pictures and, in its folder, the embedded store.
    Media,
}

/// One request and the status that it has to be answered with.
#[derive(Clone, Debug)]
pub struct Request {
    pub origin: Origin,
    pub method: Method,
    /// With the query.
    pub path: String,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Bytes,
    pub expected: StatusCode,
    /// Whether it may be sent again when the connection is lost: it changes nothing, or nothing more the second time.
    pub repeatable: bool,
}

impl Request {
    pub fn new(origin: Origin, method: Method, path: impl Into<String>) -> Self {
        Self {
            repeatable: method != Method::POST,
            origin,
            method,
            path: path.into(),
            headers: Vec::new(),
            body: Bytes::new(),
            expected: StatusCode::OK,
        }
    }

    /// For the API.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Origin::App, Method::GET, path)
    }

    /// For the API, with JSON.
    pub fn post(path: impl Into<String>, body: &Value) -> Self {
        let request = Self::new(Origin::App, Method::POST, path);
        Self {
            body: body.to_string().into(),
            ..request.with(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            )
        }
    }

    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// What it is called when it goes wrong; what stands in the query may be a secret.
    pub fn name(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }

    pub fn expecting(self, expected: StatusCode) -> Self {
        Self { expected, ..self }
    }
}
