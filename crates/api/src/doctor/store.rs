//! The store: from a connection to a bucket that the key may use.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::DATE;
use http::{Request, Response};
use tintype_storage::{Cause, Store, StoreError, WebClient};
use url::Url;

use super::installation::{Place, plain};
use super::objects::{self, Walk};
use super::report::{Outcome, Report, reason};

const REACHABLE: &str = "storage reachable";
const PUBLIC: &str = "storage public address";
const CLOCK: &str = "clock";
const KEY: &str = "storage key";
const BUCKET: &str = "bucket";
/// From this clock difference on, stores refuse signatures.
const MUCH: TimeDelta = TimeDelta::minutes(15);
const LITTLE: TimeDelta = TimeDelta::minutes(1);

pub(super) async fn examine(place: &Place, http: &WebClient, fix: bool, report: &mut Report) {
    if let Err(why) = prepare(place, http, report).await {
        let done: Vec<_> = report.steps.iter().map(|step| step.name).collect();
        let left: Vec<_> = [CLOCK, KEY, BUCKET]
            .into_iter()
            .chain(objects::STEPS)
            .filter(|name| !done.contains(name))
            .collect();
        return report.skip(&left, why);
    }
    let mut config = place.store.clone();
    if !is_public_address_usable(place, http, report).await {
        config.public_endpoint = config.endpoint.clone();
    }
    Walk::new(Store::new(config), http, &place.app_origin)
        .examine(fix, report)
        .await;
}

/// Checks up to a bucket that the key may use.
pub(super) async fn prepare(
    place: &Place,
    http: &WebClient,
    report: &mut Report,
) -> Result<(), &'static str> {
    let answer = ask(&place.store.endpoint, http).await;
    let date = answer.as_ref().ok().and_then(date);
    let reachable = match reached(&place.store.endpoint, answer) {
        Outcome::Failed { what, .. } if place.embedded => {
            report.add(
                REACHABLE,
                Outcome::warning(
                    what,
                    "Start `tintype serve`, which has the store in it, then run the doctor again.",
                ),
            );
            return Err("the embedded store answers while `tintype serve` runs");
        }
        outcome => outcome,
    };
    if !report.passes(REACHABLE, reachable) {
        return Err("the storage can't be reached");
    }
    if !report.passes(CLOCK, clock(date, Utc::now())) {
        return Err("a signature made with this clock is refused");
    }
    let listed = Store::new(place.store.clone())
        .list("staging/doctor", None)
        .await;
    if !report.passes(KEY, key(&listed)) {
        return Err("the key is refused");
    }
    if report.passes(BUCKET, bucket(&listed, &place.store.bucket)) {
        Ok(())
    } else {
        Err("there is no such bucket")
    }
}

async fn ask(url: &Url, http: &WebClient) -> Result<Response<Bytes>, StoreError> {
    let request = Request::get(url.as_str())
        .body(Bytes::new())
        .unwrap_or_default();
    http.send(request).await
}

/// Any answer except a proxy's error is the store's: it refuses an unsigned request.
fn reached(url: &Url, answer: Result<Response<Bytes>, StoreError>) -> Outcome {
    let shown = plain(url);
    let what = match answer {
        Ok(answer) if !matches!(answer.status().as_u16(), 502..=504) => {
            return Outcome::ok(format!("{shown} answers"));
        }
        Ok(answer) => format!(
            "what answers at {shown} does not reach the store: {}",
            answer.status()
        ),
        Err(error) => format!("{shown} does not answer: {}", reason(&error)),
    };
    Outcome::failed(
        what,
        "Start the store, or correct host, port and scheme in TINTYPE_STORAGE__ENDPOINT (R2: TINTYPE_STORAGE__R2_ACCOUNT_ID).",
    )
}

/// Whether presigned URLs can be tried at the address that browsers use. A container can't reach the host's loopback, though browsers can.
async fn is_public_address_usable(place: &Place, http: &WebClient, report: &mut Report) -> bool {
    let url = &place.store.public_endpoint;
    if url.origin() == place.store.endpoint.origin() {
        return true;
    }
    match reached(url, ask(url, http).await) {
        Outcome::Failed { what, .. } => {
            let mend = "Let the proxy pass it on to the store, or correct TINTYPE_STORAGE__PUBLIC_ENDPOINT.";
            let is_elsewhere = url
                .host_str()
                .is_some_and(|host| host == "localhost" || host.starts_with("127."));
            let outcome = if is_elsewhere {
                Outcome::warning(
                    format!(
                        "{what} (what follows was tried at {} instead)",
                        plain(&place.store.endpoint)
                    ),
                    mend,
                )
            } else {
                Outcome::failed(what, mend)
            };
            report.add(PUBLIC, outcome);
            false
        }
        outcome => report.passes(PUBLIC, outcome),
    }
}

fn date(answer: &Response<Bytes>) -> Option<DateTime<Utc>> {
    let text = answer.headers().get(DATE)?.to_str().ok()?;
    Some(DateTime::parse_from_rfc2822(text).ok()?.to_utc())
}

fn clock(theirs: Option<DateTime<Utc>>, ours: DateTime<Utc>) -> Outcome {
    let Some(theirs) = theirs else {
        return Outcome::skipped("the store does not say what time it is");
    };
    let apart = (ours - theirs).abs();
    let what = format!(
        "this clock and the store's are {} s apart",
        apart.num_seconds()
    );
    let mend = "Set the clock by NTP (`timedatectl set-ntp true`) on this machine, or on that of TINTYPE_STORAGE__ENDPOINT.";
    match apart {
        _ if apart >= MUCH => Outcome::failed(what, mend),
        _ if apart >= LITTLE => Outcome::warning(what, mend),
        _ => Outcome::ok(what),
    }
}

/// A listing names only the bucket, so a 404 is about the bucket, whatever its code.
fn is_no_bucket(cause: &Cause) -> bool {
    cause.code() == Some("InvalidBucketName") || cause.status() == Some(404)
}

fn key<T>(listed: &Result<T, StoreError>) -> Outcome {
    let Err(error) = listed else {
        return Outcome::ok("it is accepted");
    };
    let code = match error {
        StoreError::Refused(cause) if is_no_bucket(cause) => {
            return Outcome::skipped("without the bucket it can't be tried");
        }
        StoreError::Refused(cause) => cause.code(),
        _ => {
            return Outcome::failed(
                format!("the store fails: {}", reason(error)),
                "Look at the log of the store at TINTYPE_STORAGE__ENDPOINT.",
            );
        }
    };
    let mend = match code {
        Some("InvalidAccessKeyId") => {
            "The store does not know the key's id: correct TINTYPE_STORAGE__ACCESS_KEY_ID."
        }
        Some("SignatureDoesNotMatch") => {
            "Correct TINTYPE_STORAGE__SECRET_ACCESS_KEY; when it is right, a proxy changes Host or path before TINTYPE_STORAGE__ENDPOINT."
        }
        Some("AuthorizationHeaderMalformed" | "InvalidRegion" | "PermanentRedirect") => {
            "Set TINTYPE_STORAGE__REGION to the bucket's (R2: auto)."
        }
        Some("RequestTimeTooSkewed") => {
            "Set the clock of this machine by NTP (`timedatectl set-ntp true`)."
        }
        Some("NotImplemented") => {
            "TINTYPE_STORAGE__ENDPOINT has to name an S3 store that can list a bucket."
        }
        _ => {
            "Correct TINTYPE_STORAGE__ACCESS_KEY_ID and TINTYPE_STORAGE__SECRET_ACCESS_KEY, and give the key Object Read & Write on TINTYPE_STORAGE__BUCKET."
        }
    };
    Outcome::failed(format!("the key is refused: {}", reason(error)), mend)
}

fn bucket<T>(listed: &Result<T, StoreError>, name: &str) -> Outcome {
    match listed {
        Ok(_) => Outcome::ok(format!("{name} is there")),
        Err(error) => Outcome::failed(
            format!("there is no bucket {name}: {}", reason(error)),
            "Create the bucket, or correct TINTYPE_STORAGE__BUCKET (and that TINTYPE_STORAGE__ENDPOINT has no path of its own).",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_warned_about_at_a_minute_and_fails_at_a_quarter_of_an_hour() {
        let now = Utc::now();
        let judged = |apart: TimeDelta| clock(Some(now + apart), now);
        assert!(matches!(judged(TimeDelta::seconds(59)), Outcome::Ok { .. }));
        assert!(matches!(
            judged(TimeDelta::seconds(60)),
            Outcome::Warning { .. }
        ));
        assert!(matches!(
            judged(TimeDelta::seconds(-899)),
            Outcome::Warning { .. }
        ));
        assert!(
            judged(TimeDelta::minutes(15)).is_failure()
                && judged(TimeDelta::minutes(-20)).is_failure()
        );
        assert!(matches!(clock(None, now), Outcome::Skipped { .. }));
    }
}
