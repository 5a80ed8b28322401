//! Which images are in an album, and in which order.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::{CaseStatement, LockType, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set, Statement,
    TransactionTrait,
};
use tintype_dto::{HiddenBecause, MAX_ALBUM_IMAGES};
use tintype_storage::failpoint;

use super::change::next_version;
use super::places::{STEP, between};
use crate::Failure;
use crate::db::album_image::{ActiveModel, Column, Entity};
use crate::db::image::{self, State, Visibility};
use crate::db::{AlbumId, ImageId, UserId};

/// Images that are there, each with what keeps it from being shown to others.
pub type Members = HashMap<ImageId, Option<HiddenBecause>>;

/// Images of one user by their ids, for one album of that user. Every query checks the owner.
#[derive(Clone, Copy)]
pub struct Contents<'a> {
    pub user_id: UserId,
    pub id: AlbumId,
    pub ids: &'a [ImageId],
}

/// Why the images of an album were left as they are.
#[derive(Debug, thiserror::Error)]
pub enum ContentsError {
    /// The account has no album with this id.
    #[error("there is no such album")]
    NotFound,
    /// The album would have more images than one may have.
    #[error("the album has too many images")]
    Full,
    /// The place that they were to be moved to is not in the album, or moves itself.
    #[error("the place is not in the album")]
    NotInIt,
    /// It could not be done.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<DbErr> for ContentsError {
    fn from(error: DbErr) -> Self {
        Self::Failure(error.into())
    }
}

impl Contents<'_> {
    /// Puts these behind all that are in the album. What is in it already stays in its place. Returns those that are in it now.
    pub async fn add(self, db: &DatabaseConnection) -> Result<Members, ContentsError> {
        let transaction = self.begin(db).await?;
        let members = self.put(&transaction).await?;
        let count = Entity::find().filter(Column::AlbumId.eq(self.id));
        if count.count(&transaction).await? > MAX_ALBUM_IMAGES {
            transaction.rollback().await?;
            return Err(ContentsError::Full);
        }
        transaction.commit().await?;
        Ok(members)
    }

    /// The same within a transaction that has locked the album.
    pub(super) async fn put(
        self,
        transaction: &DatabaseTransaction,
    ) -> Result<Members, ContentsError> {
        let members = self.lock(transaction).await?;
        let added = self.in_order(|id| members.contains_key(id));
        if added.is_empty() {
            return Ok(members);
        }
        let places = self.room(transaction, None, &[], added.len()).await?;
        let entries = added.into_iter().zip(places);
        let entries = entries.map(|(image_id, position)| ActiveModel {
            album_id: Set(self.id),
            image_id: Set(image_id),
            position: Set(position),
            is_cover: Set(false),
        });
        let stays = OnConflict::columns([Column::AlbumId, Column::ImageId])
            .do_nothing()
            .to_owned();
        Entity::insert_many(entries)
            .on_conflict(stays)
            .exec_without_returning(transaction)
            .await?;
        failpoint("album.filled");
        Ok(members)
    }

    /// The images that are in the album, in its order, each with whether it was chosen to stand for it.
    pub async fn all(self, db: &DatabaseConnection) -> Result<Vec<(ImageId, bool)>, DbErr> {
        Entity::find()
            .select_only()
            .columns([Column::ImageId, Column::IsCover])
            .filter(Column::AlbumId.eq(self.id))
            .order_by_asc(Column::Position)
            .order_by_asc(Column::ImageId)
            .into_tuple()
            .all(db)
            .await
    }

    /// Takes these out of the album. Returns those that are not in it any more, or never were.
    pub async fn remove(self, db: &DatabaseConnection) -> Result<Members, ContentsError> {
        let transaction = self.begin(db).await?;
        let members = self.lock(&transaction).await?;
        Entity::delete_many()
            .filter(Column::AlbumId.eq(self.id))
            .filter(Column::ImageId.is_in(self.ids.iter().copied()))
            .exec(&transaction)
            .await?;
        failpoint("album.emptied");
        transaction.commit().await?;
        Ok(members.into_keys().map(|id| (id, None)).collect())
    }

    /// Moves those that are in the album, so that they follow each other before this image, or at the end. No other changes its place.
    pub async fn move_before(
        self,
        db: &DatabaseConnection,
        before: Option<ImageId>,
    ) -> Result<Members, ContentsError> {
        if before.is_some_and(|before| self.ids.contains(&before)) {
            return Err(ContentsError::NotInIt);
        }
        let transaction = self.begin(db).await?;
        let members: HashSet<ImageId> = Entity::find()
            .select_only()
            .column(Column::ImageId)
            .filter(Column::AlbumId.eq(self.id))
            .filter(Column::ImageId.is_in(self.ids.iter().copied()))
            .into_tuple()
            .all(&transaction)
            .await?
            .into_iter()
            .collect();
        let moved = self.in_order(|id| members.contains(id));
        let places = self.room(&transaction, before, &moved, moved.len()).await?;
        if !moved.is_empty() {
            let each = moved.iter().zip(places);
            let place = each.fold(CaseStatement::new(), |case, (id, place)| {
                case.case(Column::ImageId.eq(*id), place)
            });
            Entity::update_many()
                .col_expr(Column::Position, place.into())
                .filter(Column::AlbumId.eq(self.id))
                .filter(Column::ImageId.is_in(moved))
                .exec(&transaction)
                .await?;
        }
        failpoint("album.moved");
        transaction.commit().await?;
        Ok(members.into_iter().map(|id| (id, None)).collect())
    }

    async fn begin(self, db: &DatabaseConnection) -> Result<DatabaseTransaction, ContentsError> {
        let transaction = db.begin().await?;
        let album = next_version(self.user_id, self.id);
        if album.exec(&transaction).await?.rows_affected == 1 {
            Ok(transaction)
        } else {
            transaction.rollback().await?;
            Err(ContentsError::NotFound)
        }
    }

    /// Locks those of the images that are there, in the order of their ids: none is purged before this ends, and none that is about to be
    /// comes in.
    async fn lock(self, transaction: &DatabaseTransaction) -> Result<Members, DbErr> {
        use image::Column;
        let rows: Vec<(ImageId, State, Visibility)> = image::Entity::find()
            .select_only()
            .columns([Column::Id, Column::State, Column::Visibility])
            .filter(Column::UserId.eq(self.user_id))
            .filter(Column::Id.is_in(self.ids.iter().copied()))
            .filter(Column::State.is_in([State::Ready, State::Trashed]))
            .order_by_asc(Column::Id)
            .lock(LockType::Share)
            .into_tuple()
            .all(transaction)
            .await?;
        let hidden = |state, visibility| match (state, visibility) {
            (State::Trashed | State::Deleting, _) => Some(HiddenBecause::Trashed),
            (State::Ready, Visibility::Private) => Some(HiddenBecause::Private),
            (State::Ready, Visibility::Unlisted) => None,
        };
        let members = rows
            .into_iter()
            .map(|(id, state, visibility)| (id, hidden(state, visibility)));
        Ok(members.collect())
    }

    /// Those that are wanted, each once, in the order in which they are named.
    fn in_order(self, is_wanted: impl Fn(&ImageId) -> bool) -> Vec<ImageId> {
        let mut seen = HashSet::new();
        let ids = self.ids.iter().copied();
        ids.filter(|id| is_wanted(id) && seen.insert(*id)).collect()
    }

    /// Positions before this image or at the end, as if those that move were not there. Without room the album is numbered anew.
    async fn room(
        self,
        transaction: &DatabaseTransaction,
        before: Option<ImageId>,
        moved: &[ImageId],
        count: usize,
    ) -> Result<Vec<i64>, ContentsError> {
        for _ in 0..2 {
            let entries = || Entity::find().filter(Column::AlbumId.eq(self.id));
            let high = match before {
                Some(before) => {
                    let row = entries().filter(Column::ImageId.eq(before));
                    let row = row.one(transaction).await?;
                    Some(row.ok_or(ContentsError::NotInIt)?.position)
                }
                None => None,
            };
            let low = entries()
                .filter(Column::ImageId.is_not_in(moved.iter().copied()))
                .apply_if(high, |rows, high| rows.filter(Column::Position.lt(high)))
                .order_by_desc(Column::Position)
                .one(transaction)
                .await?
                .map(|row| row.position);
            if let Some(places) = between(low, high, count) {
                return Ok(places);
            }
            self.number(transaction).await?;
        }
        Err(Failure::unexpected("an album that was numbered anew has no room").into())
    }

    async fn number(self, transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        let sql = "UPDATE album_images SET position = numbered.place * $1 FROM \
            (SELECT image_id, ROW_NUMBER() OVER (ORDER BY position, image_id) AS place FROM album_images WHERE album_id = $2) AS numbered \
            WHERE album_images.album_id = $3 AND album_images.image_id = numbered.image_id";
        let values = [STEP.into(), self.id.into(), self.id.into()];
        let backend = transaction.get_database_backend();
        let numbered = Statement::from_sql_and_values(backend, sql, values);
        transaction.execute_raw(numbered).await.map(drop)
    }
}
