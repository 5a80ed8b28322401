//! How a sweep went.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use crate::keys::MARKER;

/// How a sweep went. `Display` is for people, `Serialize` for machines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Why it did not go on, when it did not.
    pub refused: Option<Refusal>,
    /// Whether nothing was to be done.
    pub dry_run: bool,
    /// Objects under `images/` and `staging/`.
    pub listed: u64,
    /// Objects that no row needs, but too young.
    pub new_objects: u64,
    /// Objects that no row needs, past their grace.
    pub orphans: u64,
    /// Their bytes.
    pub orphan_bytes: u64,
    /// Orphans that were moved into quarantine.
    pub quarantined: u64,
    /// Their bytes.
    pub quarantined_bytes: u64,
    /// Orphans that could not be moved: the log says why.
    pub left: u64,
    /// Objects whose time in quarantine was over, and that are gone for good.
    pub deleted: u64,
    /// Objects whose time in quarantine was over, but that a row names: `tintype sweep restore` puts them back.
    pub kept: u64,
    /// The keys of the first orphans, 1,000 at most; `tintype audit` names all.
    pub keys: Vec<String>,
}

/// Why a sweep does not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Refusal {
    /// A database is being made again from the bucket, and does not know all of it yet.
    Rebuilding,
    /// The bucket's marker names another installation.
    AnotherInstallation {
        /// What stands there.
        marker: String,
        /// What should.
        installation: Option<Uuid>,
    },
    /// The bucket has no marker, and objects that this database does not know.
    NoMarker {
        /// How many were looked at.
        listed: u64,
        /// How many of them no row needs.
        unknown: u64,
    },
    /// So many objects look orphaned that something else must be wrong.
    TooMany {
        /// How many look so.
        orphans: u64,
        /// Of how many.
        listed: u64,
        /// What is allowed whatever share it is.
        max_objects: u64,
        /// What is allowed beyond, per cent.
        max_percent: u32,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rebuilding => f.write_str(
                "a database is being made again from the bucket: run `tintype rebuild` to its end",
            ),
            Self::AnotherInstallation {
                marker,
                installation,
            } => {
                let own = installation.map_or_else(|| "nameless".to_owned(), |id| id.to_string());
                let marker = marker.replace(char::is_control, "\u{fffd}");
                write!(
                    f,
                    "the bucket's {MARKER} names {marker}, and this database is {own}: correct DATABASE_URL or TINTYPE_STORAGE__BUCKET. \
                     Only if this database is to have the bucket from now on: `tintype sweep claim`"
                )
            }
            Self::NoMarker { listed, unknown } => write!(
                f,
                "the bucket has no {MARKER}, and {unknown} of the {listed} objects looked at are not of this database: correct DATABASE_URL or \
                 TINTYPE_STORAGE__BUCKET. Only if this database is to have the bucket from now on: `tintype sweep claim`"
            ),
            Self::TooMany {
                orphans,
                listed,
                max_objects,
                max_percent,
            } => write!(
                f,
                "{orphans} of {listed} objects look orphaned, more than {max_objects} and more than {max_percent} %: is DATABASE_URL this \
                 bucket's database, and whole? Look with `tintype audit`; if it is right, `tintype sweep --force`"
            ),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            listed,
            new_objects,
            orphans,
            orphan_bytes,
            quarantined,
            quarantined_bytes,
            left,
            deleted,
            kept,
            ..
        } = self;
        if self.dry_run || self.refused.is_some() {
            for key in &self.keys {
                // Keys come from the bucket and may contain anything: this keeps them on one line.
                writeln!(
                    f,
                    "orphan       {}",
                    key.replace(char::is_control, "\u{fffd}")
                )?;
            }
            if *orphans > self.keys.len() as u64 {
                writeln!(
                    f,
                    "and {} more, which `tintype audit` names",
                    orphans - self.keys.len() as u64
                )?;
            }
        }
        write!(
            f,
            "{listed} objects ({new_objects} new), {orphans} orphans ({orphan_bytes} bytes): "
        )?;
        if self.dry_run {
            return write!(f, "nothing was touched.");
        }
        write!(
            f,
            "{quarantined} moved into quarantine ({quarantined_bytes} bytes), {left} left; {deleted} deleted from quarantine, "
        )?;
        write!(f, "{kept} kept there because a row names them.")
    }
}

/// How putting back went. `Display` is for people, `Serialize` for machines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// Why nothing was put back, when nothing was.
    pub refused: Option<Refusal>,
    /// Objects that are back in their places.
    pub restored: u64,
    /// Their bytes.
    pub restored_bytes: u64,
    /// Objects whose place is taken: they stay in quarantine.
    pub taken: u64,
    /// Objects that could not be moved: the log says why.
    pub left: u64,
}

impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            restored,
            restored_bytes,
            taken,
            left,
            ..
        } = self;
        write!(
            f,
            "{restored} objects put back ({restored_bytes} bytes), {taken} whose place is taken, {left} left in quarantine."
        )
    }
}
