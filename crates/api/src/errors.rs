//! Maps the errors of `tintype-core` to problems: each error has one.

use sea_orm::DbErr;
use tintype_core::Failure;
use tintype_core::accounts::{LogInError, RegisterError, SessionError};
use tintype_core::albums::{self, ContentsError};
use tintype_core::api_tokens::CreateError;
use tintype_core::db::{self, Fault};
use tintype_core::idempotency::PlanError;
use tintype_core::images::RestoreError;
use tintype_core::rate_limit::LimitError;
use tintype_core::uploads::{AbortError, AnnounceError, CheckError, ConfirmError};
use tintype_dto::{
    MAX_ALBUM_IMAGES, MAX_ALBUMS, MAX_API_TOKENS, ProblemCode, unsupported_media_detail,
};
use tintype_storage::StoreError;

use crate::etag;
use crate::problems::ApiError;

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Database(error) => error.into(),
            Failure::Storage(error) => error.into(),
            Failure::MissingObject(_) => Self::storage_unavailable(failure),
            Failure::Overloaded { seconds } => Self::overloaded(seconds),
            Failure::TimedOut => Self::overloaded(5),
            Failure::Unexpected(cause) => Self::internal(cause),
        }
    }
}

impl From<DbErr> for ApiError {
    fn from(error: DbErr) -> Self {
        match db::fault(&error) {
            Some(Fault::Away) => Self::database_unavailable(error),
            Some(Fault::Full) => {
                let detail = "The database has no space left, so nothing was saved. What is there can be seen. Tell the operator.";
                Self::new(ProblemCode::DatabaseFull, detail).caused_by(error)
            }
            None => Self::internal(error),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::new(
                ProblemCode::StorageFull,
                "There is no space left. Tell the operator.",
            )
            .caused_by(error),
            StoreError::Unavailable(_) => Self::storage_unavailable(error),
            StoreError::TooLarge | StoreError::Refused(_) => Self::internal(error),
        }
    }
}

impl From<RegisterError> for ApiError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Invalid(fields) => Self::fields(fields),
            RegisterError::UsernameTaken => Self::new(
                ProblemCode::UsernameTaken,
                "Someone has this username. Choose another.",
            ),
            RegisterError::EmailTaken => Self::new(
                ProblemCode::EmailTaken,
                "There is an account with this e-mail address. Sign in instead.",
            ),
            RegisterError::Limit(error) => error.into(),
            RegisterError::Failure(failure) => failure.into(),
        }
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Ended => Self::new(
                ProblemCode::Unauthenticated,
                "Sign in again, or send an API token: the session is missing, expired or revoked.",
            ),
            SessionError::TokenEnded => Self::new(
                ProblemCode::Unauthenticated,
                "This API token is unknown, expired or revoked. Make another in the settings.",
            ),
            SessionError::Failure(failure) => failure.into(),
        }
    }
}

impl From<CreateError> for ApiError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Invalid(errors) => Self::fields(errors),
            CreateError::TooMany => Self::new(
                ProblemCode::TooManyTokens,
                format!(
                    "You have {MAX_API_TOKENS} API tokens. Revoke one that is not used any more."
                ),
            ),
            CreateError::Failure(failure) => failure.into(),
        }
    }
}

impl From<albums::CreateError> for ApiError {
    fn from(error: albums::CreateError) -> Self {
        match error {
            albums::CreateError::Invalid(errors) => Self::fields(errors),
            albums::CreateError::TooMany => Self::new(
                ProblemCode::TooManyAlbums,
                format!("You have {MAX_ALBUMS} albums. Delete one that is not needed any more."),
            ),
            albums::CreateError::Contents(error) => error.into(),
            albums::CreateError::Failure(failure) => failure.into(),
        }
    }
}

impl From<albums::ChangeError> for ApiError {
    fn from(error: albums::ChangeError) -> Self {
        match error {
            albums::ChangeError::NotFound => Self::not_found(),
            albums::ChangeError::Changed => etag::changed(),
            albums::ChangeError::NotInIt => Self::field("cover", "Name an image of this album."),
            albums::ChangeError::Failure(failure) => failure.into(),
        }
    }
}

impl From<ContentsError> for ApiError {
    fn from(error: ContentsError) -> Self {
        match error {
            ContentsError::NotFound => Self::not_found(),
            ContentsError::Full => Self::new(
                ProblemCode::AlbumFull,
                format!("An album has at most {MAX_ALBUM_IMAGES} images. Begin another one."),
            ),
            ContentsError::NotInIt => Self::field(
                "before",
                "Name an image of this album that is not among those to be moved.",
            ),
            ContentsError::Failure(failure) => failure.into(),
        }
    }
}

impl From<RestoreError> for ApiError {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::NotFound => Self::not_found(),
            RestoreError::Ended => Self::new(
                ProblemCode::ImageExpired,
                "The time of this image is over. Name another in `expires_at`, or null to keep it for good.",
            ),
            RestoreError::Failure(failure) => failure.into(),
        }
    }
}

impl From<LogInError> for ApiError {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::Limit(error) => error.into(),
            LogInError::WrongCredentials => Self::new(
                ProblemCode::InvalidCredentials,
                "The name or the password is wrong.",
            ),
            LogInError::Disabled => Self::new(
                ProblemCode::AccountDisabled,
                "The operator has disabled this account. Ask the operator why.",
            ),
            LogInError::Failure(failure) => failure.into(),
        }
    }
}

impl From<LimitError> for ApiError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited { seconds } => Self::rate_limited(seconds),
            LimitError::Database(error) => error.into(),
        }
    }
}

impl From<PlanError> for ApiError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Reused => Self::new(
                ProblemCode::IdempotencyKeyReused,
                "This idempotency key stood at another request. Send each request with a key of its own.",
            ),
            PlanError::Database(error) => error.into(),
        }
    }
}

impl From<AnnounceError> for ApiError {
    fn from(error: AnnounceError) -> Self {
        match error {
            AnnounceError::SessionEnded => SessionError::Ended.into(),
            AnnounceError::Invalid(field) => Self::fields(vec![field]),
            AnnounceError::UnsupportedMedia(media_type) => Self::new(
                ProblemCode::UnsupportedMedia,
                unsupported_media_detail(&media_type),
            ),
            AnnounceError::TooLarge { size_bytes, most } => {
                let detail = format!(
                    "The file has {size_bytes} bytes; at most {most} are accepted. Save it smaller."
                );
                Self::new(ProblemCode::FileTooLarge, detail)
            }
            AnnounceError::OverQuota {
                used_bytes,
                quota_bytes,
            } => {
                let used = used_bytes.map_or_else(
                    || "The file does not fit into the account's space.".into(),
                    |used| format!("{used} of your {quota_bytes} bytes are in use."),
                );
                let detail = format!(
                    "{used} Delete images for good to make room: those in the trash count too."
                );
                Self::new(ProblemCode::QuotaExceeded, detail)
            }
            AnnounceError::TooManyUnfinished { seconds } => Self::too_many_unfinished(seconds),
            AnnounceError::Failure(failure) => failure.into(),
        }
    }
}

impl From<CheckError> for ApiError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::FileGone => Self::new(
                ProblemCode::NotUploaded,
                "The file is gone from the storage. Upload it again.",
            ),
            CheckError::Failure(failure) => failure.into(),
        }
    }
}

impl From<ConfirmError> for ApiError {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::Session(error) => error.into(),
            ConfirmError::NotFound => Self::not_found(),
            ConfirmError::NotUploaded => Self::new(
                ProblemCode::NotUploaded,
                "The file has not arrived. Send it to the presigned URL, then confirm again.",
            ),
            ConfirmError::Expired => Self::new(
                ProblemCode::UploadExpired,
                "The file did not arrive in time. Begin a new upload.",
            ),
            ConfirmError::Aborted => Self::new(
                ProblemCode::UploadAborted,
                "This upload was given up. Begin a new one.",
            ),
            ConfirmError::Rejected(problem) => (*problem).into(),
            ConfirmError::Check(error) => error.into(),
        }
    }
}

impl From<AbortError> for ApiError {
    fn from(error: AbortError) -> Self {
        match error {
            AbortError::Session(error) => error.into(),
            AbortError::NotFound => Self::not_found(),
            AbortError::AlreadyReady => Self::new(
                ProblemCode::AlreadyReady,
                "The upload is an image already. Delete the image instead.",
            ),
            AbortError::Busy => Self::new(
                ProblemCode::Busy,
                "The file is being checked at this moment. Delete the image when it is there.",
            ),
            AbortError::Failure(failure) => failure.into(),
        }
    }
}
