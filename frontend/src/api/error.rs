//! How a call to the API can fail.

use std::time::Duration;

use tintype_dto::{Problem, ProblemCode};

use crate::text;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// The API refused, and says why.
    Problem(Box<Problem>),
    /// The server has too much to do, or the account too many open uploads: the API's problem, and how long to wait.
    Throttled(Box<Problem>, Duration),
    /// No response arrived: offline, or the server is down.
    Network,
    /// A response arrived that is not from this API, such as a proxy's error page. Holds its HTTP status.
    Unexpected(u16),
}

impl ApiError {
    /// The API's problem, if the API refused.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) | Self::Throttled(problem, _) => Some(problem),
            Self::Network | Self::Unexpected(_) => None,
        }
    }

    /// The kind of problem, if the API refused.
    #[must_use]
    pub fn code(&self) -> Option<ProblemCode> {
        self.problem().map(|problem| problem.code)
    }

    /// What happened and what to do next, for people.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Problem(problem) | Self::Throttled(problem, _) => problem.detail.clone(),
            Self::Network => text::NETWORK_ERROR.into(),
            Self::Unexpected(_) => text::UNEXPECTED_ERROR.into(),
        }
    }

    /// The API's message about one field of the request.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        let errors = &self.problem()?.errors;
        errors
            .iter()
            .find(|error| error.field == name)
            .map(|error| error.message.clone())
    }

    /// Whether the same call may work a little later.
    #[must_use]
    pub fn retryable(&self) -> bool {
        let status = match self {
            Self::Problem(problem) | Self::Throttled(problem, _) => problem.status,
            Self::Network => return true,
            Self::Unexpected(status) => *status,
        };
        matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
            || self.code() == Some(ProblemCode::Busy)
    }
}
