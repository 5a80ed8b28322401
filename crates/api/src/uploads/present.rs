//! Uploads as their owners see them.

use tintype_core::accounts::SessionKey;
use tintype_core::uploads::{Announcement, rejection};
use tintype_dto::{PutTarget, Upload, UploadState};

use crate::app::App;
use crate::images;

use tintype_core::db::upload::{Model, State};

/// The upload as its owner sees it, without `put` and `image`.
pub fn present(upload: &Model) -> Upload {
    Upload {
        id: upload.id.0,
        state: state(upload.state),
        expires_at: Some(upload.expires_at),
        put: None,
        problem: rejection(upload),
        image: None,
    }
}

/// The same, with `put`.
pub fn present_with_put(upload: &Model, put: PutTarget) -> Upload {
    Upload {
        put: Some(put),
        ..present(upload)
    }
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

/// The response to an announcement: where to send the file, or that it is an image already.
pub fn present_announcement(app: &App, session: SessionKey, announcement: Announcement) -> Upload {
    match announcement {
        Announcement::New(upload, put) => present_with_put(&upload, put),
        Announcement::Yours(image) => {
            let image = images::present(app, session.version, *image);
            Upload {
                id: image.id,
                state: UploadState::Ready,
                expires_at: None,
                put: None,
                problem: None,
                image: Some(image),
            }
        }
    }
}
