//! Types about objects.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use futures::stream::BoxStream;

use crate::StoreError;

/// What a presigned PUT may store: these bytes and no others.
#[derive(Clone, Copy, Debug)]
pub struct NewObject<'a> {
    /// The exact `Content-Type`.
    pub content_type: &'a str,
    /// The exact size, bytes.
    pub size_bytes: u64,
    /// The SHA-256 that the bytes must have, when it is known.
    pub sha256: Option<[u8; 32]>,
}

/// A presigned request.
#[derive(Clone)]
pub struct Presigned {
    /// Where to send it. Whoever has it can use it, so it is left out of `Debug`.
    pub url: String,
    /// The headers that a script has to set, in lower case: all that are signed but `host` and `content-length`.
    pub headers: BTreeMap<String, String>,
}

impl fmt::Debug for Presigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presigned")
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

/// An object that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Its size, bytes.
    pub size_bytes: u64,
}

/// The bytes of an object, or a range of them, as they arrive.
pub struct ObjectStream {
    /// The size of this body, bytes: of the range when one was asked for.
    pub size_bytes: u64,
    /// Its `Content-Type`, when the store names one.
    pub content_type: Option<String>,
    /// The bytes. An error ends it; a body that ends before `size_bytes` is an error too.
    pub body: BoxStream<'static, Result<Bytes, StoreError>>,
}

impl fmt::Debug for ObjectStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectStream")
            .field("size_bytes", &self.size_bytes)
            .finish_non_exhaustive()
    }
}

/// A part of a listing, in the order of the keys' bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectPage {
    /// At most 1,000 objects.
    pub items: Vec<ListedObject>,
    /// Pass it as `after` for what follows; absent on the last page.
    pub next: Option<String>,
}

/// One object of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// Its key.
    pub key: String,
    /// Its size, bytes.
    pub size_bytes: u64,
    /// When it was written, by the store's clock.
    pub modified: SystemTime,
}
