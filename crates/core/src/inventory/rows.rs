//! Reads from the database. Pages are ordered by id and begin after `after`.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr,
    EntityTrait, ExprTrait, FromQueryResult, IntoSimpleExpr, JoinType, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, RelationDef,
};

use super::{Part, Row};
use crate::db::{AlbumId, ImageId, UserId};
use crate::db::{album, album_image, image, upload, user};
use crate::keys;

/// How many rows are read at once.
pub const PAGE: u64 = 500;
/// Pages of accounts are smaller: for each account, the database adds up all of its images.
pub const USERS_PAGE: u64 = 50;

pub async fn images(
    db: &DatabaseConnection,
    after: Option<ImageId>,
) -> Result<Vec<image::Model>, DbErr> {
    let rows = image::Entity::find().apply_if(after, |query, after| {
        query.filter(image::Column::Id.gt(after))
    });
    rows.order_by_asc(image::Column::Id)
        .limit(PAGE)
        .all(db)
        .await
}

pub async fn images_again(
    db: &impl ConnectionTrait,
    ids: HashSet<ImageId>,
) -> Result<HashMap<ImageId, image::Model>, DbErr> {
    let rows = image::Entity::find()
        .filter(image::Column::Id.is_in(ids))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn uploads(
    db: &DatabaseConnection,
    after: Option<ImageId>,
) -> Result<Vec<upload::Model>, DbErr> {
    let rows = upload::Entity::find().apply_if(after, |query, after| {
        query.filter(upload::Column::Id.gt(after))
    });
    rows.order_by_asc(upload::Column::Id)
        .limit(PAGE)
        .all(db)
        .await
}

pub async fn uploads_of(
    db: &impl ConnectionTrait,
    ids: HashSet<ImageId>,
) -> Result<HashMap<ImageId, upload::Model>, DbErr> {
    let rows = upload::Entity::find()
        .filter(upload::Column::Id.is_in(ids))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Locks the rows of these uploads until the transaction ends: a concurrent publish or deletion of one is finished by then, or waits.
/// (`SQLite` has one writer and no row locks.)
pub async fn lock_uploads(
    transaction: &DatabaseTransaction,
    ids: HashSet<ImageId>,
) -> Result<(), DbErr> {
    let rows = upload::Entity::find()
        .select_only()
        .column(upload::Column::Id)
        .filter(upload::Column::Id.is_in(ids))
        .lock_exclusive();
    rows.into_tuple::<ImageId>()
        .all(transaction)
        .await
        .map(drop)
}

/// Every row that names one of these keys (at most 1,000). It reads whole tables.
pub async fn naming(
    db: &DatabaseConnection,
    keys: &HashSet<&str>,
) -> Result<Vec<(String, Row)>, DbErr> {
    let mut named = Vec::new();
    for row in images_naming(db, keys).await? {
        let keys = parts(&row).filter(|(_, key)| keys.contains(key));
        named.extend(keys.map(|(_, key)| (key.to_owned(), Row::Image(row.id))));
    }
    let uploads = uploads_naming(db, keys).await?;
    named.extend(
        uploads
            .into_iter()
            .map(|row| (row.staging_key, Row::Upload(row.id))),
    );
    Ok(named)
}

/// Images that name one of these keys (at most 1,000).
pub async fn images_naming(
    db: &impl ConnectionTrait,
    keys: &HashSet<&str>,
) -> Result<Vec<image::Model>, DbErr> {
    let in_keys = |column: image::Column| column.is_in(keys.iter().copied());
    let any = Condition::any()
        .add(in_keys(image::Column::OriginalKey))
        .add(in_keys(image::Column::PreviewKey))
        .add(in_keys(image::Column::ThumbKey))
        .add(in_keys(image::Column::ManifestKey));
    image::Entity::find().filter(any).all(db).await
}

/// Uploads whose file goes to one of these keys (at most 1,000).
pub async fn uploads_naming(
    db: &impl ConnectionTrait,
    keys: &HashSet<&str>,
) -> Result<Vec<upload::Model>, DbErr> {
    upload::Entity::find()
        .filter(upload::Column::StagingKey.is_in(keys.iter().copied()))
        .all(db)
        .await
}

/// The objects that an image has.
pub fn parts(image: &image::Model) -> impl Iterator<Item = (Part, &str)> {
    let preview = image.preview_key.as_deref().map(|key| (Part::Preview, key));
    let thumb = image.thumb_key.as_deref().map(|key| (Part::Thumb, key));
    let manifest = image
        .manifest_key
        .as_deref()
        .map(|key| (Part::Manifest, key));
    std::iter::once((Part::Original, image.original_key.as_str()))
        .chain(preview)
        .chain(thumb)
        .chain(manifest)
}

/// Whether the worker removes the manifest at this key: it writes another, or the image is going.
pub fn will_be_replaced(image: &image::Model, key: &str) -> bool {
    (image.manifest_due_at.is_some() || image.state == image::State::Deleting)
        && keys::revision_in(key).is_some_and(|revision| revision <= image.revision)
}

/// An image in an album, and whose both are. `None`: there is no such row.
#[derive(FromQueryResult)]
pub struct AlbumEntry {
    pub album_id: AlbumId,
    pub image_id: ImageId,
    pub album_owner: Option<UserId>,
    pub image_owner: Option<UserId>,
}

pub async fn album_images(
    db: &DatabaseConnection,
    after: Option<(AlbumId, ImageId)>,
) -> Result<Vec<AlbumEntry>, DbErr> {
    use album_image::{Column, Entity};
    let album: RelationDef = Entity::belongs_to(album::Entity)
        .from(Column::AlbumId)
        .to(album::Column::Id)
        .into();
    let image: RelationDef = Entity::belongs_to(image::Entity)
        .from(Column::ImageId)
        .to(image::Column::Id)
        .into();
    let key = || [Column::AlbumId, Column::ImageId].map(IntoSimpleExpr::into_simple_expr);
    Entity::find()
        .select_only()
        .columns([Column::AlbumId, Column::ImageId])
        .column_as(album::Column::UserId, "album_owner")
        .column_as(image::Column::UserId, "image_owner")
        .join(JoinType::LeftJoin, album)
        .join(JoinType::LeftJoin, image)
        .apply_if(after, |rows, (album, image)| {
            let last = [Expr::val(album), Expr::val(image)];
            rows.filter(Expr::tuple(key()).gt(Expr::tuple(last)))
        })
        .order_by_asc(Column::AlbumId)
        .order_by_asc(Column::ImageId)
        .limit(PAGE)
        .into_model()
        .all(db)
        .await
}

/// An account and its usage at one moment.
pub struct Usage {
    pub id: UserId,
    pub username: String,
    pub used_bytes: i64,
    /// Bytes of its images in any state, and of uploads with reserved bytes.
    pub held_bytes: i64,
    pub said: Unfinished,
    /// The sums over its uploads.
    pub found: Unfinished,
}

/// Uploads of an account that have not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    pub uploads: i64,
    /// The estimated time of their checks.
    pub ms: i64,
}

/// Accounts with their usage. Deleted accounts are not counted.
pub async fn usage(db: &DatabaseConnection, after: Option<UserId>) -> Result<Vec<Usage>, DbErr> {
    usage_where(
        db,
        Condition::all().add_option(after.map(|after| user::Column::Id.gt(after))),
    )
    .await
}

pub async fn usage_again(db: &DatabaseConnection, ids: Vec<UserId>) -> Result<Vec<Usage>, DbErr> {
    usage_where(db, Condition::all().add(user::Column::Id.is_in(ids))).await
}

/// Id, username, then numbers in the order of the statement below.
type UsageRow = (UserId, String, i64, i64, i64, i64, i64, i64);

/// One statement, so that rows and their sums are of the same moment.
async fn usage_where(db: &DatabaseConnection, condition: Condition) -> Result<Vec<Usage>, DbErr> {
    let of_unfinished = |sum: &str| {
        format!(
            "(SELECT {sum} FROM uploads WHERE uploads.user_id = users.id AND uploads.state IN ('pending', 'processing'))"
        )
    };
    let of_images =
        "(SELECT COALESCE(SUM(size_bytes), 0) FROM images WHERE images.user_id = users.id)";
    let sum = |column: &str| of_unfinished(&format!("COALESCE(SUM({column}), 0)"));
    let whole = |sum: String| Expr::cust(format!("CAST({sum} AS BIGINT)"));
    let rows: Vec<UsageRow> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::Username])
        .columns([
            user::Column::UsedBytes,
            user::Column::UnfinishedUploads,
            user::Column::UnfinishedMs,
        ])
        .expr_as(
            whole(format!("{of_images} + {}", sum("size_bytes"))),
            "held_bytes",
        )
        .expr_as(whole(of_unfinished("COUNT(*)")), "found_uploads")
        .expr_as(whole(sum("estimated_ms")), "found_ms")
        .filter(user::Column::DeletedAt.is_null())
        .filter(condition)
        .order_by_asc(user::Column::Id)
        .limit(USERS_PAGE)
        .into_tuple()
        .all(db)
        .await?;
    let usage =
        |(id, username, used_bytes, said_uploads, said_ms, held_bytes, uploads, ms): UsageRow| {
            let said = Unfinished {
                uploads: said_uploads,
                ms: said_ms,
            };
            Usage {
                id,
                username,
                used_bytes,
                held_bytes,
                said,
                found: Unfinished { uploads, ms },
            }
        };
    Ok(rows.into_iter().map(usage).collect())
}
