//! Copies the objects that rows name.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};
use tintype_storage::{StoreError, failpoint};

use super::BackupError;
use super::archive::{Archive, Names, path_of};
use super::index::{Entry, Known};
use super::manifest::{Missing, Objects as Listed, Rows};
use super::progress::{Progress, Step};
use super::wanted::{self, Wanted};
use crate::chain;
use crate::db::Sha256;
use crate::inventory::Listing;
use crate::keys::IMAGES;
use crate::objects::Objects;

/// How many objects are copied at once.
const AT_ONCE: usize = 8;
/// How many images are looked at together.
const BATCH: usize = 100;
/// How many missing objects are named.
const NAMED: usize = 1000;

/// What became of an object.
enum Done {
    /// It was there.
    There(Entry),
    /// The same, and the bucket has it no more.
    Lost(Entry, Missing),
    /// It was copied.
    Copied(Entry),
    /// It can't be.
    Missing(Missing),
}

/// What all of it came to.
#[derive(Default)]
pub struct Copied {
    pub count: u64,
    pub bytes: u64,
    pub new: u64,
    pub new_bytes: u64,
    pub missing: Vec<Missing>,
    pub missing_count: u64,
    pub lost: Vec<Missing>,
    pub lost_count: u64,
    pub names: Names,
}

/// See the module.
pub struct Copying<'a> {
    pub store: &'a Objects,
    pub archive: &'a Archive,
    pub progress: &'a dyn Progress,
    pub known: Known,
}

impl Copying<'_> {
    /// The objects of these images, with a list of them at `path`.
    pub async fn all(mut self, images: &Rows, path: &str) -> Result<(Copied, Listed), BackupError> {
        self.progress
            .begin(Step::Objects, self.originals(images).await?);
        let mut copied = Copied::default();
        let mut list = self.archive.spool()?;
        let lines = self.archive.lines(&images.file.path).await?;
        let mut batches = std::pin::pin!(lines.try_chunks(BATCH));
        let mut live = self
            .known
            .has_any()
            .then(|| Listing::new(self.store, IMAGES));
        while let Some(batch) = batches.next().await {
            let mut all = Vec::new();
            for line in batch.map_err(|error| error.1)? {
                all.extend(wanted::of_image(&images.columns, &line, &mut self.known).await?);
            }
            let paths: Vec<_> = all.iter().map(|wanted| path_of(&wanted.key)).collect();
            let sizes = self.archive.sizes(&paths).await?;
            let in_bucket = match &mut live {
                Some(live) => sizes_up_to(live, &all).await?,
                None => HashMap::new(),
            };
            let looks = stream::iter(all.into_iter().zip(sizes)).map(|(wanted, size)| {
                let in_bucket = in_bucket.get(&wanted.key).copied();
                self.look(wanted, size, in_bucket)
            });
            let done: Vec<_> = looks.buffered(AT_ONCE).try_collect().await?;
            list.write(&copied.add(done)?).await?;
        }
        let list = list.end().await?;
        let listed = Listed {
            count: copied.count,
            bytes: copied.bytes,
            file: list.named(path),
        };
        self.archive.keep(path, list).await?;
        Ok((copied, listed))
    }

    /// The bytes of all originals, which are nearly everything.
    async fn originals(&self, images: &Rows) -> Result<u64, BackupError> {
        let lines = self.archive.lines(&images.file.path).await?;
        let sizes = lines.map(|line| line.and_then(|line| wanted::size_of(&images.columns, &line)));
        sizes.try_fold(0, async |all, size| Ok(all + size)).await
    }

    /// `size`: of the file that the archive has at its place, if there is one. `in_bucket`: of the object, if it was listed.
    async fn look(
        &self,
        wanted: Wanted,
        size: Option<u64>,
        in_bucket: Option<u64>,
    ) -> Result<Done, BackupError> {
        if let Some(size_bytes) = size
            && let Some(entry) = self.there(&wanted, size_bytes).await?
        {
            self.progress.advance(entry.size_bytes);
            return self.still_there(entry, in_bucket).await;
        }
        match self.copy(&wanted).await {
            Err(BackupError::Store(error)) => {
                // The object's fault, if the store still answers.
                self.store.list(&wanted.key, None).await?;
                Ok(missing(&wanted, chain(&error)))
            }
            copied => copied,
        }
    }

    /// Whether the bucket has what the archive has already. What is not at its place in the listing is asked for.
    async fn still_there(&self, entry: Entry, in_bucket: Option<u64>) -> Result<Done, BackupError> {
        let size = match in_bucket {
            Some(size) => Ok(Some(size)),
            None => match self.store.head(&entry.key).await {
                Ok(object) => Ok(object.map(|object| object.size_bytes)),
                Err(error) => {
                    // The object's fault, if the store still answers.
                    self.store.list(&entry.key, None).await?;
                    Err(error)
                }
            },
        };
        let why = match size {
            Ok(Some(size)) if size == entry.size_bytes => return Ok(Done::There(entry)),
            Ok(Some(size)) => format!(
                "the bucket has {size} bytes, the backup {}",
                entry.size_bytes
            ),
            Ok(None) => "the bucket does not have it any more, the backup does".into(),
            Err(error) => chain(&error),
        };
        let (key, image) = (entry.key.clone(), entry.image);
        Ok(Done::Lost(entry, Missing { key, image, why }))
    }

    /// What the archive has already. Files have a name there only when they are whole, and a key is of one object for ever. A run that was
    /// broken off leaves files that no list has: an original shows by its hash what it is.
    async fn there(&self, wanted: &Wanted, size_bytes: u64) -> Result<Option<Entry>, BackupError> {
        if let Some(known) = &wanted.known {
            return Ok((known.size_bytes == size_bytes).then(|| known.clone()));
        }
        let Some(said) = wanted
            .says
            .as_ref()
            .filter(|said| said.size_bytes == size_bytes)
        else {
            return Ok(None);
        };
        let is_right = match self.archive.hash(&path_of(&wanted.key), |_| ()).await {
            // It was begun with another key.
            Err(BackupError::Damaged(_)) => false,
            found => found? == Some((said.size_bytes, said.sha256)),
        };
        Ok(is_right.then(|| entry(wanted, size_bytes, said.sha256, said.content_type.clone())))
    }

    async fn copy(&self, wanted: &Wanted) -> Result<Done, BackupError> {
        let Some(mut object) = self.store.stream(&wanted.key, None).await? else {
            return Ok(missing(wanted, "it is not in the bucket".into()));
        };
        let mut spool = self.archive.spool()?;
        while let Some(piece) = object.body.try_next().await? {
            spool.write(&piece).await?;
            self.progress.advance(piece.len() as u64);
        }
        let file = spool.end().await?;
        let said = wanted.says.as_ref();
        if said.is_some_and(|said| (said.size_bytes, said.sha256) != (file.bytes, file.sha256)) {
            let why = "it is not what its row says: `tintype audit --hashes` names it";
            return Ok(missing(wanted, why.into()));
        }
        let content_type = said.map(|said| said.content_type.clone());
        let content_type = content_type.or(object.content_type).unwrap_or_default();
        let entry = entry(wanted, file.bytes, file.sha256, content_type);
        self.archive.keep(&path_of(&wanted.key), file).await?;
        failpoint("backup.object-copied");
        Ok(Done::Copied(entry))
    }
}

/// The sizes of the bucket's objects up to the last of these, from where the last call ended.
async fn sizes_up_to(
    live: &mut Listing<'_>,
    wanted: &[Wanted],
) -> Result<HashMap<String, u64>, StoreError> {
    let mut sizes = HashMap::new();
    let keys = wanted.iter().map(|wanted| &*wanted.key);
    let Some(last) = keys.filter(|key| key.starts_with(IMAGES)).max() else {
        return Ok(sizes);
    };
    let behind = format!("{last}\0");
    loop {
        let objects = live.next(Some(&behind)).await?;
        if objects.is_empty() {
            return Ok(sizes);
        }
        sizes.extend(objects.into_iter().map(|it| (it.key, it.size_bytes)));
    }
}

fn entry(wanted: &Wanted, size_bytes: u64, sha256: Sha256, content_type: String) -> Entry {
    Entry {
        image: wanted.image,
        key: wanted.key.clone(),
        size_bytes,
        sha256,
        content_type,
    }
}

fn missing(wanted: &Wanted, why: String) -> Done {
    Done::Missing(Missing {
        key: wanted.key.clone(),
        image: wanted.image,
        why,
    })
}

impl Copied {
    /// Counts these, and writes a line for each that is in the archive.
    fn add(&mut self, done: Vec<Done>) -> Result<Vec<u8>, BackupError> {
        let mut lines = Vec::new();
        for done in done {
            let entry = match done {
                Done::There(entry) => entry,
                Done::Lost(entry, lost) => {
                    self.lost_count += 1;
                    if self.lost.len() < NAMED {
                        self.lost.push(lost);
                    }
                    entry
                }
                Done::Copied(entry) => {
                    self.new += 1;
                    self.new_bytes += entry.size_bytes;
                    entry
                }
                Done::Missing(missing) => {
                    self.missing_count += 1;
                    if self.missing.len() < NAMED {
                        self.missing.push(missing);
                    }
                    continue;
                }
            };
            self.count += 1;
            self.bytes += entry.size_bytes;
            self.names.add(&path_of(&entry.key));
            serde_json::to_writer(&mut lines, &entry)
                .map_err(|error| BackupError::file(&*entry.key)(error.into()))?;
            lines.push(b'\n');
        }
        Ok(lines)
    }
}
