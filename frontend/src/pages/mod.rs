//! The pages.

mod albums;
mod auth;
#[cfg(feature = "design")]
mod design;
mod gallery;
mod image;
mod later;
mod login;
mod not_found;
mod register;
mod settings;
mod signed_in;
mod trash;

use leptos::prelude::*;

use self::albums::AlbumsPage;
use self::gallery::AlbumHead;
use self::image::ImageView;
use self::settings::Settings;
use self::trash::TrashPage;

#[cfg(feature = "design")]
pub use design::Design;
#[cfg(test)]
pub use gallery::Empty as EmptyGallery;
pub use later::{LaterModule, LaterPart};
pub use login::LogIn;
pub use not_found::NotFound;
pub use register::Register;
pub use signed_in::SignedIn;

/// What the other module is made of.
#[must_use]
pub fn draw(part: LaterPart) -> AnyView {
    match part {
        LaterPart::AlbumHead => view! { <AlbumHead /> }.into_any(),
        LaterPart::Albums => view! { <AlbumsPage /> }.into_any(),
        LaterPart::Image(id) => view! { <ImageView id /> }.into_any(),
        LaterPart::Settings => view! { <Settings /> }.into_any(),
        LaterPart::Trash => view! { <TrashPage /> }.into_any(),
    }
}
