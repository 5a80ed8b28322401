use std::fs;

use serde_json::{Value, json};

use crate::{
    browser::Browser,
    files::TestFile,
    server::{Server, root},
};

const VIEWS: [(&str, u32); 4] = [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)];
const RUN: &str = r#"
const done = arguments[0];
axe.run(document, { resultTypes: ["violations"] }).then(
    found => done(found.violations.map(v => `${v.id} (${v.impact}): ${v.help}: ` + v.nodes.map(n => n.html + " " + n.failureSummary).join("; "))),
    error => done([String(error)]),
);
"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_accessible_in_light_and_dark_wide_and_narrow() {
    let axe = axe();
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    let mut found = Vec::new();

    alice.goto("/login").await;
    alice.sees("Welcome back").await;
    found.extend(look_at(&alice, &axe, "login").await);
    alice.goto("/register").await;
    alice.press("Create account").await;
    alice.sees("Use at least 3 characters.").await;
    found.extend(look_at(&alice, &axe, "register").await);
    alice.register("alice").await;
    found.extend(look_at(&alice, &axe, "empty").await);

    let share = fill_gallery(&alice).await;
    found.extend(look_at(&alice, &axe, "gallery").await);
    alice.press("Hide the list of uploads").await;
    found.extend(look_at(&alice, &axe, "folded").await);
    alice.press("Account").await;
    alice.sees("alice@example.com").await;
    found.extend(look_at(&alice, &axe, "account").await);
    alice.goto("/settings").await;
    alice.sees("Log out everywhere").await;
    alice.tick("I want to delete my account").await;
    found.extend(look_at(&alice, &axe, "settings").await);
    alice.goto("/").await;
    alice.sees_picture("alpha.png").await;
    alice.keys("?").await;
    alice.sees("Choose files to upload").await;
    found.extend(look_at(&alice, &axe, "keys").await);
    alice.press("Done").await;
    alice.tick("Select: alpha.png").await;
    alice.sees("1 selected").await;
    found.extend(look_at(&alice, &axe, "selection").await);
    alice.goto("/nowhere").await;
    alice.sees("Nothing at this address").await;
    found.extend(look_at(&alice, &axe, "not-found").await);
    alice.goto(&share.0).await;
    alice.sees("384 × 512").await;
    found.extend(look_at(&alice, &axe, "image").await);
    alice.goto(&share.1).await;
    alice.sees("384 × 512").await;
    found.extend(look_at(&alice, &axe, "share").await);
    assert!(found.is_empty(), "{} violations:\n{}", found.len(), found.join("\n"));
}

/// Files in every state that lasts; gives the addresses of a picture's view and of its share page.
async fn fill_gallery(alice: &Browser) -> (String, String) {
    alice.drop_files(&["landscape.jpg", "photo.webp", "alpha.png", "animated.gif"].map(TestFile::fixture)).await;
    alice.sees("4 pictures uploaded").await;
    alice.press("Clear").await;
    let files = [
        TestFile::fixture("portrait-gps.jpg"),
        TestFile::fixture("landscape.jpg"),
        TestFile::new("IMG_0042.HEIC", "", vec![0; 64]),
        TestFile::fixture("animated.gif").varied("launch-pad-at-dawn-with-a-name-that-is-rather-long.gif"),
    ];
    alice.network(Some(3_000)).await;
    alice.drop_files(&files[3..]).await;
    alice.tray_says("launch-pad", "%").await;
    alice.press("Cancel launch-pad-at-dawn-with-a-name-that-is-rather-long.gif").await;
    alice.network(None).await;
    alice.drop_files(&files[..3]).await;
    alice.tray_says("portrait-gps.jpg", "location").await;
    alice.tray_says("landscape.jpg", "Already yours").await;
    alice.sees_picture("portrait-gps.jpg").await;
    let links = alice.async_script(LINKS, json!([])).await;
    (links[0].as_str().unwrap().to_owned(), links[1].as_str().unwrap().to_owned())
}

const LINKS: &str = r#"
const done = arguments[0];
const headers = { Authorization: "Bearer " + localStorage.getItem("tintype.session") };
fetch("/api/v1/images?limit=60", { headers }).then(answer => answer.json()).then(({ items }) => {
    const image = items.find(image => image.filename === "portrait-gps.jpg");
    done([location.origin + "/images/" + image.id, image.links.page]);
});
"#;

/// A phone widens its window for what sticks out.
const FITS: &str = "return innerWidth === arguments[0] && document.documentElement.scrollWidth <= arguments[0]";

/// Saves a screenshot of each view and gives what axe-core has against it.
async fn look_at(browser: &Browser, axe: &str, page: &str) -> Vec<String> {
    browser.driver.execute(axe, vec![]).await.unwrap_or_else(|error| panic!("load axe-core on {page}: {error}"));
    let mut found = Vec::new();
    for (theme, width) in VIEWS {
        browser.looks(theme, width).await;
        browser.holds(format!("{page} to fit into {width} pixels"), FITS, json!([width])).await;
        browser.screenshot(&format!("{page}-{theme}-{width}")).await;
        let Value::Array(violations) = browser.async_script(RUN, json!([])).await else { panic!("axe-core gave no list") };
        found.extend(violations.iter().map(|violation| format!("{page}, {theme}, {width}: {}", violation.as_str().unwrap_or_default())));
    }
    browser.looks("light", 1280).await;
    found
}

fn axe() -> String {
    let path = root().join("target/axe/node_modules/axe-core/axe.min.js");
    fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("read {}: {error}; run `npm install --no-audit --no-fund --prefix target/axe axe-core@4`", path.display())
    })
}
