//! What holds for any bytes, for libFuzzer to break: `just fuzz`.

pub mod mend;
pub mod promises;
