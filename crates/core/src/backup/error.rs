//! Why a backup or a restore does not come to its end.

use std::io;

use sea_orm::DbErr;
use tintype_storage::StoreError;

use super::manifest::FORMAT;
use crate::db::OpenError;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database does not answer.
    #[error("the database can't be used: `tintype doctor` says what is wrong")]
    Database(#[from] DbErr),
    /// Nothing was ever started with it.
    #[error("the database has no installation: start `tintype serve` once")]
    NoInstallation,
    /// Its schema can't be made.
    #[error(transparent)]
    Schema(#[from] OpenError),
    /// The installation's store does not answer.
    #[error(
        "the storage can't be used: `tintype doctor` says what is wrong. What is there already stays: run the same command again"
    )]
    Store(#[from] StoreError),
    /// The files of the backup can't be read or written.
    #[error("{file} can't be used")]
    File {
        /// Which.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The bucket of the backup does not answer.
    #[error(
        "the bucket of the backup can't be used: check TINTYPE_BACKUP__ENDPOINT, its keys and that the bucket exists"
    )]
    Bucket(#[source] StoreError),
    /// There is no space left for the backup.
    #[error(
        "there is no space left in {0}: make room and run the same command again, which goes on from here. What was a whole backup before still is"
    )]
    Full(String),
    /// Another process writes there.
    #[error("another backup into {0} is running: wait for it")]
    Busy(String),
    /// It holds other things.
    #[error(
        "{0} holds other things than a backup: name an empty folder, or one with a backup of this installation"
    )]
    NotOurs(String),
    /// It holds pictures that are served.
    #[error(
        "{0} belongs to an installation, which a backup would be lost together with: name another bucket"
    )]
    Live(String),
    /// It holds the backup of another installation.
    #[error(
        "{place} holds the backup of another installation ({installation}): name another place"
    )]
    AnotherInstallation {
        /// Where.
        place: String,
        /// Whose.
        installation: String,
    },
    /// What is backed up has lost most of what the backup has.
    #[error(
        "{place} has {before} objects, and this backup would have {now}: is DATABASE_URL or TINTYPE_DATA_DIR the right one, and the database whole? \
         Nothing was removed. If so much was deleted on purpose, say --shrink"
    )]
    Shrunk {
        /// Where.
        place: String,
        /// How many objects the last one has.
        before: u64,
        /// How many this one would have.
        now: u64,
    },
    /// A passphrase is needed.
    #[error(
        "the backup in {0} is encrypted: name the file with its passphrase by --passphrase-file"
    )]
    Encrypted(String),
    /// The passphrase is wrong.
    #[error(
        "the passphrase does not open the backup in {0}: it is the one that its first run was given. Should it be that one, the backup's key.age is damaged: bring that file back from a copy"
    )]
    Passphrase(String),
    /// It was begun without a passphrase.
    #[error("the backup in {0} is not encrypted: leave the passphrase out, or name another place")]
    NotEncrypted(String),
    /// Its key is gone.
    #[error(
        "the backup in {0} is encrypted, and its key.age is missing: bring that file back from a copy. Without it nobody can open the backup, whatever the passphrase; \
         then begin another one in an empty place"
    )]
    KeyLost(String),
    /// Its key is no key any more.
    #[error(
        "the key.age of the backup in {0} is damaged, and without it nobody can open the backup, whatever the passphrase: bring that file back from an older copy of it; \
         or, while what it is a backup of is still there, begin another one in an empty place"
    )]
    KeyDamaged(String),
    /// No store has such keys, or each has them elsewhere.
    #[error(
        "{0} has a part \".\" or \"..\", which is no name in a bucket: name the bucket and the prefix as they are"
    )]
    Dots(String),
    /// The cipher does not work.
    #[error("this machine can't encrypt")]
    Unencryptable,
    /// The process stood still, so that objects may have been deleted meanwhile.
    #[error(
        "the backup stood still for too long to be whole: run the same command again, which goes on from here"
    )]
    Stalled,
    /// There is no manifest.
    #[error(
        "there is no whole backup in {0}: it has no manifest.json, which is written last. Run `tintype backup` into it to its end"
    )]
    NoManifest(String),
    /// It is of a newer form.
    #[error(
        "this backup has the format {format}, and this program, Tintype {own}, reads none above {FORMAT}: restore it with the program that wrote it (Tintype {tintype}) \
         or a newer one",
        own = env!("CARGO_PKG_VERSION")
    )]
    NewerFormat {
        /// Its form.
        format: u32,
        /// The version that wrote it.
        tintype: String,
    },
    /// Its rows are of a newer schema.
    #[error(
        "the rows of this backup have the schema {schema:?}, which this program, Tintype {own}, does not know: restore it with the program that wrote it (Tintype {tintype}) \
         or a newer one",
        own = env!("CARGO_PKG_VERSION")
    )]
    NewerSchema {
        /// The last change of it.
        schema: String,
        /// The version that wrote it.
        tintype: String,
    },
    /// A file of it is not what its manifest says, and nothing can be restored without it.
    #[error(
        "the backup is damaged: {0}. Bring that back from a copy; or, while what it is a backup of is still there, delete it and run `tintype backup` again, which writes it anew"
    )]
    Damaged(String),
    /// Objects are not what its manifest says, and nothing else.
    #[error(
        "the backup is damaged: {0}. Bring that back from a copy; or, while what it is a backup of is still there, delete it and run `tintype backup` again, which writes it anew. \
         If neither can be: `tintype restore --leave-out-damaged` restores everything but damaged objects"
    )]
    DamagedObjects(String),
    /// Its files are what its manifest says, and what that says can't be.
    #[error(
        "the backup is damaged: {0}. Bring manifest.json and the folder rows back from one copy; or, while what it is a backup of is still there, delete manifest.json and \
         run `tintype backup` again, which writes both anew"
    )]
    Untrue(String),
    /// The database has rows.
    #[error(
        "the database is not empty ({0} has rows): restore into a new one (DATABASE_URL, or TINTYPE_DATA_DIR for SQLite)"
    )]
    DatabaseNotEmpty(&'static str),
    /// The database refuses rows.
    #[error(
        "the rows of {table} can't be put into the database, which has none of the backup's rows now: run the same command again, and should it fail again, the backup is damaged"
    )]
    Rows {
        /// Which.
        table: String,
        /// Why.
        source: DbErr,
    },
    /// The bucket has objects.
    #[error(
        "the bucket is not empty ({0}): restore into a new one (TINTYPE_STORAGE__BUCKET, or TINTYPE_DATA_DIR for the embedded store)"
    )]
    BucketNotEmpty(String),
    /// Another restore was broken off there.
    #[error(
        "the restore of another backup was broken off in this bucket: restore that one ({0}) to its end, or take an empty bucket"
    )]
    AnotherRestore(String),
}

impl BackupError {
    /// Something is wrong with a file of the backup.
    pub fn file(file: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let file = file.into();
        |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(file),
            _ => Self::File { file, source },
        }
    }
}
