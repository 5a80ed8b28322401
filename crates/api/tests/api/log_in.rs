//! Guessing is stopped, attackers lock no owner out, and response times reveal no names.

use chrono::TimeDelta;
use prometheus_client::metrics::histogram::Histogram;
use reqwest::{Method, StatusCode};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter};
use serde_json::json;
use tintype_api::config::Networks;
use tintype_core::accounts::{NewAccount, queries};
use tintype_core::db::{known_address, rate_count, user};
use tintype_core::operator;
use tintype_core::passwords::Passwords;
use tintype_dto::{Session, User};

use crate::client::{Answer, Client};
use crate::server::{On, TestServer, on_both_databases};

const RIGHT: &str = "correct horse";
const WRONG: &str = "wrong horse";

/// Every client counts as a proxy.
async fn behind_a_proxy(on: On, per_address: u32) -> TestServer {
    TestServer::start_with(on, |config| {
        config.server.trusted_proxies = trusting("127.0.0.0/8");
        config.rates.failed_logins_per_address = per_address;
    })
    .await
}

fn trusting(networks: &str) -> Networks {
    serde_json::from_value(json!(networks)).unwrap()
}

async fn log_in_from(server: &TestServer, address: &str, name: &str, password: &str) -> Answer {
    let client = server.anonymous();
    let body = json!({"username": name, "password": password});
    client
        .send_to(Method::POST, &format!("{}/auth/login", client.api), |r| {
            r.json(&body).header("x-forwarded-for", address)
        })
        .await
}

async fn log_in(server: &TestServer, name: &str, password: &str) -> Answer {
    server
        .anonymous()
        .post(
            "/auth/login",
            &json!({"username": name, "password": password}),
        )
        .await
}

/// An account that was never signed in to from anywhere.
async fn account(server: &TestServer, name: &str, cost: u32) -> user::Model {
    let passwords = Passwords::new(cost, Histogram::new([]));
    let account = NewAccount {
        username: name,
        email: &format!("{name}@example.com"),
        password: RIGHT,
    };
    operator::add_user(server.db(), &passwords, account, server.clock.now())
        .await
        .unwrap();
    stored(server, name).await
}

async fn stored(server: &TestServer, name: &str) -> user::Model {
    queries::find_by_login(server.db(), name)
        .await
        .unwrap()
        .unwrap()
}

async fn counted(db: &DatabaseConnection) -> i64 {
    rate_count::Entity::find()
        .all(db)
        .await
        .unwrap()
        .iter()
        .map(|row| row.count)
        .sum()
}

async fn known(db: &DatabaseConnection) -> Vec<known_address::Model> {
    known_address::Entity::find().all(db).await.unwrap()
}

fn refused(answer: &Answer) {
    answer.problem("rate_limited");
    assert!((1..=900).contains(&answer.header("retry-after").parse::<i64>().unwrap()));
}

on_both_databases! {
    async fn an_account_has_ten_tries_under_all_its_names_together(server: TestServer) {
        account(&server, "ada", 4).await;
        for name in ["ada", "ada@example.com", " ADA ", "Ada@Example.com", "ada"] {
            log_in(&server, name, WRONG).await.problem("invalid_credentials");
            log_in(&server, name, WRONG).await.problem("invalid_credentials");
        }
        for name in ["ada", "ada@example.com", "ADA\t"] {
            refused(&log_in(&server, name, WRONG).await);
            refused(&log_in(&server, name, RIGHT).await);
        }
        // An unknown name is counted as well, and its id is no name.
        let id = stored(&server, "ada").await.id;
        for name in ["nobody".to_owned(), format!("id {id}")] {
            for _ in 0..10 {
                log_in(&server, &name, WRONG).await.problem("invalid_credentials");
            }
            refused(&log_in(&server, &name, WRONG).await);
        }
        server.clock.advance(TimeDelta::minutes(16));
        assert_eq!(log_in(&server, "ada", RIGHT).await.status, 200);
    }

    async fn white_space_around_a_name_does_not_count(server: TestServer) {
        account(&server, "ada", 4).await;
        for name in [" ada", "ada\n", "\t Ada \u{a0}", " ada@example.com "] {
            assert_eq!(log_in(&server, name, RIGHT).await.status, 200, "{name:?}");
        }
        log_in(&server, "a da", RIGHT).await.problem("invalid_credentials");
    }

    async fn what_is_refused_is_not_counted_and_never_compared(server: TestServer) {
        let ada = account(&server, "ada", 4).await;
        for _ in 0..10 {
            log_in(&server, "ada", WRONG).await.problem("invalid_credentials");
        }
        let before = counted(server.db()).await;
        // A hash that can't be compared: comparing it would be a 500.
        let broken = user::Entity::update_many().col_expr(user::Column::PasswordHash, Expr::value("v1$2b$04$broken"));
        broken.filter(user::Column::Id.eq(ada.id)).exec(server.db()).await.unwrap();
        let answers = futures::future::join_all((0..120).map(|n| log_in(&server, "ada", if n % 2 == 0 { RIGHT } else { WRONG }))).await;
        answers.iter().for_each(refused);
        assert_eq!(counted(server.db()).await, before);
        // Neither the account's time nor the address's tries are used up by it.
        account(&server, "eve", 4).await;
        assert_eq!(log_in(&server, "eve", RIGHT).await.status, 200);
        log_in(&server, "eve", WRONG).await.problem("invalid_credentials");
        server.clock.advance(TimeDelta::minutes(15));
        assert_eq!(log_in(&server, "ada", RIGHT).await.status, 500, "now it is looked at");
    }

    async fn tries_at_once_are_counted_one_by_one(server: TestServer) {
        account(&server, "ada", 4).await;
        let answers = futures::future::join_all((0..40).map(async |n| {
            loop {
                let answer = log_in(&server, if n % 2 == 0 { "ada" } else { "ada@example.com" }, WRONG).await;
                if answer.status != StatusCode::SERVICE_UNAVAILABLE {
                    break answer;
                }
            }
        })).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 10);
        assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 30);
        assert_eq!(counted(server.db()).await, 20, "ten of the account, ten of the address");
    }

    async fn what_succeeds_is_not_counted(server: TestServer) {
        let ada = account(&server, "ada", 4).await;
        for _ in 0..12 {
            assert_eq!(log_in(&server, "ada", RIGHT).await.status, 200);
        }
        operator::disable_user(server.db(), &ada.username, server.clock.now()).await.unwrap();
        for _ in 0..12 {
            log_in(&server, "ada", RIGHT).await.problem("account_disabled");
        }
        assert_eq!(counted(server.db()).await, 0);
    }

    async fn a_known_address_is_noted_once_a_day_without_its_name_and_forgotten_after_30(server: TestServer) {
        account(&server, "ada", 4).await;
        log_in(&server, "ada", WRONG).await.problem("invalid_credentials");
        assert_eq!(known(server.db()).await, []);
        log_in(&server, "ada", RIGHT).await.ok::<Session>();
        let noted = known(server.db()).await;
        assert!(noted.len() == 1 && noted[0].key.len() == 64 && noted[0].key.bytes().all(|b| b.is_ascii_hexdigit()), "{noted:?}");
        server.clock.advance(TimeDelta::hours(23));
        log_in(&server, "ada@example.com", RIGHT).await.ok::<Session>();
        assert_eq!(known(server.db()).await, noted, "nothing is written");
        server.clock.advance(TimeDelta::hours(2));
        log_in(&server, "ada", RIGHT).await.ok::<Session>();
        let again = known(server.db()).await;
        assert!(again.len() == 1 && again[0].key == noted[0].key && again[0].seen_at > noted[0].seen_at, "{again:?}");
        server.clock.advance(TimeDelta::days(30) - TimeDelta::minutes(1));
        server.work().await;
        assert_eq!(known(server.db()).await.len(), 1);
        server.clock.advance(TimeDelta::minutes(2));
        server.work().await;
        assert_eq!(known(server.db()).await, []);
    }

    async fn a_hash_of_another_cost_is_made_anew_at_log_in_and_ends_no_session(server: TestServer) {
        let dear = account(&server, "dear", 6).await;
        let cheap = account(&server, "cheap", 4).await;
        assert_eq!(queries::dearest_cost(server.db()).await.unwrap(), Some(6));
        let session = Client { session: Some(log_in(&server, "dear", RIGHT).await.ok()), ..server.anonymous() };
        let renewed = stored(&server, "dear").await;
        assert!(dear.password_hash.starts_with("v1$2b$06$") && renewed.password_hash.starts_with("v1$2b$04$"), "{renewed:?}");
        assert_eq!(renewed, user::Model { password_hash: renewed.password_hash.clone(), ..dear });
        assert_eq!(session.get("/me").await.ok::<User>().username, "dear");
        assert_eq!(queries::dearest_cost(server.db()).await.unwrap(), Some(4));
        log_in(&server, "cheap", WRONG).await.problem("invalid_credentials");
        log_in(&server, "cheap", RIGHT).await.ok::<Session>();
        assert_eq!(stored(&server, "cheap").await, cheap, "what is current stays");
        log_in(&server, "dear", RIGHT).await.ok::<Session>();
        assert_eq!(stored(&server, "dear").await, renewed);
    }

    async fn a_password_that_is_changed_meanwhile_is_not_undone_by_a_hash_made_anew(server: TestServer) {
        let ada = account(&server, "ada", 5).await;
        let renewed = Passwords::new(4, Histogram::new([])).hash(RIGHT).await.unwrap();
        operator::reset_password(server.db(), &Passwords::new(4, Histogram::new([])), "ada", "battery staple").await.unwrap();
        assert!(!queries::renew_hash(server.db(), &ada, &renewed).await.unwrap());
        log_in(&server, "ada", RIGHT).await.problem("invalid_credentials");
        log_in(&server, "ada", "battery staple").await.ok::<Session>();
        // Nor does the end of all sessions bring the older hash back.
        let eve = account(&server, "eve", 5).await;
        let renewed = Passwords::new(4, Histogram::new([])).hash(RIGHT).await.unwrap();
        assert!(queries::renew_hash(server.db(), &eve, &renewed).await.unwrap());
        assert!(queries::end_sessions(server.db(), eve, None).await.unwrap().is_some());
        assert_eq!(stored(&server, "eve").await.password_hash, renewed);
    }
}

async fn a_neighbour_spends_the_tries(on: On) {
    let server = behind_a_proxy(on, 20).await;
    let (here, elsewhere) = ("203.0.113.1", "203.0.113.2");
    for name in ["ada", "bob"] {
        account(&server, name, 4).await;
    }
    assert_eq!(log_in_from(&server, here, "ada", RIGHT).await.status, 200);
    let spend = async || {
        for n in 0..20 {
            log_in_from(&server, here, &format!("guess{n}"), WRONG)
                .await
                .problem("invalid_credentials");
        }
    };
    spend().await;
    // The neighbour is stopped, at every name, and so is a user without a known address.
    for (name, password) in [
        ("guess0", WRONG),
        ("another", WRONG),
        ("bob", WRONG),
        ("bob", RIGHT),
    ] {
        refused(&log_in_from(&server, here, name, password).await);
    }
    // A user who was here before has ten tries, by any name, and no more.
    for n in 0..9 {
        log_in_from(
            &server,
            here,
            if n % 2 == 0 { "ada" } else { "ada@example.com" },
            WRONG,
        )
        .await
        .problem("invalid_credentials");
    }
    assert_eq!(log_in_from(&server, here, "ada", RIGHT).await.status, 200);
    log_in_from(&server, here, "ada", WRONG)
        .await
        .problem("invalid_credentials");
    refused(&log_in_from(&server, here, "ada", RIGHT).await);
    // None of this is known elsewhere.
    assert_eq!(
        log_in_from(&server, elsewhere, "bob", RIGHT).await.status,
        200
    );
    // A month without a log-in, and the address is not known any more.
    server.clock.advance(TimeDelta::days(31));
    spend().await;
    refused(&log_in_from(&server, here, "ada", RIGHT).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_neighbour_who_spends_the_tries_of_an_address_locks_no_known_account_out_on_sqlite() {
    a_neighbour_spends_the_tries(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_neighbour_who_spends_the_tries_of_an_address_locks_no_known_account_out_on_postgres() {
    a_neighbour_spends_the_tries(On::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_registers_at_an_address_is_known_there() {
    let server = behind_a_proxy(On::Sqlite, 1).await;
    let ada = server.user().await;
    log_in(&server, "nobody", WRONG)
        .await
        .problem("invalid_credentials");
    assert_eq!(
        log_in(&server, &ada.session.as_ref().unwrap().user.username, RIGHT)
            .await
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_is_asked_for_again_shares_the_tries_of_a_log_in() {
    let server = TestServer::start(On::Sqlite).await;
    let ada = server.user().await;
    let User {
        username, email, ..
    } = ada.session.as_ref().unwrap().user.clone();
    for name in [&username, &email] {
        for _ in 0..4 {
            log_in(&server, name, WRONG)
                .await
                .problem("invalid_credentials");
        }
        ada.post("/me/delete", &json!({"password": WRONG}))
            .await
            .problem("wrong_password");
    }
    let change = json!({"current_password": RIGHT, "new_password": "battery staple"});
    refused(&ada.post("/me/password", &change).await);
    refused(&ada.post("/me/delete", &json!({"password": RIGHT})).await);
    refused(&log_in(&server, &username, RIGHT).await);
    assert_eq!(
        counted(server.db()).await,
        21,
        "10 of the account, 10 of the address, and one registration"
    );
    server.clock.advance(TimeDelta::minutes(16));
    assert_eq!(ada.post("/me/password", &change).await.status, 200);
}
