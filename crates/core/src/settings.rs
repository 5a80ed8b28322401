//! The operator's settings for the rules. The server's configuration reads these sections as they are.

use chrono::TimeDelta;
use serde::Deserialize;

/// All of it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What an upload may be.
    pub limits: ImageLimits,
    /// Times of an upload's and an image's life.
    pub times: Times,
    /// How often one may try.
    pub rates: Rates,
    /// Audits and sweeps.
    pub sweep: Sweep,
    /// How old an object has to be for a sweep to take it.
    pub sweep_grace: TimeDelta,
    /// `sqlite://path` or `postgres://...`, for a sweep's own connections.
    pub database_url: String,
}

/// Limits on tries. Failed logins count per 15 minutes, registrations per hour, requests per minute.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    /// Failed logins to one account from one address.
    pub failed_logins_per_account: u32,
    /// Failed logins from one address.
    pub failed_logins_per_address: u32,
    /// Registrations from one address.
    pub registrations_per_address: u32,
    /// Requests with one API token. 0: no limit.
    pub requests_per_token: u32,
    /// Requests of one account, with all its sessions and tokens. 0: no limit.
    pub requests_per_account: u32,
}

/// What an upload may be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImageLimits {
    /// Largest file, bytes.
    pub max_bytes: u64,
    /// Most pixels of one frame.
    pub max_pixels: u64,
    /// Longest side, pixels.
    pub max_side: u32,
    /// Most memory that decoding may take, all pictures together, bytes. A picture that needs more is refused.
    pub max_memory: u64,
    /// The most bytes of one account, deleted images that can be restored and running uploads included. Default: no limit.
    pub quota_bytes: Option<u64>,
    /// The most uploads of one account that have not ended: announced, being sent, or waiting for their check.
    pub unfinished_uploads: u32,
    /// The most seconds that their checks may take in total, by estimate.
    pub unfinished_seconds: u32,
}

/// Times of an upload's and an image's life, all in seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Times {
    /// How long a presigned URL works.
    pub upload_url: u32,
    /// How long after that the server still looks for the file.
    pub upload_grace: u32,
    /// How long a deleted image can be restored.
    pub trash: u32,
}

/// Audits and sweeps: objects that no row needs are moved to `quarantine/` and deleted later. Times are in seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sweep {
    /// From one sweep to the next. 0: only when `tintype sweep` is run.
    pub every: u32,
    /// How old an object has to be to be taken.
    pub grace: u32,
    /// How long it can be restored.
    pub quarantine: u32,
    /// Up to this many objects are taken, whatever their share of the bucket.
    pub max_objects: u64,
    /// More than that are taken up to this share of the listed objects, per cent.
    pub max_percent: u32,
}

impl Default for ImageLimits {
    fn default() -> Self {
        let tintype_imaging::Limits {
            max_bytes,
            max_pixels,
            max_side,
            max_memory,
        } = tintype_imaging::Limits::default();
        Self {
            max_bytes,
            max_pixels,
            max_side,
            max_memory,
            quota_bytes: None,
            unfinished_uploads: 2000,
            unfinished_seconds: 600,
        }
    }
}

impl Default for Times {
    fn default() -> Self {
        Self {
            upload_url: 15 * 60,
            upload_grace: 45 * 60,
            trash: 7 * 24 * 3600,
        }
    }
}

impl Default for Sweep {
    fn default() -> Self {
        Self {
            every: 24 * 3600,
            grace: 24 * 3600,
            quarantine: 7 * 24 * 3600,
            max_objects: 100,
            max_percent: 10,
        }
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            failed_logins_per_account: 10,
            failed_logins_per_address: 100,
            registrations_per_address: 60,
            requests_per_token: 6000,
            requests_per_account: 300_000,
        }
    }
}
