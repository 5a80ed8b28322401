//! The album that uploaded pictures are put into.

use tintype_dto::{
    AddAlbumImages, Album, CreateAlbum, MAX_NEW_ALBUM_IMAGES, Visibility, check_title, nfc,
};
use uuid::Uuid;

use super::waits::Waits;
use crate::api::Api;
use crate::error::Error;

/// See the module.
pub enum Target {
    /// One of the account's.
    There(Box<Album>),
    /// One to be made, with this title.
    New(String),
}

impl Target {
    /// The album with this slug, link or title: of several with one title the newest. Without any, one is to be made.
    pub fn find(api: &Api, name: &str) -> Result<Self, Error> {
        let link = name.contains("://").then(|| name.trim_end_matches('/'));
        let slug = link.and_then(|link| link.rsplit('/').next());
        let slug = slug.unwrap_or(name);
        let title = check_title(name, nfc).map_err(|rule| Error::Denied(rule.into()))?;
        let (mut called_so, mut cursor) = (None, None::<String>);
        loop {
            let page = api.albums(cursor.as_deref())?;
            for album in page.items {
                if album.slug == slug {
                    return Ok(Self::There(Box::new(album)));
                }
                if called_so.is_none() && title.is_some() && album.title == title {
                    called_so = Some(album);
                }
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        match (called_so, link, title) {
            (Some(album), ..) => Ok(Self::There(Box::new(album))),
            (None, None, Some(title)) => Ok(Self::New(title)),
            _ => Err(Error::Denied(format!("You have no album {name}."))),
        }
    }

    /// Puts these behind what is in it. A new one is for everyone who has its link, unless they are private.
    pub fn fill(
        self,
        api: &Api,
        waits: &Waits<'_>,
        images: &[Uuid],
        private: bool,
    ) -> Result<Album, Error> {
        let (album, rest) = match self {
            Self::There(album) => (*album, images),
            Self::New(title) => {
                let (first, rest) = images.split_at(images.len().min(MAX_NEW_ALBUM_IMAGES));
                let new = CreateAlbum {
                    expires_at: None,
                    title: Some(title),
                    description: None,
                    visibility: private.then_some(Visibility::Private),
                    images: first.into(),
                };
                (waits.patiently(|| api.create_album(&new))?.album, rest)
            }
        };
        for some in rest.chunks(MAX_NEW_ALBUM_IMAGES) {
            let added = AddAlbumImages { ids: some.into() };
            waits.again(|_| waits.patiently(|| api.add_to_album(album.id, &added)))?;
        }
        Ok(album)
    }
}
