//! The one place where requests leave and responses arrive.

use std::time::Duration;

use gloo_net::http::{Method, Request, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tintype_dto::{Problem, ProblemCode};

use super::{ApiError, prefetched};
use crate::json;

/// A successful answer, before its body is read.
pub struct Answer(Response);

/// Sends a request and turns everything but a success into an [`ApiError`].
pub async fn send(
    method: Method,
    url: &str,
    token: Option<&str>,
    body: Option<&impl Serialize>,
) -> Result<Answer, ApiError> {
    let prefetched = if method == Method::GET {
        prefetched::take(url, token).await
    } else {
        None
    };
    let response = match prefetched {
        Some(response) => response,
        None => fetch(method, url, token, body).await?,
    };
    if response.ok() {
        Ok(Answer(response))
    } else {
        Err(refusal(response).await)
    }
}

async fn fetch(
    method: Method,
    url: &str,
    token: Option<&str>,
    body: Option<&impl Serialize>,
) -> Result<Response, ApiError> {
    let mut request = RequestBuilder::new(url)
        .method(method)
        .header("Accept", "application/json");
    if let Some(token) = token {
        request = request.header("Authorization", &format!("Bearer {token}"));
    }
    with_body(request, body)?
        .send()
        .await
        .map_err(|_| ApiError::Network)
}

fn with_body(request: RequestBuilder, body: Option<&impl Serialize>) -> Result<Request, ApiError> {
    match body {
        Some(body) => request.json(body),
        None => request.build(),
    }
    .map_err(|_| ApiError::Unexpected(0))
}

async fn refusal(response: Response) -> ApiError {
    let (status, wait) = (response.status(), retry_after(&response));
    let body = response.text().await.unwrap_or_default();
    json::read(&body).map_or(
        ApiError::Unexpected(status),
        |problem: Box<Problem>| match problem.code {
            ProblemCode::TooManyUnfinished => ApiError::Throttled(problem, wait),
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
    /// The HTTP status, 200 to 299.
    pub fn status(&self) -> u16 {
        self.0.status()
    }

    /// How long to wait before asking again: `Retry-After` in seconds, one second when it is missing.
    pub fn retry_after(&self) -> Duration {
        retry_after(&self.0)
    }

    /// The body, as JSON.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        let status = self.status();
        let body = self.0.text().await.map_err(|_| ApiError::Network)?;
        json::read(&body).ok_or(ApiError::Unexpected(status))
    }
}
