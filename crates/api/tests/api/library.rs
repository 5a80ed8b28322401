//! Finding one's way in many images: words, times, days, visibility.

use chrono::{DateTime, Utc};
use reqwest::Method;
use sea_orm::{EntityTrait, Set};
use serde_json::json;
use tintype_core::db::image;
use tintype_dto::{Image, ImageDays};
use uuid::Uuid;

use crate::client::Client;
use crate::pictures::png;
use crate::server::{TestServer, on_both_databases};

/// Uploads a picture as if at this time.
async fn upload_at(server: &TestServer, client: &Client, name: &str, time: &str) -> Uuid {
    let id = client.upload(name, &png(1)).await.id;
    let created_at: DateTime<Utc> = time.parse().unwrap();
    let row = image::ActiveModel {
        id: Set(id.into()),
        created_at: Set(created_at),
        ..Default::default()
    };
    image::Entity::update(row).exec(server.db()).await.unwrap();
    id
}

async fn title(client: &Client, id: Uuid, title: &str) {
    client
        .send(
            Method::PATCH,
            &format!("/images/{id}"),
            Some(&json!({"title": title})),
        )
        .await
        .ok::<Image>();
}

async fn hide(client: &Client, id: Uuid) {
    client
        .send(
            Method::PATCH,
            &format!("/images/{id}"),
            Some(&json!({"visibility": "private"})),
        )
        .await
        .ok::<Image>();
}

/// The ids that a query lists, over pages of one.
async fn listed(client: &Client, query: &str) -> Vec<Uuid> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.list(&format!("?limit=1&{query}{cursor}")).await;
        ids.extend(page.items.iter().map(|image| image.id));
        let Some(next) = page.next_cursor else {
            return ids;
        };
        cursor = format!("&cursor={next}");
    }
}

async fn days(client: &Client, query: &str) -> Vec<(String, u64)> {
    let days: ImageDays = client.get(&format!("/images/days{query}")).await.ok();
    days.days
        .into_iter()
        .map(|day| (day.day.to_string(), day.count))
        .collect()
}

on_both_databases! {
    async fn words_are_found_in_titles_and_file_names_in_any_case(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let lake = ada.upload("IMG_2041 Ufer.png", &png(1)).await.id;
        let summer = ada.upload("ÉTÉ.png", &png(2)).await.id;
        let odd = ada.upload("100%_a!b.png", &png(3)).await.id;
        title(&ada, lake, "Ein SEE im Grünen").await;
        title(&eve, eve.upload("see.png", &png(4)).await.id, "See").await;
        for (q, found) in [
            ("see", vec![lake]),
            ("GR%C3%9CN", vec![lake]),
            ("img+see", vec![lake]),
            ("img+meer", vec![]),
            ("%C3%A9t%C3%A9", vec![summer]),
            ("%25_", vec![odd]),
            ("A!B", vec![odd]),
            ("g%25", vec![]),
            ("im_", vec![]),
            ("!", vec![odd]),
            ("PNG", vec![odd, summer, lake]),
            ("+", vec![odd, summer, lake]),
            ("%27+OR+1%3D1+--", vec![]),
        ] {
            assert_eq!(listed(&ada, &format!("q={q}")).await, found, "{q}");
        }
        title(&ada, lake, "Ufer").await;
        assert!(listed(&ada, "q=see").await.is_empty(), "the old title is not found any more");
        ada.send(Method::PATCH, &format!("/images/{lake}"), Some(&json!({"title": null}))).await.ok::<Image>();
        assert_eq!(listed(&ada, "q=ufer").await, [lake]);
        ada.delete(&format!("/images/{odd}")).await;
        assert_eq!(listed(&ada, "q=png").await, [summer, lake]);
    }

    async fn a_list_begins_before_a_time_and_goes_on_from_there(server: TestServer) {
        let ada = server.user().await;
        let first = upload_at(&server, &ada, "a.png", "2026-01-01T23:59:59.999999Z").await;
        let second = upload_at(&server, &ada, "b.png", "2026-01-02T00:00:00Z").await;
        let third = upload_at(&server, &ada, "c.png", "2026-01-02T12:00:00.5Z").await;
        assert_eq!(listed(&ada, "").await, [third, second, first]);
        assert_eq!(listed(&ada, "before=2026-01-03T00:00:00Z").await, [third, second, first]);
        assert_eq!(listed(&ada, "before=2026-01-02T12:00:00.5Z").await, [second, first]);
        assert_eq!(listed(&ada, "before=2026-01-02T00:00:00Z").await, [first]);
        assert_eq!(listed(&ada, "before=2026-01-02T01:00:00%2B01:00").await, [first]);
        assert_eq!(listed(&ada, "before=2026-01-02T12:00:00.5Z&q=a.png").await, [first]);
        assert!(listed(&ada, "before=2026-01-01T00:00:00Z").await.is_empty());
    }

    async fn a_list_can_be_of_one_visibility(server: TestServer) {
        let ada = server.user().await;
        let mut ids = Vec::new();
        for seed in 0..4 {
            ids.insert(0, ada.upload("a.png", &png(seed)).await.id);
        }
        hide(&ada, ids[0]).await;
        hide(&ada, ids[2]).await;
        assert_eq!(listed(&ada, "visibility=private").await, [ids[0], ids[2]]);
        assert_eq!(listed(&ada, "visibility=unlisted&q=a").await, [ids[1], ids[3]]);
        assert_eq!(listed(&ada, "").await, ids);
    }

    async fn days_are_counted_in_utc_newest_first(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        assert!(days(&ada, "").await.is_empty());
        for (name, time) in [
            ("a.png", "2026-01-01T23:59:59.999999Z"),
            ("b.png", "2026-01-02T00:00:00Z"),
            ("c.png", "2026-01-02T01:30:00+02:00"),
            ("d.png", "2024-02-29T12:00:00Z"),
        ] {
            let id = upload_at(&server, &ada, name, time).await;
            if name == "b.png" { hide(&ada, id).await }
        }
        upload_at(&server, &eve, "a.png", "2026-01-01T00:00:00Z").await;
        let day = |day: &str, count| (day.to_owned(), count);
        assert_eq!(days(&ada, "").await, [day("2026-01-02", 1), day("2026-01-01", 2), day("2024-02-29", 1)]);
        assert_eq!(days(&ada, "?visibility=unlisted").await, [day("2026-01-01", 2), day("2024-02-29", 1)]);
        assert_eq!(days(&ada, "?q=A.PNG").await, [day("2026-01-01", 1)]);
        let deleted = listed(&ada, "q=d.png").await[0];
        ada.delete(&format!("/images/{deleted}")).await;
        assert_eq!(days(&ada, "").await.len(), 2);
    }
}
