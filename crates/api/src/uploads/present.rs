use serde_json::Value;
use tintype_dto::{Problem, ProblemCode, PutTarget, Upload, UploadState};

use crate::db::upload::{Model, State};

/// The upload as its owner sees it, without `put` and `image`.
pub fn present(upload: &Model) -> Upload {
    Upload {
        id: upload.id,
        state: state(upload.state),
        expires_at: Some(upload.expires_at),
        put: None,
        problem: problem(upload),
        image: None,
    }
}

/// The same, with where to send the file.
pub fn present_with_put(upload: &Model, put: PutTarget) -> Upload {
    Upload { put: Some(put), ..present(upload) }
}

/// Why it was rejected, if it was: the same each time.
pub fn problem(upload: &Model) -> Option<Problem> {
    let code: ProblemCode = serde_json::from_value(Value::from(upload.problem_code.clone()?)).ok()?;
    Some(Problem::new(code, upload.problem_detail.clone().unwrap_or_default()))
}

fn state(state: State) -> UploadState {
    match state {
        State::Pending => UploadState::Pending,
        State::Processing => UploadState::Processing,
        State::Ready => UploadState::Ready,
        State::Rejected => UploadState::Rejected,
        State::Expired => UploadState::Expired,
        State::Aborted => UploadState::Aborted,
    }
}
