//! Any store. Each case runs on the embedded one and, on request, on a real one.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use tintype_storage::{NewObject, ObjectInfo, Presigned, StoreError};

use crate::place::{Answer, MINUTE, Place, png};

macro_rules! cases {
    ($($name:ident)+) => {
        mod embedded {
            $(#[tokio::test] async fn $name() { super::$name(crate::place::Place::embedded().await).await; })+
        }
        mod real {
            $(#[tokio::test] #[ignore = "needs TINTYPE_TEST_S3_*"]
            async fn $name() { super::$name(crate::place::Place::real()).await; })+
        }
    };
}

cases! {
    a_presigned_put_stores_the_announced_bytes
    a_presigned_put_with_a_hash_stores_the_announced_bytes
    a_presigned_put_works_once_unless_the_store_lacks_that
    a_presigned_put_of_another_size_is_refused
    a_presigned_put_of_another_type_is_refused
    bytes_with_another_hash_than_the_signed_one_are_refused
    a_signed_header_that_is_changed_or_missing_is_refused
    a_presigned_put_is_good_for_one_method_and_one_key
    every_query_parameter_is_covered_by_the_signature
    an_expired_url_is_refused
    an_unsigned_copy_source_copies_nothing
    a_stranger_can_do_nothing
    an_object_comes_back_as_it_was_put
    putting_again_replaces
    ranges_are_inclusive_and_end_with_the_object
    an_object_larger_than_wanted_is_not_read
    deleting_is_final_and_can_be_repeated
    a_missing_object_is_none
    a_listing_goes_on_behind_its_last_key
    odd_keys_are_kept_apart
    racing_puts_leave_one_whole_object
}

async fn a_presigned_put_stores_the_announced_bytes(place: Place) {
    let key = place.key("a.png");
    let presigned = place.presigned(&key, b"pixels");
    assert_eq!(
        presigned.headers.keys().collect::<Vec<_>>(),
        ["content-type", "if-none-match"]
    );
    assert_eq!(place.send(&presigned, b"pixels").await.status, 200);
    assert_eq!(place.read(&key).await.unwrap(), b"pixels");

    let url = place.store.presign_get(&key, MINUTE).unwrap();
    let got = Answer::to(place.http.get(url)).await;
    assert_eq!((got.status, got.body.as_str()), (200, "pixels"));
    assert_eq!(got.headers["content-type"], "image/png");
}

async fn a_presigned_put_with_a_hash_stores_the_announced_bytes(place: Place) {
    let key = place.key("a.png");
    let presigned = hashed(&place, &key, b"pixels");
    assert_eq!(
        presigned.headers["x-amz-checksum-sha256"],
        BASE64_STANDARD.encode(Sha256::digest(b"pixels"))
    );
    assert_eq!(place.send(&presigned, b"pixels").await.status, 200);
    assert_eq!(place.read(&key).await.unwrap(), b"pixels");
}

async fn a_presigned_put_works_once_unless_the_store_lacks_that(place: Place) {
    let key = place.key("a.png");
    let presigned = place.presigned(&key, b"first!");
    assert_eq!(place.send(&presigned, b"first!").await.status, 200);
    let (again, kept) = if place.lacks("if-none-match") {
        (200, b"second")
    } else {
        (412, b"first!")
    };
    assert_eq!(place.send(&presigned, b"second").await.status, again);
    assert_eq!(place.read(&key).await.unwrap(), kept);
}

async fn a_presigned_put_of_another_size_is_refused(place: Place) {
    let key = place.key("a.png");
    let presigned = place.presigned(&key, b"pixels");
    for bytes in [&b""[..], b"pixel", b"pixels!", &noise(300_000)] {
        assert_eq!(
            place.send(&presigned, bytes).await.status,
            403,
            "{} bytes",
            bytes.len()
        );
    }
    assert_eq!(place.read(&key).await, None);
}

async fn a_presigned_put_of_another_type_is_refused(place: Place) {
    let key = place.key("a.png");
    let mut presigned = place.presigned(&key, b"pixels");
    presigned
        .headers
        .insert("content-type".into(), "text/html".into());
    assert_eq!(place.send(&presigned, b"pixels").await.status, 403);
    assert_eq!(place.read(&key).await, None);
}

async fn bytes_with_another_hash_than_the_signed_one_are_refused(place: Place) {
    let key = place.key("a.png");
    let presigned = hashed(&place, &key, b"pixels");
    assert_eq!(place.send(&presigned, b"PIXELS").await.status, 400);
    assert_eq!(place.read(&key).await, None);
    assert_eq!(place.send(&presigned, b"pixels").await.status, 200);
}

async fn a_signed_header_that_is_changed_or_missing_is_refused(place: Place) {
    let key = place.key("a.png");
    let presigned = hashed(&place, &key, b"pixels");
    for name in presigned.headers.keys() {
        let mut without = presigned.clone();
        without.headers.remove(name);
        assert!(
            (400..=403).contains(&place.send(&without, b"pixels").await.status),
            "without {name}"
        );
        let mut other = presigned.clone();
        other.headers.insert(
            name.clone(),
            BASE64_STANDARD.encode(Sha256::digest(b"PIXELS")),
        );
        assert!(
            (400..=403).contains(&place.send(&other, b"PIXELS").await.status),
            "other {name}"
        );
    }
    assert_eq!(place.read(&key).await, None);
}

async fn a_presigned_put_is_good_for_one_method_and_one_key(place: Place) {
    let (key, other) = (place.key("a.png"), place.key("b.png"));
    place
        .store
        .put(&other, "image/png", Bytes::from_static(b"safe"))
        .await
        .unwrap();
    let presigned = place.presigned(&key, b"pixels");
    for method in ["GET", "DELETE", "POST"] {
        let request = place.http.request(method.parse().unwrap(), &presigned.url);
        assert!(
            (400..=501).contains(&Answer::to(request).await.status),
            "{method}"
        );
    }
    let moved = presigned.url.replacen("a.png", "b.png", 1);
    assert_eq!(
        place
            .send_to(&moved, &presigned.headers, b"pixels")
            .await
            .status,
        403
    );
    assert_eq!(place.read(&key).await, None);
    assert_eq!(place.read(&other).await.unwrap(), b"safe");
}

async fn every_query_parameter_is_covered_by_the_signature(place: Place) {
    let key = place.key("a.png");
    let presigned = place.presigned(&key, b"pixels");
    let (path, query) = presigned.url.split_once('?').unwrap();
    let pairs: Vec<_> = query.split('&').collect();
    assert!(pairs.len() >= 6, "{} parameters", pairs.len());
    for (at, pair) in pairs.iter().enumerate() {
        let last = if pair.ends_with('0') { "1" } else { "0" };
        let changed = format!("{}{last}", &pair[..pair.len() - 1]);
        for (how, replacement) in [
            ("changed", vec![changed.as_str()]),
            ("dropped", vec![]),
            ("twice", vec![pair, pair]),
        ] {
            let mut pairs = pairs.clone();
            pairs.splice(at..=at, replacement);
            let url = format!("{path}?{}", pairs.join("&"));
            let status = place
                .send_to(&url, &presigned.headers, b"pixels")
                .await
                .status;
            assert!((400..=403).contains(&status), "{how} {pair}: {status}");
        }
    }
    let url = format!("{}&response-content-type=text%2Fhtml", presigned.url);
    assert!(
        place
            .send_to(&url, &presigned.headers, b"pixels")
            .await
            .status
            >= 400
    );
    assert_eq!(place.read(&key).await, None);
}

async fn an_expired_url_is_refused(place: Place) {
    let key = place.key("a.png");
    let expired = PresigningConfig::builder()
        .start_time(SystemTime::now() - Duration::from_hours(1))
        .expires_in(MINUTE)
        .build()
        .unwrap();
    let put = place
        .sdk()
        .put_object()
        .bucket(&place.config.bucket)
        .key(&key)
        .content_length(6);
    let put = put.presigned(expired).await.unwrap();
    let headers = put
        .headers()
        .filter(|(name, _)| *name != "host" && *name != "content-length");
    let headers = headers
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let status = place.send_to(put.uri(), &headers, b"pixels").await.status;
    assert!((400..=403).contains(&status), "{status}");
    assert_eq!(place.read(&key).await, None);
}

async fn an_unsigned_copy_source_copies_nothing(place: Place) {
    let (secret, key) = (place.key("secret"), place.key("a.png"));
    place
        .store
        .put(&secret, "image/png", Bytes::from_static(b"secret"))
        .await
        .unwrap();
    for bytes in [&b""[..], b"pixels"] {
        let mut presigned = place.presigned(&key, bytes);
        presigned.headers.insert(
            "x-amz-copy-source".into(),
            format!("/{}/{secret}", place.config.bucket),
        );
        let status = place.send(&presigned, bytes).await.status;
        assert!((400..=403).contains(&status), "{status}");
    }
    assert_eq!(place.read(&key).await, None);
}

async fn a_stranger_can_do_nothing(place: Place) {
    let key = place.key("a.png");
    place
        .store
        .put(&key, "image/png", Bytes::from_static(b"safe"))
        .await
        .unwrap();
    let base = place.config.endpoint.as_str().trim_end_matches('/');
    let (bucket, object) = (
        format!("{base}/{}", place.config.bucket),
        format!("{base}/{}/{key}", place.config.bucket),
    );
    for (method, url) in [
        ("GET", &object),
        ("HEAD", &object),
        ("PUT", &object),
        ("DELETE", &object),
        ("GET", &format!("{bucket}?list-type=2")),
    ] {
        let request = place
            .http
            .request(method.parse().unwrap(), url)
            .header("content-length", "0");
        assert_eq!(Answer::to(request).await.status, 403, "{method}");
    }
    assert_eq!(place.read(&key).await.unwrap(), b"safe");
}

async fn an_object_comes_back_as_it_was_put(place: Place) {
    for size in [0, 1, 65_536, 262_144, 262_145, 3_000_000] {
        let (key, bytes) = (place.key(&format!("of-{size}")), noise(size));
        place
            .store
            .put(&key, "image/png", bytes.clone())
            .await
            .unwrap();
        assert!(
            place
                .store
                .get(&key, bytes.len() as u64)
                .await
                .unwrap()
                .unwrap()
                == bytes,
            "{size} bytes"
        );
        let info = ObjectInfo {
            size_bytes: bytes.len() as u64,
        };
        assert_eq!(place.store.head(&key).await.unwrap(), Some(info));
    }
}

async fn putting_again_replaces(place: Place) {
    let key = place.key("a");
    for bytes in ["first", "second"] {
        place
            .store
            .put(&key, "image/png", Bytes::from(bytes))
            .await
            .unwrap();
        assert_eq!(place.read(&key).await.unwrap(), bytes.as_bytes());
    }
}

async fn ranges_are_inclusive_and_end_with_the_object(place: Place) {
    let (key, bytes) = (place.key("a"), noise(600_000));
    place
        .store
        .put(&key, "image/png", bytes.clone())
        .await
        .unwrap();
    for (first, last, expected) in [
        (0, 0, 0..1),
        (0, 599_999, 0..600_000),
        (262_143, 262_144, 262_143..262_145),
        (599_999, 599_999, 599_999..600_000),
        (599_000, 9_999_999, 599_000..600_000),
    ] {
        let part = place
            .store
            .stream(&key, Some((first, last)))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(part.size_bytes, expected.len() as u64);
        let read: Vec<u8> = part.body.try_collect::<Vec<_>>().await.unwrap().concat();
        assert!(read == bytes[expected], "{first}-{last}");
    }
    let behind = place.store.stream(&key, Some((600_000, 600_001))).await;
    assert!(
        matches!(&behind, Err(StoreError::Refused(cause)) if cause.status() == Some(416)),
        "{behind:?}"
    );
}

async fn an_object_larger_than_wanted_is_not_read(place: Place) {
    let key = place.key("a");
    place
        .store
        .put(&key, "image/png", noise(1000))
        .await
        .unwrap();
    assert!(matches!(
        place.store.get(&key, 999).await,
        Err(StoreError::TooLarge)
    ));
    assert!(place.store.get(&key, 1000).await.unwrap().is_some());
}

async fn deleting_is_final_and_can_be_repeated(place: Place) {
    let key = place.key("a");
    place.store.put(&key, "image/png", noise(10)).await.unwrap();
    for _ in 0..2 {
        place.store.delete(&key).await.unwrap();
        assert_eq!(place.store.head(&key).await.unwrap(), None);
    }
    assert!(
        place
            .store
            .list(&place.key(""), None)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

async fn a_missing_object_is_none(place: Place) {
    let key = place.key("missing");
    assert_eq!(place.store.head(&key).await.unwrap(), None);
    assert_eq!(place.store.get(&key, 10).await.unwrap(), None);
    assert!(
        place
            .store
            .stream(&key, Some((0, 1)))
            .await
            .unwrap()
            .is_none()
    );
}

async fn a_listing_goes_on_behind_its_last_key(place: Place) {
    let began = SystemTime::now() - Duration::from_secs(5);
    let keys: Vec<_> = (0..1003)
        .map(|n| place.key(&format!("page/{n:04}")))
        .collect();
    let puts = keys.iter().map(|key| {
        place
            .store
            .put(key, "image/png", Bytes::from_static(b"four"))
    });
    stream::iter(puts)
        .buffer_unordered(16)
        .try_collect::<()>()
        .await
        .unwrap();
    place
        .store
        .put(&place.key("other"), "image/png", noise(1))
        .await
        .unwrap();

    let first = place.store.list(&place.key("page/"), None).await.unwrap();
    assert_eq!(
        (first.items.len(), first.next.as_ref()),
        (1000, Some(&keys[999]))
    );
    assert!(
        first
            .items
            .iter()
            .all(|item| item.size_bytes == 4 && item.modified > began)
    );
    let second = place
        .store
        .list(&place.key("page/"), first.next.as_deref())
        .await
        .unwrap();
    assert_eq!((second.items.len(), second.next), (3, None));
    assert!(
        first
            .items
            .iter()
            .chain(&second.items)
            .map(|item| &item.key)
            .eq(&keys)
    );
}

async fn odd_keys_are_kept_apart(place: Place) {
    let long = "k".repeat(1024 - place.key("").len());
    let names = [
        "a",
        "A",
        "a/b",
        "a/",
        "../x",
        "../../../x",
        ".",
        "..",
        "%2e%2e",
        "%252e",
        "a%2Fb",
        "a b",
        "a+b",
        "a//b",
        "a\\b",
        "caf\u{e9}",
        "cafe\u{301}",
        "\u{1F4F7}",
        "a?b#c&d=e",
        "~",
        "'\"<>&;",
        &long,
    ];
    for name in names {
        place
            .store
            .put(
                &place.key(name),
                "image/png",
                Bytes::copy_from_slice(name.as_bytes()),
            )
            .await
            .expect(name);
    }
    for name in names {
        assert_eq!(
            place.read(&place.key(name)).await.as_deref(),
            Some(name.as_bytes()),
            "{name:?}"
        );
    }
    let mut expected = names.map(|name| place.key(name));
    expected.sort_unstable();
    let listed = place.store.list(&place.key(""), None).await.unwrap();
    assert_eq!(
        listed
            .items
            .into_iter()
            .map(|item| item.key)
            .collect::<Vec<_>>(),
        expected
    );
}

async fn racing_puts_leave_one_whole_object(place: Place) {
    let key = place.key("a");
    let puts = (0..8_u8).map(|n| {
        place
            .store
            .put(&key, "image/png", Bytes::from(vec![n; 400_000]))
    });
    stream::iter(puts)
        .buffer_unordered(8)
        .try_collect::<()>()
        .await
        .unwrap();
    let left = place.read(&key).await.unwrap();
    assert!(left.len() == 400_000 && left.iter().all(|byte| *byte == left[0]));
}

fn hashed(place: &Place, key: &str, bytes: &[u8]) -> Presigned {
    place.presigned_with(
        key,
        &NewObject {
            sha256: Some(Sha256::digest(bytes).into()),
            ..png(bytes)
        },
    )
}

fn noise(size: u32) -> Bytes {
    (0..size)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}
