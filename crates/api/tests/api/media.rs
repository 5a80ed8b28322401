//! What anyone with a link gets.

use reqwest::Method;
use serde_json::json;
use tintype_dto::Image;

use crate::pictures::jpeg;
use crate::server::on_both_databases;

on_both_databases! {
    async fn originals_have_a_strong_etag_ranges_and_headers_that_keep_them_from_running(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("a.jpg", &jpeg(1)).await;
        let url = &image.links.original;
        let whole = server.fetch(url).await;
        let etag = whole.header("etag").to_owned();
        assert_eq!(etag, format!("\"{}\"", image.sha256));
        assert_eq!(whole.body.len() as u64, image.size_bytes);
        for (name, value) in [
            ("content-type", "image/jpeg"),
            ("cache-control", "public, max-age=31536000, s-maxage=60, immutable"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
            ("cross-origin-resource-policy", "cross-origin"),
            ("access-control-allow-origin", "*"),
            ("accept-ranges", "bytes"),
        ] {
            assert_eq!(whole.header(name), value, "{name}");
        }
        assert!(whole.headers.get("set-cookie").is_none());

        let client = server.anonymous();
        let head = client.send_to(Method::HEAD, url, |r| r).await;
        assert_eq!((head.status.as_u16(), head.body.len(), head.header("content-length")), (200, 0, image.size_bytes.to_string().as_str()));
        let known = client.send_to(Method::GET, url, |r| r.header("if-none-match", format!("\"x\", W/{etag}"))).await;
        assert_eq!((known.status.as_u16(), known.body.len(), known.header("etag")), (304, 0, etag.as_str()));

        let part = client.send_to(Method::GET, url, |r| r.header("range", "bytes=2-5")).await;
        assert_eq!((part.status.as_u16(), part.body.as_slice()), (206, &whole.body[2..=5]));
        assert_eq!(part.header("content-range"), format!("bytes 2-5/{}", image.size_bytes));
        let tail = client.send_to(Method::GET, url, |r| r.header("range", "bytes=-3").header("if-range", &etag)).await;
        assert_eq!(tail.body, whole.body[whole.body.len() - 3..]);
        let stale = client.send_to(Method::GET, url, |r| r.header("range", "bytes=-3").header("if-range", "\"old\"")).await;
        assert_eq!((stale.status.as_u16(), stale.body.len()), (200, whole.body.len()));
        let beyond = client.send_to(Method::GET, url, |r| r.header("range", "bytes=99999999-")).await;
        assert_eq!((beyond.status.as_u16(), beyond.header("content-range")), (416, format!("bytes */{}", image.size_bytes).as_str()));
        let several = client.send_to(Method::GET, url, |r| r.header("range", "bytes=0-1,4-5")).await;
        assert_eq!(several.status, 200);
    }

    async fn only_the_exact_address_of_an_image_names_it(server: TestServer) {
        let image = server.user().await.upload("a.jpg", &jpeg(1)).await;
        let (media, slug) = (server.media_url(), &image.slug);
        let lower = slug.to_lowercase();
        let twin = if lower == *slug { slug.to_uppercase() } else { lower };
        for path in [
            format!("/i/{slug}"),
            format!("/i/{slug}.png"),
            format!("/i/{slug}.jpg2"),
            format!("/i/{slug}.apng"),
            format!("/i/{slug}.jpg/"),
            format!("/i/{slug}/thumb.jpg"),
            format!("/i/{slug}/preview.png"),
            format!("/i/{slug}/original.webp"),
            format!("/i/{twin}.jpg"),
            "/i/".into(),
            "/i/%2e%2e/x.jpg".into(),
            "/".into(),
            "/i/a%00b.jpg".into(),
        ] {
            server.fetch(&format!("{media}{path}")).await.problem("not_found");
        }
        let post = server.anonymous().send_to(Method::POST, &image.links.original, |r| r).await;
        post.problem("method_not_allowed");
        // The app origin serves no user bytes.
        server.fetch(&format!("{}/i/{slug}.jpg", server.app_url())).await.problem("not_found");
    }

    async fn another_spelling_of_an_address_leads_to_the_one_in_links(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("a.jpg", &jpeg(1)).await;
        let (media, slug) = (server.media_url(), &image.slug);
        let original = &image.links.original;
        let (private, thumb) = (format!("{media}/i/{slug}.jpeg"), &image.links.thumb);
        for (other, address) in [
            (private.clone(), original.clone()),
            (format!("{media}/i/{slug}.JPG?download=1"), format!("{original}?download=1")),
            (format!("{media}/i/{slug}.JFIF"), original.clone()),
            (format!("{media}/i/{slug}/Thumb.WEBP?a=%0d%0ab"), format!("{thumb}?a=%0d%0ab")),
            (format!("{}/", image.links.page.as_ref().unwrap()), image.links.page.clone().unwrap()),
            (format!("{}/a/{slug}/?after=x", server.app_url()), format!("{}/a/{slug}?after=x", server.app_url())),
        ] {
            let client = server.anonymous();
            for method in [Method::GET, Method::HEAD] {
                let answer = client.send_to(method, &other, |r| r).await;
                assert_eq!((answer.status.as_u16(), answer.header("location")), (308, &*address), "{other}");
                let open = if other.starts_with(&media) { "*" } else { "" };
                assert_eq!(answer.header("access-control-allow-origin"), open, "{other}");
            }
        }
        let app = server.app_url();
        for odd in ["/s//evil.example/", "/s/%2Fevil.example/", "/a/%5Cevil.example/", "/a/evil.example/", "/s/%0d%0ax/"] {
            let answer = server.fetch(&format!("{app}{odd}")).await;
            assert_eq!(answer.header("location"), "", "{odd}");
        }
        let body = json!({"visibility": "private"});
        alice.send(Method::PATCH, &format!("/images/{}", image.id), Some(&body)).await.ok::<Image>();
        server.fetch(&private).await.problem("not_found");
    }

    async fn a_person_on_a_dead_link_to_bytes_is_told_in_words(server: TestServer) {
        let media = server.media_url();
        for (path, words) in [("nothing1234.jpg", "This picture is not here"), ("x/y/z", "This picture is not here"), ("a/nothing1234.zip", "This album is not here"),
            ("%ff.jpg", "This picture is not here"), ("a/%ff.zip", "This album is not here"), ("e/%ff.zip", "This download is not here")] {
            let url = format!("{media}/i/{path}");
            let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
            let person = server.anonymous().send_to(Method::GET, &url, |r| r.header("accept", browser)).await;
            assert_eq!((person.status.as_u16(), person.header("content-type")), (404, "text/html; charset=utf-8"));
            assert_eq!((person.header("vary"), person.header("x-content-type-options")), ("accept", "nosniff"));
            let html = String::from_utf8(person.body).unwrap();
            assert!(html.contains(&format!("<h1>{words}</h1>")) && html.contains("<style>") && !html.contains("<link"), "{html}");
            // A page that shows the picture, and a program.
            for accept in ["image/avif,image/webp,*/*;q=0.8", "*/*"] {
                let told = server.anonymous().send_to(Method::GET, &url, |r| r.header("accept", accept)).await;
                assert_eq!(told.header("vary"), "accept");
                told.problem("not_found");
            }
        }
    }

    async fn a_person_on_a_dead_link_to_a_page_is_told_in_words_however_it_is_spelt(server: TestServer) {
        let app = server.app_url();
        for path in ["s/nothing1234", "s/no-such", "s/no-such/", "s/%ff", "s/%ff/", "a/nothing1234", "a/no-such", "a/no-such/", "a/%ff", "a/%ff/"] {
            let person = server.anonymous().send_to(Method::GET, &format!("{app}/{path}"), |r| r.header("accept", "text/html")).await;
            assert_eq!((person.status.as_u16(), person.header("content-type")), (404, "text/html; charset=utf-8"), "{path}");
            assert!(person.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
            let what = if path.starts_with('s') { "picture" } else { "album" };
            assert!(String::from_utf8_lossy(&person.body).contains(&format!("<h1>This {what} is not here</h1>")), "{path}");
        }
    }

    async fn a_download_is_named_like_the_file_but_never_by_it(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("été\r\n\u{202e}\"x.html.jpg", &jpeg(1)).await;
        assert_eq!(image.filename, "été\"x.html.jpg");
        let answer = server.fetch(&format!("{}?download=1", image.links.original)).await;
        assert_eq!(
            answer.header("content-disposition"),
            "attachment; filename=\"_t__x.html.jpg\"; filename*=UTF-8''%C3%A9t%C3%A9%22x.html.jpg"
        );
        assert!(server.fetch(&image.links.original).await.headers.get("content-disposition").is_none());
    }
}
