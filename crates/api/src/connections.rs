//! Sockets: connections are answered until the process is told to stop, then the open ones end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tintype_dto::Problem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::problems::ApiError;

const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long open requests may take to end.
pub const DRAIN_TIME: Duration = Duration::from_secs(25);

/// How many are told at the same time that there is no room, and how long that may take. Others are hung up on without a word.
const REFUSALS: usize = 32;
const REFUSAL_TIME: Duration = Duration::from_secs(1);
/// When to come back.
const RETRY_AFTER: u32 = 5;

/// Who is at the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Answers at most `most` connections at the same time until it is told to stop, then lets the open ones end. Further ones are answered 503
/// and closed. (`axum::serve` has no time limit for headers, and no bound.)
pub async fn serve(listener: TcpListener, routes: Router, most: usize, stop: CancellationToken) {
    let room = Arc::new(Semaphore::new(most));
    let refusals = Arc::new(Semaphore::new(REFUSALS));
    let mut was_full = false;
    let graceful = GracefulShutdown::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIME);
    builder.http2().timer(TokioTimer::new());
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: give the others time to end.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = stop.cancelled() => break,
        };
        let Ok(place) = room.clone().try_acquire_owned() else {
            if !was_full {
                tracing::warn!(most, "there are too many connections: new ones are refused");
            }
            was_full = true;
            if let Ok(turn) = refusals.clone().try_acquire_owned() {
                tokio::spawn(async move {
                    // Out of time, or hung up on: it was told as well as it could be.
                    let _ = tokio::time::timeout(REFUSAL_TIME, refuse(stream)).await;
                    drop(turn);
                });
            }
            continue;
        };
        was_full = false;
        let service = TowerToHyperService::new(tower::service_fn({
            let routes = routes.clone();
            move |request: hyper::Request<hyper::body::Incoming>| {
                let mut request = request.map(axum::body::Body::new);
                request.extensions_mut().insert(Peer(peer));
                let answer = tower::ServiceExt::oneshot(routes.clone(), request);
                async move {
                    Ok::<_, Infallible>(match answer.await {
                        Ok(response) => response,
                        Err(never) => match never {},
                    })
                }
            }
        }));
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off after {} s", DRAIN_TIME.as_secs());
    }
}

async fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(&refusal()).await?;
    stream.shutdown().await?;
    // What was sent is read: else the end of the connection would overtake the answer.
    let mut sent = [0; 1024];
    while stream.read(&mut sent).await? > 0 {}
    Ok(())
}

/// Written before any request is read.
fn refusal() -> Vec<u8> {
    let body = serde_json::to_string(&Problem::from(ApiError::overloaded(RETRY_AFTER))).unwrap_or_default();
    let length = body.len();
    let head = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\ncache-control: no-store";
    format!("{head}\r\nretry-after: {RETRY_AFTER}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use axum::routing::get;

    use super::*;

    const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

    async fn ask(stream: &mut TcpStream) -> String {
        stream.write_all(ASK).await.unwrap();
        let mut answer = vec![0; 1000];
        let length = stream.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..length]).into_owned()
    }

    #[tokio::test]
    async fn connections_beyond_the_bound_are_told_to_come_back_and_find_room_when_others_end() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let server = tokio::spawn(serve(listener, Router::new().route("/", get(async || "here")), 2, stop.clone()));
        let mut open = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            assert!(ask(&mut stream).await.ends_with("here"));
            open.push(stream);
        }
        let mut refused = TcpStream::connect(address).await.unwrap();
        refused.write_all(ASK).await.unwrap();
        let mut answer = String::new();
        refused.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("\r\nretry-after: 5\r\n"), "{head}");
        assert_eq!(serde_json::from_str::<Problem>(body).unwrap().code, tintype_dto::ProblemCode::Overloaded);
        assert!(ask(&mut open[0]).await.ends_with("here"), "those that are open go on");
        drop(open.pop());
        let found = async {
            loop {
                let mut stream = TcpStream::connect(address).await.unwrap();
                if ask(&mut stream).await.ends_with("here") {
                    break;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(5), found).await.unwrap();
        drop(open);
        stop.cancel();
        server.await.unwrap();
    }
}
