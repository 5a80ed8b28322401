//! Places for files in one request: each has a buffer, and its sender may be slow. Nobody has a place before it is known who asks, and one account
//! never has them all, nor all of the line. Those that wait are not read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tintype_core::db::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::problems::ApiError;

const AT_ONCE: usize = 16;
const OF_ONE_ACCOUNT: usize = 8;
const WAITING: usize = 128;
const WAITING_OF_ONE_ACCOUNT: usize = 48;
/// How long one waits for a place.
const PATIENCE: Duration = Duration::from_mins(1);
/// `Retry-After` of what is refused, seconds.
const RETRY_AFTER: u32 = 5;

/// All places.
pub struct WholePlaces {
    all: Arc<Semaphore>,
    waiting: Semaphore,
    of_accounts: Mutex<HashMap<UserId, Arc<Own>>>,
}

/// What one account may have.
struct Own {
    places: Arc<Semaphore>,
    waiting: Semaphore,
}

/// A place, until it is dropped.
pub struct WholePlace {
    _of_account: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Default for WholePlaces {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Semaphore::new(WAITING),
            of_accounts: Mutex::default(),
        }
    }
}

impl WholePlaces {
    /// Waits for a place.
    ///
    /// # Errors
    /// Too many wait, or none became free in time.
    pub async fn enter(&self, account: UserId) -> Result<WholePlace, ApiError> {
        let refused = || ApiError::overloaded(RETRY_AFTER);
        let own = self.of(account);
        let _in_own_line = own.waiting.try_acquire().map_err(|_| refused())?;
        let _in_line = self.waiting.try_acquire().map_err(|_| refused())?;
        let place = async {
            Ok::<_, tokio::sync::AcquireError>(WholePlace {
                _of_account: own.places.clone().acquire_owned().await?,
                _of_all: self.all.clone().acquire_owned().await?,
            })
        };
        let place = timeout(PATIENCE, place).await.map_err(|_| refused())?;
        place.map_err(ApiError::internal)
    }

    fn of(&self, account: UserId) -> Arc<Own> {
        let mut accounts = self
            .of_accounts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Those of accounts that are not here any more.
        accounts.retain(|_, own| Arc::strong_count(own) + Arc::strong_count(&own.places) > 2);
        let new = || {
            Arc::new(Own {
                places: Arc::new(Semaphore::new(OF_ONE_ACCOUNT)),
                waiting: Semaphore::new(WAITING_OF_ONE_ACCOUNT),
            })
        };
        accounts.entry(account).or_insert_with(new).clone()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_account_never_has_the_whole_line() {
        let places = WholePlaces::default();
        let (ada, bob) = (UserId::generate(), UserId::generate());
        let many = (0..OF_ONE_ACCOUNT + WAITING_OF_ONE_ACCOUNT).map(|_| places.enter(ada));
        let mut many = Box::pin(futures::future::join_all(many));
        assert!(futures::poll!(&mut many).is_pending());
        assert!(places.enter(ada).await.is_err(), "the line is full for one");
        assert!(places.enter(bob).await.is_ok(), "and for nobody else");
    }

    #[tokio::test]
    async fn one_account_never_has_all_places_and_a_place_is_given_back() {
        let places = WholePlaces::default();
        let (ada, bob) = (UserId::generate(), UserId::generate());
        let mut held = Vec::new();
        for _ in 0..OF_ONE_ACCOUNT {
            held.push(places.enter(ada).await.unwrap());
        }
        let mut waits = Box::pin(places.enter(ada));
        assert!(futures::poll!(&mut waits).is_pending());
        drop(places.enter(bob).await.unwrap());
        held.pop();
        drop(waits.await.unwrap());
        held.clear();
        drop(places.of(bob));
        assert_eq!(places.of_accounts.lock().unwrap().len(), 1);
    }
}
