//! The only place that sends requests and sees responses.

use std::time::Duration;

use gloo_net::http::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tintype_dto::{Problem, ProblemCode, paths};

use super::{ApiError, clock, prefetched};
use crate::json;

const UNCHANGED: u16 = 304;

/// A successful response, before its body is read.
pub struct Answer(Response);

/// Sends a request, with JSON from [`body`], and turns every failure into an [`ApiError`]. `unless` is the tag of an answer that is known.
pub async fn send(
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<String>,
    unless: Option<&str>,
) -> Result<Answer, ApiError> {
    let prefetched = if method == Method::GET {
        prefetched::take(path, token).await
    } else {
        None
    };
    let response = match prefetched {
        Some(response) => response,
        None => fetch(method, path, token, body, unless).await?,
    };
    clock::heard(response.headers().get("date").as_deref());
    if response.ok() || response.status() == UNCHANGED {
        Ok(Answer(response))
    } else {
        Err(refusal(response).await)
    }
}

/// The JSON body of a request. Only this is compiled for each type of body.
pub fn body(value: &impl Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}

async fn fetch(
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<String>,
    unless: Option<&str>,
) -> Result<Response, ApiError> {
    let mut request = RequestBuilder::new(&[paths::BASE, path].concat())
        .method(method)
        .header("Accept", "application/json");
    if let Some(token) = token {
        request = request.header("Authorization", &format!("Bearer {token}"));
    }
    if let Some(tag) = unless {
        request = request.header("If-None-Match", tag);
    }
    let request = match body {
        Some(body) => request
            .header("Content-Type", "application/json")
            .body(body),
        None => request.build(),
    };
    let request = request.map_err(|_| ApiError::Unexpected(0))?;
    request.send().await.map_err(|_| ApiError::Network)
}

async fn refusal(response: Response) -> ApiError {
    let (status, wait) = (response.status(), retry_after(&response));
    let body = response.text().await.unwrap_or_default();
    json::read(&body).map_or(
        ApiError::Unexpected(status),
        |problem: Box<Problem>| match problem.code {
            ProblemCode::Overloaded | ProblemCode::TooManyUnfinished => {
                ApiError::Throttled(problem, wait)
            }
            _ => ApiError::Problem(problem),
        },
    )
}

fn retry_after(response: &Response) -> Duration {
    let seconds = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.trim().parse().ok());
    Duration::from_secs(seconds.unwrap_or(1))
}

impl Answer {
    /// Whether it is what the tag was of.
    pub fn is_unchanged(&self) -> bool {
        self.status() == UNCHANGED
    }

    /// What names this version of the answer.
    pub fn tag(&self) -> Option<String> {
        self.0.headers().get("etag")
    }

    /// The HTTP status, 200 to 299, or 304.
    pub fn status(&self) -> u16 {
        self.0.status()
    }

    /// How long to wait before the next try: `Retry-After` in seconds, one second if it is missing.
    pub fn retry_after(&self) -> Duration {
        retry_after(&self.0)
    }

    /// The body, as JSON.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        let status = self.status();
        let body = self.text().await?;
        json::read(&body).ok_or(ApiError::Unexpected(status))
    }

    /// The body, as it is.
    pub async fn text(self) -> Result<String, ApiError> {
        self.0.text().await.map_err(|_| ApiError::Network)
    }
}
