//! Which images are listed.

use sea_orm::sea_query::LikeExpr;
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryTrait, Select};
use tintype_dto::{RuleError, check_search};

use super::visibility;
use crate::db::image::{Column, Entity, Visibility};

/// A filter over one user's images.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words that all occur in the title or the file name, folded as those are.
    words: Vec<String>,
    visibility: Option<Visibility>,
}

impl Filter {
    /// Checks the search and builds the filter.
    ///
    /// # Errors
    /// The search breaks a rule.
    pub fn check(
        q: Option<&str>,
        visibility: Option<tintype_dto::Visibility>,
    ) -> Result<Self, RuleError> {
        let words = q.map(check_search).transpose()?.unwrap_or_default();
        Ok(Self {
            words,
            visibility: visibility.map(visibility::stored),
        })
    }

    /// The condition on rows.
    #[must_use]
    pub fn apply_to(&self, images: Select<Entity>) -> Select<Entity> {
        let images = images.apply_if(self.visibility, |images, visibility| {
            images.filter(Column::Visibility.eq(visibility))
        });
        self.words.iter().fold(images, |images, word| {
            let either = Condition::any()
                .add(Column::SearchTitle.like(containing(word)))
                .add(Column::SearchFilename.like(containing(word)));
            images.filter(either)
        })
    }
}

/// A `LIKE` pattern that matches every character of the word literally.
fn containing(word: &str) -> LikeExpr {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('!')
}
