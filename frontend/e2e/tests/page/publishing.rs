use serde_json::json;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::exif::metadata;
use crate::files::{TestFile, fixture_path};
use crate::server::Server;

/// Draws a picture of the media origin and reads one pixel near each upper corner.
const CORNERS: &str = r#"
const [src, done] = arguments;
const img = new Image();
img.crossOrigin = "anonymous";
img.onload = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
    const context = canvas.getContext("2d");
    context.drawImage(img, 0, 0);
    const pixel = x => [...context.getImageData(x, 20, 1, 1).data.slice(0, 3)];
    done({ size: [img.naturalWidth, img.naturalHeight], left: pixel(20), right: pixel(img.naturalWidth - 20) });
};
img.onerror = () => done("the picture does not load");
img.src = src;
"#;

/// Whether some file is on its way, neither begun nor ended.
const PART: &str = "return [...document.querySelectorAll('progress')].some(bar => bar.value > 0 && bar.value < bar.max)";

#[tokio::test(flavor = "multi_thread")]
async fn pictures_go_from_a_drop_to_a_shared_link_and_away_again() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;

    alice.network(Some(40_000)).await;
    alice
        .drag_in(&["portrait-gps.jpg", "alpha.png", "animated.gif"].map(TestFile::fixture))
        .await;
    alice.sees("Drop pictures to upload them").await;
    alice.let_go().await;
    alice.no_longer_sees("Drop pictures to upload them").await;
    alice
        .choose(&["landscape.jpg", "photo.webp"].map(fixture_path))
        .await;
    alice.sees("Uploading 1 of 5").await;
    alice
        .holds("a bar that is under way".into(), PART, json!([]))
        .await;
    alice.network(None).await;

    alice.sees("5 pictures uploaded").await;
    alice.tray_says("portrait-gps.jpg", "location").await;
    alice.tray_says("landscape.jpg", "Done").await;
    for name in [
        "portrait-gps.jpg",
        "alpha.png",
        "animated.gif",
        "landscape.jpg",
        "photo.webp",
    ] {
        alice.sees_picture(name).await;
    }
    alice.press("Clear").await;
    alice.follow("portrait-gps.jpg").await;
    alice.sees("384 × 512").await;
    alice.sees("serial number").await;
    alice.sees("before it was sent").await;
    let link = alice.value("Link").await;
    let share = share_page(&alice).await;

    let bob = Browser::start(&server).await;
    bob.goto(&share).await;
    bob.sees("portrait-gps.jpg").await;
    let seen = bob.async_script(CORNERS, json!([link])).await;
    assert_eq!(seen["size"], json!([384, 512]), "{seen}");
    assert!(
        is_near(&seen["left"], [255, 0, 0]) && is_near(&seen["right"], [0, 0, 255]),
        "not upright: {seen}"
    );
    assert_eq!(bob.console_errors(&["favicon.ico"]).await, [""; 0]);

    let published = reqwest::get(&link).await.unwrap().bytes().await.unwrap();
    assert!(metadata(&TestFile::fixture("portrait-gps.jpg").bytes).len() > 5);
    assert_eq!(metadata(&published), ["Exif 0112"]);
    assert!(!published.windows(6).any(|window| window == b"SECRET"));

    alice.fill("Title", "At the window\n").await;
    alice.sees("Saved").await;
    bob.goto(&share).await;
    bob.sees("At the window").await;

    alice.press("Delete").await;
    alice.sees("1 picture deleted.").await;
    alice.press("Undo").await;
    alice.keys(Key::Escape).await;
    alice.is_at("/").await;
    alice.sees_picture("At the window").await;
    alice.follow("At the window").await;
    alice.press("Delete").await;
    alice.sees("1 picture deleted.").await;
    assert_eq!(reqwest::get(&link).await.unwrap().status(), 404);
    assert_eq!(reqwest::get(&share).await.unwrap().status(), 404);

    alice.keys(Key::Escape).await;
    alice.press("Account").await;
    alice.press("Log out").await;
    alice.sees("Log in to Tintype").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_already_yours_is_not_sent_again() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.paste(&[TestFile::fixture("alpha.png")]).await;
    alice.tray_says("alpha.png", "Done").await;
    alice.press("Clear").await;
    alice.paste(&[TestFile::fixture("alpha.png")]).await;
    alice.tray_says("alpha.png", "Already uploaded").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

async fn share_page(browser: &Browser) -> String {
    const HREF: &str = "return [...document.querySelectorAll('a')].find(a => a.innerText.trim() === 'Share page')?.href";
    browser
        .script(HREF, json!([]))
        .await
        .as_str()
        .unwrap()
        .to_owned()
}

fn is_near(pixel: &serde_json::Value, wanted: [i64; 3]) -> bool {
    wanted.iter().enumerate().all(|(at, value)| {
        pixel[at]
            .as_i64()
            .is_some_and(|seen| (seen - value).abs() <= 4)
    })
}
