//! Sweeps take what no row needs, nothing else, and nothing for good.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::Value;
use tintype_api::config::Sweep;
use tintype_core::audit::Fault;
use tintype_core::db::{image, installation, upload};
use tintype_core::inventory::{Found, Orphans};
use tintype_core::keys::MARKER;
use tintype_core::sweep::{
    self, Options, Place, Quarantine, Refusal, Report, Restored, SweepError, Taken,
};
use tintype_dto::Image;
use uuid::Uuid;

use crate::audit::NO_GRACE;
use crate::pictures::{jpeg, png};
use crate::program;
use crate::server::{On, TestServer, on_both_databases};
use crate::stores::settings_of_store;

const DAY: Options = Options {
    grace: TimeDelta::hours(24),
    dry_run: false,
    force: false,
};
const AT_ONCE: Options = Options {
    grace: TimeDelta::zero(),
    ..DAY
};
const DRY: Options = Options {
    dry_run: true,
    ..AT_ONCE
};
const FORCE: Options = Options {
    force: true,
    ..AT_ONCE
};

/// Where a sweep is killed.
pub const FAILPOINTS: [&str; 3] = ["sweep.copied", "sweep.moved", "sweep.deleted"];

impl TestServer {
    /// Runs `tintype sweep` on this server's database and bucket.
    fn run_sweep(&self, arguments: &[&str], settings: &[(&str, &str)]) -> (bool, String, String) {
        let media = self.config.server.media_addr.to_string();
        let database = self
            .config
            .database
            .url
            .as_ref()
            .map(|url| ("DATABASE_URL", url.expose()));
        let store = settings_of_store(&self.config);
        let own = [("TINTYPE_SERVER__MEDIA_ADDR", media.as_str())]
            .into_iter()
            .chain(database);
        let own = own.chain(store.iter().map(|(name, value)| (*name, value.as_str())));
        let settings: Vec<_> = own.chain(settings.iter().copied()).collect();
        program::run(
            &[&["sweep"], arguments].concat(),
            self.folder.path(),
            &settings,
        )
    }

    fn place<'a>(&'a self, rules: &'a Sweep) -> Place<'a> {
        Place {
            db: self.db(),
            store: &self.app().store,
            clock: &self.clock,
            metrics: &self.app().metrics,
            rules,
        }
    }

    async fn sweep(&self, options: Options) -> Report {
        self.sweep_by(&Sweep::default(), options).await
    }

    async fn sweep_by(&self, rules: &Sweep, options: Options) -> Report {
        sweep::sweep(&self.place(rules), options).await.unwrap()
    }

    async fn restore(&self, prefix: &str) -> Restored {
        sweep::restore(&self.place(&Sweep::default()), prefix)
            .await
            .unwrap()
    }

    /// Waits until the bucket has been marked, which happens beside the start.
    async fn started(&self) {
        let marked = async {
            while self.app().store.head(MARKER).await.unwrap().is_none() {
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), marked)
            .await
            .expect("a new bucket is marked");
    }

    /// Objects that no row needs.
    async fn strays(&self, count: usize) -> Vec<String> {
        let mut keys: Vec<_> = (0..count)
            .map(|_| format!("images/{}/1/original", Uuid::now_v7()))
            .collect();
        keys.sort_unstable();
        stream::iter(&keys)
            .for_each_concurrent(8, |key| self.put_object(key, b"stray"))
            .await;
        keys
    }

    /// The keys in quarantine, without the time before them.
    async fn quarantined(&self) -> Vec<String> {
        let objects = self.objects().await.into_iter();
        let mut keys: Vec<_> = objects
            .filter_map(|key| {
                Some(
                    key.strip_prefix("quarantine/")?
                        .split_once('/')?
                        .1
                        .to_owned(),
                )
            })
            .collect();
        keys.sort_unstable();
        keys
    }

    async fn marked(&self, text: &str) {
        self.app()
            .store
            .put(
                MARKER,
                "application/json",
                Bytes::copy_from_slice(text.as_bytes()),
            )
            .await
            .unwrap();
    }

    async fn installation(&self) -> installation::Model {
        installation::find(self.db()).await.unwrap().unwrap()
    }

    async fn lease_until(&self, until: DateTime<Utc>) {
        let update = installation::Entity::update_many();
        let update = update.col_expr(
            installation::Column::SweepLeaseId,
            Expr::value(Some(Uuid::now_v7())),
        );
        update
            .col_expr(
                installation::Column::SweepLeaseUntil,
                Expr::value(Some(until)),
            )
            .exec(self.db())
            .await
            .unwrap();
    }
}

/// Kills a sweep at each of its failpoints; the next one ends the work. The bucket holds nothing of others.
pub async fn killed_everywhere(server: TestServer) {
    let ada = server.user().await;
    let image = ada.upload("a.png", &png(1)).await;
    server.started().await;
    let mut strays = Vec::new();
    for point in FAILPOINTS {
        strays.extend(server.strays(3).await);
        let keep = (
            "TINTYPE_SWEEP__QUARANTINE",
            if point == "sweep.deleted" {
                "0"
            } else {
                "604800"
            },
        );
        let doomed = [keep, ("FAILPOINTS", &format!("{point}=return"))];
        let (is_ok, told, errors) = server.run_sweep(&["--grace", "0"], &doomed);
        assert!(
            !is_ok && told.is_empty(),
            "{point} is passed: {told}{errors}"
        );
        // What the dead one held is free again after ten minutes.
        server.lease_until(server.clock.now()).await;
        let (is_ok, told, errors) = server.run_sweep(&["--grace", "0"], &[keep]);
        assert!(is_ok, "{point}: {told}{errors}");
        let mut taken = server.quarantined().await;
        taken.dedup();
        strays.sort_unstable();
        if point == "sweep.deleted" {
            // Those that were there before are gone for good; the next sweep will take the new ones.
            assert!(
                taken.iter().all(|key| strays.contains(key)) && taken.len() <= 3,
                "{point}: {taken:?}"
            );
        } else {
            assert_eq!(taken, strays, "{point}");
        }
        assert_eq!(server.faults().await, []);
        assert_eq!(server.fetch(&image.links.original).await.status, 200);
    }
}

on_both_databases! {
    async fn exactly_the_orphans_go_while_8_users_upload_and_delete(server: TestServer) {
        server.started().await;
        let strays = server.strays(40).await;
        // A sweep for each step of a user, so that they meet everywhere.
        let (step, mut steps) = tokio::sync::mpsc::unbounded_channel();
        let users = async {
            let work = (0..8u8).map(async |seed| {
                let client = server.user().await;
                let mut kept = Vec::new();
                for round in 0..3u8 {
                    let bytes = png(seed * 8 + round);
                    let upload = client.announce_as("a.png", &bytes, false).await;
                    step.send(()).unwrap();
                    assert_eq!(client.put(&upload, &bytes).await.status, 200);
                    let image: Image = client.confirm(upload.id).await.ok();
                    match round % 3 {
                        0 => {
                            assert_eq!(client.delete(&format!("/images/{}?permanent=true", image.id)).await.status, 204);
                            // On a slow machine a round may find the database busy: the next one goes on.
                            drop(tintype_core::worker::round(server.app()).await);
                        }
                        // Written once more behind the confirm, while the address still works.
                        1 => {
                            client.put(&upload, &bytes).await;
                            kept.push(image);
                        }
                        _ => kept.push(image),
                    }
                }
                kept
            });
            let kept: Vec<_> = futures::future::join_all(work).await.into_iter().flatten().collect();
            drop(step);
            kept
        };
        let sweeps = async {
            let mut taken = 0;
            while steps.recv().await.is_some() {
                let report = server.sweep(AT_ONCE).await;
                assert!(report.refused.is_none() && report.left == 0, "{report}");
                taken += report.quarantined;
            }
            taken
        };
        let (kept, taken) = tokio::join!(users, sweeps);
        assert_eq!((taken, server.quarantined().await), (40, strays));
        for image in kept {
            assert_eq!(server.fetch(&image.links.original).await.status, 200);
        }
        assert_eq!(server.faults().await, []);
    }

    async fn a_suspect_that_a_row_names_by_now_is_not_moved(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        let row = server.row(image.id).await;
        image::Entity::delete_by_id(image.id).exec(server.db()).await.unwrap();
        upload::Entity::update_many().col_expr(upload::Column::DueAt, Expr::value(None::<DateTime<Utc>>)).exec(server.db()).await.unwrap();
        let app = server.app();
        let orphans = Orphans { db: server.db(), store: &app.store, clock: &server.clock, grace: TimeDelta::zero() };
        let Found { orphans, .. } = orphans.among(app.store.list("images/", None).await.unwrap().items).await.unwrap();
        assert_eq!(orphans.len(), 4);
        // Between the first look and the second, the row comes back.
        image::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(server.db()).await.unwrap();
        let rules = Sweep::default();
        let taken = Quarantine::new(server.place(&rules)).take(orphans).await.unwrap();
        assert_eq!(taken, Taken::default());
        assert_eq!(server.fetch(&image.links.original).await.status, 200);
        assert_eq!(server.quarantined().await, [""; 0]);
    }

    async fn what_is_young_is_left_alone(server: TestServer) {
        server.started().await;
        let strays = server.strays(3).await;
        let report = server.sweep(DAY).await;
        assert_eq!((report.orphans, report.new_objects, report.quarantined), (0, 3, 0));
        assert_eq!(server.objects().await, strays);
        server.clock.advance(TimeDelta::hours(23));
        assert_eq!(server.sweep(DAY).await.orphans, 0);
        server.clock.advance(TimeDelta::hours(2));
        let report = server.sweep(DAY).await;
        assert_eq!((report.orphans, report.orphan_bytes, report.quarantined, report.quarantined_bytes), (3, 15, 3, 15));
        assert_eq!(report.keys, strays);
    }

    async fn objects_that_are_not_under_our_prefixes_are_never_touched(server: TestServer) {
        server.started().await;
        let foreign = ["backup/images/a", "image", "imagesb/a", "quarantine/by-hand/a", "readme.txt", "stagingb"];
        for key in foreign {
            server.put_object(key, b"theirs").await;
        }
        server.put_object("images/ours", b"ours").await;
        assert_eq!(server.sweep(FORCE).await.quarantined, 1);
        server.clock.advance(TimeDelta::days(8));
        assert_eq!(server.sweep(FORCE).await.deleted, 1);
        assert_eq!(server.restore("").await, Restored::default());
        assert_eq!(server.objects().await, foreign);
    }

    async fn more_than_100_and_more_than_a_tenth_is_refused_until_it_is_forced(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        server.started().await;
        server.put_object("images/old", b"old").await;
        server.sweep(AT_ONCE).await;
        server.clock.advance(TimeDelta::days(8));
        server.strays(101).await;
        let before = server.objects().await;
        let refusal = Refusal::TooMany { orphans: 101, listed: 106, max_objects: 100, max_percent: 10 };
        for options in [AT_ONCE, DRY] {
            let report = server.sweep(options).await;
            assert_eq!((report.refused, report.orphans, report.quarantined, report.deleted), (Some(refusal.clone()), 101, 0, 0));
            assert_eq!(server.objects().await, before, "nothing is touched, in quarantine neither");
        }
        // A tenth of much is more than 100; and 100 of few are few.
        let most = Sweep { max_percent: 98, ..Sweep::default() };
        assert_eq!(server.sweep_by(&most, DRY).await.refused, None);
        let few = Sweep { max_objects: 101, max_percent: 0, ..Sweep::default() };
        assert_eq!(server.sweep_by(&few, DRY).await.refused, None);
        let report = server.sweep(FORCE).await;
        assert_eq!((report.refused, report.quarantined, report.deleted), (None, 101, 1));
        assert_eq!(server.fetch(&image.links.original).await.status, 200);
    }

    async fn a_bucket_of_another_installation_is_not_swept(server: TestServer) {
        server.started().await;
        server.remove_object(MARKER).await;
        let strays = server.strays(2).await;
        let nobody = server.sweep(AT_ONCE).await.refused;
        assert_eq!(nobody, Some(Refusal::NoMarker { listed: 2, unknown: 2 }));
        let own = server.installation().await.id;
        let theirs = Uuid::now_v7().to_string();
        for (marker, named) in [(format!(r#"{{"note": "", "installation": "{theirs}"}}"#), theirs.as_str()), ("what?".into(), "something else")] {
            server.marked(&marker).await;
            for options in [AT_ONCE, FORCE, DRY] {
                let report = server.sweep(options).await;
                let refusal = Refusal::AnotherInstallation { marker: named.into(), installation: Some(own) };
                assert!(refusal.to_string().lines().count() == 1 && refusal.to_string().contains(named), "{refusal}");
                assert_eq!((report.refused, report.listed), (Some(refusal), 0));
            }
            assert!(server.restore("").await.refused.is_some());
        }
        assert_eq!(server.objects().await, strays);
    }

    async fn a_new_bucket_is_marked_at_the_start_and_the_marker_outlives_restarts(server: TestServer) {
        server.started().await;
        let own = server.installation().await.id;
        assert!(sweep::mark(server.app()).await);
        let marker = server.app().store.get(MARKER, 4096).await.unwrap().unwrap();
        let marker: Value = serde_json::from_slice(&marker).unwrap();
        assert_eq!(marker["installation"], own.to_string());
        let mut server = server;
        server.restart().await;
        assert_eq!(server.installation().await.id, own);
        assert_eq!(server.sweep(AT_ONCE).await.refused, None);
    }

    async fn a_bucket_from_before_there_were_markers_is_ours_when_its_objects_are(server: TestServer) {
        let ada = server.user().await;
        for seed in 0..4 {
            ada.upload("a.png", &png(seed)).await;
        }
        server.strays(1).await;
        server.started().await;
        server.remove_object(MARKER).await;
        assert_eq!(server.sweep(DRY).await.refused, None);
        assert!(server.app().store.head(MARKER).await.unwrap().is_none(), "a dry run writes nothing");
        assert_eq!(server.sweep(AT_ONCE).await.quarantined, 1);
        assert!(server.app().store.head(MARKER).await.unwrap().is_some());
    }

    async fn late_puts_are_removed_by_the_worker_and_what_comes_even_later_by_a_sweep(server: TestServer) {
        let ada = server.user().await;
        let (bytes, staged) = (png(1), |id: Uuid| format!("staging/{id}"));
        let ready = ada.announce_as("a.png", &bytes, false).await;
        ada.put(&ready, &bytes).await;
        ada.confirm(ready.id).await.ok::<Image>();
        let aborted = ada.announce_as("b.png", &bytes, false).await;
        assert_eq!(ada.delete(&format!("/uploads/{}", aborted.id)).await.status, 204);
        let late = [&ready, &aborted];
        for upload in late {
            // The address has ended with the upload, but there are stores that take it all the same.
            assert_eq!(ada.put(upload, &bytes).await.status, 412);
            server.put_object(&staged(upload.id), &bytes).await;
        }
        assert_eq!(server.sweep(AT_ONCE).await.orphans, 0, "the worker still comes by");
        server.work().await;
        for upload in late {
            assert!(server.objects().await.contains(&staged(upload.id)), "it has to come again when the address has expired");
        }
        server.clock.advance(TimeDelta::minutes(61));
        server.work().await;
        for upload in late {
            assert!(!server.objects().await.contains(&staged(upload.id)));
        }
        // A body that was on its way when the address expired, and took longer than the grace of the upload.
        for upload in late {
            server.put_object(&staged(upload.id), &bytes).await;
        }
        let report = server.sweep(AT_ONCE).await;
        assert_eq!(report.keys, [staged(ready.id)], "of the other one the worker still remembers the row");
        server.clock.advance(TimeDelta::days(7));
        server.work().await;
        assert!(!server.objects().await.contains(&staged(aborted.id)));
        assert_eq!(server.faults().await, []);
    }

    async fn what_was_taken_comes_back_byte_for_byte_with_its_type(server: TestServer) {
        server.started().await;
        let strays = server.strays(2).await;
        let store = &server.app().store;
        let (picture, key) = (jpeg(9), &strays[0]);
        store.put(key, "image/jpeg", Bytes::from(picture.clone())).await.unwrap();
        assert_eq!(server.sweep(AT_ONCE).await.quarantined, 2);
        let audit = server.audit(NO_GRACE).await;
        assert!(audit.is_balanced() && audit.checked.objects == 0, "{audit}");
        assert_eq!((audit.checked.quarantined, audit.checked.quarantined_bytes), (2, picture.len() as u64 + 5));
        assert!(audit.to_string().contains("2 in quarantine ("), "{audit}");

        assert_eq!(server.restore("images/nothing").await.restored, 0);
        let restored = server.restore(key).await;
        assert_eq!((restored.restored, restored.restored_bytes), (1, picture.len() as u64));
        let url = store.presign_get(key, std::time::Duration::from_mins(1)).unwrap();
        let answer = server.fetch(&url).await;
        assert_eq!((answer.header("content-type"), &answer.body), ("image/jpeg", &picture));

        // Over nothing that is there, and nothing is lost then.
        server.put_object(&strays[1], b"newer").await;
        let restored = server.restore("").await;
        assert_eq!((restored.restored, restored.taken), (0, 1));
        assert_eq!(store.get(&strays[1], 10).await.unwrap().unwrap(), "newer");
        assert_eq!(server.quarantined().await, strays[1..]);
        assert_eq!(server.sweep(AT_ONCE).await.quarantined, 2, "taken a second time beside the first");
        assert_eq!(server.quarantined().await.len(), 3);
    }

    async fn a_database_from_an_old_backup_costs_nothing_that_can_not_be_put_back(server: TestServer) {
        let ada = server.user().await;
        let mut images = Vec::new();
        for seed in 0..12 {
            images.push(ada.upload("a.png", &png(seed)).await);
        }
        // What the uploads have left at their keys goes with the life of their URLs.
        server.clock.advance(TimeDelta::hours(2));
        server.work().await;
        server.sweep(AT_ONCE).await;
        let mut served = Vec::new();
        for image in &images {
            served.push(server.fetch(&image.links.original).await.body);
        }
        // The backup knows two of the twelve.
        let rows = image::Entity::find().all(server.db()).await.unwrap();
        let uploads = upload::Entity::find().all(server.db()).await.unwrap();
        for image in &images[2..] {
            image::Entity::delete_by_id(image.id).exec(server.db()).await.unwrap();
            upload::Entity::delete_by_id(image.id).exec(server.db()).await.unwrap();
        }
        let strict = Sweep { max_objects: 10, ..Sweep::default() };
        let report = server.sweep_by(&strict, AT_ONCE).await;
        assert!(matches!(report.refused, Some(Refusal::TooMany { orphans: 40, listed: 48, .. })), "{report:?}");
        assert_eq!(server.quarantined().await.len(), 0);
        // Somebody forces it all the same.
        assert_eq!(server.sweep_by(&strict, FORCE).await.quarantined, 40);
        server.fetch(&images[11].links.original).await.problem("not_found");

        for row in rows.into_iter().filter(|row| images[2..].iter().any(|image| image.id == row.id.0)) {
            image::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(server.db()).await.unwrap();
        }
        for row in uploads.into_iter().filter(|row| images[2..].iter().any(|image| image.id == row.id.0)) {
            upload::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(server.db()).await.unwrap();
        }
        let missing = server.faults().await;
        assert!(missing.len() == 40 && missing.iter().all(|fault| matches!(fault, Fault::Missing { .. })), "{missing:?}");
        // This goes unnoticed for longer than the quarantine: objects that rows name are kept.
        server.clock.advance(TimeDelta::days(30));
        let report = server.sweep(AT_ONCE).await;
        assert_eq!((report.deleted, report.kept), (0, 40));
        let restored = server.restore("").await;
        assert_eq!((restored.restored, restored.taken, restored.left), (40, 0, 0));
        for (image, bytes) in images.iter().zip(served) {
            assert!(server.fetch(&image.links.original).await.body == bytes);
            assert_eq!(server.fetch(&image.links.thumb).await.status, 200);
        }
        assert_eq!(server.faults().await, []);
    }

    async fn what_was_in_quarantine_for_a_week_is_gone_for_good(server: TestServer) {
        server.started().await;
        let first = server.strays(2).await;
        server.sweep(AT_ONCE).await;
        server.clock.advance(TimeDelta::days(6));
        let second = server.strays(1).await;
        let report = server.sweep(AT_ONCE).await;
        assert_eq!((report.deleted, report.quarantined), (0, 1));
        assert_eq!(server.quarantined().await.len(), 3, "{first:?} {second:?}");
        server.clock.advance(TimeDelta::days(1));
        let dry = server.sweep(DRY).await;
        assert_eq!((dry.deleted, server.quarantined().await.len()), (0, 3));
        assert_eq!(server.sweep(AT_ONCE).await.deleted, 2);
        assert_eq!(server.quarantined().await, second);
    }

    async fn an_object_that_can_not_be_moved_is_left_and_the_others_go(server: TestServer) {
        server.started().await;
        let strays = server.strays(3).await;
        let long = format!("images/{}", "x".repeat(1010));
        server.put_object(&long, b"long").await;
        let name = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(format!("{}\0{}", server.config.storage.bucket, strays[1])));
        let file = server.folder.path().join("objects/objects").join(&name[..2]).join(name);
        // Listed before it is damaged.
        assert_eq!(server.sweep(DRY).await.orphans, 4);
        std::fs::write(&file, b"damaged").unwrap();
        let report = server.sweep(AT_ONCE).await;
        assert_eq!((report.quarantined, report.left, report.refused), (2, 2, None));
        assert!(server.objects().await.contains(&strays[1]) && server.objects().await.contains(&long));
    }

    async fn of_sweeps_at_once_one_goes_and_the_others_are_told(server: TestServer) {
        server.started().await;
        let strays = server.strays(20).await;
        let rules = Sweep::default();
        let place = server.place(&rules);
        let results = futures::future::join_all((0..6).map(|_| sweep::sweep(&place, AT_ONCE))).await;
        let moved: u64 = results.iter().flatten().map(|report| report.quarantined).sum();
        assert_eq!(moved, 20);
        assert!(results.iter().all(|result| result.is_ok() || matches!(result, Err(SweepError::Busy(_)))), "{results:?}");
        assert_eq!(server.quarantined().await, strays, "each once");

        // One that died holds up the others for ten minutes at most; a dry run never.
        let until = server.clock.now() + TimeDelta::minutes(10);
        server.lease_until(until).await;
        assert!(matches!(sweep::sweep(&place, AT_ONCE).await, Err(SweepError::Busy(at)) if at == until));
        assert!(matches!(sweep::restore(&place, "").await, Err(SweepError::Busy(_))));
        assert_eq!(server.sweep(DRY).await.refused, None);
        server.clock.advance(TimeDelta::minutes(10));
        assert_eq!(server.restore("").await.restored, 20);
        assert_eq!(server.installation().await.sweep_lease_until, None);
    }

    async fn a_sweep_that_is_killed_is_finished_by_the_next(server: TestServer) {
        Box::pin(killed_everywhere(server)).await;
    }

    async fn the_program_sweeps_restores_and_says_by_its_exit_status_when_it_does_not(server: TestServer) {
        let ada = server.user().await;
        ada.upload("a.png", &png(1)).await;
        server.started().await;
        let run = |arguments: &[&str]| server.run_sweep(arguments, &[("TINTYPE_SWEEP__MAX_OBJECTS", "2")]);
        let (ok, told, errors) = run(&[]);
        assert!(ok && errors.is_empty(), "{told}{errors}");
        assert!(told.starts_with("5 objects (0 new), 0 orphans (0 bytes): 0 moved"), "{told}");
        let strays = server.strays(2).await;
        assert!(run(&[]).1.starts_with("7 objects (2 new), 0 orphans"), "a day of grace");
        let (ok, told, _) = run(&["--dry-run", "--grace", "0"]);
        assert!(ok && told.lines().count() == 3, "{told}");
        assert!(told.starts_with(&format!("orphan       {}\n", strays[0])) && told.ends_with("nothing was touched.\n"), "{told}");
        server.strays(1).await;
        let (ok, _, errors) = run(&["--grace", "0"]);
        assert!(!ok && errors.contains("3 of 8 objects look orphaned") && errors.contains("--force"), "{errors}");
        let (ok, told, errors) = run(&["--grace", "0", "--force", "--json"]);
        let report: Value = serde_json::from_str(&told).unwrap();
        assert!(ok && report["quarantined"] == 3 && report["refused"].is_null(), "{told}{errors}");
        let (ok, told, _) = run(&["restore", &strays[0]]);
        assert!(ok && told.starts_with("1 objects put back (5 bytes)"), "{told}");
        let (ok, told, _) = run(&["restore", "--json"]);
        assert!(ok && serde_json::from_str::<Value>(&told).unwrap()["restored"] == 2, "{told}");

        server.marked(r#"{"note": "", "installation": "01940000-0000-7000-8000-000000000000"}"#).await;
        let (ok, _, errors) = run(&[]);
        assert!(!ok && errors.contains("01940000-0000-7000-8000-000000000000") && errors.contains("`tintype sweep claim`"), "{errors}");
        assert!(!run(&["restore"]).0);
        let (ok, told, _) = run(&["claim"]);
        assert!(ok && told.contains("before, to 01940000-0000-7000-8000-000000000000"), "{told}");
        assert!(run(&[]).0);
        // Where the store is the server's own, it need not run.
        let mut server = server;
        server.running.take().unwrap().stop().await;
        let run = |arguments: &[&str]| server.run_sweep(arguments, &[]);
        for arguments in [&["claim"][..], &["restore"], &[]] {
            let (ok, _, errors) = run(arguments);
            assert!(ok, "{arguments:?}: {errors}");
        }
    }
}

/// No sweep runs in the background, so that the test can run it.
async fn due_every_day(on: On) {
    let server = TestServer::start_with(on, |config| {
        config.server.worker = false;
        config.sweep.every = 24 * 3600;
    })
    .await;
    let app = server.app();
    let ada = server.user().await;
    let image = ada.upload("a.png", &png(1)).await;
    let first = sweep::tick(app).await.unwrap().unwrap();
    assert_eq!((first.refused, first.listed, first.orphans), (None, 5, 0));
    let strays = server.strays(2).await;
    assert_eq!(sweep::tick(app).await.unwrap(), None, "not due");
    server.clock.advance(TimeDelta::hours(25));
    server.work().await;
    let (one, other) = tokio::join!(sweep::tick(app), sweep::tick(app));
    let reports: Vec<_> = [one, other]
        .into_iter()
        .filter_map(Result::unwrap)
        .collect();
    assert!(
        matches!(reports.as_slice(), [Report { quarantined: 2, .. }]),
        "one of two workers does it: {reports:?}"
    );
    assert_eq!(server.quarantined().await, strays);
    assert_eq!(
        server
            .installation()
            .await
            .swept_at
            .map(|at| (server.clock.now() - at).num_minutes()),
        Some(0)
    );

    server
        .remove_object(&server.row(image.id).await.original_key)
        .await;
    server.marked("what?").await;
    server.clock.advance(TimeDelta::hours(25));
    assert!(sweep::tick(app).await.unwrap().unwrap().refused.is_some());
    server
        .marked(&format!(
            r#"{{"note": "", "installation": "{}"}}"#,
            server.installation().await.id
        ))
        .await;
    server.clock.advance(TimeDelta::hours(25));
    assert_eq!(sweep::tick(app).await.unwrap().unwrap().refused, None);
    let answer = server.fetch(&format!("{}/metrics", server.ops_url())).await;
    let text = String::from_utf8(answer.body).unwrap();
    for line in [
        r#"tintype_sweeps_total{outcome="ok"} 3"#,
        r#"tintype_sweeps_total{outcome="refused"} 1"#,
        r#"tintype_sweeps_total{outcome="failed"} 0"#,
        r#"tintype_sweep_objects_total{action="quarantined"} 2"#,
        "tintype_sweep_orphans 0",
        r#"tintype_audits_total{outcome="ok"} 3"#,
        r#"tintype_audit_findings{kind="missing"} 1"#,
        r#"tintype_audit_findings{kind="orphan"} 0"#,
        &format!(
            "tintype_sweep_last_success_timestamp_seconds {}",
            server.installation().await.swept_at.unwrap().timestamp()
        ),
    ] {
        assert!(text.lines().any(|l| l == line), "{line} in\n{text}");
    }
    assert!(
        text.contains("tintype_sweep_last_duration_seconds ")
            && text.contains("tintype_audit_last_duration_seconds "),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_is_due_every_day_and_one_worker_does_it_on_sqlite() {
    Box::pin(due_every_day(On::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_is_due_every_day_and_one_worker_does_it_on_postgres() {
    Box::pin(due_every_day(On::Postgres)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_sweeps_by_itself() {
    let server = TestServer::start_with(On::Sqlite, |config| config.sweep.every = 24 * 3600).await;
    let swept = async {
        while server.installation().await.swept_at.is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), swept)
        .await
        .expect("a new installation is swept at its start");
    assert!(server.app().store.head(MARKER).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_away_touches_nothing_and_is_tried_again_in_an_hour() {
    let server = TestServer::start_with(On::Sqlite, |config| {
        config.server.worker = false;
        config.sweep.every = 24 * 3600;
        config.storage.endpoint = Some("http://127.0.0.1:9".parse().unwrap());
        config.storage.access_key_id = Some("tintype".into());
        config.storage.secret_access_key = Some(tintype_core::secret::Secret::from(
            "0123456789abcdefghijklmnopqrstuv".to_owned(),
        ));
    })
    .await;
    assert!(matches!(
        sweep::tick(server.app()).await,
        Err(SweepError::Store(_))
    ));
    assert!(!sweep::mark(server.app()).await);
    let row = server.installation().await;
    assert_eq!((row.swept_at, row.sweep_lease_id), (None, None));
    assert!((row.sweep_due_at - server.clock.now()).num_minutes() >= 58);
}
