//! The wire: every request and response type, the limits and the problem codes, shared by the API and the page.
//!
//! Compiles for `wasm32`. Knows nothing of axum, sea-orm or leptos. The feature `openapi` adds the schemas, `unicode`
//! the tables that names are compared by.

mod accounts;
mod albums;
mod bulk;
mod clients;
mod expiry;
mod export;
#[cfg(feature = "unicode")]
mod folding;
mod images;
mod limits;
mod moment;
mod names;
pub mod paths;
mod problem;
mod queries;
mod rules;
mod sessions;
mod snippets;
mod tokens;
mod uploads;
#[cfg(feature = "openapi")]
mod variants;

pub use accounts::{
    ChangePassword, DeleteAccount, LogIn, RegisterUser, Session, TokenType, Usage, User,
};
pub use albums::{
    AddAlbumImages, Album, AlbumImage, AlbumImages, AlbumLinks, AlbumPage, CreateAlbum,
    CreatedAlbum, HiddenBecause, MAX_ALBUM_IMAGES, MAX_ALBUMS, MAX_NEW_ALBUM_IMAGES,
    MoveAlbumImages, RemoveAlbumImages, UpdateAlbum, check_new_album_images,
};
pub use bulk::{
    BulkDeleteImages, BulkImage, BulkImages, BulkOutcome, BulkRestoreImages, BulkUpdateImages,
    CreateUploads, CreatedUpload, CreatedUploads, FindImages, FoundImage, FoundImages,
    MAX_BULK_FILES, MAX_BULK_HASHES, MAX_BULK_IMAGES, check_bulk_files, check_bulk_hashes,
    check_bulk_images,
};
pub use clients::{UploadClient, UploadClients};
pub use expiry::{LONGEST_LIFE, SHORTEST_LIFE, check_expires_at, check_expires_in};
pub use export::{
    EXPORT_FORMAT, EXPORT_VERSION, Export, ExportManifest, ExportedAlbum, ExportedImage,
};
#[cfg(feature = "unicode")]
pub use folding::{check_search, folded, nfc};
pub use images::{
    Image, ImageDay, ImageDays, ImageLinks, ImagePage, ListedState, Removed, RemovedBy,
    RemovedCode, RestoreImage, SortOrder, UpdateImage, Visibility,
};
pub use limits::{ContentType, Limits, Registration, unsupported_media_detail};
pub use names::{
    Nfc, check_alt, check_description, check_filename, check_title, is_called_a_picture, tidied,
};
pub use problem::{FieldError, Problem, ProblemCode};
pub use queries::{
    DEFAULT_PAGE_LIMIT, DeleteImage, ListAlbumImages, ListAlbums, ListDays, ListImages,
    MAX_PAGE_LIMIT,
};
#[cfg(feature = "openapi")]
pub use rules::{FileBytes, Sha256};
pub use rules::{RuleError, check_email, check_password, check_sha256, check_username};
pub use sessions::{OpenSession, OpenSessions};
pub use snippets::Snippet;
pub use tokens::{
    ApiToken, ApiTokens, CreateApiToken, CreatedApiToken, MAX_API_TOKENS, MAX_TOKEN_DAYS, Scope,
    TOKEN_PREFIX, check_token_name,
};
pub use uploads::{
    AnswerFormat, CreateUpload, MAX_WHOLE_FILES, PutTarget, Upload, UploadForm, UploadOptions,
    UploadRefusal, UploadState, UploadedFile, UploadedImages,
};
#[cfg(feature = "openapi")]
pub use variants::{AnnouncedFile, PendingUpload, ProcessingUpload, RefusedFile};
