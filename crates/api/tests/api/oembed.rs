//! What other sites are told about links to pictures and albums.

use image::ImageFormat;
use reqwest::Method;
use serde_json::{Value, json};
use tintype_dto::{Album, Image};

use crate::client::Answer;
use crate::pictures::sized;
use crate::server::{TestServer, on_both_databases};

/// The answer about this address, with more parameters behind it.
async fn ask(server: &TestServer, url: &str, more: &str) -> Answer {
    let url: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
    let ask = format!("{}/oembed?url={url}{more}", server.app_url());
    server.fetch(&ask).await
}

on_both_databases! {
    async fn other_sites_are_told_what_to_show_in_the_place_of_a_link(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("large.jpg", &sized(1800, 1200, 1, ImageFormat::Jpeg)).await;
        let page = image.links.page.clone().unwrap();
        let about = |url: &str, size: [u32; 2]| json!({
            "version": "1.0", "type": "photo", "provider_name": "Tintype", "provider_url": server.app_url(), "title": "large.jpg",
            "url": url, "width": size[0], "height": size[1],
        });
        let whole = about(&image.links.preview, [1600, 1067]);
        assert_eq!(ask(&server, &page, "").await.ok::<Value>(), whole);
        assert_eq!(ask(&server, &format!("{page}?utm_source=x#y"), "&format=json&maxwidth=1600&theme=dark").await.ok::<Value>(), whole);
        let thumb = about(&image.links.thumb, [400, 267]);
        for less in ["&maxwidth=1599", "&maxheight=1066", "&maxwidth=400&maxheight=267"] {
            assert_eq!(ask(&server, &page, less).await.ok::<Value>(), thumb, "{less}");
        }
        // There is always something to show, if need be smaller than it is.
        for (less, size) in [("&maxwidth=399", [399, 266]), ("&maxheight=10", [14, 10]), ("&maxwidth=0", [1, 1])] {
            assert_eq!(ask(&server, &page, less).await.ok::<Value>(), about(&image.links.thumb, size), "{less}");
        }
        assert_eq!(ask(&server, &format!("{page}/"), "").await.ok::<Value>(), whole);
        assert_eq!(ask(&server, &page, "&format=xml").await.status, 501);

        let small = ada.upload("small.png", &sized(300, 200, 2, ImageFormat::Png)).await;
        let album = ada.album(&[small.id, image.id]).await;
        ada.change_album(album.id, json!({"title": "A week", "cover": image.id})).await.ok::<Album>();
        let page = album.links.page.unwrap();
        let told = json!({
            "version": "1.0", "type": "link", "provider_name": "Tintype", "provider_url": server.app_url(), "title": "A week",
            "thumbnail_url": image.links.thumb, "thumbnail_width": 400, "thumbnail_height": 267,
        });
        assert_eq!(ask(&server, &page, "&maxwidth=600").await.ok::<Value>(), told);
        let narrow: Value = ask(&server, &page, "&maxwidth=100").await.ok();
        assert_eq!((&narrow["thumbnail_width"], &narrow["thumbnail_height"]), (&json!(100), &json!(66)));

        // Each page says where to ask.
        for page in [&page, image.links.page.as_ref().unwrap()] {
            let html = String::from_utf8(server.fetch(page).await.body).unwrap();
            let (_, rest) = html.split_once(r#"type="application/json+oembed" href=""#).unwrap();
            let told = server.fetch(rest.split_once('"').unwrap().0).await;
            assert_eq!((told.status.as_u16(), told.header("content-type")), (200, "application/json"));
            assert_eq!(told.header("cache-control"), "public, max-age=0, s-maxage=60");
        }
    }

    async fn nobody_is_told_of_what_they_can_not_see_or_of_another_site(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &sized(300, 200, 1, ImageFormat::Jpeg)).await;
        let album = ada.album(&[image.id]).await;
        let app = server.app_url();
        let (page, of_album) = (image.links.page.unwrap(), album.links.page.unwrap());
        for (url, status) in [(&page, 200), (&of_album, 200)] {
            assert_eq!(ask(&server, url, "").await.status, status);
        }
        for odd in [
            String::new(),
            "x".into(),
            format!("https://evil.example/s/{}", image.slug),
            format!("{app}@evil.example/s/{}", image.slug),
            format!("{app}/a/{}", image.slug),
            format!("{app}/s/{}", album.slug),
            format!("{app}/s/{}/x", image.slug),
            format!("{app}/s/%00"),
            format!("{app}/"),
            format!("data:text/html,{page}"),
            image.links.original.clone(),
        ] {
            ask(&server, &odd, "").await.problem("not_found");
        }
        server.fetch(&format!("{app}/oembed")).await.problem("not_found");
        let private = json!({"visibility": "private"});
        ada.send(Method::PATCH, &format!("/images/{}", image.id), Some(&private)).await.ok::<Image>();
        for url in [&page, &of_album] {
            ask(&server, url, "").await.problem("not_found");
        }
    }
}
