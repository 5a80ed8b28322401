//! The wire: every request and response type, the limits and the problem codes, shared by the API and the page.
//!
//! Compiles for `wasm32`. Knows nothing of axum, sea-orm or leptos. The feature `openapi` adds the schemas.

mod accounts;
mod bulk;
mod images;
mod limits;
mod moment;
mod problem;
mod rules;
mod uploads;

pub use accounts::{ChangePassword, DeleteAccount, LogIn, RegisterUser, Session, TokenType, Usage, User};
pub use bulk::{
    BulkDeleteImages, BulkImage, BulkImages, BulkOutcome, BulkRestoreImages, BulkUpdateImages, CreateUploads, CreatedUpload,
    CreatedUploads, FindImages, FoundImage, FoundImages, MAX_BULK_FILES, MAX_BULK_HASHES, MAX_BULK_IMAGES, check_bulk_files,
    check_bulk_hashes, check_bulk_images,
};
pub use images::{Image, ImageDay, ImageDays, ImageLinks, ImagePage, Removed, RemovedBy, RemovedCode, UpdateImage, Visibility};
pub use limits::{ContentType, Limits, Registration, unsupported_media_detail};
pub use problem::{FieldError, Problem, ProblemCode};
pub use rules::{
    RuleError, check_alt, check_email, check_filename, check_password, check_search, check_sha256, check_title, check_username,
};
pub use uploads::{CreateUpload, PutTarget, Upload, UploadState};
