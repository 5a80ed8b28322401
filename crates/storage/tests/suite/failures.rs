//! What the client makes of a store that fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::http::StatusCode;
use bytes::Bytes;
use tintype_storage::{Store, StoreConfig, StoreError};
use tokio::net::TcpListener;

fn store(endpoint: &str) -> Store {
    Store::new(config(endpoint))
}

fn config(endpoint: &str) -> StoreConfig {
    StoreConfig {
        endpoint: endpoint.parse().unwrap(),
        public_endpoint: "https://media.example.com".parse().unwrap(),
        region: "auto".into(),
        bucket: "pictures".into(),
        access_key_id: "tintype".into(),
        secret_access_key: "not to be told".into(),
    }
}

/// A store that only ever answers `status`, and a count of how often it did.
async fn answering(status: StatusCode) -> (Store, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let store = store(&format!("http://{}", listener.local_addr().unwrap()));
    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    let router = Router::new().fallback(move || {
        count.fetch_add(1, Ordering::Relaxed);
        async move { status }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    (store, asked)
}

#[tokio::test]
async fn a_failing_store_is_tried_three_times_and_is_unavailable() {
    let (store, asked) = answering(StatusCode::SERVICE_UNAVAILABLE).await;
    let put = store.put("a", "image/png", Bytes::from_static(b"x")).await;
    assert!(
        matches!(&put, Err(StoreError::Unavailable(cause)) if cause.status() == Some(503)),
        "{put:?}"
    );
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_full_store_is_full_at_once() {
    let (store, asked) = answering(StatusCode::INSUFFICIENT_STORAGE).await;
    let put = store.put("a", "image/png", Bytes::from_static(b"x")).await;
    assert!(matches!(put, Err(StoreError::Full)), "{put:?}");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_refusal_is_not_an_absence() {
    let (store, _) = answering(StatusCode::FORBIDDEN).await;
    assert!(matches!(store.head("a").await, Err(StoreError::Refused(_))));
    assert!(matches!(
        store.get("a", 1).await,
        Err(StoreError::Refused(_))
    ));
    assert!(matches!(
        store.delete("a").await,
        Err(StoreError::Refused(_))
    ));
}

#[tokio::test]
async fn a_store_that_is_not_there_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let head = store(&format!("http://{address}")).head("a").await;
    assert!(matches!(head, Err(StoreError::Unavailable(_))), "{head:?}");
}

#[tokio::test]
async fn presigned_urls_name_the_public_endpoint_and_need_no_connection() {
    let url = store("http://127.0.0.1:1")
        .presign_get("a b", crate::place::MINUTE)
        .unwrap();
    assert!(
        url.starts_with("https://media.example.com/pictures/a%20b?"),
        "{url}"
    );
    let week = std::time::Duration::from_hours(8 * 24);
    assert!(matches!(
        store("http://127.0.0.1:1").presign_get("a", week),
        Err(StoreError::Refused(_))
    ));
}

#[tokio::test]
async fn secrets_are_not_in_debug_output() {
    let config = config("http://127.0.0.1:1");
    assert!(!format!("{config:?}").contains("not to be told"));
    let store = Store::new(config);
    assert!(!format!("{store:?}").contains("not to be told"));
    let presigned = store
        .presign_put("a", &crate::place::png(b"x"), crate::place::MINUTE)
        .unwrap();
    assert!(!format!("{presigned:?}").contains("Signature"));
}
