//! What a manifest says and the bucket denies is reported, and not guessed.

use std::fs;
use std::path::PathBuf;

use rand::distr::Alphanumeric;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Digest;
use tintype_api::serve;
use tintype_core::keys;
use tintype_core::manifests::outbox;
use tintype_core::sweep;

use crate::audit::NO_GRACE;
use crate::backups::whole::HASHES;
use crate::crowd::noise;
use crate::pictures::png;
use crate::server::{TestServer, on_both_databases};

impl TestServer {
    /// Changes what a manifest says.
    async fn tamper(&self, key: &str, change: impl FnOnce(&mut Value)) {
        let bytes = self.app().store.get(key, 100_000).await.unwrap().unwrap();
        let mut manifest = serde_json::from_slice(&bytes).unwrap();
        change(&mut manifest);
        self.put_object(key, manifest.to_string().as_bytes()).await;
    }

    /// The embedded store's file of an object.
    pub fn file_of(&self, key: &str) -> PathBuf {
        let bucket = &self.config.storage.bucket;
        let name = hex::encode(sha2::Sha256::digest(format!("{bucket}\0{key}")));
        let objects = self.folder.path().join("objects/objects");
        objects.join(&name[..2]).join(name)
    }
}

on_both_databases! {
    async fn an_image_whose_manifest_does_not_fit_is_left_out_and_named(server: TestServer) {
        let mut server = server;
        let ada = server.user().await;
        let mut images = Vec::new();
        for seed in 0..9 {
            images.push(ada.upload("a.png", &png(seed)).await);
        }
        let key = |at: usize| keys::manifest(images[at].id.into(), 1);
        let original = |at: usize| format!("images/{}/1/original", images[at].id);
        server.remove_object(&key(0)).await;
        server.put_object(&key(1), b"{").await;
        server.tamper(&key(2), |it| it["version"] = json!(2)).await;
        server.tamper(&key(3), |it| it["original_key"] = json!(original(4))).await;
        server.tamper(&key(4), |it| it["size_bytes"] = json!(1)).await;
        server.tamper(&key(5), |it| it["slug"] = json!(images[8].slug)).await;
        server.remove_object(&original(6)).await;
        let size = usize::try_from(images[7].size_bytes).unwrap();
        server.put_object(&original(7), &vec![0; size]).await;
        server.put_object("images/none/1", b"what").await;
        let report = server.rebuild().await;
        let faults: Vec<_> = report.faults.iter().map(|fault| (fault.image.0, &*fault.what)).collect();
        assert_eq!((report.images, report.fault_count, report.others), (1, 8, 1), "{faults:?}");
        let words = ["no manifest", "can't be read", "version", "another image", "another size", "slug", "original is gone", "other bytes"];
        for (image, word) in images.iter().zip(words) {
            let is_named = |(id, what): &(uuid::Uuid, &str)| *id == image.id && what.contains(word);
            // Whichever of the two with one slug comes first has it.
            assert!(faults.iter().any(is_named) || word == "slug", "{word}: {faults:?}");
        }
        assert!(faults.iter().any(|(_, what)| what.contains("slug")), "{faults:?}");
    }

    async fn an_original_that_cannot_be_read_is_left_out_and_named(server: TestServer) {
        let mut server = server;
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        ada.upload("b.png", &png(2)).await;
        let key = server.row(image.id).await.original_key;
        let file = server.file_of(&key);
        let mut bytes = fs::read(&file).unwrap();
        bytes[20] ^= 1;
        fs::write(file, bytes).unwrap();
        let report = server.rebuild().await;
        assert_eq!((report.images, report.fault_count), (1, 1), "{:?}", report.faults);
        assert_eq!(report.faults[0].image.0, image.id);
    }

    async fn a_manifest_that_is_gone_is_found_and_written_again(server: TestServer) {
        let mut server = server;
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        server.remove_object(&keys::manifest(image.id.into(), 1)).await;
        let report = server.audit(NO_GRACE).await;
        assert_eq!(report.findings.len(), 1, "{report}");
        outbox::write_again(server.db(), vec![image.id.into()]).await.unwrap();
        server.work().await;
        assert!(server.audit(NO_GRACE).await.is_balanced());
        assert_eq!(server.rebuild().await.images, 1);
    }

    async fn a_manifest_that_says_something_else_is_found_by_an_audit_that_reads(server: TestServer) {
        let ada = server.user().await;
        let (lies, broken) = (ada.upload("a.png", &png(1)).await, ada.upload("b.png", &png(2)).await);
        assert!(server.audit(HASHES).await.is_balanced());
        server.tamper(&keys::manifest(lies.id.into(), 1), |it| it["visibility"] = json!("private")).await;
        server.put_object(&keys::manifest(broken.id.into(), 1), b"{").await;
        let report = server.audit(HASHES).await;
        assert_eq!(report.findings.len(), 2, "{report}");
        assert!(report.to_string().contains("as of its title, the worker writes another"), "{report}");
        // As it says.
        for image in [&lies, &broken] {
            ada.send(Method::PATCH, &format!("/images/{}", image.id), Some(&json!({"title": "Lake"}))).await.ok::<Value>();
        }
        server.work().await;
        assert!(server.audit(HASHES).await.is_balanced());
    }

    async fn a_manifest_that_no_row_can_have_is_left_out(server: TestServer) {
        let mut server = server;
        let ada = server.user().await;
        let mut manifests = Vec::new();
        for seed in 0..4 {
            manifests.push(keys::manifest(ada.upload("a.png", &png(seed)).await.id.into(), 1));
        }
        server.tamper(&manifests[0], |it| it["placeholder"] = json!("a\0b")).await;
        server.tamper(&manifests[1], |it| it["created_at"] = json!("-200000-01-01T00:00:00Z")).await;
        // PostgreSQL keeps no index of such a slug.
        let mut dice = StdRng::seed_from_u64(1);
        let slug: String = (0..20_000).map(|_| char::from(dice.sample(Alphanumeric))).collect();
        server.tamper(&manifests[2], |it| it["slug"] = json!(slug)).await;
        let report = server.rebuild().await;
        let left_out = if server.config.has_postgres() { 3 } else { 2 };
        assert_eq!((report.images, report.fault_count), (4 - left_out, left_out), "{:?}", report.faults);
        let words = ["texts", "times", "the database refuses"];
        for (fault, words) in report.faults.iter().zip(words) {
            assert!(fault.what.contains(words), "{fault:?}");
        }
    }

    async fn a_mark_that_cannot_be_read_may_name_any_image(server: TestServer) {
        let mut server = server;
        let ada = server.user().await;
        for seed in 0..2 {
            ada.upload("a.png", &png(seed)).await;
        }
        server.put_object(&keys::mark(server.clock.now()), b"{").await;
        let report = server.rebuild().await;
        assert_eq!((report.images, report.held, report.unreadable_marks), (2, 2, 1), "{:?}", report.faults);
    }

    async fn a_mark_that_is_cut_may_name_any_image(server: TestServer) {
        let mut server = server;
        let ada = server.user().await;
        for seed in 0..2 {
            ada.upload("a.png", &png(seed)).await;
        }
        let mark = keys::mark(server.clock.now());
        server.put_object(&mark, b"{}").await;
        fs::write(server.file_of(&mark), b"{").unwrap();
        let report = server.rebuild().await;
        assert_eq!((report.images, report.held, report.unreadable_marks), (2, 2, 1), "{:?}", report.faults);
    }

    async fn a_large_object_that_is_cut_is_no_mark(server: TestServer) {
        let mut server = server;
        let ada = server.user().await;
        let large = ada.upload("a.png", &noise()).await;
        ada.upload("b.png", &png(1)).await;
        let file = server.file_of(&format!("images/{}/1/original", large.id));
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..bytes.len() - 30]).unwrap();
        let report = server.rebuild().await;
        assert_eq!((report.images, report.held, report.unreadable_marks), (1, 0, 0), "{:?}", report.faults);
    }

    async fn a_database_to_which_nothing_came_back_is_not_taken_for_that_of_the_bucket(server: TestServer) {
        let mut server = server;
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        let manifest = keys::manifest(image.id.into(), 1);
        assert!(sweep::mark(server.app()).await);
        let objects = server.objects().await;
        server.running.take().unwrap().stop().await;
        server.lose_rows().await;
        let (file, aside) = (server.file_of(&manifest), server.folder.path().join("aside"));
        fs::rename(&file, &aside).unwrap();
        assert_eq!(server.try_rebuild(false).await.unwrap().images, 0);
        let started = serve::start(server.config.clone(), server.clock.clone()).await;
        let error = started.err().unwrap().to_string();
        assert!(error.contains("belongs to the installation") && error.contains("tintype sweep claim"), "{error}");
        let (ok, told, errors) = server.run(&["sweep", "--grace", "0"], &[]);
        assert!(!ok && errors.contains("tintype sweep claim"), "{told}{errors}");
        // With its manifest back, the same command brings it back, and nothing else was touched.
        fs::rename(&aside, &file).unwrap();
        assert_eq!(server.try_rebuild(true).await.unwrap().images, 1);
        server.start_again().await;
        assert_eq!(server.objects().await, objects);
        assert!(server.audit(NO_GRACE).await.is_balanced());
    }

    async fn a_database_that_has_rows_is_refused(server: TestServer) {
        let mut server = server;
        server.user().await.upload("a.png", &png(1)).await;
        server.running.take().unwrap().stop().await;
        let error = server.try_rebuild(false).await.unwrap_err();
        assert!(error.to_string().starts_with("the database is not empty (users has rows)"), "{error}");
    }
}
