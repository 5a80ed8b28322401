//! Uploads against what hostile input gets.

use bytes::Bytes;
use image::ImageFormat;
use reqwest::Method;
use serde_json::json;
use tintype_dto::{Image, RemovedCode, Upload};

use crate::client::{Answer, Client};
use crate::pictures::{jpeg, picture, png, sized};
use crate::server::{On, TestServer, on_both_databases};

/// PUTs to another address or with other headers than the presigned ones.
async fn put_changed(
    client: &Client,
    url: &str,
    headers: &[(String, String)],
    bytes: &[u8],
) -> Answer {
    client
        .send_to(Method::PUT, url, |mut request| {
            for (name, value) in headers {
                request = request.header(name, value);
            }
            request.body(bytes.to_vec())
        })
        .await
}

fn headers(upload: &Upload) -> Vec<(String, String)> {
    upload
        .put
        .as_ref()
        .unwrap()
        .headers
        .clone()
        .into_iter()
        .collect()
}

/// A picture that is as large with every seed.
fn icon(seed: u8) -> Vec<u8> {
    sized(48, 32, seed, image::ImageFormat::Jpeg)
}

on_both_databases! {
    async fn bytes_swapped_after_confirm_are_never_served(server: TestServer) {
        let alice = server.user().await;
        let (good, bad) = (icon(1), icon(2));
        assert_eq!(good.len(), bad.len(), "the same URL accepts both");
        let upload = alice.announce_as("a.jpg", &good, false).await;
        alice.put(&upload, &good).await;
        let image: Image = alice.confirm(upload.id).await.ok();
        let before = server.fetch(&image.links.original).await.body;
        assert_eq!(alice.put(&upload, &bad).await.status, 412, "the URL has ended with the upload");
        // A store that ignores the condition would take them.
        server.app().store.put(&format!("staging/{}", upload.id), "image/jpeg", bad.into()).await.unwrap();
        assert_eq!(alice.confirm(upload.id).await.ok::<Image>(), image);
        assert_eq!(server.fetch(&image.links.original).await.body, before);
        server.clock.advance(chrono::TimeDelta::hours(2));
        server.work().await;
        assert_eq!(server.objects().await.len(), 1, "what was replayed is swept");
    }

    // 500 on each database.
    async fn bytes_swapped_before_during_and_after_confirm_are_never_served_unchecked(server: TestServer) {
        let alice = server.user().await;
        let store = &server.app().store;
        let race = async |n: u8| {
            let good = jpeg(n);
            let bad = Bytes::from([b"<script>alert(1)</script>".as_slice(), &vec![b' '; good.len() - 25]].concat());
            let upload = alice.announce_as("a.jpg", &good, false).await;
            alice.put(&upload, &good).await;
            // As in a store that lets the same URL write again and again.
            let key = format!("staging/{}", upload.id);
            let swap = async {
                for _ in 0..3 {
                    tokio::time::sleep(std::time::Duration::from_millis(rand::random_range(0..12))).await;
                    store.put(&key, "image/jpeg", bad.clone()).await.unwrap();
                }
            };
            let (answer, ()) = tokio::join!(alice.confirm(upload.id), swap);
            if answer.status != 200 {
                answer.problem("unsupported_media");
                return false;
            }
            let image: Image = answer.json();
            let served = server.fetch(&image.links.original).await.body;
            assert!(served == good, "{} bytes that were not checked are served", served.len());
            true
        };
        let mut published = 0;
        for round in 0..125_u8 {
            let four = futures::future::join_all((0..4).map(|n| race(round.wrapping_mul(2) + n))).await;
            published += four.into_iter().filter(|is_published| *is_published).count();
        }
        println!("{published} published, {} refused", 500 - published);
        assert!((1..500).contains(&published), "the race goes both ways: {published}");
    }

    async fn a_type_lie_is_refused_the_same_way_each_time_and_leaves_nothing(server: TestServer) {
        let alice = server.user().await;
        for bytes in [
            b"<!doctype html><script>alert(1)</script>".as_slice(),
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
            b"PK\x03\x04\x14\0\0\0\x08\0aaaaaaaaaaaaaaaa",
            b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
            b"\0\0\0\x18ftypheic\0\0\0\0heicmif1",
            b"x",
        ] {
            let upload = alice.announce_as("a.png", bytes, false).await;
            alice.put(&upload, bytes).await;
            let mut first = alice.confirm(upload.id).await.problem("unsupported_media");
            let mut again = alice.confirm(upload.id).await.problem("unsupported_media");
            (first.request_id, again.request_id) = (None, None);
            assert_eq!(first, again);
            let upload: Upload = alice.get(&format!("/uploads/{}", upload.id)).await.ok();
            assert_eq!(upload.problem.unwrap().detail, first.detail);
        }
        assert!(server.objects().await.is_empty());
        assert!(alice.list("").await.items.is_empty());
    }

    async fn what_the_store_let_through_is_counted_again(server: TestServer) {
        let alice = server.user().await;
        for (bytes, code) in [(icon(1), "hash_mismatch"), (png(1), "size_mismatch"), (vec![0; 200_000], "size_mismatch")] {
            let upload = alice.announce("a.jpg", &icon(3)).await;
            // As by a store that guarantees nothing.
            server.app().store.put(&format!("staging/{}", upload.id), "image/jpeg", Bytes::from(bytes)).await.unwrap();
            alice.confirm(upload.id).await.problem(code);
        }
        assert!(server.objects().await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_accepted_is_refused_before_a_byte_moves() {
    let server =
        TestServer::start_with(On::Sqlite, |config| config.limits.max_bytes = 1_000_000).await;
    let alice = server.user().await;
    let announce = async |content_type: &str, size: serde_json::Value| {
        alice
            .post(
                "/uploads",
                &json!({"filename": "a", "content_type": content_type, "size_bytes": size}),
            )
            .await
    };
    announce("image/png", json!(1_000_001))
        .await
        .problem("file_too_large");
    announce("image/png", json!(0))
        .await
        .problem("validation_failed");
    announce("image/png", json!(-5))
        .await
        .problem("validation_failed");
    announce("image/png", json!(u64::MAX))
        .await
        .problem("file_too_large");
    assert!(
        announce("image/heic", json!(5))
            .await
            .problem("unsupported_media")
            .detail
            .contains("Most compatible")
    );
    for content_type in ["image/svg+xml", "text/html", "video/mp4", "", "image/*"] {
        announce(content_type, json!(5))
            .await
            .problem("unsupported_media");
    }
    let odd =
        json!({"filename": "a", "content_type": "image/png", "size_bytes": 5, "sha256": "ABC"});
    alice
        .post("/uploads", &odd)
        .await
        .problem("validation_failed");
    let extra =
        json!({"filename": "a", "content_type": "image/png", "size_bytes": 5, "user_id": "x"});
    alice
        .post("/uploads", &extra)
        .await
        .problem("validation_failed");
}

on_both_databases! {
    async fn a_presigned_url_takes_nothing_but_the_exact_request(server: TestServer) {
        let alice = server.user().await;
        let bytes = jpeg(1);
        let upload = alice.announce("a.jpg", &bytes).await;
        let url = upload.put.as_ref().unwrap().url.clone();
        let exact = headers(&upload);
        let without = |name: &str| exact.iter().filter(|(n, _)| n != name).cloned().collect::<Vec<_>>();
        let with = |name: &str, value: &str| [without(name), vec![(name.into(), value.into())]].concat();
        assert!(exact.iter().any(|(name, _)| name == "x-amz-checksum-sha256"));
        for (what, url, headers, body) in [
            ("a longer body", url.clone(), exact.clone(), [bytes.clone(), vec![0]].concat()),
            ("a shorter body", url.clone(), exact.clone(), bytes[1..].to_vec()),
            ("other bytes", url.clone(), exact.clone(), jpeg(2)),
            ("another type", url.clone(), with("content-type", "text/html"), bytes.clone()),
            ("no type", url.clone(), without("content-type"), bytes.clone()),
            ("overwriting", url.clone(), without("if-none-match"), bytes.clone()),
            ("an unsigned copy source", url.clone(), with("x-amz-copy-source", "/tintype/images/x"), bytes.clone()),
            ("another key", url.replace("/staging/", "/images/"), exact.clone(), bytes.clone()),
            ("a longer life", url.replace("X-Amz-Expires=", "X-Amz-Expires=9"), exact.clone(), bytes.clone()),
            ("another query", format!("{url}&x-id=GetObject"), exact.clone(), bytes.clone()),
            ("no signature", url.split('?').next().unwrap().to_owned(), exact.clone(), bytes.clone()),
        ] {
            let answer = put_changed(&alice, &url, &headers, &body).await;
            assert!(!answer.status.is_success(), "{what}: {}", answer.status);
        }
        for method in [Method::GET, Method::DELETE, Method::POST] {
            assert!(!alice.send_to(method.clone(), &url, |r| r).await.status.is_success(), "{method}");
        }
        assert!(server.objects().await.is_empty());
        assert_eq!(alice.put(&upload, &bytes).await.status, 200, "the exact request still works");
        assert_eq!(alice.put(&upload, &bytes).await.status, 412, "once");
    }

    async fn tails_behind_the_picture_are_cut_from_every_format(server: TestServer) {
        let alice = server.user().await;
        for (name, format) in
            [("a.jpg", ImageFormat::Jpeg), ("a.png", ImageFormat::Png), ("a.gif", ImageFormat::Gif), ("a.webp", ImageFormat::WebP)]
        {
            let mut bytes = picture(1, format);
            let size = bytes.len();
            bytes.extend_from_slice(b"<html><script>alert('TAIL')</script>PK\x03\x04TAIL");
            let image = alice.upload(name, &bytes).await;
            let published = server.fetch(&image.links.original).await.body;
            assert!(!published.windows(4).any(|w| w == b"TAIL"), "{name}");
            assert!(published.len() <= size, "{name}");
            assert!(image.removed.iter().any(|removed| removed.code == RemovedCode::TrailingData), "{name}: {:?}", image.removed);
        }
    }

    async fn bombs_and_damaged_files_are_refused_and_the_server_lives(server: TestServer) {
        let alice = server.user().await;
        let mut wide = png(1);
        wide[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        let mut endless = png(1);
        endless[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
        let whole = jpeg(1);
        let truncated = whole[..whole.len() / 4].to_vec();
        for (name, bytes) in [("a.png", wide), ("a.png", endless), ("a.jpg", truncated), ("a.gif", b"GIF89a\xff\xff\xff\xff\0\0\0;".to_vec())] {
            let answer = alice.try_upload(name, &bytes).await;
            assert_eq!(answer.status, 422, "{}", String::from_utf8_lossy(&answer.body));
            let code = answer.json::<tintype_dto::Problem>().code.name();
            assert!(["image_too_large", "image_damaged"].contains(&code), "{code}");
        }
        assert!(server.objects().await.is_empty());
        alice.upload("fine.jpg", &whole).await;
    }

    async fn a_client_says_what_it_has_removed_from_a_closed_list(server: TestServer) {
        let alice = server.user().await;
        let bytes = jpeg(1);
        let mut body = json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": bytes.len(), "removed_by_client": ["location", "serial", "location"]});
        let upload: Upload = alice.post("/uploads", &body).await.ok();
        alice.put(&upload, &bytes).await;
        let image: Image = alice.confirm(upload.id).await.ok();
        let receipt = serde_json::to_value(&image.removed).unwrap();
        assert_eq!(receipt, json!([{"code": "location", "by": "client"}, {"code": "serial", "by": "client"}]));
        body["removed_by_client"] = json!(["everything"]);
        alice.post("/uploads", &body).await.problem("validation_failed");
    }
}
