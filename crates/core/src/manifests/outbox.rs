//! Manifests that are due. The database makes one due with every change of what it says, whoever changes it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, TransactionTrait, UpdateMany,
};
use tintype_storage::{StoreError, failpoint};

use crate::Failure;
use crate::db::image::{Column, Entity, Model, State};
use crate::db::{ImageId, UserId, user};
use crate::keys;
use crate::objects::Objects;
use crate::services::Services;

/// An image whose manifest is due, and the name of its owner.
#[derive(Debug)]
pub struct DueManifest {
    pub image: Model,
    pub username: String,
}

/// Claims some until `until`: other workers leave them alone, and take over if this one dies. On SQLite there is one process, and nothing to
/// claim.
pub async fn claim(
    db: &DatabaseConnection,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<DueManifest>, DbErr> {
    let images = if db.get_database_backend() == DbBackend::Postgres {
        let transaction = db.begin().await?;
        let images = due(now, limit).all(&transaction).await?;
        if !images.is_empty() {
            Entity::update_many()
                .col_expr(Column::ManifestDueAt, Expr::value(Some(until)))
                .filter(Column::Id.is_in(images.iter().map(|image| image.id)))
                .exec(&transaction)
                .await?;
        }
        transaction.commit().await?;
        images
    } else {
        due(now, limit).all(db).await?
    };
    if images.is_empty() {
        return Ok(Vec::new());
    }
    let mut names = names(db, &images).await?;
    let due = images.into_iter().map(|image| DueManifest {
        username: names.remove(&image.id).unwrap_or_default(),
        image,
    });
    Ok(due.collect())
}

/// The rows behind [`claim`]: along an index that has no others.
#[must_use]
pub fn due(now: DateTime<Utc>, limit: u64) -> Select<Entity> {
    Entity::find()
        .filter(Column::ManifestDueAt.lte(now))
        .order_by_asc(Column::ManifestDueAt)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
}

/// The names of their owners, by image.
async fn names(
    db: &DatabaseConnection,
    images: &[Model],
) -> Result<HashMap<ImageId, String>, DbErr> {
    let owners: HashMap<UserId, String> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::Username])
        .filter(user::Column::Id.is_in(images.iter().map(|image| image.user_id)))
        .into_tuple()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let name = |image: &Model| Some((image.id, owners.get(&image.user_id)?.clone()));
    Ok(images.iter().filter_map(name).collect())
}

/// Writes a manifest that is due, and removes those before it. If the row has changed meanwhile, the next is due already.
pub async fn write(services: &Services, due: &DueManifest) -> Result<(), Failure> {
    let DueManifest { image, username } = due;
    let Services { db, store, .. } = services;
    if image.state == State::Deleting {
        settle(db, image, image.manifest_key.as_deref()).await?;
        return Ok(());
    }
    let key = super::put(store, image, username).await?;
    failpoint("manifest.stored");
    if let Some(higher) = remove_lower(store, image).await? {
        return Ok(rise_above(db, image, higher).await?);
    }
    failpoint("manifest.trimmed");
    if !settle(db, image, Some(&key)).await? && is_going(db, image.id).await? {
        // Whoever removes the image's objects may have come by before this one wrote.
        remove(store, image.id).await?;
    }
    failpoint("manifest.settled");
    Ok(())
}

/// Removes every manifest of an image.
pub async fn remove(store: &Objects, id: ImageId) -> Result<(), StoreError> {
    for key in listed(store, id).await? {
        store.delete(&key).await?;
    }
    Ok(())
}

/// Removes those of lower revisions than this one. Returns the highest of those above: they are of a time that this database, put back to an
/// earlier one, knows nothing of.
async fn remove_lower(store: &Objects, image: &Model) -> Result<Option<i32>, StoreError> {
    if image.revision == 1 {
        return Ok(None);
    }
    let mut higher = None;
    for key in listed(store, image.id).await? {
        match keys::revision_in(&key) {
            Some(revision) if revision < image.revision => store.delete(&key).await?,
            Some(revision) if revision > image.revision => {
                higher = Ord::max(higher, Some(revision));
            }
            _ => {}
        }
    }
    Ok(higher)
}

async fn listed(store: &Objects, id: ImageId) -> Result<Vec<String>, StoreError> {
    let page = store.list(&keys::manifests_of(id), None).await?;
    Ok(page.items.into_iter().map(|object| object.key).collect())
}

/// Its next manifest is to count before the one that is there. One that was faster has done so, or has written that one.
async fn rise_above(db: &DatabaseConnection, image: &Model, higher: i32) -> Result<(), DbErr> {
    all_due()
        .col_expr(Column::Revision, Expr::value(higher.saturating_add(1)))
        .filter(Column::Id.eq(image.id))
        .filter(Column::Revision.eq(image.revision))
        .exec(db)
        .await
        .map(drop)
}

/// `false`: the row has changed meanwhile.
async fn settle(db: &DatabaseConnection, image: &Model, key: Option<&str>) -> Result<bool, DbErr> {
    let settled = Entity::update_many()
        .col_expr(Column::ManifestKey, Expr::value(key))
        .col_expr(Column::ManifestDueAt, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::Id.eq(image.id))
        .filter(Column::Revision.eq(image.revision))
        .exec(db)
        .await?;
    Ok(settled.rows_affected == 1)
}

async fn is_going(db: &DatabaseConnection, id: ImageId) -> Result<bool, DbErr> {
    let image = Entity::find_by_id(id).one(db).await?;
    Ok(image.is_none_or(|image| image.state == State::Deleting))
}

/// Puts off what could not be written.
pub async fn put_off(
    db: &DatabaseConnection,
    id: ImageId,
    until: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::ManifestDueAt, Expr::value(Some(until)))
        .filter(Column::Id.eq(id))
        .filter(Column::ManifestDueAt.is_not_null())
        .exec(db)
        .await
        .map(drop)
}

/// Makes the manifests of these images due: the bucket has lost them.
pub async fn write_again(db: &DatabaseConnection, ids: Vec<ImageId>) -> Result<(), DbErr> {
    let update = all_due().filter(Column::Id.is_in(ids));
    update.exec(db).await.map(drop)
}

/// Makes all manifests due: the bucket has none.
pub async fn write_all_again(db: &DatabaseConnection) -> Result<(), DbErr> {
    let update = all_due().col_expr(Column::ManifestKey, Expr::value(None::<String>));
    update.exec(db).await.map(drop)
}

fn all_due() -> UpdateMany<Entity> {
    let at_once = DateTime::<Utc>::UNIX_EPOCH;
    Entity::update_many().col_expr(Column::ManifestDueAt, Expr::value(Some(at_once)))
}
