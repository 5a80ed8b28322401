//! A build that sends no spans.

use axum::http::{Method, StatusCode};
use tracing::Span;
use tracing_subscriber::layer::Identity;

use crate::config;

/// A collector is configured.
#[derive(Debug, thiserror::Error)]
#[error(
    "TINTYPE_TRACES__ENDPOINT is set, but this build sends no traces: build with `cargo xtask release`, or leave it out"
)]
pub struct TracesError;

/// What sends spans: nothing does.
pub enum Traces {}

impl Traces {
    /// Never begins.
    ///
    /// # Errors
    /// A collector is configured.
    pub fn begin(
        traces: &config::Traces,
        _role: &'static str,
    ) -> Result<Option<Self>, TracesError> {
        match traces.endpoint {
            Some(_) => Err(TracesError),
            None => Ok(None),
        }
    }

    /// What makes the spans.
    #[must_use]
    pub fn layer(&self) -> Identity {
        match *self {}
    }

    /// Sends what is left.
    pub fn end(self) -> std::future::Ready<()> {
        match self {}
    }
}

/// A request arrived.
pub fn asked(_span: &Span, _method: &Method, _path: &str) {}

/// Its route is known.
pub fn routed(_span: &Span, _method: &Method, _route: &str) {}

/// It was answered.
pub fn answered(_span: &Span, _status: StatusCode) {}
