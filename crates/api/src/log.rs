//! Lines of the log, on standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Begins to log. `RUST_LOG` goes before the setting.
///
/// # Errors
/// The level can't be read, or logging has begun already.
pub fn begin(log: &Log) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let level = std::env::var(EnvFilter::DEFAULT_ENV).ok().or_else(|| log.level.clone());
    let filter = match level.as_deref() {
        None => EnvFilter::new("warn,tintype=info"),
        Some(level) => EnvFilter::try_new(level).map_err(|e| format!("TINTYPE_LOG__LEVEL can't be read: {e}"))?,
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Pretty => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
    }
}
