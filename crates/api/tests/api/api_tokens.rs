//! API tokens: what they may do, what they may learn, and how they end.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use tintype_dto::{ApiTokens, CreatedApiToken, Image, Scope, Upload};

use crate::client::Client;
use crate::pictures::jpeg;
use crate::server::on_both_databases;

impl Client {
    /// A new API token of this account.
    pub async fn make_token(&self, scopes: &[&str]) -> CreatedApiToken {
        let body = json!({"name": "a program", "scopes": scopes});
        self.post("/me/tokens", &body).await.ok()
    }

    /// As a program that has this secret.
    pub fn with_secret(&self, secret: &str) -> Self {
        let mut program = self.clone();
        program.session.as_mut().unwrap().token = secret.into();
        program
    }

    /// As a program with a new token.
    pub async fn program(&self, scopes: &[&str]) -> Self {
        self.with_secret(&self.make_token(scopes).await.secret)
    }
}

on_both_databases! {
    async fn a_token_works_until_it_is_revoked_and_its_secret_is_shown_once(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("a.jpg", &jpeg(1)).await;
        let made = alice.make_token(&["read", "read"]).await;
        assert!(made.secret.starts_with("tt_") && made.secret.len() == 35);
        let program = alice.with_secret(&made.secret);
        assert_eq!(program.list("").await.items, [image]);
        let bare = program.send_to(Method::GET, &format!("{}/me", program.api), |r| r.header("authorization", &made.secret)).await;
        assert_eq!(bare.ok::<Value>()["username"], alice.get("/me").await.ok::<Value>()["username"]);

        let listed = alice.get("/me/tokens").await;
        assert!(!String::from_utf8_lossy(&listed.body).contains(&made.secret));
        let ApiTokens { items } = listed.ok();
        assert_eq!((items[0].id, items[0].name.as_str(), items[0].scopes.len()), (made.token.id, "a program", 1));
        assert!(items[0].last_used_at.is_some());

        // It outlives the sessions: a program does not sign in again.
        alice.post("/me/logout-everywhere", &json!({})).await;
        assert_eq!(program.get("/images").await.status, 200);
        let eve = server.user().await;
        eve.delete(&format!("/me/tokens/{}", made.token.id)).await.problem("not_found");
        let mut alice = alice;
        let name = alice.session.as_ref().unwrap().user.username.clone();
        alice.session = Some(alice.post("/auth/login", &json!({"username": name, "password": "correct horse"})).await.ok());
        assert_eq!(alice.delete(&format!("/me/tokens/{}", made.token.id)).await.status, 204);
        program.get("/images").await.problem("unauthenticated");
        alice.delete(&format!("/me/tokens/{}", made.token.id)).await.problem("not_found");
    }

    async fn a_program_ends_its_own_token_whatever_that_may_do(server: TestServer) {
        let alice = server.user().await;
        let mut programs = Vec::new();
        for scope in Scope::ALL {
            programs.push(alice.program(&[scope.name()]).await);
        }
        let left = async || alice.get("/me/tokens").await.ok::<ApiTokens>().items.len();
        for (n, program) in programs.iter().enumerate() {
            assert_eq!(left().await, programs.len() - n);
            assert_eq!(program.send(Method::POST, "/auth/logout", None).await.status, 204);
            program.send(Method::POST, "/auth/logout", None).await.problem("unauthenticated");
            program.get("/images").await.problem("unauthenticated");
        }
        assert_eq!(left().await, 0);
        assert_eq!(alice.get("/me").await.status, 200, "the session goes on");
    }

    async fn that_a_token_was_used_is_written_once_a_day(server: TestServer) {
        let alice = server.user().await;
        let program = alice.program(&["read"]).await;
        let used = async || alice.get("/me/tokens").await.ok::<ApiTokens>().items[0].last_used_at;
        assert_eq!(used().await, None);
        program.list("").await;
        let first = used().await.unwrap();
        server.clock.advance(TimeDelta::hours(23));
        program.list("").await;
        assert_eq!(used().await, Some(first));
        server.clock.advance(TimeDelta::hours(2));
        program.list("").await;
        assert!(used().await.unwrap() - first >= TimeDelta::hours(24));
    }

    async fn a_token_ends_with_its_time_and_with_its_account(server: TestServer) {
        let alice = server.user().await;
        let body = json!({"name": "for a week", "scopes": ["read"], "expires_in_days": 7});
        let made: CreatedApiToken = alice.post("/me/tokens", &body).await.ok();
        let (week, always) = (alice.with_secret(&made.secret), alice.program(&["read"]).await);
        server.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
        assert_eq!(week.get("/images").await.status, 200);
        server.clock.advance(TimeDelta::seconds(1));
        week.get("/images").await.problem("unauthenticated");
        assert_eq!(always.get("/images").await.status, 200);

        let mut alice = alice;
        let name = alice.session.as_ref().unwrap().user.username.clone();
        alice.session = Some(alice.post("/auth/login", &json!({"username": name, "password": "correct horse"})).await.ok());
        assert_eq!(alice.post("/me/delete", &json!({"password": "correct horse"})).await.status, 204);
        always.get("/images").await.problem("unauthenticated");
        server.work().await;
        always.get("/images").await.problem("unauthenticated");
    }

    async fn an_account_has_fifty_tokens_at_most(server: TestServer) {
        let alice = server.user().await;
        for _ in 0..45 {
            alice.make_token(&["read"]).await;
        }
        let body = json!({"name": "one of many", "scopes": ["read"]});
        let all = futures::future::join_all((0..12).map(|_| alice.post("/me/tokens", &body))).await;
        assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 5);
        all.iter().find(|answer| answer.status != 201).unwrap().problem("too_many_tokens");
        assert_eq!(alice.get("/me/tokens").await.ok::<ApiTokens>().items.len(), 50);
    }

    async fn odd_tokens_are_refused_with_every_field_that_is_wrong(server: TestServer) {
        let alice = server.user().await;
        let odd = json!({"name": " \u{200d}", "scopes": [], "expires_in_days": 0});
        let problem = alice.post("/me/tokens", &odd).await.problem("validation_failed");
        let fields: Vec<_> = problem.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "scopes", "expires_in_days"]);
        for body in [
            json!({"name": "x", "scopes": ["admin"]}),
            json!({"name": "x"}),
            json!({"name": "x\ny", "scopes": ["read"]}),
            json!({"name": "x".repeat(101), "scopes": ["read"]}),
            json!({"name": "x", "scopes": ["read"], "expires_in_days": 3651}),
            json!({"name": "x", "scopes": ["read"], "user_id": "y"}),
        ] {
            alice.post("/me/tokens", &body).await.problem("validation_failed");
        }
    }

    async fn what_looks_like_a_token_and_is_none_is_refused(server: TestServer) {
        let alice = server.user().await;
        let secret = alice.make_token(&["read"]).await.secret;
        let ask = async |headers: &[(&str, &str)]| {
            alice.send_to(Method::GET, &format!("{}/images", alice.api), |request| {
                headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
            }).await
        };
        let bearer = format!("Bearer {secret}");
        assert_eq!(ask(&[("authorization", &bearer)]).await.status, 200);
        for headers in [
            &[][..],
            &[("cookie", &*format!("token={secret}"))],
            &[("authorization", &*format!("Basic {secret}"))],
            &[("authorization", &*format!("{bearer}x"))],
            &[("authorization", &bearer[..bearer.len() - 1])],
            &[("authorization", "Bearer tt_")],
            &[("authorization", &bearer), ("authorization", &bearer)],
            &[("authorization", &secret.to_uppercase())],
        ] {
            ask(headers).await.problem("unauthenticated");
        }
        alice.get(&format!("/images?key={secret}")).await.problem("validation_failed");
    }

    async fn a_token_that_may_only_upload_learns_nothing_of_what_others_uploaded(server: TestServer) {
        let alice = server.user().await;
        let (secret, own) = (jpeg(1), jpeg(2));
        let image = alice.upload("secret.jpg", &secret).await;
        let pending = alice.announce("pending.jpg", &jpeg(3)).await;
        let (uploader, other) = (alice.program(&["upload"]).await, alice.program(&["upload"]).await);
        let sees_all = alice.program(&["upload", "read"]).await;
        let found = async |who: &Client, sha256: &str| {
            let answer: Value = who.post("/images/find-by-hash", &json!({"sha256": [sha256]})).await.ok();
            !answer["items"][0]["image"].is_null()
        };
        assert!(!found(&uploader, &image.sha256).await && found(&sees_all, &image.sha256).await);
        assert!(uploader.announce("again.jpg", &secret).await.put.is_some());
        let known: Upload = sees_all.announce("again.jpg", &secret).await;
        assert_eq!(known.image.map(|image| image.id), Some(image.id));
        for (method, path) in [
            (Method::GET, format!("/uploads/{}", pending.id)),
            (Method::GET, format!("/uploads/{}", image.id)),
            (Method::POST, format!("/uploads/{}/confirm", image.id)),
            (Method::DELETE, format!("/uploads/{}", pending.id)),
        ] {
            uploader.send(method, &path, None).await.problem("not_found");
        }

        let mine: Image = uploader.upload("own.jpg", &own).await;
        assert!(found(&uploader, &mine.sha256).await && !found(&other, &mine.sha256).await);
        assert_eq!(uploader.get(&format!("/uploads/{}", mine.id)).await.status, 200);
        other.get(&format!("/uploads/{}", mine.id)).await.problem("not_found");
        assert_eq!(uploader.announce("own.jpg", &own).await.image.map(|image| image.id), Some(mine.id));
        assert!(alice.list("").await.items.iter().any(|image| image.id == mine.id));
    }
}
