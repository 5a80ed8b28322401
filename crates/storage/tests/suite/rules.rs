//! The bucket's own rules: CORS and lifecycle.

use tintype_storage::StoreError;

use crate::place::{Answer, PAGE, Place};

fn is_not_implemented<T: std::fmt::Debug>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Refused(cause)) if cause.code() == Some("NotImplemented"))
}

#[tokio::test]
async fn the_embedded_store_has_no_rules_to_write_because_they_are_built_in() {
    let store = Place::embedded().await.store;
    assert!(is_not_implemented(&store.cors_rules().await));
    assert!(is_not_implemented(&store.allow_origin(PAGE).await));
    assert!(is_not_implemented(&store.lifecycle_rules().await));
    assert!(is_not_implemented(
        &store.expire_prefix("staging/", 2).await
    ));
}

#[tokio::test]
async fn a_key_that_is_not_known_is_a_refusal_with_its_code() {
    let mut config = Place::embedded().await.config;
    config.access_key_id = "another".into();
    let refused = tintype_storage::Store::new(config).list("", None).await;
    assert!(
        matches!(&refused, Err(StoreError::Refused(cause)) if cause.code() == Some("InvalidAccessKeyId")),
        "{refused:?}"
    );
}

mod real {
    use super::*;

    async fn preflight(place: &Place, origin: &str, method: &str) -> Answer {
        let presigned = place.presigned(&place.key("a.png"), b"pixels");
        let request = place
            .http
            .request(reqwest::Method::OPTIONS, presigned.url)
            .header("origin", origin);
        let request = request.header("access-control-request-method", method);
        Answer::to(request.header(
            "access-control-request-headers",
            "content-type,if-none-match,x-amz-checksum-sha256",
        ))
        .await
    }

    #[tokio::test]
    #[ignore = "needs TINTYPE_TEST_S3_*"]
    async fn an_allowed_origin_may_put_and_others_may_not() {
        let place = Place::real();
        place
            .store
            .allow_origin("https://other.example.com")
            .await
            .unwrap();
        for _ in 0..2 {
            place.store.allow_origin(PAGE).await.unwrap();
        }
        let rules = place.store.cors_rules().await.unwrap();
        assert_eq!(
            rules.iter().filter(|rule| rule.origins == [PAGE]).count(),
            1,
            "{rules:?}"
        );
        assert_eq!(
            rules
                .iter()
                .filter(|rule| rule.origins == ["https://other.example.com"])
                .count(),
            1,
            "{rules:?}"
        );
        for origin in [PAGE, "https://other.example.com"] {
            let allowed = preflight(&place, origin, "PUT").await;
            assert_eq!(
                (
                    allowed.status,
                    &allowed.headers["access-control-allow-origin"]
                ),
                (200, &origin.parse().unwrap())
            );
        }
        for (origin, method) in [
            ("https://evil.example.com", "PUT"),
            ("http://127.0.0.1:80", "PUT"),
            (PAGE, "DELETE"),
        ] {
            let refused = preflight(&place, origin, method).await;
            assert_eq!(refused.status, 403, "{origin} {method}: {refused:?}");
        }
    }

    #[tokio::test]
    #[ignore = "needs TINTYPE_TEST_S3_*"]
    async fn what_stays_in_staging_expires() {
        let store = Place::real().store;
        for _ in 0..2 {
            store.expire_prefix("staging/", 2).await.unwrap();
        }
        let rules = store.lifecycle_rules().await.unwrap();
        let ours: Vec<_> = rules
            .iter()
            .filter(|rule| rule.prefix == "staging/")
            .collect();
        assert!(
            matches!(ours[..], [rule] if rule.enabled && rule.expires_after_days == Some(2)),
            "{rules:?}"
        );
        assert_eq!(ours[0].aborts_multipart_after_days, Some(1));
    }
}
