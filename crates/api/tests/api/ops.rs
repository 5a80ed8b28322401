//! The ops listener: ready or not, and why; every metric that dashboards and alerts name.

use serde_json::Value;
use tintype_api::config::Config;
use tintype_core::db::schema;

use crate::pictures::jpeg;
use crate::server::{On, TestServer, on_both_databases};

on_both_databases! {
    async fn a_process_that_can_work_says_so(server: TestServer) {
        let answer = server.fetch(&format!("{}/readyz", server.ops_url())).await;
        assert_eq!(answer.status, 200);
        let report: Value = answer.json();
        for check in ["database", "disk", "process", "schema", "storage"] {
            assert_eq!(report["checks"][check], "ok", "{report}");
        }
        assert_eq!(server.fetch(&format!("{}/healthz", server.ops_url())).await.status, 200);
    }

    async fn a_database_that_is_gone_is_503_within_2_seconds(server: TestServer) {
        let ada = server.user().await;
        server.db().clone().close().await.unwrap();
        let start = std::time::Instant::now();
        let answer = ada.get("/me").await;
        answer.problem("database_unavailable");
        assert!(start.elapsed().as_secs_f64() < 2.0, "{:?}", start.elapsed());
        assert_eq!(answer.header("retry-after"), "2");
        let ready = server.fetch(&format!("{}/readyz", server.ops_url())).await;
        assert_eq!(ready.status, 503);
        assert_ne!(ready.json::<Value>()["checks"]["database"], "ok");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_not_ready() {
    let server = TestServer::start_with(On::Sqlite, |config| {
        config.storage.min_free_bytes = u64::MAX;
    })
    .await;
    let ready = server.fetch(&format!("{}/readyz", server.ops_url())).await;
    assert_eq!(ready.status, 503);
    assert!(
        ready.json::<Value>()["checks"]["disk"]
            .as_str()
            .unwrap()
            .contains("at least")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_count_what_happened_by_template_and_never_by_path() {
    let server = TestServer::start(On::Sqlite).await;
    let ada = server.user().await;
    let image = ada.upload("a.jpg", &jpeg(1)).await;
    ada.try_upload("b.jpg", b"<html>")
        .await
        .problem("unsupported_media");
    ada.get(&format!("/images/{}", image.id)).await;
    server.fetch(&image.links.original).await;
    let text = metrics(&server).await;
    for line in [
        r#"tintype_http_requests_total{origin="app",route="/api/v1/images/{id}",method="GET",status="200"} 1"#,
        r#"tintype_http_requests_total{origin="media",route="/i/{*path}",method="GET",status="200"} 1"#,
        r#"tintype_uploads_total{outcome="ready"} 1"#,
        r#"tintype_uploads_total{outcome="rejected"} 1"#,
        &format!("tintype_served_bytes_total {}", image.size_bytes),
    ] {
        assert!(text.lines().any(|l| l == line), "{line} in\n{text}");
    }
    for secret in [
        image.id.to_string(),
        image.slug,
        ada.session.unwrap().user.username,
    ] {
        assert!(!text.contains(&secret), "{secret} in\n{text}");
    }
}

async fn metrics(server: &TestServer) -> String {
    let answer = server.fetch(&format!("{}/metrics", server.ops_url())).await;
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.body).unwrap()
}

/// Every `tintype_...` word of a text.
fn names(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words
        .filter(|word| word.starts_with("tintype_"))
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dashboards_and_alerts_name_metrics_that_exist() {
    let server = TestServer::start(On::Sqlite).await;
    let counted = server.app().metrics.names();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy");
    let mut seen = 0;
    for file in ["grafana/tintype.json", "prometheus/alerts.yml"] {
        for name in names(&std::fs::read_to_string(format!("{root}/{file}")).unwrap()) {
            let plain = ["_total", "_bucket", "_sum", "_count", "_info"]
                .iter()
                .fold(name.as_str(), |n, s| n.strip_suffix(s).unwrap_or(n));
            assert!(
                counted.contains(&plain),
                "{file} names {name}, which nobody counts"
            );
            seen += 1;
        }
    }
    assert!(seen > 10, "the files name metrics at all");
}

/// As if a newer program had applied this change.
async fn apply(server: &TestServer, change: &str) {
    use sea_orm::ConnectionTrait;
    let sql = format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{change}', 0)");
    server.db().execute_unprepared(&sql).await.unwrap();
}

on_both_databases! {
    async fn a_program_goes_on_and_starts_on_the_schema_of_the_next_version(server: TestServer) {
        apply(&server, "m29990101_000001_the_future").await;
        apply(&server, "m29990101_000002_the_past_is_gone_needs_0_2_0").await;
        let ready = server.fetch(&format!("{}/readyz", server.ops_url())).await;
        assert_eq!(ready.status, 200, "{ready:?}");
        let mut server = server;
        server.restart().await;
        let ada = server.user().await;
        ada.upload("a.jpg", &jpeg(1)).await;
        // Only the newer program knows how to go back.
        let error = schema::down(&server.config.database_url(), 1).await.unwrap_err().to_string();
        assert!(error.contains("newer") && error.contains("the_future"), "{error}");
    }

    async fn a_schema_that_is_too_new_for_the_program_stops_the_start(server: TestServer) {
        apply(&server, "m29990101_000001_what_we_read_is_gone_needs_99_0_0").await;
        let ready = server.fetch(&format!("{}/readyz", server.ops_url())).await;
        assert_eq!(ready.status, 503);
        let config: Config = server.config.clone();
        let error = tintype_core::db::open(&config.database_url(), 2).await.unwrap_err().to_string();
        assert!(error.contains("newer") && error.contains("m29990101_000001_what_we_read_is_gone"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schema_goes_down_to_nothing_and_up_again() {
    for on in [On::Sqlite, On::Postgres] {
        let server = TestServer::start(on).await;
        let url = server.config.database_url();
        let all = schema::status(&url).await.unwrap();
        assert!(all.iter().all(|(_, applied)| *applied));
        schema::down(&url, u32::try_from(all.len()).unwrap())
            .await
            .unwrap();
        assert!(
            schema::status(&url)
                .await
                .unwrap()
                .iter()
                .all(|(_, applied)| !*applied)
        );
        schema::up(&url).await.unwrap();
        assert!(
            schema::status(&url)
                .await
                .unwrap()
                .iter()
                .all(|(_, applied)| *applied)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_start_together_migrate_one_after_the_other() {
    let url = crate::server::new_postgres_database().await;
    let opened = futures::future::join_all((0..6).map(|_| tintype_core::db::open(&url, 2))).await;
    for result in opened {
        result.unwrap();
    }
}
