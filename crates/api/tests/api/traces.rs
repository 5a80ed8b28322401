//! Spans reach a collector: what a request waited for, and no secret.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;
use serde_json::json;
use tintype_dto::Image;

use crate::pictures::jpeg;
use crate::program::Program;

/// Everything that a collector was sent.
pub type Received = Arc<Mutex<Vec<ExportTraceServiceRequest>>>;

/// A collector of OTLP over HTTP: its address, and everything that it was sent.
pub async fn collector() -> (String, Received) {
    let received = Received::default();
    let kept = received.clone();
    let take = async move |body: Bytes| {
        kept.lock()
            .unwrap()
            .push(ExportTraceServiceRequest::decode(body).unwrap());
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(
        axum::serve(listener, Router::new().route("/v1/traces", post(take))).into_future(),
    );
    (address, received)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn a_collector_gets_what_a_request_waited_for_and_no_secret() {
    let (address, received) = collector().await;
    let folder = tempfile::TempDir::new().unwrap();
    let program = Program::start_as(
        "serve",
        folder.path(),
        &[("TINTYPE_TRACES__ENDPOINT", &address)],
    );
    let mut alice = program.client();
    let session = alice.register("alice").await;
    let bytes = jpeg(1);
    let upload = alice.announce("a.jpg", &bytes).await;
    alice.put(&upload, &bytes).await;
    let image: Image = alice.confirm(upload.id).await.ok();
    alice
        .post(
            "/auth/login",
            &json!({"username": "alice", "password": "a wrong password"}),
        )
        .await
        .problem("invalid_credentials");
    assert!(program.terminate(), "it sends what is left, and ends well");

    let requests = received.lock().unwrap();
    let resource = format!("{:?}", requests[0].resource_spans[0].resource);
    assert!(
        resource.contains("tintype")
            && resource.contains("serve")
            && resource.contains(env!("CARGO_PKG_VERSION")),
        "{resource}"
    );
    let spans: Vec<&Span> = requests
        .iter()
        .flat_map(|r| &r.resource_spans)
        .flat_map(|r| &r.scope_spans)
        .flat_map(|scope| &scope.spans)
        .collect();
    let confirm = spans
        .iter()
        .find(|span| span.name == "POST /api/v1/uploads/{id}/confirm")
        .unwrap_or_else(|| {
            panic!(
                "no span of the confirm in {:?}",
                spans.iter().map(|span| &span.name).collect::<Vec<_>>()
            );
        });
    assert_eq!(confirm.kind, SpanKind::Server as i32);
    let attribute = |key: &str| {
        format!(
            "{:?}",
            confirm
                .attributes
                .iter()
                .find(|a| a.key == key)
                .expect("the attribute")
                .value
        )
    };
    assert!(
        attribute("http.response.status_code").contains("200"),
        "{}",
        attribute("http.response.status_code")
    );
    assert!(attribute("http.route").contains("{id}"));
    let below: Vec<&str> = spans
        .iter()
        .filter(|span| span.trace_id == confirm.trace_id && span.span_id != confirm.span_id)
        .map(|s| &*s.name)
        .collect();
    for part in ["store get", "check and render", "store put"] {
        assert!(below.contains(&part), "{part} in {below:?}");
    }
    assert!(
        below.iter().any(|name| name.starts_with("sea_orm")),
        "{below:?}"
    );
    for root in spans.iter().filter(|span| span.parent_span_id.is_empty()) {
        assert_ne!(
            root.kind,
            SpanKind::Client as i32,
            "{} belongs to nothing",
            root.name
        );
    }
    let all = format!("{spans:?}");
    let signature = upload
        .put
        .as_ref()
        .unwrap()
        .url
        .split("X-Amz-Signature=")
        .nth(1)
        .unwrap()[..64]
        .to_owned();
    for secret in [
        session.token,
        signature,
        "correct horse battery".into(),
        "a wrong password".into(),
    ] {
        assert!(!all.contains(&secret), "{secret} was sent");
    }
    assert!(all.contains(&image.id.to_string()), "paths are");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_gone_costs_no_request_and_holds_up_no_end() {
    let folder = tempfile::TempDir::new().unwrap();
    let program = Program::start_as(
        "serve",
        folder.path(),
        &[("TINTYPE_TRACES__ENDPOINT", "http://127.0.0.1:9")],
    );
    for _ in 0..20 {
        assert_eq!(program.client().get("/limits").await.status, 200);
    }
    let start = Instant::now();
    assert!(program.terminate());
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}
