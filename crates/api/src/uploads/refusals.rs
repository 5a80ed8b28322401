//! What a client is told when an upload can't go on.

use tintype_core::accounts::queries::Room;
use tintype_core::db::user;
use tintype_dto::ProblemCode;

use crate::app::App;
use crate::problems::ApiError;

/// When one who has too many files under way may come again, seconds: some will have ended by then.
const TOO_MANY: u32 = 10;

/// What is told where there is no room for it.
pub fn no_room(app: &App, user: &user::Model, room: Room) -> ApiError {
    if room == Room::TooManyUnfinished {
        ApiError::too_many_unfinished(TOO_MANY)
    } else {
        over_quota(app, user)
    }
}

fn over_quota(app: &App, user: &user::Model) -> ApiError {
    let (bytes, quota) = (
        user.used_bytes,
        app.settings.limits.quota_bytes.unwrap_or_default(),
    );
    let detail = format!(
        "{bytes} of your {quota} bytes are in use. Delete images for good to make room: those in the trash count too."
    );
    ApiError::new(ProblemCode::QuotaExceeded, detail)
}

pub fn busy() -> ApiError {
    ApiError::new(
        ProblemCode::Busy,
        "The file is being checked at this moment. Delete the image when it is there.",
    )
}

pub fn expired() -> ApiError {
    ApiError::new(
        ProblemCode::UploadExpired,
        "The file did not arrive in time. Begin a new upload.",
    )
}

pub fn not_uploaded() -> ApiError {
    ApiError::new(
        ProblemCode::NotUploaded,
        "The file has not arrived. Send it to the presigned URL, then confirm again.",
    )
}
