//! Albums: ordered sets of images with one link each.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::images::{not_null, present};
use crate::{BulkOutcome, Image, RuleError, Visibility, moment};

/// The most albums of an account.
pub const MAX_ALBUMS: u64 = 10_000;
/// The most images of an album.
pub const MAX_ALBUM_IMAGES: u64 = 10_000;
/// The most images that an album is made with.
pub const MAX_NEW_ALBUM_IMAGES: usize = 500;

/// An ordered set of images with one link.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Album {
    /// Stable id.
    pub id: Uuid,
    /// The short unguessable name in its link.
    #[cfg_attr(feature = "openapi", schema(example = "p7Qw2ZkT9fa"))]
    pub slug: String,
    /// What its owner calls it: one line in Unicode's NFC, without direction controls.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true, max_length = 200))]
    pub title: Option<String>,
    /// What its owner says about it: as the title is kept.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true, max_length = 1000))]
    pub description: Option<String>,
    /// Who can see it. What is private in it, only its owner sees all the same.
    pub visibility: Visibility,
    /// How many images it has. Those in the trash don't count.
    pub count: u64,
    /// The image that stands for it: the one that was chosen, or else the first.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub cover: Option<Image>,
    /// When it was made.
    #[serde(deserialize_with = "moment::read", serialize_with = "moment::write")]
    pub created_at: DateTime<Utc>,
    /// When it ends: from then on its owner alone sees it, and may give it another end. Its images stay. `null`: it does not end.
    #[serde(
        default,
        deserialize_with = "moment::read_option",
        serialize_with = "moment::write_option"
    )]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub expires_at: Option<DateTime<Utc>>,
    /// Where it is.
    pub links: AlbumLinks,
}

/// Absolute addresses of an album.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlbumLinks {
    /// The page, for people. An album that is private or has ended has none.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true, format = "uri"))]
    pub page: Option<String>,
    /// All pictures that the page shows, in one ZIP archive. An album without a page has none.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true, format = "uri"))]
    pub archive: Option<String>,
}

/// One page of albums, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlbumPage {
    /// The albums.
    pub items: Vec<Album>,
    /// Pass it as `cursor` for the next page; `null` on the last one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub next_cursor: Option<String>,
}

/// A new album.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateAlbum {
    /// Its title, up to 200 characters on one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(example = "A week in Beijing", max_length = 200)
    )]
    pub title: Option<String>,
    /// What there is to say about it, up to 1,000 characters on one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(example = "Palaces and lakes in spring", max_length = 1000)
    )]
    pub description: Option<String>,
    /// Who can see it: anyone who has the link, when left out.
    #[serde(
        default,
        deserialize_with = "not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub visibility: Option<Visibility>,
    /// When it is to end, a minute to ten years from now; it does not, when left out.
    #[serde(
        default,
        deserialize_with = "moment::read_option",
        serialize_with = "moment::write_option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(example = "2030-01-31T18:00:00Z"))]
    pub expires_at: Option<DateTime<Utc>>,
    /// The images that are in it from the beginning, in this order: up to 500.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 500))]
    pub images: Vec<Uuid>,
}

/// An album that was made just now.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedAlbum {
    /// The album.
    pub album: Album,
    /// What became of each of `images`, in the order asked for.
    pub items: Vec<AlbumImage>,
}

/// What to change of an album. A field that is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateAlbum {
    /// The new title, up to 200 characters on one line; `null`, and what shows nothing, takes it away.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "A week in Beijing", max_length = 200))]
    pub title: Option<Option<String>>,
    /// The new description, up to 1,000 characters on one line; `null`, and what shows nothing, takes it away.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "Palaces and lakes in spring", max_length = 1000))]
    pub description: Option<Option<String>>,
    /// The image of this album that is to stand for it; `null`: the first one does.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Uuid>))]
    pub cover: Option<Option<Uuid>>,
    /// Who can see it from now on.
    #[serde(
        default,
        deserialize_with = "not_null",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub visibility: Option<Visibility>,
    /// When it is to end, a minute to ten years from now; `null`: it is not to. What caches hold of its page is forgotten within a minute.
    #[serde(
        default,
        deserialize_with = "moment::read_change",
        serialize_with = "moment::write_change",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DateTime<Utc>>, example = "2030-01-31T18:00:00Z"))]
    pub expires_at: Option<Option<DateTime<Utc>>>,
}

/// Images to put into an album, behind those that are in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddAlbumImages {
    /// Which images, in this order: 1 to 500.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub ids: Vec<Uuid>,
}

/// Images to take out of an album.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RemoveAlbumImages {
    /// Which images: 1 to 500.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub ids: Vec<Uuid>,
}

/// Images of an album that are to stand elsewhere in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MoveAlbumImages {
    /// Which images, in the order in which they are to follow each other: 1 to 500.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub ids: Vec<Uuid>,
    /// The image of this album that they are to stand before; the end, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Uuid>,
}

/// What became of images of an album.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlbumImages {
    /// One for each id, in the order asked for.
    pub items: Vec<AlbumImage>,
}

/// What became of one image of an album.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlbumImage {
    /// Which image.
    pub id: Uuid,
    /// What became of it.
    pub outcome: BulkOutcome,
    /// Why the album's page does not show it, although it is in the album; absent when nothing keeps it from being shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub hidden: Option<HiddenBecause>,
}

/// Why an image of an album is not shown on the album's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HiddenBecause {
    /// The image is private.
    Private,
    /// The image is in the trash.
    Trashed,
}

/// How many images an album may be made with.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_new_album_images(count: usize) -> Result<(), RuleError> {
    if count <= MAX_NEW_ALBUM_IMAGES {
        Ok(())
    } else {
        Err("Name at most 500 images, and add the others afterwards.")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_album_is_made_with_as_many_images_as_its_sentence_says() {
        assert!(check_new_album_images(0).is_ok());
        assert!(check_new_album_images(MAX_NEW_ALBUM_IMAGES).is_ok());
        let refused = check_new_album_images(MAX_NEW_ALBUM_IMAGES + 1).unwrap_err();
        assert!(refused.contains(&format!(" {MAX_NEW_ALBUM_IMAGES} ")));
    }

    #[test]
    fn a_cover_can_be_left_out_taken_away_or_chosen() {
        let parse = |json| serde_json::from_str::<UpdateAlbum>(json).unwrap().cover;
        assert_eq!(parse("{}"), None);
        assert_eq!(parse(r#"{"cover":null}"#), Some(None));
        let id = Uuid::nil();
        assert_eq!(parse(&format!(r#"{{"cover":"{id}"}}"#)), Some(Some(id)));
    }
}
