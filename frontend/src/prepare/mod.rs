//! Prepares a file on this device before it is announced: a worker, which has a module of its own, inspects, cleans and hashes it, so that the
//! page stays responsive. The server repeats all of it.

mod cleaning;
mod inspector;
#[cfg(test)]
mod tests;
mod worker;

use serde::{Deserialize, Serialize};
use tintype_dto::{Limits, RemovedCode};

pub use cleaning::{provide_cleaning, use_cleaning};
pub use inspector::{Inspector, PreparedFile};
pub use worker::listen;

/// A request to the worker, sent with the file.
#[derive(Deserialize, Serialize)]
struct Request {
    id: u32,
    limits: Limits,
    /// Whether to remove private metadata.
    clean: bool,
}

/// A message from the worker, sent with the cleaned bytes if something was removed.
#[derive(Deserialize, Serialize)]
enum Message {
    /// The worker has started.
    Ready,
    /// The answer to the request with this id.
    Done { id: u32, verdict: Verdict },
}

/// What the inspection of a file says.
#[derive(Deserialize, Serialize)]
enum Verdict {
    /// A picture.
    Picture {
        /// The type detected from the bytes.
        media_type: String,
        /// SHA-256 of what is sent, as hex, where the browser can.
        sha256: Option<String>,
        /// What was removed.
        removed: Vec<RemovedCode>,
    },
    /// It can't be read, or the server would refuse it; says why.
    Refused(String),
}
