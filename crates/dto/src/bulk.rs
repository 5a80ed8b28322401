//! Many things in one call, each answered on its own.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{CreateUpload, Image, Problem, RuleError, UpdateImage, Upload, moment};

/// The most images of one bulk call.
pub const MAX_BULK_IMAGES: usize = 500;
/// The most files that are announced in one call.
pub const MAX_BULK_FILES: usize = 100;
/// The most hashes that are looked for in one call.
pub const MAX_BULK_HASHES: usize = 100;

/// The same change to many images.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkUpdateImages {
    /// Which images: 1 to 500.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub ids: Vec<Uuid>,
    /// What to change of each; at least one field.
    pub change: UpdateImage,
}

/// Images to delete.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkDeleteImages {
    /// Which images: 1 to 500.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub ids: Vec<Uuid>,
    /// Delete for good, at once. Otherwise they can be restored for some days.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = false))]
    pub permanent: bool,
}

/// Deleted images to bring back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkRestoreImages {
    /// Which images: 1 to 500.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub ids: Vec<Uuid>,
    /// When they are to end, a minute to ten years from now; `null`: they are to stay. When left out, each ends as it was to.
    #[serde(
        default,
        deserialize_with = "moment::read_change",
        serialize_with = "moment::write_change",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DateTime<Utc>>, example = "2030-01-31T18:00:00Z"))]
    pub expires_at: Option<Option<DateTime<Utc>>>,
}

/// What became of many images.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkImages {
    /// One for each id, in the order asked for.
    pub items: Vec<BulkImage>,
}

/// What became of one of many images.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkImage {
    /// Which image.
    pub id: Uuid,
    /// What became of it.
    pub outcome: BulkOutcome,
    /// The image as it is now; absent when it was deleted or not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub image: Option<Image>,
}

/// What became of one of many images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BulkOutcome {
    /// It is as it was asked to be.
    Done,
    /// There is no such image, or it is not yours.
    NotFound,
    /// Its end has passed: restore it with another, or with none.
    Expired,
}

/// Files that a client is about to send.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateUploads {
    /// The files: 1 to 100, in at most 64 KiB of JSON.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    pub files: Vec<CreateUpload>,
}

/// What became of announced files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedUploads {
    /// One for each file, in the order announced.
    pub items: Vec<CreatedUpload>,
}

/// What became of one announced file: `{"upload": ...}` or `{"problem": ...}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CreatedUpload {
    /// Send it to `put`; or, when it is `ready`, it is yours already.
    Upload(Box<Upload>),
    /// It is refused.
    Problem(Box<Problem>),
}

/// Hashes of files that may be images already.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FindImages {
    /// 1 to 100 SHA-256 hashes, each 64 lower-case hex digits.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::Sha256>, min_items = 1, max_items = 100))]
    pub sha256: Vec<String>,
}

/// Which hashes are images already.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundImages {
    /// One for each hash, in the order asked for.
    pub items: Vec<FoundImage>,
}

/// Whether a hash is an image already.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundImage {
    /// The hash that was asked for.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::Sha256))]
    pub sha256: String,
    /// Your image with these bytes, as it is published or as they were sent; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub image: Option<Image>,
}

/// How many images a bulk call may name.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_bulk_images(count: usize) -> Result<(), RuleError> {
    if (1..=MAX_BULK_IMAGES).contains(&count) {
        Ok(())
    } else {
        Err("Name 1 to 500 images.")
    }
}

/// How many files may be announced in one call.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_bulk_files(count: usize) -> Result<(), RuleError> {
    if (1..=MAX_BULK_FILES).contains(&count) {
        Ok(())
    } else {
        Err("Announce 1 to 100 files.")
    }
}

/// How many hashes may be looked for in one call.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_bulk_hashes(count: usize) -> Result<(), RuleError> {
    if (1..=MAX_BULK_HASHES).contains(&count) {
        Ok(())
    } else {
        Err("Ask for 1 to 100 hashes.")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_what_their_sentences_say() {
        for (check, most) in [
            (check_bulk_images as fn(usize) -> _, MAX_BULK_IMAGES),
            (check_bulk_files, MAX_BULK_FILES),
            (check_bulk_hashes, MAX_BULK_HASHES),
        ] {
            assert!(check(1).is_ok() && check(most).is_ok());
            assert!(check(0).unwrap_err().contains(&format!("1 to {most} ")));
            assert!(check(most + 1).is_err());
        }
    }

    #[test]
    fn an_announced_file_is_an_upload_or_a_problem_by_name() {
        let problem = CreatedUpload::Problem(Box::new(Problem::new(
            crate::ProblemCode::QuotaExceeded,
            "full",
        )));
        assert_eq!(
            serde_json::to_value(problem).unwrap()["problem"]["code"],
            "quota_exceeded"
        );
    }
}
