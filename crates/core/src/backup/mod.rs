//! `tintype backup` and `tintype restore`: everything that an installation keeps, in a form that goes into either database and any store.
//!
//! A backup is a folder. `rows/{backup}/` has a file for each table, with a line of JSON for each row, and `objects.jsonl`, with a line for each
//! object; `objects/` has the objects by their keys; `manifest.json` has the counts and hashes of all that. The manifest is written last, and
//! replaces the one before at once: the folder always is the last whole backup, wherever a run was broken off.
//!
//! 1. From now on nothing is deleted that a row names (`hold`).
//! 2. All rows are read in one transaction, so that they are of one moment, and written.
//! 3. The objects that these rows name are copied, but for those that are there: keys are given to one object for ever.
//! 4. The manifest is written, and what it does not name is removed.
//!
//! Previews and thumbnails are copied like originals. Making them again would take a restore hours of decoding, and they are a tenth of the
//! bytes.

mod archive;
mod column;
mod copy;
mod error;
mod files;
mod hold;
mod index;
mod listed;
mod load;
mod manifest;
mod progress;
mod put_back;
mod restore;
mod sealed;
mod shape;
mod snapshot;
mod spool;
mod tables;
mod take;
mod verify;
mod wanted;

pub use self::archive::Archive;
pub use self::error::BackupError;
pub use self::files::{Bucket, Files, Folder};
pub use self::load::not_empty;
pub use self::manifest::{Manifest, Missing};
pub use self::progress::{Progress, Step};
pub use self::put_back::Damaged;
pub use self::restore::{Restored, Target, restore};
pub use self::tables::{LEFT_OUT, all as tables};
pub use self::take::{Shrunk, Source, Taken, back_up};
pub use self::verify::{Verified, verify};
