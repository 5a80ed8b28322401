//! While a backup copies what its rows name, none of that is deleted.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DatabaseConnection;

use super::BackupError;
use crate::clock::Clock;
use crate::db::installation;

/// How long objects are kept if this process dies.
const HOLD: TimeDelta = TimeDelta::minutes(2);
/// How often that is prolonged.
const PROLONG: Duration = Duration::from_secs(20);

/// See the module. It ends by itself.
pub struct Hold<'a> {
    db: &'a DatabaseConnection,
    clock: &'a Clock,
    until: DateTime<Utc>,
}

impl<'a> Hold<'a> {
    /// Begins before the rows are read.
    pub async fn begin(db: &'a DatabaseConnection, clock: &'a Clock) -> Result<Self, BackupError> {
        let until = clock.now() + HOLD;
        installation::keep_until(db, until).await?;
        Ok(Self { db, clock, until })
    }

    /// Does this meanwhile.
    pub async fn during<T>(
        mut self,
        work: impl Future<Output = Result<T, BackupError>>,
    ) -> Result<T, BackupError> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => {
                    self.check()?;
                    return done;
                }
                () = tokio::time::sleep(PROLONG) => self.prolong().await?,
            }
        }
    }

    async fn prolong(&mut self) -> Result<(), BackupError> {
        let until = self.clock.now() + HOLD;
        installation::keep_until(self.db, until).await?;
        self.check()?;
        self.until = until;
        Ok(())
    }

    /// Whether it has held until now.
    fn check(&self) -> Result<(), BackupError> {
        if self.clock.now() < self.until {
            Ok(())
        } else {
            Err(BackupError::Stalled)
        }
    }
}
