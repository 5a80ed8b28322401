//! Uploads as their owners see them.

use tintype_core::db::user;
use tintype_core::images::queries::find_by_hash;
use tintype_core::uploads::Announced;
use tintype_dto::{Problem, PutTarget, Upload, UploadState};

use crate::app::App;
use crate::images;
use crate::problems::ApiError;

use tintype_core::db::upload::{Model, State};

/// The upload as its owner sees it, without `put` and `image`.
pub fn present(upload: &Model) -> Upload {
    Upload {
        id: upload.id.0,
        state: state(upload.state),
        expires_at: Some(upload.expires_at),
        put: None,
        problem: problem(upload),
        image: None,
    }
}

/// The same, with where to send the file.
pub fn present_with_put(upload: &Model, put: PutTarget) -> Upload {
    Upload {
        put: Some(put),
        ..present(upload)
    }
}

/// Why it was rejected, if it was: the same each time.
pub fn problem(upload: &Model) -> Option<Problem> {
    Some(Problem::new(
        upload.problem_code?.0,
        upload.problem_detail.clone().unwrap_or_default(),
    ))
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

/// The image that the announced bytes are already, if the client says their hash.
pub async fn already_yours(
    app: &App,
    user: &user::Model,
    announced: &Announced,
) -> Result<Option<Upload>, ApiError> {
    let Some(sha256) = announced.sha256 else {
        return Ok(None);
    };
    let Some(image) = find_by_hash(&app.db, user.id, sha256).await? else {
        return Ok(None);
    };
    let image = images::present(app, user, image);
    Ok(Some(Upload {
        id: image.id,
        state: UploadState::Ready,
        expires_at: None,
        put: None,
        problem: None,
        image: Some(image),
    }))
}
