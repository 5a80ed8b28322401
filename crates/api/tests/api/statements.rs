//! How many statements each operation sends to the database, BEGIN and COMMIT counted: the spans of its trace tell. None creeps in.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use reqwest::Method;
use serde_json::json;
use tintype_dto::{Album, Image};

use crate::pictures::jpeg;
use crate::program::Program;
use crate::server::new_postgres_database;
use crate::traces::{Received, collector};

/// The most statements of each operation.
type Most = BTreeMap<&'static str, usize>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_operation_sends_few_statements_to_postgres() {
    let database = new_postgres_database().await;
    let counted = play(Some(&database)).await;
    assert_eq!(
        counted,
        BTreeMap::from([
            ("GET /a/{slug}", 2),
            ("GET /api/v1/albums", 2),
            ("GET /api/v1/albums/{id}/images", 1),
            ("GET /api/v1/images", 1),
            ("GET /api/v1/images/{id}", 1),
            ("GET /i/a/{file}", 3),
            ("GET /i/{*path}", 1),
            ("POST /api/v1/albums", 11),
            ("POST /api/v1/albums/{id}/images/add", 8),
            ("POST /api/v1/albums/{id}/images/move", 7),
            ("POST /api/v1/uploads", 2),
            ("POST /api/v1/uploads/bulk", 5),
            ("POST /api/v1/uploads/{id}/confirm", 6),
        ])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_operation_sends_few_statements_to_sqlite() {
    let counted = play(None).await;
    assert_eq!(
        counted,
        BTreeMap::from([
            ("GET /a/{slug}", 2),
            ("GET /api/v1/albums", 2),
            ("GET /api/v1/albums/{id}/images", 1),
            ("GET /api/v1/images", 1),
            ("GET /api/v1/images/{id}", 1),
            ("GET /i/a/{file}", 3),
            ("GET /i/{*path}", 1),
            ("POST /api/v1/albums", 11),
            ("POST /api/v1/albums/{id}/images/add", 8),
            ("POST /api/v1/albums/{id}/images/move", 7),
            ("POST /api/v1/uploads", 5),
            ("POST /api/v1/uploads/bulk", 5),
            ("POST /api/v1/uploads/{id}/confirm", 7),
        ])
    );
}

/// Uploads a picture, looks at it, and counts.
async fn play(database: Option<&str>) -> Most {
    let (address, received) = collector().await;
    let folder = tempfile::TempDir::new().unwrap();
    let mut settings = vec![("TINTYPE_TRACES__ENDPOINT", address.as_str())];
    settings.extend(database.map(|url| ("DATABASE_URL", url)));
    let program = Program::start_as("serve", folder.path(), &settings);
    let mut alice = program.client();
    alice.register("alice").await;
    let bytes = jpeg(1);
    let body =
        json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": bytes.len()});
    let upload = alice.post("/uploads", &body).await.ok();
    assert_eq!(alice.put(&upload, &bytes).await.status, 200);
    let image: Image = alice.confirm(upload.id).await.ok();
    assert_eq!(alice.list("").await.items.len(), 1);
    assert_eq!(
        alice.get(&format!("/images/{}", image.id)).await.status,
        200
    );
    let Album {
        id, slug, links, ..
    } = alice.album(&[image.id]).await;
    let page = links.page.unwrap();
    let page = alice.send_to(Method::GET, &page, |request| request).await;
    assert_eq!(page.status, 200);
    assert_eq!(alice.get("/albums").await.status, 200);
    let images = format!("/albums/{id}/images");
    assert_eq!(alice.get(&images).await.status, 200);
    for what in ["add", "move"] {
        let path = format!("{images}/{what}");
        let answer = alice.post(&path, &json!({"ids": [image.id]})).await;
        assert_eq!(answer.status, 200);
    }
    let media = alice
        .send_to(Method::GET, &image.links.original, |request| request)
        .await;
    assert_eq!(media.status, 200);
    let (origin, _) = image.links.original.split_once("/i/").unwrap();
    let archive = format!("{origin}/i/a/{slug}.zip");
    let archive = alice.send_to(Method::GET, &archive, |request| request);
    assert_eq!(archive.await.status, 200);
    assert_eq!(
        alice.delete(&format!("/images/{}", image.id)).await.status,
        204
    );
    assert_eq!(alice.list("?state=trashed").await.items.len(), 1);
    let many = json!({"files": [&body, &body, &body]});
    assert_eq!(alice.post("/uploads/bulk", &many).await.status, 200);
    assert!(program.terminate());
    count(&received)
}

fn count(received: &Received) -> Most {
    const COUNTED: [&str; 13] = [
        "GET /a/{slug}",
        "GET /api/v1/albums",
        "GET /api/v1/albums/{id}/images",
        "GET /api/v1/images",
        "GET /api/v1/images/{id}",
        "GET /i/a/{file}",
        "GET /i/{*path}",
        "POST /api/v1/albums",
        "POST /api/v1/albums/{id}/images/add",
        "POST /api/v1/albums/{id}/images/move",
        "POST /api/v1/uploads",
        "POST /api/v1/uploads/bulk",
        "POST /api/v1/uploads/{id}/confirm",
    ];
    let requests = received.lock().unwrap();
    let spans: Vec<_> = requests
        .iter()
        .flat_map(|request| &request.resource_spans)
        .flat_map(|resource| &resource.scope_spans)
        .flat_map(|scope| &scope.spans)
        .collect();
    let of_trace = |trace: &[u8]| {
        spans
            .iter()
            .filter(|span| span.trace_id == trace && span.name.starts_with("sea_orm"))
            .inspect(|span| assert_eq!(span.kind, SpanKind::Client as i32, "{}", span.name))
            .count()
    };
    let operation = |name| {
        let spans = spans.iter().filter(|span| span.name == name);
        let most = spans.map(|span| of_trace(&span.trace_id)).max();
        (name, most.unwrap_or_else(|| panic!("no span of {name}")))
    };
    COUNTED.map(operation).into()
}
