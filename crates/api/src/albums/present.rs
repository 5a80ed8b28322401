//! Albums as their owners see them.

use tintype_dto::{Album, AlbumImage, AlbumLinks, BulkOutcome, Visibility};
use uuid::Uuid;

use crate::app::App;
use crate::images;
use tintype_core::albums::{Members, Summary};
use tintype_core::images::visibility;

/// The album as its owner sees it, with links of its cover that end with the owner's sessions of this version.
#[must_use]
pub fn present(app: &App, version: i32, summary: Summary) -> Album {
    let Summary {
        album,
        count,
        cover,
    } = summary;
    let visibility = visibility::shown(album.visibility);
    let has_ended = album.expires_at.is_some_and(|end| end <= app.clock.now());
    let is_open = visibility == Visibility::Unlisted && !has_ended;
    Album {
        id: album.id.0,
        links: AlbumLinks {
            page: is_open.then(|| app.urls.album(&album.slug.0)),
            archive: is_open.then(|| app.urls.archive(&album.slug.0)),
        },
        slug: album.slug.0,
        title: album.title,
        description: album.description,
        visibility,
        count: count.cast_unsigned(),
        cover: cover.map(|image| images::present(app, version, image)),
        created_at: album.created_at,
        expires_at: album.expires_at,
    }
}

/// An outcome for each id, in the requested order. Ids that are not among the members don't exist or belong to another user: the client is
/// not told which.
#[must_use]
pub fn members(ids: impl IntoIterator<Item = Uuid>, members: &Members) -> Vec<AlbumImage> {
    let item = |id: Uuid| {
        let member = members.get(&id.into());
        AlbumImage {
            id,
            outcome: member.map_or(BulkOutcome::NotFound, |_| BulkOutcome::Done),
            hidden: member.copied().flatten(),
        }
    };
    ids.into_iter().map(item).collect()
}
