//! Requests that no proper client sends, byte by byte.

use std::fmt::Write;
use std::time::Duration;

use tintype_storage::Presigned;
use tintype_storage::embedded::Pace;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::place::Place;

struct Raw {
    host: String,
    target: String,
    headers: String,
}

impl Raw {
    fn of(presigned: &Presigned) -> Self {
        let (host, target) = presigned
            .url
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        let mut headers = String::new();
        for (name, value) in &presigned.headers {
            write!(headers, "{name}: {value}\r\n").unwrap();
        }
        Self {
            host: host.into(),
            target: format!("/{target}"),
            headers,
        }
    }

    async fn send(&self, more: &str, body: &[u8]) -> TcpStream {
        self.send_as(&self.host, more, body).await
    }

    async fn send_as(&self, host: &str, more: &str, body: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(&self.host).await.unwrap();
        stream
            .write_all(self.head(host, more).as_bytes())
            .await
            .unwrap();
        stream.write_all(body).await.unwrap();
        stream
    }

    fn head(&self, host: &str, more: &str) -> String {
        format!(
            "PUT {} HTTP/1.1\r\nhost: {host}\r\n{}{more}\r\n",
            self.target, self.headers
        )
    }
}

/// Everything that comes until the server hangs up.
async fn answer(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_chunked_body_is_refused_even_beside_the_signed_length() {
    let place = Place::embedded().await;
    let raw = Raw::of(&place.presigned("a.png", b"pixels"));
    for length in ["", "content-length: 6\r\n"] {
        let head = format!("{length}transfer-encoding: chunked\r\nconnection: close\r\n");
        let answer = answer(
            raw.send(&head, b"10\r\nmore than pixels\r\n0\r\n\r\n")
                .await,
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    assert_eq!(place.read("a.png").await, None);
}

#[tokio::test]
async fn a_chunked_body_is_told_that_a_length_is_needed() {
    let place = Place::embedded().await;
    let raw = Raw::of(&place.presigned("a.png", b"pixels"));
    let answer = answer(
        raw.send(
            "transfer-encoding: chunked\r\nconnection: close\r\n",
            b"6\r\npixels\r\n0\r\n\r\n",
        )
        .await,
    );
    let answer = answer.await;
    assert!(
        answer.starts_with("HTTP/1.1 411 ") && answer.contains("<Code>MissingContentLength</Code>"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_body_that_is_cut_short_stores_nothing() {
    let place = Place::embedded().await;
    let bytes = vec![1; 600_000];
    let raw = Raw::of(&place.presigned("a.png", &bytes));
    let mut stream = raw
        .send("content-length: 600000\r\n", &bytes[..400_000])
        .await;
    stream.shutdown().await.unwrap();
    let _ = answer(stream).await;
    assert_eq!(place.read("a.png").await, None);
    assert_eq!(
        place.folder().join("data/tmp").read_dir().unwrap().count(),
        0
    );
}

#[tokio::test]
async fn a_body_that_takes_too_long_is_told_so_and_stores_nothing() {
    let slow = Pace {
        least: Duration::from_millis(100),
        bytes_per_second: u64::MAX,
        ..Pace::default()
    };
    let place = Place::embedded_at(tempfile::tempdir().unwrap(), slow).await;
    let bytes = vec![1; 600_000];
    let raw = Raw::of(&place.presigned("a.png", &bytes));
    let answer = answer(
        raw.send(
            "content-length: 600000\r\nconnection: close\r\n",
            &bytes[..400_000],
        )
        .await,
    )
    .await;
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.contains("<Code>RequestTimeout</Code>"),
        "{answer}"
    );
    assert_eq!(place.read("a.png").await, None);
    assert_eq!(
        place.folder().join("data/tmp").read_dir().unwrap().count(),
        0
    );
}

#[tokio::test]
async fn a_url_is_good_for_the_signed_host_alone() {
    let place = Place::embedded().await;
    let raw = Raw::of(&place.presigned("a.png", b"pixels"));
    let other = raw.host.replace("127.0.0.1", "localhost");
    let answer = answer(
        raw.send_as(
            &other,
            "content-length: 6\r\nconnection: close\r\n",
            b"pixels",
        )
        .await,
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert_eq!(place.read("a.png").await, None);
}

#[tokio::test]
async fn a_client_that_waits_to_be_told_to_send_is_refused_at_once() {
    let place = Place::embedded().await;
    let mut presigned = place.presigned("a.png", b"pixels");
    presigned
        .headers
        .insert("content-type".into(), "text/html".into());
    let raw = Raw::of(&presigned);
    let stream = raw
        .send(
            "content-length: 6\r\nexpect: 100-continue\r\nconnection: close\r\n",
            b"",
        )
        .await;
    let answer = answer(stream).await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

#[tokio::test]
async fn a_client_that_waits_to_be_told_to_send_is_told() {
    let place = Place::embedded().await;
    let raw = Raw::of(&place.presigned("a.png", b"pixels"));
    let mut stream = raw
        .send(
            "content-length: 6\r\nexpect: 100-continue\r\nconnection: close\r\n",
            b"",
        )
        .await;
    let mut told = [0; 25];
    stream.read_exact(&mut told).await.unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"pixels").await.unwrap();
    let answer = answer(stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn a_refusal_is_read_by_a_client_that_sends_everything_first() {
    let place = Place::embedded().await;
    let bytes = vec![1; 3_000_000];
    let mut presigned = place.presigned("a.png", &bytes);
    presigned
        .headers
        .insert("content-type".into(), "text/html".into());
    let raw = Raw::of(&presigned);
    let head = "content-length: 3000000\r\n";
    let mut stream = raw.send(head, &bytes).await;
    // The connection stays in use, which it only does when the body has been read to its end.
    stream
        .write_all(
            raw.head(&raw.host, &format!("{head}connection: close\r\n"))
                .as_bytes(),
        )
        .await
        .unwrap();
    stream.write_all(&bytes).await.unwrap();
    let answers = answer(stream).await;
    assert_eq!(answers.matches("HTTP/1.1 403 ").count(), 2, "{answers}");
    assert_eq!(
        answers
            .matches("<Code>SignatureDoesNotMatch</Code>")
            .count(),
        2,
        "{answers}"
    );
}

#[tokio::test]
async fn paths_that_climb_reach_nothing() {
    let place = Place::embedded().await;
    let presigned = place.presigned("a.png", b"pixels");
    for path in [
        "/pictures/../secret",
        "/pictures/%2e%2e/%2e%2e/secret",
        "/pictures/..%2f..%2fsecret",
        "//pictures/a.png",
    ] {
        let mut raw = Raw::of(&presigned);
        raw.target = raw.target.replacen("/pictures/a.png", path, 1);
        let answer = answer(
            raw.send("content-length: 6\r\nconnection: close\r\n", b"pixels")
                .await,
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 40"), "{path}: {answer}");
    }
    let entries: Vec<_> = place
        .folder()
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(entries, ["data"]);
}
