//! What a backup does not remove: what others have put there, what a database has lost, what another installation has begun.

use std::fs;
use std::path::{Path, PathBuf};

use sea_orm::EntityTrait;
use tempfile::TempDir;
use tintype_core::db::image;
use tintype_core::{keys, sweep};
use uuid::Uuid;

use super::damage;
use crate::pictures::png;
use crate::server::{On, TestServer, on_both_databases};

/// Every file there, by its path from there.
fn files(place: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(place).unwrap() {
        let path = entry.unwrap().path();
        if path.symlink_metadata().unwrap().is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The files of the objects that a backup has.
fn objects(place: &Path) -> usize {
    let is_object = |path: &PathBuf| path.ends_with("original");
    files(&place.join("objects"))
        .iter()
        .filter(|path| is_object(path))
        .count()
}

impl TestServer {
    /// No command works on a half-done installation, and each names the command that ends it.
    pub fn says_what_was_broken_off(&self, by: &str) {
        let place = TempDir::new().unwrap();
        let path = place.path().to_str().unwrap();
        for arguments in [
            &["backup", path][..],
            &["audit"],
            &["sweep"],
            &["sweep", "--dry-run"],
            &["sweep", "claim"],
            &["sweep", "restore", "images/"],
            &["serve"],
            &["doctor"],
        ] {
            // An audit asks the store that runs.
            if arguments == ["audit"] && self.running.is_none() && self.config.has_embedded_store()
            {
                continue;
            }
            let secret = (
                "TINTYPE_AUTH__JWT_SECRET",
                "859550a9046e59167a88f6dab27e8c5f3a3e97bb09e72f5ed06e0e8cd2192510",
            );
            let (ok, told, errors) = self.run(arguments, &[secret]);
            let said = format!("{told}{errors}");
            let is_said = said.contains(&format!("`{by}` was broken off here"));
            assert!(!ok && is_said, "{arguments:?}: {said}");
        }
        assert_eq!(fs::read_dir(path).unwrap().count(), 0);
    }
}

on_both_databases! {
    async fn a_restore_that_was_broken_off_before_its_rows_is_named_by_every_command(server: TestServer) {
        let mut server = server;
        let ada = server.user().await;
        ada.upload("a.png", &png(1)).await;
        server.put_object(keys::RESTORING, b"{}").await;
        server.running.take().unwrap().stop().await;
        server.lose_rows().await;
        server.says_what_was_broken_off("tintype restore");
        let (ok, _, errors) = server.run(&["rebuild"], &[]);
        assert!(!ok && errors.contains("`tintype restore` was broken off here"), "{errors}");
    }

    async fn a_small_backup_is_not_emptied_either(server: TestServer) {
        let ada = server.user().await;
        ada.upload("a.png", &png(1)).await;
        let place = TempDir::new().unwrap();
        server.back_up(place.path()).await.unwrap();
        image::Entity::delete_many().exec(&server.app().db).await.unwrap();
        let path = place.path().to_str().unwrap();
        let (ok, told, errors) = server.run(&["backup", path], &[]);
        assert!(!ok && told.is_empty() && errors.contains("--shrink"), "{told}{errors}");
        assert_eq!(objects(place.path()), 1);
        assert_eq!(damage(place.path()).await, Vec::<String>::new());
    }

    async fn a_lost_database_is_not_backed_up(server: TestServer) {
        let mut server = server;
        let ada = server.user().await;
        ada.upload("a.png", &png(1)).await;
        assert!(sweep::mark(server.app()).await);
        server.running.take().unwrap().stop().await;
        server.lose_rows().await;
        assert!(server.run(&["migrate", "up"], &[]).0);
        let place = TempDir::new().unwrap();
        let (ok, told, errors) = server.run(&["backup", place.path().to_str().unwrap()], &[]);
        assert!(!ok && told.is_empty() && errors.contains("the bucket belongs to the installation"), "{told}{errors}");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    async fn of_two_commands_at_once_the_second_says_that_one_is_at_work(server: TestServer) {
        let mut server = server;
        let ada = server.user().await;
        ada.upload("a.png", &png(1)).await;
        server.running.take().unwrap().stop().await;
        let lock = fs::File::open(server.folder.path().join("lock")).unwrap();
        lock.lock().unwrap();
        let place = TempDir::new().unwrap();
        let (ok, told, errors) = server.run(&["backup", place.path().to_str().unwrap()], &[]);
        assert!(!ok && told.is_empty() && errors.contains("another `tintype` command is at work"), "{told}{errors}");
        drop(lock);
    }

    async fn what_others_have_put_into_a_backup_stays(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        let gone = ada.upload("b.png", &png(2)).await;
        let place = TempDir::new().unwrap();
        server.back_up(place.path()).await.unwrap();
        let own = format!("objects/images/{}", image.id);
        let foreign = [
            "objects/mine.jpg",
            "objects/photos/2025/mine.jpg",
            "objects/nested/objects/images/a/1/original",
            &format!("{own}/note.txt"),
            &format!("{own}/1/notes/mine.txt"),
            "rows/mine.jsonl",
            "rows/nested/rows/a/users.jsonl",
            "tmp/nested/manifest.json",
            "tmp/mine.txt",
        ];
        for file in foreign {
            let file = place.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "mine").unwrap();
        }
        // What a dead run has left is nobody's.
        fs::write(place.path().join("tmp/7"), "begun").unwrap();
        ada.delete(&format!("/images/{}?permanent=true", gone.id)).await;
        server.work().await;
        server.back_up(place.path()).await.unwrap();
        for file in foreign {
            assert!(place.path().join(file).exists(), "{file}");
        }
        assert!(!place.path().join("tmp/7").exists());
        assert!(!place.path().join(format!("objects/images/{}", gone.id)).exists());
        assert_eq!(damage(place.path()).await, Vec::<String>::new());
    }

    async fn links_in_a_backup_are_replaced_or_followed_and_never_taken_for_objects(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        let (place, disk) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        server.back_up(place.path()).await.unwrap();
        let object = place.path().join(format!("objects/images/{}/1/original", image.id));
        fs::rename(&object, disk.path().join("original")).unwrap();
        std::os::unix::fs::symlink(disk.path().join("original"), &object).unwrap();
        server.back_up(place.path()).await.unwrap();
        assert!(object.symlink_metadata().unwrap().is_file());
        assert_eq!(damage(place.path()).await, Vec::<String>::new());
        // All objects on another disk.
        let images = place.path().join("objects/images");
        fs::rename(&images, disk.path().join("images")).unwrap();
        std::os::unix::fs::symlink(disk.path().join("images"), &images).unwrap();
        ada.upload("b.png", &png(2)).await;
        for _ in 0..2 {
            server.back_up(place.path()).await.unwrap();
            assert_eq!(damage(place.path()).await, Vec::<String>::new());
        }
        assert_eq!(objects(place.path()), 0);
        let all = files(&disk.path().join("images"));
        assert_eq!(all.iter().filter(|path| path.ends_with("original")).count(), 2);
    }

    async fn a_database_that_has_lost_most_of_its_images_does_not_empty_a_backup(server: TestServer) {
        let ada = server.user().await;
        for seed in 0..20 {
            ada.upload("a.png", &png(seed)).await;
        }
        let place = TempDir::new().unwrap();
        server.back_up(place.path()).await.unwrap();
        let had = objects(place.path());
        image::Entity::delete_many().exec(&server.app().db).await.unwrap();
        ada.upload("b.png", &png(30)).await;
        let path = place.path().to_str().unwrap();
        let (ok, told, errors) = server.run(&["backup", path], &[]);
        assert!(!ok && told.is_empty() && errors.contains("Nothing was removed") && errors.contains("--shrink"), "{told}{errors}");
        assert!(objects(place.path()) >= had);
        let (ok, told, errors) = server.run(&["backup", "--shrink", path], &[]);
        assert!(ok, "{told}{errors}");
        assert_eq!(objects(place.path()), 1);
    }

    async fn nothing_is_backed_up_swept_or_taken_away_while_a_restore_or_a_rebuild_is_half_done(server: TestServer) {
        let ada = server.user().await;
        ada.upload("a.png", &png(1)).await;
        let place = TempDir::new().unwrap();
        let path = place.path().to_str().unwrap();
        for (note, command) in [(keys::RESTORING, "tintype restore"), (keys::REBUILDING, "tintype rebuild")] {
            server.put_object(note, b"{}").await;
            let archive = place.path().join("a.zip");
            for arguments in [
                &["backup", path][..],
                &["sweep", "--grace", "0"],
                &["import", path, "--user", ada.name()],
                &["export", archive.to_str().unwrap(), "--user", ada.name()],
            ] {
                let (ok, told, errors) = server.run(arguments, &[]);
                assert!(!ok && errors.contains(command) && errors.contains("was broken off here"), "{arguments:?}: {told}{errors}");
            }
            server.remove_object(note).await;
        }
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
        assert!(server.run(&["backup", path], &[]).0);
    }

    async fn a_place_that_another_installation_has_begun_is_its_own(server: TestServer) {
        let ada = server.user().await;
        ada.upload("a.png", &png(1)).await;
        let place = TempDir::new().unwrap();
        server.back_up(place.path()).await.unwrap();
        fs::remove_file(place.path().join("manifest.json")).unwrap();
        let had = files(place.path()).len();
        let other = TestServer::start(On::Sqlite).await;
        let error = other.back_up(place.path()).await.unwrap_err().to_string();
        assert!(error.contains("another installation"), "{error}");
        assert_eq!(files(place.path()).len(), had);
        server.back_up(place.path()).await.unwrap();
    }

    async fn an_object_that_the_store_cannot_read_is_named_and_all_else_is_backed_up(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        let key = server.row(image.id).await.original_key;
        let place = TempDir::new().unwrap();
        server.back_up(place.path()).await.unwrap();
        let store = server.folder.path().join("objects/objects");
        fs::write(server.file_of(&key), "cut").unwrap();
        // The store knows what it has listed by now.
        let mut server = server;
        server.restart().await;
        fs::write(store.join(".DS_Store"), "x").unwrap();
        fs::create_dir(store.join("00").join(Uuid::now_v7().to_string())).unwrap();
        let ada = crate::backups::whole::again(&ada, &server).await;
        ada.upload("b.png", &png(2)).await;
        let taken = server.back_up(place.path()).await.unwrap();
        assert_eq!((taken.lost_count, taken.lost[0].key == key), (1, true), "{:?}", taken.lost);
        assert_eq!(objects(place.path()), 2);
        assert_eq!(damage(place.path()).await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encrypted_backup_whose_key_is_gone_is_called_so() {
    let server = TestServer::start(On::Sqlite).await;
    let (place, folder) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let passphrase = folder.path().join("passphrase");
    fs::write(&passphrase, "correct horse battery").unwrap();
    let (passphrase, path) = (passphrase.to_str().unwrap(), place.path().to_str().unwrap());
    let back_up = ["backup", "--passphrase-file", passphrase, path];
    assert!(server.run(&back_up, &[]).0);
    fs::remove_file(place.path().join("key.age")).unwrap();
    for arguments in [
        &back_up[..],
        &["backup", path],
        &["backup", "--verify", path],
    ] {
        let (ok, _, errors) = server.run(arguments, &[]);
        assert!(
            !ok && errors.contains("its key.age is missing"),
            "{arguments:?}: {errors}"
        );
    }
}
