use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, pk_uuid, text, text_null, timestamp_with_time_zone, uuid,
};
use sea_orm_migration::sea_orm::ConnectionTrait;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The list of an account's albums; the images of an album in their order; the albums of an image, when it goes; the one image that was chosen
/// to stand for an album.
const INDEXES: [&str; 5] = [
    "CREATE UNIQUE INDEX albums_slug_key ON albums (slug)",
    "CREATE INDEX albums_list_idx ON albums (user_id, created_at DESC, id DESC)",
    "CREATE INDEX album_images_list_idx ON album_images (album_id, position, image_id)",
    "CREATE INDEX album_images_image_id_idx ON album_images (image_id)",
    "CREATE UNIQUE INDEX album_images_cover_key ON album_images (album_id) WHERE is_cover",
];

/// Albums, and which images are in which. Neither an album nor an image leaves anything behind there.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("albums")
                    .col(pk_uuid("id"))
                    .col(uuid("user_id"))
                    .col(text("slug"))
                    .col(text_null("title"))
                    .col(text_null("description"))
                    .col(text("visibility"))
                    .col(big_integer("version"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("albums_user_id_fkey")
                            .from("albums", "user_id")
                            .to("users", "id"),
                    )
                    .take(),
            )
            .await?;
        manager.create_table(album_images()).await?;
        let db = manager.get_connection();
        for index in INDEXES {
            db.execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["album_images", "albums"] {
            manager
                .drop_table(Table::drop().table(table).take())
                .await?;
        }
        Ok(())
    }
}

fn album_images() -> TableCreateStatement {
    let goes_with = |column: &'static str, table: &'static str| {
        ForeignKey::create()
            .name(format!("album_images_{column}_fkey"))
            .from("album_images", column)
            .to(table, "id")
            .on_delete(ForeignKeyAction::Cascade)
            .take()
    };
    Table::create()
        .table("album_images")
        .col(uuid("album_id"))
        .col(uuid("image_id"))
        .col(big_integer("position"))
        .col(boolean("is_cover"))
        .primary_key(Index::create().col("album_id").col("image_id"))
        .foreign_key(&mut goes_with("album_id", "albums"))
        .foreign_key(&mut goes_with("image_id", "images"))
        .take()
}
