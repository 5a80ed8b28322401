//! The owner of a bucket: an object at its root names the installation, as the database does.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use tintype_storage::StoreError;
use uuid::Uuid;

use super::{PREFIXES, Place, Refusal, SweepError};
use crate::Failure;
use crate::db::installation;
use crate::inventory;
use crate::keys::{MARKER, REBUILDING};
use crate::objects::Objects;

/// Larger objects are no marker, bytes.
const MOST: u64 = 4096;

#[derive(Deserialize, Serialize)]
struct Marker {
    note: String,
    installation: Uuid,
    /// When the bucket was taken over from another installation. `None`: it has always been of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<DateTime<Utc>>,
}

/// The content of the marker.
enum Found {
    Nothing,
    Installation(Uuid, Option<DateTime<Utc>>),
    Something,
}

async fn read(store: &Objects) -> Result<Found, StoreError> {
    let bytes = match store.get(MARKER, MOST).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(Found::Nothing),
        Err(StoreError::TooLarge) => return Ok(Found::Something),
        Err(error) => return Err(error),
    };
    let marker = serde_json::from_slice::<Marker>(&bytes);
    Ok(marker.map_or(Found::Something, |it| {
        Found::Installation(it.installation, it.since)
    }))
}

/// The installation that a bucket belongs to, if its marker names one.
pub async fn owner(store: &Objects) -> Result<Option<Uuid>, StoreError> {
    match read(store).await? {
        Found::Installation(id, _) => Ok(Some(id)),
        Found::Nothing | Found::Something => Ok(None),
    }
}

/// Since when the bucket belongs to the installation of this database. `None`: it belongs to another, or to none.
pub async fn owned_since(
    store: &Objects,
    db: &DatabaseConnection,
) -> Result<Option<DateTime<Utc>>, Failure> {
    let own = installation::id(db).await?;
    Ok(match read(store).await? {
        Found::Installation(id, since) if Some(id) == own => {
            Some(since.unwrap_or(DateTime::<Utc>::MIN_UTC))
        }
        _ => None,
    })
}

async fn write(
    place: &Place<'_>,
    installation: Uuid,
    since: Option<DateTime<Utc>>,
) -> Result<(), SweepError> {
    let note = "This bucket belongs to a Tintype installation. Without this object, sweeps don't remove anything.".into();
    let marker = Marker {
        note,
        installation,
        since,
    };
    let bytes = serde_json::to_vec(&marker).unwrap_or_default();
    let put = place
        .store
        .put(MARKER, "application/json", Bytes::from(bytes));
    Ok(put.await?)
}

/// Why this bucket must not be swept, if there is a reason. A bucket without a marker is ours if it holds nothing, or hardly anything
/// unknown to this database (it may predate markers); if `mark` is true, it then gets one.
pub async fn refusal(place: &Place<'_>, mark: bool) -> Result<Option<Refusal>, SweepError> {
    if place.store.head(REBUILDING).await?.is_some() {
        return Ok(Some(Refusal::Rebuilding));
    }
    let own = installation::find(place.db).await?.map(|row| row.id);
    let another = |marker: String| {
        Ok(Some(Refusal::AnotherInstallation {
            marker,
            installation: own,
        }))
    };
    match read(place.store).await? {
        Found::Installation(id, _) if Some(id) == own => return Ok(None),
        Found::Installation(id, _) => return another(id.to_string()),
        Found::Something => return another("something else".into()),
        Found::Nothing => {}
    }
    let (mut listed, mut unknown) = (0, 0);
    for prefix in PREFIXES {
        let sample = place.store.list(prefix, None).await?.items;
        listed += sample.len() as u64;
        unknown += inventory::unclaimed(place.db, sample).await?.len() as u64;
    }
    if unknown * 100 > u64::from(place.rules.max_percent) * listed {
        return Ok(Some(Refusal::NoMarker { listed, unknown }));
    }
    if let Some(id) = own.filter(|_| mark) {
        write(place, id, None).await?;
    }
    Ok(None)
}

/// Writes our name over any other. Returns the names before and now.
pub async fn claim(place: &Place<'_>) -> Result<(Option<String>, Uuid), SweepError> {
    let found = read(place.store).await?;
    let own = installation::find(place.db)
        .await?
        .ok_or(SweepError::Schema)?
        .id;
    let before = match found {
        Found::Nothing => None,
        Found::Installation(id, _) if id == own => return Ok((Some(id.to_string()), own)),
        Found::Installation(id, _) => Some(id.to_string()),
        Found::Something => Some("something else".into()),
    };
    write(place, own, Some(place.clock.now())).await?;
    Ok((before, own))
}
