use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    BehaviorVersion, Config, Credentials, Region, RequestChecksumCalculation,
};
use tempfile::TempDir;
use tintype_storage::embedded::{self, EmbeddedConfig, Pace};
use tintype_storage::{NewObject, Presigned, Store, StoreConfig};
use tokio::net::TcpListener;
use url::Url;

pub const MINUTE: Duration = Duration::from_mins(1);
pub const LARGEST: u64 = 4 << 20;
pub const PAGE: &str = "http://127.0.0.1:8080";

/// A store to try, and a client that knows nothing but HTTP.
pub struct Place {
    pub store: Store,
    pub config: StoreConfig,
    pub http: reqwest::Client,
    folder: Option<TempDir>,
    prefix: String,
}

impl Place {
    /// A new embedded store on a port of its own.
    pub async fn embedded() -> Self {
        Self::embedded_in(tempfile::tempdir().unwrap()).await
    }

    pub async fn embedded_in(folder: TempDir) -> Self {
        Self::embedded_at(folder, Pace::default()).await
    }

    pub async fn embedded_at(folder: TempDir, pace: Pace) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint: Url = format!("http://{}", listener.local_addr().unwrap())
            .parse()
            .unwrap();
        let config = StoreConfig {
            public_endpoint: endpoint.clone(),
            endpoint,
            region: "auto".into(),
            bucket: "pictures".into(),
            access_key_id: "tintype".into(),
            secret_access_key: "a secret of this test".into(),
        };
        let router = embedded::router(EmbeddedConfig {
            folder: folder.path().join("data"),
            bucket: config.bucket.clone(),
            region: config.region.clone(),
            access_key_id: config.access_key_id.clone(),
            secret_access_key: config.secret_access_key.clone(),
            allowed_origin: PAGE.into(),
            max_object_bytes: LARGEST,
            pace,
        });
        let router = router.await.unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self::new(config, Some(folder), String::new())
    }

    /// The real store that `TINTYPE_TEST_S3_*` names, under a prefix of this test's own.
    pub fn real() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let variable = |name: &str| env::var(format!("TINTYPE_TEST_S3_{name}")).expect(name);
        let endpoint: Url = variable("ENDPOINT").parse().unwrap();
        let config = StoreConfig {
            public_endpoint: endpoint.clone(),
            endpoint,
            region: variable("REGION"),
            bucket: variable("BUCKET"),
            access_key_id: variable("ACCESS_KEY_ID"),
            secret_access_key: variable("SECRET_ACCESS_KEY"),
        };
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
        let prefix = format!(
            "tintype-test/{now}-{}-{}/",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        Self::new(config, None, prefix)
    }

    fn new(config: StoreConfig, folder: Option<TempDir>, prefix: String) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            store: Store::new(config.clone()),
            config,
            http,
            folder,
            prefix,
        }
    }

    /// What `TINTYPE_TEST_S3_LACKS` (names with commas between them) says of a real store; docs/storage.md has the table.
    pub fn lacks(&self, feature: &str) -> bool {
        let lacked = env::var("TINTYPE_TEST_S3_LACKS").unwrap_or_default();
        self.folder.is_none() && lacked.split(',').any(|name| name == feature)
    }

    /// A key of this test alone.
    pub fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub fn folder(&self) -> &Path {
        self.folder
            .as_ref()
            .expect("only the embedded store has a folder")
            .path()
    }

    pub fn into_folder(self) -> TempDir {
        self.folder.expect("only the embedded store has a folder")
    }

    /// The SDK itself, for what `Store` never does.
    pub fn sdk(&self) -> Client {
        sdk(&self.config)
    }

    pub fn presigned(&self, key: &str, bytes: &[u8]) -> Presigned {
        self.presigned_with(key, &png(bytes))
    }

    pub fn presigned_with(&self, key: &str, object: &NewObject<'_>) -> Presigned {
        self.store.presign_put(key, object, MINUTE).unwrap()
    }

    /// What a page does with a presigned PUT.
    pub async fn send(&self, presigned: &Presigned, bytes: &[u8]) -> Answer {
        self.send_to(&presigned.url, &presigned.headers, bytes)
            .await
    }

    pub async fn send_to(
        &self,
        url: &str,
        headers: &BTreeMap<String, String>,
        bytes: &[u8],
    ) -> Answer {
        let put = self
            .http
            .put(url)
            .header("content-length", bytes.len())
            .body(bytes.to_vec());
        Answer::to(
            headers
                .iter()
                .fold(put, |put, (name, value)| put.header(name, value)),
        )
        .await
    }

    pub async fn read(&self, key: &str) -> Option<Vec<u8>> {
        self.store.get(key, u64::MAX).await.unwrap().map(Into::into)
    }
}

pub fn sdk(config: &StoreConfig) -> Client {
    let key = Credentials::new(
        &config.access_key_id,
        &config.secret_access_key,
        None,
        None,
        "test",
    );
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .region(Region::new(config.region.clone()))
        .endpoint_url(config.endpoint.as_str())
        .force_path_style(true)
        .credentials_provider(key)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .build();
    Client::from_conf(config)
}

pub fn png(bytes: &[u8]) -> NewObject<'static> {
    NewObject {
        content_type: "image/png",
        size_bytes: bytes.len() as u64,
        sha256: None,
    }
}

/// An HTTP answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Answer {
    pub async fn to(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self {
            status,
            headers,
            body: String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned(),
        }
    }

    /// The S3 error code.
    pub fn code(&self) -> &str {
        let code = self
            .body
            .split_once("<Code>")
            .and_then(|(_, rest)| rest.split_once("</Code>"));
        code.map_or("", |(code, _)| code)
    }

    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.code())
    }
}
