//! One kill at every failpoint, on every kind of installation.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use reqwest::Method;
use serde_json::json;
use tintype_dto::{AlbumPage, ApiTokens, Image, OpenSessions, UploadedImages, Visibility};
use uuid::Uuid;

use super::changes;
use super::failpoints;
use super::installation::{A_LEASE, Installation, Objects};
use super::invariants::Watch;
use super::ledger::{Fate, Ledger};
use super::rounds::{Work, rounds};
use crate::pictures::sized;
use crate::server::{On, TestServer};
use crate::stores::{store, use_store};
use crate::{backups, rebuild, sweep};

#[test]
fn every_failpoint_in_the_code_has_its_rounds() {
    let killed = rounds(On::Sqlite, Objects::Embedded)
        .into_iter()
        .map(|(_, point)| point.split('@').next().unwrap().to_owned());
    // A sweep is a process of its own, and so are backups, restores and rebuilds.
    let apart = sweep::FAILPOINTS
        .into_iter()
        .chain(backups::killed::FAILPOINTS)
        .chain(rebuild::killed::FAILPOINTS);
    let all = killed.chain(apart.map(str::to_owned));
    assert_eq!(failpoints(), all.collect::<BTreeSet<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_wherever_it_is_killed_on_sqlite() {
    Box::pin(kill_everywhere(On::Sqlite, Objects::Embedded)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_wherever_it_is_killed_on_postgres() {
    Box::pin(kill_everywhere(On::Postgres, Objects::Embedded)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs TINTYPE_TEST_S3_*, with a bucket to itself"]
async fn nothing_is_lost_wherever_it_is_killed_with_the_objects_elsewhere() {
    for on in [On::Sqlite, On::Postgres] {
        empty_the_bucket().await;
        Box::pin(kill_everywhere(on, Objects::Elsewhere)).await;
        empty_the_bucket().await;
        Box::pin(sweep::killed_everywhere(
            TestServer::start_with(on, use_store).await,
        ))
        .await;
    }
}

pub async fn empty_the_bucket() {
    // Not by a server, which would write its name into it.
    let store = store();
    loop {
        let page = store.list("", None).await.unwrap();
        for object in &page.items {
            store.delete(&object.key).await.unwrap();
        }
        if page.items.is_empty() {
            break;
        }
    }
}

async fn kill_everywhere(on: On, objects: Objects) {
    let mut crash = Crash::new(on, objects).await;
    let mut rounds = rounds(on, objects);
    // While working on one: TINTYPE_TEST_KILL_ONLY=CloseAccount, or =close.marked.
    if let Ok(only) = std::env::var("TINTYPE_TEST_KILL_ONLY") {
        rounds.retain(|(work, point)| format!("{work:?}") == only || *point == only);
    }
    for (work, point) in &rounds {
        crash.round(*work, point).await;
    }
    crash.end(objects).await;
    println!(
        "{on:?}, {objects:?}: {} rounds, each killed at its failpoint, {} starts, the slowest ready after {} ms, 0 violations",
        rounds.len(),
        crash.at.starts,
        crash.at.slowest_start.as_millis()
    );
    println!(
        "{on:?}, {objects:?}: ways of a row that were not taken: {:?}",
        changes::never_taken(&changes::noted(&crash.at.db).await)
    );
}

/// One account of one installation, over all rounds.
struct Crash {
    at: Installation,
    ada: Ledger,
    watch: Watch,
    /// Links of accounts that were closed.
    closed: Vec<String>,
    /// Different bytes for every upload.
    next: u32,
}

/// What a round is about.
#[derive(Default)]
struct Subject {
    ids: Vec<Uuid>,
    guest: Option<Ledger>,
    album: Uuid,
    /// What is sent, and sent again.
    bytes: Vec<u8>,
    /// How long ago it has to be.
    ago: TimeDelta,
}

impl Crash {
    async fn new(on: On, objects: Objects) -> Self {
        let mut at = Installation::new(on, objects).await;
        at.start().await;
        let mut ada = Ledger::new(at.client());
        ada.client.register("ada").await;
        Self {
            at,
            ada,
            watch: Watch::default(),
            closed: Vec::new(),
            next: 0,
        }
    }

    async fn round(&mut self, work: Work, point: &str) {
        let mut subject = self.prepare(work).await;
        self.at.kill();
        if subject.ago > TimeDelta::zero() {
            self.at
                .pass(subject.ago, subject.ids.first().copied())
                .await;
        }
        if self.at.start_doomed(&armed(point)).is_ok() {
            self.perform(work, &mut subject).await;
            assert!(
                self.at.dies_within(Duration::from_secs(20)).await,
                "{work:?} does not pass {point}"
            );
        }
        self.recover(work, point, subject).await;
    }

    async fn recover(&mut self, work: Work, point: &str, mut subject: Subject) {
        // What the dead process held is free again.
        self.at.pass(A_LEASE, None).await;
        self.at.start().await;
        self.go_on(work, &mut subject).await;
        self.ada.check(|id| subject.ids.contains(id)).await;
        let mut wrong = std::mem::take(&mut self.ada.violations);
        wrong.extend(self.watch.look(&self.at).await);
        assert!(wrong.is_empty(), "{work:?} killed at {point}: {wrong:#?}");
    }

    /// What comes before the work.
    async fn prepare(&mut self, work: Work) -> Subject {
        let mut subject = Subject::default();
        match work {
            Work::Announce | Work::AnnounceMany => {}
            Work::MakeToken | Work::LogIn | Work::LogOut | Work::UploadWhole | Work::UploadOnce => {
                subject.guest = Some(self.stranger().await);
            }
            Work::Put => subject.ids.push(self.announced().await),
            Work::Expire => {
                subject.ids.push(self.announced().await);
                subject.ago = TimeDelta::hours(2);
            }
            Work::Confirm | Work::Abort => subject.ids.push(self.landed().await),
            Work::CheckUnasked => {
                subject.ids.push(self.landed().await);
                subject.ago = TimeDelta::seconds(20);
            }
            Work::ConfirmRefused => subject.ids.push(self.sent(no_picture()).await),
            Work::Sweep | Work::Forget => {
                let id = self.sent(no_picture()).await;
                let (upload, bytes) = self.ada.file_of(id);
                assert_eq!(self.ada.confirm(id).await, Some(true));
                // Its URL has ended with it.
                assert_eq!(self.ada.client.put(&upload, &bytes).await.status, 412);
                subject.ids.push(id);
                subject.ago = if work == Work::Sweep {
                    TimeDelta::hours(2)
                } else {
                    TimeDelta::days(9)
                };
            }
            Work::Trash | Work::WriteManifest | Work::DeleteForGood | Work::Purge => {
                subject.ids.push(self.image().await);
            }
            Work::Restore | Work::EmptyTrash => {
                let id = self.image().await;
                self.ada.trash(id).await.unwrap();
                subject.ids.push(id);
                if work == Work::EmptyTrash {
                    subject.ago = TimeDelta::days(8);
                }
            }
            Work::EndImage => {
                let id = self.image().await;
                let end = Utc::now() + TimeDelta::hours(1);
                self.ada.give_end(id, end).await.unwrap();
                subject.ids.push(id);
                subject.ago = TimeDelta::hours(2);
            }
            Work::TrashMany | Work::RestoreMany => {
                subject.ids = vec![self.image().await, self.image().await];
                if work == Work::RestoreMany {
                    self.ada.trash_many(&subject.ids).await.unwrap();
                }
            }
            Work::MakeAlbum | Work::AddToAlbum | Work::MoveInAlbum | Work::RemoveFromAlbum => {
                let guest = self.stranger().await;
                for _ in 0..3 {
                    let image = guest.client.upload("a.jpg", &self.picture()).await;
                    subject.ids.push(image.id);
                }
                if work != Work::MakeAlbum {
                    subject.album = guest.client.album(&subject.ids[..2]).await.id;
                }
                subject.guest = Some(guest);
            }
            Work::CloseAccount | Work::EmptyClosed => subject.guest = Some(self.guest().await),
        }
        subject
    }

    /// The request that is not answered; nothing, where the worker does it.
    async fn perform(&mut self, work: Work, subject: &mut Subject) {
        let first = subject.ids.first().copied().unwrap_or_default();
        let answered = match work {
            Work::Announce => {
                let picture = self.picture();
                self.ada.announce(picture).await.is_some()
            }
            Work::AnnounceMany => {
                let pictures = vec![self.picture(), self.picture()];
                self.ada.announce_many(pictures).await.is_some()
            }
            Work::Put => self.ada.put(first).await.is_some(),
            Work::Confirm | Work::ConfirmRefused => self.ada.confirm(first).await.is_some(),
            Work::Abort => self.ada.abort(first).await.is_some(),
            Work::Trash => self.ada.trash(first).await.is_some(),
            Work::Restore => self.ada.restore(first).await.is_some(),
            Work::DeleteForGood => self.ada.delete_for_good(first).await.is_some(),
            Work::TrashMany => self.ada.trash_many(&subject.ids).await.is_some(),
            Work::RestoreMany => self.ada.restore_many(&subject.ids).await.is_some(),
            Work::CloseAccount => close(subject.guest.as_ref().unwrap()).await.is_some(),
            Work::MakeToken => make_token(subject.guest.as_ref().unwrap()).await.is_some(),
            Work::MakeAlbum | Work::AddToAlbum | Work::MoveInAlbum | Work::RemoveFromAlbum => {
                change_album(work, subject).await.is_some()
            }
            Work::LogIn => log_in(subject.guest.as_ref().unwrap()).await.is_some(),
            Work::LogOut => log_out(subject.guest.as_ref().unwrap()).await.is_some(),
            Work::UploadWhole => {
                let bytes = self.picture();
                let guest = subject.guest.as_ref().unwrap();
                guest.client.try_upload_whole(&bytes).await.is_some()
            }
            Work::UploadOnce => {
                subject.bytes = self.picture();
                let guest = subject.guest.as_ref().unwrap();
                guest.client.try_upload_once(&subject.bytes).await.is_some()
            }
            Work::Purge => {
                // This is answered, and then the worker dies.
                self.ada.delete_for_good(first).await;
                false
            }
            Work::WriteManifest => {
                // The same.
                self.ada.trash(first).await;
                false
            }
            Work::EmptyClosed => {
                // The same.
                close(subject.guest.as_ref().unwrap()).await;
                false
            }
            Work::CheckUnasked
            | Work::Expire
            | Work::Sweep
            | Work::Forget
            | Work::EmptyTrash
            | Work::EndImage => false,
        };
        assert!(!answered, "{work:?} was answered");
    }

    /// What a guest does that comes back.
    async fn go_on_as_guest(&mut self, work: Work, subject: &Subject) {
        let guest = subject.guest.as_ref().unwrap();
        match work {
            Work::MakeToken => {
                assert_eq!(make_token(guest).await.unwrap(), 201);
                let tokens: ApiTokens = guest.client.get("/me/tokens").await.ok();
                assert!(tokens.items.len() <= 2);
            }
            Work::MakeAlbum | Work::AddToAlbum | Work::MoveInAlbum | Work::RemoveFromAlbum => {
                assert!(change_album(work, subject).await.unwrap().is_success());
                let albums: AlbumPage = guest.client.get("/albums").await.ok();
                let ids = &subject.ids;
                let expected = match work {
                    Work::MoveInAlbum => vec![ids[1], ids[0]],
                    Work::RemoveFromAlbum => vec![ids[1]],
                    _ => ids.clone(),
                };
                // Whoever got no answer and asks again may have two.
                assert!((1..=2).contains(&albums.items.len()));
                for album in albums.items {
                    assert_eq!(guest.client.images_of(album.id, 200).await, expected);
                }
            }
            Work::LogIn => {
                assert_eq!(log_in(guest).await.unwrap(), 200);
                let sessions: OpenSessions = guest.client.get("/me/sessions").await.ok();
                assert!(sessions.items.len() <= 3);
            }
            Work::LogOut => {
                // It has ended, or it was not begun: what nobody was told may be either.
                let status = log_out(guest).await.unwrap();
                assert!(status == 204 || status == 401, "{status}");
                assert_eq!(guest.client.get("/me").await.status, 401);
            }
            Work::UploadWhole => {
                // Whoever got no answer asks again, with what has the same number of bytes.
                let bytes = self.picture();
                let answer = guest.client.try_upload_whole(&bytes).await.unwrap();
                let uploaded: UploadedImages = answer.ok();
                let image = uploaded.image.unwrap();
                let again = guest.client.try_upload_whole(&bytes).await.unwrap();
                assert_eq!(again.ok::<UploadedImages>().id, Some(image.id));
                let items = guest.client.list("").await.items;
                assert!(items.iter().any(|item| item.id == image.id));
                let is_private = |item: &Image| item.visibility == Visibility::Private;
                assert!(items.iter().all(is_private), "{items:?}");
            }
            Work::UploadOnce => {
                let answer = guest.client.try_upload_once(&subject.bytes).await.unwrap();
                let uploaded: UploadedImages = answer.ok();
                let items = guest.client.list("").await.items;
                let ids: Vec<_> = items.iter().map(|item| item.id).collect();
                assert_eq!(ids, [uploaded.id.unwrap()], "nothing is there twice");
            }
            _ => panic!("{work:?} is no guest's"),
        }
    }

    /// What a client does that comes back, and what has to come of it.
    async fn go_on(&mut self, work: Work, subject: &mut Subject) {
        let first = subject.ids.first().copied().unwrap_or_default();
        match work {
            Work::Announce => {
                let id = self.image().await;
                subject.ids.push(id);
            }
            Work::AnnounceMany => {
                let pictures = vec![self.picture(), self.picture()];
                subject.ids = self.ada.announce_many(pictures).await.unwrap();
                for id in subject.ids.clone() {
                    self.ada.finish(id).await;
                }
            }
            Work::Put | Work::Confirm => self.ada.finish(first).await,
            Work::ConfirmRefused => {
                self.ada.finish(first).await;
                assert!(self.ada.refused.contains(&first), "it is no picture");
            }
            Work::CheckUnasked => {
                self.ada.wait_for(first).await;
                self.ada.finish(first).await;
            }
            Work::Abort => {
                self.ada.abort(first).await.unwrap();
                if self.ada.unfinished().contains(&first) {
                    self.ada.finish(first).await;
                }
            }
            Work::Trash | Work::WriteManifest => self.ada.trash(first).await.unwrap(),
            Work::Restore => self.ada.restore(first).await.unwrap(),
            Work::DeleteForGood | Work::Purge => self.ada.delete_for_good(first).await.unwrap(),
            Work::TrashMany => self.ada.trash_many(&subject.ids).await.unwrap(),
            Work::RestoreMany => self.ada.restore_many(&subject.ids).await.unwrap(),
            Work::MakeToken
            | Work::MakeAlbum
            | Work::AddToAlbum
            | Work::MoveInAlbum
            | Work::RemoveFromAlbum
            | Work::LogIn
            | Work::LogOut
            | Work::UploadWhole
            | Work::UploadOnce => {
                self.go_on_as_guest(work, subject).await;
            }
            Work::CloseAccount | Work::EmptyClosed => {
                let guest = subject.guest.as_ref().unwrap();
                let status = close(guest).await.unwrap();
                assert!(status == 204 || status == 401, "{status}");
                assert_eq!(guest.client.get("/me").await.status, 401);
            }
            Work::Expire => {
                self.at.quiet().await;
                self.ada
                    .client
                    .confirm(first)
                    .await
                    .problem("upload_expired");
                self.ada.abandon(first);
            }
            Work::EmptyTrash => {
                self.at.quiet().await;
                self.ada.trash_was_emptied(first);
            }
            Work::EndImage => {
                self.at.quiet().await;
                self.ada.has_ended(first);
                self.ada.restore_for_good(first).await.unwrap();
            }
            Work::Forget => {
                self.at.quiet().await;
                assert_eq!(
                    self.ada
                        .client
                        .get(&format!("/uploads/{first}"))
                        .await
                        .status,
                    404
                );
            }
            Work::Sweep => self.at.quiet().await,
        }
    }

    /// Time passes until nothing is left to do, and then everything is deleted.
    async fn end(&mut self, objects: Objects) {
        // The trash keeps what it has, everything else is over.
        for _ in 0..2 {
            self.at.kill();
            self.at.pass(TimeDelta::days(9), None).await;
            for id in self.ada.images(Fate::Trashed) {
                self.ada.trash_was_emptied(id);
            }
            self.at.start().await;
            self.at.quiet().await;
        }
        self.ada.check(|_| true).await;
        let mut wrong = std::mem::take(&mut self.ada.violations);
        wrong.extend(self.watch.look_when_all_is_done(&self.at, objects).await);
        assert!(wrong.is_empty(), "{wrong:#?}");
        for link in &self.closed {
            let answer = self
                .ada
                .client
                .send_to(Method::GET, link, |request| request)
                .await;
            assert_eq!(
                answer.status,
                404,
                "{link}: {}",
                String::from_utf8_lossy(&answer.body)
            );
        }
        let left = self.ada.images(Fate::Ready);
        for ids in left.chunks(100) {
            self.ada.delete_many_for_good(ids).await.unwrap();
        }
        self.at.quiet().await;
        self.ada.check(|_| true).await;
        let mut wrong = std::mem::take(&mut self.ada.violations);
        wrong.extend(self.watch.look_when_all_is_done(&self.at, objects).await);
        assert!(wrong.is_empty(), "{wrong:#?}");
        let usage = self
            .ada
            .client
            .get("/me")
            .await
            .ok::<tintype_dto::User>()
            .usage;
        assert_eq!((usage.images, usage.bytes), (0, 0));
        self.at.kill();
    }

    fn picture(&mut self) -> Vec<u8> {
        self.next += 1;
        let seed = u8::try_from(self.next % 256).unwrap();
        sized(1640 + self.next / 256, 8, seed, image::ImageFormat::Jpeg)
    }

    async fn announced(&mut self) -> Uuid {
        let picture = self.picture();
        self.ada.announce(picture).await.unwrap()
    }

    async fn landed(&mut self) -> Uuid {
        let picture = self.picture();
        self.sent(picture).await
    }

    async fn sent(&mut self, bytes: Vec<u8>) -> Uuid {
        self.ada.upload(bytes, false).await.unwrap()
    }

    async fn image(&mut self) -> Uuid {
        let picture = self.picture();
        self.ada.upload(picture, true).await.unwrap()
    }

    /// An account without anything.
    async fn stranger(&mut self) -> Ledger {
        self.next += 1;
        let mut guest = Ledger::new(self.at.client());
        guest
            .client
            .register(&format!("stranger{}", self.next))
            .await;
        guest
    }

    /// An account with an image, an upload and an API token.
    async fn guest(&mut self) -> Ledger {
        let mut guest = Ledger::new(self.at.client());
        guest.client.register(&format!("guest{}", self.next)).await;
        let image = guest.client.upload("a.jpg", &self.picture()).await;
        self.closed.push(image.links.original);
        guest.upload(self.picture(), false).await.unwrap();
        guest.client.make_token(&["read"]).await;
        guest.client.album(&[image.id]).await;
        guest
    }
}

async fn close(guest: &Ledger) -> Option<reqwest::StatusCode> {
    let body = json!({"password": "correct horse battery"});
    Some(
        guest
            .client
            .try_send(Method::POST, "/me/delete", Some(&body))
            .await?
            .status,
    )
}

async fn make_token(guest: &Ledger) -> Option<reqwest::StatusCode> {
    let body = json!({"name": "a program", "scopes": ["upload"]});
    let answer = guest
        .client
        .try_send(Method::POST, "/me/tokens", Some(&body));
    Some(answer.await?.status)
}

/// Makes an album of three images; or changes one of the first two.
async fn change_album(work: Work, subject: &Subject) -> Option<reqwest::StatusCode> {
    let (album, ids) = (format!("/albums/{}/images", subject.album), &subject.ids);
    let (path, body) = match work {
        Work::AddToAlbum => (format!("{album}/add"), json!({"ids": ids})),
        Work::MoveInAlbum => {
            let body = json!({"ids": [ids[1]], "before": ids[0]});
            (format!("{album}/move"), body)
        }
        Work::RemoveFromAlbum => (format!("{album}/remove"), json!({"ids": [ids[0]]})),
        _ => ("/albums".into(), json!({"images": ids})),
    };
    let client = &subject.guest.as_ref().unwrap().client;
    let answer = client.try_send(Method::POST, &path, Some(&body));
    Some(answer.await?.status)
}

async fn log_in(guest: &Ledger) -> Option<reqwest::StatusCode> {
    let name = &guest.client.session.as_ref()?.user.username;
    let body = json!({"username": name, "password": "correct horse battery"});
    let answer = guest
        .client
        .try_send(Method::POST, "/auth/login", Some(&body));
    Some(answer.await?.status)
}

async fn log_out(guest: &Ledger) -> Option<reqwest::StatusCode> {
    let answer = guest.client.try_send(Method::POST, "/auth/logout", None);
    Some(answer.await?.status)
}

/// `name@2` for the crate `fail`.
fn armed(point: &str) -> String {
    match point.split_once('@') {
        Some((name, nth)) => format!("{name}={}*off->return", nth.parse::<u32>().unwrap() - 1),
        None => format!("{point}=return"),
    }
}

fn no_picture() -> Vec<u8> {
    [&b"\xff\xd8\xff\xe0"[..], &[0; 200]].concat()
}
