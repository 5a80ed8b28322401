//! What anyone with a link gets: the bytes on the media origin, share pages, those of albums and the page itself on the app origin.

mod album;
mod archive;
mod attachment;
mod caching;
mod candidates;
mod delete_link;
#[cfg(feature = "page")]
mod inside;
mod installed;
mod link_preview;
mod lost;
mod media;
mod named;
mod oembed;
mod page;
mod path;
mod placeholder;
mod range;
mod share;
mod spelling;

pub use album::router as album_router;
pub use archive::{ArchivePlaces, Broken, everything_of, router as archive_router};
pub use delete_link::router as delete_link_router;
pub use installed::router as installed_router;
pub use media::router as media_router;
pub use oembed::router as oembed_router;
pub use page::{PageFiles, router as page_router};
pub use share::router as share_router;
