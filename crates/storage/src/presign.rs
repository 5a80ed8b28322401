//! Presigned URLs: made here, without a call to the store.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::config::Credentials;
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tracing::Dispatch;
use tracing::dispatcher::with_default;

use crate::{Cause, NewObject, Presigned, StoreConfig, StoreError};

/// The longest time that S3 accepts.
const LONGEST: Duration = Duration::from_hours(7 * 24);
/// What S3 wants encoded in the value of a parameter.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// As [`VALUE`], but a key may have parts.
const PATH: &AsciiSet = &VALUE.remove(b'/');

/// Signs URLs of one bucket for clients.
///
/// The SDK can do that too: it sends each through all that surrounds a call, which takes several times the CPU of the signature.
#[derive(Clone)]
pub(crate) struct Presigner {
    /// The address of the bucket.
    bucket: String,
    region: String,
    key: Identity,
}

impl Presigner {
    pub(crate) fn new(config: &StoreConfig) -> Self {
        let endpoint = config.public_endpoint.as_str().trim_end_matches('/');
        let key = Credentials::new(
            &config.access_key_id,
            &config.secret_access_key,
            None,
            None,
            "tintype",
        );
        Self {
            bucket: format!("{endpoint}/{}", utf8_percent_encode(&config.bucket, VALUE)),
            region: config.region.clone(),
            key: key.into(),
        }
    }

    /// A URL that stores exactly this object at `key`, once.
    pub(crate) fn put(
        &self,
        key: &str,
        object: &NewObject<'_>,
        expires_in: Duration,
    ) -> Result<Presigned, StoreError> {
        let size = object.size_bytes.to_string();
        let hash = object.sha256.map(|hash| BASE64_STANDARD.encode(hash));
        let mut headers = vec![
            ("content-type", object.content_type),
            ("if-none-match", "*"),
        ];
        headers.extend(hash.as_deref().map(|hash| ("x-amz-checksum-sha256", hash)));
        // The client's HTTP library sets this one by itself.
        let signed = [headers.as_slice(), &[("content-length", &size)]].concat();
        Ok(Presigned {
            url: self.sign("presign PUT", "PUT", key, &signed, expires_in)?,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        })
    }

    /// A URL that reads the object at `key`.
    pub(crate) fn get(&self, key: &str, expires_in: Duration) -> Result<String, StoreError> {
        self.sign("presign GET", "GET", key, &[], expires_in)
    }

    fn sign(
        &self,
        action: &'static str,
        method: &str,
        key: &str,
        headers: &[(&str, &str)],
        expires_in: Duration,
    ) -> Result<String, StoreError> {
        if expires_in > LONGEST {
            return Err(refused(action, "a presigned URL lasts 7 days at most"));
        }
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(expires_in);
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let parameters = SigningParams::builder()
            .identity(&self.key)
            .region(&self.region)
            .name("s3")
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .map_err(|e| refused(action, e))?
            .into();
        let mut url = format!("{}/{}", self.bucket, utf8_percent_encode(key, PATH));
        let request = SignableRequest::new(
            method,
            url.as_str(),
            headers.iter().copied(),
            SignableBody::UnsignedPayload,
        )
        .map_err(|e| refused(action, e))?;
        // It writes what it signs to its trace log.
        let signed = with_default(&Dispatch::none(), || sign(request, &parameters))
            .map_err(|e| refused(action, e))?;
        let mut before = '?';
        for (name, value) in signed.output().params() {
            url.extend([&*before.to_string(), name, "="]);
            url.extend(utf8_percent_encode(value, VALUE));
            before = '&';
        }
        Ok(url)
    }
}

fn refused(
    action: &'static str,
    why: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Refused(Cause::new(action, why))
}
