//! The page of an album: what anyone with its link sees.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::ImageFormat;
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};
use tintype_api::config::Delivery;
use tintype_dto::{Album, Image};

use crate::albums::copy_images;
use crate::client::Client;
use crate::pictures::{png, sized};
use crate::server::{On, TestServer, on_both_databases};

/// The slugs of the pictures on a page, in their order.
fn shown(html: &str) -> Vec<&str> {
    let (_, wall) = html.split_once("<div class=\"wall\">").unwrap();
    let (wall, _) = wall.split_once("</div>").unwrap();
    let links = wall.split("/s/").skip(1);
    let slugs = links.filter_map(|rest| rest.split_once('"').map(|(slug, _)| slug));
    slugs.collect()
}

async fn page(server: &TestServer, url: &str) -> String {
    let answer = server.fetch(url).await;
    assert_eq!(answer.status, 200, "{url}");
    String::from_utf8(answer.body).unwrap()
}

/// Words instead of an album, whoever asks.
async fn is_gone(server: &TestServer, url: &str) {
    let answer = server.fetch(url).await;
    let html = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (404, "text/html; charset=utf-8"),
        "{url}"
    );
    assert!(html.contains("<h1>This album is not here</h1>"), "{html}");
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=0, s-maxage=60"
    );
}

async fn change_image(client: &Client, image: &Image, body: serde_json::Value) -> Image {
    client
        .send(Method::PATCH, &format!("/images/{}", image.id), Some(&body))
        .await
        .ok()
}

on_both_databases! {
    async fn the_page_of_an_album_shows_its_pictures_in_their_order_without_a_script(server: TestServer) {
        let ada = server.user().await;
        let large = ada.upload("large.jpg", &sized(1800, 1200, 1, ImageFormat::Jpeg)).await;
        let small = ada.upload("<b>.png", &sized(300, 200, 2, ImageFormat::Png)).await;
        let tall = ada.upload("tall.jpg", &sized(500, 1000, 3, ImageFormat::Jpeg)).await;
        let album = ada.album(&[small.id, large.id, tall.id]).await;
        change_image(&ada, &large, json!({"title": "A lake", "alt": "A \"lake\" at dusk"})).await;
        let url = album.links.page.unwrap();
        let html = page(&server, &url).await;
        assert_eq!(shown(&html), [&small.slug, &large.slug, &tall.slug]);
        assert!(html.contains("<h1>3 pictures</h1>") && html.contains("<title>3 pictures · Tintype</title>"), "{html}");
        assert!(html.contains(r#"alt="A &quot;lake&quot; at dusk""#) && html.contains(r#"alt="&lt;b&gt;.png""#), "{html}");
        let (thumb, preview) = (&large.links.thumb, &large.links.preview);
        let link = format!(r#"<a class="r150" href="{}" data-original="{}" data-name="A lake">"#, large.links.page.as_ref().unwrap(), large.links.original);
        let picture = format!(r#"{link}<img src="{thumb}" srcset="{thumb} 400w, {preview} 1600w" sizes="412px" width="1800" height="1200""#);
        assert!(html.contains(&picture), "{html}");
        assert!(html.contains(&format!(r#"<img src="{}" width=""#, small.links.original)), "it is its own thumbnail and preview: {html}");
        assert!(html.contains(&format!("{} 200w", tall.links.thumb)), "{html}");
        assert_eq!(html.matches("<script").count(), 1, "{html}");
        assert!(html.contains(r#"<script src="/s/album.js" type="module"></script>"#) && !html.contains("style="), "{html}");

        // The cover stands for it elsewhere.
        ada.change_album(album.id, json!({"title": "<i>Spring", "description": "Palaces & lakes", "cover": large.id})).await.ok::<Album>();
        let html = page(&server, &url).await;
        for (name, content) in [
            ("og:title", "&lt;i&gt;Spring"),
            ("og:description", "Palaces &amp; lakes"),
            ("og:url", &url),
            ("og:image", preview),
            ("og:image:type", "image/webp"),
            ("og:image:width", "1600"),
            ("og:image:height", "1067"),
            ("og:image:alt", "A &quot;lake&quot; at dusk"),
        ] {
            assert!(html.contains(&format!(r#"<meta property="{name}" content="{content}">"#)), "{name}: {html}");
        }
        assert!(html.contains("<h1>&lt;i&gt;Spring</h1><p>3 pictures</p><p class=\"description\">Palaces &amp; lakes</p>"), "{html}");
    }

    async fn the_page_of_an_album_may_load_its_pictures_its_styles_and_its_script_and_nothing_else(server: TestServer) {
        let ada = server.user().await;
        let ids = ada.pictures(2).await;
        let answer = server.fetch(&ada.album(&ids).await.links.page.unwrap()).await;
        let html = String::from_utf8_lossy(&answer.body).into_owned();
        let styles = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let hash = STANDARD.encode(Sha256::digest(styles));
        let policy = format!(
            "default-src 'none'; img-src {}; style-src 'self' 'sha256-{hash}'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'",
            server.media_url()
        );
        assert_eq!(answer.header("content-security-policy"), policy);
        assert_eq!(answer.header("cache-control"), "public, max-age=0, s-maxage=60");
        assert_eq!(answer.header("x-robots-tag"), "noindex");
        let script = server.fetch(&format!("{}/s/album.js", server.app_url())).await;
        assert_eq!((script.header("content-type"), script.header("cache-control")), ("text/javascript", "public, max-age=3600"));
        assert!(script.body.len() < 6_000, "{}", script.body.len());
    }

    async fn what_is_private_or_deleted_is_not_shown_and_what_is_not_there_is_said_in_words(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let mut images = Vec::new();
        for seed in 0..4 {
            images.push(ada.upload("a.png", &png(seed)).await);
        }
        let ids: Vec<_> = images.iter().map(|image| image.id).collect();
        let album = ada.album(&ids).await;
        let url = album.links.page.clone().unwrap();
        ada.change_album(album.id, json!({"cover": ids[0]})).await.ok::<Album>();
        let is_cover = |html: &str, image: &Image| html.contains(&format!(r#"<meta property="og:image" content="{}">"#, image.links.preview));
        assert!(is_cover(&page(&server, &url).await, &images[0]));
        change_image(&ada, &images[0], json!({"visibility": "private"})).await;
        ada.delete(&format!("/images/{}", ids[2])).await;
        let html = page(&server, &url).await;
        assert_eq!(shown(&html), [&images[1].slug, &images[3].slug]);
        assert!(html.contains("<h1>2 pictures</h1>") && is_cover(&html, &images[1]), "{html}");
        ada.delete(&format!("/images/{}?permanent=true", ids[3])).await;
        assert!(page(&server, &url).await.contains("<h1>1 picture</h1>"));
        ada.post(&format!("/images/{}/restore", ids[2]), &json!({})).await.ok::<Image>();
        assert_eq!(shown(&page(&server, &url).await), [&images[1].slug, &images[2].slug]);

        ada.change_album(album.id, json!({"visibility": "private"})).await.ok::<Album>();
        is_gone(&server, &url).await;
        ada.change_album(album.id, json!({"visibility": "unlisted"})).await.ok::<Album>();
        assert_eq!(server.fetch(&url).await.status, 200);
        // Nothing stands behind these: it begins where it begins.
        for odd in ["x", "", "AAAA", "%00", "%ff", &images[2].slug] {
            let answer = server.fetch(&format!("{url}?after={odd}")).await;
            assert_eq!((answer.status.as_u16(), answer.header("location")), (303, &*url), "{odd}");
        }
        assert_eq!(server.fetch(&format!("{url}?utm_source=x&utm_source=y&flag")).await.status, 200);
        for odd in ["nothing1234", "%00", "%ff", "a%2Fb", "a.b", "%C3%A9"] {
            is_gone(&server, &format!("{}/a/{odd}", server.app_url())).await;
        }
        is_gone(&server, &eve.album(&[]).await.links.page.unwrap()).await;
        assert_eq!(ada.delete(&format!("/albums/{}", album.id)).await.status, 204);
        is_gone(&server, &url).await;
    }

    async fn an_album_of_more_than_500_pictures_has_more_than_one_page(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        let album = ada.album(&[]).await;
        copy_images(&server, album.id, image.id, 1_001).await;
        ada.in_album(album.id, "move", json!({"ids": [ada.images_of(album.id, 200).await[0]]})).await;
        let first = album.links.page.unwrap();
        let (mut seen, mut url) = (Vec::new(), first.clone());
        loop {
            let html = page(&server, &url).await;
            assert!(html.contains("1001 pictures") && shown(&html).len() <= 500);
            seen.extend(shown(&html).into_iter().map(String::from));
            let Some((_, rest)) = html.split_once(r#"rel="next" href=""#) else { break };
            url = rest.split_once('"').unwrap().0.into();
            // Neither how many stand before it nor when it was uploaded.
            assert_eq!(url, format!("{first}?after={}", shown(&html).last().unwrap()));
        }
        let expected: Vec<_> = (2..=1_001).chain([1]).map(|n| format!("s{n}")).collect();
        assert_eq!(seen, expected);
    }
}

#[tokio::test]
async fn the_page_of_an_album_may_load_pictures_from_where_they_are_redirected_to() {
    let server = TestServer::start_with(On::Sqlite, |config| {
        config.server.delivery = Delivery::Redirect;
    })
    .await;
    let ada = server.user().await;
    let album = ada.album(&ada.pictures(1).await).await;
    let answer = server.fetch(&album.links.page.unwrap()).await;
    let storage = server.app().urls.storage();
    let sources = format!("img-src {} {storage}; ", server.media_url());
    let policy = answer.header("content-security-policy");
    assert!(policy.contains(&sources), "{policy}");
}
