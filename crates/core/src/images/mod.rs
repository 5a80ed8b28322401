//! Published images of an account: which are listed, and what their owner does to them.

mod batch;
mod change;
pub mod ends;
mod filter;
mod outdated;
mod published;
pub mod queries;
mod restore;
mod search;
mod shown;
mod sort;
pub mod visibility;

pub use batch::Batch;
pub use change::Change;
pub use restore::{Restore, RestoreError};
pub use shown::Shown;
pub(crate) use shown::selected;
