//! Albums of an account: ordered sets of images, with one link each.

mod change;
mod contents;
mod create;
mod opened;
mod places;
pub mod queries;
mod whole;

pub use change::{Change, ChangeError};
pub use contents::{Contents, ContentsError, Members};
pub use create::{CreateError, create, create_as};
pub use opened::{Opened, Tile, open, tiles};
pub use queries::Summary;
pub use whole::{Item, Whole, find_original, original};
