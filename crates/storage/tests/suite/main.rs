//! What a store has to do, tried on the embedded one and, when there is one at hand, on a real S3 server; then what only
//! the embedded one promises.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod conformance;
mod disk;
mod failures;
mod model;
mod place;
#[cfg(target_os = "linux")]
mod power;
mod refusals;
mod rules;
mod wire;
