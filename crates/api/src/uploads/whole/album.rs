//! The album that files of a request are put into, once they are images.

use tintype_core::accounts::SessionKey;
use tintype_core::albums::{Contents, queries};
use tintype_core::db::{AlbumId, ImageId};
use tintype_core::uploads::Confirmed;

use crate::app::App;
use crate::problems::ApiError;

/// An album of this account, by its id or by the name in its link.
pub async fn find(
    app: &App,
    session: SessionKey,
    name: Option<&str>,
) -> Result<Option<AlbumId>, ApiError> {
    let Some(name) = name else {
        return Ok(None);
    };
    let found = queries::named(&app.db, session.user_id, name).await?;
    let unknown = "You have no such album: send its id, or the name in its link.";
    found
        .map(Some)
        .ok_or_else(|| ApiError::field("album", unknown))
}

/// Puts what is published behind all that is in it. What is in it already stays in its place.
pub async fn fill(
    app: &App,
    session: SessionKey,
    id: AlbumId,
    ends: &[Result<Confirmed, ApiError>],
) -> Result<(), ApiError> {
    let published = ends.iter().filter_map(|end| match end {
        Ok(Confirmed::Published(image)) => Some(image.id),
        Ok(Confirmed::InProgress(_)) | Err(_) => None,
    });
    let ids: Vec<ImageId> = published.collect();
    if ids.is_empty() {
        return Ok(());
    }
    let contents = Contents {
        user_id: session.user_id,
        id,
        ids: &ids,
    };
    contents.add(&app.db).await?;
    Ok(())
}
