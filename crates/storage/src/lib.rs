//! Objects: a client for any S3 store, and an S3 endpoint over a folder for installations without one.
//!
//! The server uses [`Store`] with every store. [`embedded`] is the store of the one-command default: the same protocol, so the same client
//! and the same presigned URLs.

mod bucket;
mod client;
#[cfg(feature = "embedded")]
pub mod embedded;
mod error;
mod failpoint;
mod objects;
mod presign;
mod put_file;
mod web;
#[cfg(feature = "embedded")]
mod within;

pub use bucket::{CorsRule, LifecycleRule};
pub use client::{Store, StoreConfig};
pub use error::{Cause, StoreError};
pub use failpoint::failpoint;
pub use objects::{ListedObject, NewObject, ObjectInfo, ObjectPage, ObjectStream, Presigned};
pub use web::WebClient;
