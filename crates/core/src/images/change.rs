//! A change to an image's title, description, visibility and end.

use chrono::{DateTime, Utc};
use sea_orm::UpdateMany;
use sea_orm::sea_query::Expr;
use tintype_dto::{FieldError, UpdateImage, check_alt, check_title, folded};

use super::ends::end_at;
use super::visibility;
use crate::db::image::{Column, Entity, Visibility};
use crate::db::upload;
use crate::fields;

/// A valid change to an image. `None` leaves a field as it is.
#[expect(
    clippy::option_option,
    reason = "left alone, taken away and set are three things"
)]
#[derive(Default)]
pub struct Change {
    title: Option<Option<String>>,
    alt: Option<Option<String>>,
    visibility: Option<Visibility>,
    expires_at: Option<Option<DateTime<Utc>>>,
}

impl Change {
    /// Checks every field at this time.
    ///
    /// # Errors
    /// All broken rules at once.
    pub fn check(request: &UpdateImage, now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let change = Self {
            title: fields::text(&mut errors, "title", request.title.as_ref(), check_title),
            alt: fields::text(&mut errors, "alt", request.alt.as_ref(), check_alt),
            visibility: request.visibility.map(visibility::stored),
            expires_at: fields::end(&mut errors, request.expires_at, now),
        };
        if errors.is_empty() {
            Ok(change)
        } else {
            Err(errors)
        }
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let is_said = self.title.is_some() || self.alt.is_some();
        !is_said && self.visibility.is_none() && self.expires_at.is_none()
    }

    /// Whether it may show an image to fewer people, or for less long.
    #[must_use]
    pub fn narrows(&self) -> bool {
        let ends = matches!(self.expires_at, Some(Some(_)));
        ends || self.visibility == Some(Visibility::Private)
    }

    /// The upload, whose image will be so from the beginning.
    #[must_use]
    pub fn of_new(&self, upload: upload::Model) -> upload::Model {
        upload::Model {
            title: self.title.clone().flatten(),
            alt: self.alt.clone().flatten(),
            visibility: self.visibility.or(upload.visibility),
            image_expires_at: self.expires_at.unwrap_or(upload.image_expires_at),
            ..upload
        }
    }

    /// The update statement for this change, of images that are ready.
    #[must_use]
    pub fn apply_to(&self, mut update: UpdateMany<Entity>) -> UpdateMany<Entity> {
        if let Some(title) = &self.title {
            update = update.col_expr(Column::Title, Expr::value(title.as_deref()));
            update = update.col_expr(
                Column::SearchTitle,
                Expr::value(title.as_deref().map(folded)),
            );
        }
        if let Some(alt) = &self.alt {
            update = update.col_expr(Column::Alt, Expr::value(alt.as_deref()));
            update = update.col_expr(Column::SearchAlt, Expr::value(alt.as_deref().map(folded)));
        }
        if let Some(visibility) = self.visibility {
            update = update.col_expr(Column::Visibility, Expr::value(visibility));
        }
        if let Some(expires_at) = self.expires_at {
            update = end_at(update, &Expr::value(expires_at));
        }
        update
    }
}
