//! A test of its own process, because the log is global.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tintype_storage::embedded::{self, EmbeddedConfig};
use tintype_storage::{NewObject, Store, StoreConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn secrets_and_signatures_are_not_in_the_log_at_any_level() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();

    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = StoreConfig {
        endpoint: format!("http://{address}").parse().unwrap(),
        public_endpoint: format!("http://{address}").parse().unwrap(),
        region: "auto".into(),
        bucket: "pictures".into(),
        access_key_id: "tintype".into(),
        secret_access_key: "not-to-be-told".into(),
    };
    let router = embedded::router(EmbeddedConfig {
        folder: folder.path().to_owned(),
        bucket: config.bucket.clone(),
        region: config.region.clone(),
        access_key_id: config.access_key_id.clone(),
        secret_access_key: config.secret_access_key.clone(),
        allowed_origin: "http://127.0.0.1:8080".into(),
        max_object_bytes: 1000,
        pace: embedded::Pace::default(),
    });
    let router = router.await.unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let store = Store::new(config);
    store
        .put("a", "image/png", Bytes::from_static(b"x"))
        .await
        .unwrap();
    store.get("a", 10).await.unwrap();
    store.list("", None).await.unwrap();
    let object = NewObject {
        content_type: "image/png",
        size_bytes: 6,
        sha256: None,
    };
    let presigned = store
        .presign_put("b", &object, Duration::from_mins(1))
        .unwrap();
    let (_, signature) = presigned.url.split_once("X-Amz-Signature=").unwrap();
    for content_type in ["image/png", "text/html"] {
        let (_, target) = presigned.url.split_once("/pictures").unwrap();
        let request = format!(
            "PUT /pictures{target} HTTP/1.1\r\nhost: {address}\r\ncontent-type: {content_type}\r\nif-none-match: *\r\n\
             content-length: 6\r\nconnection: close\r\n\r\npixels"
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with(if content_type == "image/png" {
                "HTTP/1.1 200"
            } else {
                "HTTP/1.1 403"
            }),
            "{answer}"
        );
    }

    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(text.contains("TRACE"), "the log is on");
    for secret in [
        "not-to-be-told",
        &signature[..64],
        "Signature=",
        "AWS4-HMAC",
    ] {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
