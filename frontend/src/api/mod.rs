//! The API client: one function sees every response, paths come from `tintype_dto`, and the calls that need a token exist on
//! [`Authed`] alone, which only a signed-in session can make.

mod authed;
mod clock;
mod error;
mod prefetched;
mod public;
mod query;
mod transport;

pub use authed::{Authed, Confirmed, NewAlbum, use_api};
pub use clock::{server_now, server_now_micros};
pub use error::ApiError;
pub use prefetched::{first_image, load_ahead};
pub use public::Public;
pub use query::with_query;
