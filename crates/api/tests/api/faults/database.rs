//! A proxy between the server and PostgreSQL that fails on demand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_util::sync::CancellationToken;

/// What can go wrong with a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection ends, and the database has not seen the statement.
    Lost,
    /// The database has carried it out, and the connection ends before the answer.
    ReplyLost,
    /// The connection ends, and this one and all that follow are refused.
    Refused,
    /// This and all that follow take a fifth of a second longer.
    Slow,
    /// No answer comes while the fault lasts.
    Silent,
}

#[derive(Default)]
struct State {
    plan: Option<(Fault, usize)>,
    calls: usize,
    hit: usize,
    over: CancellationToken,
}

/// The wire. It carries one statement after the other, as the server sends them.
pub struct Wire {
    /// `postgres://...` of the same database by way of the wire.
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Wire {
    /// To the database of this name in the cluster whose socket is in this folder.
    pub async fn to(socket: &str, database: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("postgres://postgres@127.0.0.1:{port}/{database}?sslmode=disable");
        let wire = Self {
            url,
            state: Arc::default(),
        };
        let (state, socket) = (wire.state.clone(), format!("{socket}/.s.PGSQL.5432"));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (state, socket) = (state.clone(), socket.clone());
                // Either end may hang up at any time.
                tokio::spawn(async move { drop(carry(client, &socket, &state).await) });
            }
        });
        wire
    }

    /// From now on the Nth statement goes wrong.
    pub fn set(&self, fault: Fault, nth: usize) {
        *self.state.lock().unwrap() = State {
            plan: Some((fault, nth)),
            ..State::default()
        };
    }

    /// From now on all is well. How many statements went wrong until now?
    pub fn mend(&self) -> usize {
        let before = std::mem::take(&mut *self.state.lock().unwrap());
        before.over.cancel();
        before.hit
    }
}

impl State {
    fn next(&mut self) -> Option<(Fault, CancellationToken)> {
        let (fault, nth) = self.plan?;
        self.calls += 1;
        let lasts = matches!(fault, Fault::Refused | Fault::Slow | Fault::Silent);
        let goes_wrong = self.calls == nth || lasts && self.calls > nth;
        self.hit += usize::from(goes_wrong);
        goes_wrong.then(|| (fault, self.over.clone()))
    }

    fn refuses(&self) -> bool {
        self.plan
            .is_some_and(|(fault, nth)| fault == Fault::Refused && self.calls >= nth)
    }
}

async fn carry(mut client: TcpStream, socket: &str, state: &Mutex<State>) -> std::io::Result<()> {
    if state.lock().unwrap().refuses() {
        return Ok(());
    }
    let mut database = UnixStream::connect(socket).await?;
    let mut request = vec![0; 4];
    client.read_exact(&mut request).await?;
    let length = u32::from_be_bytes([request[0], request[1], request[2], request[3]]) as usize;
    request.resize(length, 0);
    client.read_exact(&mut request[4..]).await?;
    loop {
        database.write_all(&request).await?;
        client.write_all(&until(&mut database, b"Z").await?).await?;
        request = until(&mut client, b"SQX").await?;
        let fault = state.lock().unwrap().next();
        match fault {
            None => {}
            Some((Fault::Slow, _)) => tokio::time::sleep(Duration::from_millis(200)).await,
            Some((Fault::Lost | Fault::Refused, _)) => return Ok(()),
            Some((Fault::ReplyLost, _)) => {
                database.write_all(&request).await?;
                until(&mut database, b"Z").await?;
                return Ok(());
            }
            Some((Fault::Silent, over)) => {
                over.cancelled().await;
                return Ok(());
            }
        }
    }
}

/// Whole messages up to one of these kinds: `Z` ready for the next, `S` the end of a statement, `Q` a statement in one, `X` the end.
async fn until(from: &mut (impl AsyncRead + Unpin), kinds: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let mut head = [0; 5];
        from.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let body = all.len() + 5;
        all.extend(head);
        all.resize(body + length - 4, 0);
        from.read_exact(&mut all[body..]).await?;
        if kinds.contains(&head[0]) {
            return Ok(all);
        }
    }
}
