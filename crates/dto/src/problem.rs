//! Problems: how an answer says no.

use serde::{Deserialize, Serialize};

/// An error, as RFC 9457 `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Where this kind of problem is explained, beneath the address of the server.
    #[serde(rename = "type")]
    #[cfg_attr(
        feature = "openapi",
        schema(example = "/docs#error-not_found", format = "uri-reference")
    )]
    pub kind: String,
    /// The kind of problem in words, always the same for one code.
    pub title: String,
    /// The HTTP status.
    #[cfg_attr(
        feature = "openapi",
        schema(example = 404, minimum = 400, maximum = 599)
    )]
    pub status: u16,
    /// What happened this time and what to do about it.
    pub detail: String,
    /// The stable name of the kind of problem.
    pub code: ProblemCode,
    /// What is wrong with which field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Quote it when asking the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub request_id: Option<String>,
}

impl Problem {
    /// A problem of this kind, with `detail` for the person who meets it.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/docs#error-{}", code.name()),
            title: code.title().into(),
            status: code.status(),
            detail: detail.into(),
            code,
            errors: Vec::new(),
            request_id: None,
        }
    }
}

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's name.
    #[cfg_attr(feature = "openapi", schema(example = "username"))]
    pub field: String,
    /// What to do about it.
    pub message: String,
}

macro_rules! problem_codes {
    // A name is taken as a token: as a literal it would stand in a group, which serde's derive reads and utoipa's does not.
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:tt, $status:literal, $title:literal;)+) => {
        /// The stable name of a kind of problem. Each has one HTTP status and one title.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum ProblemCode {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
            /// A code of a newer server.
            #[cfg(feature = "client")]
            #[serde(other)]
            Unknown,
        }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                    #[cfg(feature = "client")]
                    Self::Unknown => "unknown",
                }
            }

            /// The HTTP status that carries it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$variant => $status,)+
                    #[cfg(feature = "client")]
                    Self::Unknown => 500,
                }
            }

            /// The kind of problem in words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)+
                    #[cfg(feature = "client")]
                    Self::Unknown => "Something else",
                }
            }
        }
    };
}

problem_codes! {
    /// The request could not be read.
    BadRequest = "bad_request", 400, "The request could not be read";
    /// A list cursor that this server did not make.
    BadCursor = "bad_cursor", 400, "The cursor is not valid";
    /// No session token, or one that does not work any more.
    Unauthenticated = "unauthenticated", 401, "Sign in first";
    /// The name or the password is wrong.
    InvalidCredentials = "invalid_credentials", 401, "Wrong name or password";
    /// The password that was asked for again is wrong; the session stays.
    WrongPassword = "wrong_password", 403, "The password is wrong";
    /// The operator has closed registration.
    RegistrationClosed = "registration_closed", 403, "Registration is closed";
    /// The operator has disabled this account.
    AccountDisabled = "account_disabled", 403, "The account is disabled";
    /// The account's space is used up.
    QuotaExceeded = "quota_exceeded", 403, "Your space is used up";
    /// An API token may not do this.
    InsufficientScope = "insufficient_scope", 403, "The token may not do this";
    /// It does not exist, or is not yours.
    NotFound = "not_found", 404, "Not found";
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed";
    /// The client took too long.
    RequestTimeout = "request_timeout", 408, "The request took too long";
    /// Someone has this username.
    UsernameTaken = "username_taken", 409, "The username is taken";
    /// Someone has this e-mail address.
    EmailTaken = "email_taken", 409, "The e-mail address is taken";
    /// Confirmed before the file was there.
    NotUploaded = "not_uploaded", 409, "The file has not arrived";
    /// Too late to abort.
    AlreadyReady = "already_ready", 409, "The upload is an image already";
    /// The file is being checked at this moment.
    Busy = "busy", 409, "The upload is being checked";
    /// The account has as many API tokens as it may have.
    TooManyTokens = "too_many_tokens", 409, "Too many API tokens";
    /// The account has as many albums as it may have.
    TooManyAlbums = "too_many_albums", 409, "Too many albums";
    /// The album has as many images as it may have.
    AlbumFull = "album_full", 409, "The album is full";
    /// The image's end has passed.
    ImageExpired = "image_expired", 409, "The image has ended";
    /// The URL has expired and nothing landed.
    UploadExpired = "upload_expired", 410, "The upload has expired";
    /// The client gave this upload up.
    UploadAborted = "upload_aborted", 410, "The upload was aborted";
    /// It is not in the state that the request names.
    PreconditionFailed = "precondition_failed", 412, "It has changed meanwhile";
    /// The request's body is too large.
    BodyTooLarge = "body_too_large", 413, "The request is too large";
    /// The file is too large.
    FileTooLarge = "file_too_large", 413, "The file is too large";
    /// The request's body is of another type than the operation takes.
    UnsupportedContentType = "unsupported_content_type", 415, "The request has the wrong type";
    /// A host name that this server does not answer to.
    UnknownHost = "unknown_host", 421, "Unknown host";
    /// A field breaks a rule.
    ValidationFailed = "validation_failed", 422, "Some fields need another value";
    /// The idempotency key stood at another request.
    IdempotencyKeyReused = "idempotency_key_reused", 422, "The idempotency key was used before";
    /// Not a JPEG, PNG, GIF or WebP image.
    UnsupportedMedia = "unsupported_media", 422, "The file type is not supported";
    /// What arrived is not what was announced in size.
    SizeMismatch = "size_mismatch", 422, "The file's size differs";
    /// What arrived is not what was announced in content.
    HashMismatch = "hash_mismatch", 422, "The file's checksum differs";
    /// Too many pixels or frames.
    ImageTooLarge = "image_too_large", 422, "The picture is too large";
    /// The picture is damaged.
    ImageDamaged = "image_damaged", 422, "The picture is damaged";
    /// Too many tries.
    RateLimited = "rate_limited", 429, "Too many tries";
    /// The account has too many uploads that have not ended.
    TooManyUnfinished = "too_many_unfinished", 429, "Too many uploads at once";
    /// Something went wrong on the server.
    Internal = "internal", 500, "Something went wrong";
    /// Too much to do at this moment.
    Overloaded = "overloaded", 503, "The server is busy";
    /// The database does not answer.
    DatabaseUnavailable = "database_unavailable", 503, "The database is unavailable";
    /// The object storage does not answer.
    StorageUnavailable = "storage_unavailable", 503, "The storage is unavailable";
    /// The database's disk is full.
    DatabaseFull = "database_full", 507, "The database is full";
    /// No space left.
    StorageFull = "storage_full", 507, "The storage is full";
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::ProblemCode;

    #[test]
    fn every_code_is_written_as_its_name_and_is_an_error() {
        for code in ProblemCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
            assert!((400..600).contains(&code.status()), "{}", code.name());
        }
    }
}
