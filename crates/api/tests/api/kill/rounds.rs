//! The kill rounds: every failpoint is listed next to the work that passes it.

use super::installation::Objects;
use crate::server::On;

/// What passes a failpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Announce,
    AnnounceMany,
    Put,
    Confirm,
    /// A confirm of a file that is no picture.
    ConfirmRefused,
    Abort,
    Trash,
    /// The worker writes what an image is now into the bucket.
    WriteManifest,
    Restore,
    DeleteForGood,
    TrashMany,
    RestoreMany,
    CloseAccount,
    MakeToken,
    MakeAlbum,
    AddToAlbum,
    MoveInAlbum,
    RemoveFromAlbum,
    LogIn,
    LogOut,
    /// A file in one request.
    UploadWhole,
    /// The same, with a key that says so when it is sent again.
    UploadOnce,
    /// The worker ends the URLs of an account that was closed.
    EmptyClosed,
    /// The worker finds an unconfirmed file.
    CheckUnasked,
    /// Nothing landed in time.
    Expire,
    /// Something landed after the end.
    Sweep,
    /// The end was long ago.
    Forget,
    Purge,
    EmptyTrash,
    /// The worker moves an image to the trash whose time is over.
    EndImage,
}

/// The failpoints of a check, by confirm or worker.
const CHECK: [&str; 15] = [
    "take.taken",
    "check.begun",
    "check.fetched",
    "render.cleaned",
    "render.decoded",
    "promote.begun",
    "promote.original-stored",
    "promote.preview-stored",
    "promote.thumb-stored",
    "promote.manifest-stored",
    "promote.upload-ended",
    "promote.image-inserted",
    "promote.committed",
    "check.ended",
    "check.staging-emptied",
];
const END: [&str; 3] = ["end.marked", "end.given-back", "end.committed"];
const STORE: [&str; 6] = [
    "store.file-made",
    "store.body-written",
    "store.record-written",
    "store.file-synced",
    "store.named",
    "store.folder-synced",
];
/// Of the worker, once an image has changed.
const MANIFEST: [&str; 3] = ["manifest.stored", "manifest.trimmed", "manifest.settled"];
const PURGE: [&str; 7] = [
    "purge.manifests-removed",
    "purge.begun",
    "unstore.unlinked",
    "purge.original-removed",
    "purge.renditions-removed",
    "purge.row-removed",
    "purge.committed",
];

/// Which points each work is killed at. `name@2` is the second time that it is passed.
const ROUNDS: [(Work, &[&[&str]]); 30] = [
    (
        Work::Announce,
        &[&[
            "announce.begun",
            "announce.reserved",
            "announce.inserted",
            "announce.kept",
            "announce.presigned",
        ]],
    ),
    (
        Work::AnnounceMany,
        &[&[
            "announce-many.reserved",
            "announce-many.kept",
            "announce-many.presigned",
        ]],
    ),
    (Work::Put, &[&STORE]),
    (
        Work::Confirm,
        &[
            &["confirm.begun", "confirm.looked"],
            &CHECK,
            &STORE,
            &[
                "store.named@2",
                "store.named@3",
                "store.folder-synced@3",
                "store.named@4",
                "store.named@5",
            ],
        ],
    ),
    (
        Work::ConfirmRefused,
        &[&END, &["check.ended", "check.staging-emptied"]],
    ),
    (
        Work::Abort,
        &[
            &["take.taken", "store.named"],
            &END,
            &["abort.emptied", "abort.ended"],
        ],
    ),
    (
        Work::Trash,
        &[&["mark.made", "transition.begun", "transition.made"]],
    ),
    (Work::WriteManifest, &[&MANIFEST]),
    (Work::Restore, &[&["restore.made"]]),
    (
        Work::DeleteForGood,
        &[&["mark.made", "transition.begun", "transition.made"]],
    ),
    (
        Work::TrashMany,
        &[&["mark.made", "many.marked", "many.committed"]],
    ),
    (Work::RestoreMany, &[&["many.marked", "many.committed"]]),
    (
        Work::CloseAccount,
        &[&[
            "mark.made",
            "close.marked",
            "close.tokens-gone",
            "close.albums-gone",
            "close.uploads-ended",
            "close.images-marked",
            "close.committed",
        ]],
    ),
    (Work::MakeToken, &[&["token.inserted"]]),
    (Work::MakeAlbum, &[&["album.inserted", "album.filled"]]),
    (Work::AddToAlbum, &[&["album.filled"]]),
    (Work::MoveInAlbum, &[&["album.moved"]]),
    (Work::RemoveFromAlbum, &[&["album.emptied"]]),
    (Work::LogIn, &[&["session.inserted"]]),
    (Work::LogOut, &[&["session.ended"]]),
    (
        Work::UploadWhole,
        &[
            &[
                "announce.kept",
                "store.named",
                "whole.stored",
                "confirm.begun",
            ],
            &["promote.committed", "check.staging-emptied"],
        ],
    ),
    (
        Work::UploadOnce,
        &[&[
            "idempotency.planned",
            "announce.kept",
            "store.named",
            "whole.stored",
            "confirm.begun",
            "promote.committed",
            "idempotency.answered",
        ]],
    ),
    (Work::EmptyClosed, &[&["visit.emptied"]]),
    (
        Work::CheckUnasked,
        &[&["worker.uploads-claimed", "visit.looked"], &CHECK],
    ),
    (Work::Expire, &[&["visit.looked"], &END]),
    (
        Work::Sweep,
        &[&[
            "unstore.unlinked",
            "visit.staging-dropped",
            "visit.attempt-dropped",
            "visit.dropped",
        ]],
    ),
    (
        Work::Forget,
        &[&["visit.staging-dropped", "forget.dropped"]],
    ),
    (
        Work::Purge,
        &[
            &PURGE,
            &[
                "unstore.unlinked@2",
                "unstore.unlinked@3",
                "unstore.unlinked@4",
            ],
        ],
    ),
    (
        Work::EmptyTrash,
        &[
            &[
                "worker.images-claimed",
                "transition.begun",
                "transition.made",
            ],
            &PURGE,
        ],
    ),
    (
        Work::EndImage,
        &[&["worker.images-claimed", "image.due", "image.ended"]],
    ),
];

/// Between statements that PostgreSQL gets as one.
const BETWEEN: [&str; 3] = [
    "announce.reserved",
    "announce.inserted",
    "promote.upload-ended",
];

/// All rounds on such an installation: the work, and where it is killed.
pub fn rounds(on: On, objects: Objects) -> Vec<(Work, &'static str)> {
    let all = ROUNDS.iter().flat_map(|(work, groups)| {
        groups
            .iter()
            .copied()
            .flatten()
            .map(|point| (*work, *point))
    });
    // The store that is elsewhere is not the one to be killed.
    all.filter(|(_, point)| {
        objects == Objects::Embedded
            || !(point.starts_with("store.") || point.starts_with("unstore."))
    })
    .filter(|(_, point)| on == On::Sqlite || !BETWEEN.contains(point))
    .collect()
}
