//! The store, measured.

use std::fs::File;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tintype_storage::{
    NewObject, ObjectInfo, ObjectPage, ObjectStream, Presigned, Store, StoreError,
};

use tracing::Instrument;
use tracing::field::Empty;

use crate::metrics::{CallOutcome, Metrics, Operation};

/// The store, every call counted and timed.
pub struct Objects {
    store: Store,
    metrics: Arc<Metrics>,
}

impl Objects {
    /// Counts the calls to this store.
    #[must_use]
    pub fn new(store: Store, metrics: Arc<Metrics>) -> Self {
        Self { store, metrics }
    }

    async fn count<T>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let start = Instant::now();
        let span = tracing::info_span!(
            "store",
            otel.name = format!("store {}", operation.as_str()),
            otel.kind = "client",
            otel.status_code = Empty
        );
        let result = call.instrument(span.clone()).await;
        if result.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        let outcome = match &result {
            Ok(_) => CallOutcome::Ok,
            Err(StoreError::Unavailable(_)) => CallOutcome::Unavailable,
            Err(StoreError::Full) => CallOutcome::Full,
            Err(StoreError::TooLarge | StoreError::Refused(_)) => CallOutcome::Refused,
        };
        self.metrics
            .storage_call(operation, outcome, start.elapsed());
        result
    }

    /// See [`Store::presign_put`]. No call: nothing is counted.
    pub fn presign_put(
        &self,
        key: &str,
        object: &NewObject<'_>,
        expires_in: Duration,
    ) -> Result<Presigned, StoreError> {
        self.store.presign_put(key, object, expires_in)
    }

    /// See [`Store::presign_get`]. No call: nothing is counted.
    pub fn presign_get(&self, key: &str, expires_in: Duration) -> Result<String, StoreError> {
        self.store.presign_get(key, expires_in)
    }

    /// See [`Store::put`].
    pub async fn put(&self, key: &str, content_type: &str, bytes: Bytes) -> Result<(), StoreError> {
        self.count(Operation::Put, self.store.put(key, content_type, bytes))
            .await
    }

    /// See [`Store::put_file`].
    pub async fn put_file(
        &self,
        key: &str,
        content_type: &str,
        sha256: [u8; 32],
        file: Arc<File>,
    ) -> Result<(), StoreError> {
        self.count(
            Operation::Put,
            self.store.put_file(key, content_type, sha256, file),
        )
        .await
    }

    /// See [`Store::head`].
    pub async fn head(&self, key: &str) -> Result<Option<ObjectInfo>, StoreError> {
        self.count(Operation::Head, self.store.head(key)).await
    }

    /// See [`Store::get`].
    pub async fn get(&self, key: &str, max_bytes: u64) -> Result<Option<Bytes>, StoreError> {
        self.count(Operation::Get, self.store.get(key, max_bytes))
            .await
    }

    /// See [`Store::stream`]. The time is that of the answer's head.
    pub async fn stream(
        &self,
        key: &str,
        range: Option<(u64, u64)>,
    ) -> Result<Option<ObjectStream>, StoreError> {
        self.count(Operation::Stream, self.store.stream(key, range))
            .await
    }

    /// See [`Store::delete`].
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.count(Operation::Delete, self.store.delete(key)).await
    }

    /// See [`Store::list`].
    pub async fn list(&self, prefix: &str, after: Option<&str>) -> Result<ObjectPage, StoreError> {
        self.count(Operation::List, self.store.list(prefix, after))
            .await
    }
}
