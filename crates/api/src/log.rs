//! Lines of the log, on standard error, and spans for a collector.

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::config::{Config, LogFormat};
use crate::traces::Traces;

/// Sends the remaining spans when the process ends.
pub struct Logging(Option<Traces>);

/// Starts logging. `RUST_LOG` overrides the setting. `role` names the kind of process in spans.
///
/// # Errors
/// The level can't be read, the collector's address can't be used, or logging has begun already.
pub fn begin(
    config: &Config,
    role: &'static str,
) -> Result<Logging, Box<dyn std::error::Error + Send + Sync>> {
    let level = std::env::var(EnvFilter::DEFAULT_ENV)
        .ok()
        .or_else(|| config.log.level.clone());
    let filter = match level.as_deref() {
        None => EnvFilter::new("warn,tintype=info"),
        Some(level) => EnvFilter::try_new(level)
            .map_err(|e| format!("TINTYPE_LOG__LEVEL can't be read: {e}"))?,
    };
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log.format {
        LogFormat::Pretty => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed(),
    };
    let traces = Traces::begin(&config.traces, role)?;
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(traces.as_ref().map(Traces::layer))
        .try_init()?;
    Ok(Logging(traces))
}

impl Logging {
    /// Sends the remaining spans. Those that the collector does not take within some seconds are lost.
    pub async fn end(self) {
        if let Some(traces) = self.0 {
            traces.end().await;
        }
    }
}
