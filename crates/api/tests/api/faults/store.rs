//! A proxy between the server and its store that fails on demand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// What can go wrong with one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 500, and nothing was done.
    Failure,
    /// 503 `SlowDown`, and nothing was done.
    SlowDown,
    /// The connection is reset, and nothing was done.
    Reset,
    /// It was done, and the connection is reset before the answer.
    ReplyLost,
    /// It was done, and the answer ends in the middle.
    Truncated,
    /// The answer comes at 1 KB/s.
    Slow,
    /// A HEAD gets "not found", as if it came before the object.
    StaleHead,
    /// No answer comes while the fault lasts.
    Silent,
}

/// Which calls go wrong, counted from 1.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub fault: Fault,
    pub from: usize,
    pub to: usize,
}

/// Calls since the plan was made: all of them, and those that went wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub calls: usize,
    pub hit: usize,
}

#[derive(Default)]
struct State {
    plan: Option<Plan>,
    seen: Seen,
    over: CancellationToken,
}

/// The wire. It takes whole requests and gives whole answers, a connection for each.
pub struct Wire {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Wire {
    /// To the store at this address.
    pub async fn to(store: &str) -> Self {
        let store = store
            .strip_prefix("http://")
            .unwrap()
            .trim_end_matches('/')
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            state: Arc::default(),
        };
        let state = wire.state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (store, state) = (store.clone(), state.clone());
                // A client that hangs up is no concern of the wire.
                tokio::spawn(async move { drop(answer(stream, &store, &state).await) });
            }
        });
        wire
    }

    /// From now on the plan holds.
    pub fn set(&self, plan: Plan) {
        *self.state.lock().unwrap() = State {
            plan: Some(plan),
            ..State::default()
        };
    }

    /// From now on all is well. What was seen until now?
    pub fn mend(&self) -> Seen {
        let before = std::mem::take(&mut *self.state.lock().unwrap());
        before.over.cancel();
        before.seen
    }
}

impl State {
    /// Counts a call. What goes wrong with it, and until when?
    fn next(&mut self, method: &str, target: &str) -> Option<(Fault, CancellationToken)> {
        let plan = self.plan?;
        // The doctor that looks at the store when a server starts is on its own, and its listing names no object.
        let counts = !target.contains("/doctor-")
            && ["/images/", "/staging/", "/readyz"]
                .iter()
                .any(|part| target.contains(part));
        if !counts || plan.fault == Fault::StaleHead && method != "HEAD" {
            return None;
        }
        self.seen.calls += 1;
        if !(plan.from..=plan.to).contains(&self.seen.calls) {
            return None;
        }
        self.seen.hit += 1;
        Some((plan.fault, self.over.clone()))
    }
}

async fn answer(mut client: TcpStream, store: &str, state: &Mutex<State>) -> std::io::Result<()> {
    let Some(request) = Request::read(&mut client).await? else {
        return Ok(());
    };
    let fault = state.lock().unwrap().next(&request.method, &request.target);
    let Some((fault, over)) = fault else {
        return client.write_all(&request.forward(store).await?).await;
    };
    match fault {
        Fault::Failure => {
            client
                .write_all(&request.refusal("500 Internal Server Error", "InternalError"))
                .await
        }
        Fault::SlowDown => {
            client
                .write_all(&request.refusal("503 Slow Down", "SlowDown"))
                .await
        }
        Fault::StaleHead => {
            client
                .write_all(&request.refusal("404 Not Found", "NoSuchKey"))
                .await
        }
        Fault::Reset => client.set_zero_linger(),
        Fault::ReplyLost => {
            request.forward(store).await?;
            client.set_zero_linger()
        }
        Fault::Truncated => {
            let answer = request.forward(store).await?;
            let body = head_length(&answer).unwrap_or_default();
            // Within the body, where there is one.
            let end = if body < answer.len() {
                body + (answer.len() - body) / 2
            } else {
                answer.len() / 2
            };
            client.write_all(&answer[..end]).await
        }
        Fault::Slow => {
            for piece in request.forward(store).await?.chunks(100) {
                client.write_all(piece).await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Ok(())
        }
        Fault::Silent => {
            over.cancelled().await;
            client.set_zero_linger()
        }
    }
}

struct Request {
    method: String,
    target: String,
    bytes: Vec<u8>,
    head: usize,
}

impl Request {
    async fn read(client: &mut TcpStream) -> std::io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        let (head, length) = loop {
            if let Some(head) = head_length(&bytes) {
                let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
                let length = text
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
                break (head, head + length.unwrap_or(0));
            }
            if client.read_buf(&mut bytes).await? == 0 {
                return Ok(None);
            }
        };
        while bytes.len() < length {
            if client.read_buf(&mut bytes).await? == 0 {
                return Ok(None);
            }
        }
        let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
        let mut words = text.split(' ').map(str::to_owned);
        Ok(Some(Self {
            method: words.next().unwrap(),
            target: words.next().unwrap(),
            bytes,
            head,
        }))
    }

    /// Does it, and brings the whole answer. The connection ends with it, so that its length need not be understood.
    async fn forward(&self, store: &str) -> std::io::Result<Vec<u8>> {
        let mut upstream = TcpStream::connect(store).await?;
        let (head, body) = self.bytes.split_at(self.head);
        upstream.write_all(&head[..head.len() - 2]).await?;
        upstream.write_all(b"connection: close\r\n\r\n").await?;
        upstream.write_all(body).await?;
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer).await?;
        Ok(answer)
    }

    fn refusal(&self, status: &str, code: &str) -> Vec<u8> {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>no</Message></Error>"
        );
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        if self.method == "HEAD" {
            head.into()
        } else {
            (head + &body).into()
        }
    }
}

fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .map(|at| at + 4)
}
