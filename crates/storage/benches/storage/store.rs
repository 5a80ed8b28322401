//! The embedded store, and the client that the server has.

use std::{path::Path, time::Duration};

use futures::{StreamExt, stream};
use tintype_storage::{
    Store, StoreConfig,
    embedded::{self, EmbeddedConfig, Pace},
};
use tokio::net::TcpListener;

use crate::{OBJECTS, bytes, timed};

pub fn put(folder: &Path, at_once: usize) -> Duration {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(start(folder));
    timed(|| {
        runtime.block_on(async {
            let puts = stream::iter(0..OBJECTS).map(|number| {
                let store = store.clone();
                async move { store.put(&format!("images/{number}"), "image/jpeg", bytes(number).into()).await }
            });
            puts.buffer_unordered(at_once).for_each(async |put| put.unwrap()).await;
        });
    })
}

async fn start(folder: &Path) -> Store {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint: url::Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let config = StoreConfig {
        public_endpoint: endpoint.clone(),
        endpoint,
        region: "auto".into(),
        bucket: "pictures".into(),
        access_key_id: "tintype".into(),
        secret_access_key: "a secret of this benchmark".into(),
    };
    let router = embedded::router(EmbeddedConfig {
        folder: folder.join("data"),
        bucket: config.bucket.clone(),
        region: config.region.clone(),
        access_key_id: config.access_key_id.clone(),
        secret_access_key: config.secret_access_key.clone(),
        allowed_origin: "http://127.0.0.1:8080".into(),
        max_object_bytes: 1 << 20,
        pace: Pace::default(),
    });
    let router = router.await.unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let store = Store::new(config);
    // The connection, and whatever else is made at first use.
    store.put("first", "image/jpeg", bytes(0).into()).await.unwrap();
    store
}
