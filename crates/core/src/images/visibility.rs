//! Who can see an image, in the database and on the wire.

use tintype_dto::Visibility;

use crate::db::image;

/// As the database keeps it.
#[must_use]
pub fn stored(visibility: Visibility) -> image::Visibility {
    match visibility {
        Visibility::Unlisted => image::Visibility::Unlisted,
        Visibility::Private => image::Visibility::Private,
    }
}

/// As on the wire.
#[must_use]
pub fn shown(visibility: image::Visibility) -> Visibility {
    match visibility {
        image::Visibility::Unlisted => Visibility::Unlisted,
        image::Visibility::Private => Visibility::Private,
    }
}
