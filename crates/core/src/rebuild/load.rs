//! Rows of images that came back, with those of their uploads and accounts.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelBehavior, ColumnTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    ExprTrait, IntoActiveModel, QueryFilter, QuerySelect, TransactionTrait,
};
use tintype_dto::{check_username, folded};

use super::NO_ADDRESS;
use super::fit::Proven;
use super::report::{Fault, Report};
use crate::db::image::{State, Visibility};
use crate::db::{ImageId, MediaType, RemovedByClient, UserId};
use crate::db::{image, upload, user};
use crate::keys;
use crate::manifests::marks::Marked;

/// How rows come back.
#[derive(Clone, Copy)]
pub struct Loading<'a> {
    pub db: &'a DatabaseConnection,
    pub marked: &'a Marked,
    pub now: DateTime<Utc>,
    /// How long what is in the trash stays there.
    pub trash: TimeDelta,
    pub password_hash: &'a str,
}

impl Loading<'_> {
    /// Puts in these images, in one transaction. If the database refuses them, each comes by itself, and those that it refuses are left out:
    /// a manifest may say what no row can have.
    pub async fn put_all(self, images: Vec<Proven>, report: &mut Report) -> Result<(), DbErr> {
        let Err(error) = self.put(images.clone(), report).await else {
            return Ok(());
        };
        tracing::warn!(%error, "the database refuses a batch of images: they are put in one by one");
        for image in images {
            let id = image.manifest.id;
            if let Err(error) = self.put(vec![image], report).await {
                // The manifest's fault, if the database still answers.
                self.db.ping().await?;
                let what = format!("the database refuses what its manifest says: {error}");
                report.add(vec![Fault { image: id, what }]);
            }
        }
        Ok(())
    }

    /// Puts in these images, in one transaction. One whose slug another has is left out.
    async fn put(self, images: Vec<Proven>, report: &mut Report) -> Result<(), DbErr> {
        if images.is_empty() {
            return Ok(());
        }
        let transaction = self.db.begin().await?;
        let owners = images.iter().map(|image| &image.manifest.owner);
        let owners = owners.map(|owner| (owner.id, owner.username.clone()));
        let opened = self.open(&transaction, owners.collect()).await?;
        let held = images.iter().filter(|image| self.is_held(image));
        let held: HashSet<ImageId> = held.map(|image| image.manifest.id).collect();
        let uploads: Vec<_> = images
            .iter()
            .filter_map(|image| self.upload(image))
            .collect();
        let rows: Vec<_> = images
            .into_iter()
            .filter_map(|image| self.image(image))
            .collect();
        insert::<image::Entity>(&transaction, &rows).await?;
        let there = there(&transaction, rows.iter().map(|row| row.id).collect()).await?;
        let (came, twice): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| there.contains(&row.id));
        let of_came = |upload: &upload::Model| there.contains(&upload.id);
        let uploads: Vec<_> = uploads.into_iter().filter(of_came).collect();
        insert::<upload::Entity>(&transaction, &uploads).await?;
        count(&transaction, &came).await?;
        transaction.commit().await?;
        for name in opened {
            report.add_user(name);
        }
        for image in &came {
            report.images += 1;
            report.bytes += image.size_bytes.cast_unsigned();
            report.trashed += u64::from(image.state == State::Trashed);
            report.held += u64::from(held.contains(&image.id));
        }
        report.add(twice.iter().map(has_slug_of_another).collect());
        Ok(())
    }

    /// A mark may be of the change that its manifest says already.
    fn is_held(&self, image: &Proven) -> bool {
        let manifest = &image.manifest;
        manifest.visibility == Visibility::Unlisted
            && self.marked.has(manifest.owner.id, manifest.id)
    }

    fn image(&self, image: Proven) -> Option<image::Model> {
        let is_held = self.is_held(&image);
        let is_current = !is_held && !image.is_outdated && !image.has_rest;
        let manifest = image.manifest;
        let due_at = match manifest.state {
            State::Ready => manifest.expires_at,
            State::Trashed => Some(self.now + self.trash),
            State::Deleting => return None,
        };
        Some(image::Model {
            id: manifest.id,
            user_id: manifest.owner.id,
            slug: manifest.slug,
            state: manifest.state,
            search_title: manifest.title.as_deref().map(folded),
            search_alt: manifest.alt.as_deref().map(folded),
            search_filename: folded(&manifest.filename),
            title: manifest.title,
            alt: manifest.alt,
            filename: manifest.filename,
            content_type: manifest.content_type.parse::<MediaType>().ok()?,
            size_bytes: manifest.size_bytes,
            width: manifest.width,
            height: manifest.height,
            sha256: manifest.sha256,
            source_sha256: manifest.source_sha256,
            visibility: if is_held {
                Visibility::Private
            } else {
                manifest.visibility
            },
            removed: manifest.removed,
            placeholder: manifest.placeholder,
            original_key: manifest.original_key,
            preview_key: manifest.preview_key,
            thumb_key: manifest.thumb_key,
            animated: manifest.animated,
            cleaner: manifest.cleaner,
            created_at: manifest.created_at,
            expires_at: manifest.expires_at,
            due_at,
            token_id: None,
            // Another manifest has another key, whose content this program alone decides on.
            revision: manifest.revision.saturating_add(i32::from(!is_current)),
            manifest_key: Some(image.manifest_key),
            manifest_due_at: (!is_current).then_some(DateTime::UNIX_EPOCH),
        })
    }

    /// The upload that the image was, which has ended. The worker comes by where it has left more than the image names.
    fn upload(&self, image: &Proven) -> Option<upload::Model> {
        let manifest = &image.manifest;
        Some(upload::Model {
            id: manifest.id,
            user_id: manifest.owner.id,
            state: upload::State::Ready,
            filename: manifest.filename.clone(),
            content_type: manifest.content_type.parse::<MediaType>().ok()?,
            size_bytes: manifest.size_bytes,
            estimated_ms: 0,
            sha256: None,
            removed_by_client: RemovedByClient(Vec::new()),
            staging_key: keys::staging(manifest.id),
            put_expires_at: self.now,
            expires_at: self.now,
            due_at: image.has_rest.then_some(self.now),
            lease_id: None,
            lease_until: None,
            attempts: image.attempts,
            lapses: 0,
            problem_code: None,
            problem_detail: None,
            created_at: manifest.created_at,
            title: None,
            alt: None,
            visibility: None,
            image_created_at: None,
            image_expires_at: None,
            token_id: None,
        })
    }

    /// Opens those of these accounts that are not there. Nobody can sign in to them before an operator gives them an address and a password.
    /// Returns their names.
    async fn open(
        &self,
        transaction: &DatabaseTransaction,
        mut owners: BTreeMap<UserId, String>,
    ) -> Result<Vec<String>, DbErr> {
        let mut opened = Vec::new();
        // The second time for names that others have.
        for is_taken in [false, true] {
            let there = users(transaction, owners.keys().copied().collect()).await?;
            owners.retain(|id, _| !there.contains(id));
            if owners.is_empty() {
                break;
            }
            let rows: Vec<_> = owners
                .iter()
                .map(|(id, name)| self.user(*id, name, is_taken))
                .collect();
            insert::<user::Entity>(transaction, &rows).await?;
            let there = users(transaction, owners.keys().copied().collect()).await?;
            let rows = rows.into_iter().filter(|row| there.contains(&row.id));
            opened.extend(rows.map(|row| row.username));
        }
        Ok(opened)
    }

    fn user(&self, id: UserId, username: &str, is_taken: bool) -> user::Model {
        let hex = id.0.simple().to_string();
        let other = || format!("rebuilt-{}", hex.get(8..).unwrap_or_default());
        let name = check_username(username).ok().filter(|_| !is_taken);
        user::Model {
            id,
            username: name.unwrap_or_else(other),
            email: format!("{id}{NO_ADDRESS}"),
            password_hash: self.password_hash.to_owned(),
            // No session and no signed link of before is of this version.
            token_version: i32::try_from(self.now.timestamp()).unwrap_or(i32::MAX - 1),
            created_at: made_at(id).unwrap_or(self.now),
            used_bytes: 0,
            unfinished_uploads: 0,
            unfinished_ms: 0,
            disabled_at: Some(self.now),
            deleted_at: None,
        }
    }
}

/// Has the worker come by at these uploads at this time, where it would not.
pub async fn come_back(
    db: &DatabaseConnection,
    ids: HashSet<ImageId>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    upload::Entity::update_many()
        .col_expr(upload::Column::DueAt, Expr::value(Some(now)))
        .filter(upload::Column::Id.is_in(ids))
        .filter(upload::Column::DueAt.is_null())
        .exec(db)
        .await
        .map(drop)
}

/// Ids begin with their time.
fn made_at(id: UserId) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = id.0.get_timestamp()?.to_unix();
    DateTime::from_timestamp(seconds.try_into().ok()?, nanoseconds)
}

fn has_slug_of_another(image: &image::Model) -> Fault {
    Fault {
        image: image.id,
        what: format!("another image has its slug {}", image.slug),
    }
}

/// Inserts those of these rows that have nothing in common with others.
async fn insert<E: EntityTrait>(
    transaction: &DatabaseTransaction,
    rows: &[E::Model],
) -> Result<(), DbErr>
where
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelBehavior + Send,
{
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows
        .iter()
        .cloned()
        .map(|row| reset(row.into_active_model()));
    let insert = E::insert_many(rows).on_conflict(OnConflict::new().do_nothing().to_owned());
    insert.exec_without_returning(transaction).await.map(drop)
}

fn reset<A: sea_orm::ActiveModelTrait>(row: A) -> A {
    row.reset_all()
}

async fn there(
    transaction: &DatabaseTransaction,
    ids: Vec<ImageId>,
) -> Result<HashSet<ImageId>, DbErr> {
    let rows = image::Entity::find()
        .select_only()
        .column(image::Column::Id)
        .filter(image::Column::Id.is_in(ids));
    let ids: Vec<ImageId> = rows.into_tuple().all(transaction).await?;
    Ok(ids.into_iter().collect())
}

async fn users(
    transaction: &DatabaseTransaction,
    ids: Vec<UserId>,
) -> Result<HashSet<UserId>, DbErr> {
    let rows = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Id.is_in(ids));
    let ids: Vec<UserId> = rows.into_tuple().all(transaction).await?;
    Ok(ids.into_iter().collect())
}

/// Adds what these images take to what their accounts use.
async fn count(transaction: &DatabaseTransaction, images: &[image::Model]) -> Result<(), DbErr> {
    let mut used = BTreeMap::<UserId, i64>::new();
    for image in images {
        *used.entry(image.user_id).or_default() += image.size_bytes;
    }
    for (id, bytes) in used {
        user::Entity::update_many()
            .col_expr(
                user::Column::UsedBytes,
                Expr::col(user::Column::UsedBytes).add(bytes),
            )
            .filter(user::Column::Id.eq(id))
            .exec(transaction)
            .await?;
    }
    Ok(())
}
