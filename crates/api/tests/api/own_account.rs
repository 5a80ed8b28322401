//! What people do to their own account: a new password, the end of every session, the end of the account.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tintype_core::accounts::queries::Room;
use tintype_dto::{Session, Upload};

use crate::client::{Answer, Client};
use crate::pictures::{jpeg, png};
use crate::server::{TestServer, on_both_databases};

fn name(client: &Client) -> String {
    client.session.as_ref().unwrap().user.username.clone()
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

/// The same user, signed in once more.
async fn another_session(server: &TestServer, client: &Client) -> Client {
    Client {
        session: Some(log_in(server, &name(client), "correct horse").await.ok()),
        ..client.clone()
    }
}

fn change(current: &str, new: &str) -> Value {
    json!({"current_password": current, "new_password": new})
}

on_both_databases! {
    async fn a_changed_password_ends_every_session_but_the_new_one(server: TestServer) {
        let ada = server.user().await;
        let elsewhere = another_session(&server, &ada).await;
        let answer = ada.post("/me/password", &change("correct horse", "battery staple")).await;
        assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
        let fresh = Client { session: Some(answer.ok::<Session>()), ..ada.clone() };
        assert_eq!(fresh.get("/me").await.status, 200);
        for old in [&ada, &elsewhere] {
            old.get("/me").await.problem("unauthenticated");
        }
        log_in(&server, &name(&ada), "correct horse").await.problem("invalid_credentials");
        assert_eq!(log_in(&server, &name(&ada), "battery staple").await.status, 200);
    }

    async fn a_password_is_changed_by_who_knows_it_and_keeps_the_rules(server: TestServer) {
        let ada = server.user().await;
        ada.post("/me/password", &change("wrong horse", "battery staple")).await.problem("wrong_password");
        let short = ada.post("/me/password", &change("correct horse", "short")).await.problem("validation_failed");
        assert_eq!(short.errors[0].field, "new_password");
        ada.post("/me/password", &change("correct horse", &"x".repeat(257))).await.problem("validation_failed");
        ada.post("/me/password", &json!({"new_password": "battery staple"})).await.problem("validation_failed");
        assert_eq!(ada.get("/me").await.status, 200, "the session goes on");
        assert_eq!(log_in(&server, &name(&ada), "correct horse").await.status, 200);
    }

    async fn a_stolen_session_can_not_guess_the_password(server: TestServer) {
        let ada = server.user().await;
        for _ in 0..5 {
            ada.post("/me/password", &change("wrong horse", "battery staple")).await.problem("wrong_password");
            ada.post("/me/delete", &json!({"password": "wrong horse"})).await.problem("wrong_password");
        }
        let refused = ada.post("/me/password", &change("correct horse", "battery staple")).await;
        refused.problem("rate_limited");
        assert!(refused.header("retry-after").parse::<u32>().unwrap() <= 900);
        ada.post("/me/delete", &json!({"password": "correct horse"})).await.problem("rate_limited");
    }

    async fn of_two_changes_at_once_one_is_made(server: TestServer) {
        let ada = server.user().await;
        let changes = (0..4).map(|n| { let ada = ada.clone(); async move { ada.post("/me/password", &change("correct horse", &format!("battery staple {n}"))).await } });
        let answers = futures::future::join_all(changes).await;
        let made: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(made.len(), 1);
        for refused in answers.iter().filter(|answer| answer.status != 200) {
            assert!(["unauthenticated", "wrong_password"].contains(&refused.json::<tintype_dto::Problem>().code.name()));
        }
        let winner = Client { session: Some(made[0].ok()), ..ada };
        assert_eq!(winner.get("/me").await.status, 200);
    }

    async fn signing_out_everywhere_ends_every_session_at_once(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let elsewhere = another_session(&server, &ada).await;
        assert_eq!(ada.send(reqwest::Method::POST, "/me/logout-everywhere", None).await.status, 204);
        for ended in [&ada, &elsewhere] {
            ended.get("/me").await.problem("unauthenticated");
        }
        assert_eq!(eve.get("/me").await.status, 200);
        assert_eq!(another_session(&server, &ada).await.get("/me").await.status, 200);
    }

    async fn a_deleted_account_is_gone_with_its_images_and_uploads(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let (gone, stays) = (ada.upload("a.jpg", &jpeg(1)).await, eve.upload("b.jpg", &jpeg(2)).await);
        let bytes = png(3);
        let landed: Upload = ada.announce("c.png", &bytes).await;
        assert_eq!(ada.put(&landed, &bytes).await.status, 200);
        ada.post("/me/delete", &json!({"password": "wrong horse"})).await.problem("wrong_password");
        assert_eq!(ada.post("/me/delete", &json!({"password": "correct horse"})).await.status, 204);
        for path in ["/me/delete", "/me/password"] {
            ada.post(path, &json!({"password": "correct horse"})).await.problem("unauthenticated");
        }
        ada.confirm(landed.id).await.problem("unauthenticated");
        log_in(&server, &name(&ada), "correct horse").await.problem("invalid_credentials");
        // What the row is called until it goes is no name to sign in by.
        let id = ada.session.as_ref().unwrap().user.id;
        log_in(&server, &format!("deleted {id}"), "correct horse").await.problem("invalid_credentials");
        server.fetch(&gone.links.original).await.problem("not_found");
        server.clock.advance(chrono::TimeDelta::hours(2));
        server.work().await;
        server.work().await;
        let kept = server.objects().await;
        assert!(!kept.is_empty() && kept.iter().all(|key| key.contains(&stays.id.to_string())), "eve's alone: {kept:?}");
        assert_eq!(server.fetch(&stays.links.original).await.status, 200);
        let again = json!({"username": name(&ada), "email": "again@example.com", "password": "another horse"});
        assert_eq!(server.anonymous().post("/auth/register", &again).await.status, 201);
    }

    async fn an_account_is_deleted_while_its_files_are_published(server: TestServer) {
        for seed in 0..8 {
            let alice = server.user().await;
            let mut ids = Vec::new();
            for n in 0..4 {
                let bytes = jpeg(4 * seed + n);
                let upload = alice.announce_as("a.jpg", &bytes, false).await;
                assert_eq!(alice.put(&upload, &bytes).await.status, 200);
                ids.push(upload.id);
            }
            let body = json!({"password": "correct horse"});
            let (deleted, _) = tokio::join!(alice.post("/me/delete", &body), futures::future::join_all(ids.iter().map(|id| alice.confirm(*id))));
            assert_eq!(deleted.status, 204, "{}", String::from_utf8_lossy(&deleted.body));
        }
    }

    async fn nothing_is_announced_to_an_account_that_is_being_deleted(server: TestServer) {
        let ada = server.user().await;
        let user = ada.session.as_ref().unwrap().user.id;
        let upload = server.upload_row(ada.announce_as("a.jpg", &jpeg(1), false).await.id).await;
        assert!(tintype_core::accounts::delete(server.db(), user.into(), None, server.clock.now()).await.unwrap());
        // As by a request whose session was checked just before.
        let limits = tintype_api::config::ImageLimits::default();
        assert_eq!(tintype_core::uploads::queries::insert(server.db(), upload, &limits).await.unwrap(), Room::AccountGone);
        assert!(!tintype_core::accounts::delete(server.db(), user.into(), None, server.clock.now()).await.unwrap());
    }
}
