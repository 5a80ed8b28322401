//! Lines of the log, on standard error, and spans for a collector.

use std::io::IsTerminal;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::config::{Config, LogFormat};
use crate::traces;

/// Sends the remaining spans when the process ends.
pub struct Logging(Option<SdkTracerProvider>);

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
    let provider = traces::provider(&config.traces, role)?;
    let spans = provider.as_ref().map(|provider| {
        let ours = Targets::new().with_targets([
            ("tintype", LevelFilter::INFO),
            ("sea_orm", LevelFilter::INFO),
        ]);
        let layer = tracing_opentelemetry::layer()
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false);
        layer
            .with_tracer(provider.tracer("tintype"))
            .with_filter(ours)
    });
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(spans)
        .try_init()?;
    Ok(Logging(provider))
}

impl Logging {
    /// Sends the remaining spans. Those that the collector does not take within some seconds are lost.
    pub async fn end(self) {
        let Some(provider) = self.0 else { return };
        // It blocks, and waits for work that runs on this runtime.
        match tokio::task::spawn_blocking(move || provider.shutdown()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last spans were not sent"),
            Err(error) => tracing::warn!(%error, "the last spans were not sent"),
        }
    }
}
