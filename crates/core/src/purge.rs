//! The end of an image: it goes to the trash by itself, if it is to end. When it goes for good, its objects are deleted first, then its row,
//! and with it the account's usage. While a backup is under way they wait.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, TransactionTrait};
use tintype_storage::failpoint;

use crate::Failure;
use crate::accounts::queries::{Share, give_back};
use crate::db::image::{Column, Entity, Model, State};
use crate::db::installation;
use crate::images::ends::end;
use crate::images::queries::{Transition, put_off, transition};
use crate::manifests::outbox;
use crate::services::Services;
use crate::uploads::queries::sweep_once_over;

/// Handles an image that is due: its time is over, or that in the trash, or its objects have to be deleted.
pub async fn visit(services: &Services, image: &Model) -> Result<(), Failure> {
    let now = services.clock.now();
    match image.state {
        State::Ready => {
            let purge_at = now + TimeDelta::seconds(services.settings.times.trash.into());
            Ok(end(&services.db, image.id, now, purge_at).await?)
        }
        State::Trashed => {
            let step = Transition {
                user_id: image.user_id,
                id: image.id,
                from: &[State::Trashed],
                to: State::Deleting,
                due_at: Some(now),
            };
            // A restore that was faster has moved it out of the trash.
            if transition(&services.db, step).await? {
                purge(services, image).await
            } else {
                Ok(())
            }
        }
        State::Deleting => purge(services, image).await,
    }
}

async fn purge(services: &Services, image: &Model) -> Result<(), Failure> {
    // First: without a manifest nothing comes back. Backups have none.
    outbox::remove(&services.store, image.id).await?;
    failpoint("purge.manifests-removed");
    if let Some(until) = installation::kept_until(&services.db, services.clock.now()).await? {
        return Ok(put_off(&services.db, image.id, until).await?);
    }
    failpoint("purge.begun");
    services.store.delete(&image.original_key).await?;
    failpoint("purge.original-removed");
    for key in [&image.preview_key, &image.thumb_key].into_iter().flatten() {
        services.store.delete(key).await?;
    }
    failpoint("purge.renditions-removed");
    Ok(forget(&services.db, image, services.clock.now()).await?)
}

/// Deletes the image once its objects are gone. What its upload left is swept once nothing can be written any more.
async fn forget(db: &DatabaseConnection, image: &Model, now: DateTime<Utc>) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    // The account's row first, as everywhere: deleting an account locks it, then waits for the image's row.
    give_back(
        &transaction,
        image.user_id,
        Share::of_image(image.size_bytes),
    )
    .await?;
    let gone = Entity::delete_many()
        .filter(Column::Id.eq(image.id))
        .filter(Column::State.eq(State::Deleting))
        .exec(&transaction)
        .await?;
    if gone.rows_affected == 0 {
        // Another worker has deleted it and updated the usage.
        return transaction.rollback().await;
    }
    failpoint("purge.row-removed");
    sweep_once_over(&transaction, image.id, now).await?;
    transaction.commit().await?;
    failpoint("purge.committed");
    Ok(())
}
