//! What an account takes away it has again in another installation.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::process::Stdio;

use super::*;
use crate::backups::drill::Elsewhere;
use crate::backups::whole::HASHES;
use crate::program::BINARY;
use crate::server::{On, on_both_databases};

/// What is kept of an image.
fn kept(image: &Image) -> impl PartialEq + std::fmt::Debug + use<> {
    let Image {
        title,
        filename,
        alt,
        ..
    } = image.clone();
    let Image {
        sha256,
        visibility,
        created_at,
        expires_at,
        ..
    } = image.clone();
    (
        (title, filename, alt),
        (sha256, visibility, created_at, expires_at),
    )
}

/// What is kept of an account: its images, and its albums with their images and covers.
async fn everything(client: &Client) -> impl PartialEq + std::fmt::Debug + use<> {
    let images: Vec<_> = client.list("").await.items.iter().map(kept).collect();
    let mut albums = Vec::new();
    for album in client.albums().await {
        let inside: Vec<_> = client.inside(&album).await.iter().map(kept).collect();
        let Album {
            title,
            description,
            visibility,
            cover,
            ..
        } = album.clone();
        let said = (
            title,
            description,
            visibility,
            album.created_at,
            album.expires_at,
        );
        albums.push((said, cover.as_ref().map(kept), inside));
    }
    (images, albums)
}

/// Takes everything from the one to the other, twice.
async fn moves(from: TestServer, to: TestServer) {
    let ada = from.ada().await;
    let eve = from.user().await;
    eve.upload("eve.jpg", &jpeg(9)).await;
    let folder = TempDir::new().unwrap();
    let archive = folder.path().join("ada.zip");
    from.export(&ada, &archive);
    let bob = to.user().await;
    let (ok, told, errors) = to.import(&bob, &archive);
    assert!(
        ok && told.starts_with("Pictures: 4 new, 0 there already, "),
        "{told}{errors}"
    );
    let there = everything(&bob).await;
    assert_eq!(there, everything(&ada).await);
    for image in bob.list("").await.items {
        let preview = to.fetch(&image.links.preview).await;
        assert_eq!(preview.status, 200);
    }
    let (ok, told, errors) = to.import(&bob, &archive);
    assert!(
        ok && told.starts_with("Pictures: 0 new, 4 there already, "),
        "{told}{errors}"
    );
    assert_eq!(everything(&bob).await, there);
    let report = to.audit(HASHES).await;
    assert!(report.is_balanced(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_an_account_has_on_sqlite_and_a_folder_it_has_again_on_postgres_and_s3() {
    let store = Elsewhere::start();
    let to = TestServer::start_with(On::Postgres, |config| store.is_used_by(config)).await;
    Box::pin(moves(TestServer::start(On::Sqlite).await, to)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_an_account_has_on_postgres_and_s3_it_has_again_on_sqlite_and_a_folder() {
    let store = Elsewhere::start();
    let from = TestServer::start_with(On::Postgres, |config| store.is_used_by(config)).await;
    Box::pin(moves(from, TestServer::start(On::Sqlite).await)).await;
}

on_both_databases! {
    async fn an_operator_exports_the_same_archive_as_the_account_itself(server: TestServer) {
        let ada = server.ada().await;
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("ada.zip");
        server.export(&ada, &file);
        let (ok, _, errors) = server.run(&["export", file.to_str().unwrap(), "--user", ada.name()], &[]);
        assert!(!ok && errors.contains("is there already: name another file"), "{errors}");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let export: tintype_dto::Export = ada.post("/me/export", &json!({})).await.ok();
        let own = server.fetch(&export.url).await;
        let read = |bytes: &[u8]| {
            let files = crate::archives::read(bytes).into_iter();
            let mut files: Vec<_> = files.map(|file| (file.name, file.bytes)).collect();
            let mut manifest: Value = serde_json::from_slice(&files[0].1).unwrap();
            manifest["exported_at"] = Value::Null;
            files[0].1 = manifest.to_string().into();
            files
        };
        assert_eq!(read(&fs::read(&file).unwrap()), read(&own.body));

        let mut command = Command::new(BINARY);
        command.args(["export", "--user", ada.name(), "-"]).env("TINTYPE_DATA_DIR", server.folder.path());
        let output = command.envs(crate::backups::settings(&server.config)).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success());
        assert_eq!(read(&output.stdout), read(&own.body));
        let (ok, _, errors) = server.run(&["export", "nobody.zip", "--user", "nobody"], &[]);
        assert!(!ok && errors.contains("there is no account nobody"), "{errors}");
        assert!(!std::path::Path::new("nobody.zip").exists());
    }

    async fn an_export_puts_no_file_in_the_place_of_a_pipe_or_a_folder(server: TestServer) {
        let ada = server.user().await;
        ada.upload("a.png", &png(1)).await;
        let folder = TempDir::new().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = Command::new("cat").arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
        let export = |into: &std::path::Path| server.run(&["export", into.to_str().unwrap(), "--user", ada.name()], &[]);
        let (ok, _, errors) = export(&pipe);
        assert!(ok, "{errors}");
        let archive = reader.wait_with_output().unwrap().stdout;
        assert_eq!(crate::archives::read(&archive).len(), 2);
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
        let (ok, _, errors) = export(folder.path());
        assert!(!ok && errors.contains("can't be written: Is a directory"), "{errors}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    async fn what_was_deleted_from_an_account_comes_back_with_its_albums(server: TestServer) {
        let ada = server.ada().await;
        let folder = TempDir::new().unwrap();
        let archive = folder.path().join("ada.zip");
        server.export(&ada, &archive);
        let bob = server.user().await;
        assert!(server.import(&bob, &archive).0);
        let before = everything(&bob).await;
        let gone = &bob.list("").await.items[1];
        bob.delete(&format!("/images/{}?permanent=true", gone.id)).await;
        server.work().await;
        let (ok, told, errors) = server.import(&bob, &archive);
        assert!(ok && told.starts_with("Pictures: 1 new, 3 there already, "), "{told}{errors}");
        assert_eq!(everything(&bob).await, before, "in its place again");
    }
}
