//! Many things in one call, each answered on its own.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tintype_dto::{
    BulkImages, BulkOutcome, CreatedUpload, CreatedUploads, FoundImages, Image, Upload, User,
};
use uuid::Uuid;

use crate::client::Client;
use crate::pictures::{jpeg, png};
use crate::server::{On, TestServer, on_both_databases};

async fn bulk(client: &Client, what: &str, body: Value) -> Vec<(Uuid, bool)> {
    let answer: BulkImages = client
        .post(&format!("/images/bulk/{what}"), &body)
        .await
        .ok();
    answer
        .items
        .into_iter()
        .map(|item| (item.id, item.outcome == BulkOutcome::Done))
        .collect()
}

fn file(name: &str, size: u64) -> Value {
    json!({"filename": name, "content_type": "image/jpeg", "size_bytes": size})
}

async fn used(client: &Client) -> u64 {
    client.get("/me").await.ok::<User>().usage.bytes
}

fn uploads(answer: CreatedUploads) -> Vec<Result<Upload, &'static str>> {
    let item = |item| match item {
        CreatedUpload::Upload(upload) => Ok(*upload),
        CreatedUpload::Problem(problem) => Err(problem.code.name()),
    };
    answer.items.into_iter().map(item).collect()
}

async fn the_quota_holds_for_bulk_calls(on: On) {
    let server =
        TestServer::start_with(on, |config| config.limits.quota_bytes = Some(10_000)).await;
    let ada = server.user().await;
    let body = json!({"files": [file("a.jpg", 3000), file("big.jpg", 9000), file("b.jpg", 3000), file("c.jpg", 900)]});
    let answers = futures::future::join_all((0..8).map(|_| ada.post("/uploads/bulk", &body))).await;
    let all: Vec<_> = answers
        .iter()
        .flat_map(|answer| uploads(answer.ok()))
        .collect();
    assert_eq!(all.len(), 32);
    let refused = all.iter().filter_map(|item| item.as_ref().err());
    assert!(refused.clone().all(|code| *code == "quota_exceeded"));
    let used = used(&ada).await;
    // What is left is too small even for the smallest file.
    assert!((9101..=10_000).contains(&used), "{used}");
    for upload in all.iter().flatten() {
        assert_eq!(
            ada.delete(&format!("/uploads/{}", upload.id)).await.status,
            204
        );
    }
    assert_eq!(
        self::used(&ada).await,
        0,
        "every byte that was set aside belongs to an upload that was answered"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_announced_in_bulk_at_once_never_go_over_the_quota_on_sqlite() {
    the_quota_holds_for_bulk_calls(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_announced_in_bulk_at_once_never_go_over_the_quota_on_postgres() {
    the_quota_holds_for_bulk_calls(On::Postgres).await;
}

on_both_databases! {
    async fn many_images_are_changed_deleted_and_restored_each_answered_on_its_own(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let (a, b) = (ada.upload("a.png", &png(1)).await, ada.upload("b.png", &png(2)).await);
        let hers = eve.upload("c.png", &png(3)).await;
        let nobodys = Uuid::now_v7();
        let ids = json!([b.id, hers.id, a.id, nobodys]);
        let expected = [(b.id, true), (hers.id, false), (a.id, true), (nobodys, false)];

        let body = json!({"ids": ids, "change": {"title": " Lake ", "alt": "A lake at dusk"}});
        let answer: BulkImages = ada.post("/images/bulk/update", &body).await.ok();
        let changed: Vec<_> = answer.items.iter().map(|item| item.image.as_ref().map(|image| (image.id, image.title.as_deref(), image.alt.as_deref()))).collect();
        let lake = |id| Some((id, Some("Lake"), Some("A lake at dusk")));
        assert_eq!(changed, [lake(b.id), None, lake(a.id), None]);
        assert_eq!(bulk(&ada, "update", body).await, expected);

        assert_eq!(bulk(&ada, "delete", json!({"ids": ids})).await, expected);
        server.fetch(&a.links.original).await.problem("not_found");
        assert!(ada.list("").await.items.is_empty());
        assert_eq!(bulk(&ada, "delete", json!({"ids": [a.id]})).await, [(a.id, true)], "it is deleted already");
        assert_eq!(bulk(&ada, "update", json!({"ids": [a.id], "change": {"title": "x"}})).await, [(a.id, false)]);

        assert_eq!(bulk(&ada, "restore", json!({"ids": ids})).await, expected);
        assert_eq!(server.fetch(&a.links.original).await.status, 200);
        assert_eq!(ada.get(&format!("/images/{}", b.id)).await.ok::<Image>().title.as_deref(), Some("Lake"));

        assert_eq!(bulk(&ada, "delete", json!({"ids": ids, "permanent": true})).await, expected);
        assert_eq!(bulk(&ada, "restore", json!({"ids": ids})).await, expected.map(|(id, _)| (id, false)));
        server.work().await;
        let kept = server.objects().await;
        assert!(!kept.is_empty() && kept.iter().all(|key| key.contains(&hers.id.to_string())), "{kept:?}");
        assert_eq!(eve.get(&format!("/images/{}", hers.id)).await.ok::<Image>(), hers);
        assert_eq!(used(&ada).await, 0);
    }

    async fn what_is_past_its_time_in_the_trash_is_not_restored(server: TestServer) {
        let mut ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        bulk(&ada, "delete", json!({"ids": [image.id]})).await;
        server.clock.advance(chrono::TimeDelta::days(8));
        let login = json!({"username": ada.session.as_ref().unwrap().user.username, "password": "correct horse"});
        ada.session = Some(ada.post("/auth/login", &login).await.ok());
        assert_eq!(bulk(&ada, "restore", json!({"ids": [image.id]})).await, [(image.id, false)]);
    }

    async fn five_hundred_ids_are_answered_and_more_or_none_refused(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        let mut ids: Vec<_> = (0..499).map(|_| Uuid::now_v7()).collect();
        ids.push(image.id);
        let some = bulk(&ada, "delete", json!({"ids": ids})).await;
        assert_eq!(some.iter().filter(|(_, done)| *done).collect::<Vec<_>>(), [&(image.id, true)]);
        assert_eq!(bulk(&ada, "restore", json!({"ids": [image.id, image.id]})).await, [(image.id, true); 2], "as often as asked for");
        ids.push(Uuid::now_v7());
        for (what, rest) in [("update", json!({"change": {"title": "x"}})), ("delete", json!({})), ("restore", json!({}))] {
            for ids in [json!(ids), json!([])] {
                let mut body = rest.clone();
                body["ids"] = ids;
                let problem = ada.post(&format!("/images/bulk/{what}"), &body).await.problem("validation_failed");
                assert_eq!(problem.errors[0].field, "ids", "{what}");
            }
            ada.post(&format!("/images/bulk/{what}"), &json!({"ids": ["x"], "change": {}})).await.problem("validation_failed");
        }
        ada.post("/images/bulk/update", &json!({"ids": [image.id], "change": {}})).await.problem("validation_failed");
        ada.post("/images/bulk/update", &json!({"ids": [image.id], "change": {"user_id": "x"}})).await.problem("validation_failed");
        ada.post("/images/bulk/update", &json!({"ids": [image.id], "change": {"alt": "x".repeat(501)}})).await.problem("validation_failed");
    }

    async fn bulk_calls_that_share_images_wait_for_each_other(server: TestServer) {
        let ada = server.user().await;
        let mut ids = Vec::new();
        for seed in 0..6 {
            ids.push(ada.upload("a.png", &png(seed)).await.id);
        }
        let calls = (0..16).map(|n| {
            let (ada, mut ids) = (ada.clone(), ids.clone());
            async move {
                ids.rotate_left(n % 6);
                if n % 2 == 0 { ids.reverse(); }
                bulk(&ada, "update", json!({"ids": ids, "change": {"title": format!("{n}")}})).await
            }
        });
        for answer in futures::future::join_all(calls).await {
            assert!(answer.iter().all(|(_, done)| *done));
        }
        let titles: std::collections::HashSet<_> = ada.list("").await.items.into_iter().map(|image| image.title).collect();
        assert_eq!(titles.len(), 1, "the last one has them all: {titles:?}");
    }

    async fn many_files_are_announced_in_one_call_and_each_goes_its_way(server: TestServer) {
        let ada = server.user().await;
        let known = ada.upload("known.jpg", &jpeg(1)).await;
        let bytes = jpeg(2);
        let mut fresh = file("fresh.jpg", bytes.len() as u64);
        fresh["sha256"] = json!(hex::encode(Sha256::digest(&bytes)));
        let mut again = file("again.jpg", 5);
        again["sha256"] = json!(known.sha256);
        let mut odd = file("odd.jpg", 5);
        odd["sha256"] = json!("ABC");
        let svg = json!({"filename": "a.svg", "content_type": "image/svg+xml", "size_bytes": 5});
        let body = json!({"files": [fresh, again, svg, file("huge.jpg", u64::MAX), file("none.jpg", 0), odd]});
        let items = uploads(ada.post("/uploads/bulk", &body).await.ok());
        let codes: Vec<_> = items[2..].iter().map(|item| *item.as_ref().unwrap_err()).collect();
        assert_eq!(codes, ["unsupported_media", "file_too_large", "validation_failed", "validation_failed"]);
        assert_eq!(items[1].as_ref().unwrap().image.as_ref().unwrap().id, known.id);
        let upload = items[0].as_ref().unwrap();
        assert_eq!(ada.put(upload, &bytes).await.status, 200);
        assert_eq!(ada.confirm(upload.id).await.ok::<Image>().filename, "fresh.jpg");
        assert_eq!(used(&ada).await, known.size_bytes + ada.get(&format!("/images/{}", upload.id)).await.ok::<Image>().size_bytes);
    }

    async fn a_hundred_files_are_announced_and_more_or_none_refused(server: TestServer) {
        let ada = server.user().await;
        let hundred: Vec<_> = (0..100).map(|n| file(&format!("{n}.jpg"), 100)).collect();
        let items = uploads(ada.post("/uploads/bulk", &json!({"files": hundred})).await.ok());
        let ids: std::collections::HashSet<_> = items.iter().map(|item| item.as_ref().unwrap().id).collect();
        assert_eq!(ids.len(), 100);
        assert_eq!(used(&ada).await, 10_000);
        let more: Vec<_> = (0..101).map(|_| file("a.jpg", 100)).collect();
        for files in [json!(more), json!([])] {
            let problem = ada.post("/uploads/bulk", &json!({"files": files})).await.problem("validation_failed");
            assert_eq!(problem.errors[0].field, "files");
        }
        ada.post("/uploads/bulk", &json!({"files": [{"filename": "a", "user_id": "x"}]})).await.problem("validation_failed");
        assert_eq!(used(&ada).await, 10_000);
    }

    async fn hashes_find_my_images_as_sent_and_as_published_and_nobody_elses(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let mut sent = jpeg(1);
        sent.extend_from_slice(b"a tail that is cut");
        let image = ada.upload("a.jpg", &sent).await;
        let source = hex::encode(Sha256::digest(&sent));
        assert_ne!(source, image.sha256);
        let body = json!({"sha256": [source, "0".repeat(64), image.sha256]});
        let find = async |client: &Client| {
            let found: FoundImages = client.post("/images/find-by-hash", &body).await.ok();
            found.items.into_iter().map(|item| item.image.map(|image| image.id)).collect::<Vec<_>>()
        };
        assert_eq!(find(&ada).await, [Some(image.id), None, Some(image.id)]);
        assert_eq!(find(&eve).await, [None; 3]);
        ada.delete(&format!("/images/{}", image.id)).await;
        assert_eq!(find(&ada).await, [None; 3], "what is in the trash does not count");
        for odd in [json!([]), json!(vec!["0".repeat(64); 101]), json!(["0F".repeat(32)]), json!(["x"])] {
            let problem = ada.post("/images/find-by-hash", &json!({"sha256": odd})).await.problem("validation_failed");
            assert_eq!(problem.errors[0].field, "sha256");
        }
    }

    async fn a_description_is_for_those_who_can_not_see_the_picture(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        assert_eq!(image.alt, None);
        let path = format!("/images/{}", image.id);
        let change = async |body: Value| ada.send(Method::PATCH, &path, Some(&body)).await;
        let changed: Image = change(json!({"alt": "A \"lake\" at dusk", "title": "Lake"})).await.ok();
        assert_eq!((changed.alt.as_deref(), changed.title.as_deref()), (Some("A \"lake\" at dusk"), Some("Lake")));
        let page = String::from_utf8(server.fetch(image.links.page.as_ref().unwrap()).await.body).unwrap();
        assert!(page.contains(r#"alt="A &quot;lake&quot; at dusk""#) && page.contains("<h1>Lake</h1>"), "{page}");
        assert_eq!(change(json!({"title": null})).await.ok::<Image>().alt, changed.alt, "what is left out stays");
        assert_eq!(change(json!({"alt": null})).await.ok::<Image>().alt, None);
        let both = change(json!({"alt": "x".repeat(501), "title": "a\nb"})).await.problem("validation_failed");
        assert_eq!(both.errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), ["title", "alt"]);
        change(json!({"alt": "a\u{0}b"})).await.problem("validation_failed");
    }
}
