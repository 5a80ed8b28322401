//! What a failed call means for a file of the queue.

use tintype_dto::ProblemCode;

use super::item::Failure;
use crate::api::ApiError;

/// Whether it is tried again, and what the user is told.
pub fn failure(error: &ApiError) -> Failure {
    if let ApiError::Throttled(_, wait) = error {
        Failure::Throttled(*wait)
    } else if error.code() == Some(ProblemCode::Unauthenticated) {
        Failure::SessionLost
    } else if !error.retryable()
        && error
            .problem()
            .is_some_and(|problem| matches!(problem.status, 404 | 409 | 410))
    {
        Failure::Gone(error.message())
    } else if error.retryable() || error.problem().is_none() {
        Failure::Temporary(error.message())
    } else {
        Failure::Refused(error.message())
    }
}
