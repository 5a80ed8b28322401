//! Who is asking, for what is counted by address.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::app::App;
use crate::connections::{Peer, network};
use crate::problems::ApiError;

/// Whose requests are counted together: an IPv4 address, or the /64 network of an IPv6 address.
pub struct Caller(pub String);

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Peer(peer) = parts
            .extensions
            .get()
            .copied()
            .ok_or_else(|| ApiError::internal("a request without a peer"))?;
        let proxies = &app.config.server.trusted_proxies;
        let mut address = peer.ip().to_canonical();
        let forwarded = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = forwarded
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        // From the nearest hop outward, as far as those who say so are believed.
        for hop in hops.iter().rev() {
            match hop.parse::<IpAddr>() {
                Ok(before) if proxies.contain(address) => address = before.to_canonical(),
                _ => break,
            }
        }
        Ok(Self(network(address)))
    }
}
