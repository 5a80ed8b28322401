//! An upload and its delivery, tried with one small object.

use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, RANGE,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use sha2::{Digest, Sha256};
use tintype_storage::{NewObject, Presigned, Store, StoreError, WebClient};
use uuid::Uuid;

use super::report::{Outcome, Report, reason};
use super::rules;

pub(super) const STEPS: [&str; 8] = [
    PRESIGN,
    PREFLIGHT,
    PUT,
    PUT_ONCE,
    HEAD,
    RANGED_GET,
    DELETE,
    rules::LIFECYCLE,
];
const PRESIGN: &str = "presign";
const PREFLIGHT: &str = "preflight";
const PUT: &str = "put";
const PUT_ONCE: &str = "put once";
const HEAD: &str = "head";
const RANGED_GET: &str = "ranged get";
const DELETE: &str = "delete";

const BODY: &[u8] = b"written by tintype doctor";
const CONTENT_TYPE: &str = "text/plain";
const EXPIRES: Duration = Duration::from_mins(5);

/// One object's way through the store.
pub(super) struct Walk<'a> {
    pub store: Store,
    pub origin: &'a str,
    http: &'a WebClient,
    key: String,
}

impl<'a> Walk<'a> {
    pub fn new(store: Store, http: &'a WebClient, origin: &'a str) -> Self {
        Self {
            store,
            origin,
            http,
            key: format!("staging/doctor-{}", Uuid::now_v7()),
        }
    }

    pub async fn examine(&self, fix: bool, report: &mut Report) {
        let object = NewObject {
            content_type: CONTENT_TYPE,
            size_bytes: BODY.len() as u64,
            sha256: Some(Sha256::digest(BODY).into()),
        };
        match self.store.presign_put(&self.key, &object, EXPIRES) {
            Ok(presigned) => {
                report.add(PRESIGN, Outcome::ok("a URL was made"));
                report.add(PREFLIGHT, rules::preflight(self, &presigned, fix).await);
                self.carry(&presigned, report).await;
            }
            Err(error) => {
                let mend = "Correct TINTYPE_STORAGE__PUBLIC_ENDPOINT and TINTYPE_STORAGE__BUCKET.";
                report.add(
                    PRESIGN,
                    Outcome::failed(format!("no URL can be made: {}", reason(&error)), mend),
                );
                report.skip(&STEPS[1..7], "there is no URL to try");
            }
        }
        report.add(rules::LIFECYCLE, rules::lifecycle(&self.store, fix).await);
    }

    async fn carry(&self, presigned: &Presigned, report: &mut Report) {
        if report.passes(PUT, self.put(presigned).await) {
            report.add(PUT_ONCE, self.put_again(presigned).await);
            report.add(HEAD, self.head().await);
            report.add(RANGED_GET, self.ranged_get().await);
        } else {
            report.skip(&[PUT_ONCE, HEAD, RANGED_GET], "nothing was written");
        }
        // Also after a failed PUT: it may have written all the same.
        report.add(DELETE, self.delete().await);
    }

    /// What is wrong with the store's answer to a preflight request for a PUT.
    pub async fn ask_preflight(&self, presigned: &Presigned) -> Result<(), String> {
        let names = presigned
            .headers
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(",");
        let request = Request::builder()
            .method(Method::OPTIONS)
            .uri(&presigned.url)
            .header(ORIGIN, self.origin)
            .header(ACCESS_CONTROL_REQUEST_METHOD, "PUT")
            .header(ACCESS_CONTROL_REQUEST_HEADERS, names);
        let answer = self
            .send(request, Bytes::new())
            .await
            .map_err(|e| reason(&e))?;
        if !answer.status().is_success() {
            return Err(format!(
                "a browser that asks is answered with {}",
                answer.status()
            ));
        }
        let headers = answer.headers();
        self.check_origin(headers)?;
        let lists = |name, wanted: &str| {
            listed(headers, name)
                .iter()
                .any(|value| value == "*" || value.eq_ignore_ascii_case(wanted))
        };
        if !lists(ACCESS_CONTROL_ALLOW_METHODS, "PUT") {
            return Err("PUT is not among the allowed methods".into());
        }
        match presigned
            .headers
            .keys()
            .find(|name| !lists(ACCESS_CONTROL_ALLOW_HEADERS, name))
        {
            Some(missing) => Err(format!("the header {missing} is not allowed")),
            None => Ok(()),
        }
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<(), String> {
        match headers
            .get(ACCESS_CONTROL_ALLOW_ORIGIN)
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
        {
            Some(value) if value == self.origin || value == "*" => Ok(()),
            Some(value) => Err(format!(
                "the origin {value} is allowed, and not {}",
                self.origin
            )),
            None => Err(format!("the origin {} is not allowed", self.origin)),
        }
    }

    async fn put(&self, presigned: &Presigned) -> Outcome {
        let answer = match self.send_put(presigned).await {
            Ok(answer) => answer,
            Err(error) => {
                let mend = "Let the proxy pass PUT on to the store, or correct TINTYPE_STORAGE__PUBLIC_ENDPOINT.";
                return Outcome::failed(
                    format!("a presigned PUT is not answered: {}", reason(&error)),
                    mend,
                );
            }
        };
        if answer.status() == StatusCode::OK {
            return match self.check_origin(answer.headers()) {
                Ok(()) => Outcome::ok("an object was written with a presigned URL"),
                Err(what) => Outcome::failed(
                    format!("a browser may not read the answer: {what}"),
                    "Run `tintype doctor --fix`, or allow the origin of TINTYPE_SERVER__APP_URL in the bucket's CORS rules.",
                ),
            };
        }
        let code = code(answer.body());
        let mend = match (answer.status().as_u16(), code.as_str()) {
            (_, "AccessDenied") => {
                "Give the key of TINTYPE_STORAGE__ACCESS_KEY_ID the right to write objects (R2: Object Read & Write)."
            }
            (507, _) => {
                "Make space where the store at TINTYPE_STORAGE__ENDPOINT keeps its objects."
            }
            (500.., _) => {
                "Look at the log of the store at TINTYPE_STORAGE__ENDPOINT, and at its disk."
            }
            _ => {
                "Let the proxy pass Host, path and headers on unchanged, and correct TINTYPE_STORAGE__PUBLIC_ENDPOINT."
            }
        };
        Outcome::failed(
            format!(
                "a presigned PUT is answered with {} {code}",
                answer.status()
            ),
            mend,
        )
    }

    async fn put_again(&self, presigned: &Presigned) -> Outcome {
        match self.send_put(presigned).await.map(|answer| answer.status()) {
            Ok(StatusCode::PRECONDITION_FAILED) => Outcome::ok("a URL writes once"),
            Ok(StatusCode::OK) => Outcome::warning(
                "the store ignores If-None-Match: within its 15 minutes a URL can write again",
                "What is served is safe: it is copied to a key that no URL writes. But an account can have more in the bucket than its quota for that long: make TINTYPE_TIMES__UPLOAD_URL shorter where strangers have accounts.",
            ),
            Ok(status) => Outcome::warning(
                format!("a second PUT is answered with {status}, where 412 is due"),
                "Let the proxy pass If-None-Match and the answer 412 on unchanged (TINTYPE_STORAGE__PUBLIC_ENDPOINT).",
            ),
            Err(error) => Outcome::warning(
                format!("a second PUT is not answered: {}", reason(&error)),
                "Look at the log of the store and of the proxy at TINTYPE_STORAGE__PUBLIC_ENDPOINT.",
            ),
        }
    }

    async fn head(&self) -> Outcome {
        let mend = "Give the key of TINTYPE_STORAGE__ACCESS_KEY_ID the right to read objects, and let the proxy of TINTYPE_STORAGE__ENDPOINT pass HEAD on.";
        match self.store.head(&self.key).await {
            Ok(Some(info)) if info.size_bytes == BODY.len() as u64 => {
                Outcome::ok("the object has its size")
            }
            Ok(Some(info)) => Outcome::failed(
                format!(
                    "the object has {} bytes in place of {}",
                    info.size_bytes,
                    BODY.len()
                ),
                mend,
            ),
            Ok(None) => Outcome::failed("the object that was written is not found", mend),
            Err(error) => Outcome::failed(format!("HEAD does not work: {}", reason(&error)), mend),
        }
    }

    async fn ranged_get(&self) -> Outcome {
        let mend =
            "Let the proxy pass Range on unchanged, and correct TINTYPE_STORAGE__PUBLIC_ENDPOINT.";
        match self.get_range().await {
            Ok(answer)
                if answer.status() == StatusCode::PARTIAL_CONTENT
                    && answer.body() == &BODY[2..=5] =>
            {
                Outcome::ok("a presigned GET answers with the range")
            }
            Ok(answer) if answer.status() == StatusCode::OK => {
                Outcome::failed("a range is asked for and everything comes", mend)
            }
            Ok(answer) => Outcome::failed(
                format!(
                    "a presigned GET of a range is answered with {} {} and {} bytes",
                    answer.status(),
                    code(answer.body()),
                    answer.body().len()
                ),
                mend,
            ),
            Err(error) => Outcome::failed(
                format!("a presigned GET is not answered: {}", reason(&error)),
                mend,
            ),
        }
    }

    async fn get_range(&self) -> Result<Response<Bytes>, StoreError> {
        let url = self.store.presign_get(&self.key, EXPIRES)?;
        self.send(Request::get(url).header(RANGE, "bytes=2-5"), Bytes::new())
            .await
    }

    async fn delete(&self) -> Outcome {
        let mend = format!(
            "Give the key of TINTYPE_STORAGE__ACCESS_KEY_ID the right to delete objects (R2: Object Read & Write), and remove {} by hand.",
            self.key
        );
        if let Err(error) = self.store.delete(&self.key).await {
            return Outcome::failed(
                format!("an object can't be deleted: {}", reason(&error)),
                mend,
            );
        }
        match self.store.head(&self.key).await {
            Ok(None) => Outcome::ok("the object is gone"),
            Ok(Some(_)) => Outcome::failed("a deleted object is still there", mend),
            Err(error) => Outcome::failed(
                format!("what was deleted can't be looked for: {}", reason(&error)),
                mend,
            ),
        }
    }

    async fn send_put(&self, presigned: &Presigned) -> Result<Response<Bytes>, StoreError> {
        let request = Request::put(&presigned.url).header(ORIGIN, self.origin);
        let request = presigned
            .headers
            .iter()
            .fold(request, |request, (name, value)| {
                request.header(name, value)
            });
        self.send(request, Bytes::from_static(BODY)).await
    }

    async fn send(
        &self,
        request: http::request::Builder,
        body: Bytes,
    ) -> Result<Response<Bytes>, StoreError> {
        // The URL is the presigner's own: it can be parsed.
        self.http.send(request.body(body).unwrap_or_default()).await
    }
}

fn listed(headers: &HeaderMap, name: http::HeaderName) -> Vec<String> {
    let values = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(|value| value.trim().to_owned())
        .collect()
}

/// The S3 error code of an answer, empty when there is none.
fn code(body: &Bytes) -> String {
    let text = String::from_utf8_lossy(body);
    let code = text
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"));
    code.map(|(code, _)| code.to_owned()).unwrap_or_default()
}
