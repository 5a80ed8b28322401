//! The trash: what is in it, how long, and who may look.

use chrono::TimeDelta;
use serde_json::json;
use tintype_dto::{Image, ImagePage};

use crate::client::Client;
use crate::pictures::{jpeg, png};
use crate::server::on_both_databases;

async fn trash(client: &Client, query: &str) -> ImagePage {
    client.list(&format!("?state=trashed{query}")).await
}

on_both_databases! {
    async fn the_trash_is_listed_from_the_newest_deletion_on_page_by_page(server: TestServer) {
        let ada = server.user().await;
        let mut images = Vec::new();
        for n in 1..=4 {
            images.push(ada.upload(&format!("{n}.png"), &png(n)).await);
        }
        // In another order than they were uploaded in.
        for at in [2, 0, 3] {
            server.clock.advance(TimeDelta::seconds(1));
            assert_eq!(ada.delete(&format!("/images/{}", images[at].id)).await.status, 204);
        }
        let (mut names, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = trash(&ada, &format!("&limit=1{cursor}")).await;
            names.extend(page.items.iter().map(|image| image.filename.clone()));
            let Some(next) = page.next_cursor else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(names, ["4.png", "1.png", "3.png"]);
        let ready: Vec<_> = ada.list("?state=ready").await.items.into_iter().map(|image| image.id).collect();
        assert_eq!(ready, [images[1].id]);
        assert_eq!(ada.list("").await.items.len(), 1);
        assert_eq!(trash(&ada, "&q=3.png").await.items.len(), 1);
        assert_eq!(trash(&ada, "&visibility=private").await.items.len(), 0);
        ada.get("/images?state=trashed&before=2026-01-01T00:00:00Z").await.problem("validation_failed");
        ada.get("/images?state=gone").await.problem("validation_failed");
        assert_eq!(trash(&server.user().await, "").await.items, []);
    }

    async fn an_image_in_the_trash_says_when_it_goes_and_leaves_when_it_has(server: TestServer) {
        let mut ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        assert_eq!(image.purge_at, None);
        ada.delete(&format!("/images/{}", image.id)).await;
        let listed = trash(&ada, "").await.items.remove(0);
        let left = listed.purge_at.unwrap() - server.clock.now();
        assert!((6..=7).contains(&left.num_days()), "{left}");
        let restored: Image = ada.post(&format!("/images/{}/restore", image.id), &json!({})).await.ok();
        assert_eq!(restored, image);
        assert_eq!(trash(&ada, "").await.items, []);
        ada.delete(&format!("/images/{}", image.id)).await;
        server.clock.advance(TimeDelta::days(8));
        let login = json!({"username": ada.session.as_ref().unwrap().user.username, "password": "correct horse"});
        ada.session = Some(ada.post("/auth/login", &login).await.ok());
        // Before anything has cleared it away, too: it can't be restored.
        assert_eq!(trash(&ada, "").await.items, []);
    }

    async fn of_an_image_in_the_trash_its_owner_sees_the_thumbnail_and_nobody_anything_else(server: TestServer) {
        let ada = server.user().await;
        for (name, bytes) in [("large.jpg", jpeg(1)), ("small.png", png(2))] {
            let image = ada.upload(name, &bytes).await;
            ada.delete(&format!("/images/{}", image.id)).await;
            let trashed = trash(&ada, "").await.items.remove(0);
            let answer = server.fetch(&trashed.links.thumb).await;
            assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "private, no-store"), "{name}");
            let bare = trashed.links.thumb.split('?').next().unwrap();
            server.fetch(bare).await.problem("not_found");
            server.fetch(&image.links.original).await.problem("not_found");
            server.fetch(&image.links.thumb).await.problem("not_found");
            if trashed.links.original != trashed.links.thumb {
                server.fetch(&trashed.links.original).await.problem("not_found");
                server.fetch(&trashed.links.preview).await.problem("not_found");
            }
            // Back in the gallery the trash's link is over, and in time everywhere.
            ada.post(&format!("/images/{}/restore", image.id), &json!({})).await.ok::<Image>();
            ada.send(reqwest::Method::PATCH, &format!("/images/{}", image.id), Some(&json!({"visibility": "private"}))).await.ok::<Image>();
            server.fetch(&trashed.links.thumb).await.problem("not_found");
            ada.delete(&format!("/images/{}", image.id)).await;
            server.clock.advance(TimeDelta::minutes(6));
            server.fetch(&trashed.links.thumb).await.problem("not_found");
            ada.delete(&format!("/images/{}?permanent=true", image.id)).await;
        }
    }
}
