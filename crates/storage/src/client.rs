//! A client for any S3 store.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Config, Credentials, Region, RequestChecksumCalculation,
    ResponseChecksumValidation,
};
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;
use url::Url;

use crate::presign::Presigner;
use crate::{
    Cause, ListedObject, NewObject, ObjectInfo, ObjectPage, ObjectStream, Presigned, StoreError,
};

const CONNECT: Duration = Duration::from_secs(3);
const ATTEMPT: Duration = Duration::from_secs(9);
const OPERATION: Duration = Duration::from_secs(20);
/// The longest wait for the next piece of a body.
const PIECE: Duration = Duration::from_secs(20);
/// The slowest link to allow for, bytes a second, in the time limit of a large body.
pub(crate) const SLOWEST: u64 = 1 << 20;
const PAGE: i32 = 1000;
/// The extra time for a listing: the embedded store's first one reads every object's record.
const LISTING: Duration = Duration::from_mins(1);

/// The store's address and our credentials.
#[derive(Clone)]
pub struct StoreConfig {
    /// Base address for the server's own calls.
    pub endpoint: Url,
    /// Base address that clients reach, for presigned URLs alone.
    pub public_endpoint: Url,
    /// The region that is signed; `auto` suits Cloudflare R2 and the embedded store.
    pub region: String,
    /// The bucket. It has to exist.
    pub bucket: String,
    /// The access key's id.
    pub access_key_id: String,
    /// The access key's secret. Left out of `Debug`.
    pub secret_access_key: String,
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig")
            .field("endpoint", &self.endpoint.as_str())
            .field("public_endpoint", &self.public_endpoint.as_str())
            .field("region", &self.region)
            .field("bucket", &self.bucket)
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// A bucket of an S3 store. Cheap to clone.
///
/// Every call has a time limit (3 s to connect, about 20 s in all, more for large bodies and for listings) and is tried up to three times
/// with growing random pauses. Keys are up to 1,024 bytes of UTF-8 without NUL, and opaque.
#[derive(Clone)]
pub struct Store {
    pub(crate) bucket: String,
    pub(crate) own: Client,
    presigner: Presigner,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Makes a client without connecting.
    #[must_use]
    pub fn new(config: StoreConfig) -> Self {
        let own = client(&config, over_the_network(&config.endpoint));
        Self::with_own(config, own)
    }

    pub(crate) fn with_own(config: StoreConfig, own: Client) -> Self {
        Self {
            presigner: Presigner::new(&config),
            bucket: config.bucket,
            own,
        }
    }

    /// A URL that stores exactly this object at `key`, once: while the key is taken the store answers 412.
    pub fn presign_put(
        &self,
        key: &str,
        object: &NewObject<'_>,
        expires_in: Duration,
    ) -> Result<Presigned, StoreError> {
        self.presigner.put(key, object, expires_in)
    }

    /// A URL that reads the object at `key`.
    pub fn presign_get(&self, key: &str, expires_in: Duration) -> Result<String, StoreError> {
        self.presigner.get(key, expires_in)
    }

    /// Stores an object, over one that has the same key.
    pub async fn put(&self, key: &str, content_type: &str, bytes: Bytes) -> Result<(), StoreError> {
        let more = Duration::from_secs(bytes.len() as u64 / SLOWEST);
        let put = self
            .own
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            .body(ByteStream::from(bytes))
            .customize()
            .config_override(Config::builder().timeout_config(timeouts(more)))
            .send();
        quietly(put)
            .await
            .map_err(|e| StoreError::from_sdk("put object", e))?;
        Ok(())
    }

    /// What is at `key`, `None` when nothing is.
    pub async fn head(&self, key: &str) -> Result<Option<ObjectInfo>, StoreError> {
        match quietly(self.own.head_object().bucket(&self.bucket).key(key).send()).await {
            Ok(found) => Ok(Some(ObjectInfo {
                size_bytes: size("head object", found.content_length())?,
            })),
            Err(e)
                if e.as_service_error()
                    .is_some_and(HeadObjectError::is_not_found) =>
            {
                Ok(None)
            }
            Err(e) => Err(StoreError::from_sdk("head object", e)),
        }
    }

    /// The whole object, `None` if there is none. An object of more than `max_bytes` is [`StoreError::TooLarge`] and not read. The body may
    /// take 20 s, and a second more for each MiB.
    pub async fn get(&self, key: &str, max_bytes: u64) -> Result<Option<Bytes>, StoreError> {
        let Some(mut object) = self.stream(key, None).await? else {
            return Ok(None);
        };
        let capacity = usize::try_from(object.size_bytes).map_err(|_| StoreError::TooLarge)?;
        if object.size_bytes > max_bytes {
            return Err(StoreError::TooLarge);
        }
        let mut bytes = BytesMut::with_capacity(capacity);
        let read = async {
            while let Some(piece) = object.body.next().await {
                bytes.extend_from_slice(&piece?);
            }
            Ok(())
        };
        // Otherwise a store that trickles would hold its reader for hours.
        let time = PIECE + Duration::from_secs(object.size_bytes / SLOWEST);
        tokio::time::timeout(time, read)
            .await
            .map_err(|elapsed| StoreError::Unavailable(Cause::new("read object", elapsed)))??;
        Ok(Some(bytes.freeze()))
    }

    /// The object's bytes as they arrive, `None` when there is none. `range` is the first and the last byte, inclusive;
    /// one that begins behind the end is [`StoreError::Refused`].
    pub async fn stream(
        &self,
        key: &str,
        range: Option<(u64, u64)>,
    ) -> Result<Option<ObjectStream>, StoreError> {
        let range = range.map(|(first, last)| format!("bytes={first}-{last}"));
        let get = self
            .own
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .set_range(range)
            .send();
        match quietly(get).await {
            Ok(found) => body(found).map(Some),
            Err(e)
                if e.as_service_error()
                    .is_some_and(GetObjectError::is_no_such_key) =>
            {
                Ok(None)
            }
            Err(e) => Err(StoreError::from_sdk("get object", e)),
        }
    }

    /// Deletes the object; a missing one is no error.
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let delete = self
            .own
            .delete_object()
            .bucket(&self.bucket)
            .key(key)
            .send();
        quietly(delete)
            .await
            .map_err(|e| StoreError::from_sdk("delete object", e))?;
        Ok(())
    }

    /// Objects whose key starts with `prefix`, behind the key `after`.
    pub async fn list(&self, prefix: &str, after: Option<&str>) -> Result<ObjectPage, StoreError> {
        let list = self
            .own
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .set_start_after(after.map(str::to_owned))
            .max_keys(PAGE);
        let list = list
            .customize()
            .config_override(Config::builder().timeout_config(timeouts(LISTING)))
            .send();
        let page = quietly(list)
            .await
            .map_err(|e| StoreError::from_sdk("list objects", e))?;
        let items: Vec<_> = page
            .contents()
            .iter()
            .map(listed)
            .collect::<Result<_, _>>()?;
        let next = items
            .last()
            .filter(|_| page.is_truncated() == Some(true))
            .map(|last| last.key.clone());
        Ok(ObjectPage { items, next })
    }
}

fn over_the_network(endpoint: &Url) -> SharedHttpClient {
    let http = Builder::new();
    match endpoint.scheme() {
        "https" => http
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https(),
        _ => http.build_http(),
    }
}

pub(crate) fn client(config: &StoreConfig, http: SharedHttpClient) -> Client {
    let key = Credentials::new(
        &config.access_key_id,
        &config.secret_access_key,
        None,
        None,
        "tintype",
    );
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::new(config.region.clone()))
        .endpoint_url(config.endpoint.as_str())
        .force_path_style(true)
        .credentials_provider(key)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(timeouts(Duration::ZERO))
        .build();
    Client::from_conf(config)
}

pub(crate) fn timeouts(more: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT + more)
        .operation_timeout(OPERATION + 2 * more)
        .build()
}

/// The SDK writes URLs and headers, with their signatures, to its debug log: none of it may reach ours. Making a subscriber for each call
/// would register it with every place that logs.
pub(crate) fn quietly<F: Future>(call: F) -> impl Future<Output = F::Output> {
    call.with_subscriber(Dispatch::none())
}

fn size(action: &'static str, length: Option<i64>) -> Result<u64, StoreError> {
    length
        .and_then(|length| u64::try_from(length).ok())
        .ok_or_else(|| StoreError::Unavailable(Cause::new(action, "the answer has no size")))
}

fn body(found: GetObjectOutput) -> Result<ObjectStream, StoreError> {
    const ACTION: &str = "read object";
    let size_bytes = size(ACTION, found.content_length())?;
    let content_type = found.content_type().map(str::to_owned);
    let state = Some((found.body, size_bytes));
    let body = stream::unfold(state, |state| async {
        let (mut body, left) = state?;
        let broken = |cause| Some((Err(StoreError::Unavailable(cause)), None));
        match tokio::time::timeout(PIECE, body.next()).await {
            Ok(Some(Ok(piece))) => match left.checked_sub(piece.len() as u64) {
                Some(left) => Some((Ok(piece), Some((body, left)))),
                None => broken(Cause::new(ACTION, "more bytes than announced")),
            },
            Ok(Some(Err(error))) => broken(Cause::new(ACTION, error)),
            Ok(None) if left == 0 => None,
            Ok(None) => broken(Cause::new(ACTION, "fewer bytes than announced")),
            Err(elapsed) => broken(Cause::new(ACTION, elapsed)),
        }
    });
    Ok(ObjectStream {
        size_bytes,
        content_type,
        body: body.boxed(),
    })
}

fn listed(object: &aws_sdk_s3::types::Object) -> Result<ListedObject, StoreError> {
    let incomplete =
        || StoreError::Unavailable(Cause::new("list objects", "an entry is incomplete"));
    Ok(ListedObject {
        key: object.key().ok_or_else(incomplete)?.to_owned(),
        size_bytes: size("list objects", object.size())?,
        modified: object
            .last_modified()
            .and_then(|at| (*at).try_into().ok())
            .ok_or_else(incomplete)?,
    })
}
