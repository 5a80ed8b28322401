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

#[cfg(feature = "design")]
pub use design::Design;
#[cfg(test)]
pub use gallery::Empty as EmptyGallery;
pub use later::{LaterModule, LaterPart, draw};
pub use login::LogIn;
pub use not_found::NotFound;
pub use register::Register;
pub use signed_in::SignedIn;
