//! A proxy between the browser and the storage that fails on demand. Downloads of pictures pass through it too, and never fail.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::server::Server;

/// What happens to a PUT.
#[derive(Clone, Debug, Default)]
pub enum Puts {
    /// It is carried out.
    #[default]
    Pass,
    /// It is answered 500, and nothing was done.
    Fail,
    /// The connection is closed, and nothing was done.
    Cut,
    /// No answer comes until another mode is set; then the request is carried out.
    Hang,
}

/// The wire. It takes whole requests and gives whole answers, a connection for each.
pub struct Wire {
    puts: Arc<Mutex<Puts>>,
    changed: Arc<Notify>,
}

impl Wire {
    /// A server whose storage is reached through the wire.
    pub async fn before_a_server() -> (Server, Self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = Server::start_with(|_| vec![("SERVER__MEDIA_URL", url)]).await;
        let wire = Self {
            puts: Arc::default(),
            changed: Arc::default(),
        };
        let (puts, changed, port, origin) = (
            wire.puts.clone(),
            wire.changed.clone(),
            server.media_port,
            server.url(""),
        );
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (puts, changed, origin) = (puts.clone(), changed.clone(), origin.clone());
                // A browser that hangs up is no concern of the wire.
                tokio::spawn(
                    async move { drop(answer(stream, port, &origin, &puts, &changed).await) },
                );
            }
        });
        (server, wire)
    }

    /// From now on.
    pub fn set(&self, puts: Puts) {
        *self.puts.lock().expect("the state") = puts;
        self.changed.notify_waiters();
    }
}

async fn answer(
    mut client: TcpStream,
    port: u16,
    origin: &str,
    puts: &Mutex<Puts>,
    changed: &Notify,
) -> std::io::Result<()> {
    let Some((head, body)) = read(&mut client).await? else {
        return Ok(());
    };
    loop {
        let change = changed.notified();
        let now = puts.lock().expect("the state").clone();
        match now {
            Puts::Fail if head.starts_with("PUT ") => {
                let refusal = format!(
                    "HTTP/1.1 500 Internal Server Error\r\naccess-control-allow-origin: {origin}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                return client.write_all(refusal.as_bytes()).await;
            }
            Puts::Cut if head.starts_with("PUT ") => return client.set_zero_linger(),
            Puts::Hang if head.starts_with("PUT ") => change.await,
            _ => {
                let mut store = TcpStream::connect(("127.0.0.1", port)).await?;
                store.write_all(head.as_bytes()).await?;
                store.write_all(b"connection: close\r\n\r\n").await?;
                store.write_all(&body).await?;
                return tokio::io::copy(&mut store, &mut client).await.map(drop);
            }
        }
    }
}

/// The request's head without its connection and its end, and its body.
async fn read(client: &mut TcpStream) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if client.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let mut body = bytes.split_off(end + 4);
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let is = |line: &str, name: &str| {
        line.split_once(':')
            .is_some_and(|(found, _)| found.eq_ignore_ascii_case(name))
    };
    let length = head
        .lines()
        .find(|line| is(line, "content-length"))
        .and_then(|line| line.split_once(':')?.1.trim().parse().ok());
    while body.len() < length.unwrap_or(0) {
        if client.read_buf(&mut body).await? == 0 {
            return Ok(None);
        }
    }
    let lines = head
        .lines()
        .filter(|line| !line.is_empty() && !is(line, "connection"));
    Ok(Some((
        lines.flat_map(|line| [line, "\r\n"]).collect(),
        body,
    )))
}
