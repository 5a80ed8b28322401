//! The embedded store, and two who send to it: one that knows nothing but HTTP and was given presigned URLs, as a browser is,
//! and the client that the server has.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::Duration;

use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};
use tintype_storage::embedded::{self, EmbeddedConfig, Pace};
use tintype_storage::{NewObject, Store, StoreConfig};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::{OBJECTS, bytes, timed};

/// Presigned PUTs with a length, a type, a checksum and `If-None-Match: *`, over connections that stay.
pub fn take(folder: &Path, at_once: usize) -> Duration {
    let runtime = Runtime::new().unwrap();
    let store = runtime.block_on(start(folder));
    let requests: Vec<_> = (0..OBJECTS).map(|number| request(&store, number)).collect();
    let send = |first: usize| {
        let mut connection = BufReader::new(TcpStream::connect(&requests[first].0).unwrap());
        connection.get_ref().set_nodelay(true).unwrap();
        for number in (first..OBJECTS).step_by(at_once) {
            connection
                .get_ref()
                .write_all(&[&requests[number].1[..], &bytes(number)].concat())
                .unwrap();
            answered(&mut connection);
        }
    };
    timed(|| {
        thread::scope(|scope| {
            (0..at_once).for_each(|first| drop(scope.spawn(move || send(first))));
        });
    })
}

/// Where to send it, and what stands before the bytes.
fn request(store: &Store, number: usize) -> (String, Vec<u8>) {
    let bytes = bytes(number);
    let object = NewObject {
        content_type: "image/jpeg",
        size_bytes: bytes.len() as u64,
        sha256: Some(Sha256::digest(&bytes).into()),
    };
    let presigned = store
        .presign_put(
            &format!("staging/{number}"),
            &object,
            Duration::from_mins(15),
        )
        .unwrap();
    let url: url::Url = presigned.url.parse().unwrap();
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let mut head = format!(
        "PUT {}?{} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n",
        url.path(),
        url.query().unwrap(),
        bytes.len()
    );
    head.extend(
        presigned
            .headers
            .into_iter()
            .flat_map(|(name, value)| [name, ": ".into(), value, "\r\n".into()]),
    );
    (host, (head + "\r\n").into())
}

fn answered(connection: &mut BufReader<TcpStream>) {
    let (mut line, mut length) = (String::new(), 0);
    connection.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");
    while line != "\r\n" {
        line.clear();
        connection.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    connection.read_exact(&mut vec![0; length]).unwrap();
}

/// What the server itself stores.
pub fn put(folder: &Path, at_once: usize) -> Duration {
    let runtime = Runtime::new().unwrap();
    let store = runtime.block_on(start(folder));
    timed(|| {
        runtime.block_on(async {
            let puts = stream::iter(0..OBJECTS).map(|number| {
                let store = store.clone();
                async move {
                    store
                        .put(
                            &format!("images/{number}"),
                            "image/jpeg",
                            bytes(number).into(),
                        )
                        .await
                }
            });
            puts.buffer_unordered(at_once)
                .for_each(async |put| put.unwrap())
                .await;
        });
    })
}

async fn start(folder: &Path) -> Store {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint: url::Url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
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
    store
        .put("first", "image/jpeg", bytes(0).into())
        .await
        .unwrap();
    store
}
