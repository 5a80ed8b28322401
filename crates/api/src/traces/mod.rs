//! Spans of requests, of the worker's visits, and of what they wait for, for an `OpenTelemetry` collector.
//!
//! Builds without the feature `traces` send none, and refuse to start when a collector is configured: whoever builds to try the product needs
//! no collector, and waits less.

#[cfg(not(feature = "traces"))]
mod absent;
#[cfg(feature = "traces")]
mod sent;

#[cfg(not(feature = "traces"))]
pub use absent::{Traces, answered, asked, routed};
#[cfg(feature = "traces")]
pub use sent::{Traces, answered, asked, routed};
