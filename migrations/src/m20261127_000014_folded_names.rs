use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;
use tintype_dto::{Nfc, check_filename, check_title, folded, nfc, tidied};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// So many images are read, changed and committed at a time.
const PAGE: u64 = 500;

/// Titles, descriptions and file names become what they would be if they were given today, and what they are found by is made anew.
///
/// This calls the rules of the running program, on purpose: what names are found by has to be what that program searches for. When the
/// rules change, a test of `tintype_dto` asks for a new migration that does the same again.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Each page is a transaction of its own, so that no row is locked for long. Whoever is stopped between two begins at the first
    /// again: what is as it should be is only read.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rewrite(manager, Names::by_the_rules).await
    }

    /// An older program finds names in lower case. What the names themselves were before is not known any more, and it can live with these.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rewrite(manager, Names::lowered).await
    }
}

async fn rewrite(manager: &SchemaManager<'_>, rule: fn(&Names) -> Names) -> Result<(), DbErr> {
    // Slugs are unique and never change. None is empty.
    let mut last = String::new();
    loop {
        let page = manager.begin().await?;
        let rows = read(&page, &last).await?;
        for (slug, before) in &rows {
            let after = rule(before);
            if after != *before {
                write(&page, slug, after).await?;
            }
        }
        page.commit().await?;
        match rows.into_iter().last() {
            Some((slug, _)) => last = slug,
            None => return Ok(()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Names {
    title: Option<String>,
    alt: Option<String>,
    filename: String,
    search_title: Option<String>,
    search_filename: String,
}

impl Names {
    fn by_the_rules(&self) -> Self {
        let title = self
            .title
            .as_deref()
            .and_then(|title| words(title, check_title));
        let alt = self
            .alt
            .as_deref()
            .and_then(|alt| words(alt, tintype_dto::check_alt));
        let filename = check_filename(&self.filename, nfc);
        Self {
            search_title: title.as_deref().map(folded),
            search_filename: folded(&filename),
            title,
            alt,
            filename,
        }
    }

    fn lowered(&self) -> Self {
        Self {
            search_title: self.title.as_deref().map(str::to_lowercase),
            search_filename: self.filename.to_lowercase(),
            ..self.clone()
        }
    }
}

/// Words that the rules refuse today stay, as tidy as they can be.
fn words(
    text: &str,
    rule: fn(&str, Nfc) -> Result<Option<String>, tintype_dto::RuleError>,
) -> Option<String> {
    rule(text, nfc).unwrap_or_else(|_| Some(tidied(text, nfc)))
}

/// The next images, locked on PostgreSQL: other servers may be at work.
async fn read(page: &SchemaManager<'_>, last: &str) -> Result<Vec<(String, Names)>, DbErr> {
    let select = Query::select()
        .columns([
            "slug",
            "title",
            "alt",
            "filename",
            "search_title",
            "search_filename",
        ])
        .from("images")
        .and_where(Expr::col("slug").gt(last))
        .order_by("slug", Order::Asc)
        .limit(PAGE)
        .lock_exclusive()
        .take();
    let rows = page.get_connection().query_all(&select).await?;
    rows.iter()
        .map(|row| {
            let names = Names {
                title: row.try_get("", "title")?,
                alt: row.try_get("", "alt")?,
                filename: row.try_get("", "filename")?,
                search_title: row.try_get("", "search_title")?,
                search_filename: row.try_get("", "search_filename")?,
            };
            Ok((row.try_get("", "slug")?, names))
        })
        .collect()
}

async fn write(page: &SchemaManager<'_>, slug: &str, names: Names) -> Result<(), DbErr> {
    let update = Query::update()
        .table("images")
        .values([
            ("title", names.title.into()),
            ("alt", names.alt.into()),
            ("filename", names.filename.into()),
            ("search_title", names.search_title.into()),
            ("search_filename", names.search_filename.into()),
        ])
        .and_where(Expr::col("slug").eq(slug))
        .take();
    page.get_connection().execute(&update).await?;
    Ok(())
}
