//! The API client: one function sees every response, URLs are built in one place, and the calls that need a token exist on
//! [`Authed`] alone, which only a signed-in session can make.

mod authed;
mod error;
mod prefetched;
mod public;
mod transport;
mod urls;

pub use authed::{Authed, Confirmed, use_api};
pub use error::ApiError;
pub use public::Public;
