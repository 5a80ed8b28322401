//! The REST API of Tintype: everything behind the binary `tintype`.
//!
//! One folder per capability (accounts, uploads, images, albums, delivery): each parses a request, calls a rule of `tintype-core`, and presents what
//! comes back.

pub mod accounts;
mod admission;
mod albums;
pub mod app;
pub mod backups;
mod caller;
mod clients;
pub mod config;
mod connections;
mod delivery;
mod docs;
pub mod doctor;
mod errors;
pub mod escaped;
mod etag;
pub mod exports;
mod extract;
pub mod images;
pub mod imports;
mod layers;
pub mod log;
pub mod maintenance;
mod openapi;
mod ops;
pub mod problems;
pub mod rebuilding;
pub mod removals;
mod request_limits;
pub mod router;
pub mod serve;
mod signed_links;
mod spool;
mod startup;
mod tokens;
mod traces;
pub mod uploads;
pub mod urls;
