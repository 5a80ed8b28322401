//! Sockets: connections are served until shutdown, then the open ones end.
//!
//! Whatever a peer does, its connection is bounded in time: a request's head has ten seconds from the start of the connection or the end of
//! the last response (`hyper` counts them), bodies have the time that their handlers give them, handlers are bounded in `layers`, and
//! responses have to be read at a minimum rate. There is no HTTP/2: browsers speak it over TLS only, which is a proxy's job, and proxies
//! speak HTTP/1.1 to servers.

mod exchange;
mod linger;
mod pace;
mod places;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tintype_dto::Problem;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use self::exchange::{Answer, Answering, Rest, Sent};
use self::linger::Lingering;
pub use self::pace::Pace;
use self::pace::Paced;
pub use self::places::network;
use self::places::{Place, Places};
use crate::config::{Networks, Server};
use crate::problems::ApiError;
use tintype_core::metrics::{ListenerName, Metrics};

/// How long open requests may take to end.
pub const DRAIN_TIME: Duration = Duration::from_secs(25);

/// The longest head of a request, and the most of a response that waits in memory besides the piece that is read next.
const BUFFER: usize = 64 * 1024;
/// How many connections are refused with a response at once, and how long that may take. Others are just closed.
const REFUSALS: usize = 32;
const REFUSAL_TIME: Duration = Duration::from_secs(1);
/// `Retry-After`, seconds.
const RETRY_AFTER: u32 = 5;

/// The peer of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// What a listener allows.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Open connections.
    pub connections: usize,
    /// Open connections of one IPv4 address or IPv6 /64.
    pub per_address: usize,
    /// Networks, besides loopback, without the bound of one address: a proxy stands for many clients.
    pub proxies: Networks,
    /// The slowest rate for reading responses, and for sending requests when another connection needs the place.
    pub pace: Pace,
    /// How long things may take.
    pub times: Times,
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// The head of a request, from the start of the connection or the end of the last response.
    pub head: Duration,
    /// Finding a place, before a new connection is refused.
    pub place: Duration,
    /// Stalling in the middle of a request, before the place may go to a new connection.
    pub stalled: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            place: Duration::from_secs(1),
            stalled: Duration::from_millis(500),
        }
    }
}

impl Bounds {
    /// From the settings.
    #[must_use]
    pub fn of(server: &Server) -> Self {
        let pace = Pace {
            bytes_per_second: server.slowest_bytes_per_second,
            grace: GRACE,
        };
        let (connections, proxies) = (server.max_connections, server.trusted_proxies.clone());
        Self {
            connections,
            per_address: server.per_address(),
            proxies,
            pace,
            times: Times::default(),
        }
    }

    /// This many connections, of any address.
    #[must_use]
    pub fn with_connections(self, most: usize) -> Self {
        Self {
            connections: most,
            per_address: most,
            ..self
        }
    }
}

/// How far a reader may fall behind: a train's tunnel.
const GRACE: Duration = Duration::from_secs(15);

/// A listener and its name.
pub struct Listener {
    /// Its socket.
    pub socket: TcpListener,
    /// Its name in metrics and in the log.
    pub name: ListenerName,
}

/// Serves connections within the bounds until shutdown, then lets the open ones end. A connection beyond the bounds gets a 503 and is
/// closed if no other can be closed for it. (`axum::serve` has no time limit for headers, and no bound.)
pub async fn serve(
    listener: Listener,
    routes: Router,
    bounds: Bounds,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
) {
    let Listener { socket, name } = listener;
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.times.head)
        .max_buf_size(BUFFER);
    let places = Places::new(name, bounds.clone(), metrics);
    let door = Arc::new(Door {
        places,
        refusals: Semaphore::new(REFUSALS),
        builder,
        routes,
        pace: bounds.pace,
    });
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = socket.accept() => match accepted {
                Ok((stream, peer)) => drop(tokio::spawn(door.clone().admit(stream, peer, graceful.watcher()))),
                Err(error) => {
                    // Most likely out of file descriptors: close one, and give the others time to end.
                    tracing::warn!(%error, "accepting a connection failed");
                    door.places.make_room();
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            () = stop.cancelled() => break,
        }
    }
    drop(socket);
    if tokio::time::timeout(DRAIN_TIME, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(
            "shutting down: requests that were still open after {} s are cut off",
            DRAIN_TIME.as_secs()
        );
    }
}

/// What every connection of a listener shares.
struct Door {
    places: Arc<Places>,
    refusals: Semaphore,
    builder: Builder,
    routes: Router,
    pace: Pace,
}

impl Door {
    async fn admit(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        if let Ok(place) = self.places.take(peer.ip()).await {
            return self.answer(stream, peer, place, watcher).await;
        }
        if let Ok(_turn) = self.refusals.try_acquire() {
            // Timed out or disconnected: nothing more can be done.
            let _ = tokio::time::timeout(REFUSAL_TIME, refuse(stream)).await;
        }
    }

    async fn answer(&self, stream: TcpStream, peer: SocketAddr, place: Place, watcher: Watcher) {
        let activity = place.activity();
        let service =
            hyper::service::service_fn(|request: hyper::Request<hyper::body::Incoming>| {
                let answering = Answering::begin(activity.clone());
                let (slowest, rest) = (self.pace.bytes_per_second, Rest::default());
                let mut request = request.map(|body| {
                    Body::new(Sent::new(body, activity.clone(), slowest, rest.clone()))
                });
                request.extensions_mut().insert(Peer(peer));
                let answer = tower::ServiceExt::oneshot(self.routes.clone(), request);
                async move {
                    let mut response = match answer.await {
                        Ok(response) => response,
                        Err(never) => match never {},
                    };
                    if rest.is_left() {
                        // Otherwise the client would send its next request after the rest of this one, to nobody.
                        let close = HeaderValue::from_static("close");
                        response.headers_mut().insert(header::CONNECTION, close);
                    }
                    Ok::<_, Infallible>(response.map(|body| Answer::new(body, answering)))
                }
            });
        let paced = Paced::new(stream, self.pace, activity.clone());
        let io = TokioIo::new(Lingering::new(paced));
        let connection = self.builder.serve_connection(io, service);
        tokio::select! {
            biased;
            () = place.lost() => {}
            ended = watcher.watch(connection) => if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            },
        }
    }
}

async fn refuse(stream: TcpStream) -> std::io::Result<()> {
    let mut stream = Lingering::new(stream);
    stream.write_all(&refusal()).await?;
    stream.shutdown().await
}

/// Written before any request is read.
fn refusal() -> Vec<u8> {
    let body = serde_json::to_string(&Problem::from(ApiError::overloaded(RETRY_AFTER)))
        .unwrap_or_default();
    let length = body.len();
    let head = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\ncache-control: no-store";
    format!("{head}\r\nretry-after: {RETRY_AFTER}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
