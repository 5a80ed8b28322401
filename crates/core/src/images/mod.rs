//! Published images of an account: which are listed, and what their owner does to them.

mod change;
mod cursor;
mod filter;
mod many;
pub mod queries;
pub mod visibility;

pub use change::Change;
pub use many::Many;
