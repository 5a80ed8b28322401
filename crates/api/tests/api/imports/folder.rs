//! Folders of pictures become albums.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tintype_core::db::upload;

use super::*;
use crate::backups::whole::HASHES;
use crate::server::on_both_databases;

/// Writes a file that was changed at this time.
fn write(path: &Path, bytes: &[u8], at: u64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(at);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(at)
        .unwrap();
}

on_both_databases! {
    async fn each_directory_with_pictures_becomes_an_album_and_a_second_run_adds_nothing(server: TestServer) {
        let ada = server.user().await;
        let folder = TempDir::new().unwrap();
        let root = folder.path().join("Photos");
        write(&root.join("b.jpg"), &jpeg(1), 1_000_000_000);
        write(&root.join("a.png"), &png(2), 1_100_000_000);
        write(&root.join("Holidays/Rome/x.JPEG"), &jpeg(3), 5);
        write(&root.join("Holidays/Rome/the same.jpg"), &jpeg(1), 6);
        write(&root.join("Holidays/notes.txt"), b"no picture", 0);
        write(&root.join(".hidden/c.jpg"), &jpeg(4), 0);
        write(&folder.path().join("outside.jpg"), &jpeg(5), 0);
        symlink(folder.path().join("outside.jpg"), root.join("link.jpg")).unwrap();
        symlink(&root, root.join("Holidays/circle")).unwrap();

        let (ok, told, errors) = server.import(&ada, &root);
        assert!(ok, "{told}{errors}");
        assert!(told.starts_with("Pictures: 3 new, 1 there already, "), "{told}");
        let images = ada.list("").await.items;
        let times: Vec<_> = images.iter().map(|image| (&*image.filename, image.created_at.timestamp())).collect();
        assert_eq!(times, [("a.png", 1_100_000_000), ("b.jpg", 1_000_000_000), ("x.JPEG", 5)]);
        assert!(images.iter().all(|image| image.title.is_none()));
        let made = ada.albums().await;
        let titles: Vec<_> = made.iter().map(|album| album.title.as_deref().unwrap()).collect();
        assert_eq!(titles, ["Holidays / Rome", "Photos"]);
        let rome: Vec<_> = ada.inside(&made[0]).await.into_iter().map(|image| image.filename).collect();
        let photos: Vec<_> = ada.inside(&made[1]).await.into_iter().map(|image| image.filename).collect();
        assert_eq!((rome, photos), (vec!["b.jpg".into(), "x.JPEG".into()], vec!["a.png".into(), "b.jpg".into()]), "by the names of the files");

        let (ok, told, errors) = server.import(&ada, &root);
        assert!(ok && told.starts_with("Pictures: 0 new, 4 there already, "), "{told}{errors}");
        assert_eq!(ada.list("").await.items.len(), 3);
        assert_eq!(ada.albums().await, made);
        assert!(server.objects().await.iter().all(|key| key.starts_with("images/")));
    }

    async fn folders_that_are_called_alike_are_albums_of_their_own_whichever_way_leads_to_them(server: TestServer) {
        let ada = server.user().await;
        let folder = TempDir::new().unwrap();
        let [x, y] = ["x", "y"].map(|name| folder.path().join(name).join("photos"));
        write(&x.join("a.png"), &png(1), 7);
        write(&x.join("Rome/b.png"), &png(2), 7);
        write(&y.join("c.png"), &png(3), 7);
        write(&y.join("Rome/d.png"), &png(4), 7);
        // Names that are no text, and would be the same one if they were made to be.
        write(&y.join(OsStr::from_bytes(b"\xff1")).join("e.png"), &png(5), 7);
        write(&y.join(OsStr::from_bytes(b"\xfe1")).join("f.png"), &png(6), 7);
        let other = TempDir::new().unwrap();
        let link = other.path().join("linked");
        symlink(folder.path().join("x"), &link).unwrap();
        for (from, new, there, albums) in [(&x, 2, 0, 2), (&y, 4, 0, 4), (&x, 0, 2, 0), (&y, 0, 4, 0), (&x.join("Rome"), 0, 1, 0), (&link.join("photos"), 0, 2, 0)] {
            let (ok, told, errors) = server.import(&ada, from);
            assert!(ok, "{told}{errors}");
            assert!(told.starts_with(&format!("Pictures: {new} new, {there} there already, ")), "{told}");
            assert!(told.contains(&format!(" Albums: {albums} new.")), "{told}");
        }
        let mut found = Vec::new();
        for album in ada.albums().await {
            let names: Vec<_> = ada.inside(&album).await.into_iter().map(|image| image.filename).collect();
            found.push((names, album.title.unwrap()));
        }
        found.sort();
        let titles: Vec<_> = found.iter().map(|(names, title)| (names.join(" "), &**title)).collect();
        let titles: Vec<_> = titles.iter().map(|(names, title)| (&**names, *title)).collect();
        assert_eq!(titles, [("a.png", "photos"), ("b.png", "Rome"), ("c.png", "photos"), ("d.png", "Rome"), ("e.png", "\u{fffd}1"), ("f.png", "\u{fffd}1")]);
    }

    async fn what_is_said_of_a_file_is_one_line_whatever_it_is_called(server: TestServer) {
        let ada = server.user().await;
        let folder = TempDir::new().unwrap();
        for name in ["\u{e9}\nPictures: 9 new\u{1b}[2J\u{9b}.png", "a\r\trefused.png"] {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        let (ok, told, errors) = server.import(&ada, folder.path());
        assert!(!ok && errors.contains("2 were refused"), "{told}{errors}");
        assert!(!told.chars().any(|it| it.is_control() && it != '\n'), "{told:?}");
        assert_eq!(told.lines().count(), 3, "{told}");
        for words in [r"/\u{e9}\nPictures: 9 new\u{1b}[2J\u{9b}.png: validation_failed: ".replace(r"\u{e9}", "\u{e9}"), r"/a\r\trefused.png: ".into()] {
            assert!(told.contains(&words), "{words} in {told}");
        }
    }

    async fn a_folder_is_imported_while_no_server_runs(server: TestServer) {
        let mut server = server;
        let ada = server.user().await;
        let folder = TempDir::new().unwrap();
        for seed in 0..6 {
            write(&folder.path().join(format!("{seed}.png")), &png(seed), 7);
        }
        fs::write(folder.path().join("broken.jpg"), &jpeg(1)[..200]).unwrap();
        fs::write(folder.path().join("b.heic"), b"\0\0\0\x18ftypheic\0\0\0\0").unwrap();
        fs::write(folder.path().join("empty.gif"), b"").unwrap();
        server.running.take().unwrap().stop().await;
        for new in [6, 0] {
            let (ok, told, errors) = server.import(&ada, folder.path());
            assert!(!ok && told.contains(&format!("Pictures: {new} new")) && errors.contains("3 were refused"), "{told}{errors}");
            for (name, code) in [("broken.jpg", "image_damaged"), ("b.heic", "unsupported_media"), ("empty.gif", "validation_failed")] {
                assert!(told.contains(&format!("/{name}: {code}: ")), "{told}");
            }
        }
        server.restart_stopped().await;
        assert_eq!(ada.list("").await.items.len(), 6);
        assert_eq!(ada.inside(&ada.albums().await[0]).await.len(), 6);
        let report = server.audit(HASHES).await;
        assert!(report.is_balanced(), "{report}");
    }

    async fn copies_of_one_picture_are_one_image(server: TestServer) {
        let ada = server.user().await;
        let folder = TempDir::new().unwrap();
        for name in 0..8 {
            write(&folder.path().join(format!("{name}.png")), &png(1), 7);
        }
        let (ok, told, errors) = server.import(&ada, folder.path());
        assert!(ok && told.starts_with("Pictures: 1 new, 7 there already, "), "{told}{errors}");
        assert_eq!(ada.list("").await.items.len(), 1);
        assert_eq!(ada.inside(&ada.albums().await[0]).await.len(), 1);
    }

    async fn a_file_that_changes_meanwhile_is_refused_and_the_others_come(server: TestServer) {
        let ada = server.user().await;
        let folder = TempDir::new().unwrap();
        let grows = folder.path().join("a.png");
        write(&grows, &png(1), 7);
        write(&folder.path().join("b.png"), &png(2), 7);
        let db = server.db().clone();
        let change = tokio::spawn(async move {
            let announced = upload::Column::Filename.eq("a.png");
            while upload::Entity::find().filter(announced.clone()).one(&db).await.unwrap().is_none() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            File::options().append(true).open(grows).unwrap().write_all(b"more").unwrap();
        });
        let window = [("FAILPOINTS", "announce.kept=sleep(3000)")];
        let (ok, told, errors) = server.import_with(&ada, folder.path(), &window);
        change.await.unwrap();
        assert!(!ok && told.starts_with("Pictures: 1 new, ") && told.contains("/a.png: hash_mismatch: "), "{told}{errors}");
        let (ok, told, errors) = server.import(&ada, folder.path());
        assert!(ok && told.starts_with("Pictures: 1 new, 1 there already, "), "{told}{errors}");
        assert_eq!(ada.list("").await.items.len(), 2);
    }
}
