//! Connections that are kept alive, and what comes back over them.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::request::{Origin, Request};

/// Longer than the server takes to answer anything.
const PATIENCE: Duration = Duration::from_secs(35);

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// When it asks to come back.
    pub fn asks_again_in(&self) -> Duration {
        let header = self.headers.get(header::RETRY_AFTER);
        let seconds = header.and_then(|value| value.to_str().ok()?.parse().ok());
        Duration::from_secs(seconds.unwrap_or(1))
    }

    /// Whether it says when to come back.
    pub fn says_when(&self) -> bool {
        self.headers.contains_key(header::RETRY_AFTER)
    }
}

/// One client's connections: one to each origin, made when they are needed.
pub struct Lane {
    app: Line,
    media: Line,
}

impl Lane {
    pub fn new(app: SocketAddr, media: SocketAddr) -> Self {
        Self {
            app: Line::new(app),
            media: Line::new(media),
        }
    }

    /// Sends a request and reads its whole answer.
    pub async fn send(&mut self, request: &Request) -> Result<Answer> {
        let line = match request.origin {
            Origin::App => &mut self.app,
            Origin::Media => &mut self.media,
        };
        if let Ok(answer) = tokio::time::timeout(PATIENCE, line.send(request)).await {
            return answer.with_context(|| request.name());
        }
        // An answer that comes late is not to be taken for that of the next request.
        line.sender = None;
        bail!("{}: no answer in {} s", request.name(), PATIENCE.as_secs())
    }
}

struct Line {
    address: SocketAddr,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Line {
    fn new(address: SocketAddr) -> Self {
        Self {
            address,
            sender: None,
        }
    }

    async fn send(&mut self, request: &Request) -> Result<Answer> {
        let (parts, body) = self.respond(request).await?.into_parts();
        let body = body.collect().await.context("read an answer")?;
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.to_bytes(),
        })
    }

    async fn respond(&mut self, request: &Request) -> Result<http::Response<Incoming>> {
        let (mut sender, was_kept) = self.ready().await?;
        let mut response = sender.send_request(self.message(request)?).await;
        let again = was_kept && request.repeatable;
        if response
            .as_ref()
            .is_err_and(|error| error.is_canceled() || again)
        {
            // The server closes what is idle, now and then at this very moment. What was not sent is sent again, and what may be repeated,
            // as browsers do it.
            sender = connect(self.address).await?;
            response = sender.send_request(self.message(request)?).await;
        }
        let response = response.context("send a request")?;
        self.sender = Some(sender);
        Ok(response)
    }

    /// A connection, and whether it has been used before.
    async fn ready(&mut self) -> Result<(SendRequest<Full<Bytes>>, bool)> {
        if let Some(mut sender) = self.sender.take()
            && sender.ready().await.is_ok()
        {
            return Ok((sender, true));
        }
        Ok((connect(self.address).await?, false))
    }

    fn message(&self, request: &Request) -> Result<http::Request<Full<Bytes>>> {
        let mut message = http::Request::builder()
            .method(&request.method)
            .uri(&request.path)
            .header(
                header::HOST,
                HeaderValue::try_from(self.address.to_string())?,
            );
        for (name, value) in &request.headers {
            message = message.header(name, value);
        }
        message
            .body(Full::new(request.body.clone()))
            .with_context(|| format!("make a request for {}", request.path))
    }
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await.context("connect")?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // It ends when either side hangs up; whoever waits for an answer is told.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}
