//! Accounts and tokens against what hostile input gets.

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use sea_orm::{EntityTrait, Set};
use serde_json::{Value, json};
use tintype_core::db::user;
use tintype_dto::{Registration, Session, User};

use crate::server::{On, TestServer, on_both_databases};

fn registration(name: &str) -> Value {
    json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse"})
}

on_both_databases! {
    async fn a_new_account_is_signed_in_for_seven_days(server: TestServer) {
        let mut ada = server.anonymous();
        let answer = ada.post("/auth/register", &registration("Ada_L")).await;
        assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::CREATED, "no-store"));
        let session: Session = answer.ok();
        assert_eq!(session.user.username, "ada_l");
        ada.session = Some(session);
        assert_eq!(ada.get("/me").await.ok::<User>().username, "ada_l");
        server.clock.advance(TimeDelta::days(7) - TimeDelta::minutes(1));
        assert_eq!(ada.get("/me").await.status, 200);
        server.clock.advance(TimeDelta::minutes(2));
        let answer = ada.get("/me").await;
        answer.problem("unauthenticated");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }

    async fn names_and_addresses_are_unique_in_canonical_form(server: TestServer) {
        let client = server.anonymous();
        client.post("/auth/register", &registration("ada")).await.ok::<Session>();
        let mut again = registration("ADA");
        again["email"] = json!("other@example.com");
        client.post("/auth/register", &again).await.problem("username_taken");
        let mut again = registration("eve");
        again["email"] = json!(" Ada@EXAMPLE.com");
        client.post("/auth/register", &again).await.problem("email_taken");
    }

    async fn racing_registrations_make_one_account(server: TestServer) {
        let client = server.anonymous();
        let tasks: Vec<_> = (0..8).map(|_| { let c = client.clone(); tokio::spawn(async move { c.post("/auth/register", &registration("ada")).await.status }) }).collect();
        let mut made = 0;
        for task in tasks {
            match task.await.unwrap().as_u16() { 201 => made += 1, 409 => {}, other => panic!("{other}") }
        }
        assert_eq!(made, 1);
    }

    async fn one_signs_in_by_name_or_address_in_any_case(server: TestServer) {
        let client = server.anonymous();
        client.post("/auth/register", &registration("ada")).await.ok::<Session>();
        for name in ["ada", "ADA", "ada@example.com", "Ada@Example.COM"] {
            client.post("/auth/login", &json!({"username": name, "password": "correct horse"})).await.ok::<Session>();
        }
    }

    async fn an_unknown_name_and_a_wrong_password_get_the_same_answer(server: TestServer) {
        let client = server.anonymous();
        client.post("/auth/register", &registration("ada")).await.ok::<Session>();
        let mut seen = Vec::new();
        for (name, password) in [("ada", "wrong horse"), ("nobody", "correct horse"), ("nobody@example.com", ""), ("a\0b", "x"), ("", ""), ("x@", "y")] {
            let answer = client.post("/auth/login", &json!({"username": name, "password": password})).await;
            let mut problem = answer.problem("invalid_credentials");
            problem.request_id = None;
            let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
            names.sort();
            seen.push((answer.status, problem, names));
        }
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
    }

    async fn bad_registrations_are_refused_with_every_faulty_field(server: TestServer) {
        let client = server.anonymous();
        let answer = client.post("/auth/register", &json!({"username": "аda", "email": "x", "password": "short"})).await;
        let fields: Vec<_> = answer.problem("validation_failed").errors.into_iter().map(|e| e.field).collect();
        assert_eq!(fields, ["username", "email", "password"]);
        for (field, value) in [("is_admin", json!(true)), ("id", json!("x")), ("token_version", json!(9))] {
            let mut body = registration("ada");
            body[field] = value;
            client.post("/auth/register", &body).await.problem("validation_failed");
        }
        client.post("/auth/register", &json!({"username": "ada"})).await.problem("validation_failed");
        client.post("/auth/register", &json!({"username": 5, "email": "a@b.c", "password": "correct horse"})).await.problem("validation_failed");
    }

    async fn a_token_of_an_older_version_or_of_a_deleted_user_is_refused(server: TestServer) {
        let (ada, bob) = (server.user().await, server.user().await);
        let id = ada.session.as_ref().unwrap().user.id;
        let raised = user::ActiveModel { id: Set(id.into()), token_version: Set(1), ..Default::default() };
        user::Entity::update(raised).exec(server.db()).await.unwrap();
        ada.get("/me").await.problem("unauthenticated");
        user::Entity::delete_by_id(bob.session.as_ref().unwrap().user.id).exec(server.db()).await.unwrap();
        bob.get("/me").await.problem("unauthenticated");
    }

    async fn a_token_of_another_server_is_refused(server: TestServer) {
        let other = TestServer::start(On::Sqlite).await;
        let mut ada = server.user().await;
        ada.session = other.user().await.session;
        ada.get("/me").await.problem("unauthenticated");
    }
}

#[tokio::test]
async fn registration_can_be_closed() {
    let server = TestServer::start_with(On::Sqlite, |config| {
        config.auth.registration = Some(Registration::Closed);
    })
    .await;
    let client = server.anonymous();
    client
        .post("/auth/register", &registration("ada"))
        .await
        .problem("registration_closed");
    let limits: tintype_dto::Limits = client.get("/limits").await.ok();
    assert_eq!(limits.registration, Registration::Closed);
}

#[tokio::test]
async fn odd_authorization_headers_are_refused() {
    let server = TestServer::start(On::Sqlite).await;
    let ada = server.user().await;
    let token = &ada.session.as_ref().unwrap().token;
    let url = format!("{}/me", ada.api);
    for header in [
        String::new(),
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer  {token}"),
        format!("Bearer {token}x"),
        "Bearer ".into(),
        "Bearer é".into(),
    ] {
        let answer = ada
            .send_to(Method::GET, &url, |r| r.header("authorization", &header))
            .await;
        answer.problem("unauthenticated");
    }
    assert_eq!(
        ada.send_to(Method::GET, &url, |r| r
            .header("authorization", format!("bearer {token}")))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn secrets_never_reach_the_data_that_is_printed() {
    let server = TestServer::start(On::Sqlite).await;
    let printed = format!("{:?}", server.app().config);
    for name in ["jwt-secret", "storage-secret"] {
        let path = server.folder.path().join(name);
        let secret = std::fs::read_to_string(&path).unwrap();
        assert!(!printed.contains(&secret));
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(path).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_second_process_on_the_same_folder_is_refused() {
    let server = TestServer::start(On::Sqlite).await;
    let mut config = server.config.clone();
    config.server.app_addr.set_port(0);
    config.server.media_addr.set_port(0);
    let Err(error) = tintype_api::serve::start(config, server.clock.clone()).await else {
        panic!("it started")
    };
    assert!(
        error.to_string().contains("another Tintype is running"),
        "{error}"
    );
}
