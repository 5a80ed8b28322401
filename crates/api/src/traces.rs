//! Spans of requests, of the worker's visits, and of what they wait for, sent to an `OpenTelemetry` collector (OTLP over HTTP).

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::{Request, Response};
use opentelemetry::trace::{Link, SpanKind, TraceId};
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

use crate::config::Traces;

/// What makes and sends spans, when a collector is configured. `role` says what kind of process it is.
///
/// # Errors
/// The collector's address can't be used.
pub fn provider(
    traces: &Traces,
    role: &'static str,
) -> Result<Option<SdkTracerProvider>, ExporterBuildError> {
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
    Ok(Some(
        SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .with_sampler(sampler)
            .build(),
    ))
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
