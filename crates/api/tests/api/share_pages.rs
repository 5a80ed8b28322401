//! The page that a link to a picture opens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::ImageFormat;
use reqwest::Method;
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};
use tintype_core::db::image::Entity;
use tintype_dto::Image;

use crate::crowd::noise;
use crate::pictures::{jpeg, sized};
use crate::server::{TestServer, on_both_databases};

async fn page(server: &TestServer, image: &Image) -> String {
    let answer = server.fetch(image.links.page.as_ref().unwrap()).await;
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.body).unwrap()
}

/// Whether services are told of this picture.
fn names(html: &str, url: &str, size: [u32; 2]) -> bool {
    let tag = |name: &str, content: &str| {
        html.contains(&format!(r#"<meta property="{name}" content="{content}">"#))
    };
    let [width, height] = size.map(|side| side.to_string());
    tag("og:image", url) && tag("og:image:width", &width) && tag("og:image:height", &height)
}

on_both_databases! {
    async fn a_share_page_names_the_picture_for_previews_and_escapes_what_users_wrote(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("<script>alert(1)<.jpg", &jpeg(1)).await;
        let page = server.fetch(image.links.page.as_ref().unwrap()).await;
        let html = String::from_utf8(page.body.clone()).unwrap();
        assert!(html.contains(&format!(r#"<meta property="og:image" content="{}">"#, image.links.preview)));
        assert!(html.contains(r#"<meta property="og:title" content="&lt;script&gt;alert(1)&lt;.jpg">"#));
        assert!(html.contains(&format!(r#"<img src="{}""#, image.links.preview)), "{html}");
        assert!(!html.contains("<script"));
        assert!(page.header("content-security-policy").starts_with("default-src 'none'; img-src "));
        assert_eq!(server.fetch(&format!("{}/s/style.css", server.app_url())).await.header("content-type"), "text/css");
        let lost = format!("{}/s/doesnotexist", server.app_url());
        server.fetch(&lost).await.problem("not_found");
        let person = server.anonymous().send_to(Method::GET, &lost, |r| r.header("accept", "text/html,*/*;q=0.8")).await;
        assert_eq!((person.status.as_u16(), person.header("content-type")), (404, "text/html; charset=utf-8"));
        assert!(String::from_utf8_lossy(&person.body).contains("This picture is not here"));
    }

    async fn a_share_page_offers_a_picture_in_the_sizes_that_there_are(server: TestServer) {
        let alice = server.user().await;
        let large = alice.upload("a.jpg", &sized(1800, 1200, 1, ImageFormat::Jpeg)).await;
        let html = page(&server, &large).await;
        let (thumb, preview) = (&large.links.thumb, &large.links.preview);
        let shown = format!(
            r#"<img src="{preview}" srcset="{thumb} 400w, {preview} 1600w" sizes="min(100vw, 1600px, (100dvh - 160px) * 1600 / 1067)" width="1800" height="1200" alt="a.jpg">"#
        );
        assert!(html.contains(&shown), "{html}");
        let small = alice.upload("b.png", &sized(300, 200, 1, ImageFormat::Png)).await;
        let html = page(&server, &small).await;
        assert!(html.contains(&format!(r#"<img src="{}" width="300" height="200""#, small.links.original)), "{html}");
    }

    async fn a_share_page_has_room_and_colours_of_a_picture_before_it_is_there(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("a.jpg", &jpeg(200)).await;
        let answer = server.fetch(image.links.page.as_ref().unwrap()).await;
        let html = String::from_utf8_lossy(&answer.body).into_owned();
        let (_, rest) = html.split_once("<style>").unwrap();
        let (styles, _) = rest.split_once("</style>").unwrap();
        let begins = ".picture img{width:min(100%,1600px, (100dvh - 160px) * 1600 / 8);background:linear-gradient(to bottom right,#";
        assert!(styles.starts_with(begins), "{styles}");
        let hash = STANDARD.encode(Sha256::digest(styles));
        let policy = answer.header("content-security-policy");
        assert!(policy.contains(&format!("style-src 'self' 'sha256-{hash}';")), "{policy}");
    }

    async fn services_are_told_of_a_picture_that_all_of_them_take(server: TestServer) {
        let alice = server.user().await;
        let light = alice.upload("a.jpg", &sized(1800, 1200, 1, ImageFormat::Jpeg)).await;
        assert!(names(&page(&server, &light).await, &light.links.preview, [1600, 1067]));
        let heavy = alice.upload("b.png", &noise()).await;
        let preview = server.fetch(&heavy.links.preview).await.body;
        assert!(preview.len() > 300_000, "{}", preview.len());
        let album = alice.album(&[heavy.id, light.id]).await;
        let of_album = server.fetch(album.links.page.as_ref().unwrap()).await.body;
        for html in [page(&server, &heavy).await, String::from_utf8(of_album).unwrap()] {
            assert!(names(&html, &heavy.links.thumb, [400, 314]), "{html}");
        }
        assert!(server.fetch(&heavy.links.thumb).await.body.len() <= 300_000);
        // One that is its own preview is small enough.
        let small = alice.upload("c.png", &sized(300, 200, 1, ImageFormat::Png)).await;
        assert!(names(&page(&server, &small).await, &small.links.original, [300, 200]));
        // The store does not say how large the preview is: the page is shown all the same.
        let row = Entity::find_by_id(light.id).one(server.db()).await.unwrap().unwrap();
        server.app().store.delete(&row.preview_key.unwrap()).await.unwrap();
        assert!(names(&page(&server, &light).await, &light.links.thumb, [400, 267]));
    }
}
