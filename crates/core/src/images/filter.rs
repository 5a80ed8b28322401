//! Which images are listed.

use sea_orm::{ColumnTrait, QueryFilter, QueryTrait, Select};
use tintype_dto::{ContentType, RuleError, check_search};

use super::{search, visibility};
use crate::db::MediaType;
use crate::db::image::{Column, Entity, Visibility};

/// A filter over one user's images.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words that all occur in the title, the description or the file name, folded as those are.
    words: Vec<String>,
    visibility: Option<Visibility>,
    content_type: Option<MediaType>,
}

impl Filter {
    /// Checks the search and builds the filter.
    ///
    /// # Errors
    /// The search breaks a rule.
    pub fn check(
        q: Option<&str>,
        visibility: Option<tintype_dto::Visibility>,
        content_type: Option<ContentType>,
    ) -> Result<Self, RuleError> {
        let words = q.map(check_search).transpose()?.unwrap_or_default();
        Ok(Self {
            words,
            visibility: visibility.map(visibility::stored),
            content_type: content_type.map(MediaType),
        })
    }

    /// The condition on rows.
    #[must_use]
    pub fn apply_to(&self, images: Select<Entity>) -> Select<Entity> {
        let images = images.apply_if(self.visibility, |images, visibility| {
            images.filter(Column::Visibility.eq(visibility))
        });
        let images = images.apply_if(self.content_type, |images, content_type| {
            images.filter(Column::ContentType.eq(content_type))
        });
        let words = self.words.iter().map(|word| search::occurs(word));
        words.fold(images, QueryFilter::filter)
    }
}
