//! Sessions: where a person is logged in, and how one of them ends without the others.

use chrono::TimeDelta;
use reqwest::Method;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use serde_json::json;
use tintype_core::db::session;
use tintype_dto::{Image, OpenSession, OpenSessions, Session};

use crate::client::Client;
use crate::pictures::jpeg;
use crate::server::{TestServer, on_both_databases};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

/// The same person, logged in once more with another program.
async fn elsewhere(client: &Client, agent: &str) -> Client {
    let name = client.session.as_ref().unwrap().user.username.clone();
    let body = json!({"username": name, "password": "correct horse"});
    let url = format!("{}/auth/login", client.api);
    let answer = client
        .send_to(Method::POST, &url, |r| {
            r.header("user-agent", agent).json(&body)
        })
        .await;
    Client {
        session: Some(answer.ok::<Session>()),
        ..client.clone()
    }
}

async fn sessions(client: &Client) -> Vec<OpenSession> {
    client.get("/me/sessions").await.ok::<OpenSessions>().items
}

async fn log_out(client: &Client) -> u16 {
    client
        .send(Method::POST, "/auth/logout", None)
        .await
        .status
        .as_u16()
}

async fn rows(server: &TestServer) -> u64 {
    session::Entity::find().count(server.db()).await.unwrap()
}

on_both_databases! {
    async fn a_person_sees_where_they_are_logged_in_and_ends_one(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let (laptop, script) = (elsewhere(&ada, FIREFOX).await, elsewhere(&ada, "curl/8.5.0").await);
        let seen = sessions(&laptop).await;
        let devices: Vec<_> = seen.iter().map(|s| (s.device.as_str(), s.current)).collect();
        assert_eq!(devices.len(), 3);
        assert!(devices.contains(&("Firefox on Linux", true)) && devices.contains(&("curl/8.5.0", false)), "{devices:?}");
        assert!(seen.iter().all(|s| s.expires_at - s.created_at - TimeDelta::days(7) < TimeDelta::seconds(2)));
        let of_script = sessions(&script).await.into_iter().find(|s| s.current).unwrap();
        let path = format!("/me/sessions/{}", of_script.id);
        eve.delete(&path).await.problem("not_found");
        assert_eq!(script.get("/me").await.status, 200);
        assert_eq!(laptop.delete(&path).await.status, 204);
        for path in ["/me", "/images", "/me/sessions"] {
            script.get(path).await.problem("unauthenticated");
        }
        laptop.delete(&path).await.problem("not_found");
        for working in [&ada, &laptop] {
            assert_eq!(working.get("/images").await.status, 200);
        }
        assert_eq!(sessions(&ada).await.len(), 2);
    }

    async fn logging_out_ends_this_session_alone(server: TestServer) {
        let ada = server.user().await;
        let phone = elsewhere(&ada, FIREFOX).await;
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        assert_eq!(log_out(&phone).await, 204);
        for path in ["/me", "/images", &format!("/images/{}", image.id)] {
            phone.get(path).await.problem("unauthenticated");
        }
        assert_eq!(log_out(&phone).await, 401);
        assert_eq!(sessions(&ada).await.len(), 1);
    }

    async fn a_session_from_before_sessions_were_kept_works_and_can_be_logged_out(server: TestServer) {
        let ada = server.user().await;
        server.db().execute_unprepared("DELETE FROM sessions").await.unwrap();
        assert_eq!(ada.get("/me").await.status, 200);
        assert_eq!(sessions(&ada).await, []);
        assert_eq!(log_out(&ada).await, 204);
        ada.get("/me").await.problem("unauthenticated");
        assert_eq!(sessions(&elsewhere(&ada, FIREFOX).await).await.len(), 1);
    }

    async fn when_a_session_was_used_is_kept_to_a_day(server: TestServer) {
        let ada = server.user().await;
        let used = async || sessions(&ada).await[0].last_used_at;
        let first = used().await;
        server.clock.advance(TimeDelta::hours(23));
        assert_eq!(used().await, first);
        server.clock.advance(TimeDelta::hours(2));
        ada.list("").await;
        assert!(used().await - first >= TimeDelta::hours(24));
    }

    async fn sessions_that_have_ended_are_not_listed_and_their_rows_go_with_their_tokens(server: TestServer) {
        let ada = server.user().await;
        let phone = elsewhere(&ada, FIREFOX).await;
        assert_eq!(log_out(&phone).await, 204);
        assert_eq!(ada.send(Method::POST, "/me/logout-everywhere", None).await.status, 204);
        let fresh = elsewhere(&ada, FIREFOX).await;
        assert_eq!(sessions(&fresh).await.len(), 1, "the others have ended");
        server.clock.advance(TimeDelta::days(7));
        server.work().await;
        assert_eq!(rows(&server).await, 3, "clocks differ: for a minute they stay");
        server.clock.advance(TimeDelta::minutes(2));
        server.work().await;
        assert_eq!(rows(&server).await, 0);
        fresh.get("/me").await.problem("unauthenticated");
    }

    async fn a_deleted_account_takes_its_sessions_along(server: TestServer) {
        let ada = server.user().await;
        assert_eq!(rows(&server).await, 1);
        assert_eq!(ada.post("/me/delete", &json!({"password": "correct horse"})).await.status, 204);
        server.work().await;
        server.work().await;
        assert_eq!(rows(&server).await, 0);
    }

    async fn a_program_sees_links_that_work_when_its_owner_has_a_new_password(server: TestServer) {
        let ada = server.user().await;
        let program = ada.program(&["read", "write", "upload"]).await;
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        let path = format!("/images/{}", image.id);
        program.send(Method::PATCH, &path, Some(&json!({"visibility": "private"}))).await.ok::<Image>();
        for n in 0..2 {
            let (old, new) = (["correct horse", "battery staple"][n], ["battery staple", "correct horse"][n]);
            let ada = Client { session: Some(ada.post("/auth/login", &json!({"username": ada.session.as_ref().unwrap().user.username, "password": old})).await.ok()), ..ada.clone() };
            assert_eq!(ada.post("/me/password", &json!({"current_password": old, "new_password": new})).await.status, 200);
            for image in [program.get(&path).await.ok::<Image>(), program.list("").await.items.remove(0), program.try_upload("a.jpg", &jpeg(1)).await.ok()] {
                assert_eq!(server.fetch(&image.links.original).await.status, 200, "{n}");
            }
        }
    }
}
