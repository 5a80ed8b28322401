//! Pictures of every page with real photographs: `just screenshots`.

use serde_json::json;

use crate::browser::Browser;
use crate::files::{TestFile, photos};
use crate::server::{Server, root};
use crate::tour::{Pictures, each_view, links, walk};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "for people to look at: `just screenshots`"]
async fn every_page_is_pictured_in_light_and_dark_wide_and_narrow() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    let (telling, gallery) = split(photos());
    let pictures = Pictures {
        gallery,
        one: "temple-roof.jpg",
        telling,
    };
    walk(&alice, &pictures, async |page| {
        each_view(&alice, page, async |theme, width| {
            alice.screenshot(&format!("{page}-{theme}-{width}")).await;
        })
        .await;
    })
    .await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "for people to look at: `just screenshots`"]
async fn the_sheet_of_tokens_and_components_is_pictured_whole() {
    let page = root().join("target/design");
    let server =
        Server::start_with(|_| vec![("SERVER__PAGE_DIR", page.display().to_string())]).await;
    let alice = Browser::start(&server).await;
    alice.goto("/design").await;
    alice.sees("Tintype, its parts").await;
    each_view(&alice, "design", async |theme, width| {
        alice.press("Toast with undo").await;
        alice
            .screenshot_whole(&format!("design-{theme}-{width}"))
            .await;
    })
    .await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

/// The one that is shown by itself, and the others.
fn split(photos: Vec<TestFile>) -> (TestFile, Vec<TestFile>) {
    let (mut one, others): (Vec<_>, Vec<_>) = photos
        .into_iter()
        .partition(|photo| photo.name == "morning-coffee.jpg");
    (one.remove(0), others)
}

/// Made of photographs that are not in the public domain or CC0.
const NOT_FREE: [&str; 7] = [
    "temple-roof.jpg",
    "eaves.jpg",
    "dahlia.jpg",
    "petals.jpg",
    "workshop.jpg",
    "tank.jpg",
    "wall.jpg",
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "for people to look at: `just screenshots`"]
async fn the_two_that_the_readme_shows_have_free_photographs_alone() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let (telling, mut free) = split(photos());
    free.retain(|photo| !NOT_FREE.contains(&photo.name.as_str()));
    let (late, early) = free.split_at(3);
    alice.drop_files(early).await;
    alice
        .sees(&format!("{} pictures uploaded", early.len()))
        .await;
    alice.press("Clear").await;
    alice.network(Some(60_000)).await;
    alice.drop_files(late).await;
    alice.sees("Uploading 1 of 3").await;
    alice
        .holds(
            "a third of it".into(),
            "return document.querySelector('progress.total').position > 0.3",
            json!([]),
        )
        .await;
    alice.looks("light", 1280).await;
    alice.shows_all_pictures().await;
    alice.screenshot("readme-gallery").await;
    alice.network(None).await;
    alice.sees("3 pictures uploaded").await;
    alice.drop_files(std::slice::from_ref(&telling)).await;
    alice.tray_says(&telling.name, "Done · location").await;
    alice.goto(&links(&alice, &telling.name).await.0).await;
    alice.sees("before it was sent").await;
    alice.looks("dark", 1280).await;
    alice.shows_all_pictures().await;
    alice.screenshot("readme-image").await;
}
