//! The bucket's rules: CORS for PUTs from browsers, and lifecycle. `--fix` writes both.

use std::time::Duration;

use tintype_storage::{Presigned, Store, StoreError};
use url::{Host, Url};

use super::objects::Walk;
use super::report::{Outcome, reason};

pub(super) const LIFECYCLE: &str = "lifecycle";
const STAGING: &str = "staging/";
/// Longer than the longest life of a presigned URL with its grace, by default 1 hour.
const DAYS: i32 = 2;
/// Cloudflare says that CORS rules take up to 30 s. A store on this machine applies them at once.
const TRIES: u32 = 16;
const BETWEEN: Duration = Duration::from_secs(2);

/// What is known of the bucket's CORS rules.
enum Cors {
    Allows,
    Lacks,
    BuiltIn,
    Unknown,
}

pub(super) async fn preflight(walk: &Walk<'_>, presigned: &Presigned, fix: bool) -> Outcome {
    let what = match walk.ask_preflight(presigned).await {
        Ok(()) => return Outcome::ok(format!("a page at {} may upload", walk.origin)),
        Err(what) => what,
    };
    let mend = match cors(walk).await {
        Cors::Allows => {
            "The bucket has the rule, so something before it answers: let the proxy pass OPTIONS on unchanged to TINTYPE_STORAGE__PUBLIC_ENDPOINT."
        }
        Cors::BuiltIn => {
            "The rule is built into this store: set TINTYPE_SERVER__APP_URL to the page's origin in every process, and let the proxy pass OPTIONS on unchanged to TINTYPE_STORAGE__PUBLIC_ENDPOINT."
        }
        Cors::Lacks | Cors::Unknown if fix => return allow(walk, presigned).await,
        Cors::Lacks | Cors::Unknown => {
            "Run `tintype doctor --fix`, or allow the origin of TINTYPE_SERVER__APP_URL in the bucket's CORS rules (docs/storage.md)."
        }
    };
    Outcome::failed(what, mend)
}

async fn cors(walk: &Walk<'_>) -> Cors {
    match walk.store.cors_rules().await {
        Ok(rules) => {
            let ours = rules.iter().any(|rule| {
                let has = |values: &[String], wanted: &str| {
                    values
                        .iter()
                        .any(|value| value == "*" || value.eq_ignore_ascii_case(wanted))
                };
                let headers = ["content-type", "if-none-match", "x-amz-checksum-sha256"];
                has(&rule.origins, walk.origin)
                    && has(&rule.methods, "PUT")
                    && headers.iter().all(|header| has(&rule.headers, header))
            });
            if ours { Cors::Allows } else { Cors::Lacks }
        }
        Err(error) if is_built_in(&error) => Cors::BuiltIn,
        Err(_) => Cors::Unknown,
    }
}

async fn allow(walk: &Walk<'_>, presigned: &Presigned) -> Outcome {
    if let Err(error) = walk.store.allow_origin(walk.origin).await {
        return Outcome::failed(
            format!("the CORS rule can't be written: {}", reason(&error)),
            cannot_write("CORS"),
        );
    }
    let mut seen = walk.ask_preflight(presigned).await;
    let tries = if is_on_loopback(presigned) { 1 } else { TRIES };
    for _ in 1..tries {
        if seen.is_ok() {
            break;
        }
        tokio::time::sleep(BETWEEN).await;
        seen = walk.ask_preflight(presigned).await;
    }
    match seen {
        Ok(()) => Outcome::ok(format!(
            "the CORS rule is written: a page at {} may upload",
            walk.origin
        )),
        Err(what) => Outcome::failed(
            format!("the CORS rule is written and not carried out: {what}"),
            "Let the proxy pass OPTIONS on unchanged to TINTYPE_STORAGE__PUBLIC_ENDPOINT.",
        ),
    }
}

pub(super) async fn lifecycle(store: &Store, fix: bool) -> Outcome {
    let read = expires(store).await;
    match read {
        Ok(true) => Outcome::ok(format!("what is left under {STAGING} goes after some days")),
        Err(error) if is_built_in(&error) => {
            Outcome::skipped("this store has no such rules: the server removes what is left")
        }
        Ok(false) | Err(_) if fix => write(store).await,
        Ok(false) => Outcome::warning(
            format!(
                "the bucket keeps what is left under {STAGING} when the server is away for long"
            ),
            format!(
                "Run `tintype doctor --fix`, or set a rule on TINTYPE_STORAGE__BUCKET that removes {STAGING} after {DAYS} days."
            ),
        ),
        Err(error) => Outcome::warning(
            format!("the lifecycle rules can't be read: {}", reason(&error)),
            cannot_write("lifecycle"),
        ),
    }
}

async fn write(store: &Store) -> Outcome {
    if let Err(error) = store.expire_prefix(STAGING, DAYS).await {
        return Outcome::warning(
            format!("the lifecycle rule can't be written: {}", reason(&error)),
            cannot_write("lifecycle"),
        );
    }
    match expires(store).await {
        Ok(true) => Outcome::ok(format!(
            "the rule is written: what is left under {STAGING} goes after {DAYS} days"
        )),
        _ => Outcome::warning(
            "the lifecycle rule was written and is not there",
            "Set it by hand on TINTYPE_STORAGE__BUCKET (docs/storage.md).",
        ),
    }
}

async fn expires(store: &Store) -> Result<bool, StoreError> {
    let rules = store.lifecycle_rules().await?;
    Ok(rules
        .iter()
        .any(|rule| rule.enabled && rule.prefix == STAGING && rule.expires_after_days.is_some()))
}

fn is_on_loopback(presigned: &Presigned) -> bool {
    let url = Url::parse(&presigned.url).ok();
    url.is_some_and(|url| matches!(url.host(), Some(Host::Ipv4(address)) if address.is_loopback()))
}

fn is_built_in(error: &StoreError) -> bool {
    matches!(error, StoreError::Refused(cause) if cause.code() == Some("NotImplemented"))
}

fn cannot_write(which: &str) -> String {
    format!(
        "Give TINTYPE_STORAGE__ACCESS_KEY_ID for this run a key that may set {which} rules (R2: Admin Read & Write), or set them by hand (docs/storage.md)."
    )
}
