//! What an older cleaner published is cleaned again, under the same links.

use chrono::TimeDelta;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use sha2::{Digest, Sha256};
use tintype_core::db::{image, installation, user};
use tintype_core::images::queries::count_outdated;
use tintype_core::uploads;
use tintype_dto::{Image, Removed, RemovedBy, RemovedCode, User};

use crate::client::Client;
use crate::pictures::jpeg;
use crate::server::{TestServer, on_both_databases};

const WORDS: &[u8] = b"SECRETGPS";

impl TestServer {
    /// An image with these bytes, as a server of before there were numbers left it.
    async fn published_before(&self, owner: &Client, bytes: Vec<u8>) -> Image {
        let image = owner.upload("a.jpg", &jpeg(1)).await;
        self.clock.advance(TimeDelta::minutes(61));
        self.work().await;
        let row = self.row(image.id).await;
        let (size, account) = (
            i64::try_from(bytes.len()).unwrap(),
            self.account(row.user_id.0).await,
        );
        let used = account.used_bytes + size - row.size_bytes;
        user::ActiveModel {
            used_bytes: Set(used),
            ..account.into_active_model()
        }
        .update(self.db())
        .await
        .unwrap();
        image::ActiveModel {
            size_bytes: Set(size),
            sha256: Set(tintype_core::db::Sha256::of(&bytes)),
            cleaner: Set(0),
            ..row.clone().into_active_model()
        }
        .update(self.db())
        .await
        .unwrap();
        self.app()
            .store
            .put(&row.original_key, "image/jpeg", bytes.into())
            .await
            .unwrap();
        assert_eq!(self.faults().await, []);
        owner.get(&format!("/images/{}", image.id)).await.ok()
    }

    async fn account(&self, id: uuid::Uuid) -> user::Model {
        user::Entity::find_by_id(id)
            .one(self.db())
            .await
            .unwrap()
            .unwrap()
    }

    /// Lets what was published before go.
    async fn later(&self) {
        self.clock.advance(TimeDelta::minutes(6));
        self.work().await;
    }
}

/// As a camera leaves it that puts words where the end marker should be, with one.
fn leaking() -> Vec<u8> {
    let plain = jpeg(1);
    [&plain[..plain.len() - 2], WORDS, b"\xff\xd9"].concat()
}

fn leaks(bytes: &[u8]) -> bool {
    bytes.windows(WORDS.len()).any(|window| window == WORDS)
}

on_both_databases! {
    async fn words_that_an_older_cleaner_left_are_cut_under_the_same_link(server: TestServer) {
        let ada = server.user().await;
        let before = server.published_before(&ada, leaking()).await;
        let served = server.fetch(&before.links.original).await;
        assert!(leaks(&served.body));
        assert_eq!(count_outdated(server.db()).await.unwrap(), 1);
        let old_keys = server.objects().await;
        server.work().await;
        let after: Image = ada.get(&format!("/images/{}", before.id)).await.ok();
        assert_eq!((&after.links, &after.slug, after.created_at), (&before.links, &before.slug, before.created_at));
        let renewed = server.fetch(&after.links.original).await;
        assert!(!leaks(&renewed.body));
        assert_eq!(hex::encode(Sha256::digest(&renewed.body)), after.sha256);
        assert_eq!(after.size_bytes, renewed.body.len() as u64);
        assert_ne!(renewed.header("etag"), served.header("etag"));
        assert_eq!(after.removed, [Removed { code: RemovedCode::TrailingData, by: RemovedBy::Server }]);
        assert_eq!(ada.get("/me").await.ok::<User>().usage.bytes, after.size_bytes);
        assert_eq!(count_outdated(server.db()).await.unwrap(), 0);
        // Somebody may have been sent to the old object; then it goes.
        assert_eq!(server.faults().await, []);
        server.later().await;
        let keys = server.objects().await;
        assert!(!keys.is_empty() && keys.iter().all(|key| !old_keys.contains(key)), "{keys:?}");
        assert_eq!(server.fetch(&after.links.thumb).await.status, 200);
        assert_eq!(server.faults().await, []);
    }

    async fn what_was_published_before_stays_while_a_backup_may_be_copying_it(server: TestServer) {
        let ada = server.user().await;
        server.published_before(&ada, leaking()).await;
        let old_keys = server.objects().await;
        installation::keep_until(server.db(), server.clock.now() + TimeDelta::minutes(10)).await.unwrap();
        server.work().await;
        server.later().await;
        let keys = server.objects().await;
        assert!(keys.len() == 2 * old_keys.len() && old_keys.iter().all(|key| keys.contains(key)), "{keys:?}");
        server.later().await;
        let keys = server.objects().await;
        assert!(!keys.is_empty() && keys.iter().all(|key| !old_keys.contains(key)), "{keys:?}");
        assert_eq!(server.faults().await, []);
    }

    async fn one_that_died_on_the_way_is_begun_again_and_leaves_nothing(server: TestServer) {
        let ada = server.user().await;
        let image = server.published_before(&ada, leaking()).await;
        // The process died behind this, with an object stored.
        let soon = server.clock.now() + TimeDelta::minutes(5);
        let begun = uploads::queries::begin_again(server.db(), image.id.into(), soon).await.unwrap().unwrap();
        let key = tintype_core::keys::FinalKeys::of(begun.id, begun.attempts).original;
        server.app().store.put(&key, "image/jpeg", jpeg(2).into()).await.unwrap();
        server.work().await;
        assert!(leaks(&server.fetch(&image.links.original).await.body), "another one may be at work");
        server.later().await;
        server.work().await;
        assert!(!leaks(&server.fetch(&image.links.original).await.body));
        server.later().await;
        assert_eq!(server.faults().await, []);
        assert!(!server.objects().await.contains(&key));
    }

    async fn one_that_is_refused_today_stays_and_is_counted(server: TestServer) {
        let ada = server.user().await;
        let image = server.published_before(&ada, b"\xff\xd8\xff\xe0 no picture any more".to_vec()).await;
        server.work().await;
        server.later().await;
        assert_eq!(server.fetch(&image.links.original).await.status, 200);
        assert_eq!(count_outdated(server.db()).await.unwrap(), 1);
        assert_eq!(server.audit(crate::audit::NO_GRACE).await.checked.outdated, 1);
        assert_eq!(server.faults().await, []);
        let attempts = server.upload_row(image.id).await.attempts;
        server.later().await;
        assert_eq!(server.upload_row(image.id).await.attempts, attempts, "it is not tried without end");
    }

    async fn one_in_the_trash_is_renewed_and_one_that_is_being_deleted_is_not(server: TestServer) {
        let ada = server.user().await;
        let (kept, gone) = (server.published_before(&ada, leaking()).await, server.published_before(&ada, [leaking(), vec![0]].concat()).await);
        for (image, permanent) in [(&kept, ""), (&gone, "?permanent=true")] {
            assert_eq!(ada.delete(&format!("/images/{}{permanent}", image.id)).await.status, 204);
        }
        server.work().await;
        let restored: Image = ada.post(&format!("/images/{}/restore", kept.id), &serde_json::json!({})).await.ok();
        assert!(!leaks(&server.fetch(&restored.links.original).await.body));
        server.later().await;
        assert_eq!(server.faults().await, []);
        assert!(server.objects().await.iter().all(|key| !key.contains(&gone.id.to_string())));
    }
}
