use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

/// Where a [`Proxy`] calls from, which is not where the doctor does.
pub const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 5));

/// What a proxy does with `X-Forwarded-For`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwarding {
    /// Adds the address that it sees.
    Adds,
    /// Hands on what the client says.
    HandsOn,
}

/// A proxy before a server.
#[derive(Clone)]
pub struct Proxy {
    pub url: String,
    target: Arc<OnceLock<String>>,
    forwarding: Forwarding,
    http: reqwest::Client,
}

impl Proxy {
    pub async fn start(forwarding: Forwarding) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let http = reqwest::Client::builder()
            .local_address(ADDRESS)
            .build()
            .unwrap();
        let proxy = Self {
            url,
            target: Arc::default(),
            forwarding,
            http,
        };
        let routes = Router::new().fallback(forward).with_state(proxy.clone());
        tokio::spawn(async move {
            axum::serve(
                listener,
                routes.into_make_service_with_connect_info::<SocketAddr>(),
            )
            .await
        });
        proxy
    }

    /// From now on requests go to this server.
    pub fn lead_to(&self, server: String) {
        self.target.set(server).unwrap();
    }
}

async fn forward(
    State(proxy): State<Proxy>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let Some(target) = proxy.target.get() else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (mut parts, body) = request.into_parts();
    if proxy.forwarding == Forwarding::Adds {
        add(&mut parts.headers, peer.ip());
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    let body: Bytes = axum::body::to_bytes(body, 1 << 16).await.unwrap();
    let url = format!("{target}{}", parts.uri);
    let answer = proxy
        .http
        .request(parts.method, url)
        .headers(parts.headers)
        .body(body)
        .send()
        .await
        .unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.bytes().await.unwrap()).into_response()
}

fn add(headers: &mut HeaderMap, address: IpAddr) {
    let before = headers
        .get("x-forwarded-for")
        .map(|value| format!("{}, ", value.to_str().unwrap()))
        .unwrap_or_default();
    headers.insert(
        "x-forwarded-for",
        format!("{before}{address}").parse().unwrap(),
    );
}
