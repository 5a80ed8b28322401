//! Rules of a bucket: CORS and lifecycle.

use aws_sdk_s3::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{
    self, AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, CorsConfiguration,
    ExpirationStatus, LifecycleExpiration, LifecycleRuleFilter,
};

use crate::client::quietly;
use crate::{Cause, Store, StoreError};

/// The headers that a script sets on a presigned PUT.
const HEADERS: [&str; 3] = ["content-type", "if-none-match", "x-amz-checksum-sha256"];
const METHODS: [&str; 3] = ["PUT", "GET", "HEAD"];
/// How long a browser may remember the answer, seconds.
const REMEMBERED: i32 = 600;
const LIFECYCLE_ID: &str = "tintype-staging";

/// A CORS rule: what scripts of some origins may do with a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsRule {
    /// Exact origins, or patterns with one `*`.
    pub origins: Vec<String>,
    /// HTTP methods.
    pub methods: Vec<String>,
    /// Request headers.
    pub headers: Vec<String>,
    /// Response headers that a script may read.
    pub exposed: Vec<String>,
}

/// A lifecycle rule: what a bucket deletes by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleRule {
    /// The keys' beginning; empty for every object.
    pub prefix: String,
    /// Whether it is active.
    pub enabled: bool,
    /// Days after which an object is deleted.
    pub expires_after_days: Option<i32>,
    /// Days after which an unfinished multipart upload is deleted.
    pub aborts_multipart_after_days: Option<i32>,
}

/// A bucket's own rules. A store without them answers [`StoreError::Refused`] with the code `NotImplemented`: the embedded one,
/// whose CORS rule is built in. A key that may not set them gets `AccessDenied`.
impl Store {
    /// The CORS rules; none is an empty list.
    pub async fn cors_rules(&self) -> Result<Vec<CorsRule>, StoreError> {
        Ok(self.raw_cors_rules().await?.iter().map(cors_rule).collect())
    }

    /// Lets scripts of exactly this origin PUT, GET and HEAD. Rules for other origins stay.
    pub async fn allow_origin(&self, origin: &str) -> Result<(), StoreError> {
        const ACTION: &str = "write CORS rules";
        let mut rules = self.raw_cors_rules().await?;
        rules.retain(|rule| rule.allowed_origins() != [origin]);
        let ours = types::CorsRule::builder()
            .allowed_origins(origin)
            .set_allowed_methods(Some(METHODS.map(str::to_owned).into()))
            .set_allowed_headers(Some(HEADERS.map(str::to_owned).into()))
            .expose_headers("ETag")
            .max_age_seconds(REMEMBERED)
            .build();
        rules.push(ours.map_err(|e| unbuilt(ACTION, e))?);
        let rules = CorsConfiguration::builder()
            .set_cors_rules(Some(rules))
            .build()
            .map_err(|e| unbuilt(ACTION, e))?;
        quietly(
            self.own
                .put_bucket_cors()
                .bucket(&self.bucket)
                .cors_configuration(rules)
                .send(),
        )
        .await
        .map_err(|e| StoreError::from_sdk(ACTION, e))?;
        Ok(())
    }

    /// The lifecycle rules; none is an empty list.
    pub async fn lifecycle_rules(&self) -> Result<Vec<LifecycleRule>, StoreError> {
        Ok(self
            .raw_lifecycle_rules()
            .await?
            .iter()
            .map(lifecycle_rule)
            .collect())
    }

    /// Makes the bucket delete leftovers under `prefix` after some days, and its unfinished multipart uploads after one. Other rules stay.
    pub async fn expire_prefix(&self, prefix: &str, days: i32) -> Result<(), StoreError> {
        const ACTION: &str = "write lifecycle rules";
        let mut rules = self.raw_lifecycle_rules().await?;
        rules.retain(|rule| rule.id() != Some(LIFECYCLE_ID));
        let ours = types::LifecycleRule::builder()
            .id(LIFECYCLE_ID)
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix(prefix).build())
            .expiration(LifecycleExpiration::builder().days(days).build())
            .abort_incomplete_multipart_upload(
                AbortIncompleteMultipartUpload::builder()
                    .days_after_initiation(1)
                    .build(),
            )
            .build();
        rules.push(ours.map_err(|e| unbuilt(ACTION, e))?);
        let rules = BucketLifecycleConfiguration::builder()
            .set_rules(Some(rules))
            .build()
            .map_err(|e| unbuilt(ACTION, e))?;
        quietly(
            self.own
                .put_bucket_lifecycle_configuration()
                .bucket(&self.bucket)
                .lifecycle_configuration(rules)
                .send(),
        )
        .await
        .map_err(|e| StoreError::from_sdk(ACTION, e))?;
        Ok(())
    }

    async fn raw_cors_rules(&self) -> Result<Vec<types::CorsRule>, StoreError> {
        match quietly(self.own.get_bucket_cors().bucket(&self.bucket).send()).await {
            Ok(found) => Ok(found.cors_rules.unwrap_or_default()),
            Err(e) if has_code(&e, "NoSuchCORSConfiguration") => Ok(Vec::new()),
            Err(e) => Err(StoreError::from_sdk("read CORS rules", e)),
        }
    }

    async fn raw_lifecycle_rules(&self) -> Result<Vec<types::LifecycleRule>, StoreError> {
        match quietly(
            self.own
                .get_bucket_lifecycle_configuration()
                .bucket(&self.bucket)
                .send(),
        )
        .await
        {
            Ok(found) => Ok(found.rules.unwrap_or_default()),
            Err(e) if has_code(&e, "NoSuchLifecycleConfiguration") => Ok(Vec::new()),
            Err(e) => Err(StoreError::from_sdk("read lifecycle rules", e)),
        }
    }
}

fn has_code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, code: &str) -> bool {
    error
        .as_service_error()
        .is_some_and(|e| e.code() == Some(code))
}

fn unbuilt(action: &'static str, error: BuildError) -> StoreError {
    StoreError::Refused(Cause::new(action, error))
}

fn cors_rule(rule: &types::CorsRule) -> CorsRule {
    CorsRule {
        origins: rule.allowed_origins().to_vec(),
        methods: rule.allowed_methods().to_vec(),
        headers: rule.allowed_headers().to_vec(),
        exposed: rule.expose_headers().to_vec(),
    }
}

fn lifecycle_rule(rule: &types::LifecycleRule) -> LifecycleRule {
    let prefix = rule
        .filter()
        .and_then(|filter| filter.prefix())
        .unwrap_or_default();
    LifecycleRule {
        prefix: prefix.to_owned(),
        enabled: *rule.status() == ExpirationStatus::Enabled,
        expires_after_days: rule.expiration().and_then(LifecycleExpiration::days),
        aborts_multipart_after_days: rule
            .abort_incomplete_multipart_upload()
            .and_then(AbortIncompleteMultipartUpload::days_after_initiation),
    }
}
