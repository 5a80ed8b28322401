//! Images.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::{ContentType, moment};

/// A published picture.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Image {
    /// Stable id, the same as its upload's.
    pub id: Uuid,
    /// The short unguessable name in its links.
    #[cfg_attr(feature = "openapi", schema(example = "k3J9xQ2mVb7"))]
    pub slug: String,
    /// What its owner calls it: one line in Unicode's NFC, without direction controls.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true, max_length = 200))]
    pub title: Option<String>,
    /// What it shows, in words, for those who can't see it: as the title is kept.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true, max_length = 500))]
    pub alt: Option<String>,
    /// The name of the file it came from, for display alone: in Unicode's NFC, without folders, control characters and direction controls.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "summer.jpg", min_length = 1, max_length = 255)
    )]
    pub filename: String,
    /// The type found in its bytes.
    pub content_type: ContentType,
    /// Whether it moves.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub animated: bool,
    /// Size of the published original, bytes.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub size_bytes: u64,
    /// Pixels across, orientation applied.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub width: u32,
    /// Pixels down, orientation applied.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub height: u32,
    /// SHA-256 of the published original, 64 lower-case hex digits.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::Sha256))]
    pub sha256: String,
    /// Who can see it.
    pub visibility: Visibility,
    /// What was cut before it was published.
    pub removed: Vec<Removed>,
    /// A `ThumbHash` in base64, while the thumbnail loads.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub placeholder: Option<String>,
    /// When it was uploaded, or what its announcement said.
    #[serde(deserialize_with = "moment::read", serialize_with = "moment::write")]
    pub created_at: DateTime<Utc>,
    /// When it ends by itself: from then on its links don't work, and it is in the trash. `null`: it stays.
    #[serde(
        default,
        deserialize_with = "moment::read_option",
        serialize_with = "moment::write_option"
    )]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it is deleted for good: an image in the trash has such a time, and can be restored until then.
    #[serde(
        default,
        deserialize_with = "moment::read_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub purge_at: Option<DateTime<Utc>>,
    /// Where it is. Of an image in the trash only `thumb` works, for some minutes.
    pub links: ImageLinks,
}

/// Which of the images are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ListedState {
    /// Published ones, the newest first.
    #[default]
    Ready,
    /// Those in the trash, that which stays longest first: the newest deletion.
    Trashed,
}

/// What the list of images begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SortOrder {
    /// The newest upload.
    #[default]
    Newest,
    /// The oldest upload.
    Oldest,
    /// By title, or by the file's name where there is none: from A on, in the order of Unicode's characters, whatever the case.
    Name,
    /// The largest file.
    Size,
}

/// Absolute addresses of an image.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImageLinks {
    /// The share page, for people. A private image has none.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true, format = "uri"))]
    pub page: Option<String>,
    /// The published bytes.
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub original: String,
    /// A WebP of at most 1600 x 1600 pixels; the published bytes themselves, where those are small enough.
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub preview: String,
    /// A WebP of at most 400 x 400 pixels; the published bytes themselves, where those are small enough.
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub thumb: String,
    /// When the links to the picture stop working: those of a private image do. Read the image again for fresh ones.
    #[serde(
        default,
        deserialize_with = "moment::read_option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub expires_at: Option<DateTime<Utc>>,
}

/// Who can see an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Anyone who has the link.
    Unlisted,
    /// Its owner alone: its links are signed and work for some minutes.
    Private,
}

/// One kind of thing that was cut from an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Removed {
    /// What it was.
    pub code: RemovedCode,
    /// Who cut it.
    pub by: RemovedBy,
}

/// Who cut something from an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RemovedBy {
    /// The client, before it sent the file. It is the client's word.
    Client,
    /// The server.
    Server,
}

/// What can be cut from an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RemovedCode {
    /// GPS position.
    Location,
    /// Owner, artist or copyright holder.
    Owner,
    /// Camera or phone make and model.
    Device,
    /// Serial number of body or lens.
    Serial,
    /// Date and time.
    Time,
    /// Name of the program that wrote it.
    Software,
    /// Free text.
    Comment,
    /// An embedded smaller picture.
    Thumbnail,
    /// The camera maker's private notes.
    MakerNote,
    /// Other EXIF fields.
    Exif,
    /// An XMP packet.
    Xmp,
    /// An IPTC record.
    Iptc,
    /// A content-credentials manifest.
    C2pa,
    /// Data of an application.
    Application,
    /// Anything behind the end of the picture.
    TrailingData,
    /// Words and private data in a colour profile, or one that nobody reads.
    ColourProfile,
    /// What a newer server has a code for.
    #[cfg(feature = "client")]
    #[serde(other)]
    Unknown,
}

impl RemovedCode {
    /// What people call it, in English.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::Owner => "owner",
            Self::Device => "camera",
            Self::Serial => "serial number",
            Self::Time => "date and time",
            Self::Software => "software",
            Self::Comment => "comment",
            Self::Thumbnail => "embedded thumbnail",
            Self::MakerNote => "maker's notes",
            Self::Exif => "other EXIF",
            Self::Xmp => "XMP",
            Self::Iptc => "IPTC",
            Self::C2pa => "content credentials",
            Self::Application => "application data",
            Self::TrailingData => "data behind the picture",
            Self::ColourProfile => "details of the colour profile",
            #[cfg(feature = "client")]
            Self::Unknown => "other data",
        }
    }
}

/// One page of images, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImagePage {
    /// The images.
    pub items: Vec<Image>,
    /// Pass it as `cursor` for the next page; `null` on the last one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub next_cursor: Option<String>,
}

/// How many images were uploaded on which day, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImageDays {
    /// The days that have images.
    pub days: Vec<ImageDay>,
}

/// How many images were uploaded on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImageDay {
    /// The day, in UTC.
    #[serde(deserialize_with = "moment::read_day")]
    pub day: NaiveDate,
    /// How many.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub count: u64,
}

/// What to change of an image. A field that is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateImage {
    /// The new title, up to 200 characters on one line; `null`, and what shows nothing, takes it away.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "Summer Palace", max_length = 200))]
    pub title: Option<Option<String>>,
    /// The new description for those who can't see the picture, up to 500 characters on one line; `null`, and what shows nothing, takes it
    /// away.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "A lake with a stone bridge at dusk", max_length = 500))]
    pub alt: Option<Option<String>>,
    /// Who can see it from now on. What browsers and caches hold of an unlisted image can't be called back.
    #[serde(
        default,
        deserialize_with = "not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub visibility: Option<Visibility>,
    /// When it is to end, a minute to ten years from now; `null`: it is to stay. What browsers and caches hold of it already can't be called back.
    #[serde(
        default,
        deserialize_with = "moment::read_change",
        serialize_with = "moment::write_change",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DateTime<Utc>>, example = "2030-01-31T18:00:00Z"))]
    pub expires_at: Option<Option<DateTime<Utc>>>,
}

/// How a deleted image comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RestoreImage {
    /// When it is to end, a minute to ten years from now; `null`: it is to stay. When left out, it ends as it was to.
    #[serde(
        default,
        deserialize_with = "moment::read_change",
        serialize_with = "moment::write_change",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DateTime<Utc>>, example = "2030-01-31T18:00:00Z"))]
    pub expires_at: Option<Option<DateTime<Utc>>>,
}

#[expect(
    clippy::option_option,
    reason = "left out, null and a value are three things"
)]
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Somebody can always see an image, so there is nothing that `null` could take away.
pub fn not_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Visibility>, D::Error> {
    Visibility::deserialize(deserializer).map(Some)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::UpdateImage;

    #[test]
    fn a_title_can_be_left_out_cleared_or_set() {
        let parse = |json| serde_json::from_str::<UpdateImage>(json).unwrap().title;
        assert_eq!(parse("{}"), None);
        assert_eq!(parse(r#"{"title":null}"#), Some(None));
        assert_eq!(parse(r#"{"title":"x"}"#), Some(Some("x".into())));
    }
}
