//! The addresses that an account has signed in from, so that an attacker behind the same address can't lock its owner out.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, Set};
use sha2::Sha256;

use crate::db::known_address::{ActiveModel, Column, Entity};
use crate::secret::Secret;

const LABEL: &[u8] = b"tintype known addresses v1";
/// How long an address stays known.
const LIFETIME: TimeDelta = TimeDelta::days(30);
/// The shortest time between two writes for one address.
const STEP: TimeDelta = TimeDelta::days(1);

/// Hashes a pair of account and address. The key is derived from the secret that signs sessions and is not in the database: there are too
/// few addresses for a plain hash to hide them.
pub struct KnownAddresses {
    key: Hmac<Sha256>,
}

impl KnownAddresses {
    /// Derives its own key from the secret.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self {
            key: secret.key(LABEL),
        }
    }

    /// Whether the account logged in from this address in the last 30 days. Unknown names are looked up too, so that the answer takes as
    /// long.
    pub async fn contain(
        &self,
        db: &DatabaseConnection,
        account: &str,
        caller: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, DbErr> {
        let row = Entity::find_by_id(self.name(account, caller))
            .one(db)
            .await?;
        Ok(row.is_some_and(|row| row.seen_at > now - LIFETIME))
    }

    /// Records a login to this account from this address. It reads first: on most days there is nothing to write.
    pub async fn add(
        &self,
        db: &DatabaseConnection,
        account: &str,
        caller: &str,
        now: DateTime<Utc>,
    ) -> Result<(), DbErr> {
        let key = self.name(account, caller);
        let row = Entity::find_by_id(&*key).one(db).await?;
        if row.is_some_and(|row| row.seen_at > now - STEP) {
            return Ok(());
        }
        let seen = OnConflict::column(Column::Key)
            .update_column(Column::SeenAt)
            .to_owned();
        Entity::insert(ActiveModel {
            key: Set(key),
            seen_at: Set(now),
        })
        .on_conflict(seen)
        .exec_without_returning(db)
        .await
        .map(drop)
    }

    fn name(&self, account: &str, caller: &str) -> String {
        let mut mac = self.key.clone();
        mac.update(format!("{account}\0{caller}").as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }
}

/// Deletes expired addresses.
pub async fn forget(db: &DatabaseConnection, now: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::SeenAt.lte(now - LIFETIME))
        .exec(db)
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_one_name_that_only_the_secret_gives_away() {
        let known = |secret: &str| KnownAddresses::new(&Secret::from(secret.to_owned()));
        let one = known("0123456789abcdefghijklmnopqrstuv");
        let name = one.name("id a", "192.0.2.1");
        assert_eq!(name, one.name("id a", "192.0.2.1"));
        assert!(name.len() == 64 && !name.contains("192"));
        for other in [
            one.name("id a", "192.0.2.2"),
            one.name("id b", "192.0.2.1"),
            known("another secret").name("id a", "192.0.2.1"),
        ] {
            assert_ne!(name, other);
        }
    }
}
