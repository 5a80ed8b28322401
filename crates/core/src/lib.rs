//! The rules of Tintype: accounts, uploads, images and albums, background work, and the operator's commands.
//!
//! Nothing here knows HTTP. The API parses a request, calls a rule and presents what comes back; the worker, the sweeper and the command line
//! call the same rules.

#![expect(
    missing_docs,
    reason = "the library is the server's own, and its tests'"
)]

pub mod accounts;
pub mod albums;
pub mod api_tokens;
pub mod audit;
pub mod backup;
pub mod clock;
pub mod db;
pub mod export;
mod failure;
mod fields;
pub mod half_done;
pub mod idempotency;
pub mod images;
pub mod inventory;
pub mod keys;
pub mod keyset;
pub mod known_addresses;
pub mod manifests;
pub mod memory;
pub mod metrics;
pub mod objects;
pub mod operator;
pub mod passwords;
pub mod pipeline;
pub mod private;
mod purge;
pub mod rate_limit;
pub mod rebuild;
pub mod secret;
pub mod services;
pub mod settings;
pub mod shutdown;
pub mod sweep;
pub mod uploads;
pub mod worker;

pub use failure::{Failure, chain};
pub use services::Services;
