//! What an audit found.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::db::{AlbumId, ImageId, Sha256, Slug, UserId};
use crate::inventory::{Part, Row};

/// What was found. `Display` is for people, `Serialize` for machines.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// How much was looked at.
    pub checked: Checked,
    /// What does not balance.
    pub findings: Vec<Finding>,
    /// How many of each kind, named or not.
    #[serde(skip)]
    counts: BTreeMap<&'static str, u64>,
    #[serde(skip)]
    most: Option<usize>,
}

/// How much was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Objects under `images/` and `staging/`.
    pub objects: u64,
    /// Objects that no row needs, but too young for a finding.
    pub new_objects: u64,
    /// Objects that sweeps have moved into quarantine, and that can be put back.
    pub quarantined: u64,
    /// Their bytes.
    pub quarantined_bytes: u64,
    /// Rows of images.
    pub images: u64,
    /// Images that an older cleaner made: the worker makes them again, but for those that this one refuses.
    pub outdated: u64,
    /// Rows of uploads.
    pub uploads: u64,
    /// Images in albums, each as often as it is in one.
    pub album_images: u64,
    /// Accounts, without deleted ones.
    pub users: u64,
    /// Originals that were read whole.
    pub hashes: u64,
}

/// One thing that does not balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which.
    #[serde(flatten)]
    pub fault: Fault,
    /// What is wrong, in words.
    pub what: String,
    /// What to do about it, in a sentence.
    pub fix: String,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// An object that no image names, and that no upload will have the worker remove.
    Orphan {
        /// Its key.
        key: String,
        /// Its size.
        size_bytes: u64,
    },
    /// An image that can be seen or restored, one of whose objects is not there.
    Missing {
        /// The object's key.
        key: String,
        /// The image's id.
        image: ImageId,
        /// The image's slug.
        slug: Slug,
        /// Which of its objects.
        part: Part,
    },
    /// An original of another size than its row says.
    WrongSize {
        /// The original's key.
        key: String,
        /// The image's id.
        image: ImageId,
        /// The image's slug.
        slug: Slug,
        /// What the row says.
        expected_bytes: i64,
        /// What is there.
        found_bytes: u64,
    },
    /// An original with other bytes than were published.
    WrongHash {
        /// The original's key.
        key: String,
        /// The image's id.
        image: ImageId,
        /// The image's slug.
        slug: Slug,
        /// What the row says, hex.
        expected_sha256: Sha256,
        /// What is there, hex.
        found_sha256: Sha256,
    },
    /// An object that the store does not give out, though it answers otherwise.
    Unreadable {
        /// The object's key.
        key: String,
        /// The image's id.
        image: ImageId,
        /// The image's slug.
        slug: Slug,
        /// Which of its objects it is.
        part: Part,
        /// What the store says.
        reason: String,
    },
    /// A key that stands in the database more than once.
    SharedKey {
        /// The key.
        key: String,
        /// The rows that name it, as often as they do.
        rows: Vec<Row>,
    },
    /// An account whose used bytes are not those of its images and of its uploads that go on.
    WrongUsage {
        /// The account's id.
        user: UserId,
        /// The account's name.
        username: String,
        /// What the row says.
        used_bytes: i64,
        /// What its images and uploads add up to.
        expected_bytes: i64,
    },
    /// An account whose count of uploads that have not ended, or of what checking them is estimated to take, is wrong.
    WrongUnfinished {
        /// The account's id.
        user: UserId,
        /// The account's name.
        username: String,
        /// How many the row says.
        unfinished_uploads: i64,
        /// How many there are.
        expected_uploads: i64,
        /// What the row says of their checks, milliseconds.
        unfinished_ms: i64,
        /// What their checks add up to.
        expected_ms: i64,
    },
    /// A file that the embedded store began to write and never ended.
    StaleFile {
        /// Where it is.
        path: PathBuf,
        /// When it was written to last.
        modified: DateTime<Utc>,
    },
    /// An upload whose lease has run out without anybody going on with it.
    StuckUpload {
        /// Its id.
        upload: ImageId,
        /// When its lease ran out.
        lease_until: Option<DateTime<Utc>>,
    },
    /// An image in an album that is not there, or belongs to somebody else; or the same of the album.
    StrayAlbumImage {
        /// The album's id.
        album: AlbumId,
        /// The image's id.
        image: ImageId,
    },
    /// A ready image that ends at another time than the worker comes by.
    UnscheduledEnd {
        /// The image's id.
        image: ImageId,
        /// When it ends, if it does.
        expires_at: Option<DateTime<Utc>>,
        /// When the worker comes by, if it does.
        due_at: Option<DateTime<Utc>>,
    },
}

impl Fault {
    /// Every kind.
    pub const KINDS: [&'static str; 12] = [
        "orphan",
        "missing",
        "wrong_size",
        "wrong_hash",
        "unreadable",
        "shared_key",
        "wrong_usage",
        "wrong_unfinished",
        "stale_file",
        "stuck_upload",
        "stray_album_image",
        "unscheduled_end",
    ];

    /// Its kind, as in the JSON.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Orphan { .. } => "orphan",
            Self::Missing { .. } => "missing",
            Self::WrongSize { .. } => "wrong_size",
            Self::WrongHash { .. } => "wrong_hash",
            Self::Unreadable { .. } => "unreadable",
            Self::SharedKey { .. } => "shared_key",
            Self::WrongUsage { .. } => "wrong_usage",
            Self::WrongUnfinished { .. } => "wrong_unfinished",
            Self::StaleFile { .. } => "stale_file",
            Self::StuckUpload { .. } => "stuck_upload",
            Self::StrayAlbumImage { .. } => "stray_album_image",
            Self::UnscheduledEnd { .. } => "unscheduled_end",
        }
    }

    /// The key or the id that it is about.
    fn subject(&self) -> String {
        match self {
            Self::Orphan { key, .. }
            | Self::Missing { key, .. }
            | Self::WrongSize { key, .. }
            | Self::WrongHash { key, .. }
            | Self::Unreadable { key, .. }
            | Self::SharedKey { key, .. } => key.clone(),
            Self::WrongUsage { user, .. } | Self::WrongUnfinished { user, .. } => user.to_string(),
            Self::StaleFile { path, .. } => path.display().to_string(),
            Self::StuckUpload { upload, .. } => upload.to_string(),
            Self::StrayAlbumImage { album, .. } => album.to_string(),
            Self::UnscheduledEnd { image, .. } => image.to_string(),
        }
    }

    fn what(&self) -> String {
        match self {
            Self::Orphan { size_bytes, .. } => {
                format!("no row needs this object of {size_bytes} bytes")
            }
            Self::Missing { slug, part, .. } => {
                format!("the {part} of the image {slug} is not there")
            }
            Self::WrongSize {
                slug,
                expected_bytes: expected,
                found_bytes: found,
                ..
            } => {
                format!("the original of the image {slug} has {found} bytes in place of {expected}")
            }
            Self::WrongHash {
                slug,
                expected_sha256: expected,
                found_sha256: found,
                ..
            } => format!(
                "the original of the image {slug} has the SHA-256 {found} in place of {expected}"
            ),
            Self::Unreadable { slug, reason, .. } => {
                format!("this object of the image {slug} can't be read: {reason}")
            }
            Self::SharedKey { rows, .. } => {
                let rows: Vec<_> = rows.iter().map(ToString::to_string).collect();
                format!("more than one row names it: {}", rows.join(", "))
            }
            Self::WrongUsage {
                username,
                used_bytes: used,
                expected_bytes: expected,
                ..
            } => {
                format!(
                    "{username} is said to use {used} bytes; images and running uploads add up to {expected}"
                )
            }
            Self::WrongUnfinished {
                username,
                unfinished_uploads: said,
                expected_uploads: expected,
                unfinished_ms,
                expected_ms,
                ..
            } => {
                format!(
                    "{username} is said to have {said} running uploads ({unfinished_ms} ms of checks), and has {expected} ({expected_ms} ms)"
                )
            }
            Self::StaleFile { modified, .. } => {
                let since = modified.format("%F %T UTC");
                format!("the embedded store has not gone on with this file since {since}")
            }
            Self::StuckUpload { lease_until, .. } => stuck(*lease_until),
            Self::UnscheduledEnd {
                expires_at, due_at, ..
            } => unscheduled(*expires_at, *due_at),
            Self::StrayAlbumImage { image, .. } => {
                format!(
                    "the image {image} is in this album, and one of them is not there or belongs to somebody else"
                )
            }
        }
    }

    fn fix(&self) -> String {
        match self {
            Self::Orphan { .. } => {
                "Make sure that DATABASE_URL is this bucket's database; then `tintype sweep` moves it into quarantine.".into()
            }
            Self::Missing {
                part: Part::Manifest,
                ..
            } => "The worker writes it again after its next audit.".into(),
            Self::Missing { part, slug, key, .. } => {
                let last = if *part == Part::Original { format!("`tintype image remove {slug}`") } else { format!("upload the original of {slug} again") };
                format!(
                    "`tintype sweep restore {key}` puts it back if a sweep took it; else put it back from a backup of the bucket; without one, {last}."
                )
            }
            Self::WrongSize { slug, .. } | Self::WrongHash { slug, .. } => {
                format!("Put the object back from a backup of the bucket; without one, `tintype image remove {slug}`.")
            }
            Self::Unreadable {
                part: Part::Manifest,
                slug,
                ..
            } => {
                format!("Look at the store's log and its disk. With any change of {slug}, as of its title, the worker writes another.")
            }
            Self::Unreadable { slug, .. } => {
                format!(
                    "Look at the store's log and its disk, and put the object back from a backup; without one, `tintype image remove {slug}`."
                )
            }
            Self::SharedKey { .. } => {
                "Put the rows back from a backup of the database: removing one of them removes the others' object.".into()
            }
            Self::WrongUsage { user, expected_bytes, .. } => {
                format!("While no upload runs: UPDATE users SET used_bytes = {expected_bytes} for the account {user}.")
            }
            Self::WrongUnfinished { user, expected_uploads, expected_ms, .. } => {
                format!(
                    "While no upload runs: UPDATE users SET unfinished_uploads = {expected_uploads}, unfinished_ms = {expected_ms} for the account {user}."
                )
            }
            Self::StaleFile { .. } => "Nothing is lost with it: start `tintype serve` anew, which removes it.".into(),
            Self::StrayAlbumImage { album, image } => {
                format!("Delete the row of album_images with the album {album} and the image {image}.")
            }
            Self::UnscheduledEnd { image, .. } => format!("UPDATE images SET due_at = expires_at for the image {image}."),
            Self::StuckUpload { .. } => "Look whether `tintype serve` or `tintype worker` runs, and at its log.".into(),
        }
    }
}

fn unscheduled(expires_at: Option<DateTime<Utc>>, due_at: Option<DateTime<Utc>>) -> String {
    let moment = |at: DateTime<Utc>| at.format("%F %T UTC").to_string();
    let [end, due] = [expires_at, due_at].map(|at| at.map_or("never".into(), moment));
    format!("this image ends: {end}; the worker comes by: {due}")
}

fn stuck(lease_until: Option<DateTime<Utc>>) -> String {
    let Some(at) = lease_until else {
        return "this upload is being checked without a lease".into();
    };
    let at = at.format("%F %T UTC");
    format!("nobody goes on with this upload, whose lease ran out at {at}")
}

impl From<Fault> for Finding {
    fn from(fault: Fault) -> Self {
        Self {
            what: fault.what(),
            fix: fault.fix(),
            fault,
        }
    }
}

impl Report {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.counts.is_empty()
    }

    /// How many of each kind, none left out.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Fault::KINDS
            .into_iter()
            .map(|kind| (kind, self.counts.get(kind).copied().unwrap_or_default()))
    }

    /// An empty report that names at most this many findings.
    pub(super) fn naming(most: Option<usize>) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }

    pub fn add(&mut self, fault: Fault) {
        *self.counts.entry(fault.kind()).or_default() += 1;
        if self.most.is_none_or(|most| self.findings.len() < most) {
            self.findings.push(fault.into());
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { fault, what, fix } in &self.findings {
            let line = format!("{:<12} {}: {what}. {fix}", fault.kind(), fault.subject());
            // Keys come from the bucket and may contain anything: this keeps them on one line.
            writeln!(f, "{}", line.replace(char::is_control, "\u{fffd}"))?;
        }
        match self.counts.values().sum() {
            0_u64 => write!(f, "Balanced")?,
            1 => write!(f, "1 finding")?,
            count => write!(f, "{count} findings")?,
        }
        let Checked {
            objects,
            new_objects,
            quarantined,
            quarantined_bytes,
            images,
            outdated,
            uploads,
            album_images,
            users,
            hashes,
        } = self.checked;
        write!(
            f,
            ": {objects} objects ({new_objects} new), {quarantined} in quarantine ({quarantined_bytes} bytes), "
        )?;
        write!(
            f,
            "{images} images ({outdated} made by an older cleaner), {uploads} uploads, {album_images} images in albums, {users} accounts, {hashes} hashes."
        )
    }
}
