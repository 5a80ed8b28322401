//! The only place that sends requests and sees answers.

use std::io::Read;
use std::time::Duration;

use ureq::http::{Request, Response, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, AsSendBody, Body, RequestExt};

use crate::address;
use crate::error::Error;

/// How long a connection may take to be there.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer is waited for; a confirm is answered within seconds, by a busy server too.
const ANSWER: Duration = Duration::from_mins(2);
/// How slowly a body may leave, bytes a second, as the server takes it: any may take a minute, and a second more for so many bytes.
const SLOWEST: u64 = 16_384;
/// The largest answer that is read, bytes.
const LARGEST: u64 = 16 << 20;

/// A client of HTTP. Copies share their connections.
#[derive(Clone)]
pub struct Http(Agent);

impl Http {
    /// Trusts whom this machine trusts, so that a server may have a certificate of its owner's; without any roots here, Mozilla's.
    pub fn new() -> Self {
        let found = rustls_native_certs::load_native_certs().certs;
        let certificates: Vec<_> = found
            .iter()
            .map(|found| Certificate::from_der(found).to_owned())
            .collect();
        let roots = if certificates.is_empty() {
            RootCerts::WebPki
        } else {
            RootCerts::new_with_certs(&certificates)
        };
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(ANSWER))
            .timeout_recv_body(Some(ANSWER))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .user_agent(concat!("tt/", env!("CARGO_PKG_VERSION")));
        Self(config.build().into())
    }

    /// Sends a request of so many bytes, and reads nothing of the answer but its head. No redirect is followed: it could lead anywhere.
    pub fn send(
        &self,
        request: Request<impl AsSendBody>,
        bytes: u64,
    ) -> Result<Response<Body>, Error> {
        address::check(request.uri())?;
        let url = without_query(request.uri());
        let sending = Duration::from_secs(60 + bytes / SLOWEST);
        let stays_here = request.uri().scheme_str() != Some("https");
        let mut request = request
            .with_agent(&self.0)
            .configure()
            .timeout_send_body(Some(sending));
        if stays_here {
            // A proxy of the environment would read it; for https it only passes on what it can't read.
            request = request.proxy(None);
        }
        let request = request.build();
        request
            .run()
            .map_err(|error| Error::Unreachable(format!("{url} can't be reached: {error}.")))
    }
}

/// A presigned query is a secret.
pub fn without_query(uri: &Uri) -> String {
    let text = uri.to_string();
    text.split('?').next().unwrap_or_default().to_owned()
}

/// The body of an answer.
pub fn read(answer: Response<Body>, url: &Uri) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut body = answer.into_body().into_reader().take(LARGEST);
    body.read_to_end(&mut bytes).map_err(|error| {
        Error::Unreachable(format!("{} broke off: {error}.", without_query(url)))
    })?;
    Ok(bytes)
}
