//! What the embedded store refuses, beyond what any store does.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use futures::{StreamExt, stream};
use tintype_storage::{Store, StoreConfig, StoreError};

use crate::place::{Answer, LARGEST, PAGE, Place};

#[tokio::test]
async fn of_eight_racing_presigned_puts_one_wins() {
    let place = Place::embedded().await;
    let body = vec![7; 500_000];
    let presigned = place.presigned("a.png", &body);
    let puts = (0..8).map(|_| place.send(&presigned, &body));
    let mut statuses: Vec<_> = stream::iter(puts)
        .buffer_unordered(8)
        .map(|answer| answer.status)
        .collect()
        .await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    // A PUT that began before another one gets this, if none had been stored yet.
    assert!(
        statuses[1..]
            .iter()
            .all(|status| [409, 412].contains(status)),
        "{statuses:?}"
    );
    assert_eq!(
        place.send(&presigned, &body).await.refusal(),
        (412, "PreconditionFailed")
    );
}

#[tokio::test]
async fn an_unsigned_amz_header_is_refused_whatever_it_says() {
    let place = Place::embedded().await;
    for (name, value) in [
        ("x-amz-copy-source", "/pictures/secret"),
        ("x-amz-acl", "public-read"),
        ("x-amz-meta-note", "mine"),
        ("x-amz-tagging", "a=b"),
        ("x-amz-checksum-sha256", "AAAA"),
        ("x-amz-website-redirect-location", "http://127.0.0.1/"),
        ("x-amz-anything", "else"),
    ] {
        let mut presigned = place.presigned("a.png", b"pixels");
        presigned.headers.insert(name.into(), value.into());
        assert_eq!(
            place.send(&presigned, b"pixels").await.refusal(),
            (403, "AccessDenied"),
            "{name}"
        );
    }
    assert_eq!(place.read("a.png").await, None);
}

#[tokio::test]
async fn operations_that_nobody_needs_are_not_there() {
    let place = Place::embedded().await;
    let (sdk, bucket) = (place.sdk(), place.config.bucket.as_str());
    place
        .store
        .put("secret", "image/png", Bytes::from_static(b"secret"))
        .await
        .unwrap();
    let body = || ByteStream::from_static(b"x");
    let object = || sdk.put_object().bucket(bucket).key("k").body(body());
    macro_rules! refused {
        ($($request:expr),+ $(,)?) => {$(
            let error = $request.send().await.unwrap_err();
            let status = error.raw_response().unwrap().status().as_u16();
            assert!(status == 501, "{}: {status} {:?}", stringify!($request), error.code());
        )+};
    }
    refused![
        sdk.copy_object()
            .bucket(bucket)
            .key("k")
            .copy_source("pictures/secret"),
        sdk.create_multipart_upload().bucket(bucket).key("k"),
        sdk.upload_part()
            .bucket(bucket)
            .key("k")
            .upload_id("u")
            .part_number(1)
            .body(body()),
        sdk.list_multipart_uploads().bucket(bucket),
        sdk.get_object_acl().bucket(bucket).key("secret"),
        sdk.get_object_tagging().bucket(bucket).key("secret"),
        sdk.get_object()
            .bucket(bucket)
            .key("secret")
            .version_id("1"),
        sdk.list_objects().bucket(bucket),
        sdk.list_objects_v2().bucket(bucket).delimiter("/"),
        sdk.delete_bucket().bucket(bucket),
        sdk.get_bucket_policy().bucket(bucket),
        object().metadata("a", "b"),
        object().acl(aws_sdk_s3::types::ObjectCannedAcl::PublicRead),
        object().if_match("x"),
    ];
    assert_eq!(place.store.list("", None).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_wrong_key_secret_region_or_bucket_is_named() {
    let place = Place::embedded().await;
    let with = |change: fn(&mut StoreConfig)| {
        let mut config = place.config.clone();
        change(&mut config);
        Store::new(config)
    };
    for (store, status, code) in [
        (
            with(|c| c.access_key_id = "nobody".into()),
            403,
            "InvalidAccessKeyId",
        ),
        (
            with(|c| c.secret_access_key = "guess".into()),
            403,
            "SignatureDoesNotMatch",
        ),
        (
            with(|c| c.region = "eu-west-1".into()),
            400,
            "AuthorizationHeaderMalformed",
        ),
    ] {
        let error = store.list("", None).await.unwrap_err();
        let StoreError::Refused(cause) = &error else {
            panic!("{error:?}")
        };
        assert_eq!((cause.status(), cause.code()), (Some(status), Some(code)));
    }
    let elsewhere = with(|c| c.bucket = "elsewhere".into());
    assert!(matches!(
        elsewhere.list("", None).await,
        Err(StoreError::Refused(_))
    ));
}

#[tokio::test]
async fn a_url_that_would_live_longer_than_a_week_is_refused() {
    let place = Place::embedded().await;
    let presigned = place.presigned("a.png", b"pixels");
    for expires in ["604801", "4294967295", "0", "-1", "x", ""] {
        let url =
            presigned
                .url
                .replacen("X-Amz-Expires=60", &format!("X-Amz-Expires={expires}"), 1);
        let answer = place.send_to(&url, &presigned.headers, b"pixels").await;
        assert_eq!(
            answer.refusal(),
            (400, "AuthorizationQueryParametersError"),
            "{expires}"
        );
    }
}

#[tokio::test]
async fn an_object_over_the_limit_is_refused_with_a_reason() {
    let place = Place::embedded().await;
    let body = vec![0; usize::try_from(LARGEST).unwrap() + 1];
    let presigned = place.presigned("a.png", &body);
    assert_eq!(
        place.send(&presigned, &body).await.refusal(),
        (413, "EntityTooLarge")
    );
    assert_eq!(place.read("a.png").await, None);
    let body = &body[1..];
    let presigned = place.presigned("a.png", body);
    assert_eq!(place.send(&presigned, body).await.status, 200);
}

#[tokio::test]
async fn keys_with_control_characters_are_refused() {
    let place = Place::embedded().await;
    for key in ["a\0b", "a\nb", "\u{7f}", "\u{1}", &"k".repeat(1025)] {
        let put = place
            .store
            .put(key, "image/png", Bytes::from_static(b"x"))
            .await;
        assert!(
            matches!(&put, Err(StoreError::Refused(cause)) if cause.status() == Some(400)),
            "{key:?}: {put:?}"
        );
    }
    assert!(place.store.list("", None).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn an_md5_that_differs_is_refused() {
    let place = Place::embedded().await;
    let put = |md5: &str| {
        let put = place
            .sdk()
            .put_object()
            .bucket("pictures")
            .key("k")
            .content_md5(md5);
        put.body(ByteStream::from_static(b"x")).send()
    };
    assert_eq!(
        put("1B2M2Y8AsgTpgAmY7PhCfg==").await.unwrap_err().code(),
        Some("BadDigest")
    );
    assert_eq!(
        put("short").await.unwrap_err().code(),
        Some("InvalidDigest")
    );
    assert_eq!(place.read("k").await, None);
    put("ndTkYSaMgDT1yFZOFVxnpg==").await.unwrap();
}

#[tokio::test]
async fn a_page_of_the_allowed_origin_may_send_and_no_other() {
    let place = Place::embedded().await;
    let presigned = place.presigned("a.png", b"pixels");
    let preflight = |origin: &'static str| {
        let options = place
            .http
            .request(reqwest::Method::OPTIONS, &presigned.url)
            .header("origin", origin);
        let options = options.header("access-control-request-method", "PUT");
        Answer::to(options.header(
            "access-control-request-headers",
            "content-type,if-none-match,x-amz-checksum-sha256",
        ))
    };
    let allowed = preflight(PAGE).await;
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.headers["access-control-allow-origin"], PAGE);
    assert_eq!(
        allowed.headers["access-control-allow-methods"],
        "PUT,GET,HEAD"
    );
    assert_eq!(
        allowed.headers["access-control-allow-headers"],
        "content-type,if-none-match,x-amz-checksum-sha256"
    );
    for origin in [
        "null",
        "http://127.0.0.1:8081",
        "http://127.0.0.1:80800",
        "https://127.0.0.1:8080",
        "http://evil",
    ] {
        assert!(
            !preflight(origin)
                .await
                .headers
                .contains_key("access-control-allow-origin"),
            "{origin}"
        );
    }
    let put = || {
        presigned
            .headers
            .iter()
            .fold(place.http.put(&presigned.url), |put, (k, v)| {
                put.header(k, v)
            })
    };
    let stored = Answer::to(put().header("origin", PAGE).body("pixels")).await;
    assert_eq!(
        (
            stored.status,
            &stored.headers["access-control-allow-origin"]
        ),
        (200, &PAGE.parse().unwrap())
    );
    assert_eq!(stored.headers["access-control-expose-headers"], "etag");
    assert!(stored.headers.contains_key("etag"));
    let refused = Answer::to(put().header("origin", PAGE).body("pixels")).await;
    assert_eq!(
        (
            refused.status,
            &refused.headers["access-control-allow-origin"]
        ),
        (412, &PAGE.parse().unwrap())
    );
}

#[tokio::test]
async fn stored_bytes_never_run_as_a_page() {
    let place = Place::embedded().await;
    place
        .store
        .put("a", "text/html", Bytes::from_static(b"<script>"))
        .await
        .unwrap();
    let url = place.store.presign_get("a", crate::place::MINUTE).unwrap();
    let got = Answer::to(place.http.get(url)).await;
    assert_eq!(got.status, 200);
    assert_eq!(got.headers["x-content-type-options"], "nosniff");
    assert_eq!(
        got.headers["content-security-policy"],
        "default-src 'none'; sandbox"
    );
}
