//! Changes of the schema go both ways.

use reqwest::Method;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, QuerySelect, Set, Statement};
use serde_json::json;
use tintype_core::db::Slug;
use tintype_core::db::{image, schema};
use tintype_dto::{Image, ImageDays, ImagePage, Visibility};
use uuid::Uuid;

use crate::pictures::{jpeg, png};
use crate::server::{TestServer, on_both_databases};

const FOLDED: &str = "m20261127_000014_folded_names";

/// How many changes there are from this one on.
async fn steps_from(url: &str, name: &str) -> u32 {
    let changes = schema::status(url).await.unwrap();
    let at = changes
        .iter()
        .position(|(change, _)| change == name)
        .unwrap();
    u32::try_from(changes.len() - at).unwrap()
}

async fn state(server: &TestServer, image: &Image) -> String {
    let db = server.db();
    let sql = format!("SELECT state FROM images WHERE slug = '{}'", image.slug);
    db.query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap()
        .unwrap()
        .try_get("", "state")
        .unwrap()
}

on_both_databases! {
    async fn changes_of_the_schema_can_be_taken_back_and_open_nothing_that_is_private(server: TestServer) {
        let ada = server.user().await;
        let (open, hidden) = (ada.upload("Open.jpg", &jpeg(1)).await, ada.upload("b.png", &png(2)).await);
        let private = json!({"visibility": "private", "alt": "lost on the way down"});
        ada.send(Method::PATCH, &format!("/images/{}", hidden.id), Some(&private)).await.ok::<Image>();
        let url = server.config.database_url();
        schema::down(&url, steps_from(&url, "m20261124_000007_alt").await).await.unwrap();
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

    async fn names_from_before_they_were_folded_are_tidied_and_found(server: TestServer) {
        let ada = server.user().await;
        let pattern = ada.upload("a.png", &png(1)).await;
        let row = image::Entity::find_by_id(pattern.id).one(server.db()).await.unwrap().unwrap();
        // More than the migration reads at once, as the rules of that time left them.
        let old = |n: u32| image::Model {
            id: Uuid::now_v7().into(),
            slug: Slug(format!("s{n}")),
            filename: format!("E\u{301}te\u{301} {n}.png"),
            search_filename: format!("e\u{301}te\u{301} {n}.png"),
            ..row.clone()
        };
        let mut rows: Vec<_> = (0..1100).map(old).collect();
        let words: [(&str, &str, &str); 4] = [
            // What SQLite's `lower` did not lower.
            ("\u{130}STANBUL\u{202e}", "ΣΕΙΡΆΣ\u{2069}", "ÜBER.png"),
            ("\u{2066}\u{200d}", "\u{ad}", "\u{ad}\u{61c}"),
            ("two\u{2028}li\u{202e}nes", "b", "c.png"),
            ("Straße", "\u{3000}d ", "d.png"),
        ];
        for (row, (title, alt, filename)) in rows.iter_mut().zip(words) {
            (row.title, row.alt, row.filename) = (Some(title.into()), Some(alt.into()), filename.into());
            (row.search_title, row.search_filename) = (Some(title.into()), filename.into());
        }
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        for part in rows.chunks(100) {
            let part = part.iter().cloned().map(IntoActiveModel::into_active_model);
            image::Entity::insert_many(part).exec_without_returning(server.db()).await.unwrap();
        }
        let url = server.config.database_url();
        schema::down(&url, steps_from(&url, FOLDED).await).await.unwrap();
        schema::up(&url).await.unwrap();
        let mut server = server;
        server.restart().await;
        let named = async |id| image::Entity::find_by_id(id).one(server.db()).await.unwrap().unwrap();
        let (istanbul, nothing, two, street) = (named(ids[0]).await, named(ids[1]).await, named(ids[2]).await, named(ids[3]).await);
        assert_eq!((istanbul.title.as_deref(), istanbul.alt.as_deref()), (Some("\u{130}STANBUL"), Some("ΣΕΙΡΆΣ")));
        assert_eq!((nothing.title, nothing.alt, nothing.search_title, &*nothing.filename), (None, None, None, "image"));
        assert_eq!(two.title.as_deref(), Some("two\u{2028}lines"), "what is refused today is not lost");
        assert_eq!(street.alt.as_deref(), Some("d"));
        let found = named(ids[700]).await;
        assert_eq!(found, image::Model {
            filename: "\u{c9}t\u{e9} 700.png".into(),
            search_filename: "\u{e9}t\u{e9} 700.png".into(),
            // Its cleaner is not known any more.
            cleaner: 0,
            // The worker writes it anew.
            manifest_key: found.manifest_key.clone(),
            manifest_due_at: found.manifest_due_at,
            ..rows[700].clone()
        });
        for (q, found) in [("istanbul", ids[0]), ("%C3%BCber", ids[0]), ("STRASSE", ids[3]), ("%C3%A9t%C3%A9+1099", ids[1099])] {
            let list: ImagePage = ada.get(&format!("/images?q={q}")).await.ok();
            assert_eq!(list.items.iter().map(|image| image.id).collect::<Vec<_>>(), [found.0], "{q}");
        }
        let days: ImageDays = ada.get("/images/days?q=%C3%89T%C3%89").await.ok();
        assert_eq!(days.days.iter().map(|day| day.count).sum::<u64>(), 1096);
    }

    async fn a_change_of_names_that_was_stopped_half_way_is_done_to_the_end(server: TestServer) {
        let ada = server.user().await;
        let (done, open) = (ada.upload("E\u{301}ß1.png", &png(1)).await, ada.upload("E\u{301}2.png", &png(2)).await);
        // The first page was committed, the second was not, and nothing says that the change has been made.
        let row = image::ActiveModel { id: Set(open.id.into()), search_filename: Set("e\u{301}2.png".into()), ..Default::default() };
        image::Entity::update(row).exec(server.db()).await.unwrap();
        let url = server.config.database_url();
        let mut server = server;
        for _ in 0..2 {
            schema::down(&url, steps_from(&url, FOLDED).await).await.unwrap();
            // The table of that time has fewer columns.
            let lowered = image::Entity::find_by_id(done.id).select_only().column(image::Column::SearchFilename);
            let lowered: Option<String> = lowered.into_tuple().one(server.db()).await.unwrap();
            assert_eq!(lowered.as_deref(), Some("\u{e9}ß1.png"), "as older programs search");
            schema::up(&url).await.unwrap();
            server.restart().await;
            let found: ImagePage = ada.get("/images?q=%C3%A9").await.ok();
            assert_eq!(found.items, [open.clone(), done.clone()]);
        }
    }
}
