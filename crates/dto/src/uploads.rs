//! Uploads.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Image, Problem, RemovedCode, Snippet, Visibility, moment};

/// The file that a client is about to send.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateUpload {
    /// Its name, for display alone, whatever it is: up to 255 characters are kept, in Unicode's NFC, without folders, control characters
    /// and direction controls. One that shows nothing becomes `image`.
    #[cfg_attr(feature = "openapi", schema(example = "summer.jpg"))]
    pub filename: String,
    /// Its type: `image/jpeg`, `image/png`, `image/gif` or `image/webp`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::ContentType))]
    pub content_type: String,
    /// Its exact size, bytes.
    #[cfg_attr(
        feature = "openapi",
        schema(example = 204_800, minimum = 1, maximum = 9_007_199_254_740_991_u64)
    )]
    pub size_bytes: u64,
    /// SHA-256 of its bytes, 64 lower-case hex digits. With it, a picture that is already yours is answered at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::Sha256>))]
    pub sha256: Option<String>,
    /// What the client has cut from the file already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed_by_client: Vec<RemovedCode>,
    /// Who can see the image from the moment on at which it is published; anyone with the link, when left out. A picture that is already yours
    /// stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// The image's `created_at`, from 1970 on, so that pictures keep the order in which they were taken or picked; a time to come counts as now. When
    /// left out, it is the moment at which the image is published. A picture that is already yours stays where it is.
    #[serde(
        default,
        deserialize_with = "moment::read_option",
        serialize_with = "moment::write_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub created_at: Option<DateTime<Utc>>,
    /// When the image is to end, a minute to ten years from now; it stays, when left out. A picture that is already yours stays as it is.
    #[serde(
        default,
        deserialize_with = "moment::read_option",
        serialize_with = "moment::write_option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(example = "2030-01-31T18:00:00Z"))]
    pub expires_at: Option<DateTime<Utc>>,
}

/// One attempt to add an image.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Upload {
    /// Its id, and later the image's.
    pub id: Uuid,
    /// How far it is.
    pub state: UploadState,
    /// When it is given up unless the file has landed.
    #[serde(
        default,
        deserialize_with = "moment::read_option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub expires_at: Option<DateTime<Utc>>,
    /// Where to send the file, while it is awaited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub put: Option<PutTarget>,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub problem: Option<Problem>,
    /// What it became; absent when that is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub image: Option<Image>,
}

/// How far an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UploadState {
    /// The file is awaited.
    Pending,
    /// The file is being checked.
    Processing,
    /// It is an image.
    Ready,
    /// The file was refused; `problem` says why.
    Rejected,
    /// The file never came.
    Expired,
    /// The client gave up.
    Aborted,
}

/// A request that stores the file: send exactly these headers and the exact bytes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutTarget {
    /// Always `PUT`.
    #[cfg_attr(feature = "openapi", schema(example = "PUT"))]
    pub method: String,
    /// The presigned URL. It is a secret until it expires.
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub url: String,
    /// Headers to set, and no others: the storage refuses a request with `Authorization`. `Content-Length` has to equal `size_bytes` too. A 412 answer means that the file has landed.
    pub headers: BTreeMap<String, String>,
    /// When the URL stops working.
    #[serde(deserialize_with = "moment::read")]
    pub expires_at: DateTime<Utc>,
}

/// The most files of one request.
pub const MAX_WHOLE_FILES: usize = 20;

/// The form of an answer about files that were uploaded in one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnswerFormat {
    /// One object.
    #[default]
    Json,
    /// One address a line.
    Text,
}

/// What may be said about files that are uploaded in one request: of each of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct UploadOptions {
    /// The name of the file, in place of the one that comes with it. What is sent as bytes alone comes without one, and is called `image`.
    pub filename: Option<String>,
    /// A title, up to 200 characters on one line.
    #[cfg_attr(feature = "openapi", param(max_length = 200))]
    pub title: Option<String>,
    /// What the picture shows, for those who can't see it, up to 500 characters on one line.
    #[cfg_attr(feature = "openapi", param(max_length = 500))]
    pub alt: Option<String>,
    /// Who can see it. Links to a private image work for some minutes.
    pub visibility: Option<Visibility>,
    /// How many seconds it may last, from the moment on at which the files have arrived. A picture that is yours already ends then, too.
    #[cfg_attr(
        feature = "openapi",
        param(minimum = 60, maximum = 315_619_200, example = 86_400)
    )]
    pub expires_in: Option<u32>,
    /// An album of yours that it is put into, behind all that is there: its id, or the name in its link. What is still being checked when the
    /// answer comes is not put into it.
    #[cfg_attr(feature = "openapi", param(example = "p7Qw2ZkT9fa"))]
    pub album: Option<String>,
    /// `json`, or `text`: one address a line. A refusal is JSON all the same.
    pub format: Option<AnswerFormat>,
}

/// A form with files, and options as in the address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadForm {
    /// A file; its part has a file name, and may be called anything. Up to 20.
    #[cfg_attr(feature = "openapi", schema(format = Binary))]
    pub file: String,
    /// As in the address.
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub filename: Option<String>,
    /// As in the address.
    #[cfg_attr(feature = "openapi", schema(nullable = false, max_length = 200))]
    pub title: Option<String>,
    /// As in the address.
    #[cfg_attr(feature = "openapi", schema(nullable = false, max_length = 500))]
    pub alt: Option<String>,
    /// As in the address.
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub visibility: Option<Visibility>,
    /// As in the address.
    #[cfg_attr(
        feature = "openapi",
        schema(nullable = false, minimum = 60, maximum = 315_619_200)
    )]
    pub expires_in: Option<u32>,
    /// As in the address.
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub album: Option<String>,
    /// As in the address.
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub format: Option<AnswerFormat>,
}

/// What became of files that were uploaded in one request. The texts at the top are those of the first image, for programs that read one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadedImages {
    /// The address of the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, format = "uri"))]
    pub url: Option<String>,
    /// The address of its thumbnail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, format = "uri"))]
    pub thumbnail_url: Option<String>,
    /// The address of its page; a private image has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, format = "uri"))]
    pub page_url: Option<String>,
    /// A page that deletes it, which also takes DELETE; it works as long as the API token that uploaded it. Whoever has the address can delete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, format = "uri"))]
    pub delete_url: Option<String>,
    /// Markdown that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub markdown: Option<String>,
    /// HTML that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub html: Option<String>,
    /// `BBCode` that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub bbcode: Option<String>,
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub id: Option<Uuid>,
    /// Whether every file was taken.
    pub success: bool,
    /// The addresses of all pictures, in the order of the files.
    pub result: Vec<String>,
    /// The same, one by one.
    pub files: Vec<UploadedFile>,
    /// The first image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub image: Option<Image>,
    /// All images.
    pub images: Vec<Image>,
    /// Uploads that are still being checked: confirm them to see what becomes of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Uuid>,
}

/// One file that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadedFile {
    /// The address of the picture.
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub url: String,
}

impl UploadedImages {
    /// These images, and uploads that are not finished.
    #[must_use]
    pub fn of(images: Vec<Image>, pending: Vec<Uuid>) -> Self {
        let first = images.first();
        let snippet = |language: Snippet| first.map(|image| language.write(image));
        let url = |image: &Image| image.links.original.clone();
        Self {
            url: first.map(url),
            thumbnail_url: first.map(|image| image.links.thumb.clone()),
            page_url: first.and_then(|image| image.links.page.clone()),
            delete_url: None,
            markdown: snippet(Snippet::Markdown),
            html: snippet(Snippet::Html),
            bbcode: snippet(Snippet::BbCode),
            id: first
                .map(|image| image.id)
                .or_else(|| pending.first().copied()),
            success: true,
            result: images.iter().map(url).collect(),
            files: images
                .iter()
                .map(|image| UploadedFile { url: url(image) })
                .collect(),
            image: first.cloned(),
            images,
            pending,
        }
    }
}

/// Why files that were uploaded in one request were refused, and what became of the others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadRefusal {
    /// The first refusal.
    #[serde(flatten)]
    pub problem: Problem,
    /// `false`.
    pub success: bool,
    /// As `detail`.
    pub message: String,
    /// The addresses of what was published all the same.
    pub result: Vec<String>,
    /// The images that were published all the same.
    pub images: Vec<Image>,
}

impl UploadRefusal {
    /// This refusal, and images that were published all the same.
    #[must_use]
    pub fn of(problem: Problem, images: Vec<Image>) -> Self {
        Self {
            success: false,
            message: problem.detail.clone(),
            result: images
                .iter()
                .map(|image| image.links.original.clone())
                .collect(),
            images,
            problem,
        }
    }
}
