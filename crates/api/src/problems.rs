//! Error responses: every error is sent as `application/problem+json` with a stable code and the request's id.

use std::error::Error;
use std::fmt;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tintype_core::chain;
use tintype_dto::{FieldError, Problem, ProblemCode};
use tower_http::request_id::RequestId;

/// A failed request: what the client is told, and what only the log may contain.
#[derive(Debug)]
pub struct ApiError {
    problem: Box<Problem>,
    retry_after: Option<u32>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// A failure of this kind, with a sentence that says what to do.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            problem: Box::new(Problem::new(code, detail)),
            retry_after: None,
            cause: None,
        }
    }

    /// The answer for a missing resource and for another user's, without telling which.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            ProblemCode::NotFound,
            "There is nothing here, or it is not yours.",
        )
    }

    /// One field breaks a rule.
    #[must_use]
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError {
            field: field.into(),
            message: message.into(),
        }])
    }

    /// Some fields break their rules.
    #[must_use]
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail = errors
            .iter()
            .map(|e| format!("{}: {}", e.field, e.message))
            .collect::<Vec<_>>()
            .join(" ");
        let mut error = Self::new(ProblemCode::ValidationFailed, detail);
        error.problem.errors = errors;
        error
    }

    /// A failure that the client can do nothing about.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ProblemCode::Internal, "The server could not finish this. Try again; if it stays, tell the operator the request id.")
            .caused_by(cause)
    }

    /// The storage does not answer, or lacks an object that it must have.
    pub fn storage_unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let out = Self::new(
            ProblemCode::StorageUnavailable,
            "The storage does not answer. Try again in a moment.",
        );
        Self {
            retry_after: Some(5),
            ..out.caused_by(cause)
        }
    }

    /// The database does not answer.
    pub fn database_unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let out = Self::new(
            ProblemCode::DatabaseUnavailable,
            "The database does not answer. Try again in a moment.",
        );
        Self {
            retry_after: Some(2),
            ..out.caused_by(cause)
        }
    }

    /// Too much to do: come back in `seconds`.
    #[must_use]
    pub fn overloaded(seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                ProblemCode::Overloaded,
                "The server has too much to do. Try again in a moment.",
            )
        }
    }

    /// Too many tries: come back in `seconds`.
    #[must_use]
    pub fn rate_limited(seconds: u32) -> Self {
        let detail = format!(
            "There were too many tries. Wait {} min, then try again.",
            seconds.div_ceil(60)
        );
        Self {
            retry_after: Some(seconds),
            ..Self::new(ProblemCode::RateLimited, detail)
        }
    }

    /// Too many requests of this token or account: come back in `seconds`.
    #[must_use]
    pub fn too_many_requests(whose: &str, most: u32, seconds: u32) -> Self {
        let detail = format!(
            "This {whose} may send {most} requests a minute. Wait {seconds} s, then go on more slowly."
        );
        Self {
            retry_after: Some(seconds),
            ..Self::new(ProblemCode::RateLimited, detail)
        }
    }

    /// As many archives as may be are on their way to this address: come back in `seconds`.
    #[must_use]
    pub fn too_many_archives(seconds: u32) -> Self {
        let detail = "Other albums are being downloaded to your address. Try again when one of them has arrived.";
        Self {
            retry_after: Some(seconds),
            ..Self::new(ProblemCode::RateLimited, detail)
        }
    }

    /// Too many uploads that have not ended: come back in `seconds`.
    #[must_use]
    pub fn too_many_unfinished(seconds: u32) -> Self {
        let detail = "Too many of your files are on their way or wait to be checked. Send this one again when some of them have ended.";
        Self {
            retry_after: Some(seconds),
            ..Self::new(ProblemCode::TooManyUnfinished, detail)
        }
    }

    /// The kind of failure.
    #[must_use]
    pub fn code(&self) -> ProblemCode {
        self.problem.code
    }

    /// When to try again, seconds, where that helps.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        self.retry_after
    }

    /// Says first what it is about.
    #[must_use]
    pub fn about(mut self, what: &str) -> Self {
        self.problem.detail = format!("{what}: {}", self.problem.detail);
        self
    }

    /// Adds the cause, for the log alone.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self {
            problem: Box::new(problem),
            retry_after: None,
            cause: None,
        }
    }
}

impl From<ApiError> for Problem {
    /// The problem as a part of another response. The cause is dropped: use it for refusals, which have none.
    fn from(error: ApiError) -> Self {
        *error.problem
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.problem.code.name(), self.problem.detail)
    }
}

impl Error for ApiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(cause) = &self.cause {
            // Inside the request's span: the line carries the request id.
            tracing::error!(code = self.problem.code.name(), cause = %chain(cause.as_ref()), "request failed");
        }
        let mut response = status.into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(*self.problem);
        response
    }
}

/// Writes the body of every error response, including the framework's. A response that has its own format (the embedded store's XML) keeps
/// it.
pub async fn write_problems(request: Request, next: Next) -> Response {
    let id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok())
        .map(str::to_owned);
    let (mut parts, body) = next.run(request).await.into_parts();
    let problem = match parts.extensions.remove::<Problem>() {
        Some(problem) => Some(problem),
        None if is_bare(&parts.headers) => of_status(parts.status),
        None => None,
    };
    let Some(mut problem) = problem else {
        return Response::from_parts(parts, body);
    };
    problem.request_id = id;
    let json = serde_json::to_vec(&problem).unwrap_or_default();
    // Of the text in its place: it was measured, and perhaps compressed.
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_ENCODING);
    parts.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    parts
        .headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Response::from_parts(parts, Body::from(json))
}

/// The framework's own errors are plain text or empty.
fn is_bare(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_none_or(|value| value.as_bytes().starts_with(b"text/plain"))
}

/// The problem for a bare status of the framework; `None` if it is no error.
fn of_status(status: StatusCode) -> Option<Problem> {
    if !(status.is_client_error() || status.is_server_error())
        || status == StatusCode::RANGE_NOT_SATISFIABLE
    {
        return None;
    }
    let error = match status {
        StatusCode::NOT_FOUND => ApiError::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => ApiError::new(
            ProblemCode::MethodNotAllowed,
            "Use one of the methods in the Allow header.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::new(ProblemCode::BodyTooLarge, "Send at most 64 KiB of JSON.")
        }
        StatusCode::REQUEST_TIMEOUT => {
            ApiError::new(ProblemCode::RequestTimeout, "Send the request faster.")
        }
        status if status.is_client_error() => {
            ApiError::new(ProblemCode::BadRequest, "The request could not be read.")
        }
        _ => ApiError::internal("an unnamed failure"),
    };
    Some(*error.problem)
}
