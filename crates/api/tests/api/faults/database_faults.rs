//! What becomes of requests while the database is away.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures::future::join_all;
use futures::{StreamExt, stream};
use tintype_core::secret::Secret;
use tintype_dto::{Image, Problem, Upload};
use tokio_util::sync::CancellationToken;

use super::cluster::{Cluster, Down};
use super::database::{Fault, Wire};
use super::operations::{Ended, Operation, Wanted};
use super::requests::{NAMES, Request, is_there};
use crate::client::{Answer, Client};
use crate::pictures::jpeg;
use crate::server::{On, TestServer, new_postgres_database};

/// How long an answer may take: what waits for a connection waits 1.5 s, and what has lost one may wait again. And a slow machine.
const BOUND: Duration = Duration::from_secs(12);
/// How soon all is well again.
const RECOVERY: Duration = Duration::from_secs(5);

async fn server_by(url: &str) -> TestServer {
    let server = TestServer::start_with(On::Sqlite, |config| {
        config.database.url = Some(Secret::from(url.to_owned()));
        config.auth.jwt_secret = Some(Secret::from("0123456789abcdefghijklmnopqrstuv".to_owned()));
        config.rates.registrations_per_address = 10_000;
        config.server.worker = false;
    });
    server.await
}

async fn behind_a_wire() -> (TestServer, Wire) {
    let database = new_postgres_database().await;
    let name = database.split(['/', '?']).nth(3).unwrap().to_owned();
    let wire = Wire::to(&std::env::var("TINTYPE_TEST_POSTGRES").unwrap(), &name).await;
    (server_by(&wire.url).await, wire)
}

/// 503 that says when to come back.
fn is_refusal(answer: &Answer) -> bool {
    answer.status == 503 && !answer.header("retry-after").is_empty() && {
        let problem: Problem = answer.json();
        ["database_unavailable", "overloaded"].contains(&problem.code.name())
    }
}

/// The Nth statement goes wrong, for N = 1, 2, ... until nothing goes wrong any more.
async fn sweep(fault: Fault, names: &[&str]) {
    let (server, wire) = behind_a_wire().await;
    let mut seed = 0;
    for name in names {
        for nth in 1.. {
            let case = format!("{fault:?} of statement {nth} of {name}");
            seed += 1;
            let request = Request::prepare(name, &server, seed).await;
            wire.set(fault, nth);
            let start = Instant::now();
            let answer = request.send().await;
            let took = start.elapsed();
            let hit = wire.mend();
            let told = || {
                format!(
                    "{case}: {} {} after {took:?}",
                    answer.status,
                    String::from_utf8_lossy(&answer.body)
                )
            };
            assert!(took < BOUND, "{}", told());
            assert!(
                answer.status == request.done
                    || answer.status == 202
                    || hit > 0 && is_refusal(&answer),
                "{}",
                told()
            );
            let start = Instant::now();
            loop {
                let again = request.send().await;
                if again.status == request.done || again.status == request.done_before {
                    break;
                }
                let told_again = || {
                    format!(
                        "{}, and then {} {}",
                        told(),
                        again.status,
                        String::from_utf8_lossy(&again.body)
                    )
                };
                assert!(
                    again.status != 500 && start.elapsed() < RECOVERY,
                    "{}",
                    told_again()
                );
            }
            if hit == 0 {
                break;
            }
        }
    }
    assert_eq!(server.faults().await, [], "{fault:?}");
}

macro_rules! sweeps {
    ($($name:ident: $fault:ident)+) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let thirds: Vec<_> = NAMES.chunks(NAMES.len().div_ceil(3)).map(|names| sweep(Fault::$fault, names)).collect();
            join_all(thirds).await;
        })+
    };
}

sweeps! {
    a_statement_that_is_lost_costs_nothing_and_nobody_a_500: Lost
    an_answer_of_the_database_that_is_lost_costs_nothing_and_nobody_a_500: ReplyLost
    a_database_that_refuses_connections_costs_nothing_and_nobody_a_500: Refused
}

/// The same for the worker: a round may fail, and the next ones finish what it was at.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_statement_of_the_worker_fails_its_next_rounds_finish_the_work() {
    let work = [Operation::Sweep, Operation::Finish, Operation::Purge];
    let sweeps = [Fault::Lost, Fault::ReplyLost]
        .into_iter()
        .flat_map(|fault| work.map(|operation| (fault, operation)));
    join_all(sweeps.map(async |(fault, operation)| {
        let (server, wire) = behind_a_wire().await;
        let ada = server.user().await;
        for (nth, seed) in (1..).zip(0..) {
            let wanted = Wanted::prepare(operation, &server, &ada, seed).await;
            wire.set(fault, nth);
            let start = Instant::now();
            let ended = wanted.ask(&server).await;
            assert!(
                start.elapsed() < BOUND,
                "{fault:?} of statement {nth} in {operation:?}: {:?}",
                start.elapsed()
            );
            let hit = wire.mend();
            let start = Instant::now();
            loop {
                // What one worker has claimed, others leave alone for 30 s; and then there is what was put off.
                server.clock.advance(TimeDelta::seconds(31));
                let again = wanted.ask(&server).await;
                if again == Ended::Well && wanted.is_so(&server).await {
                    break;
                }
                assert!(
                    start.elapsed() < RECOVERY,
                    "{fault:?} of statement {nth} in {operation:?}: {ended:?}, and then {again:?}"
                );
            }
            if hit == 0 {
                assert_eq!(ended, Ended::Well, "{fault:?} in {operation:?}");
                break;
            }
        }
        assert_eq!(server.faults().await, [], "{fault:?} in {operation:?}");
    }))
    .await;
}

/// Every statement is delayed: every request succeeds all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_database_is_waited_for() {
    let (server, wire) = behind_a_wire().await;
    // Each registers a user, and the queue for bcrypt is bounded.
    let requests = stream::iter(NAMES.iter().zip(0..))
        .map(async |(name, seed)| (name, Request::prepare(name, &server, seed).await));
    for (name, request) in requests.buffered(4).collect::<Vec<_>>().await {
        wire.set(Fault::Slow, 1);
        let start = Instant::now();
        let answer = request.send().await;
        assert!(
            answer.status == request.done && start.elapsed() < BOUND,
            "{name}: {} after {:?}",
            answer.status,
            start.elapsed()
        );
        wire.mend();
    }
}

/// The connection stands, and nothing comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_does_not_answer_keeps_nobody_waiting_and_is_used_again() {
    let (server, wire) = behind_a_wire().await;
    let names = ["me", "confirm", "original", "share page"];
    let requests = join_all(
        names
            .iter()
            .zip(0..)
            .map(async |(name, seed)| Request::prepare(name, &server, seed).await),
    )
    .await;
    wire.set(Fault::Silent, 1);
    let start = Instant::now();
    for (name, answer) in names
        .iter()
        .zip(join_all(requests.iter().map(Request::send)).await)
    {
        assert!(is_refusal(&answer), "{name}: {}", answer.status);
    }
    assert!(
        start.elapsed() < Duration::from_secs(40),
        "{:?}",
        start.elapsed()
    );
    wire.mend();
    for (name, request) in names.iter().zip(&requests) {
        assert_eq!(request.send().await.status, request.done, "{name}");
    }
}

/// Uploads until it is stopped; returns the acknowledged uploads.
async fn busy(client: &Client, stop: &CancellationToken) -> Vec<Image> {
    let mut acknowledged = Vec::new();
    let mut seed = 0;
    while !stop.is_cancelled() {
        seed = (seed + 1) % 200;
        let bytes = jpeg(seed);
        let file = serde_json::json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": bytes.len()});
        let announced = client.post("/uploads", &file).await;
        if is_refusal(&announced) {
            continue;
        }
        let upload: Upload = announced.ok();
        assert_eq!(client.put(&upload, &bytes).await.status, 200);
        loop {
            let confirmed = client.confirm(upload.id).await;
            if confirmed.status == 200 {
                acknowledged.push(confirmed.ok());
                break;
            }
            assert!(
                confirmed.status == 202 || is_refusal(&confirmed),
                "{} {}",
                confirmed.status,
                String::from_utf8_lossy(&confirmed.body)
            );
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_restarts_under_load_loses_nothing_and_is_back_within_5_seconds() {
    let cluster = std::sync::Arc::new(tokio::task::spawn_blocking(Cluster::start).await.unwrap());
    let server = server_by(&cluster.url()).await;
    let ada = server.user().await;
    for down in [Down::Fast, Down::Immediate, Down::Killed] {
        let stop = CancellationToken::new();
        let restart = async {
            ada.upload("first.jpg", &jpeg(250)).await;
            let cluster = cluster.clone();
            tokio::task::spawn_blocking(move || cluster.restart(down))
                .await
                .unwrap();
            let start = Instant::now();
            loop {
                let answer = ada.get("/me").await;
                assert!(
                    answer.status == 200 || is_refusal(&answer),
                    "{down:?}: {}",
                    answer.status
                );
                if answer.status == 200 {
                    break;
                }
                assert!(start.elapsed() < RECOVERY, "{down:?}");
            }
            println!("{down:?}: back after {:?}", start.elapsed());
            // Work goes on for a while.
            ada.upload("last.jpg", &jpeg(251)).await;
            stop.cancel();
        };
        let (acknowledged, ()) = tokio::join!(join_all((0..4).map(|_| busy(&ada, &stop))), restart);
        let acknowledged = acknowledged.concat();
        println!("{down:?}: {} acknowledged", acknowledged.len());
        assert!(!acknowledged.is_empty());
        for image in &acknowledged {
            assert!(is_there(&server, &ada, image).await, "{down:?}: {image:?}");
        }
        server.work().await;
        assert_eq!(server.faults().await, [], "{down:?}");
    }
    server.db().clone().close().await.unwrap();
}
