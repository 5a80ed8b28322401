//! The public addresses, requested as a browser does.

use bytes::Bytes;
use http::{Request, Response};
use tintype_dto::paths;
use tintype_storage::WebClient;
use url::Url;

use super::installation::{addresses, plain};
use super::report::{Outcome, Report, reason};
use crate::config::Config;

/// A public address, and how to recognize our own answer.
struct Origin {
    name: &'static str,
    variable: &'static str,
    path: [&'static str; 2],
    is_ours: fn(&Response<Bytes>) -> bool,
}

const ORIGINS: [Origin; 2] = [
    Origin {
        name: "app address",
        variable: "TINTYPE_SERVER__APP_URL",
        path: [paths::BASE, paths::LIMITS],
        is_ours: has_limits,
    },
    Origin {
        name: "media address",
        variable: "TINTYPE_SERVER__MEDIA_URL",
        path: ["/i", "/none"],
        is_ours: is_missing,
    },
];

pub(super) async fn examine(config: &Config, http: &WebClient, report: &mut Report) {
    let urls = addresses(config).map_or([None, None], |urls| [Some(urls.app), Some(urls.media)]);
    for (origin, url) in ORIGINS.iter().zip(urls) {
        if let Some(url) = url {
            report.add(origin.name, origin.ask(&url, http).await);
        }
    }
}

impl Origin {
    async fn ask(&self, url: &Url, http: &WebClient) -> Outcome {
        let (variable, path, shown) = (self.variable, self.path.concat(), plain(url));
        let Ok(request) = Request::get(format!("{shown}{path}")).body(Bytes::new()) else {
            return Outcome::failed(
                format!("{shown} is not an address"),
                format!("Correct {variable}."),
            );
        };
        match http.send(request).await {
            Ok(answer) if (self.is_ours)(&answer) => Outcome::ok(format!("{shown} answers")),
            Ok(answer) => Outcome::failed(
                format!(
                    "{shown}{path} is answered with {} by something else, or under another Host",
                    answer.status()
                ),
                format!("Correct {variable}, or let the proxy pass path and Host on unchanged."),
            ),
            Err(error) => Outcome::warning(
                format!("nothing of Tintype answers at {shown}: {}", reason(&error)),
                format!(
                    "Start `tintype serve`; when it runs, correct {variable}, or let the proxy reach it."
                ),
            ),
        }
    }
}

fn has_limits(answer: &Response<Bytes>) -> bool {
    let body: Option<serde_json::Value> = serde_json::from_slice(answer.body()).ok();
    answer.status() == 200 && body.is_some_and(|body| body.get("max_bytes").is_some())
}

fn is_missing(answer: &Response<Bytes>) -> bool {
    answer.status() == 404
        && answer
            .headers()
            .get("content-type")
            .is_some_and(|value| value == "application/problem+json")
}
