//! What is exported from an account and imported into one.

mod archive;
mod damaged;
mod folder;
mod killed;

use std::path::Path;
use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tintype_dto::{Album, AlbumPage, Image, ImagePage};
use uuid::Uuid;

use crate::client::Client;
use crate::pictures::{jpeg, png};
use crate::server::TestServer;

impl Client {
    pub fn name(&self) -> &str {
        &self.session.as_ref().unwrap().user.username
    }

    /// Its albums, the newest first.
    async fn albums(&self) -> Vec<Album> {
        self.get("/albums").await.ok::<AlbumPage>().items
    }

    /// The images of an album, in its order.
    async fn inside(&self, album: &Album) -> Vec<Image> {
        let path = format!("/albums/{}/images", album.id);
        self.get(&path).await.ok::<ImagePage>().items
    }

    async fn says(&self, image: Uuid, change: Value) {
        let path = format!("/images/{image}");
        let answer = self.send(Method::PATCH, &path, Some(&change)).await;
        assert_eq!(answer.status, 200);
    }
}

impl TestServer {
    /// Runs `tintype import` for this account.
    fn import(&self, client: &Client, from: &Path) -> (bool, String, String) {
        self.import_with(client, from, &[])
    }

    fn import_with(
        &self,
        client: &Client,
        from: &Path,
        settings: &[(&str, &str)],
    ) -> (bool, String, String) {
        let arguments = ["import", from.to_str().unwrap(), "--user", client.name()];
        self.run(&arguments, settings)
    }

    /// Runs `tintype export` for this account.
    fn export(&self, client: &Client, into: &Path) {
        let arguments = ["export", into.to_str().unwrap(), "--user", client.name()];
        let (ok, told, errors) = self.run(&arguments, &[]);
        assert!(ok && told.starts_with("Exported all of "), "{told}{errors}");
    }

    /// An account with four images and two albums.
    async fn ada(&self) -> Client {
        let ada = self.user().await;
        let lake = ada.upload("IMG_1.JPG", &jpeg(1)).await;
        let secret = ada.upload("b.png", &png(2)).await;
        let brief = ada.upload("c.png", &png(3)).await;
        let last = ada.upload("d.jpg", &jpeg(4)).await;
        ada.says(lake.id, json!({"title": "../Lake", "alt": "Water"}))
            .await;
        ada.says(secret.id, json!({"visibility": "private"})).await;
        let end = self.clock.now() + chrono::TimeDelta::days(30);
        ada.says(brief.id, json!({"expires_at": end})).await;
        let old = ada.album(&[secret.id, last.id, lake.id]).await;
        let said = json!({"title": "Spring", "description": "At the lake", "cover": lake.id, "visibility": "private"});
        ada.change_album(old.id, said).await.ok::<Album>();
        ada.album(&[]).await;
        ada
    }
}

/// Changes an archive by a script of Python, to which `files` are lists of a `ZipInfo` and bytes, and `manifest` is the first of them. What `after`
/// does to `data` it does to the bytes of the new archive.
fn changed(archive: &Path, change: &str, after: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let script = format!(
        "
import json, struct, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    files = [[one, archive.read(one)] for one in archive.infolist()]
manifest = json.loads(files[0][1])
images = manifest['images']
text = None
{change}
if files and files[0][0].filename == 'manifest.json':
    files[0][1] = text or json.dumps(manifest)
with zipfile.ZipFile(sys.argv[2], 'w') as archive:
    for info, content in files:
        archive.writestr(info, content)
data = open(sys.argv[2], 'rb').read()
{after}
open(sys.argv[2], 'wb').write(data)
"
    );
    let into = folder.path().join("changed.zip");
    let mut python = Command::new("python3");
    let python = python.args(["-c", &script]).arg(archive).arg(into);
    assert!(python.status().unwrap().success(), "{script}");
    folder
}
