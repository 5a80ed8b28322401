//! Changes of the schema go both ways.

use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use tintype_api::db::schema;
use tintype_dto::{Image, ImagePage, Visibility};

use crate::pictures::{jpeg, png};
use crate::server::{TestServer, on_both_databases};

/// `alt` and everything behind it.
const STEPS: u32 = 5;

async fn state(server: &TestServer, image: &Image) -> String {
    let db = server.db();
    let sql = format!("SELECT state FROM images WHERE slug = '{}'", image.slug);
    db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap().try_get("", "state").unwrap()
}

on_both_databases! {
    async fn changes_of_the_schema_can_be_taken_back_and_open_nothing_that_is_private(server: TestServer) {
        let ada = server.user().await;
        let (open, hidden) = (ada.upload("Open.jpg", &jpeg(1)).await, ada.upload("b.png", &png(2)).await);
        let private = json!({"visibility": "private", "alt": "lost on the way down"});
        ada.send(Method::PATCH, &format!("/images/{}", hidden.id), Some(&private)).await.ok::<Image>();
        let url = server.config.database_url();
        schema::down(&url, STEPS).await.unwrap();
        assert_eq!((state(&server, &open).await, state(&server, &hidden).await), ("ready".into(), "trashed".into()));
        schema::up(&url).await.unwrap();
        assert!(schema::status(&url).await.unwrap().iter().all(|(_, applied)| *applied));
        // Statements that were prepared for the old columns are gone with their connections.
        let mut server = server;
        server.restart().await;
        let found: ImagePage = ada.get("/images?q=open").await.ok();
        assert_eq!(found.items, [open]);
        let restored: Image = ada.post(&format!("/images/{}/restore", hidden.id), &json!({})).await.ok();
        assert_eq!((restored.visibility, restored.alt), (Visibility::Private, None));
    }
}
