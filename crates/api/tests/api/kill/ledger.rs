//! The ledger of one client: the responses it got, which have to hold whatever happens to the server.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{Method, StatusCode};
use serde_json::json;
use sha2::{Digest, Sha256};
use tintype_dto::{
    BulkImages, BulkOutcome, CreatedUpload, CreatedUploads, Image, ImagePage, Problem, ProblemCode,
    Upload, UploadState,
};
use uuid::Uuid;

use crate::client::{Answer, Client};

/// What may have become of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Ready,
    Trashed,
    Gone,
}

/// An image whose confirm was answered.
struct Known {
    image: Image,
    /// What it is instead, if a change that was never answered has been made.
    or: Option<Image>,
    /// More than one while a request about it was never answered.
    may: BTreeSet<Fate>,
}

impl Known {
    fn ready(image: Image) -> Self {
        Self {
            image,
            or: None,
            may: [Fate::Ready].into(),
        }
    }
}

/// An upload that is no image yet, as far as the client knows.
struct Sent {
    upload: Upload,
    bytes: Vec<u8>,
    landed: Landed,
    /// An abort was sent.
    aborting: bool,
}

/// Whether the file has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Landed {
    No,
    Perhaps,
    Yes,
}

/// How much was acknowledged.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub uploaded: u32,
    pub trashed: u32,
    pub restored: u32,
    pub deleted: u32,
    /// Requests without an answer.
    pub cut: u32,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.uploaded += other.uploaded;
        self.trashed += other.trashed;
        self.restored += other.restored;
        self.deleted += other.deleted;
        self.cut += other.cut;
    }
}

/// See the module.
pub struct Ledger {
    pub client: Client,
    images: BTreeMap<Uuid, Known>,
    uploads: BTreeMap<Uuid, Sent>,
    /// Uploads whose file was refused.
    pub refused: BTreeSet<Uuid>,
    pub counts: Counts,
    pub violations: Vec<String>,
}

impl Ledger {
    pub fn new(client: Client) -> Self {
        Self {
            client,
            images: BTreeMap::new(),
            uploads: BTreeMap::new(),
            refused: BTreeSet::new(),
            counts: Counts::default(),
            violations: Vec::new(),
        }
    }

    /// Images that may be in this state.
    pub fn images(&self, fate: Fate) -> Vec<Uuid> {
        self.images
            .iter()
            .filter(|(_, known)| known.may.contains(&fate))
            .map(|(id, _)| *id)
            .collect()
    }

    /// Uploads that are not images yet.
    pub fn unfinished(&self) -> Vec<Uuid> {
        self.uploads.keys().copied().collect()
    }

    /// Sends a request. `None`: it was not answered, or by an error of the server's.
    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Option<Answer> {
        let answer = self.client.try_send(method, path, body).await;
        self.answered(answer)
    }

    fn answered(&mut self, answer: Option<Answer>) -> Option<Answer> {
        if let Some(answer) = answer
            .as_ref()
            .filter(|answer| answer.status == StatusCode::INTERNAL_SERVER_ERROR)
        {
            self.violated(format!("500: {}", String::from_utf8_lossy(&answer.body)));
        }
        let answer = answer.filter(|answer| !answer.status.is_server_error());
        self.counts.cut += u32::from(answer.is_none());
        answer
    }

    fn violated(&mut self, what: String) {
        self.violations.push(what);
    }

    pub async fn announce(&mut self, bytes: Vec<u8>) -> Option<Uuid> {
        let body =
            json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": bytes.len()});
        let upload: Upload = self.ask(Method::POST, "/uploads", Some(&body)).await?.ok();
        Some(self.sent(upload, bytes))
    }

    pub async fn announce_many(&mut self, files: Vec<Vec<u8>>) -> Option<Vec<Uuid>> {
        let file = |bytes: &Vec<u8>| json!({"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": bytes.len()});
        let body = json!({"files": files.iter().map(file).collect::<Vec<_>>()});
        let created: CreatedUploads = self
            .ask(Method::POST, "/uploads/bulk", Some(&body))
            .await?
            .ok();
        let ids = created
            .items
            .into_iter()
            .zip(files)
            .map(|(item, bytes)| match item {
                CreatedUpload::Upload(upload) => self.sent(*upload, bytes),
                CreatedUpload::Problem(problem) => panic!("{problem:?}"),
            });
        Some(ids.collect())
    }

    fn sent(&mut self, upload: Upload, bytes: Vec<u8>) -> Uuid {
        let (id, url) = (upload.id, upload.put.as_ref().unwrap().url.clone());
        if !url.contains(&format!("/staging/{id}?")) {
            self.violated(format!("{url} is presigned for writing"));
        }
        self.uploads.insert(
            id,
            Sent {
                upload,
                bytes,
                landed: Landed::No,
                aborting: false,
            },
        );
        id
    }

    pub async fn put(&mut self, id: Uuid) -> Option<()> {
        let sent = self.uploads.get_mut(&id)?;
        if sent.landed == Landed::No {
            sent.landed = Landed::Perhaps;
        }
        let (client, upload, bytes) =
            (self.client.clone(), sent.upload.clone(), sent.bytes.clone());
        let answer = client.try_put(&upload, &bytes).await;
        let answer = self.answered(answer)?;
        if answer.status == StatusCode::OK || answer.status == StatusCode::PRECONDITION_FAILED {
            self.uploads.get_mut(&id)?.landed = Landed::Yes;
        } else {
            self.violated(format!(
                "PUT of {id}: {} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            ));
        }
        Some(())
    }

    /// One confirm. `Some(true)`: the upload has ended.
    pub async fn confirm(&mut self, id: Uuid) -> Option<bool> {
        let landed = self.uploads.get(&id).map(|sent| sent.landed);
        let aborting = self.uploads.get(&id).is_some_and(|sent| sent.aborting);
        let answer = self
            .ask(Method::POST, &format!("/uploads/{id}/confirm"), None)
            .await?;
        match answer.status {
            StatusCode::OK => {
                self.uploads.remove(&id);
                self.counts.uploaded += 1;
                self.images.insert(id, Known::ready(answer.json()));
            }
            StatusCode::ACCEPTED => return Some(false),
            _ => {
                let problem: Problem = answer.json();
                match problem.code {
                    ProblemCode::ImageDamaged | ProblemCode::UnsupportedMedia => {
                        self.uploads.remove(&id);
                        self.refused.insert(id);
                    }
                    ProblemCode::UploadAborted if aborting => drop(self.uploads.remove(&id)),
                    ProblemCode::NotUploaded if landed != Some(Landed::Yes) => {}
                    _ => self.violated(format!(
                        "confirm of {id}, which has landed: {landed:?}: {problem:?}"
                    )),
                }
            }
        }
        Some(true)
    }

    /// Goes on with an upload as a client does that comes back: its URL still works, and it becomes an image.
    pub async fn finish(&mut self, id: Uuid) {
        if self
            .uploads
            .get(&id)
            .is_some_and(|sent| sent.landed != Landed::Yes)
        {
            self.put(id).await;
        }
        for _ in 0..40 {
            if self.confirm(id).await == Some(true) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        if self.uploads.contains_key(&id) {
            self.violated(format!("the upload {id} does not come to an end"));
        }
    }

    /// Waits for the worker to finish an upload that landed.
    pub async fn wait_for(&mut self, id: Uuid) {
        let ready = async {
            while self
                .client
                .get(&format!("/uploads/{id}"))
                .await
                .ok::<Upload>()
                .state
                != UploadState::Ready
            {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(20), ready)
            .await
            .is_err()
        {
            self.violated(format!("the worker does not finish {id}, which has landed"));
        }
    }

    pub async fn upload(&mut self, bytes: Vec<u8>, confirm: bool) -> Option<Uuid> {
        let id = self.announce(bytes).await?;
        self.put(id).await?;
        if confirm {
            self.confirm(id).await?;
        }
        Some(id)
    }

    pub async fn abort(&mut self, id: Uuid) -> Option<()> {
        let again = std::mem::replace(&mut self.uploads.get_mut(&id)?.aborting, true);
        let answer = self
            .ask(Method::DELETE, &format!("/uploads/{id}"), None)
            .await?;
        if answer.status == StatusCode::NO_CONTENT {
            self.uploads.remove(&id);
        } else if !again || answer.status != StatusCode::CONFLICT {
            // One that was cut may come second to the worker, and then it is an image.
            self.violated(format!("abort of {id}: {}", answer.status));
        }
        Some(())
    }

    /// What was announced and sent as this upload.
    pub fn file_of(&self, id: Uuid) -> (Upload, Vec<u8>) {
        let sent = &self.uploads[&id];
        (sent.upload.clone(), sent.bytes.clone())
    }

    /// The client does not go on with it, and it must not become an image.
    pub fn abandon(&mut self, id: Uuid) {
        self.uploads.remove(&id);
    }

    pub async fn rename(&mut self, id: Uuid, title: &str) -> Option<()> {
        let known = self.images.get_mut(&id).unwrap();
        known.or = Some(Image {
            title: Some(title.to_owned()),
            ..known.image.clone()
        });
        let answer = self
            .ask(
                Method::PATCH,
                &format!("/images/{id}"),
                Some(&json!({"title": title})),
            )
            .await?;
        *self.images.get_mut(&id).unwrap() = Known::ready(answer.ok());
        Some(())
    }

    /// Has an image end then.
    pub async fn give_end(&mut self, id: Uuid, end: DateTime<Utc>) -> Option<()> {
        let body = json!({"expires_at": end});
        let path = format!("/images/{id}");
        let answer = self.ask(Method::PATCH, &path, Some(&body)).await?;
        self.images.insert(id, Known::ready(answer.ok()));
        Some(())
    }

    /// Its time was over.
    pub fn has_ended(&mut self, id: Uuid) {
        self.images.get_mut(&id).unwrap().may = [Fate::Trashed].into();
    }

    /// Takes an image out of the trash that has ended.
    pub async fn restore_for_good(&mut self, id: Uuid) -> Option<()> {
        let body = json!({"expires_at": null});
        let path = format!("/images/{id}/restore");
        let answer = self.ask(Method::POST, &path, Some(&body)).await?;
        let trash = self.client.list("?state=trashed&limit=200").await;
        if trash.items.iter().any(|image| image.id == id) {
            self.violated(format!("{id} was restored and is in the trash"));
        }
        self.images.insert(id, Known::ready(answer.ok()));
        Some(())
    }

    pub async fn trash(&mut self, id: Uuid) -> Option<()> {
        self.step(id, Method::DELETE, "", &[Fate::Ready], Fate::Trashed)
            .await
    }

    pub async fn delete_for_good(&mut self, id: Uuid) -> Option<()> {
        self.step(
            id,
            Method::DELETE,
            "?permanent=true",
            &[Fate::Ready, Fate::Trashed],
            Fate::Gone,
        )
        .await
    }

    pub async fn restore(&mut self, id: Uuid) -> Option<()> {
        self.step(
            id,
            Method::POST,
            "/restore",
            &[Fate::Ready, Fate::Trashed],
            Fate::Ready,
        )
        .await
    }

    async fn step(
        &mut self,
        id: Uuid,
        method: Method,
        path: &str,
        from: &[Fate],
        to: Fate,
    ) -> Option<()> {
        let before = self.begin(id, from, to);
        let answer = self
            .ask(method, &format!("/images/{id}{path}"), None)
            .await?;
        self.end(id, &before, from, to, answer.status.is_success());
        Some(())
    }

    pub async fn trash_many(&mut self, ids: &[Uuid]) -> Option<()> {
        let body = json!({"ids": ids, "permanent": false});
        self.step_many(
            ids,
            "delete",
            &body,
            &[Fate::Ready, Fate::Trashed],
            Fate::Trashed,
        )
        .await
    }

    pub async fn delete_many_for_good(&mut self, ids: &[Uuid]) -> Option<()> {
        let body = json!({"ids": ids, "permanent": true});
        self.step_many(
            ids,
            "delete",
            &body,
            &[Fate::Ready, Fate::Trashed, Fate::Gone],
            Fate::Gone,
        )
        .await
    }

    pub async fn restore_many(&mut self, ids: &[Uuid]) -> Option<()> {
        self.step_many(
            ids,
            "restore",
            &json!({"ids": ids}),
            &[Fate::Ready, Fate::Trashed],
            Fate::Ready,
        )
        .await
    }

    async fn step_many(
        &mut self,
        ids: &[Uuid],
        path: &str,
        body: &serde_json::Value,
        from: &[Fate],
        to: Fate,
    ) -> Option<()> {
        let before: Vec<_> = ids.iter().map(|id| self.begin(*id, from, to)).collect();
        let done: BulkImages = self
            .ask(Method::POST, &format!("/images/bulk/{path}"), Some(body))
            .await?
            .ok();
        for (item, before) in done.items.iter().zip(&before) {
            // A deleted image may be reported as done or as missing.
            let gone = to == Fate::Gone && before.contains(&Fate::Gone);
            self.end(
                item.id,
                before,
                from,
                to,
                item.outcome == BulkOutcome::Done || gone,
            );
        }
        Some(())
    }

    /// Until it is answered, a request may have been carried out or not.
    fn begin(&mut self, id: Uuid, from: &[Fate], to: Fate) -> BTreeSet<Fate> {
        let known = self.images.get_mut(&id).unwrap();
        let before = known.may.clone();
        if before.iter().any(|fate| from.contains(fate)) {
            known.may.insert(to);
        }
        before
    }

    fn end(&mut self, id: Uuid, before: &BTreeSet<Fate>, from: &[Fate], to: Fate, done: bool) {
        let may: BTreeSet<_> = if done {
            [to].into()
        } else {
            before
                .iter()
                .copied()
                .filter(|fate| !from.contains(fate))
                .collect()
        };
        if may.is_empty() || (done && !before.iter().any(|fate| from.contains(fate))) {
            self.violated(format!(
                "image {id}, which was {before:?}, to {to:?}: done: {done}"
            ));
        }
        if done {
            *match to {
                Fate::Ready => &mut self.counts.restored,
                Fate::Trashed => &mut self.counts.trashed,
                Fate::Gone => &mut self.counts.deleted,
            } += 1;
        }
        self.images.get_mut(&id).unwrap().may = may;
    }

    /// The time in the trash was over.
    pub fn trash_was_emptied(&mut self, id: Uuid) {
        self.images.get_mut(&id).unwrap().may = [Fate::Gone].into();
    }

    /// Compares the ledger with the server, and links of `closely` byte for byte.
    pub async fn check(&mut self, closely: impl Fn(&Uuid) -> bool) {
        let ready = self.list().await;
        for (id, known) in &mut self.images {
            let seen = ready.get(id);
            match seen {
                Some(image) if !known.may.contains(&Fate::Ready) => {
                    self.violations
                        .push(format!("{} is back: it was {:?}", image.id, known.may));
                }
                Some(image) if *image != known.image && Some(image) != known.or.as_ref() => {
                    self.violations
                        .push(format!("{image:?} was {:?}", known.image));
                }
                Some(image) => *known = Known::ready(image.clone()),
                None if known.may.len() == 1 && known.may.contains(&Fate::Ready) => {
                    self.violations.push(format!("{id} is lost"));
                }
                None => drop(known.may.remove(&Fate::Ready)),
            }
        }
        for (id, image) in ready {
            if self.images.contains_key(&id) {
                continue;
            }
            // One whose confirm was cut, or that the worker finished.
            match self.uploads.remove(&id) {
                Some(sent) if sent.landed != Landed::No => {
                    self.images.insert(id, Known::ready(image));
                }
                _ => self.violated(format!(
                    "{id} is an image, and was never sent or was given up"
                )),
            }
        }
        let links: Vec<_> = self
            .images
            .iter()
            .filter(|(id, _)| closely(id))
            .map(|(id, known)| (*id, known.image.clone()))
            .collect();
        for (id, image) in links {
            let is_ready = self.images[&id].may.contains(&Fate::Ready);
            for (link, is_original) in [(&image.links.original, true), (&image.links.thumb, false)]
            {
                let answer = self
                    .client
                    .send_to(Method::GET, link, |request| request)
                    .await;
                let is_whole =
                    !is_original || hex::encode(Sha256::digest(&answer.body)) == image.sha256;
                if is_ready && !(answer.status == 200 && is_whole) {
                    self.violated(format!(
                        "{link}: {}, {} bytes, as published: {is_whole}",
                        answer.status,
                        answer.body.len()
                    ));
                } else if !is_ready && answer.status != 404 {
                    self.violated(format!("{link}, which is deleted: {}", answer.status));
                }
            }
        }
    }

    /// Reads an image that was published, unless something may have become of it.
    pub async fn look_at(&mut self, id: Uuid) -> Option<()> {
        let (url, sha256) = (
            self.images[&id].image.links.original.clone(),
            self.images[&id].image.sha256.clone(),
        );
        let is_ready = self.images[&id].may.len() == 1;
        let answer = Answer::try_read(self.client.http.get(&url).send().await.ok()?).await;
        let answer = self.answered(answer)?;
        if is_ready
            && !(answer.status == 200 && hex::encode(Sha256::digest(&answer.body)) == sha256)
        {
            self.violated(format!(
                "{url}: {}, {} bytes",
                answer.status,
                answer.body.len()
            ));
        }
        Some(())
    }

    async fn list(&self) -> BTreeMap<Uuid, Image> {
        let mut all = BTreeMap::new();
        let mut query = "?limit=200".to_owned();
        loop {
            let page: ImagePage = self.client.list(&query).await;
            all.extend(page.items.into_iter().map(|image| (image.id, image)));
            match page.next_cursor {
                Some(cursor) => query = format!("?limit=200&cursor={cursor}"),
                None => return all,
            }
        }
    }
}
