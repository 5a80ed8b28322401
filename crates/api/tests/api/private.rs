//! Private images: their owner gets links that work for minutes, everyone else gets nothing.

use chrono::TimeDelta;
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use tintype_api::config::Delivery;
use tintype_core::db::user;
use tintype_dto::{BulkImages, CreatedUpload, CreatedUploads, Image, Upload, Visibility};

use crate::client::Client;
use crate::pictures::{jpeg, png};
use crate::server::{On, TestServer, on_both_databases};

async fn set(client: &Client, image: &Image, visibility: &str) -> Image {
    client
        .send(
            Method::PATCH,
            &format!("/images/{}", image.id),
            Some(&json!({"visibility": visibility})),
        )
        .await
        .ok()
}

fn bare(url: &str) -> &str {
    url.split('?').next().unwrap()
}

/// Every address of an image's bytes.
fn addresses(image: &Image) -> Vec<String> {
    [
        &image.links.original,
        &image.links.preview,
        &image.links.thumb,
    ]
    .map(Clone::clone)
    .into()
}

on_both_databases! {
    async fn a_file_that_is_announced_as_private_is_so_from_the_first_moment(server: TestServer) {
        let ada = server.user().await;
        let file = |n: u8| json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": jpeg(n).len(), "visibility": "private"});
        let one: Upload = ada.post("/uploads", &file(1)).await.ok();
        let many: CreatedUploads = ada.post("/uploads/bulk", &json!({"files": [file(2)]})).await.ok();
        let [CreatedUpload::Upload(other)] = &many.items[..] else { panic!("{many:?}") };
        for (n, upload) in [(1, &one), (2, other)] {
            assert_eq!(ada.put(upload, &jpeg(n)).await.status, 200);
            let image: Image = ada.confirm(upload.id).await.ok();
            assert_eq!((image.visibility, image.links.page), (Visibility::Private, None));
            assert_eq!(server.fetch(bare(&image.links.original)).await.status, 404);
        }
        let mut odd = file(3);
        odd["visibility"] = json!("hidden");
        ada.post("/uploads", &odd).await.problem("validation_failed");
    }

    async fn a_private_image_is_nowhere_without_its_owners_links(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let public = ada.upload("a.jpg", &jpeg(1)).await;
        assert_eq!((public.visibility, public.links.expires_at), (Visibility::Unlisted, None));
        let image = set(&ada, &public, "private").await;
        assert_eq!((image.visibility, &image.slug), (Visibility::Private, &public.slug));
        let left = image.links.expires_at.unwrap() - server.clock.now();
        assert!(left > TimeDelta::minutes(4) - TimeDelta::seconds(5) && left <= TimeDelta::minutes(5), "{left}");
        let person = |url: &str| { let (client, url) = (server.anonymous(), url.to_owned()); async move { client.send_to(Method::GET, &url, |r| r.header("accept", "text/html")).await } };
        for url in addresses(&image) {
            assert_eq!(server.fetch(&url).await.status, 200, "{url}");
            for (what, bad) in [
                ("no signature", bare(&url).to_owned()),
                ("a download without one", format!("{}?download=1", bare(&url))),
                ("another end", url.replace("exp=1", "exp=2")),
                ("an end that is none", url.replace("exp=", "exp=x")),
                ("no end", url.replace("exp=", "e=")),
                ("a cut signature", url[..url.len() - 1].to_owned()),
                ("an empty one", url.split("sig=").next().unwrap().to_owned() + "sig="),
                ("one that is no base64", url.split("sig=").next().unwrap().to_owned() + "sig=%00%ff"),
            ] {
                let answer = server.fetch(&bad).await;
                answer.problem("not_found");
                assert_eq!(answer.header("cache-control"), "no-store", "{what}");
            }
        }
        // One link is not good for another address, nor for another image.
        let (original, thumb) = (&image.links.original, &image.links.thumb);
        let query = |url: &str| url.split_once('?').unwrap().1.to_owned();
        server.fetch(&format!("{}?{}", bare(original), query(thumb))).await.problem("not_found");
        let other = set(&ada, &ada.upload("b.jpg", &jpeg(2)).await, "private").await;
        server.fetch(&format!("{}?{}", bare(&other.links.original), query(original))).await.problem("not_found");
        // A session is no signature, not even the owner's.
        let token = ada.session.as_ref().unwrap().token.clone();
        ada.send_to(Method::GET, bare(original), |r| r.bearer_auth(&token)).await.problem("not_found");
        // The share page is gone for everyone, and says no more than for what never was.
        assert_eq!(image.links.page, None);
        let address = format!("{}/s/{}", server.app_url(), image.slug);
        server.fetch(&address).await.problem("not_found");
        let page = person(&address).await;
        let nothing = person(&format!("{}/s/doesnotexist", server.app_url())).await;
        assert_eq!((page.status.as_u16(), page.body), (404, nothing.body));
        server.fetch(&format!("{address}?{}", query(original))).await.problem("not_found");
        eve.get(&format!("/images/{}", image.id)).await.problem("not_found");
    }

    async fn what_is_private_is_kept_by_no_cache(server: TestServer) {
        let ada = server.user().await;
        let image = set(&ada, &ada.upload("a.jpg", &jpeg(1)).await, "private").await;
        let client = server.anonymous();
        for url in addresses(&image) {
            let whole = server.fetch(&url).await;
            let head = client.send_to(Method::HEAD, &url, |r| r).await;
            let part = client.send_to(Method::GET, &url, |r| r.header("range", "bytes=0-3")).await;
            let known = client.send_to(Method::GET, &url, |r| r.header("if-none-match", whole.header("etag"))).await;
            let beyond = client.send_to(Method::GET, &url, |r| r.header("range", "bytes=99999999-")).await;
            let download = server.fetch(&format!("{url}&download=1")).await;
            assert!(download.header("content-disposition").starts_with("attachment"));
            for (answer, status) in [(&whole, 200), (&head, 200), (&part, 206), (&known, 304), (&beyond, 416), (&download, 200)] {
                assert_eq!(answer.status, status);
                assert_eq!(answer.header("cache-control"), "private, no-store", "{status}");
                assert_eq!(answer.header("access-control-allow-origin"), server.app_url(), "{status}");
                assert_eq!(answer.header("x-content-type-options"), "nosniff", "{status}");
                assert_eq!(answer.header("content-security-policy"), "default-src 'none'; style-src 'unsafe-inline'; sandbox", "{status}");
            }
        }
    }

    async fn signed_links_end_and_the_image_gives_fresh_ones(server: TestServer) {
        let ada = server.user().await;
        let image = set(&ada, &ada.upload("a.jpg", &jpeg(1)).await, "private").await;
        server.clock.advance(TimeDelta::seconds(235));
        assert_eq!(server.fetch(&image.links.original).await.status, 200);
        server.clock.advance(TimeDelta::seconds(65));
        server.fetch(&image.links.original).await.problem("not_found");
        let fresh: Image = ada.get(&format!("/images/{}", image.id)).await.ok();
        assert_eq!(server.fetch(&fresh.links.original).await.status, 200);
        let listed = &ada.list("").await.items[0];
        assert_eq!(server.fetch(&listed.links.thumb).await.status, 200);
    }

    async fn signed_links_end_with_the_sessions_they_were_given_to(server: TestServer) {
        let (mut ada, eve) = (server.user().await, server.user().await);
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        let theirs = set(&eve, &eve.upload("b.jpg", &jpeg(2)).await, "private").await;
        let name = ada.session.as_ref().unwrap().user.username.clone();
        let log_in = async |password: &str| {
            server.anonymous().post("/auth/login", &json!({"username": name, "password": password})).await.ok::<tintype_dto::Session>()
        };
        let mut links = addresses(&set(&ada, &image, "private").await);
        for end in ["log out everywhere", "another password", "disabled"] {
            for url in &links {
                assert_eq!(server.fetch(url).await.status, 200, "before {end}");
            }
            match end {
                "log out everywhere" => {
                    assert_eq!(ada.send(Method::POST, "/me/logout-everywhere", None).await.status, 204);
                    ada.session = Some(log_in("correct horse").await);
                }
                "another password" => {
                    let change = json!({"current_password": "correct horse", "new_password": "battery staple"});
                    ada.session = Some(ada.post("/me/password", &change).await.ok());
                }
                _ => {
                    let now = sea_orm::sea_query::Expr::value(Some(server.clock.now()));
                    let users = user::Entity::update_many().col_expr(user::Column::DisabledAt, now);
                    users.filter(user::Column::Username.eq(&name)).exec(server.db()).await.unwrap();
                }
            }
            for url in &links {
                server.fetch(url).await.problem("not_found");
            }
            if end != "disabled" {
                let fresh: Image = ada.get(&format!("/images/{}", image.id)).await.ok();
                links = addresses(&fresh);
            }
        }
        assert_eq!(server.fetch(&theirs.links.original).await.status, 200, "others' go on");
    }

    async fn an_image_can_be_opened_again_and_many_at_once(server: TestServer) {
        let ada = server.user().await;
        let public = ada.upload("a.jpg", &jpeg(1)).await;
        let private = set(&ada, &public, "private").await;
        assert_eq!(set(&ada, &private, "unlisted").await, public);
        assert_eq!(server.fetch(&public.links.original).await.status, 200);
        assert_eq!(server.fetch(public.links.page.as_ref().unwrap()).await.status, 200);
        assert_eq!(server.fetch(&private.links.original).await.header("cache-control"), "public, max-age=31536000, s-maxage=60, immutable");
        let second = ada.upload("b.jpg", &jpeg(2)).await;
        let body = json!({"ids": [public.id, second.id], "change": {"visibility": "private"}});
        let answer: BulkImages = ada.post("/images/bulk/update", &body).await.ok();
        for item in answer.items {
            let image = item.image.unwrap();
            server.fetch(bare(&image.links.original)).await.problem("not_found");
            assert_eq!(server.fetch(&image.links.original).await.status, 200);
        }
        let odd = json!({"visibility": "public"});
        ada.send(Method::PATCH, &format!("/images/{}", public.id), Some(&odd)).await.problem("validation_failed");
    }

    async fn a_private_image_in_the_trash_is_nowhere_even_with_a_link(server: TestServer) {
        let ada = server.user().await;
        let image = set(&ada, &ada.upload("a.jpg", &jpeg(1)).await, "private").await;
        ada.delete(&format!("/images/{}", image.id)).await;
        server.fetch(&image.links.original).await.problem("not_found");
        let restored: Image = ada.post(&format!("/images/{}/restore", image.id), &json!({})).await.ok();
        assert_eq!(restored.visibility, Visibility::Private);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redirected_delivery_asks_for_the_signature_first_and_sends_for_no_longer_than_it_lasts() {
    let server = TestServer::start_with(On::Sqlite, |config| {
        config.server.delivery = Delivery::Redirect;
    })
    .await;
    let ada = server.user().await;
    let image = set(&ada, &ada.upload("a.png", &png(1)).await, "private").await;
    server
        .fetch(bare(&image.links.original))
        .await
        .problem("not_found");
    let answer = server.fetch(&image.links.original).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (302, "private, no-store")
    );
    assert_eq!(
        answer.header("access-control-allow-origin"),
        server.app_url()
    );
    let location = answer.header("location");
    let seconds: i64 = location
        .split("X-Amz-Expires=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        seconds <= (image.links.expires_at.unwrap() - server.clock.now()).num_seconds() + 1,
        "{seconds}"
    );
    assert_eq!(server.fetch(location).await.status, 200);
}
