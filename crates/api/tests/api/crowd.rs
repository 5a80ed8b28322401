//! Crowds that hold connections: clients with requests are served all the same.

use std::cell::Cell;
use std::time::{Duration, Instant};

use image::{ImageFormat, RgbImage};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::Client;
use crate::program::Program;

const SILENT: usize = 2000;
const READERS: usize = 300;
const STORAGE: [(&str, &str); 3] = [
    ("TINTYPE_STORAGE__ACCESS_KEY_ID", "tintype"),
    (
        "TINTYPE_STORAGE__SECRET_ACCESS_KEY",
        "abcdefghijklmnopqrstuv0123456789",
    ),
    ("TINTYPE_SERVER__APP_URL", "http://127.0.0.1:8080"),
];

/// `127.0.0.1:1234` of `http://127.0.0.1:1234/...`.
fn address(url: &str) -> String {
    url.split('/').nth(2).unwrap().to_owned()
}

/// Sockets for a crowd.
fn allow_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    let files = limit.current.unwrap_or(u64::MAX);
    assert!(
        files >= 12_000,
        "this test needs 12,000 open files, and may have {files}: raise the limit (`ulimit -Hn`)"
    );
}

/// Opens this many connections that have sent this.
async fn crowd(address: &str, many: usize, begun: &str) -> Vec<TcpStream> {
    let mut streams = Vec::with_capacity(many);
    for _ in 0..many {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // A closed connection has got its refusal.
        let _ = stream.write_all(begun.as_bytes()).await;
        streams.push(stream);
    }
    streams
}

/// As many clients that request this and read only the start of the response.
async fn readers(address: &str, many: usize, ask: &str) -> Vec<TcpStream> {
    let mut streams = Vec::with_capacity(many);
    while streams.len() < many {
        let few = crowd(address, 20.min(many - streams.len()), ask).await;
        for stream in &few {
            tokio::time::timeout(Duration::from_secs(10), stream.readable())
                .await
                .unwrap()
                .unwrap();
        }
        streams.extend(few);
    }
    streams
}

/// Noise, which no format makes small: some megabytes.
pub fn noise() -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let picture = RgbImage::from_fn(1400, 1100, |_, _| image::Rgb([next(), next(), next()]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn resident_kib(program: &Program) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.child.id())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// A client that begins a connection for each request.
fn newcomer() -> Client {
    let http = reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap();
    Client {
        http,
        api: String::new(),
        session: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_is_served_within_a_second_among_thousands_who_hold_connections() {
    allow_files();
    let (folder, objects) = (
        tempfile::TempDir::new().unwrap(),
        tempfile::TempDir::new().unwrap(),
    );
    let program = Program::start(None, folder.path(), "127.0.0.1:0", "127.0.0.1:0", "warn");
    let storage = Program::start_as("storage", objects.path(), &STORAGE);
    let mut alice = program.client();
    alice.register("alice").await;
    let image = alice.upload("noise.png", &noise()).await;
    assert!(image.size_bytes > 3_000_000, "{}", image.size_bytes);
    let media = address(&image.links.original);
    let listeners = [
        address(&program.url),
        media.clone(),
        address(&program.ops_url),
        address(&storage.url),
    ];
    let path = image.links.original.split_once(&media).unwrap().1;
    let ask = format!("GET {path} HTTP/1.1\r\nhost: {media}\r\n\r\n");
    let wanted = [
        (format!("{}/api/v1/limits", program.url), 200),
        (image.links.thumb.clone(), 200),
        (image.links.original.clone(), 200),
        (format!("{}/readyz", program.ops_url), 200),
        (format!("{}/tintype/x", storage.url), 403),
    ];
    let (client, longest) = (newcomer(), Cell::new(Duration::ZERO));
    let serve = async || {
        for (url, status) in &wanted {
            let begun = Instant::now();
            let answer = client.send_to(reqwest::Method::GET, url, |r| r).await;
            let took = begun.elapsed();
            assert_eq!(answer.status.as_u16(), *status, "{url}");
            assert!(took < Duration::from_secs(1), "{url} took {took:?}");
            longest.set(longest.get().max(took));
        }
    };
    serve().await;
    let before = resident_kib(&program);
    let mut held = readers(&media, READERS, &ask).await;
    serve().await;
    let each = resident_kib(&program).saturating_sub(before) / READERS as u64;
    println!(
        "{each} KiB for each slow reader of {} bytes",
        image.size_bytes
    );
    assert!(each < 512, "{each} KiB for each slow reader");
    for listener in &listeners {
        held.extend(crowd(listener, SILENT, "").await);
        serve().await;
    }
    // They come again when they are closed, and more with them.
    let begun = Instant::now();
    let mut rounds = 0;
    while begun.elapsed() < Duration::from_secs(4) {
        for listener in &listeners {
            held.extend(crowd(listener, 20, if rounds % 2 == 0 { "" } else { "G" }).await);
        }
        held.extend(readers(&media, 20, &ask).await);
        serve().await;
        rounds += 1;
    }
    println!(
        "{rounds} rounds, {} connections, {:?} at most",
        held.len(),
        longest.get()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_holds_every_place_with_an_answer_that_is_not_taken_makes_room() {
    let folder = tempfile::TempDir::new().unwrap();
    let settings = [
        ("TINTYPE_SERVER__MAX_CONNECTIONS", "32"),
        ("TINTYPE_AUTH__REGISTRATION", "open"),
    ];
    let program = Program::start_as("serve", folder.path(), &settings);
    let mut alice = program.client();
    alice.register("alice").await;
    let image = alice.upload("noise.png", &noise()).await;
    let media = address(&image.links.original);
    let path = image.links.original.split_once(&media).unwrap().1;
    let ask = format!("GET {path} HTTP/1.1\r\nhost: {media}\r\n\r\n");
    let _held = readers(&media, 64, &ask).await;
    let client = newcomer();
    for _ in 0..5 {
        let begun = Instant::now();
        let answer = client
            .send_to(reqwest::Method::GET, &image.links.original, |r| r)
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.len() as u64),
            (200, image.size_bytes)
        );
        assert!(
            begun.elapsed() < Duration::from_secs(1),
            "{:?}",
            begun.elapsed()
        );
    }
    let metrics = client
        .send_to(
            reqwest::Method::GET,
            &format!("{}/metrics", program.ops_url),
            |r| r,
        )
        .await;
    let text = String::from_utf8(metrics.body).unwrap();
    assert!(
        text.contains(r#"tintype_connections_ended_total{listener="media",reason="stalled"}"#),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_ends_on_every_listener_however_far_a_request_has_come() {
    let (folder, objects) = (
        tempfile::TempDir::new().unwrap(),
        tempfile::TempDir::new().unwrap(),
    );
    let program = Program::start(None, folder.path(), "127.0.0.1:0", "127.0.0.1:0", "warn");
    let storage = Program::start_as("storage", objects.path(), &STORAGE);
    let mut alice = program.client();
    alice.register("alice").await;
    let upload = alice.announce("a.png", b"x").await;
    let media = address(&upload.put.unwrap().url);
    let mut streams = Vec::new();
    for listener in [
        address(&program.url),
        media,
        address(&program.ops_url),
        address(&storage.url),
    ] {
        let whole = format!("GET /healthz HTTP/1.1\r\nhost: {listener}\r\n\r\n");
        for begun in [
            "",
            "G",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: x\r\n",
            &whole,
        ] {
            streams.extend(
                crowd(&listener, 1, begun)
                    .await
                    .into_iter()
                    .map(|stream| (stream, format!("{listener}: {begun:?}"))),
            );
        }
    }
    let begun = Instant::now();
    for (mut stream, what) in streams {
        let end = async { while matches!(stream.read(&mut [0; 4096]).await, Ok(1..)) {} };
        assert!(
            tokio::time::timeout(Duration::from_secs(15), end)
                .await
                .is_ok(),
            "{what} is open after {:?}",
            begun.elapsed()
        );
    }
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
}
