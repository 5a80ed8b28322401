//! What an owner is shown of an image.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, DbErr, FromQueryResult, IntoSimpleExpr, QueryResult, QuerySelect, Select,
};

use crate::db::image::{Column, Model, State, Visibility};
use crate::db::{ImageId, MediaType, ReceiptText, Slug};

/// A struct whose fields are what a statement selects, read by their places: a list asks for as many as it shows, and for no name of each
/// column in each row.
macro_rules! selected {
    ($(#[$docs:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $type:ty = $column:expr,)+ }) => {
        $(#[$docs])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[$about])* pub $field: $type,)+
        }

        impl $name {
            /// These of the rows.
            #[must_use]
            pub fn select(rows: Select<$crate::db::image::Entity>) -> Select<$crate::db::image::Entity> {
                rows.select_only()$(.expr($column.into_simple_expr()))+
            }
        }

        impl FromQueryResult for $name {
            fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
                let mut places = 0..;
                let mut place = || places.next().unwrap_or(usize::MAX);
                Ok(Self { $($field: row.try_get_by_index(place())?,)+ })
            }
        }
    };
}

pub(crate) use selected;

selected! {
    /// An image as its owner sees it.
    Shown {
        id: ImageId = Column::Id,
        slug: Slug = Column::Slug,
        title: Option<String> = Column::Title,
        alt: Option<String> = Column::Alt,
        filename: String = Column::Filename,
        content_type: MediaType = Column::ContentType,
        animated: bool = Column::Animated,
        /// Of the published bytes.
        size_bytes: i64 = Column::SizeBytes,
        width: i32 = Column::Width,
        height: i32 = Column::Height,
        /// As hex.
        sha256: String = Column::Sha256,
        visibility: Visibility = Column::Visibility,
        removed: ReceiptText = Expr::col(Column::Removed).cast_as("text"),
        placeholder: Option<String> = Column::Placeholder,
        /// Without one, the image serves as its own.
        has_preview: bool = Column::PreviewKey.is_not_null(),
        /// The same.
        has_thumb: bool = Column::ThumbKey.is_not_null(),
        created_at: DateTime<Utc> = Column::CreatedAt,
        expires_at: Option<DateTime<Utc>> = Column::ExpiresAt,
        state: State = Column::State,
        due_at: Option<DateTime<Utc>> = Column::DueAt,
    }
}

impl Shown {
    /// Of an image in the trash.
    #[must_use]
    pub fn purge_at(&self) -> Option<DateTime<Utc>> {
        self.due_at.filter(|_| self.state == State::Trashed)
    }
}

impl From<Model> for Shown {
    fn from(image: Model) -> Self {
        Self {
            id: image.id,
            slug: image.slug,
            title: image.title,
            alt: image.alt,
            filename: image.filename,
            content_type: image.content_type,
            animated: image.animated,
            size_bytes: image.size_bytes,
            width: image.width,
            height: image.height,
            sha256: image.sha256.to_string(),
            visibility: image.visibility,
            removed: ReceiptText(image.removed.0),
            placeholder: image.placeholder,
            has_preview: image.preview_key.is_some(),
            has_thumb: image.thumb_key.is_some(),
            created_at: image.created_at,
            expires_at: image.expires_at,
            state: image.state,
            due_at: image.due_at,
        }
    }
}
