//! Places for archives: each keeps a list of what is in it, and a connection, for as long as it takes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::problems::ApiError;

/// On their way to one address, as [`crate::caller::Caller`] knows it.
const OF_ONE_ADDRESS: usize = 2;
/// On their way from this process.
const AT_ONCE: usize = 64;
/// `Retry-After` of what is refused, seconds.
const RETRY_AFTER: u32 = 30;

/// All places.
#[derive(Clone, Default)]
pub struct ArchivePlaces(Arc<Mutex<HashMap<String, usize>>>);

/// A place, until it is dropped.
pub struct ArchivePlace {
    places: ArchivePlaces,
    address: String,
}

impl ArchivePlaces {
    /// Takes a place.
    ///
    /// # Errors
    /// This address has as many as it may have, or all are taken.
    pub fn enter(&self, address: String) -> Result<ArchivePlace, ApiError> {
        let mut taken = self.taken();
        let own = taken.get(&address).copied().unwrap_or_default();
        if own >= OF_ONE_ADDRESS {
            return Err(ApiError::too_many_archives(RETRY_AFTER));
        }
        if taken.values().sum::<usize>() >= AT_ONCE {
            return Err(ApiError::overloaded(RETRY_AFTER));
        }
        taken.insert(address.clone(), own + 1);
        drop(taken);
        Ok(ArchivePlace {
            places: self.clone(),
            address,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ArchivePlace {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(own) = taken.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_places_and_all_have_some_and_each_is_given_back() {
        let places = ArchivePlaces::default();
        let enter = |address: &str| places.enter(address.into());
        let first = [enter("ada").unwrap(), enter("ada").unwrap()];
        assert!(enter("ada").is_err());
        let others: Vec<_> = (2..AT_ONCE)
            .map(|n| enter(&n.to_string()).unwrap())
            .collect();
        assert!(enter("bob").is_err());
        drop(first);
        let again = enter("ada").unwrap();
        assert!(enter("bob").is_ok());
        drop((again, others));
        assert!(places.taken().is_empty());
    }
}
