//! A walk through every page, in every state that lasts.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::files::TestFile;

/// Light and dark, wide and narrow.
pub const VIEWS: [(&str, u32); 4] = [
    ("light", 1280),
    ("dark", 1280),
    ("light", 360),
    ("dark", 360),
];

/// The pictures of the gallery.
pub struct Pictures {
    pub gallery: Vec<TestFile>,
    /// One of `gallery`, by name: the one that is selected and searched.
    pub one: &'static str,
    /// Not in `gallery`, with metadata: what the image's page is shown with.
    pub telling: TestFile,
}

impl Pictures {
    /// Small ones that are in the repository.
    pub fn fixtures() -> Self {
        let gallery = ["landscape.jpg", "photo.webp", "alpha.png", "animated.gif"]
            .map(TestFile::fixture)
            .to_vec();
        Self {
            gallery,
            one: "alpha.png",
            telling: TestFile::fixture("portrait-gps.jpg"),
        }
    }
}

/// Stops at each page, which has a name.
pub async fn walk(alice: &Browser, pictures: &Pictures, mut look: impl AsyncFnMut(&str)) {
    alice.goto("/login").await;
    alice.sees("Log in to Tintype").await;
    look("login").await;
    alice.goto("/register").await;
    alice.press("Create account").await;
    alice.sees("Use at least 3 characters.").await;
    look("register").await;
    alice.register("alice").await;
    look("empty").await;

    fill_gallery(alice, pictures, &mut look).await;
    look("gallery").await;
    alice.press("Hide the list of uploads").await;
    look("folded").await;
    alice.press("Account").await;
    alice.sees("alice@example.com").await;
    look("account").await;
    alice.goto("/settings").await;
    alice.sees("Log out everywhere").await;
    alice.tick("New token").await;
    alice.fill("Name", "ShareX on the laptop").await;
    alice.press("Make the token").await;
    alice.sees("Copy the token now").await;
    alice.tick("New token").await;
    look("tokens").await;
    alice.tick("I want to delete my account").await;
    look("settings").await;
    alice.goto("/docs").await;
    alice.sees("An upload, step by step").await;
    look("docs").await;
    alice.goto("/").await;
    alice.sees_picture(pictures.one).await;
    alice.keys("?").await;
    alice.sees("Choose files to upload").await;
    look("keys").await;
    alice.press("Done").await;
    alice.tick(&format!("Select: {}", pictures.one)).await;
    alice.sees("1 selected").await;
    look("selection").await;
    private_and_deleted(alice, pictures.one, &mut look).await;
    alice.fill("Search", "no such words").await;
    alice.sees("No pictures match").await;
    look("nothing-found").await;
    alice.goto("/nowhere").await;
    alice.sees("Nothing at this address").await;
    look("not-found").await;
    let (view, share) = links(alice, &pictures.telling.name).await;
    for (page, address) in [("image", view), ("share", share)] {
        alice.goto(&address).await;
        alice.sees("×").await;
        alice.holds("the picture".into(), LOADED, json!([])).await;
        look(page).await;
        if page == "image" {
            uploading_over_it(alice, &mut look).await;
        }
    }
    // The share page may ask for nothing.
    alice.goto("/").await;
    let shared = album(alice).await;
    albums(alice, pictures.one, &mut look).await;
    alice.goto(&shared).await;
    alice.sees("All of them").await;
    look("album").await;
    alice.follow(&pictures.telling.name).await;
    alice.sees("Download").await;
    alice.holds("the picture".into(), LOADED, json!([])).await;
    look("lightbox").await;
}

/// What is asked before a private link is copied, and the trash.
async fn private_and_deleted(alice: &Browser, name: &str, look: &mut impl AsyncFnMut(&str)) {
    alice.press("Only you").await;
    alice.sees("Now only you can see 1 picture.").await;
    alice.tick(&format!("Select: {name}")).await;
    alice.press("Copy").await;
    alice.sees("Only you can open this picture").await;
    look("private-link").await;
    alice.press("Don't copy").await;
    alice.press("Delete").await;
    alice.sees("1 picture deleted.").await;
    alice.goto("/trash").await;
    alice.sees("7 days left").await;
    look("trash").await;
    alice.press(&format!("Restore {name}")).await;
    alice.sees("1 picture is back.").await;
    alice.goto("/").await;
    alice.sees_picture(name).await;
}

/// The pill of the uploads over an open picture.
async fn uploading_over_it(alice: &Browser, look: &mut impl AsyncFnMut(&str)) {
    let late = TestFile::fixture("animated.gif").varied("late.gif");
    alice.network(Some(400)).await;
    alice.drop_files(&[late]).await;
    alice.tray_says("late.gif", "%").await;
    look("image-uploading").await;
    alice.network(None).await;
    alice.sees("1 picture uploaded").await;
}

const LOADED: &str =
    "return [...document.images].some(img => img.complete && img.naturalWidth > 100)";

/// Files in every state.
async fn fill_gallery(alice: &Browser, pictures: &Pictures, look: &mut impl AsyncFnMut(&str)) {
    alice.drop_files(&pictures.gallery).await;
    alice
        .sees(&format!("{} pictures uploaded", pictures.gallery.len()))
        .await;
    alice.press("Clear").await;
    let late = [
        "launch-pad-at-dawn-with-a-name-that-is-rather-long.gif",
        "b.gif",
        "c.gif",
        "d.gif",
        "e.gif",
        "f.gif",
    ];
    let late = late.map(|name| TestFile::fixture("animated.gif").varied(name));
    alice.network(Some(4_000)).await;
    alice.drop_files(&late).await;
    alice.tray_says("launch-pad", "%").await;
    look("uploading").await;
    alice.press("Cancel all").await;
    alice.network(None).await;
    for late in &late[1..] {
        alice.press(&format!("Dismiss {}", late.name)).await;
    }
    let files = [
        pictures.telling.clone(),
        pictures.gallery[0].clone(),
        TestFile::new("IMG_0042.HEIC", "", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
    ];
    alice.drop_files(&files).await;
    alice.tray_says(&pictures.telling.name, "location").await;
    alice
        .tray_says(&pictures.gallery[0].name, "Already uploaded")
        .await;
    alice.sees_picture(&pictures.telling.name).await;
}

const LINKS: &str = r#"
const [name, done] = arguments;
const headers = { Authorization: "Bearer " + localStorage.getItem("tintype.session") };
fetch("/api/v1/images?limit=60", { headers }).then(answer => answer.json()).then(({ items }) => {
    const image = items.find(image => image.filename === name);
    done([location.origin + "/images/" + image.id, image.links.page]);
});
"#;

/// The addresses of a picture's view and of its share page.
pub async fn links(alice: &Browser, name: &str) -> (String, String) {
    let links = alice.async_script(LINKS, json!([name])).await;
    let link = |at: usize| {
        links[at]
            .as_str()
            .map_or_else(|| panic!("no links of {name}: {links}"), str::to_owned)
    };
    (link(0), link(1))
}

/// The albums, one of them, and what there is to do with its pictures.
async fn albums(alice: &Browser, name: &str, look: &mut impl AsyncFnMut(&str)) {
    alice.goto("/albums").await;
    alice.sees("All of them").await;
    look("albums").await;
    alice.follow("All of them").await;
    alice.sees_picture(name).await;
    look("album-own").await;
    alice.tick(&format!("Select: {name}")).await;
    alice.sees("1 selected").await;
    look("album-selection").await;
    alice.follow("Pictures").await;
    alice.press("Add to album").await;
    alice.sees("Add to an album").await;
    look("choose-album").await;
}

const ALBUM: &str = r#"
const done = arguments[0];
const headers = { Authorization: "Bearer " + localStorage.getItem("tintype.session"), "Content-Type": "application/json" };
fetch("/api/v1/images?limit=60", { headers }).then(answer => answer.json()).then(({ items }) => {
    const album = { title: "All of them", description: "In the order in which they came.", images: items.map(image => image.id) };
    return fetch("/api/v1/albums", { method: "POST", headers, body: JSON.stringify(album) });
}).then(answer => answer.json()).then(({ album }) => done(album.links.page));
"#;

/// The address of a new album of all pictures.
pub async fn album(alice: &Browser) -> String {
    let page = alice.async_script(ALBUM, json!([])).await;
    page.as_str()
        .unwrap_or_else(|| panic!("no album: {page}"))
        .to_owned()
}

/// Shows the page in light and dark, wide and narrow, and stops at each.
pub async fn each_view(browser: &Browser, page: &str, mut stop: impl AsyncFnMut(&str, u32)) {
    /// A phone widens its window for what sticks out; a card may have room beside it, and a dialog scrolls by itself.
    const FITS: &str = "return innerWidth === arguments[0] && document.documentElement.scrollWidth <= arguments[0] && [...document.querySelectorAll('.settings section, dialog[open]')].every(part => part.scrollWidth <= part.clientWidth)";
    for (theme, width) in VIEWS {
        browser.looks(theme, width).await;
        browser
            .holds(
                format!("{page} to fit into {width} pixels"),
                FITS,
                json!([width]),
            )
            .await;
        // Colours fade from one theme into the other.
        browser.shows_all_pictures().await;
        stop(theme, width).await;
    }
    browser.looks("light", 1280).await;
}

/// The words in a list of them.
pub fn words(list: &Value) -> Vec<&str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}
