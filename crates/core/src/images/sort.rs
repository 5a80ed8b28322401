//! In which order images are listed.

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{IntoSimpleExpr, Order, Select};
use tintype_dto::{SortOrder, folded};

use super::Shown;
use crate::db::image::{Column, Entity};
use crate::keyset::{Cursor, Place};

/// The folded title, or the file's name where there is none: a column that the database makes.
const SEARCH_NAME: &str = "search_name";

/// What images are sorted by. Those that are alike follow each other by their ids, in the same direction.
fn key(order: SortOrder) -> (SimpleExpr, Order) {
    match order {
        SortOrder::Newest => (Column::CreatedAt.into_simple_expr(), Order::Desc),
        SortOrder::Oldest => (Column::CreatedAt.into_simple_expr(), Order::Asc),
        SortOrder::Name => (Expr::col(SEARCH_NAME), Order::Asc),
        SortOrder::Size => (Column::SizeBytes.into_simple_expr(), Order::Desc),
    }
}

/// The rows in this order, from behind the cursor on: a seek in an index of this order.
#[must_use]
pub fn sorted(images: Select<Entity>, order: SortOrder, after: Option<Cursor>) -> Select<Entity> {
    let (key, direction) = key(order);
    Cursor::sort(
        after,
        images,
        [key, Column::Id.into_simple_expr()],
        direction,
    )
}

/// The place behind this image in the list, or in that of the trash.
#[must_use]
pub fn behind(image: &Shown, order: SortOrder) -> Cursor {
    let place = match order {
        SortOrder::Newest | SortOrder::Oldest => {
            Place::Time(image.purge_at().unwrap_or(image.created_at))
        }
        SortOrder::Name => Place::Name(folded(image.title.as_ref().unwrap_or(&image.filename))),
        SortOrder::Size => Place::Size(image.size_bytes),
    };
    Cursor {
        place,
        id: image.id.0,
    }
}
