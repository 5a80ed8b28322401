use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;
use sea_orm_migration::sea_orm::ConnectionTrait;
use tintype_dto::folded;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// So many images are read, changed and committed at a time.
const PAGE: u64 = 500;

/// Descriptions are found by what the rules of the running program make of them, as names are since `m20261127_000014_folded_names`.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Each page is a transaction of its own, so that no row is locked for long. Whoever is stopped between two goes on behind the last.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if !manager.has_column("images", "search_alt").await? {
            let column = Table::alter()
                .table("images")
                .add_column(text_null("search_alt"))
                .take();
            manager.alter_table(column).await?;
        }
        let mut last = String::new();
        loop {
            let page = manager.begin().await?;
            let rows = read(&page, &last).await?;
            for (slug, alt) in &rows {
                write(&page, slug, folded(alt)).await?;
            }
            page.commit().await?;
            match rows.into_iter().last() {
                Some((slug, _)) => last = slug,
                None => return Ok(()),
            }
        }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = Table::alter()
            .table("images")
            .drop_column("search_alt")
            .take();
        manager.alter_table(column).await
    }
}

/// The next images with a description, locked on PostgreSQL: other servers may be at work.
async fn read(page: &SchemaManager<'_>, last: &str) -> Result<Vec<(String, String)>, DbErr> {
    let select = Query::select()
        .columns(["slug", "alt"])
        .from("images")
        .and_where(Expr::col("slug").gt(last))
        .and_where(Expr::col("alt").is_not_null())
        .and_where(Expr::col("search_alt").is_null())
        .order_by("slug", Order::Asc)
        .limit(PAGE)
        .lock_exclusive()
        .take();
    let rows = page.get_connection().query_all(&select).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "slug")?, row.try_get("", "alt")?)))
        .collect()
}

async fn write(page: &SchemaManager<'_>, slug: &str, folded: String) -> Result<(), DbErr> {
    let update = Query::update()
        .table("images")
        .value("search_alt", folded)
        .and_where(Expr::col("slug").eq(slug))
        .take();
    page.get_connection().execute(&update).await?;
    Ok(())
}
