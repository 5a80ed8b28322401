//! The catalogue of errors: each with what leads to it and what to do.

use maud::{Markup, html};
use tintype_dto::ProblemCode;

use super::breakable;

/// Every way in which an answer says no.
pub fn errors() -> Markup {
    html! {
        section #errors {
            h2 { "Errors" }
            p {
                "Every error is " code { "application/problem+json" } " (RFC 9457) with a stable " code { "code" }
                ". Programs decide by the code; " code { "detail" } " is for people, and " code { "request_id" } " for the operator. "
                code { "errors" } " names the fields that need another value. " code { "type" } " leads here."
            }
            table {
                thead { tr { th { "Status" } th { "Code" } th { "What it says, and what to do" } } }
                tbody {
                    @for code in ProblemCode::ALL {
                        tr id={ "error-" (code.name()) } {
                            td { (code.status()) }
                            td { code { (breakable(code.name())) } }
                            td { (code.title()) ". " (advice(*code)) }
                        }
                    }
                }
            }
        }
    }
}

/// What to do. A test sees that none is missing.
fn advice(code: ProblemCode) -> &'static str {
    use ProblemCode as C;
    match code {
        C::BadRequest => "It broke off, or is no JSON or no form. Look at what was sent.",
        C::BadCursor => "Begin the list again without a cursor.",
        C::Unauthenticated => "The session or token is missing, expired, ended or revoked.",
        C::InvalidCredentials => "Ask for the password again. Wrong tries are counted.",
        C::WrongPassword => "The session goes on: ask for the current password again.",
        C::RegistrationClosed => "The operator makes accounts here.",
        C::AccountDisabled => "Only the operator can change that.",
        C::QuotaExceeded => {
            "Delete images for good, the trash counts too; what they took is free some seconds later."
        }
        C::InsufficientScope => "Make a token with the scope that the operation names.",
        C::NotFound => "Something may have been deleted, or belong to another account.",
        C::MethodNotAllowed => "Allow names the methods that there are.",
        C::RequestTimeout => "Send faster, or less at once.",
        C::UsernameTaken | C::EmailTaken => "Choose another, or sign in.",
        C::NotUploaded => "PUT the file to the presigned URL, then confirm again.",
        C::AlreadyReady => "Delete the image instead of giving the upload up.",
        C::Busy => "Try again in some seconds.",
        C::TooManyTokens => "Revoke one that is not used any more.",
        C::TooManyAlbums => "Delete one that is not needed any more.",
        C::AlbumFull => "Put the rest into another album.",
        C::ImageExpired => "Restore it with another expires_at, or with null: then it stays.",
        C::UploadExpired | C::UploadAborted => "Begin a new upload.",
        C::PreconditionFailed => "Somebody else was quicker: read it again, then change it.",
        C::BodyTooLarge => "JSON has at most 64 KiB. Send fewer things at once.",
        C::FileTooLarge => "Save the file smaller; limits say how large it may be.",
        C::UnsupportedContentType => "Send application/json, or where files go a form or bytes.",
        C::UnknownHost => {
            "The address is not one that this server knows itself by: the operator sets it."
        }
        C::ValidationFailed => "Each entry of errors says what to change.",
        C::IdempotencyKeyReused => "Send each request with a key of its own.",
        C::UnsupportedMedia => "Convert the file to JPEG, PNG, GIF or WebP.",
        C::SizeMismatch | C::HashMismatch => {
            "The file changed on the way or since it was announced: send it again."
        }
        C::ImageTooLarge => "Make the picture smaller; limits say how many pixels it may have.",
        C::ImageDamaged => "Export the picture anew.",
        C::RateLimited => "Wait for Retry-After, then go on more slowly.",
        C::TooManyUnfinished => "Let some uploads end, or give them up, then send this one again.",
        C::Internal => "Try again; if it stays, tell the operator the request id.",
        C::Overloaded | C::DatabaseUnavailable | C::StorageUnavailable => {
            "Try again after Retry-After."
        }
        C::DatabaseFull | C::StorageFull => "Tell the operator: nothing was saved.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_says_what_to_do() {
        for code in ProblemCode::ALL {
            assert!(advice(*code).len() > 10, "{}", code.name());
        }
    }
}
