//! The account that pictures are imported into, and the way of each: announced, stored, confirmed, as by a client.

use std::array;
use std::collections::HashMap;
use std::num::NonZero;
use std::thread::available_parallelism;
use std::time::Duration;

use tintype_core::Services;
use tintype_core::accounts::{SessionKey, queries as accounts};
use tintype_core::db::{ImageId, Sha256};
use tintype_core::images::{Change, queries as images};
use tintype_core::uploads::{
    ConfirmError, Confirmed, Whole, WholeFile, confirm_whole, queries as uploads, resume_whole,
    store_whole,
};
use tokio::sync::Mutex;

use super::ImportError;
use crate::config::Config;
use crate::connections::DRAIN_TIME;
use crate::maintenance::{MaintenanceError, services_beside};
use crate::problems::ApiError;
use crate::startup::FolderLock;

/// How often a file is tried again when the installation has too much to do or does not answer.
const TRIES: u32 = 10;
/// Files of the same hash take turns: one of so many.
const TURNS: usize = 64;

/// See the module.
pub struct Target {
    pub services: Services,
    pub session: SessionKey,
    /// What an import that was cut off, or a client, has begun.
    begun: HashMap<Sha256, ImageId>,
    turns: [Mutex<()>; TURNS],
    _lock: Option<FolderLock>,
}

/// How many files are on their way at once: some are read and stored while others are checked.
pub fn at_once() -> usize {
    available_parallelism().map_or(2, NonZero::get) * 2
}

/// How a picture came.
pub enum Came {
    /// It is a new image.
    New(ImageId),
    /// The account had it already.
    There(ImageId),
}

impl Target {
    /// # Errors
    /// The installation can't be opened, or has no such account.
    pub async fn open(config: &Config, username: &str) -> Result<Self, ImportError> {
        let (services, lock) = services_beside(config).await?;
        let user = accounts::find_by_login(&services.db, username).await?;
        let user = user.ok_or_else(|| ImportError::NoAccount(username.to_owned()))?;
        if user.disabled_at.is_some() {
            return Err(ImportError::Disabled(username.to_owned()));
        }
        let begun = uploads::unfinished(&services.db, user.id).await?;
        Ok(Self {
            services,
            session: SessionKey::of(&user),
            begun,
            turns: array::from_fn(|_| Mutex::default()),
            _lock: lock,
        })
    }

    /// Lets what is being checked end.
    pub async fn close(self) -> Result<(), ImportError> {
        self.services.shutdown.run(DRAIN_TIME).await;
        let closed = self.services.db.close().await;
        closed.map_err(|error| MaintenanceError::Database(error).into())
    }

    /// The image of the account with this hash.
    pub async fn find(&self, sha256: Sha256) -> Result<Option<ImageId>, ApiError> {
        let now = self.services.clock.now();
        let found = images::find_by_hash(&self.services.db, self.session, sha256, now).await?;
        Ok(found.map(|image| image.id))
    }

    /// Makes an image of a file, as this change makes it, unless the account has it already.
    ///
    /// # Errors
    /// What a client would be told, after some tries where these help.
    pub async fn take(&self, file: WholeFile, change: &Change) -> Result<Came, ApiError> {
        // The same file twice is one image: the second one finds it.
        let turn = usize::from(file.sha256.0[0]) % TURNS;
        let _turn = self.turns[turn].lock().await;
        let begun = self.begun.get(&file.sha256).copied();
        if begun.is_some()
            && let Some(id) = self.find(file.sha256).await?
        {
            return Ok(Came::There(id));
        }
        let mut id = begun.unwrap_or_else(ImageId::generate);
        for _ in 0..TRIES {
            match self.attempt(id, &file, change).await {
                Ok(Some(came)) => return Ok(came),
                Ok(None) => id = ImageId::generate(),
                Err(error) => {
                    let seconds = error.retry_after().ok_or(error)?;
                    tokio::time::sleep(Duration::from_secs(seconds.into())).await;
                }
            }
        }
        self.attempt(id, &file, change)
            .await?
            .ok_or_else(|| ConfirmError::NotUploaded.into())
    }

    /// Goes on with the upload of this id, or begins it. `None`: it has ended without an image, though nothing is wrong with the file.
    async fn attempt(
        &self,
        id: ImageId,
        file: &WholeFile,
        change: &Change,
    ) -> Result<Option<Came>, ApiError> {
        let (services, mut session) = (&self.services, self.session);
        let whole = match resume_whole(services, session, id, file).await? {
            Some(begun) => begun,
            None => store_whole(services, session, id, file.clone(), change).await?,
        };
        let id = match whole {
            Whole::Yours(image) => return Ok(Some(Came::There(image.id))),
            Whole::Stored(id) => id,
        };
        loop {
            match confirm_whole(services, &mut session, id).await {
                Ok(Confirmed::Published(image)) => return Ok(Some(Came::New(image.id))),
                Ok(Confirmed::InProgress(_)) => {}
                Err(
                    ConfirmError::NotFound
                    | ConfirmError::NotUploaded
                    | ConfirmError::Expired
                    | ConfirmError::Aborted,
                ) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
