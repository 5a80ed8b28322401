//! OTLP over HTTP.

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::{Method, Request, Response, StatusCode};
use opentelemetry::trace::{Link, SpanKind, Status, TraceContextExt, TraceId, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    Sampler, SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample,
};
use tintype_storage::WebClient;
use tokio::runtime::Handle;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;

use crate::config;

/// The collector's address can't be used.
#[derive(Debug, thiserror::Error)]
#[error("TINTYPE_TRACES__ENDPOINT can't be used")]
pub struct TracesError(#[from] ExporterBuildError);

/// What makes and sends spans.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send, when a collector is configured. `role` says what kind of process it is.
    ///
    /// # Errors
    /// The collector's address can't be used.
    pub fn begin(traces: &config::Traces, role: &'static str) -> Result<Option<Self>, TracesError> {
        let Some(endpoint) = &traces.endpoint else {
            return Ok(None);
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector {
                client: WebClient::default(),
                runtime: Handle::current(),
            })
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!(
                "{}/v1/traces",
                endpoint.as_str().trim_end_matches('/')
            ))
            .build()?;
        let resource = Resource::builder()
            .with_service_name("tintype")
            .with_attributes([
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
                KeyValue::new("tintype.role", role),
            ])
            .build();
        let sampler =
            Sampler::ParentBased(Box::new(OwnRoots(Sampler::TraceIdRatioBased(traces.ratio))));
        Ok(Some(Self(
            SdkTracerProvider::builder()
                .with_batch_exporter(exporter)
                .with_resource(resource)
                .with_sampler(sampler)
                .build(),
        )))
    }

    /// What makes the spans.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let ours = Targets::new().with_targets([
            ("tintype", LevelFilter::INFO),
            ("sea_orm", LevelFilter::INFO),
        ]);
        tracing_opentelemetry::layer()
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_tracer(self.0.tracer("tintype"))
            .with_filter(ours)
    }

    /// Sends what is left. What the collector does not take within some seconds is lost.
    pub async fn end(self) {
        // It blocks, and waits for work that runs on this runtime.
        match tokio::task::spawn_blocking(move || self.0.shutdown()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last spans were not sent"),
            Err(error) => tracing::warn!(%error, "the last spans were not sent"),
        }
    }
}

/// A request arrived.
pub fn asked(span: &Span, method: &Method, path: &str) {
    span.set_attribute("http.request.method", method.to_string());
    span.set_attribute("url.path", path.to_owned());
}

/// Its route is known.
pub fn routed(span: &Span, method: &Method, route: &str) {
    span.context()
        .span()
        .update_name(format!("{method} {route}"));
    span.set_attribute("http.route", route.to_owned());
}

/// It was answered.
pub fn answered(span: &Span, status: StatusCode) {
    span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.set_status(Status::error(status.to_string()));
    }
}

/// Sends batches from the exporter's own thread through the runtime of the process.
#[derive(Debug)]
struct Collector {
    client: WebClient,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        Ok(self
            .runtime
            .spawn(async move { client.send(request).await })
            .await??)
    }
}

/// Queries that belong to nothing (the worker looks for what is due every two seconds) are no traces of their own.
#[derive(Clone, Debug)]
struct OwnRoots(Sampler);

impl ShouldSample for OwnRoots {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let mut result = self
            .0
            .should_sample(parent, trace, name, kind, attributes, links);
        if *kind == SpanKind::Client {
            result.decision = SamplingDecision::Drop;
        }
        result
    }
}
