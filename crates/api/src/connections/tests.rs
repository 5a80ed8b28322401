use std::net::IpAddr;
use std::time::Instant;

use axum::routing::{get, post};
use tokio::io::AsyncReadExt;
use tokio::sync::Notify;

use super::places::{Doing, NoPlace};
use super::*;

const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
/// Of `/large`.
const LARGE: usize = 24 << 20;

fn bounds(connections: usize) -> Bounds {
    let pace = Pace {
        bytes_per_second: 1 << 20,
        grace: Duration::from_millis(400),
    };
    let times = Times {
        head: Duration::from_millis(400),
        place: Duration::from_millis(300),
        stalled: Duration::from_millis(100),
    };
    Bounds {
        connections,
        per_address: connections,
        proxies: Networks::default(),
        pace,
        times,
    }
}

fn patient(connections: usize) -> Bounds {
    let long = Duration::from_mins(1);
    let plain = bounds(connections);
    Bounds {
        pace: Pace {
            grace: long,
            ..plain.pace
        },
        times: Times {
            head: long,
            ..plain.times
        },
        ..plain
    }
}

/// A listener whose `/wait` answers on demand.
struct Server {
    address: SocketAddr,
    metrics: Arc<Metrics>,
    go: Arc<Notify>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn start(bounds: Bounds) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, metrics, go, stop) = (
            socket.local_addr().unwrap(),
            Arc::new(Metrics::new()),
            Arc::new(Notify::new()),
            CancellationToken::new(),
        );
        let told = go.clone();
        let wait = get(async move || {
            told.notified().await;
            "waited"
        });
        let large = get(async || vec![7_u8; LARGE]);
        let routes = Router::new()
            .route("/", get(async || "here"))
            .route("/wait", wait)
            .route("/large", large);
        let routes = routes.route("/body", post(async |body: String| body));
        let listener = Listener {
            socket,
            name: ListenerName::App,
        };
        let task = tokio::spawn(serve(
            listener,
            routes,
            bounds,
            metrics.clone(),
            stop.clone(),
        ));
        Self {
            address,
            metrics,
            go,
            stop,
            task,
        }
    }

    async fn send(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }

    /// A connection whose request is being answered.
    async fn busy(&self) -> TcpStream {
        self.send(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n").await
    }

    /// Asks on a connection of its own.
    async fn ask(&self) -> String {
        answer(&mut self.send(ASK).await).await
    }

    async fn until(&self, count: &str) {
        let found = async {
            while !self.metrics.text().unwrap().contains(count) {
                tokio::task::yield_now().await;
            }
        };
        assert!(
            within(5, found).await.is_some(),
            "{count} in {}",
            self.metrics.text().unwrap()
        );
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

async fn within<T>(seconds: u64, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(Duration::from_secs(seconds), future)
        .await
        .ok()
}

/// One short answer.
async fn answer(stream: &mut TcpStream) -> String {
    let mut answer = vec![0; 1000];
    let length = within(5, stream.read(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

/// Whether the other end has closed it, once it has had the time.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let end = async { while matches!(stream.read(&mut [0; 4096]).await, Ok(1..)) {} };
    within(5, end).await.is_some()
}

#[tokio::test]
async fn connections_beyond_the_bound_wait_and_are_told_to_come_back_when_all_are_at_work() {
    let server = Server::start(patient(2)).await;
    let open = [server.busy().await, server.busy().await];
    server.until(r#"connections_open{listener="app"} 2"#).await;
    let mut refused = server.send(ASK).await;
    let mut answered = String::new();
    refused.read_to_string(&mut answered).await.unwrap();
    let (head, body) = answered.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("HTTP/1.1 503 ") && head.contains("\r\nretry-after: 5\r\n"),
        "{head}"
    );
    assert_eq!(
        serde_json::from_str::<Problem>(body).unwrap().code,
        tintype_dto::ProblemCode::Overloaded
    );
    let waiting = server.send(ASK);
    server.go.notify_one();
    assert!(
        answer(&mut waiting.await).await.ends_with("here"),
        "one has ended, and is idle"
    );
    server
        .until(r#"connections_ended_total{listener="app",reason="idle"} 1"#)
        .await;
    drop(open);
    server.end().await;
}

#[tokio::test]
async fn bodies_that_come_in_drops_keep_nobody_out() {
    let server = Server::start(patient(2)).await;
    let head = b"POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n";
    let dripping = async {
        let mut streams = [server.send(head).await, server.send(head).await];
        loop {
            for stream in &mut streams {
                // One that has lost its place can't be written to.
                let _ = stream.write_all(b"x").await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let asking = async {
        server.until(r#"connections_open{listener="app"} 2"#).await;
        server.ask().await
    };
    tokio::select! {
        () = dripping => unreachable!("they go on for ever"),
        answer = asking => assert!(answer.ends_with("here"), "{answer}"),
    }
    server.end().await;
}

#[tokio::test]
async fn whoever_has_asked_for_nothing_for_longest_makes_room_for_somebody_new() {
    let server = Server::start(patient(3)).await;
    let mut silent = server.send(b"").await;
    server.until(r#"connections_open{listener="app"} 1"#).await;
    let mut half = server.send(b"GET / HTTP/1.1\r\nhos").await;
    server.until(r#"connections_open{listener="app"} 2"#).await;
    let busy = server.busy().await;
    server.until(r#"connections_open{listener="app"} 3"#).await;
    let mut kept = server.send(ASK).await;
    assert!(answer(&mut kept).await.ends_with("here"));
    assert!(is_closed(&mut silent).await, "the oldest");
    assert!(server.ask().await.ends_with("here"));
    assert!(
        is_closed(&mut half).await,
        "then half a request, which is older than what was answered"
    );
    kept.write_all(ASK).await.unwrap();
    assert!(
        answer(&mut kept).await.ends_with("here"),
        "the rest goes on"
    );
    let (mut busy, go) = (busy, server.go.clone());
    go.notify_one();
    assert!(answer(&mut busy).await.ends_with("waited"));
    server.end().await;
}

#[tokio::test]
async fn silence_ends_in_bounded_time_however_far_a_request_has_come() {
    let server = Server::start(bounds(20)).await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let mut streams = Vec::new();
    for begun in [
        b"".as_slice(),
        b"G",
        b"PRI",
        preface,
        &[preface.as_slice(), &[0, 0, 0, 4, 0, 0, 0, 0, 0]].concat(),
        b"GET / HTTP/1.1\r\nhost: x\r\n",
        b"\r\n\r\n",
    ] {
        streams.push(server.send(begun).await);
    }
    let mut kept = server.send(ASK).await;
    assert!(answer(&mut kept).await.ends_with("here"));
    streams.push(kept);
    for stream in &mut streams {
        assert!(is_closed(stream).await);
    }
    server.until(r#"connections_open{listener="app"} 0"#).await;
    server.end().await;
}

#[tokio::test]
async fn a_head_that_comes_letter_by_letter_has_no_more_time_than_another() {
    let server = Server::start(bounds(20)).await;
    let begun = Instant::now();
    let mut stream = server.send(b"GET / HTTP/1.1\r\nx: ").await;
    while stream.write_all(b"a").await.is_ok() && begun.elapsed() < Duration::from_secs(5) {
        let _ = tokio::time::timeout(Duration::from_millis(20), stream.readable()).await;
    }
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "{:?}",
        begun.elapsed()
    );
    server.end().await;
}

#[tokio::test]
async fn whoever_is_refused_in_the_middle_of_a_body_reads_why() {
    let server = Server::start(bounds(8)).await;
    let head = format!("POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: {LARGE}\r\n\r\n");
    let mut stream = server.send(head.as_bytes()).await;
    for _ in 0..LARGE / 4096 {
        stream.write_all(&[b'x'; 4096]).await.unwrap();
    }
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    server.end().await;
}

#[tokio::test]
async fn answers_have_to_be_taken_at_a_least_pace() {
    let server = Server::start(bounds(20)).await;
    let large = b"GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let begun = Instant::now();
    let mut idle = server.send(large).await;
    server
        .until(r#"connections_ended_total{listener="app",reason="slow"} 1"#)
        .await;
    assert!(begun.elapsed() >= Duration::from_millis(400));
    let mut got = Vec::new();
    assert!(
        idle.read_to_end(&mut got).await.is_err() || got.len() < LARGE,
        "it was cut off"
    );
    // A reader that is fast enough may take its time: here a second and more, with pauses.
    let mut steady = server.send(large).await;
    let (mut got, mut piece, begun) = (0, vec![0; 1 << 20], Instant::now());
    loop {
        let length = steady.read(&mut piece).await.unwrap();
        got += length;
        if length == 0 {
            break;
        }
        if got < 8 << 20 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    assert!(
        got > LARGE && begun.elapsed() > Duration::from_millis(5),
        "{got}"
    );
    server.until(r#"connections_open{listener="app"} 0"#).await;
    server.end().await;
}

#[tokio::test]
async fn whoever_keeps_us_waiting_in_the_middle_of_a_request_makes_room_too() {
    let server = Server::start(patient(1)).await;
    let reader = b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n".as_slice();
    let sender = b"POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf".as_slice();
    for (n, begun) in [(1, reader), (2, sender)] {
        let mut slow = server.send(begun).await;
        server.until(r#"connections_open{listener="app"} 1"#).await;
        assert!(server.ask().await.ends_with("here"));
        server
            .until(&format!(
                r#"connections_ended_total{{listener="app",reason="stalled"}} {n}"#
            ))
            .await;
        assert!(is_closed(&mut slow).await);
        server.until(r#"connections_open{listener="app"} 0"#).await;
    }
    server.end().await;
}

fn places(bounds: Bounds) -> Arc<Places> {
    Places::new(ListenerName::App, bounds, Arc::new(Metrics::new()))
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn an_address_has_a_part_of_the_places_and_a_network_of_ipv6_is_one_address() {
    let places = places(Bounds {
        per_address: 2,
        proxies: serde_json::from_str(r#""10.0.0.0/8, 2001:db8:9::1""#).unwrap(),
        ..bounds(100)
    });
    for [first, second, third, other] in [
        ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2"],
        [
            "2001:db8::1",
            "2001:db8::2:1",
            "2001:db8:0:0:ffff::",
            "2001:db8:0:1::1",
        ],
    ] {
        let held = [
            places.take(ip(first)).await.unwrap(),
            places.take(ip(second)).await.unwrap(),
        ];
        for place in &held {
            place.activity().now(Doing::Answers, true);
        }
        assert_eq!(
            places.take(ip(third)).await.err(),
            Some(NoPlace::OfAddress),
            "{third}"
        );
        assert!(places.take(ip(other)).await.is_ok(), "{other}");
        held[1].activity().now(Doing::Answers, false);
        held[1].activity().flushed();
        let _new = places.take(ip(third)).await.unwrap();
        assert!(
            within(1, held[1].lost()).await.is_some(),
            "its own idle one has made room for it"
        );
        drop(held);
        assert!(places.take(ip(first)).await.is_ok());
    }
    let mut held = Vec::new();
    for exempt in [
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "::ffff:127.0.0.1",
        "10.1.2.3",
        "2001:db8:9::1",
    ] {
        for _ in 0..5 {
            let place = places.take(ip(exempt)).await.unwrap();
            place.activity().now(Doing::Answers, true);
            held.push(place);
        }
    }
    assert_eq!(held.len(), 30);
}

#[tokio::test]
async fn a_place_that_was_lost_is_given_up_once() {
    let places = places(bounds(2));
    let mut taken = Vec::new();
    for _ in 0..50 {
        taken.push(places.take(ip("192.0.2.1")).await.unwrap());
    }
    // Those that were lost say and give up what they like.
    for place in &taken {
        place.activity().now(Doing::Answers, true);
    }
    assert_eq!(
        places.take(ip("192.0.2.2")).await.err(),
        Some(NoPlace::Full),
        "two are at work"
    );
    drop(taken.drain(..48));
    assert_eq!(
        places.take(ip("192.0.2.2")).await.err(),
        Some(NoPlace::Full),
        "two are at work still"
    );
    drop(taken);
    assert!(places.take(ip("192.0.2.2")).await.is_ok());
}

#[tokio::test]
async fn the_end_of_an_answer_is_written_before_its_place_can_be_lost() {
    let places = places(bounds(1));
    let place = places.take(ip("192.0.2.1")).await.unwrap();
    let activity = place.activity();
    activity.now(Doing::Answers, true);
    activity.flushed();
    activity.now(Doing::Holds, true);
    activity.now(Doing::Answers, false);
    activity.now(Doing::Holds, false);
    assert_eq!(
        places.take(ip("192.0.2.2")).await.err(),
        Some(NoPlace::Full),
        "it may write on"
    );
    activity.flushed();
    assert!(
        places.take(ip("192.0.2.2")).await.is_ok(),
        "it has nothing more to do"
    );
    assert!(within(1, place.lost()).await.is_some());
}

#[tokio::test]
async fn a_queue_for_places_is_bounded_and_moves_on() {
    let plain = bounds(1);
    let metrics = Arc::new(Metrics::new());
    let places = Places::new(
        ListenerName::App,
        Bounds {
            times: Times {
                place: Duration::from_secs(20),
                ..plain.times
            },
            ..plain
        },
        metrics.clone(),
    );
    let first = places.take(ip("127.0.0.1")).await.unwrap();
    first.activity().now(Doing::Answers, true);
    let newcomer = || {
        let places = places.clone();
        tokio::spawn(async move {
            places
                .take(ip("127.0.0.1"))
                .await
                .map(|place| place.activity().now(Doing::Answers, true))
        })
    };
    let newcomers: Vec<_> = (0..200).map(|_| newcomer()).collect();
    while !metrics.text().unwrap().contains(r#"reason="refused"} 72"#) {
        tokio::task::yield_now().await;
    }
    drop(first);
    let found = futures::future::join_all(newcomers).await;
    assert_eq!(
        found
            .iter()
            .filter(|result| matches!(result, Ok(Ok(()))))
            .count(),
        128
    );
}
