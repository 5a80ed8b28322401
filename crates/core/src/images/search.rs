//! Words looked for in many images.

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, SimpleExpr};
use sea_orm::{
    DatabaseConnection, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter, Select,
    Statement,
};

use super::queries::READY;
use crate::db::UserId;
use crate::db::image::Entity;

/// When more images than these have the words, reading along the list finds a page of them sooner than the index.
const COMMON: i64 = 5_000;
/// Of a word's characters, so many that follow each other are what the index has.
const TRIGRAM: usize = 3;

/// The title, the description and the file's name, as the index `images_words_idx` has them. No word has a space in it.
const TEXT: &str =
    "(coalesce(search_title, '') || ' ' || coalesce(search_alt, '') || ' ' || search_filename)";

/// Whether the word occurs in an image.
pub(super) fn occurs(word: &str) -> SimpleExpr {
    Expr::cust(TEXT).like(containing(word))
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

#[derive(FromQueryResult)]
struct Found {
    images: i64,
}

/// Images that may have some words, by an index of SQLite.
pub(super) struct Candidates {
    trigrams: String,
}

impl Candidates {
    /// Those of this account that are ready.
    pub fn of(self, user_id: UserId) -> Select<Entity> {
        // A column with a plus is in no index: SQLite would rather walk along the account's list.
        let of_account = Expr::cust_with_values("+user_id = ?", [user_id]);
        let ids = "id IN (SELECT image_id FROM image_words WHERE number IN (SELECT rowid FROM image_trigrams WHERE image_trigrams MATCH ?))";
        Entity::find()
            .filter(Expr::cust_with_values(ids, [self.trigrams]))
            .filter(of_account)
            .filter(Expr::cust(READY))
    }
}

/// Which images may have all of these words. `None`: the list has to be read. PostgreSQL decides by itself, from its statistics.
pub(super) async fn candidates(
    db: &DatabaseConnection,
    words: &[String],
) -> Result<Option<Candidates>, DbErr> {
    let trigrams = trigrams(words);
    if db.get_database_backend() != DbBackend::Sqlite || trigrams.is_empty() {
        return Ok(None);
    }
    let count = "SELECT count(*) AS images FROM (SELECT 1 FROM image_trigrams WHERE image_trigrams MATCH ? LIMIT ?)";
    let values = [trigrams.as_str().into(), (COMMON + 1).into()];
    let count = Statement::from_sql_and_values(DbBackend::Sqlite, count, values);
    let found = Found::find_by_statement(count).one(db).await?;
    let is_rare = found.is_some_and(|found| found.images <= COMMON);
    Ok(is_rare.then_some(Candidates { trigrams }))
}

/// What FTS5 is asked for: each three characters of each word. Shorter words are in no index.
fn trigrams(words: &[String]) -> String {
    let mut quoted = Vec::new();
    for word in words {
        let characters: Vec<char> = word.chars().collect();
        for three in characters.windows(TRIGRAM) {
            let three: String = three.iter().collect();
            quoted.push(format!("\"{}\"", three.replace('"', "\"\"")));
        }
    }
    quoted.sort();
    quoted.dedup();
    quoted.join(" AND ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_the_threes_of_their_characters() {
        let asked =
            |words: &[&str]| trigrams(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(asked(&["a", "be"]), "");
        assert_eq!(asked(&["lake", "lak"]), r#""ake" AND "lak""#);
        assert_eq!(asked(&["é\"*x"]), r#""""*x" AND "é""*""#);
    }
}
