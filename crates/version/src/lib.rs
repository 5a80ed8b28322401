//! Which version of Tintype this is.

/// `0.2.0`, and of a release build the commit and its day (UTC) too, where they are known: `0.2.0 (a1b2c3d4e5f6 2026-11-30)`. For people;
/// `CARGO_PKG_VERSION` is for programs.
pub const VERSION: &str = env!("TINTYPE_VERSION");
