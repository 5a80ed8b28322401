//! The address of a server, and which addresses anything may be sent to.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use ureq::http::Uri;

use crate::error::Error;

/// The origin of a server, such as `https://img.example.com`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Server(String);

impl Server {
    /// Takes what people type: without a scheme it is `https`, or `http` on this machine; a path is cut.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let denied = || {
            Error::Denied(format!(
                "{text} is no address of a server. Write it as https://img.example.com."
            ))
        };
        let uri: Uri = if text.contains("://") {
            text.parse()
        } else {
            let plain: Uri = format!("http://{text}").parse().map_err(|_| denied())?;
            if is_this_machine(&plain) {
                Ok(plain)
            } else {
                format!("https://{text}").parse()
            }
        }
        .map_err(|_| denied())?;
        check(&uri)?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or_else(denied)?;
        if authority.as_str().contains('@') {
            return Err(denied());
        }
        Ok(Self(format!("{scheme}://{authority}")))
    }

    /// Whether an address is on it.
    pub fn has(&self, address: &str) -> bool {
        origin(address).is_some_and(|found| Some(found) == origin(&self.0))
    }

    /// A path on it.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// Scheme, host and port of an address, in lower case; the port may be the one that the scheme implies.
pub fn origin(address: &str) -> Option<(String, String, u16)> {
    let uri: Uri = address.parse().ok()?;
    let scheme = uri.scheme_str()?.to_lowercase();
    let implied = if scheme == "https" { 443 } else { 80 };
    let port = uri.port_u16().unwrap_or(implied);
    Some((scheme, uri.host()?.to_lowercase(), port))
}

/// Refuses an address that others could read or change what is sent to.
pub fn check(uri: &Uri) -> Result<(), Error> {
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if is_this_machine(uri) => Ok(()),
        _ => Err(Error::Denied(format!(
            "Nothing is sent to {}://{}: whoever is in between could read it. Use https; http works to this machine alone.",
            uri.scheme_str().unwrap_or_default(),
            uri.host().unwrap_or_default(),
        ))),
    }
}

fn is_this_machine(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_becomes_an_origin() {
        for (typed, origin) in [
            ("https://img.example.com", "https://img.example.com"),
            (
                "https://img.example.com/settings?x=1",
                "https://img.example.com",
            ),
            ("img.example.com", "https://img.example.com"),
            ("localhost:8080", "http://localhost:8080"),
            ("127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(
                Server::parse(typed).unwrap(),
                Server(origin.into()),
                "{typed}"
            );
        }
    }

    #[test]
    fn http_goes_to_this_machine_alone() {
        for bad in [
            "http://img.example.com",
            "http://192.168.1.5:8080",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://localhost@img.example.com",
            "http://img.example.com@localhost",
            "https://me:secret@img.example.com",
            "ftp://localhost",
            "",
            "https://",
            "/tmp",
        ] {
            assert!(Server::parse(bad).is_err(), "{bad}");
        }
    }
}
