//! The supported S3 operations; `s3s` answers the others with 501.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, ETag, ETagCondition, GetObjectInput, GetObjectOutput,
    HeadObjectInput, HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output, Object,
    PutObjectInput, PutObjectOutput, Range, StreamingBlob,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

use super::blocking::blocking;
use super::folder::{Folder, Opened, Replace};
use super::pace::Pace;
use super::reading;
use super::writing::{self, Announced};

const MOST_KEYS: usize = 1000;
const LONGEST_CONTENT_TYPE: usize = 256;

pub struct Objects {
    pub folder: Arc<Folder>,
    pub pace: Pace,
}

impl Objects {
    async fn open(&self, key: String) -> S3Result<Opened> {
        let key = checked(key)?;
        let folder = self.folder.clone();
        let opened = blocking("open an object", move || folder.open(&key)).await?;
        opened.ok_or_else(|| s3_error!(NoSuchKey, "There is no object with this key."))
    }
}

#[async_trait]
impl S3 for Objects {
    async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let put = request.input;
        let announced = Announced {
            key: checked(put.key)?,
            content_type: content_type(put.content_type)?,
            size: put
                .content_length
                .and_then(|length| u64::try_from(length).ok())
                .ok_or_else(|| s3_error!(MissingContentLength))?,
            sha256: put.checksum_sha256.as_deref().map(digest).transpose()?,
            md5: put.content_md5.as_deref().map(digest).transpose()?,
            replace: match (put.if_match, put.if_none_match) {
                (None, None) => Replace::Allowed,
                (None, Some(ETagCondition::Any)) => Replace::Refused,
                _ => {
                    return Err(s3_error!(
                        NotImplemented,
                        "The only condition of a PUT is If-None-Match: *."
                    ));
                }
            },
        };
        let body = put.body.ok_or_else(|| s3_error!(IncompleteBody))?;
        let sha256 = writing::store(self.folder.clone(), announced, self.pace, body).await?;
        Ok(S3Response::new(PutObjectOutput {
            e_tag: Some(ETag::Strong(hex::encode(sha256))),
            ..PutObjectOutput::default()
        }))
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let get = request.input;
        if get.if_match.is_some() || get.if_unmodified_since.is_some() {
            return Err(s3_error!(
                NotImplemented,
                "Conditions are not part of this store."
            ));
        }
        let opened = self.open(get.key).await?;
        let size = opened.record.size;
        let range = match get.range {
            Some(range) => satisfied(range, size)?,
            None => 0..size,
        };
        let content_range = get
            .range
            .map(|_| format!("bytes {}-{}/{size}", range.start, range.end - 1));
        let mut output = GetObjectOutput {
            accept_ranges: Some("bytes".into()),
            content_length: Some(length(range.end - range.start)?),
            content_range,
            content_type: Some(opened.record.content_type.clone()),
            e_tag: Some(ETag::Strong(hex::encode(opened.record.sha256))),
            last_modified: Some(opened.modified.into()),
            ..GetObjectOutput::default()
        };
        output.body = Some(StreamingBlob::wrap(Box::pin(
            reading::read(opened, range).await?,
        )));
        Ok(S3Response::new(output))
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let opened = self.open(request.input.key).await?;
        let output = HeadObjectOutput {
            accept_ranges: Some("bytes".into()),
            content_length: Some(length(opened.record.size)?),
            content_type: Some(opened.record.content_type),
            e_tag: Some(ETag::Strong(hex::encode(opened.record.sha256))),
            last_modified: Some(opened.modified.into()),
            ..HeadObjectOutput::default()
        };
        Ok(S3Response::new(output))
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        if request.input.if_match.is_some() {
            return Err(s3_error!(
                NotImplemented,
                "Conditions are not part of this store."
            ));
        }
        let key = checked(request.input.key)?;
        let folder = self.folder.clone();
        blocking("remove an object", move || folder.remove(&key)).await?;
        Ok(S3Response::with_status(
            DeleteObjectOutput::default(),
            http::StatusCode::NO_CONTENT,
        ))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let list = request.input;
        let most = match list.max_keys {
            None => MOST_KEYS,
            Some(most) => usize::try_from(most)
                .map_err(|_| s3_error!(InvalidArgument, "max-keys is negative"))?,
        }
        .min(MOST_KEYS);
        let prefix = list.prefix.clone().unwrap_or_default();
        let after = list.continuation_token.clone().or(list.start_after.clone());
        let folder = self.folder.clone();
        let page = blocking("list objects", move || {
            folder.list(&prefix, after.as_deref(), most)
        })
        .await?;
        let final_key = page.entries.last().map(|(key, _)| key.clone());
        let object = |(key, entry): (String, super::index::Entry)| {
            Ok(Object {
                e_tag: Some(ETag::Strong(hex::encode(entry.sha256))),
                key: Some(key),
                last_modified: Some(entry.modified.into()),
                size: Some(length(entry.size)?),
                ..Object::default()
            })
        };
        let contents: Vec<_> = page
            .entries
            .into_iter()
            .map(object)
            .collect::<S3Result<_>>()?;
        let output = ListObjectsV2Output {
            name: Some(list.bucket),
            prefix: list.prefix,
            start_after: list.start_after,
            continuation_token: list.continuation_token,
            max_keys: i32::try_from(most).ok(),
            key_count: i32::try_from(contents.len()).ok(),
            is_truncated: Some(page.more),
            next_continuation_token: final_key.filter(|_| page.more),
            contents: Some(contents),
            ..ListObjectsV2Output::default()
        };
        Ok(S3Response::new(output))
    }
}

/// Keys are opaque, but a listing is XML, which can't contain control characters.
fn checked(key: String) -> S3Result<String> {
    if key.is_empty() || key.len() > 1024 {
        return Err(s3_error!(KeyTooLongError, "A key is 1 to 1024 bytes."));
    }
    if key.contains(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')) {
        return Err(s3_error!(
            InvalidArgument,
            "A key has no control characters."
        ));
    }
    Ok(key)
}

fn content_type(given: Option<String>) -> S3Result<String> {
    let content_type = given.unwrap_or_else(|| "application/octet-stream".into());
    if content_type.len() > LONGEST_CONTENT_TYPE {
        return Err(s3_error!(InvalidArgument, "The Content-Type is too long."));
    }
    Ok(content_type)
}

fn digest<const N: usize>(base64: &str) -> S3Result<[u8; N]> {
    let bytes = BASE64_STANDARD.decode(base64).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| s3_error!(InvalidDigest))
}

fn satisfied(range: Range, size: u64) -> S3Result<std::ops::Range<u64>> {
    match range.check(size) {
        Ok(range) if !range.is_empty() => Ok(range),
        _ => Err(s3_error!(InvalidRange, "The range begins behind the end.")),
    }
}

fn length(size: u64) -> S3Result<i64> {
    i64::try_from(size).map_err(|error| s3_error!(error, InternalError))
}
