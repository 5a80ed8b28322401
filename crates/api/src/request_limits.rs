//! How many requests an API token and an account may send in a minute, and what answers say of it (`RateLimit` and `RateLimit-Policy`, as
//! draft-ietf-httpapi-ratelimit-headers has them).
//!
//! Each process counts for itself: a count that all replicas share would be a write for every request. So N replicas allow N times as much.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use tintype_core::accounts::{By, SessionKey};
use tintype_core::memory::Memory;
use tintype_core::settings::Rates;
use uuid::Uuid;

use crate::problems::ApiError;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// From the first request of a count to its end.
const PERIOD: TimeDelta = TimeDelta::minutes(1);

/// The counts.
pub struct RequestLimits {
    per_token: u32,
    per_account: u32,
    counts: Memory<Uuid, Count>,
}

#[derive(Clone, Copy)]
struct Count {
    since: DateTime<Utc>,
    requests: u32,
}

/// How a caller stands with one limit.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    name: &'static str,
    /// As it is called in metrics.
    pub rule: &'static str,
    most: u32,
    left: u32,
    /// When counting begins anew.
    seconds: u32,
}

/// What is known of one request's caller, for the headers of its answer.
#[derive(Clone, Default)]
pub struct Standings(Arc<OnceLock<Vec<Standing>>>);

impl From<Standing> for ApiError {
    fn from(exceeded: Standing) -> Self {
        Self::too_many_requests(exceeded.name, exceeded.most, exceeded.seconds)
    }
}

impl RequestLimits {
    /// By the operator's settings: 0 is no limit.
    #[must_use]
    pub fn new(rates: &Rates) -> Self {
        Self {
            per_token: rates.requests_per_token,
            per_account: rates.requests_per_account,
            counts: Memory::default(),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// It is one too many, of its token or of its account.
    pub fn count(
        &self,
        session: SessionKey,
        now: DateTime<Utc>,
        standings: &Standings,
    ) -> Result<(), Standing> {
        let token = match session.by {
            By::Token { id, .. } => Some(("token", "requests_per_token", self.per_token, id.0)),
            By::Session { .. } => None,
        };
        let account = session.user_id.0;
        let account = ("account", "requests_per_account", self.per_account, account);
        let limits = token.into_iter().chain([account]);
        let mut counted = Vec::with_capacity(2);
        let mut exceeded = None;
        for (name, rule, most, id) in limits.filter(|(_, _, most, _)| *most > 0) {
            let count = self.next(id, now);
            let ends_in = (count.since + PERIOD - now).num_seconds().max(1);
            let standing = Standing {
                name,
                rule,
                most,
                left: most.saturating_sub(count.requests),
                seconds: u32::try_from(ends_in).unwrap_or(u32::MAX),
            };
            counted.push(standing);
            // What is refused to a program takes nothing from the person.
            if count.requests > most {
                exceeded = Some(standing);
                break;
            }
        }
        // The first credential of a request is the one that counts.
        standings.0.set(counted).ok();
        exceeded.map_or(Ok(()), Err)
    }

    fn next(&self, id: Uuid, now: DateTime<Utc>) -> Count {
        let new = || Count {
            since: now,
            requests: 0,
        };
        self.counts.change(id, new, |count| {
            if now - count.since >= PERIOD {
                *count = new();
            }
            count.requests = count.requests.saturating_add(1);
            *count
        })
    }
}

/// Says in the answer how the caller stands.
pub async fn tell(mut request: Request, next: Next) -> Response {
    let standings = Standings::default();
    request.extensions_mut().insert(standings.clone());
    let mut response = next.run(request).await;
    let counted = standings.0.get().map(Vec::as_slice).unwrap_or_default();
    let (mut policy, mut limit) = (String::new(), String::new());
    for standing in counted {
        let Standing {
            name,
            most,
            left,
            seconds,
            ..
        } = standing;
        let comma = if policy.is_empty() { "" } else { ", " };
        let period = PERIOD.num_seconds();
        let _ = write!(policy, "{comma}\"{name}\";q={most};w={period}");
        let _ = write!(limit, "{comma}\"{name}\";r={left};t={seconds}");
    }
    for (name, text) in [(POLICY, policy), (RATE_LIMIT, limit)] {
        if let (false, Ok(value)) = (text.is_empty(), HeaderValue::from_str(&text)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
