//! Rows of uploads, changed as compare-and-set.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, Query, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, DbBackend,
    DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait, Select,
    TransactionTrait, UpdateMany,
};
use tintype_dto::Problem;
use tintype_storage::failpoint;
use uuid::Uuid;

use super::state_machine::LEASE;
use crate::accounts::queries::{Room, Share};
use crate::accounts::{SessionError, SessionKey};
use crate::db::image;
use crate::db::upload::{Column, Entity, Model, State};
use crate::db::{ImageId, Sha256, UserId, insert_if_updated};
use crate::settings::ImageLimits;
use crate::{accounts, images};

/// Inserts the upload if its account has room for it.
pub async fn insert(
    db: &DatabaseConnection,
    upload: Model,
    limits: &ImageLimits,
) -> Result<Room, DbErr> {
    let share = Share::of_upload(&upload);
    let reservation = accounts::queries::reservation(&upload, share, limits);
    let row = upload.clone().into_active_model().reset_all();
    let is_kept = if db.get_database_backend() == DbBackend::Postgres {
        insert_if_updated(db, reservation, row).await?
    } else {
        let transaction = db.begin().await?;
        let is_reserved = reservation.exec(&transaction).await?.rows_affected == 1;
        failpoint("announce.reserved");
        if is_reserved {
            Entity::insert(row)
                .exec_without_returning(&transaction)
                .await?;
        }
        failpoint("announce.inserted");
        transaction.commit().await?;
        is_reserved
    };
    if is_kept {
        return Ok(Room::Reserved);
    }
    accounts::queries::why_no_room(db, &upload, limits).await
}

/// As [`insert`], for many files in one transaction: each is inserted while there is room. Returns the result for each.
pub async fn insert_many(
    db: &DatabaseConnection,
    uploads: Vec<Model>,
    limits: &ImageLimits,
) -> Result<HashMap<ImageId, Room>, DbErr> {
    let Some(first) = uploads.first() else {
        return Ok(HashMap::new());
    };
    let transaction = db.begin().await?;
    // Whoever waits for the account's row holds a connection: as a rule there is room for all, and one statement takes it.
    let all = accounts::queries::reservation(first, Share::of_uploads(&uploads), limits);
    let is_room_for_all = all.exec(&transaction).await?.rows_affected == 1;
    let (mut rooms, mut kept) = (
        HashMap::with_capacity(uploads.len()),
        Vec::with_capacity(uploads.len()),
    );
    for upload in uploads {
        let share = Share::of_upload(&upload);
        let one = accounts::queries::reservation(&upload, share, limits);
        if is_room_for_all || one.exec(&transaction).await?.rows_affected == 1 {
            rooms.insert(upload.id, Room::Reserved);
            kept.push(upload.into_active_model().reset_all());
        } else {
            let room = accounts::queries::why_no_room(&transaction, &upload, limits).await?;
            rooms.insert(upload.id, room);
        }
    }
    failpoint("announce-many.reserved");
    if !kept.is_empty() {
        Entity::insert_many(kept)
            .exec_without_returning(&transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(rooms)
}

pub async fn find(
    db: &DatabaseConnection,
    user_id: UserId,
    id: ImageId,
) -> Result<Option<Model>, DbErr> {
    of_user(user_id, id).one(db).await
}

/// As [`find`], for a session that works.
pub async fn find_for(
    db: &DatabaseConnection,
    session: &mut SessionKey,
    id: ImageId,
) -> Result<Option<Model>, SessionError> {
    let upload = of_user(session.user_id, id).apply_if(session.by.sees_only(), |upload, token| {
        upload.filter(Column::TokenId.eq(token))
    });
    Ok(session.read(db, upload).await?.pop())
}

/// The uploads of an account that have not ended, by the hashes of their files.
pub async fn unfinished(
    db: &DatabaseConnection,
    user_id: UserId,
) -> Result<HashMap<Sha256, ImageId>, DbErr> {
    let rows: Vec<(Option<Sha256>, ImageId)> = Entity::find()
        .select_only()
        .columns([Column::Sha256, Column::Id])
        .filter(Column::UserId.eq(user_id))
        .filter(Column::State.is_in([State::Pending, State::Processing]))
        .into_tuple()
        .all(db)
        .await?;
    let hashed = rows.into_iter().filter_map(|(hash, id)| Some((hash?, id)));
    Ok(hashed.collect())
}

fn of_user(user_id: UserId, id: ImageId) -> Select<Entity> {
    Entity::find_by_id(id).filter(Column::UserId.eq(user_id))
}

/// The upload with a new lease, as it is once [`take`] has succeeded.
#[must_use]
pub fn leased(upload: &Model, now: DateTime<Utc>) -> Model {
    Model {
        state: State::Processing,
        lease_id: Some(Uuid::now_v7()),
        lease_until: Some(now + LEASE),
        due_at: Some(now + LEASE),
        attempts: upload.attempts + 1,
        lapses: upload.lapses + i32::from(upload.state == State::Processing),
        ..upload.clone()
    }
}

/// Takes the lease of `taken` if it is free. Returns the name of its account. `None`: another was first.
pub async fn take(
    db: &DatabaseConnection,
    upload: &Model,
    taken: &Model,
    now: DateTime<Utc>,
) -> Result<Option<String>, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(taken.state))
        .col_expr(Column::LeaseId, Expr::value(taken.lease_id))
        .col_expr(Column::LeaseUntil, Expr::value(taken.lease_until))
        .col_expr(Column::DueAt, Expr::value(taken.due_at))
        .col_expr(Column::Attempts, Expr::value(taken.attempts))
        .col_expr(Column::Lapses, Expr::value(taken.lapses))
        .filter(Column::Id.eq(upload.id))
        .filter(Column::Attempts.eq(upload.attempts))
        .filter(unleased(now));
    let owner = Expr::cust("(SELECT username FROM users WHERE users.id = uploads.user_id)");
    let mut update = update.into_query();
    update.returning(Query::returning().expr(owner));
    let rows = db.query_all(&update).await?;
    failpoint("take.taken");
    let names = rows.iter().map(|row| row.try_get_by_index(0));
    names.last().transpose()
}

/// Waits for its file, or was left by an attempt that died.
fn unleased(now: DateTime<Utc>) -> Condition {
    let left = Condition::all()
        .add(Column::State.eq(State::Processing))
        .add(Column::LeaseUntil.lte(now));
    Condition::any()
        .add(Column::State.eq(State::Pending))
        .add(left)
}

fn held(upload: &Model) -> Condition {
    Condition::all()
        .add(Column::Id.eq(upload.id))
        .add(Column::State.eq(State::Processing))
        .add(Column::LeaseId.eq(upload.lease_id))
}

/// Releases the lease without a check, to be looked at again at `due_at`.
pub async fn release(
    db: &DatabaseConnection,
    upload: &Model,
    due_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    ended(State::Pending, due_at)
        .filter(held(upload))
        .exec(db)
        .await
        .map(drop)
}

fn ended(state: State, due_at: DateTime<Utc>) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::LeaseId, Expr::value(None::<Uuid>))
        .col_expr(Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
        .col_expr(Column::DueAt, Expr::value(Some(due_at)))
}

/// Inserts the image and marks the upload ready, in one transaction. `false`: the lease was lost, nothing has changed.
pub async fn publish(
    db: &DatabaseConnection,
    upload: &Model,
    image: image::Model,
) -> Result<bool, DbErr> {
    let transaction = db.begin().await?;
    // The account's row first, as everywhere: deleting an account locks it, then waits for the upload's row.
    let share = Share {
        bytes: upload.size_bytes - image.size_bytes,
        ..Share::of_upload(upload)
    };
    accounts::queries::give_back(&transaction, upload.user_id, share).await?;
    let end = ended(State::Ready, upload.expires_at).filter(held(upload));
    let row = image.into_active_model().reset_all();
    let is_published = if db.get_database_backend() == DbBackend::Postgres {
        insert_if_updated(&transaction, end, row).await?
    } else {
        let has_ended = end.exec(&transaction).await?.rows_affected == 1;
        failpoint("promote.upload-ended");
        if has_ended {
            image::Entity::insert(row)
                .exec_without_returning(&transaction)
                .await?;
        }
        has_ended
    };
    failpoint("promote.image-inserted");
    if is_published {
        transaction.commit().await?;
    } else {
        transaction.rollback().await?;
    }
    failpoint("promote.committed");
    Ok(is_published)
}

/// Rejects the upload with the reason that every later confirm gets.
pub async fn reject(
    db: &DatabaseConnection,
    upload: &Model,
    problem: &Problem,
) -> Result<bool, DbErr> {
    let update = ended(State::Rejected, upload.expires_at)
        .col_expr(Column::ProblemCode, Expr::value(Some(problem.code.name())))
        .col_expr(
            Column::ProblemDetail,
            Expr::value(Some(problem.detail.as_str())),
        )
        .filter(held(upload));
    end_without_image(db, upload, update).await
}

/// Aborts an upload that this lease holds. `false`: the lease was lost, nothing has changed.
pub async fn abort(db: &DatabaseConnection, upload: &Model) -> Result<bool, DbErr> {
    end_without_image(
        db,
        upload,
        ended(State::Aborted, upload.expires_at).filter(held(upload)),
    )
    .await
}

/// Ends an upload that is not being checked. `false`: another was faster.
pub async fn end(
    db: &DatabaseConnection,
    upload: &Model,
    state: State,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let due_at = Ord::max(upload.expires_at, now);
    end_without_image(
        db,
        upload,
        ended(state, due_at)
            .filter(Column::Id.eq(upload.id))
            .filter(unleased(now)),
    )
    .await
}

/// Releases the quota reserved for it.
async fn end_without_image(
    db: &DatabaseConnection,
    upload: &Model,
    update: UpdateMany<Entity>,
) -> Result<bool, DbErr> {
    let transaction = db.begin().await?;
    // The account's row first, as in `publish`.
    accounts::queries::give_back(&transaction, upload.user_id, Share::of_upload(upload)).await?;
    failpoint("end.given-back");
    let is_first = update.exec(&transaction).await?.rows_affected == 1;
    failpoint("end.marked");
    if is_first {
        transaction.commit().await?;
    } else {
        transaction.rollback().await?;
    }
    failpoint("end.committed");
    Ok(is_first)
}

/// Makes an ended upload due earlier for the worker.
pub async fn come_back(
    db: &DatabaseConnection,
    upload: &Model,
    due_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(Some(due_at)))
        .filter(Column::Id.eq(upload.id))
        .filter(Column::State.is_not_in([State::Pending, State::Processing]))
        .filter(Column::DueAt.gt(due_at))
        .exec(db)
        .await
        .map(drop)
}

/// Starts another attempt for a published image. At `due_at`, the objects of all attempts but the published one are swept. `None`: one was
/// started and is not swept yet.
pub async fn begin_again(
    db: &DatabaseConnection,
    id: ImageId,
    due_at: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    let Some(upload) = Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    let begun = Model {
        attempts: upload.attempts + 1,
        due_at: Some(due_at),
        ..upload.clone()
    };
    let result = Entity::update_many()
        .col_expr(Column::Attempts, Expr::value(begun.attempts))
        .col_expr(Column::DueAt, Expr::value(begun.due_at))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Ready))
        .filter(Column::Attempts.eq(upload.attempts))
        .filter(Column::DueAt.is_null())
        .exec(db)
        .await?;
    Ok((result.rows_affected == 1).then_some(begun))
}

/// Replaces the published objects by those of the attempt, in one transaction, unless the attempt is about to be swept or the image has
/// changed. `false`: nothing has changed. The old objects are swept at `due_at`.
pub async fn publish_again(
    db: &DatabaseConnection,
    upload: &Model,
    before: &image::Model,
    renewed: image::Model,
    due_at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let transaction = db.begin().await?;
    // The account's row first, as in `publish`.
    accounts::queries::give_back(
        &transaction,
        upload.user_id,
        Share::of_image(before.size_bytes - renewed.size_bytes),
    )
    .await?;
    let kept = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(Some(due_at)))
        .filter(Column::Id.eq(upload.id))
        .filter(Column::Attempts.eq(upload.attempts))
        .filter(Column::DueAt.eq(upload.due_at))
        .exec(&transaction)
        .await?;
    if kept.rows_affected == 0 || !images::queries::replace(&transaction, before, renewed).await? {
        transaction.rollback().await?;
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
}

/// Postpones the next look, unless the row has changed since it was read.
pub async fn look_again(
    db: &DatabaseConnection,
    upload: &Model,
    due_at: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    let same: SimpleExpr = Column::State
        .eq(upload.state)
        .and(Column::DueAt.eq(upload.due_at));
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(due_at))
        .filter(Column::Id.eq(upload.id))
        .filter(same)
        .exec(db)
        .await
        .map(drop)
}

/// Makes the worker sweep what an upload left, once it is over.
pub async fn sweep_once_over(
    db: &impl ConnectionTrait,
    id: ImageId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let Some(upload) = Entity::find_by_id(id).one(db).await? else {
        return Ok(());
    };
    let due_at = Ord::max(upload.expires_at, now);
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(Some(due_at)))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}

pub async fn forget(db: &DatabaseConnection, id: ImageId) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(db).await.map(drop)
}
