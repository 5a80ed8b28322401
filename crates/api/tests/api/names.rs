//! Names from around the world: how they are stored, found and used for downloads.

use reqwest::Method;
use sea_orm::{EntityTrait, Set};
use serde_json::json;
use tintype_core::db::upload;
use tintype_dto::{Image, Upload};
use uuid::Uuid;

use crate::client::Client;
use crate::pictures::png;
use crate::server::on_both_databases;

async fn announce(client: &Client, filename: &str, bytes: &[u8]) -> Upload {
    client
        .post(
            "/uploads",
            &json!({"filename": filename, "content_type": "image/png", "size_bytes": bytes.len()}),
        )
        .await
        .ok()
}

async fn finish(client: &Client, upload: &Upload, bytes: &[u8]) -> Image {
    assert_eq!(client.put(upload, bytes).await.status, 200);
    client.confirm(upload.id).await.ok()
}

/// A picture from a file of any name.
async fn upload(client: &Client, filename: &str) -> Image {
    let bytes = png(1);
    finish(client, &announce(client, filename, &bytes).await, &bytes).await
}

async fn say(client: &Client, id: Uuid, words: serde_json::Value) -> Image {
    client
        .send(Method::PATCH, &format!("/images/{id}"), Some(&words))
        .await
        .ok()
}

/// The ids that a search finds, newest first.
async fn found(client: &Client, words: &str) -> Vec<Uuid> {
    let query: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
    client
        .list(&format!("?q={query}"))
        .await
        .items
        .iter()
        .map(|image| image.id)
        .collect()
}

on_both_databases! {
    async fn names_are_found_in_any_normal_form_and_any_case(server: TestServer) {
        let ada = server.user().await;
        for (name, searches, others) in [
            // From macOS, and from everywhere else.
            ("e\u{301}te\u{301}.png", &["\u{e9}t\u{e9}", "E\u{301}TE\u{301}", "\u{c9}T\u{c9}.PNG"][..], &["ete"][..]),
            ("\u{d55c}\u{ad6d}.png", &["\u{1112}\u{1161}\u{11ab}"], &["\u{1112}\u{1161}"]),
            ("Ὀδυσσεύς.png", &["ὈΔΥΣΣΕΎΣ", "ὀδυσσεύσ"], &["Ὀδυσσευς"]),
            ("Hauptstraße.png", &["STRASSE", "strasse", "STRAẞE", "straße"], &["strase"]),
            ("STRASSE.png", &["straße"], &[]),
            ("İSTANBUL.png", &["istanbul", "Istanbul", "ISTANBUL", "ıstanbul", "i\u{307}stanbul"], &[]),
            ("IŞIK.png", &["ışık", "işik"], &["isik"]),
            ("Diyarbakır.png", &["DİYARBAKIR", "diyarbakir"], &[]),
            // NFC and full case folding, not NFKC: a ligature is its letters, a wide letter is another letter.
            ("ﬂower.png", &["FLOWER", "ﬂower"], &["ｆｌｏｗｅｒ"]),
            ("می\u{200c}روم.png", &["می\u{200c}روم", "میروم"], &[]),
            ("\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}.png", &["\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}", "\u{1f469}"], &["\u{1f466}"]),
        ] {
            let image = upload(&ada, name).await;
            let titled = upload(&ada, "x.png").await;
            say(&ada, titled.id, json!({"title": name})).await;
            for words in searches {
                assert_eq!(found(&ada, words).await, [titled.id, image.id], "{name:?} by {words:?}");
            }
            for words in others {
                assert!(found(&ada, words).await.is_empty(), "{name:?} by {words:?}");
            }
            for id in [image.id, titled.id] {
                ada.delete(&format!("/images/{id}")).await;
            }
        }
    }

    async fn names_are_kept_in_nfc_with_what_emoji_and_persian_need(server: TestServer) {
        let ada = server.user().await;
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
        let image = upload(&ada, &format!("{family} می\u{200c}روم e\u{301}.png")).await;
        assert_eq!(image.filename, format!("{family} می\u{200c}روم \u{e9}.png"));
        let image = say(&ada, image.id, json!({"title": "e\u{301}\u{2764}\u{fe0f}", "alt": format!("{family} ﬁ")})).await;
        assert_eq!((image.title.as_deref(), image.alt), (Some("\u{e9}\u{2764}\u{fe0f}"), Some(format!("{family} ﬁ"))));
        // Characters are counted as they are kept.
        say(&ada, image.id, json!({"title": "e\u{301}".repeat(200)})).await;
        let long = json!({"title": "e\u{301}".repeat(201)});
        let problem = ada.send(Method::PATCH, &format!("/images/{}", image.id), Some(&long)).await.problem("validation_failed");
        assert_eq!(problem.errors[0].message, "Use at most 200 characters.");
    }

    async fn direction_controls_reach_nobody(server: TestServer) {
        let ada = server.user().await;
        let controls = "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}";
        let image = upload(&ada, &format!("photo{controls}gpj.exe")).await;
        assert_eq!(image.filename, "photogpj.exe");
        let shared = [ada.get(&format!("/images/{}", image.id)).await, server.fetch(image.links.page.as_ref().unwrap()).await];
        let image = say(&ada, image.id, json!({"title": format!("{controls}a{controls}b"), "alt": format!("c{controls}")})).await;
        assert_eq!((image.title.as_deref(), image.alt.as_deref()), (Some("ab"), Some("c")));
        let titled = [ada.get("/images").await, server.fetch(image.links.page.as_ref().unwrap()).await];
        for answer in shared.iter().chain(&titled) {
            let body = String::from_utf8(answer.body.clone()).unwrap();
            assert!(answer.status == 200 && !body.contains(|c| controls.contains(c)) && !body.contains("\\u20"), "{body}");
        }
        let download = server.fetch(&format!("{}?download=1", image.links.original)).await;
        let disposition = "attachment; filename=\"photogpj.exe.png\"; filename*=UTF-8''photogpj.exe.png";
        assert_eq!(download.header("content-disposition"), disposition);
        // A user who pastes such characters into a search means the words.
        assert_eq!(found(&ada, "\u{202a}photo\u{202c}").await, [image.id]);
    }

    async fn a_name_that_shows_nothing_is_no_name(server: TestServer) {
        let ada = server.user().await;
        let nothings = ["\u{200d}", "\u{ad}\u{2060} \u{fe0f}", "\u{3164}\u{2800}", "\u{e0020}", "\u{202e}\u{2066}", "\u{3000}"];
        for nothing in nothings {
            let image = upload(&ada, nothing).await;
            assert_eq!(image.filename, "image", "{nothing:?}");
            say(&ada, image.id, json!({"title": "a", "alt": "b"})).await;
            let image = say(&ada, image.id, json!({"title": nothing, "alt": nothing})).await;
            assert_eq!((image.title, image.alt), (None, None), "{nothing:?}");
        }
        assert_eq!(found(&ada, "\u{200d}").await.len(), nothings.len(), "a search for nothing finds everything");
    }

    async fn a_download_keeps_the_dots_of_a_name_without_an_extension(server: TestServer) {
        let ada = server.user().await;
        for (name, saved) in [("v1.2 final", "v1.2 final.png"), ("v1.2.JPG", "v1.2.png"), ("St. Gallen", "St. Gallen.png")] {
            let image = upload(&ada, name).await;
            let answer = server.fetch(&format!("{}?download=1", image.links.original)).await;
            let shown = format!("attachment; filename=\"{saved}\"; ");
            assert!(answer.header("content-disposition").starts_with(&shown), "{}", answer.header("content-disposition"));
        }
    }

    async fn a_file_that_an_older_server_announced_is_named_by_the_rules_of_today(server: TestServer) {
        let ada = server.user().await;
        let bytes = png(1);
        let announced = announce(&ada, "a.png", &bytes).await;
        let row = upload::ActiveModel { id: Set(announced.id.into()), filename: Set("E\u{301}\u{61c}.png".into()), ..Default::default() };
        upload::Entity::update(row).exec(server.db()).await.unwrap();
        let image = finish(&ada, &announced, &bytes).await;
        assert_eq!(image.filename, "\u{c9}.png");
        assert_eq!(found(&ada, "\u{e9}").await, [image.id]);
    }
}
