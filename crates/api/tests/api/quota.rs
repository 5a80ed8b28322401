//! Nobody has more in the store than the quota, in whatever order files are announced, sent, confirmed and given up, and nobody has more
//! under way than the limits say.

use std::path::Path;

use serde_json::json;
use tintype_api::config::Config;
use tintype_core::accounts::queries::{Room, why_no_room};
use tintype_dto::{CreatedUpload, CreatedUploads, Image, Upload, User};

use crate::client::Client;
use crate::pictures::{jpeg, png};
use crate::server::{On, TestServer, on_both_databases};

const QUOTA: u64 = 8_000;

async fn used(client: &Client) -> u64 {
    client.get("/me").await.ok::<User>().usage.bytes
}

impl TestServer {
    /// Bytes of originals, and of files sent that are no image yet. Renditions are never larger than their original.
    async fn stored(&self) -> u64 {
        let page = self.app().store.list("", None).await.unwrap();
        assert!(page.next.is_none());
        let sum = |counts: fn(&str) -> bool| {
            page.items
                .iter()
                .filter(|object| counts(&object.key))
                .map(|object| object.size_bytes)
                .sum::<u64>()
        };
        let originals = sum(|key| key.ends_with("/original"));
        assert!(sum(|key| key.ends_with("/preview") || key.ends_with("/thumb")) <= 2 * originals);
        originals + sum(|key| key.starts_with("staging/"))
    }

    /// The files on the disk are the listed objects, each with its record.
    async fn disk_agrees(&self) {
        const RECORD: u64 = 512;
        let listed = self.app().store.list("", None).await.unwrap().items;
        let bytes: u64 = listed.iter().map(|object| object.size_bytes).sum();
        let folder = self.folder.path().join("objects");
        let lengths: Vec<_> = files(&folder.join("objects")).collect();
        assert_eq!(lengths.len(), listed.len());
        let on_disk = lengths.iter().sum::<u64>();
        assert!(
            (bytes..bytes + RECORD * listed.len() as u64 + 1).contains(&on_disk),
            "{on_disk} on the disk, {bytes} listed"
        );
        assert_eq!(folder.join("tmp").read_dir().unwrap().count(), 0);
    }
}

/// Their lengths.
fn files(shards: &Path) -> impl Iterator<Item = u64> {
    let shards = shards.read_dir().unwrap();
    shards
        .flat_map(|shard| shard.unwrap().path().read_dir().unwrap())
        .map(|file| file.unwrap().metadata().unwrap().len())
}

/// Less than `end`: xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end as u64).unwrap()
    }
}

/// What one account does, at random, and what it has begun.
struct Sequence<'a> {
    server: &'a TestServer,
    ada: &'a Client,
    random: Random,
    begun: Vec<(Upload, Vec<u8>)>,
}

impl Sequence<'_> {
    async fn play(&mut self) {
        for _ in 0..14 {
            let what = self.step().await;
            let (stored, used) = (self.server.stored().await, used(self.ada).await);
            assert!(
                stored <= used && used <= QUOTA,
                "{what}: {stored} stored, {used} used"
            );
        }
        for (upload, _) in std::mem::take(&mut self.begun) {
            if self
                .ada
                .delete(&format!("/uploads/{}", upload.id))
                .await
                .status
                == 409
            {
                self.ada
                    .delete(&format!("/images/{}?permanent=true", upload.id))
                    .await;
            }
        }
        self.server.work().await;
        assert_eq!((self.server.stored().await, used(self.ada).await), (0, 0));
    }

    async fn step(&mut self) -> &'static str {
        let chosen = self.random.below(self.begun.len().max(1));
        let chosen = self.begun.get(chosen).cloned();
        match (self.random.below(9), chosen) {
            (0 | 1, _) | (_, None) => {
                let bytes = self.file();
                let answer = self.ada.post("/uploads", &of(&bytes)).await;
                if answer.status == 201 {
                    self.begun.push((answer.json(), bytes));
                } else {
                    answer.problem("quota_exceeded");
                }
                "announce"
            }
            (2, _) => {
                let files = [self.file(), self.file(), self.file()];
                let request =
                    json!({"files": files.iter().map(|bytes| of(bytes)).collect::<Vec<_>>()});
                let answers: CreatedUploads = self.ada.post("/uploads/bulk", &request).await.ok();
                for (answer, bytes) in answers.items.into_iter().zip(files) {
                    if let CreatedUpload::Upload(upload) = answer {
                        self.begun.push((*upload, bytes));
                    }
                }
                "bulk"
            }
            (3..=5, Some((upload, bytes))) => {
                let status = self.ada.put(&upload, &bytes).await.status;
                assert!(status == 200 || status == 412, "{status}");
                "put"
            }
            (6 | 7, Some((upload, _))) => {
                let status = self.ada.confirm(upload.id).await.status;
                assert!([200, 409, 410, 422].contains(&status.as_u16()), "{status}");
                "confirm"
            }
            (_, Some((upload, _))) => {
                let status = self
                    .ada
                    .delete(&format!("/uploads/{}", upload.id))
                    .await
                    .status;
                assert!(status == 204 || status == 409, "{status}");
                "abort"
            }
        }
    }

    /// A picture, or another file.
    fn file(&mut self) -> Vec<u8> {
        let seed = u8::try_from(self.random.below(256)).unwrap();
        match self.random.below(3) {
            0 => png(seed),
            1 => jpeg(seed),
            _ => vec![b'x'; 500 + self.random.below(2_000)],
        }
    }
}

fn of(bytes: &[u8]) -> serde_json::Value {
    json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": bytes.len()})
}

async fn sequences(on: On, count: u64) {
    let server = TestServer::start_with(on, |config| {
        config.limits.quota_bytes = Some(QUOTA);
        // It works on demand.
        config.server.worker = false;
    })
    .await;
    let ada = server.user().await;
    for seed in 1..=count {
        println!("sequence {seed}");
        let random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        Box::pin(
            Sequence {
                server: &server,
                ada: &ada,
                random,
                begun: Vec::new(),
            }
            .play(),
        )
        .await;
        if seed % 10 == 0 {
            server.disk_agrees().await;
            // What has ended is swept when its URLs are dead.
            server.clock.advance(chrono::TimeDelta::minutes(61));
            server.work().await;
            assert_eq!(server.faults().await, []);
            assert!(server.objects().await.is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_order_of_announce_put_confirm_and_abort_stores_more_than_the_quota_on_sqlite() {
    sequences(On::Sqlite, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_order_of_announce_put_confirm_and_abort_stores_more_than_the_quota_on_postgres() {
    sequences(On::Postgres, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a thousand: takes minutes"]
async fn no_order_in_a_thousand_sequences_stores_more_than_the_quota() {
    futures::join!(sequences(On::Sqlite, 1000), sequences(On::Postgres, 1000));
}

on_both_databases! {
    async fn a_refusal_whose_reason_has_gone_is_not_laid_to_a_quota(server: TestServer) {
        let ada = server.user().await;
        let upload = server.upload_row(ada.announce("a.jpg", &jpeg(1)).await.id).await;
        let limits = tintype_api::config::ImageLimits::default();
        let reason = why_no_room(server.db(), &upload, &limits).await.unwrap();
        assert_eq!(reason, Room::TooManyUnfinished, "there is no quota");
        let tight = tintype_api::config::ImageLimits { quota_bytes: Some(1), ..limits };
        assert_eq!(why_no_room(server.db(), &upload, &tight).await.unwrap(), Room::OverQuota { used_bytes: i64::try_from(jpeg(1).len()).unwrap() });
    }

    async fn a_url_dies_with_its_upload_however_that_ends(server: TestServer) {
        let ada = server.user().await;
        let good = jpeg(1);
        let bad = b"<html>no picture</html>".to_vec();
        let aborted = ada.announce_as("a.jpg", &good, false).await;
        assert_eq!(ada.delete(&format!("/uploads/{}", aborted.id)).await.status, 204);
        let aborted_late = ada.announce_as("a.jpg", &good, false).await;
        assert_eq!(ada.put(&aborted_late, &good).await.status, 200);
        assert_eq!(ada.delete(&format!("/uploads/{}", aborted_late.id)).await.status, 204);
        let rejected = ada.announce_as("a.jpg", &bad, false).await;
        assert_eq!(ada.put(&rejected, &bad).await.status, 200);
        ada.confirm(rejected.id).await.problem("unsupported_media");
        let ready = ada.announce_as("a.jpg", &good, false).await;
        assert_eq!(ada.put(&ready, &good).await.status, 200);
        let image: Image = ada.confirm(ready.id).await.ok();
        for (upload, bytes) in [(&aborted, &good), (&aborted_late, &good), (&rejected, &bad), (&ready, &good)] {
            assert_eq!(ada.put(upload, bytes).await.status, 412);
        }
        assert_eq!(server.stored().await, image.size_bytes);
        assert_eq!(used(&ada).await, image.size_bytes);
        ada.confirm(aborted.id).await.problem("upload_aborted");
        assert_eq!(server.faults().await, []);
        // Nothing is left of that when they have expired.
        server.clock.advance(chrono::TimeDelta::minutes(61));
        server.work().await;
        let left = server.app().store.list("staging/", None).await.unwrap().items;
        assert!(left.is_empty(), "{left:?}");
    }

    async fn the_urls_of_a_closed_account_die_with_it(server: TestServer) {
        let ada = server.user().await;
        let bytes = jpeg(1);
        let (announced, landed) = (ada.announce_as("a.jpg", &bytes, false).await, ada.announce_as("b.jpg", &bytes, false).await);
        assert_eq!(ada.put(&landed, &bytes).await.status, 200);
        assert_eq!(ada.post("/me/delete", &json!({"password": "correct horse"})).await.status, 204);
        server.clock.advance(chrono::TimeDelta::seconds(1));
        server.work().await;
        for upload in [&announced, &landed] {
            assert_eq!(ada.put(upload, &bytes).await.status, 412);
        }
        assert_eq!(server.stored().await, 0);
    }

    async fn an_abort_that_did_not_come_to_its_end_is_ended_by_the_worker(server: TestServer) {
        let ada = server.user().await;
        let bytes = jpeg(1);
        let upload = ada.announce_as("a.jpg", &bytes, false).await;
        // The process died behind this.
        server.app().store.put(&format!("staging/{}", upload.id), "application/octet-stream", bytes::Bytes::new()).await.unwrap();
        assert_eq!(used(&ada).await, bytes.len() as u64, "until then it is reserved");
        server.clock.advance(chrono::TimeDelta::seconds(60));
        server.work().await;
        assert_eq!(ada.get(&format!("/uploads/{}", upload.id)).await.ok::<Upload>().state, tintype_dto::UploadState::Aborted);
        assert_eq!(used(&ada).await, 0);
        assert_eq!(server.faults().await, []);
    }
}

fn few(config: &mut Config) {
    config.limits.unfinished_uploads = 3;
}

async fn unfinished_uploads_are_bounded(on: On) {
    let server = TestServer::start_with(on, few).await;
    let (ada, eve) = (server.user().await, server.user().await);
    let bytes = jpeg(1);
    let file = of(&bytes);
    let answers = futures::future::join_all((0..8).map(|_| ada.post("/uploads", &file))).await;
    let (kept, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(kept.len(), 3, "however many are announced at once");
    for answer in refused {
        answer.problem("too_many_unfinished");
        assert_eq!(
            (answer.status.as_u16(), answer.header("retry-after")),
            (429, "10")
        );
    }
    // No other account is held up, and each file of a bulk call gets its own answer.
    let many: CreatedUploads = eve
        .post("/uploads/bulk", &json!({"files": vec![&file; 5]}))
        .await
        .ok();
    let codes = many.items.iter().map(|item| match item {
        CreatedUpload::Upload(_) => "",
        CreatedUpload::Problem(problem) => problem.code.name(),
    });
    assert_eq!(
        codes.collect::<Vec<_>>(),
        ["", "", "", "too_many_unfinished", "too_many_unfinished"]
    );
    // However one ends, another may start.
    let kept: Vec<Upload> = kept.iter().map(|answer| answer.json()).collect();
    let announce = async |status| assert_eq!(ada.post("/uploads", &file).await.status, status);
    assert_eq!(ada.put(&kept[0], &bytes).await.status, 200);
    announce(429).await;
    ada.confirm(kept[0].id).await.ok::<Image>();
    announce(201).await;
    announce(429).await;
    assert_eq!(
        ada.delete(&format!("/uploads/{}", kept[1].id)).await.status,
        204
    );
    announce(201).await;
    announce(429).await;
    assert_eq!(server.faults().await, []);
    server.clock.advance(chrono::TimeDelta::minutes(61));
    server.work().await;
    let many: CreatedUploads = ada
        .post("/uploads/bulk", &json!({"files": vec![&file; 3]}))
        .await
        .ok();
    assert!(
        many.items
            .iter()
            .all(|item| matches!(item, CreatedUpload::Upload(_)))
    );
    assert_eq!(server.faults().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_account_has_unfinished_is_bounded_on_sqlite() {
    Box::pin(unfinished_uploads_are_bounded(On::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_account_has_unfinished_is_bounded_on_postgres() {
    Box::pin(unfinished_uploads_are_bounded(On::Postgres)).await;
}

async fn given_up_uploads_are_bounded(on: On) {
    let server = TestServer::start_with(on, few).await;
    let (ada, eve, file) = (server.user().await, server.user().await, of(&jpeg(1)));
    for _ in 0..3 {
        let upload: Upload = ada.post("/uploads", &file).await.json();
        assert_eq!(
            ada.delete(&format!("/uploads/{}", upload.id)).await.status,
            204
        );
    }
    ada.post("/uploads", &file)
        .await
        .problem("too_many_unfinished");
    assert_eq!(
        eve.post("/uploads", &file).await.status,
        201,
        "nobody else is held up"
    );
    assert_eq!(server.faults().await, []);
    server.clock.advance(chrono::TimeDelta::minutes(61));
    assert_eq!(
        ada.post("/uploads", &file).await.status,
        201,
        "their URLs have expired"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_gives_up_without_end_is_bounded_on_sqlite() {
    Box::pin(given_up_uploads_are_bounded(On::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_gives_up_without_end_is_bounded_on_postgres() {
    Box::pin(given_up_uploads_are_bounded(On::Postgres)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_photographs_of_5_mb_are_announced_without_a_refusal_and_many_more_are_not() {
    let server = TestServer::start_with(On::Sqlite, |_| {}).await;
    let ada = server.user().await;
    let photograph =
        json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": 5_000_000});
    let hundred = json!({"files": vec![&photograph; 100]});
    let refused = async || {
        let answers: CreatedUploads = ada.post("/uploads/bulk", &hundred).await.ok();
        answers
            .items
            .iter()
            .filter(|item| matches!(item, CreatedUpload::Problem(_)))
            .count()
    };
    for _ in 0..10 {
        assert_eq!(refused().await, 0);
    }
    let mut more = 0;
    while refused().await == 0 {
        more += 1;
    }
    assert!(
        more < 10,
        "by estimate they would keep a core busy for more than ten minutes"
    );
}
