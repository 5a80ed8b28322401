//! Finding one's way in many images: words, times, days, visibility.

use ::image::ImageFormat;
use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::Method;
use sea_orm::{EntityTrait, Set};
use serde_json::json;
use tintype_core::db::image;
use tintype_dto::{Image, ImageDays, Upload, UploadedImages};
use uuid::Uuid;

use crate::client::Client;
use crate::pictures::{jpeg, png, sized};
use crate::server::{TestServer, on_both_databases};

/// Uploads a picture as if at this time.
async fn upload_at(server: &TestServer, client: &Client, name: &str, time: &str) -> Uuid {
    let id = client.upload(name, &png(1)).await.id;
    date(server, id, time).await;
    id
}

async fn date(server: &TestServer, id: Uuid, time: &str) {
    let created_at: DateTime<Utc> = time.parse().unwrap();
    let row = image::ActiveModel {
        id: Set(id.into()),
        created_at: Set(created_at),
        ..Default::default()
    };
    image::Entity::update(row).exec(server.db()).await.unwrap();
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

    async fn a_list_can_be_of_one_type(server: TestServer) {
        let ada = server.user().await;
        let (first, photo) = (ada.upload("a.png", &png(1)).await.id, ada.upload("b.jpg", &jpeg(2)).await.id);
        let last = ada.upload("c.png", &png(3)).await.id;
        hide(&ada, first).await;
        assert_eq!(listed(&ada, "content_type=image/png").await, [last, first]);
        assert_eq!(listed(&ada, "content_type=image/jpeg").await, [photo]);
        assert_eq!(listed(&ada, "content_type=image/png&visibility=private&sort=name").await, [first]);
        assert!(listed(&ada, "content_type=image/gif").await.is_empty());
        let of_type = days(&ada, "?content_type=image/png").await;
        assert_eq!(of_type.iter().map(|(_, count)| count).sum::<u64>(), 2);
    }

    async fn a_list_comes_in_the_order_that_is_asked_for_from_page_to_page(server: TestServer) {
        let ada = server.user().await;
        let upload = async |name: &str, side: u32, time: &str| {
            let id = ada.upload(name, &sized(1640, side, 1, ImageFormat::Png)).await.id;
            date(&server, id, time).await;
            id
        };
        let berlin = upload("berlin.png", 30, "2026-01-03T00:00:00Z").await;
        let aachen = upload("Aachen.png", 20, "2026-01-01T00:00:00Z").await;
        let untitled = upload("0815.png", 40, "2026-01-02T00:00:00Z").await;
        let zurich = upload("1.png", 10, "2026-01-04T00:00:00Z").await;
        title(&ada, zurich, "Zürich").await;
        let same = [upload("Berlin.png", 31, "2026-01-01T00:00:00Z").await, upload("BERLIN.PNG", 32, "2026-01-01T00:00:00Z").await];
        // Of those that are alike, the older id comes first where the list rises, and last where it falls.
        for (sort, found) in [
            ("newest", vec![zurich, berlin, untitled, same[1], same[0], aachen]),
            ("oldest", vec![aachen, same[0], same[1], untitled, berlin, zurich]),
            ("name", vec![untitled, aachen, berlin, same[0], same[1], zurich]),
            ("size", vec![untitled, same[1], same[0], berlin, aachen, zurich]),
        ] {
            assert_eq!(listed(&ada, &format!("sort={sort}")).await, found, "{sort}");
        }
        title(&ada, zurich, "Aalen").await;
        assert_eq!(listed(&ada, "sort=name&q=a").await, [aachen, zurich], "by what it is called now");
    }

    async fn an_announcement_says_where_its_image_stands(server: TestServer) {
        let ada = server.user().await;
        let file = |n: u8, time: &str| json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": jpeg(n).len(), "created_at": time});
        let upload = async |n: u8, time: &str| {
            let upload: Upload = ada.post("/uploads", &file(n, time)).await.ok();
            assert_eq!(ada.put(&upload, &jpeg(n)).await.status, 200);
            ada.confirm(upload.id).await.ok::<Image>()
        };
        let undated = ada.upload("b.jpg", &jpeg(1)).await;
        // Later, though it is nearer; and finer than what is stored.
        let second = upload(2, "2026-01-02T03:04:05.000001999Z").await;
        let first = upload(3, "2026-01-02T04:04:05.000002+01:00").await;
        let oldest = upload(4, "1970-01-01T00:00:00Z").await;
        let time = |image: &Image| image.created_at.to_rfc3339_opts(SecondsFormat::Micros, true);
        assert_eq!((time(&first), time(&second)), ("2026-01-02T03:04:05.000002Z".into(), "2026-01-02T03:04:05.000001Z".into()));
        // No picture is of a time to come.
        let before = server.clock.now();
        let newest = upload(5, "2999-12-31T23:59:59Z").await;
        assert!((before..=server.clock.now()).contains(&newest.created_at), "{newest:?}");
        let order = [newest.id, undated.id, first.id, second.id, oldest.id];
        assert_eq!(listed(&ada, "").await, order);
        let page = ada.list("?limit=3").await;
        let rest = ada.list(&format!("?limit=3&cursor={}", page.next_cursor.unwrap())).await;
        assert_eq!(rest.items.iter().map(|image| image.id).collect::<Vec<_>>(), order[3..]);
        // What was there already stays where it is.
        let mut known = file(3, "1999-01-01T00:00:00Z");
        known["sha256"] = json!(first.sha256);
        assert_eq!(ada.post("/uploads", &known).await.ok::<Upload>().image.unwrap().created_at, first.created_at);
        for bad in ["1969-12-31T23:59:59.999999Z", "-0001-01-01T00:00:00Z", "yesterday"] {
            ada.post("/uploads", &file(6, bad)).await.problem("validation_failed");
        }
    }

    async fn an_order_goes_with_its_own_cursors_and_not_with_a_time(server: TestServer) {
        let ada = server.user().await;
        for seed in 0..3 {
            ada.upload("a.png", &png(seed)).await;
        }
        let cursor = async |sort: &str| {
            ada.list(&format!("?limit=1&sort={sort}")).await.next_cursor.unwrap()
        };
        for (made, asked) in [("name", "newest"), ("size", "name"), ("newest", "size"), ("size", "oldest")] {
            let cursor = cursor(made).await;
            ada.get(&format!("/images?sort={asked}&cursor={cursor}")).await.problem("bad_cursor");
        }
        ada.get("/images?sort=oldest&before=2026-01-01T00:00:00Z").await.problem("validation_failed");
        assert!(listed(&ada, "sort=newest&before=2026-01-01T00:00:00Z").await.is_empty());
        ada.get("/images?sort=name&state=trashed").await.problem("validation_failed");
        ada.get("/images?sort=colour").await.problem("validation_failed");
    }

    async fn descriptions_are_searched_as_names_are(server: TestServer) {
        let ada = server.user().await;
        let lake = ada.upload("lake.png", &png(1)).await.id;
        let hill = ada.upload("hill.png", &png(2)).await.id;
        let describe = async |id, alt: Option<&str>| {
            ada.send(Method::PATCH, &format!("/images/{id}"), Some(&json!({"alt": alt}))).await.ok::<Image>();
        };
        describe(lake, Some("Ein großer Schwan")).await;
        for q in ["schwan", "GROSSER", "lake+schwan", "hw", "gro%C3%9Fer+png"] {
            assert_eq!(listed(&ada, &format!("q={q}")).await, [lake], "{q}");
        }
        assert!(listed(&ada, "q=hill+schwan").await.is_empty());
        assert!(listed(&ada, "q=lakeein").await.is_empty(), "each text stands alone");
        describe(hill, Some("Zwei Schwäne")).await;
        assert_eq!(listed(&ada, "q=schw").await, [hill, lake]);
        describe(lake, None).await;
        assert_eq!(listed(&ada, "q=schw").await, [hill]);
        let (url, token) = (format!("{}/images?alt=Ein+Reiher", ada.api), &ada.session.as_ref().unwrap().token);
        let sent = ada.send_to(Method::POST, &url, |r| r.bearer_auth(token).body(png(3)));
        let heron: UploadedImages = sent.await.ok();
        assert_eq!(listed(&ada, "q=reiher").await, [heron.image.unwrap().id]);
        ada.delete(&format!("/images/{hill}?permanent=true")).await;
        assert!(listed(&ada, "q=schw").await.is_empty());
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
