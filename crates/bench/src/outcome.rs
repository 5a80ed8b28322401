//! How a job can end.

use http::StatusCode;

use crate::lane::Answer;
use crate::request::Request;

/// How one job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With the status that was expected.
    Done,
    /// 429 or 503.
    Refused {
        /// Whether `Retry-After` said when to come back.
        says_when: bool,
    },
    /// It was taken, and was not ready when the patience was over.
    Unfinished,
    /// Without an answer: the connection was closed, or nothing came.
    Cut(String),
    /// With any other status.
    Failed(String),
}

impl Outcome {
    /// What an answer means to who expected another.
    pub fn of_unexpected(answer: &Answer, request: &Request) -> Self {
        if [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::SERVICE_UNAVAILABLE,
        ]
        .contains(&answer.status)
        {
            return Self::Refused {
                says_when: answer.says_when(),
            };
        }
        let start = answer.body.get(..200).unwrap_or(&answer.body);
        Self::Failed(format!(
            "{}: {} {}",
            request.name(),
            answer.status,
            String::from_utf8_lossy(start)
        ))
    }
}
