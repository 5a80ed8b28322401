//! Words looked for in images.

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, SimpleExpr};

/// The title, the description and the file's name, as the index `images_words_idx` of PostgreSQL has them. No word has a space in it.
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
