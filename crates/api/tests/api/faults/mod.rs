//! Faults between the server and its store or its database: responses come within bounds, no client gets a 500, and once the fault is over,
//! every request has its effect.

pub mod cluster;
mod database;
mod database_faults;
pub mod faulty_disk;
mod full_sqlite;
mod operations;
mod requests;
mod store;

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use operations::{Ended, Operation, Wanted};
use store::{Fault, Plan, Wire};
use tempfile::TempDir;
use tintype_api::config::Config;
use tintype_api::serve::{self, Process};
use tintype_core::secret::Secret;

use crate::server::{On, TestServer};

/// A server whose store is behind a wire that can break. Clients PUT past it.
struct Between {
    server: TestServer,
    wire: Wire,
    storage: Process,
    _folder: TempDir,
}

impl Between {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let keys = |config: &mut Config| {
            config.storage.access_key_id = Some("tintype".into());
            config.storage.secret_access_key =
                Some(Secret::from("abcdefghijklmnopqrstuv0123456789".to_owned()));
        };
        let mut config = Config {
            data_dir: folder.path().into(),
            ..Config::default()
        };
        config.storage.listen_addr.set_port(0);
        config.server.ops_addr.set_port(0);
        keys(&mut config);
        let storage = serve::start_storage(&config).await.unwrap();
        let wire = Wire::to(&storage.address).await;
        let server = TestServer::start_with(On::Sqlite, |config| {
            keys(config);
            config.storage.endpoint = Some(wire.url.parse().unwrap());
            config.storage.public_endpoint = Some(storage.address.parse().unwrap());
            config.server.worker = false;
        });
        Self {
            server: server.await,
            wire,
            storage,
            _folder: folder,
        }
    }

    async fn stop(self) {
        self.storage.stop().await;
    }
}

/// How long an answer may take: two calls that hang, in the worst case, and the time that a confirm waits.
const HANGING: Duration = Duration::from_secs(26);
/// The same where every call fails at once: three tries of one call with the pauses between them, and a slow machine.
const FAILING: Duration = Duration::from_secs(12);
/// How soon all is well again.
const RECOVERY: Duration = Duration::from_secs(5);
/// How often one call is tried.
const TRIES: usize = 3;

/// The Nth call goes wrong, and with `lasting` all that follow, for N = 1, 2, ... until nothing goes wrong any more.
async fn sweep(fault: Fault, operations: &[Operation], lasting: bool) {
    let between = Between::start().await;
    let (server, wire) = (&between.server, &between.wire);
    let mut picture = 0;
    for &operation in operations {
        let ada = server.user().await;
        for nth in 1.. {
            let case = format!(
                "{fault:?} of call {nth}{} in {operation:?}",
                if lasting { " and all behind it" } else { "" }
            );
            picture += 1;
            let wanted = Wanted::prepare(operation, server, &ada, picture).await;
            wire.set(Plan {
                fault,
                from: nth,
                to: if lasting { usize::MAX } else { nth },
            });
            let start = Instant::now();
            let ended = wanted.ask(server).await;
            let took = start.elapsed();
            let seen = wire.mend();
            let bound = if matches!(fault, Fault::Slow | Fault::Silent) {
                HANGING
            } else {
                FAILING
            };
            assert!(took < bound, "{case}: {took:?}");
            assert!(
                seen.hit <= TRIES || fault == Fault::Slow,
                "{case}: {seen:?}"
            );
            let may_be = match &ended {
                Ended::Well | Ended::Later => true,
                Ended::Refused(code) => match code.as_str() {
                    "storage_unavailable" => !operation.is_work(),
                    "" => operation == Operation::Head,
                    "not ready" => operation == Operation::Ready,
                    "not_uploaded" => fault == Fault::StaleHead,
                    _ => false,
                },
                Ended::Broken => {
                    matches!(fault, Fault::Truncated | Fault::ReplyLost | Fault::Silent)
                }
                Ended::Badly(_) => false,
            };
            assert!(
                may_be && (seen.hit > 0 || ended == Ended::Well),
                "{case}: {ended:?}, {seen:?}"
            );
            let start = Instant::now();
            loop {
                wanted.wait(server);
                let again = wanted.ask(server).await;
                if again == Ended::Well && wanted.is_so(server).await {
                    break;
                }
                assert!(
                    start.elapsed() < RECOVERY,
                    "{case}: {ended:?}, and then {again:?}"
                );
            }
            // What was left to the worker is not to meet the next fault.
            server.clock.advance(TimeDelta::seconds(20));
            server.work().await;
            if seen.hit == 0 {
                break;
            }
        }
    }
    assert_eq!(server.faults().await, [], "{fault:?}");
    between.stop().await;
}

/// Each test has a fault. Operations are swept side by side: most of the time goes into pauses.
macro_rules! sweeps {
    ($($name:ident: $fault:ident)+) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let (some, others) = Operation::ALL.split_at(Operation::ALL.len() / 2);
            futures::join!(
                sweep(Fault::$fault, some, false), sweep(Fault::$fault, others, false),
                sweep(Fault::$fault, some, true), sweep(Fault::$fault, others, true),
            );
        })+
    };
}

sweeps! {
    a_store_that_fails_costs_no_picture_and_nobody_a_500: Failure
    a_store_that_asks_to_slow_down_costs_no_picture_and_nobody_a_500: SlowDown
    a_connection_to_the_store_that_is_reset_costs_no_picture_and_nobody_a_500: Reset
    an_answer_of_the_store_that_is_lost_costs_no_picture_and_nobody_a_500: ReplyLost
    an_answer_of_the_store_that_is_cut_costs_no_picture_and_nobody_a_500: Truncated
    a_store_at_1_kb_a_second_costs_no_picture_and_nobody_a_500: Slow
    a_store_that_says_nothing_is_there_costs_no_picture_and_nobody_a_500: StaleHead
}

/// A request that waits for a hanging store fails in the time of two tries, and delays nothing afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_does_not_answer_costs_no_picture_and_nobody_a_500() {
    futures::join!(
        sweep(Fault::Silent, &[Operation::Confirm], false),
        sweep(Fault::Silent, &[Operation::Confirm], true),
        sweep(
            Fault::Silent,
            &[Operation::Original, Operation::Ready],
            false
        ),
        sweep(
            Fault::Silent,
            &[Operation::Original, Operation::Ready],
            true
        ),
    );
}
